"""What an interrupted process left behind: the next one takes it away and says so."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

log = logging.getLogger(__name__)


def sweep(folder: Path, pattern: str) -> None:
    """Remove files and folders by their names, with a line in the log for each.

    To be called by whoever holds the lock under which such names are used. What cannot be
    removed stays for the next one.

    Args:
        folder: Where they are; nothing is done where it is not there.
        pattern: Of their names, as for ``Path.glob``.
    """
    for left in folder.glob(pattern):
        try:
            if left.is_dir() and not left.is_symlink():
                shutil.rmtree(left)
            else:
                left.unlink(missing_ok=True)
        except OSError as problem:
            log.warning("%s, left by an interrupted run, cannot be removed: %s", left, problem)
        else:
            log.warning("removed %s, which an interrupted run had left", left)
