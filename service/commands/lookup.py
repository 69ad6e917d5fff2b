"""Opening the published version and finding a post in it, for commands."""

from __future__ import annotations

import difflib
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import click

from related_posts.cli import PROBLEM
from related_posts.curation.overlay import Overlay
from related_posts.curation.state import read_state
from related_posts.data_folder import existing_folder
from related_posts.errors import UnknownPostError
from related_posts.index import Index
from related_posts.nearest import SIMILAR
from related_posts.storage import Store
from service.settings import ServiceSettings

#: Posts compared with a mistyped id, newest first; more would make a typo slow.
_COMPARED = 20_000
_SUGGESTED = 3


class Mistake(click.ClickException):
    """Something the user can mend, said in one sentence."""

    exit_code = PROBLEM


def open_published(data: Path | None) -> Index:
    """The published version of a data folder, ``None`` meaning the usual one.

    Raises:
        StorageError: There is none, or it cannot be opened.
        ConfigError: A setting does not fit.
    """
    folder: Path = ServiceSettings.load({"data": data}).data
    return Store(existing_folder(folder)).open()


def overlay_of(index: Index, data: Path | None) -> Overlay | None:
    """What people decided about a version's lists, as it is now; None for nothing.

    Raises:
        StorageError: It is damaged.
    """
    folder: Path = ServiceSettings.load({"data": data}).data
    return Overlay(index, read_state(folder), datetime.now(UTC)) or None


def find(index: Index, key: str, overlay: Overlay | None = None) -> int:
    """Row of the post with this id or else this URL, if it may be seen.

    Raises:
        Mistake: There is none; near ids are suggested.
    """
    for name in ("id", "url"):
        try:
            row = index.row(**{name: key})
        except UnknownPostError:
            continue
        if overlay is not None and overlay.is_masked(row):
            raise Mistake(f"the post {key!r} was withdrawn: it is shown nowhere")
        return row
    near = _near(index, key)
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    raise Mistake(f"no post has the id or URL {key!r} in version {index.version}{hint}")


def _near(index: Index, key: str) -> list[str]:
    """Ids that look like the key: those that contain it, then those with few letters changed."""
    wanted = key.casefold().strip("/")
    ids = [index.post(row)["id"] for row in range(min(index.n_posts, _COMPARED))]
    containing = (id_ for id_ in ids if wanted and wanted in id_.casefold())
    near = list(islice(containing, _SUGGESTED))
    return near or difflib.get_close_matches(key, ids, n=_SUGGESTED, cutoff=SIMILAR)
