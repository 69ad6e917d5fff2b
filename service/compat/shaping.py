"""WordPress's global parameters: ``_fields``, ``_embed`` and ``_envelope``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from service.compat.core import EMBEDDED
from service.compat.known import Known
from service.compat.values import Given

#: Deepest name that ``_fields`` may have; no member is as deep.
_DEEPEST = 8


def shaped(given: Given, known: Known, post: dict[str, Any]) -> dict[str, Any]:
    """A post with the members that were asked for, and then what belongs to it.

    What is embedded goes by the links that are left, as in WordPress: without ``_links``
    among the fields nothing is.
    """
    wanted = given.words("_fields")
    if wanted:
        post = _chosen(post, _tree(wanted))
    if given.text("_embed") is None or not post.get("_links"):
        return post
    found = _embedded(given.words("_embed"), known, post["_links"])
    return {**post, "_embedded": found} if found else post


def enveloped(content: Any, status: int, headers: dict[str, Any]) -> dict[str, Any]:
    """An answer for clients that see neither status nor header fields."""
    return {"body": content, "status": status, "headers": headers}


def _embedded(relations: Sequence[str], known: Known, links: dict[str, Any]) -> dict[str, Any]:
    everything = not relations or relations[0] in ("1", "true")
    found = {
        relation: make(known)
        for relation, make in EMBEDDED.items()
        if relation in links and (everything or relation in relations)
    }
    # Nothing is said of a relation that leads to nothing.
    return {relation: one for relation, one in found.items() if any(one)}


def _tree(names: Sequence[str]) -> dict[str, Any]:
    """Names with dots as a tree; True where everything below is wanted."""
    tree: dict[str, Any] = {}
    for name in names:
        parts = name.split(".")[:_DEEPEST]
        branch = tree
        for part in parts[:-1]:
            deeper = branch.setdefault(part, {})
            if deeper is True:
                break
            branch = deeper
        else:
            branch[parts[-1]] = True
    return tree


def _chosen(content: dict[str, Any], tree: dict[str, Any]) -> dict[str, Any]:
    """Members in their own order; a list has no members by name."""
    found: dict[str, Any] = {}
    for name, value in content.items():
        wanted = tree.get(name)
        if wanted is True:
            found[name] = value
        elif wanted is not None and isinstance(value, dict):
            found[name] = _chosen(value, wanted)
        elif wanted is not None:
            found[name] = [] if isinstance(value, list) else value
    return found
