"""Is the data folder there, before anything else is said of what is in it?"""

from __future__ import annotations

import os
from pathlib import Path

from related_posts.errors import DataFolderError


def existing_folder(data: Path) -> Path:
    """The data folder itself, if it is one that may be read.

    Raises:
        DataFolderError: It is missing, no folder, or may not be read.
    """
    if not data.is_dir():
        kind = "it is no folder" if os.path.lexists(data) else "there is no such folder"
        if data.is_file():
            kind = "it is a file, not a folder"
        raise DataFolderError(
            data, f"{kind}; `related-posts train SOURCE` makes one, or name another with --data"
        )
    # By the rights with which files will be opened; not every system can ask for these.
    effective = os.access in os.supports_effective_ids
    if not os.access(data, os.R_OK | os.X_OK, effective_ids=effective):
        raise DataFolderError(
            data, "it may not be read; give this user the right to it, or name another with --data"
        )
    return data
