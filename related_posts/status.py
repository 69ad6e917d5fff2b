"""The worker's status: one small JSON file in the data folder, for people and for services."""

from __future__ import annotations

import fcntl
import os
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from related_posts.errors import IndexCorruptError, StorageError
from related_posts.files import read_small, reading

#: The file's name in the data folder.
STATUS_FILE = "status.json"
#: Where a service asks the worker to read the sources again; its content says nothing.
REREAD_FILE = "reread"
#: Held by the worker for as long as it runs; the system gives it back, however it ends.
WORKER_LOCK = ".worker.lock"
#: Where the sources are listed; see ``docs/running.md``.
SOURCES_FILE = "sources.toml"

_LIMIT_BYTES = 1 << 22


@dataclass(slots=True)
class Status:
    """What the worker does, did last, and does next.

    Attributes:
        doing: ``waiting``, ``reading``, ``training`` or ``stopped``.
        pid: The worker's process.
        updated: When this was written; aware, as all moments here.
        revision: Of the archive that the last training was of, or None.
        last_training: ``at``, ``version``, ``posts``, ``seconds``, ``published``, and
            ``held`` with the reason where it is not published; None before the first.
        last_error: ``at``, ``what`` was being done and ``message``; None where the last
            attempt at everything went well.
        next_run: When something is due at the latest that is not being done already; None
            where all waits for writes, or nothing is watched.
        sources: Source to ``read`` (its last good read) and ``error``.
    """

    doing: str = "waiting"
    pid: int = 0
    updated: datetime | None = None
    revision: int | None = None
    last_training: dict[str, Any] | None = None
    last_error: dict[str, Any] | None = None
    next_run: datetime | None = None
    sources: dict[str, dict[str, Any]] = field(default_factory=dict)

    def to_bytes(self) -> bytes:
        """The file's content."""
        return orjson.dumps(asdict(self), option=orjson.OPT_INDENT_2) + b"\n"


def read_status(data: Path) -> dict[str, Any] | None:
    """What the worker wrote last, as plain JSON values; None where none ever ran.

    Raises:
        StorageError: The file cannot be read or is damaged.
    """
    path = data / STATUS_FILE
    with reading(path):
        try:
            found = orjson.loads(read_small(path, _LIMIT_BYTES))
        except (FileNotFoundError, NotADirectoryError):
            return None
        except orjson.JSONDecodeError as error:
            raise IndexCorruptError(path, "is not JSON; the worker writes it anew") from error
    if not isinstance(found, dict) or not {"doing", "last_training"} <= found.keys():
        raise StorageError(f"{path} is not a worker's status; the worker writes it anew")
    return found


def is_watched(data: Path) -> bool:
    """Whether a worker runs; True too where the file system cannot tell."""
    try:
        descriptor = os.open(data / WORKER_LOCK, os.O_RDONLY | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    try:
        # Shared, so that those who ask do not see each other.
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False
