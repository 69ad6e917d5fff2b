"""Numbers with their nouns, and lines of a summary, as commands print them."""

from __future__ import annotations

import textwrap

#: Columns of a summary; a log and a small terminal have as many.
WIDTH = 80


def counted(count: int, one: str, several: str | None = None) -> str:
    """A number with its noun: ``1 post``, ``1,234 posts``; ``several`` where s is not enough."""
    return f"{count:,} {one if count == 1 else several or f'{one}s'}"


def labelled(label: str, text: str, width: int = WIDTH) -> str:
    """A line of a summary, broken so that its text stands in one column beside the label."""
    indent = " " * 9
    lines = textwrap.wrap(text, width - len(indent), break_long_words=False, break_on_hyphens=False)
    return f"{label:<8} " + f"\n{indent}".join(lines)
