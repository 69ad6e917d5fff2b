"""A list of related posts as JSON: the one way for addresses, texts and batches."""

from __future__ import annotations

from typing import Any

from related_posts.index import Index
from service.api import rendering
from service.api.query import Options
from service.api.selection import Asked, Chosen, Selection


def members(selection: Selection, asked: Asked, limit: int, options: Options) -> bytes:
    """The members ``post`` and ``items`` of an answer, without braces around them."""
    index = selection.index
    chosen = selection.choose(asked, limit, options)
    explanations = _explanations(selection, asked, chosen) if options.explain else {}
    items = [rendering.item(index, item, options, explanations.get(item.row)) for item in chosen]
    post = b"null" if asked.row is None else rendering.post(index, asked.row, options)
    return b'"post":%b,"items":[%b]' % (post, b",".join(items))


def answer(index: Index, content: bytes) -> bytes:
    """An answer of members, with the version in front."""
    return b'{"version":"%b",%b}' % (index.version.encode(), content)


def _explanations(
    selection: Selection, asked: Asked, chosen: list[Chosen]
) -> dict[int, dict[str, Any]]:
    """Why each match is one, by row."""
    from related_posts.explain import explain_query

    if asked.row is None and asked.query is None:
        return {}
    query = asked.query if asked.row is None else selection.finder.scorer.query(asked.row)
    assert query is not None
    found = {}
    for item in chosen:
        if item.similarity is not None:
            why = explain_query(selection.index, query, item.row, asked.row)
            found[item.row] = {
                "terms": [
                    {"term": term.term, "share": round(term.share, 4), "by_link": term.by_link}
                    for term in why.terms[: rendering.MAX_TERMS]
                ],
                "n_terms": len(why.terms),
                "linked": why.linked,
                "same_series": why.is_same_series,
                "days_apart": None if why.days_apart is None else round(why.days_apart, 2),
                "time_factor": round(why.time_factor, 4),
                "title_factor": round(why.title_factor, 4),
                "damping": round(why.damping, 4),
            }
    return found
