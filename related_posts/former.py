"""Addresses that a blog had before it moved, or has beside its own: which post is meant?

Old texts link to the old host, and an export made on a copy names the copy's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from related_posts.urls import split


def moved(address: str, former: Sequence[str], site: str) -> str:
    """An address at a former site as it is at the site now; any other one as it is.

    Args:
        address: Absolute or site-relative.
        former: Addresses of the blog before, with or without a folder.
        site: The blog's address now; empty leaves every address as it is.

    >>> moved("http://127.0.0.1:8090/2024/rye/", ["http://127.0.0.1:8090"], "https://b.example")
    'https://b.example/2024/rye/'
    """
    if not former or not site or "//" not in address:
        return address
    host, path = split(address)
    for one in former:
        old_host, folder = _place(one)
        if host != old_host or _below(path, folder) is None:
            continue
        try:
            parts = urlsplit(address)
            raw = urlsplit(one).path.rstrip("/")
        except ValueError:
            continue
        if parts.path.startswith(raw):
            rest = parts._replace(scheme="", netloc="", path=parts.path[len(raw) :]).geturl()
            return f"{site.rstrip('/')}/{rest.lstrip('/')}"
    return address


def former_addresses(
    paths: Mapping[str, int | None], former: Sequence[str], site: str
) -> Iterator[tuple[str, str, int]]:
    """Where each post was at each former site.

    Args:
        paths: Path of each post now, as ``urls.split`` gives it, to its row; None where
            several posts have it.
        former: Addresses of the blog before.
        site: The blog's address now, for the folder it is in.

    Yields:
        Host, path and row.
    """
    now = _place(site)[1] if site else ""
    for host, folder in dict.fromkeys(map(_place, former)):
        for path, row in paths.items():
            rest = _below(path, now)
            if row is not None and rest not in (None, ""):
                yield host, f"{folder}{rest}" if folder or rest[0] == "/" else f"/{rest}", row


def _place(site: str) -> tuple[str, str]:
    """Host and folder of a site, without a slash at its end."""
    host, path = split(site)
    return host, path.partition("?")[0].rstrip("/")


def _below(path: str, folder: str) -> str | None:
    """What follows a folder in a path: ``/x``, ``?p=7`` or nothing; None outside of it."""
    if not path.startswith(folder) or path[len(folder) : len(folder) + 1] not in ("", "/", "?"):
        return None
    rest = path[len(folder) :]
    # The front page has its slash at a host, and none in a folder.
    return rest[1:] if rest == "/" or rest.startswith("/?") else rest
