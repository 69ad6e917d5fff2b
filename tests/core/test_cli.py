"""The switchboard: nothing is imported before it is needed, and mistakes are one sentence."""

from __future__ import annotations

import subprocess
import sys
from types import ModuleType

import click
import pytest

from related_posts import __version__, cli
from related_posts.cli import COMMANDS, INTERRUPTED, PROBLEM, USAGE, main
from related_posts.errors import (
    ConfigError,
    IndexMissingError,
    InvalidQueryError,
    RelatedPostsError,
)


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A module whose ``train`` stands in for the real one; set ``action`` to what it does."""
    module = ModuleType("stand_in")

    @click.command()
    @click.option("--limit", type=click.IntRange(1, 50))
    def train(limit: int | None) -> object:
        """Stand in."""
        return module.action()

    module.train = train  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "stand_in", module)
    monkeypatch.setitem(COMMANDS, "train", ("stand_in:train", "Stand in."))
    return module


def status(*arguments: str) -> object:
    """The exit status of a run."""
    with pytest.raises(SystemExit) as stopped:
        main(list(arguments))
    return stopped.value.code


def raising(error: BaseException) -> object:
    """A function that raises."""

    def action() -> None:
        raise error

    return action


def run(code: str) -> str:
    """What a fresh interpreter prints."""
    return subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout.strip()


def test_the_switchboard_alone_imports_neither_side() -> None:
    """Not even ``--help`` loads what only training or only serving needs."""
    loaded = run(
        "import sys, contextlib, io, related_posts.cli as cli\n"
        "with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):\n"
        "    cli.main(['--help'])\n"
        "print(*sorted(name for name in sys.modules if name.split('.')[0] in "
        "{'training', 'service', 'flask', 'numba', 'numpy', 'scipy', 'sklearn', 'sqlalchemy'}))"
    )
    assert loaded == ""


def test_version_needs_no_subcommand(capsys: pytest.CaptureFixture[str]) -> None:
    """The release is printed, and nothing else."""
    assert status("--version") == 0
    assert capsys.readouterr().out == f"related-posts, version {__version__}\n"


@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_lists_every_command_in_order(flag: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each with the first line of its help."""
    assert status(flag) == 0
    lines = capsys.readouterr().out.split("Commands:\n")[1].split("\n\n")[0].splitlines()
    assert [line.split()[0] for line in lines if line[2] != " "] == list(COMMANDS)
    assert " ".join(" ".join(lines).split()) == " ".join(
        f"{name} {text}" for name, (_, text) in COMMANDS.items()
    )


def test_without_arguments_there_is_help(capsys: pytest.CaptureFixture[str]) -> None:
    """Someone who just types the name learns what there is."""
    assert status() == USAGE
    assert "Commands:" in capsys.readouterr().err


def test_an_unknown_command_is_a_users_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    """It is named, with the nearest one that there is, and no traceback."""
    assert status("trian") == USAGE
    errors = capsys.readouterr().err
    assert "No such command 'trian'. Did you mean 'train'?" in errors
    assert status("frobnicate") == USAGE
    assert "Did you mean" not in capsys.readouterr().err
    assert "Traceback" not in errors


@pytest.mark.parametrize(
    "arguments", [("train", "--limit", "99"), ("train", "--nonsense"), ("--x",)]
)
def test_wrong_options_are_a_users_mistake(
    arguments: tuple[str, ...], command: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    """Click's own sentence, status 2."""
    assert status(*arguments) == USAGE
    assert "Error: " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (RelatedPostsError("one sentence"), PROBLEM),
        (ConfigError("--jobs", "many", "it must be a whole number"), USAGE),
        (InvalidQueryError("limit", "51", "from 1 to 50"), USAGE),
        (IndexMissingError("data"), PROBLEM),
    ],
)
def test_our_errors_are_one_sentence(
    error: RelatedPostsError,
    expected: int,
    command: ModuleType,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """On the error stream, no traceback; the status tells a wrong setting from a problem."""
    command.action = raising(error)  # type: ignore[attr-defined]
    assert status("train") == expected
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == f"Error: {error}\n"


def test_a_programmers_mistake_is_not_hidden(command: ModuleType) -> None:
    """What is a bug shows as one."""
    command.action = raising(ZeroDivisionError())  # type: ignore[attr-defined]
    with pytest.raises(ZeroDivisionError):
        main(["train"])


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (PermissionError(13, "Permission denied", "data/x"), "data/x: Permission denied"),
        (OSError(28, "No space left on device"), "the output: No space left on device"),
        (MemoryError(), "there is not enough memory; use a machine with more"),
    ],
)
def test_a_problem_of_the_machine_is_one_sentence(
    error: BaseException, said: str, command: ModuleType, capfd: pytest.CaptureFixture[str]
) -> None:
    """A full disk or a folder that has gone is nothing that a traceback explains."""
    command.action = raising(error)  # type: ignore[attr-defined]
    assert status("train") == PROBLEM
    assert capfd.readouterr().err == f"Error: {said}\n"


@pytest.mark.parametrize("error", [KeyboardInterrupt(), EOFError(), click.Abort()])
def test_an_interrupt_is_a_word(
    error: BaseException, command: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    """The usual status of a process that was interrupted."""
    command.action = raising(error)  # type: ignore[attr-defined]
    assert status("train") == INTERRUPTED
    assert capsys.readouterr().err.strip() == "stopped"


@pytest.mark.parametrize(("returned", "expected"), [(None, 0), (0, 0), (3, 3), ("text", 0)])
def test_a_command_may_return_its_status(
    returned: object, expected: int, command: ModuleType
) -> None:
    """A whole number is the status, everything else is success."""
    command.action = lambda: returned  # type: ignore[attr-defined]
    assert status("train") == expected


def test_a_closed_pipe_is_no_error() -> None:
    """``related-posts … | head`` ends quietly, however much was still to be printed."""
    code = (
        "import sys, types, click; from related_posts import cli\n"
        "module = types.ModuleType('stand_in')\n"
        "module.train = click.command()(lambda: [click.echo('x' * 99) for _ in range(99999)])\n"
        "sys.modules['stand_in'] = module\n"
        "cli.COMMANDS['train'] = ('stand_in:train', 'Stand in.')\n"
        "cli.main(['train'])\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    errors = process.stderr.read()
    process.stderr.close()
    assert errors == b""
    assert process.wait() == 0


def test_a_name_that_is_no_command_is_a_bug(monkeypatch: pytest.MonkeyPatch) -> None:
    """The table is checked where it is used."""
    monkeypatch.setitem(COMMANDS, "train", ("related_posts.cli:USAGE", ""))
    with pytest.raises(TypeError, match="not a click command"):
        main(["train"])


def test_commands_are_in_the_packages_that_may_be_asked() -> None:
    """Each dotted name leads to one side's commands."""
    for name, (dotted, _) in COMMANDS.items():
        module, _, attribute = dotted.partition(":")
        assert module.rpartition(".")[0] in {"training.commands", "service.commands"}
        assert attribute == name


def test_main_is_what_the_installed_script_calls() -> None:
    """``cli:main`` is named in the project's metadata."""
    assert callable(cli.main)
