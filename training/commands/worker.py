"""``related-posts worker``: retrain whenever something changed, for as long as it runs."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from pathlib import Path

import click

from related_posts.cli import status_of
from related_posts.errors import ConfigError, RelatedPostsError
from related_posts.log_lines import formatter
from related_posts.terminal import data_option
from related_posts.wording import counted
from training.commands.assigned import assigned, set_option
from training.lock import worker_lock
from training.settings import TrainingSettings
from training.worker.loop import Worker
from training.worker.sources_file import read_sources_file

log = logging.getLogger(__name__)

#: How often to look whether the parent is still there.
LOOK_SECONDS = 0.5


@click.command(epilog="Example: related-posts worker --data /srv/related-posts")
@data_option
@click.option("--jobs", type=int, help="Processes to use.  [default: one for each processor]")
@click.option(
    "--log-format",
    type=click.Choice(["auto", "text", "json"]),
    default="text",
    show_default=True,
    help="Lines of the log; auto is text on a terminal, else json.",
)
@click.option("--with-parent", is_flag=True, help="End when the process that started it has.")
@set_option
def worker(
    data: Path | None,
    jobs: int | None,
    log_format: str,
    with_parent: bool,
    assignments: tuple[str, ...],
) -> None:
    """Watch the archive and the sources, and train whenever something changed.

    What the API and webhooks write is trained after a moment of quiet; the sources listed
    in sources.toml in the data folder are read on a schedule. One worker runs at a time.
    It ends on SIGTERM, between two steps, and leaves nothing half-done.
    """
    parent = os.getppid() if with_parent else None
    handler = logging.StreamHandler(sys.stderr)
    if log_format != "text":
        handler.setFormatter(formatter(log_format))
    else:
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger("training").setLevel(logging.INFO)
    try:
        settings = TrainingSettings.load({"data": data, "jobs": jobs}, assigned(assignments))
        _watch(settings, parent)
    except RelatedPostsError as mistake:
        if log_format == "text":
            raise
        # Among lines that a program reads, the last word is one of them too.
        log.error("%s", mistake)
        raise click.exceptions.Exit(status_of(mistake)) from None


def _watch(settings: TrainingSettings, parent: int | None) -> None:
    """Be the worker of a data folder, until told to stop or until the parent has ended."""
    try:
        sources = read_sources_file(settings.data)
        for source in sources:
            source.settings(settings)
    except ConfigError:
        # Who starts it by hand is there to mend it. Beside a service it would only be started
        # again; so it says it once, as of every mistake in the file, and trains what is written.
        if parent is None:
            raise
        sources = ()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with worker_lock(settings.data):
        log.info("watching %s and %s", settings.data, counted(len(sources), "source"))
        if parent is not None:
            threading.Thread(target=_end_with, args=(parent, stop), daemon=True).start()
        Worker(settings, stop).run()


def _end_with(parent: int, stop: threading.Event) -> None:
    """Tell the worker to stop once its parent has ended, however that did."""
    while not stop.wait(LOOK_SECONDS):
        if os.getppid() != parent:
            log.error("what started this worker, process %d, is gone: the worker ends", parent)
            stop.set()
