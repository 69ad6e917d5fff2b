"""Gunicorn, set up for this service."""

from __future__ import annotations

import gc
import logging
import os
import shutil
import signal
import socket
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import click
from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter

from related_posts.data_folder import existing_folder
from related_posts.errors import ListenError, StorageError
from related_posts.storage import Store
from related_posts.wording import counted
from service.application import Service, create_app
from service.ops.counters import LOST_LOG_LINES, REFUSED
from service.ops.logs import ACCESS, LOGGERS
from service.ops.shared import Shared, make_folder, sweep
from service.ops.unhurried import Unhurried, unhurry
from service.settings import ServiceSettings
from service.shortcut import Shortcut, is_usual
from service.unlistening import pass_over_new
from service.worker import Worker

log = logging.getLogger(__name__)

#: The folder of the workers' reports; made once, inherited by every worker.
_reports: Path | None = None

#: Where this worker's log lines go.
_streams: list[Unhurried] = []

#: Where workers touch a file to show that they live: memory, where there is such a folder.
_MEMORY = Path("/dev/shm")

#: How long connections that have begun may take to be made before nobody listens any more.
CONNECT_SECONDS = 0.1


def options(settings: ServiceSettings) -> dict[str, Any]:
    """Gunicorn's settings for ours; every one can be changed on gunicorn's command line."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return {
        "wsgi_app": "service:create_app()",
        "bind": f"{host}:{settings.port}",
        "worker_class": "service.worker.Worker",
        "workers": settings.workers,
        "threads": settings.threads,
        # The application is loaded once and shared; the index is opened by each worker.
        "preload_app": True,
        # A connection is kept longer than most proxies keep it, so that they close it.
        "keepalive": 75,
        "timeout": 30,
        "graceful_timeout": 30,
        "limit_request_line": 8190,
        # No file is written: a read-only container or a missing home folder is fine.
        "control_socket_disable": True,
        "worker_tmp_dir": str(_MEMORY) if os.access(_MEMORY, os.W_OK) else None,
        # What a client says of its scheme is believed by the setting trusted_proxies alone.
        "secure_scheme_headers": {},
        # Nor may it say under which prefix the service stands: the environment's SCRIPT_NAME does.
        "forwarder_headers": "",
        "accesslog": None,
        "errorlog": "-",
        "loglevel": "warning",
        "logger_class": LOGGERS[settings.log_format],
        "on_starting": _starting,
        "pre_fork": _before_fork,
        "post_fork": _forked,
        "post_worker_init": _worker_ready,
        "worker_exit": _worker_done,
        "child_exit": _worker_gone,
        "on_exit": _ended,
    }


def _starting(server: Any) -> None:
    """Make the folder in which the workers tell each other what they have counted."""
    global _reports
    server.stop = partial(_stop, server, server.stop)
    parent = _MEMORY if os.access(_MEMORY, os.W_OK) else None
    try:
        sweep(parent)
        _reports = make_folder(parent)
    except OSError as mistake:
        log.warning("metrics are of one worker at a time: %s", mistake)


def _stop(server: Any, stop: Callable[[bool], None], graceful: bool = True) -> None:
    """Stop listening before gunicorn's parent stops, where nobody else listens there.

    Those who do are systemd, and beside a parent that replaces this one, or that this one was
    to replace, the other.
    """
    if graceful and not (server.systemd or server.reexec_pid or server.master_pid):
        for listener in server.LISTENERS:
            pass_over_new(listener)
        time.sleep(CONNECT_SECONDS)
    stop(graceful)


def _worker_done(server: Any, worker: Any) -> None:
    """Report a last time, in the worker, and have its last lines written."""
    app = worker.app.callable
    if isinstance(app, Service):
        app.reporter.stop()
    for stream in _streams:
        stream.end()


def _worker_gone(server: Any, worker: Any) -> None:
    """Keep what a worker has counted, however it ended; in the parent."""
    if _reports is not None:
        try:
            Shared(_reports).ended(worker.pid)
        except OSError as mistake:
            log.warning("counts of a worker are lost: %s", mistake)


def _ended(server: Any) -> None:
    if _reports is not None:
        shutil.rmtree(_reports, ignore_errors=True)


def _before_fork(server: Any, worker: Any) -> None:
    """Keep what was loaded out of garbage collection, so that workers go on sharing it."""
    gc.collect()
    gc.freeze()


def _forked(server: Any, worker: Any) -> None:
    """A worker told to stop before it has begun just ends.

    Until it has handlers of its own it has its parent's, which would take note of the
    signal where nobody looks, and the parent would wait in vain.
    """
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)


def _worker_ready(worker: Any) -> None:
    """Open the index before the first request, and log where gunicorn logs."""
    logger = logging.getLogger("service")
    logger.handlers = worker.log.error_log.handlers
    logger.propagate = False
    app = worker.app.wsgi()
    if isinstance(app, Service):
        ACCESS.setLevel(logging.INFO)
        counters = app.counters
        lost = partial(counters.happened, LOST_LOG_LINES)
        _streams[:] = unhurry(logger.handlers, lost)
        app.snapshot.start()
        if isinstance(worker, Worker):
            worker.refused = lambda status: counters.answered(REFUSED, status, 0.0)
            if is_usual(worker.cfg, worker.log):
                worker.shortcut = Shortcut(app.front)
        if _reports is not None:
            app.reporter.share(Shared(_reports))


class _Parent(Arbiter):  # type: ignore[misc]  # untyped base
    """The parent of the worker processes, which looks after one more."""

    def murder_workers(self) -> None:
        """What its loop does once a second at least, and never in a worker."""
        super().murder_workers()
        self.app.look()


class Server(BaseApplication):  # type: ignore[misc]  # untyped base
    """Gunicorn running inside this command.

    Args:
        settings: What to serve, and how.
        look: Called in the parent process once a second at least, for as long as it serves.
    """

    def __init__(self, settings: ServiceSettings, look: Callable[[], None] = lambda: None) -> None:
        self._settings = settings
        self.look = look
        super().__init__()

    def run(self) -> None:
        """Serve until told to stop."""
        _Parent(self).run()

    def load_config(self) -> None:
        """Take our settings; the command line is not gunicorn's here."""
        for name, value in options(self._settings).items():
            self.cfg.set(name, value)
        self.cfg.set("when_ready", self._announce)

    def load(self) -> Flask:
        """Make the application, once, in the parent process."""
        return create_app(self._settings)

    def _announce(self, server: Any) -> None:
        address = str(server.LISTENERS[0])
        click.echo(f"related-posts at {address} {_contents(self._settings.data)}")


def check(settings: ServiceSettings) -> None:
    """Refuse at once what could only fail later, and less clearly.

    Raises:
        DataFolderError: The data folder is none, or may not be read.
        ListenError: The address cannot be listened on.
    """
    existing_folder(settings.data)
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
    except (OSError, UnicodeError) as mistake:
        reason = mistake.strerror if isinstance(mistake, OSError) else mistake
        raise ListenError(f"{settings.host}:{settings.port}", str(reason)) from None


def _contents(data: Path) -> str:
    """What is being served, in words."""
    try:
        with Store(data).open() as index:
            return f"serving version {index.version} ({counted(index.n_posts, 'post')})"
    except StorageError as mistake:
        return f"answering 503 for now: {mistake}"
