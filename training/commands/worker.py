"""``related-posts worker``: retrain whenever something changed, for as long as it runs."""

from __future__ import annotations

import logging
import signal
import sys
import threading
from pathlib import Path

import click

from related_posts.terminal import data_option
from training.commands.assigned import assigned, set_option
from training.lock import worker_lock
from training.settings import TrainingSettings
from training.worker.loop import Worker
from training.worker.sources_file import read_sources_file


@click.command(epilog="Example: related-posts worker --data /srv/related-posts")
@data_option
@click.option("--jobs", type=int, help="Processes to use.  [default: one for each processor]")
@set_option
def worker(data: Path | None, jobs: int | None, assignments: tuple[str, ...]) -> None:
    """Watch the archive and the sources, and train whenever something changed.

    What the API and webhooks write is trained after a moment of quiet; the sources listed
    in sources.toml in the data folder are read on a schedule. One worker runs at a time.
    It ends on SIGTERM, between two steps, and leaves nothing half-done.
    """
    settings = TrainingSettings.load({"data": data, "jobs": jobs}, assigned(assignments))
    sources = read_sources_file(settings.data)
    for source in sources:
        source.settings(settings)
    logging.basicConfig(
        level=logging.WARNING, stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s"
    )
    logging.getLogger("training").setLevel(logging.INFO)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with worker_lock(settings.data):
        click.echo(f"watching {settings.data} and {len(sources)} sources", err=True)
        Worker(settings, stop).run()
