"""The archive: what the blog says now, one row a post, in an embedded database."""

from related_posts.archive.archive import ARCHIVE_FILE, Archive
from related_posts.archive.reads import Read
from related_posts.archive.update import (
    Counts,
    Entry,
    Unchanged,
    Unreadable,
    Update,
    Withdrawn,
)

__all__ = [
    "ARCHIVE_FILE",
    "Archive",
    "Counts",
    "Entry",
    "Read",
    "Unchanged",
    "Unreadable",
    "Update",
    "Withdrawn",
]
