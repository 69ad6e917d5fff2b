"""The counts of all workers in one folder, so that any of them can tell the sum.

Each worker writes its totals to a file of its own, as a whole, about once a
second. When a worker has ended, the parent adds its file to that of the ended
ones and removes it, so that sums never fall and files do not pile up. Files of
``prometheus_client``'s own multi-process mode would stay for ever, and would
cost each request several locked writes.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from service.ops.counters import Totals

_PREFIX = "related-posts-"
_ENDED = "ended.json"
_WORKER = re.compile(r"worker-(\d+)-[0-9a-f]+\.json")


@dataclass
class Report:
    """What one process tells of itself.

    Attributes:
        totals: Its counts.
        version: The version it serves, or an empty text.
        created: When that was built, in seconds of the epoch; 0 without a version.
        n_posts: Posts in it.
        failing: Whether a newer version is published that does not open.
    """

    totals: Totals = field(default_factory=Totals)
    version: str = ""
    created: float = 0.0
    n_posts: int = 0
    failing: bool = False


class Shared:
    """The folder with the reports of all workers.

    Args:
        folder: An existing folder on which only this service writes.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._own = ""

    def write(self, report: Report) -> None:
        """Put this process's report in place of its last one."""
        if not self._own.startswith(f"worker-{os.getpid()}-"):
            # Random, because a number of a process may come back.
            self._own = f"worker-{os.getpid()}-{secrets.token_hex(6)}.json"
        self._put(self._own, _as_json(report))

    def others(self) -> tuple[list[Report], Totals]:
        """Reports of the other running workers, and the totals of all that have ended."""
        # The ended ones are read last: what was added to them meanwhile is named there.
        running = {
            path.name: found
            for path in self._all()
            if _WORKER.fullmatch(path.name) and path.name != self._own
            if (found := _read(path)) is not None
        }
        ended = _read(self._folder / _ENDED) or {}
        added = ended.get("added", [])
        reports = [_from_json(each) for name, each in running.items() if name not in added]
        return reports, _from_json(ended).totals

    def ended(self, pid: int) -> None:
        """Add a worker that has ended to the ended ones; only the parent calls this."""
        names = [
            path.name
            for path in self._all()
            if (match := _WORKER.fullmatch(path.name)) and int(match[1]) == pid
        ]
        ended = _from_json(_read(self._folder / _ENDED) or {})
        for name in names:
            found = _read(self._folder / name)
            if found is not None:
                ended.totals.add(_from_json(found).totals)
        self._put(_ENDED, {**_as_json(ended), "added": names})
        for name in names:
            (self._folder / name).unlink(missing_ok=True)

    def _all(self) -> list[Path]:
        """What is in the folder; nothing where somebody has cleared it away."""
        try:
            return list(self._folder.iterdir())
        except FileNotFoundError:
            return []

    def _put(self, name: str, content: dict[str, Any]) -> None:
        """Write a file as a whole, in the folder made anew where it was cleared away.

        A system may do that with what a user left in memory when he logs out.
        """
        try:
            _write(self._folder / name, content)
        except FileNotFoundError:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            _write(self._folder / name, content)


def make_folder(parent: Path | None) -> Path:
    """A new folder for the reports of this process's workers.

    Args:
        parent: Where to make it; None for the system's folder for such things.
    """
    return Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=parent))


def sweep(parent: Path | None) -> None:
    """Remove folders whose process was killed before it could do so itself."""
    for path in Path(parent or tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        pid = path.name.removeprefix(_PREFIX).partition("-")[0]
        if pid.isdigit() and not _is_running(int(pid)):
            shutil.rmtree(path, ignore_errors=True)


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _as_json(report: Report) -> dict[str, Any]:
    totals = report.totals
    return {
        "requests": [[*key, n] for key, n in totals.requests.items()],
        "buckets": [[*key, n] for key, n in totals.buckets.items()],
        "seconds": dict(totals.seconds),
        "events": dict(totals.events),
        "version": report.version,
        "created": report.created,
        "n_posts": report.n_posts,
        "failing": report.failing,
    }


def _from_json(found: dict[str, Any]) -> Report:
    totals = Totals()
    for route, status, n in found.get("requests", []):
        totals.requests[route, status] = n
    for route, place, n in found.get("buckets", []):
        totals.buckets[route, place] = n
    totals.seconds.update(found.get("seconds", {}))
    totals.events.update(found.get("events", {}))
    return Report(
        totals,
        found.get("version", ""),
        found.get("created", 0.0),
        found.get("n_posts", 0),
        found.get("failing", False),
    )


def _read(path: Path) -> dict[str, Any] | None:
    """A file's content; None where it has just been removed or is not whole."""
    try:
        found = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return None
    return found if isinstance(found, dict) else None


def _write(path: Path, content: dict[str, Any]) -> None:
    aside = path.with_suffix(".next")
    aside.write_bytes(orjson.dumps(content))
    aside.replace(path)
