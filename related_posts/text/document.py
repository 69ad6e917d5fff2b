"""A document: a post as the analyzer sees it, in fields of plain text."""

from __future__ import annotations

from dataclasses import dataclass, field

from related_posts.posts import Post
from related_posts.text.html import prose
from related_posts.text.language import primary


@dataclass(frozen=True, slots=True)
class Document:
    """Fields of plain text in one language.

    Attributes:
        title: The title.
        blocks: Pieces of body text; word pairs do not reach across blocks.
        headings: Headings, which also stand in ``blocks``.
        tags: Tags and categories.
        language: Primary language code, or empty for unknown.
    """

    title: str = ""
    blocks: list[str] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    language: str = ""


def document(text: Post | Document | str, language: str = "") -> Document:
    """The document of a post, or of plain text.

    Args:
        text: A post, a ready document, or plain text (a body without title).
        language: Primary language code for what does not state its own.
    """
    if isinstance(text, Document):
        return text
    if isinstance(text, str):
        return Document(blocks=[text], language=language)
    body = prose(text.html)
    return Document(
        title=text.title,
        blocks=body.blocks,
        headings=body.headings,
        tags=[*text.tags, *text.categories],
        language=primary(text.language) or language,
    )
