"""What people decided, as this process sees it: one look at one file a request.

A write replaces the file before it is answered, so the next request in any worker
finds another file there and reads it. Where nothing is decided there is no file,
or nothing in it that concerns the version, and lists go out as they were built.
"""

from __future__ import annotations

import logging
import os
from datetime import UTC, datetime
from pathlib import Path
from time import time
from typing import NamedTuple

from related_posts.curation.overlay import Overlay
from related_posts.curation.state import OVERLAY_FILE, State, read_state
from related_posts.errors import StorageError
from related_posts.index import Index
from related_posts.replacing import Mark
from related_posts.storage import Store

log = logging.getLogger(__name__)

_FOREVER = float("inf")
#: The mark of no file.
_NO_FILE: Mark = (-1, -1, -1)


class _Held(NamedTuple):
    """What a file said: its mark and its content, None for no file."""

    mark: Mark | None
    state: State | None


class _Bound(NamedTuple):
    """What was made of a file for a version; holds until the moment it names."""

    mark: Mark | None
    version: Index | None
    overlay: Overlay | None
    until: float


class Overlays:
    """The overlay of each version that a request may be about.

    Args:
        data: The data folder.

    Attributes:
        problem: Why the file as it is now is not the one in force, or None.
    """

    def __init__(self, data: Path) -> None:
        self.problem: str | None = None
        self._data = data
        self._path = os.fspath(data / OVERLAY_FILE)
        #: Whether the file cannot be looked at just now, so that what was read before holds.
        self._is_away = False
        # One reference each, so that threads see what belongs together.
        self._held = _Held(None, None)
        self._bound = _Bound(None, None, None, _FOREVER)

    def over(self, index: Index) -> Overlay | None:
        """What is to be laid over a version for one request; None for nothing at all.

        Raises:
            StorageError: The file is damaged or cannot be looked at, and this process never
                read a good one: whether a post was withdrawn cannot be told.
        """
        try:
            status = os.stat(self._path)  # noqa: PTH116 - a request in ten is as long as a Path
        except (FileNotFoundError, NotADirectoryError) as error:
            mark = self._mark_as_before(error) if self._is_folder_away() else None
        except OSError as error:
            mark = self._mark_as_before(error)
        else:
            if self._is_away:
                self._look_anew()
            mark = (status.st_ino, status.st_mtime_ns, status.st_size)
        bound = self._bound
        if bound.mark == mark and (
            mark is None or (bound.version is index and time() < bound.until)
        ):
            return bound.overlay
        return self._bind(mark, index)

    def _is_folder_away(self) -> bool:
        """Whether no file means that the data folder is gone, not that nothing is decided.

        A folder that is not mounted any more has no published version either; the one that is
        open goes on being served, and what was withdrawn has to stay so.
        """
        return self._held.mark is not None and not Store(self._data).pointer.exists()

    def _look_anew(self) -> None:
        """Read the file whatever is known of it: it could not be looked at meanwhile."""
        self._is_away = False
        self._held = self._held._replace(mark=_NO_FILE)
        self._bound = self._bound._replace(mark=_NO_FILE)

    def _bind(self, mark: Mark | None, index: Index) -> Overlay | None:
        if mark is None:
            self._held, self.problem = _Held(None, None), None
            self._bound = _Bound(None, None, None, _FOREVER)
            return None
        # Other threads may read a newer file meanwhile: what is made here is made of one.
        held = self._held
        if mark != held.mark:
            held = self._read(mark, held.state)
        overlay = Overlay(index, held.state or State(), datetime.now(UTC))
        until = _FOREVER if overlay.ends is None else overlay.ends.timestamp()
        self._bound = bound = _Bound(mark, index, overlay or None, until)
        return bound.overlay

    def _read(self, mark: Mark, before: State | None) -> _Held:
        state = before
        try:
            state = read_state(self._data)
            self.problem = None
        except StorageError as mistake:
            if before is None:
                raise
            self._stays(mistake)
        self._held = held = _Held(mark, state)
        return held

    def _mark_as_before(self, error: OSError) -> Mark:
        """The mark of what was read before, where the file cannot be looked at now."""
        if self._held.mark is None:
            raise StorageError(f"{self._path} cannot be looked at ({error.strerror})") from error
        self._is_away = True
        self._stays(error)
        return self._held.mark

    def _stays(self, mistake: Exception) -> None:
        """Note, and log once, that what was decided before stays in force."""
        if self.problem is None:
            log.error("curation stays as it was: %s", mistake)
        self.problem = str(mistake)
