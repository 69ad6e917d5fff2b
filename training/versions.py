"""Which version is live and which wait: publish, hold back, roll back, prune.

Every change is made under one lock, the ledger's. A version that becomes live moves
the pointer first and the ledger after it; a rollback the other way round. So a crash
between the two leaves either the old state or a hold too many, never a hold too few.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from related_posts.errors import IndexMissingError, StorageError
from related_posts.files import writing
from related_posts.ledger import LEDGER_FILE, Held, Ledger, Rollback, read_ledger
from related_posts.replacing import only_writer, replace_file
from related_posts.storage import Store

#: How long a version that was held back is safe from pruning: time to look at it.
HELD_SAFE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Pruned:
    """What pruning did.

    Attributes:
        removed: Versions that are gone, oldest first.
        spared: Versions that would have gone, to why they stay.
    """

    removed: tuple[str, ...]
    spared: dict[str, str]


class Versions:
    """The versions in a data folder and what is known of each.

    Args:
        data: The data folder.

    Attributes:
        store: The versions themselves.
    """

    def __init__(self, data: Path) -> None:
        self.store = Store(data)
        self._data = data

    def live(self) -> str | None:
        """The live version, or None before the first.

        Raises:
            StorageError: The pointer is damaged or cannot be read.
        """
        try:
            return self.store.current_name()
        except IndexMissingError:
            return None

    def ledger(self) -> Ledger:
        """What is known of the versions, in agreement with the pointer if that is readable.

        Raises:
            StorageError: The ledger is damaged or cannot be read.
        """
        try:
            live = self.live()
        except StorageError:
            live = None
        return read_ledger(self._data).with_live(live)

    def content(self, name: str) -> str | None:
        """Checksum of a version's answers, as it says itself; None where it cannot be read."""
        try:
            return self.store.manifest(name).content
        except StorageError:
            return None

    def publish(self, name: str, *, force: bool = False) -> None:
        """Make a version live because somebody said so; ends a rollback.

        Args:
            name: The version.
            force: Publish what the gate held back, too.

        Raises:
            IndexMissingError: There is no such version.
            StorageError: It is damaged; or the gate held it back.
        """
        self.store.verify(name, serving_only=True)
        with self._changing():
            try:
                ledger = self.ledger()
            except StorageError:
                # Said to be damaged wherever it was read; this is the way out.
                ledger = Ledger()
            held = ledger.held.get(name)
            if held and held.kind == "gate" and not force:
                raise StorageError(
                    f"version {name} was held back: {held.reason}; "
                    f"`related-posts compare {name}` shows what would change, "
                    "--force publishes it all the same"
                )
            self.store.publish(name)
            self._write(replace(self._with_live(ledger, name), rollback=None))

    def settle(self, name: str, *, held: Held | None, now: datetime) -> Held | None:
        """Publish what a training built, unless it is to wait.

        A version that waits takes the place of the one that waited for the same reason
        before it, so that trainings do not pile up.

        Args:
            name: The version.
            held: Why it has to wait, or None.
            now: The aware present.

        Returns:
            Why it waits, or None where it is live.

        Raises:
            StorageError: It could not be published or noted.
        """
        with self._changing():
            try:
                ledger = self.ledger()
            except StorageError as problem:
                # Whether a rollback is in force cannot be told, so it waits, and it is
                # not noted anywhere: `publish` writes the ledger anew.
                unknown = f"whether it may be live is unknown: {problem}"
                return held or Held("rollback", unknown, now)
            if held is None and ledger.rollback is not None:
                held = _after(ledger.rollback, now)
            if held is None:
                self.store.publish(name)
                self._write(self._with_live(ledger, name))
                return None
            before = ledger.held.get(name)
            if before and (before.kind, before.reason) == (held.kind, held.reason):
                held = before
            earlier = {
                each
                for each, why in ledger.held.items()
                if why.kind == held.kind and why.kind != "asked" and each != name
            }
            self._write(ledger.with_held(name, held))
            gone = frozenset(each for each in earlier if self._removed(each) is None)
            if gone:
                self._write(ledger.with_held(name, held).without(gone))
            return held

    def rollback(self, now: datetime) -> tuple[str, str]:
        """Make the version live that was so before; trainings wait from here on.

        A version that is gone or damaged is passed over.

        Args:
            now: The aware present.

        Returns:
            The version that was live and the one that is.

        Raises:
            IndexMissingError: Nothing is live.
            StorageError: No earlier version is there, or it could not be made live.
        """
        with self._changing():
            left = self.store.current_name()
            ledger = self.ledger()
            for name in reversed(ledger.published[:-1]):
                try:
                    self.store.verify(name, serving_only=True)
                except StorageError:
                    continue
                break
            else:
                raise StorageError(
                    f"no version was live before {left} and is still there; "
                    "`related-posts versions` shows what could be published"
                )
            why = Held("rolled-back", "it was rolled back", now)
            before = ledger.published[: ledger.published.index(name)]
            changed = replace(
                ledger, published=(*before, name), rollback=Rollback(left, now)
            ).with_held(left, why)
            self._write(changed)
            self.store.publish(name)
            return left, name

    def prune(self, keep: int, now: datetime) -> Pruned:
        """Remove all versions but some: the live one, the one before it, and the newest.

        Never removed is the live one, one that anybody reads, and one that was held back
        less than a day ago; these may make it more than were asked for.

        Args:
            keep: Versions to keep, at least 1.
            now: The aware present.

        Raises:
            StorageError: What is live cannot be told; nothing was removed.
        """
        if keep < 1:
            raise ValueError(f"keep={keep}; at least one version has to stay")
        with self._changing():
            ledger = read_ledger(self._data).with_live(self.live())
            names = self.store.names()
            last = [name for name in reversed(ledger.published) if name in names][:2]
            kept = list(dict.fromkeys([*last, *reversed(names)]))[:keep]
            removed, spared = [], {}
            for name in names:
                if name in kept:
                    continue
                held = ledger.held.get(name)
                if name in ledger.published[-1:]:
                    problem: str | None = "it is live"
                elif held is not None and now - held.since < HELD_SAFE:
                    problem = "it was held back less than a day ago"
                else:
                    problem = self._removed(name)
                if problem is None:
                    removed.append(name)
                else:
                    spared[name] = problem
            gone = frozenset({*ledger.published, *ledger.held} - {*self.store.names()})
            if gone:
                self._write(ledger.without(gone))
        return Pruned(tuple(removed), spared)

    def _with_live(self, ledger: Ledger, name: str) -> Ledger:
        """The ledger where a version is live: none waits any more that gives its answers."""
        content = self.content(name)
        held = {each: why for each, why in ledger.held.items() if self.content(each) != content}
        return replace(ledger, held=held).with_live(name)

    def _removed(self, name: str) -> str | None:
        """Remove a version; None, or why it is still there."""
        try:
            self.store.remove(name, unless_read=True)
        except IndexMissingError:
            return None
        except StorageError as problem:
            return str(problem)
        return None

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Be the only one who changes what is live."""
        path = self._data / LEDGER_FILE
        with writing(path), only_writer(path):
            yield

    def _write(self, ledger: Ledger) -> None:
        replace_file(self._data / LEDGER_FILE, ledger.to_bytes())


def _after(rollback: Rollback, now: datetime) -> Held:
    """Why a version built after a rollback waits."""
    when = f"{rollback.at:%Y-%m-%d %H:%M} UTC"
    return Held("rollback", f"{rollback.left} was rolled back on {when}", now)
