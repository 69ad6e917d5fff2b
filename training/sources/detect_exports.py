"""Tell the exports that are folders (Substack's, Medium's) from folders of texts."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from related_posts.errors import PostError, SourceError
from training.sources import medium, substack
from training.sources.csv_rows import header_of
from training.sources.export_folder import folder_with, read_text, text_files

#: Pages looked at; the first ones may be drafts of another form.
_N_PAGES = 3


def export_of(path: Path) -> str | None:
    """``substack`` or ``medium`` where a folder is such an export, else None."""
    if _is_substack(path):
        return "substack"
    return "medium" if _is_medium(path) else None


def _is_substack(path: Path) -> bool:
    try:
        root = folder_with(path, substack.TABLE)
        with (root / substack.TABLE).open("rb") as table:
            line = table.readline(10_000).decode("utf-8-sig", "replace")
    except (SourceError, OSError):
        return False
    return {"post_id", "is_published", "audience"} <= set(header_of(line)[0])


def _is_medium(path: Path) -> bool:
    try:
        root = folder_with(path, medium.FOLDER)
        pages = islice(text_files(root / medium.FOLDER), _N_PAGES)
        return any(
            "e-content" in (text := read_text(one, root)) and "p-name" in text for one in pages
        )
    except (SourceError, PostError):
        return False
