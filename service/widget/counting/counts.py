"""Counts a day in a small SQLite file of their own, beside the versions.

A row says: on this day, lists of this version under this post had this item at
this position so often in view, and so often it was followed. There is nothing in
it of who, when within the day, or from where.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from service.widget.counting.report import Shown

FILE_NAME = "counts.sqlite3"
#: Days that are kept; older ones go when a new one begins.
KEPT_DAYS = 400

_WAIT_SECONDS = 10.0
_TABLE = """
CREATE TABLE IF NOT EXISTS counts (
    day TEXT NOT NULL, version TEXT NOT NULL, post TEXT NOT NULL, item TEXT NOT NULL,
    position INTEGER NOT NULL, views INTEGER NOT NULL, clicks INTEGER NOT NULL,
    PRIMARY KEY (day, version, post, item, position)
) WITHOUT ROWID
"""
_ADD = """
INSERT INTO counts VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET views = views + excluded.views, clicks = clicks + excluded.clicks
"""
#: More clicks than views are no readers: a click proves a view, and the widget sends both.
_SUMS = """
SELECT {column}, SUM(views), SUM(MIN(clicks, views)) FROM counts
WHERE day > date(?, ?) GROUP BY 1 ORDER BY {order} LIMIT ?
"""

#: What counts are summed by, and how the sums are ordered.
GROUPS = {"position": "1", "version": "1 DESC", "post": "2 DESC, 1", "item": "3 DESC, 2 DESC, 1"}

Count = tuple[str, Shown, int, int]


def add(data: Path, counts: Iterable[Count]) -> None:
    """Add sums to those of the file, all or none, beside other processes that do the same.

    Args:
        data: The data folder.
        counts: Day (``2026-01-31``), what was shown, views and clicks.

    Raises:
        sqlite3.Error: It could not be written; the file is as it was.
    """
    with closing(sqlite3.connect(data / FILE_NAME, timeout=_WAIT_SECONDS)) as database, database:
        # With less, a power cut may bring the journal back that undoes the last addition.
        database.execute("PRAGMA synchronous = EXTRA")
        database.execute("BEGIN IMMEDIATE")
        database.execute(_TABLE)
        days = set()
        for day, shown, views, clicks in counts:
            key = (day, shown.version, shown.post, shown.item, shown.position)
            database.execute(_ADD, (*key, views, clicks))
            days.add(day)
        for day in days:
            database.execute(
                "DELETE FROM counts WHERE day < date(?, ?)", (day, f"-{KEPT_DAYS} days")
            )


def sums(
    data: Path, group: str, today: str, n_days: int, limit: int = -1
) -> list[tuple[str | int, int, int]]:
    """Views and clicks of the last days, by one of ``GROUPS``.

    Args:
        data: The data folder.
        group: A key of ``GROUPS``.
        today: The last day, in UTC.
        n_days: Days, that one included.
        limit: Most rows; -1 for all.

    Returns:
        Value, views and clicks; no more clicks than views. Empty where nothing
        was ever counted.

    Raises:
        sqlite3.Error: The file could not be read.
    """
    path = data / FILE_NAME
    if not path.exists():
        return []
    query = _SUMS.format(column=group, order=GROUPS[group])
    values = today, f"-{n_days} days", limit
    try:
        with _reading(path, "ro") as database:
            return database.execute(query, values).fetchall()
    except sqlite3.OperationalError as problem:
        if problem.sqlite_errorname != "SQLITE_READONLY_ROLLBACK":
            raise
    # A process was killed while it wrote: its half has to be undone first.
    with _reading(path, "rw") as database:
        return database.execute(query, values).fetchall()


@contextmanager
def _reading(path: Path, mode: str) -> Iterator[sqlite3.Connection]:
    address = f"{path.resolve().as_uri()}?mode={mode}"
    with closing(sqlite3.connect(address, timeout=_WAIT_SECONDS, uri=True)) as database:
        yield database
