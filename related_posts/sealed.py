"""Small files that carry their own checksum, so that damage is told from content."""

from __future__ import annotations

import hashlib


def seal(content: bytes) -> bytes:
    """A SHA-256 on a line of its own, then the content it is of and a line feed."""
    return hashlib.sha256(content).hexdigest().encode() + b"\n" + content + b"\n"


def unseal(data: bytes) -> bytes | None:
    """The content of what :func:`seal` made, or None where it is damaged or cut short."""
    digest, _, content = data.partition(b"\n")
    content = content.removesuffix(b"\n")
    return content if hashlib.sha256(content).hexdigest().encode() == digest else None
