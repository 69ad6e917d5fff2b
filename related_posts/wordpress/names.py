"""Names that WordPress gives, as people read them."""

from __future__ import annotations

from urllib.parse import unquote

#: Names of the category WordPress gives to a post that was given none.
UNCATEGORIZED = frozenset(
    {
        *("uncategorized", "uncategorised", "non classé", "sin categoría", "sem categoria"),
        *(
            "senza categoria",
            "geen categorie",
            "bez kategorii",
            "okategoriserade",
            "unkategorisiert",
        ),
        *("ikke kategorisert", "nezařazené", "без рубрики", "未分類", "未分类", "미분류"),
    }
)


def plain_slug(name: str) -> str:
    """``wp:post_name`` as a person reads it: it is kept percent-encoded."""
    return unquote(name, errors="replace")
