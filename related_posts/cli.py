"""The ``related-posts`` command: a switchboard that imports a subcommand when it runs.

Subcommands are named by dotted strings, so the core imports neither training
nor service, and ``related-posts serve`` never loads what only training needs.
"""

from __future__ import annotations

import contextlib
import difflib
import importlib
import io
import logging
import os
import sys
from typing import Any

import click

from related_posts import __version__
from related_posts.errors import ConfigError, InvalidQueryError, RelatedPostsError

#: Subcommand to where its click command lives and what it does, in the order
#: in which ``--help`` lists them; so help need not import them all.
COMMANDS = {
    "train": (
        "training.commands.train:train",
        "Read a blog, build an index, and make it the live version.",
    ),
    "worker": (
        "training.commands.worker:worker",
        "Watch the archive and the sources, and train whenever something changed.",
    ),
    "versions": (
        "training.commands.versions:versions",
        "List the versions in the data folder, oldest first.",
    ),
    "publish": (
        "training.commands.publish:publish",
        "Make a version live, and end a rollback.",
    ),
    "rollback": (
        "training.commands.publish:rollback",
        "Make the version live that was so before, at once.",
    ),
    "prune": (
        "training.commands.publish:prune",
        "Remove old versions.",
    ),
    "sources": (
        "training.commands.sources:sources",
        "List the sources the archive's posts came from, or forget one.",
    ),
    "evaluate": (
        "training.commands.evaluate:evaluate",
        "Measure how good the lists are, beside what else there is.",
    ),
    "compare": (
        "training.commands.compare:compare",
        "Show what would change on the site from one version to another.",
    ),
    "serve": (
        "service.commands.serve:serve",
        "Answer over HTTP from the published version.",
    ),
    "related": (
        "service.commands.related:related",
        "Show which posts a reader of ID_OR_URL should read next.",
    ),
    "report": (
        "service.commands.report:report",
        "Print how often related posts were seen and followed.",
    ),
    "export": (
        "service.commands.export:export",
        "Write every post's related posts as static JSON.",
    ),
    "openapi": (
        "service.commands.openapi:openapi",
        "Print the description of the HTTP interface, as OpenAPI 3.1.",
    ),
    "curate": (
        "service.commands.curate:curate",
        "Decide by hand what lists show: pins, blocks, mutes and cornerstones.",
    ),
    "keys": (
        "service.commands.keys:keys",
        "Make, list and revoke the keys that writing over HTTP needs.",
    ),
}

#: Exit status where the command could not do what it was asked to.
PROBLEM = 1
#: Exit status where it was asked for something that is not possible: a wrong option or setting.
USAGE = 2
#: Exit status where it did all it was asked to, and the answer is no.
REFUSED = 3
#: Exit status of a command that was interrupted, as of any program.
INTERRUPTED = 130


class LazyGroup(click.Group):
    """A click group whose commands are imported only when asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one command, or None where there is no such name."""
        if cmd_name not in COMMANDS:
            return None
        place = COMMANDS[cmd_name][0]
        module, _, attribute = place.partition(":")
        command = getattr(importlib.import_module(module), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{place} is not a click command")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does it, with the nearest name for one that there is not."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as mistake:
            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            if not near or args[0].startswith("-"):
                raise
            hint = f"{mistake.message} Did you mean '{near[0]}'?"
            raise click.UsageError(hint, mistake.ctx) from None

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; it is no error if the reader of its output has gone."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # a pager, or head
            _discard_output()
            raise click.exceptions.Exit(0) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table, importing nothing."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.command(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Example: related-posts train https://blog.example",
)
@click.version_option(__version__, prog_name="related-posts")
def cli() -> None:
    """Which posts should a reader of this one read next?

    Read a blog's archive, build an index, and answer over HTTP.

    Exit status: 0 where all went well, 1 where something could not be done, 2 where the
    command line or a setting is wrong, 3 where the answer is no (compare, train).
    """


def main(arguments: list[str] | None = None) -> Any:
    """Run the command; what a user can mend is one sentence and an exit status, no traceback."""
    _prepare_output()
    try:
        status = cli.main(arguments, standalone_mode=False)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.Abort:
        # What is closed on the way out has nothing to tell either.
        logging.disable()
        click.echo("stopped", err=True)
        sys.exit(INTERRUPTED)
    except click.ClickException as mistake:
        mistake.show()
        sys.exit(mistake.exit_code)
    except RelatedPostsError as mistake:
        _say(str(mistake))
        sys.exit(status_of(mistake))
    except OSError as problem:
        # A full disk, a folder that has gone: nothing of ours, and told as what it is.
        _discard_output()
        place = "the output" if problem.filename is None else problem.filename
        _say(f"{place}: {problem.strerror or problem}")
        sys.exit(PROBLEM)
    except MemoryError:
        _say("there is not enough memory; use a machine with more")
        sys.exit(PROBLEM)
    sys.exit(status if isinstance(status, int) else 0)


def status_of(mistake: RelatedPostsError) -> int:
    """The exit status of a command that ends with an error."""
    return USAGE if isinstance(mistake, ConfigError | InvalidQueryError) else PROBLEM


def _prepare_output() -> None:
    """Have both streams, and no character that one of them cannot write."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed, as by >&-
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8"))
        elif isinstance(stream, io.TextIOWrapper) and "utf" not in stream.encoding.lower():
            stream.reconfigure(errors="replace")


def _discard_output() -> None:
    """Let what is still in the buffer go nowhere, for it is written once more at exit."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _say(problem: str) -> None:
    with contextlib.suppress(OSError):
        click.echo(f"Error: {problem}", err=True)
