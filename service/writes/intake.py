"""The intake: takes changes into the archive, and puts them in force before it answers."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from related_posts.errors import ArchiveError, PostError, StorageError
from related_posts.posts import Post
from related_posts.replacing import only_writer, replace_file
from related_posts.status import REREAD_FILE, SOURCES_FILE
from service.writes.conditions import NOTHING, Condition
from service.writes.refusals import INVALID_POST, NOT_KEPT, WRITES_OFF, RefusedError

if TYPE_CHECKING:
    from related_posts.archive import Archive, Update
    from related_posts.curation.state import State

log = logging.getLogger(__name__)

#: The reason of a post that somebody deleted, which needs no saying.
DELETED = "deleted"

#: What is said of word that came after later word of the same post.
OUTDATED = "older than what was told before"

#: How long a write waits for another one, or for a training that writes what it read.
WAIT_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Hidden:
    """A post that must not be seen (any more).

    Attributes:
        id: Its id.
        reason: Why, in a word, such as ``draft``; ``DELETED`` where it was asked for.
        url: Its address, where it was said.
    """

    id: str
    reason: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of one change.

    Attributes:
        id: The id under which the archive has the post.
        result: ``added``, ``changed``, ``unchanged``, ``withdrawn`` or ``passed over``.
        reason: Why a post that was sent is hidden or passed over; empty for none.
        content_hash: Of the post as it is kept now; None where it is not kept.
        was_kept: Whether the archive had the post before.
    """

    id: str
    result: str
    reason: str = ""
    content_hash: str | None = None
    was_kept: bool = True


class Intake:
    """Writes to the archive of one data folder.

    Args:
        data: The data folder.
        database: The archive's database URL; empty for the file in the data folder.
        enabled: Whether writing is on at all.
        clock: Tells the aware present.
    """

    def __init__(
        self, data: Path, database: str, *, enabled: bool, clock: Callable[[], datetime]
    ) -> None:
        self._data = data
        self._database = database
        self._enabled = enabled
        self._clock = clock

    def check(self) -> None:
        """Refuse before anything is read where nothing could be written.

        Raises:
            RefusedError: Writing is off, or the data folder may not be written.
        """
        if not self._enabled:
            raise RefusedError(WRITES_OFF, "The setting `writes` of this service is off.")
        if not os.access(self._data, os.W_OK):
            detail = (
                "This service may read its data folder and not write it. Let it, or send writes "
                "to one that may."
            )
            raise RefusedError(WRITES_OFF, detail)

    def take(self, changes: Iterable[Post | Hidden]) -> list[Taken]:
        """Write posts and hide others, all or nothing; on the disk and in force on return.

        Raises:
            RefusedError: They could not be kept.
        """
        with self._archive() as archive:
            with archive.writing(self._clock()) as update:
                taken = [_take(update, change) for change in changes]
            self._publish(archive)
        return taken

    def take_one(
        self,
        change: Post | Hidden,
        condition: Condition = NOTHING,
        said: datetime | None = None,
    ) -> Taken:
        """Write or hide one post; on the disk and in force on return.

        Args:
            change: What is to be done.
            condition: What must hold before it; judged in the transaction that writes.
            said: When it was told, where it may come late: after later word it changes
                nothing. A time that is still to come counts as now.

        Raises:
            RefusedError: It could not be kept, or the condition does not hold.
        """
        said = said and min(said, self._clock())
        with self._archive() as archive:
            with archive.writing(self._clock()) as update:
                is_hidden = isinstance(change, Hidden)
                if said is not None and update.is_outdated(
                    change.id, said, change.url, to_withdraw=is_hidden
                ):
                    return Taken(change.id, "passed over", OUTDATED)
                before = update.content(change.id, change.url, to_withdraw=is_hidden)
                taken = _take(update, change, said)
                # Raised within the transaction, so that nothing of it stays.
                condition.check(before, is_done=taken.result == "unchanged")
                kept = None if is_hidden else update.content(taken.id)
            self._publish(archive)
        return replace(taken, content_hash=kept, was_kept=before is not None)

    def kept(self, post_id: str) -> tuple[Post, str] | None:
        """A post as the archive keeps it, with its content hash; None where there is none.

        Raises:
            RefusedError: It cannot be read.
        """
        with self._archive() as archive:
            return archive.kept(post_id)

    def ask_to_read(self) -> None:
        """Ask the worker to read its sources again, now.

        Raises:
            RefusedError: No sources are listed, or the wish could not be kept.
        """
        if not (self._data / SOURCES_FILE).is_file():
            detail = f"Send the whole post: there is no {SOURCES_FILE} to read it again from."
            raise RefusedError(INVALID_POST, detail)
        try:
            with only_writer(self._data / REREAD_FILE):
                replace_file(self._data / REREAD_FILE, b"\n")
        except OSError as error:
            log.error("a wish to read the sources was not kept: %s", error)
            raise RefusedError(NOT_KEPT, "The data folder cannot be written; try again.") from None

    def decide(self, change: Callable[[Update], object]) -> None:
        """Change rules of curation; on the disk and in force on return.

        Raises:
            RefusedError: They could not be kept.
        """
        with self._archive() as archive:
            with archive.writing(self._clock()) as update:
                change(update)
            self._publish(archive)

    def state(self) -> State:
        """What is decided, as the archive says.

        Raises:
            RefusedError: It cannot be read.
        """
        with self._archive() as archive:
            return archive.state()

    def id_at(self, url: str) -> str | None:
        """The id of the archive's post at an address; None where there is none or several."""
        if not url:
            return None
        with self._archive() as archive:
            return archive.id_at(url)

    @property
    def now(self) -> datetime:
        """The aware present."""
        return self._clock()

    @contextmanager
    def _archive(self) -> Iterator[Archive]:
        # Imported here: a service that is only read never loads a database.
        from related_posts.archive import Archive

        try:
            with Archive(self._database or self._data, wait_seconds=WAIT_SECONDS) as archive:
                yield archive
        except PostError as mistake:
            raise RefusedError(INVALID_POST, f"{mistake.reason}.") from None
        except ArchiveError as mistake:
            log.error("a write was not kept: %s", mistake)
            detail = "Nothing was changed; the service's log says why. Send it again."
            raise RefusedError(NOT_KEPT, detail) from None

    def _publish(self, archive: Archive) -> None:
        from related_posts.curation.publish import publish_state

        try:
            publish_state(archive, self._data)
        except StorageError as mistake:
            log.error("a write is kept and not in force: %s", mistake)
            detail = "It is kept, and not in force yet; the log says why. Send it again."
            raise RefusedError(NOT_KEPT, detail) from None


def _take(update: Update, change: Post | Hidden, said: datetime | None = None) -> Taken:
    if isinstance(change, Hidden):
        is_new = update.withdraw(change.id, change.url, said)
        reason = "" if change.reason == DELETED else change.reason
        return Taken(change.id, "withdrawn" if is_new else "unchanged", reason)
    result, post_id = update.put(change, said)
    return Taken(post_id, result)
