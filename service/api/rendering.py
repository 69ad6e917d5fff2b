"""Posts as JSON: the members that were asked for, in one order."""

from __future__ import annotations

from typing import Any

import orjson

from related_posts.index import Index
from related_posts.items import item_with_scores, plain_item, rounded
from service.api.parameters import ITEM_FIELDS
from service.api.query import Options
from service.api.selection import Chosen

#: Shared terms in an explanation.
MAX_TERMS = 10


def item(
    index: Index, chosen: Chosen, options: Options, explanation: dict[str, Any] | None = None
) -> bytes:
    """One item of a list as a JSON object."""
    fragment = index.item(chosen.row)
    similarity, score = chosen.similarity, chosen.score
    if not _shaped(options) and chosen.reason is None and explanation is None:
        assert similarity is not None
        assert score is not None
        return item_with_scores(fragment, similarity, score)
    found: dict[str, Any] = orjson.loads(plain_item(fragment))
    found["similarity"] = None if similarity is None else rounded(similarity)
    found["score"] = None if score is None else rounded(score)
    if chosen.reason is not None:
        found["reason"] = chosen.reason
    if explanation is not None:
        found["explanation"] = explanation
    return orjson.dumps(_shape(found, options))


def post(index: Index, row: int, options: Options) -> bytes:
    """A post as a JSON object, without what only an item of a list has."""
    fragment = plain_item(index.item(row))
    if not _shaped(options):
        return fragment
    return orjson.dumps(_shape(orjson.loads(fragment), options))


def first_words(text: str, n_words: int) -> str:
    """At most so many words of a text, with an ellipsis where some are left out."""
    words = text.split()
    if len(words) <= n_words:
        return text
    return " ".join(words[:n_words]).rstrip(" ,;:–—-") + "…" if n_words else ""


def _shaped(options: Options) -> bool:
    return options.fields is not None or options.excerpt_length is not None


def _shape(found: dict[str, Any], options: Options) -> dict[str, Any]:
    if options.excerpt_length is not None:
        found["excerpt"] = first_words(found["excerpt"], options.excerpt_length)
    if options.fields is None:
        return found
    return {name: found[name] for name in ITEM_FIELDS if name in options.fields and name in found}
