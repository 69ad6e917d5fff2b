"""Excerpts: the start of a text, for posts whose author wrote none."""

from __future__ import annotations

#: Length of an excerpt made of the text.
MAX_CHARS = 200
#: A cut moves back to the end of a word, but not further than this; text
#: without spaces is cut between characters.
_MAX_BACK = 40


def excerpt(text: str, max_chars: int = MAX_CHARS) -> str:
    """The start of a text, cut at the end of a word.

    Args:
        text: Plain text; white space is folded.
        max_chars: Length at most, at least 1, ellipsis included.

    Returns:
        The whole text where it is short enough, else its start and ``…``.
    """
    # Folding the whole of a long text would be in vain.
    folded = " ".join(text[: max_chars * 8].split())
    if len(folded) <= max_chars < len(text):
        # It begins with hardly more than white space.
        folded = " ".join(text.split())
    if len(folded) <= max_chars:
        return folded
    cut = max_chars - 1
    space = folded.rfind(" ", max(cut - _MAX_BACK, 0), cut + 1)
    return folded[: space if space > 0 else cut].rstrip(" ,;:–—-") + "…"
