"""Versions as they are named on the command line: by name or by a word."""

from __future__ import annotations

from related_posts.errors import ConfigError, IndexMissingError
from related_posts.storage import Store


def named(store: Store, version: str) -> str:
    """The name of the version that a word stands for.

    Args:
        store: The versions.
        version: A name, or live, latest (the newest) or previous (the newest before
            the live one).

    Raises:
        ConfigError: No version has that name.
        IndexMissingError: There is no such version as the word stands for.
        StorageError: What is live cannot be read.
    """
    if version not in ("live", "latest", "previous"):
        if version not in store.names():
            raise ConfigError(
                "VERSION",
                version,
                "it must be live, latest, previous or a name from `related-posts versions`",
            )
        return version
    if version == "live":
        return store.current_name()
    names = store.names()
    if version == "previous":
        live = store.current_name()
        names = names[: names.index(live)] if live in names else []
        if not names:
            raise ConfigError(
                "VERSION",
                version,
                f"none is older than the live one, {live}; `related-posts versions` lists "
                "those there are",
            )
    if not names:
        raise IndexMissingError(store.data, f"there is no {version} version")
    return names[-1]
