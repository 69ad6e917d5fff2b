"""Small files that carry their own checksum, so that damage is told from content."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import orjson

from related_posts.errors import StorageError


def seal(content: bytes) -> bytes:
    """A SHA-256 on a line of its own, then the content it is of and a line feed."""
    return hashlib.sha256(content).hexdigest().encode() + b"\n" + content + b"\n"


def unseal(data: bytes) -> bytes | None:
    """The content of what :func:`seal` made, or None where it is damaged or cut short."""
    digest, _, content = data.partition(b"\n")
    content = content.removesuffix(b"\n")
    return content if hashlib.sha256(content).hexdigest().encode() == digest else None


def document(path: Path, data: bytes, supported: int, advice: str) -> dict[str, Any]:
    """The JSON object that :func:`seal` was given.

    Args:
        path: Where it was read, for messages.
        data: What was read.
        supported: The ``format`` that it must have.
        advice: What to do where it is damaged.

    Raises:
        StorageError: It is damaged, or of a newer release.
    """
    content = unseal(data)
    if content is None:
        raise StorageError(f"{path} is damaged; {advice}")
    found: dict[str, Any] = orjson.loads(content)
    if found.get("format") != supported:
        raise StorageError(f"{path} was written by a newer release; install that one")
    return found
