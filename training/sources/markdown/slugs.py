"""Names as generators write them into addresses."""

from __future__ import annotations

import re
import unicodedata

from related_posts.errors import PostError

_LATIN = str.maketrans(
    {
        **{"ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O"},
        **{"đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ł": "l", "Ł": "L"},
        **{"ı": "i", "‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "--", "…": "..."},
    }
)
_HEXO_SIGNS = re.compile(r"""[\s~`!@#$%^&*()\-_+=\[\]{}|\\;:"'<>,.?/]+""")
_NOT_ASCII_NAME = re.compile(r"[^a-z0-9]+")
_CONTRACTION = re.compile(r"([a-zA-Z\d])'([ts])(?=\s|$)")


def latin(text: str) -> str:
    """A text in ASCII: accents go, letters of Latin scripts become plain ones.

    Raises:
        PostError: It has letters of another script; how a generator writes them is a
            large table that is not kept here.
    """
    plain = unicodedata.normalize("NFKD", text.translate(_LATIN)).replace("⁄", "/")
    for char in plain:
        if ord(char) > 127 and char.isalnum():
            reason = f"{text[:40]!r} cannot be written in Latin letters here"
            raise PostError(f"{reason}; give the post a slug, which is its address anyway")
    return plain.encode("ascii", "ignore").decode()


def ascii_slug(text: str) -> str:
    """ASCII letters and digits in lower case, joined by hyphens (Zola and others).

    Raises:
        PostError: It has letters that are not Latin.
    """
    return _NOT_ASCII_NAME.sub("-", latin(text).lower()).strip("-")


def eleventy_slug(text: str) -> str:
    """As Eleventy's ``slugify``: like ``ascii_slug``, with a word for ``&``.

    Raises:
        PostError: It has letters that are not Latin.
    """
    plain = latin(text).replace("&", " and ")
    return ascii_slug(_CONTRACTION.sub(r"\1\2", plain))


def hexo_slug(text: str, case: int = 0) -> str:
    """As Hexo does: letters of every script, without accents on Latin ones.

    Args:
        text: A title or a category.
        case: 1 for lower, 2 for upper case, else as it is.
    """
    plain = "".join(map(_without_accent, text.translate(_LATIN)))
    plain = "".join(char for char in plain if ord(char) > 31)
    slug = _HEXO_SIGNS.sub("-", plain).strip("-")
    return slug.lower() if case == 1 else slug.upper() if case == 2 else slug


def github_slug(text: str) -> str:
    """As GitHub's headings: letters, digits, ``-`` and ``_``; spaces become hyphens (Astro)."""
    kept = (
        char
        for char in text.lower()
        if char in " -_" or unicodedata.category(char)[0] in "LM" or char.isdecimal()
    )
    return "".join(kept).replace(" ", "-")


def _without_accent(char: str) -> str:
    base = unicodedata.normalize("NFD", char)[:1]
    return base if base.isascii() else char
