"""Bring what the archive says of rules and withdrawals to where services see it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from related_posts.archive import Archive
from related_posts.curation.state import OVERLAY_FILE, State, read_state
from related_posts.errors import StorageError
from related_posts.replacing import only_writer, replace_file


def publish_state(archive: Archive, data: Path) -> State:
    """Write the archive's state to the data folder, if the file says something else.

    To be called after every commit that may have changed it: the write counts from
    the next request on, in every process. The archive is read under the lock of the
    file, so that of several writers the last one writes the latest state.

    Args:
        archive: After the commit.
        data: The data folder, which services watch.

    Raises:
        ArchiveError: The archive cannot be read.
        StorageError: The file cannot be written; the archive has the change, and
            calling this again makes up for it.
    """
    path = data / OVERLAY_FILE
    state = archive.state()
    if _is_there(data, state):
        return state
    try:
        with only_writer(path):
            state = archive.state()
            if not _is_there(data, state):
                replace_file(path, state.to_bytes())
    except OSError as error:
        raise StorageError(f"{path} cannot be written ({error.strerror})") from error
    return state


def _is_there(data: Path, state: State) -> bool:
    """Whether the file says so already; a damaged one says nothing."""
    try:
        held = read_state(data)
    except StorageError:
        return False
    return replace(held, revision=0) == replace(state, revision=0)
