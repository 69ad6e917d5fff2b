"""``related-posts serve``: answer over HTTP."""

from __future__ import annotations

from typing import Any

import click

from related_posts.terminal import data_option
from service.companion import companion, worker_command
from service.server import Server, check
from service.settings import ServiceSettings


@click.command(epilog="Example: related-posts serve --port 9000 --with-worker")
@data_option
@click.option("--host", metavar="ADDRESS", help="Address to listen on; by default 127.0.0.1.")
@click.option("--port", metavar="N", help="Port to listen on; by default 8000.")
@click.option("--workers", metavar="N", help="Worker processes; by default one a processor.")
@click.option("--threads", metavar="N", help="Threads in each worker; by default 2.")
@click.option(
    "--preview", metavar="FOLDER", help="Show the archive as a blog at /, pictures from FOLDER."
)
@click.option(
    "--with-worker", is_flag=True, help="Also train: run `related-posts worker` beside it."
)
def serve(with_worker: bool, **flags: Any) -> None:
    """Answer over HTTP from the published version.

    A version that training publishes later is picked up within a second.
    """
    settings = ServiceSettings.load(flags)
    check(settings)
    if not with_worker:
        Server(settings).run()
        return
    command = worker_command(str(settings.data), settings.log_format)
    with companion(command, settings.log_format) as kept:
        Server(settings, look=kept.look).run()
