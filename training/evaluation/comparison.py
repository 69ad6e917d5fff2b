"""Two versions side by side: what a reader of the blog would find changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from related_posts.index import Index
from training.evaluation.lists import items, of_index
from training.evaluation.overlap import churn, rank_biased_overlap

#: Posts named of each kind; the rest is counted.
NAMED = 5


class Side:
    """One of the two versions, by the posts' ids.

    Args:
        index: The version.
        limit: Most items of a list.
    """

    def __init__(self, index: Index, limit: int) -> None:
        posts = [index.post(row) for row in range(index.n_posts)]
        ids = [str(post["id"]) for post in posts]
        self.version = index.version
        self.settings: Mapping[str, Any] = index.manifest.settings
        self.titles = {post["id"]: str(post.get("title") or post["id"]) for post in posts}
        self.lists = {
            id_: [ids[other] for other in related]
            for id_, related in zip(ids, items(of_index(index, limit)), strict=True)
        }

    @cached_property
    def in_degree(self) -> Counter[str]:
        """On how many lists each post stands."""
        return Counter(other for related in self.lists.values() for other in related)


@dataclass(frozen=True, slots=True)
class Change:
    """One post whose list changed.

    Attributes:
        id: The post.
        overlap: Rank-biased overlap of its two lists, in [0, 1].
        gained: Ids on its list after, and not before; best first.
        lost: Ids on its list before, and not after; best first.
    """

    id: str
    overlap: float
    gained: tuple[str, ...]
    lost: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changes from one version to another.

    Lists are compared of posts that both versions hold.

    Attributes:
        before: The version before.
        after: The version after.
        limit: Most items of a list.
        n_posts: Posts that both hold.
        added: Posts that only the version after holds, newest first.
        removed: Posts that only the version before holds, newest first.
        churn: Mean share of a list's places that another post takes, in [0, 1].
        overlap: Mean rank-biased overlap, in [0, 1]; 1 where nothing changed.
        n_same: Lists that are the same.
        n_reordered: Lists with the same posts in another order.
        changes: The other lists, most changed first, then newest first.
        n_gained: Items that lists gained.
        n_gained_new: Of these, those of posts that are new.
        n_lost: Items that lists lost.
        n_lost_removed: Of these, those of posts that are gone.
        emptied: Posts whose list became empty, newest first.
        filled: Posts whose list was empty and is not any more, newest first.
        settings: Setting to its value before and after, where these differ.
    """

    before: Side
    after: Side
    limit: int
    n_posts: int
    added: tuple[str, ...]
    removed: tuple[str, ...]
    churn: float
    overlap: float
    n_same: int
    n_reordered: int
    changes: tuple[Change, ...]
    n_gained: int
    n_gained_new: int
    n_lost: int
    n_lost_removed: int
    emptied: tuple[str, ...]
    filled: tuple[str, ...]
    settings: dict[str, tuple[Any, Any]]

    def title(self, id_: str) -> str:
        """A post's title, as the version after has it where it has the post."""
        return self.after.titles.get(id_) or self.before.titles[id_]


def compare(before: Index, after: Index, limit: int) -> Comparison:
    """What would change on the site if one version took the place of another.

    Args:
        before: What readers get.
        after: What they would get.
        limit: Most items of a list, at least 1.
    """
    old, new = Side(before, limit), Side(after, limit)
    both = [id_ for id_ in new.lists if id_ in old.lists]
    found = [_change(id_, old.lists[id_], new.lists[id_]) for id_ in both]
    changed = [each for each in found if each.gained or each.lost]
    n_same = sum(old.lists[id_] == new.lists[id_] for id_ in both)
    gained = [other for each in changed for other in each.gained]
    lost = [other for each in changed for other in each.lost]
    n = max(1, len(both))
    return Comparison(
        before=old,
        after=new,
        limit=limit,
        n_posts=len(both),
        added=tuple(id_ for id_ in new.lists if id_ not in old.lists),
        removed=tuple(id_ for id_ in old.lists if id_ not in new.lists),
        churn=sum(churn(old.lists[id_], new.lists[id_]) for id_ in both) / n,
        overlap=sum(each.overlap for each in found) / n if both else 1.0,
        n_same=n_same,
        n_reordered=len(both) - n_same - len(changed),
        changes=tuple(sorted(changed, key=lambda each: each.overlap)),
        n_gained=len(gained),
        n_gained_new=sum(other not in old.lists for other in gained),
        n_lost=len(lost),
        n_lost_removed=sum(other not in new.lists for other in lost),
        emptied=tuple(id_ for id_ in both if old.lists[id_] and not new.lists[id_]),
        filled=tuple(id_ for id_ in both if new.lists[id_] and not old.lists[id_]),
        settings={
            name: (old.settings.get(name), new.settings.get(name))
            for name in sorted({*old.settings, *new.settings})
            if old.settings.get(name) != new.settings.get(name)
        },
    )


def _change(id_: str, before: list[str], after: list[str]) -> Change:
    return Change(
        id_,
        rank_biased_overlap(before, after),
        tuple(other for other in after if other not in before),
        tuple(other for other in before if other not in after),
    )


def hubs(side: Side) -> list[tuple[str, int]]:
    """The posts on most lists, each with their number; equal ones newest first."""
    newest_first = {id_: place for place, id_ in enumerate(side.lists)}
    ranked = sorted(side.in_degree.items(), key=lambda hub: (-hub[1], newest_first[hub[0]]))
    return ranked[:NAMED]


def as_json(found: Comparison) -> dict[str, Any]:
    """The comparison as plain JSON values; every change, not only examples."""
    return {
        "before": found.before.version,
        "after": found.after.version,
        "limit": found.limit,
        "posts": {
            "both": found.n_posts,
            "added": list(found.added),
            "removed": list(found.removed),
        },
        "churn": found.churn,
        "overlap": found.overlap,
        "lists": {
            "same": found.n_same,
            "reordered": found.n_reordered,
            "changed": len(found.changes),
            "emptied": list(found.emptied),
            "filled": list(found.filled),
        },
        "neighbours": {
            "gained": found.n_gained,
            "gained_new_posts": found.n_gained_new,
            "lost": found.n_lost,
            "lost_removed_posts": found.n_lost_removed,
        },
        "hubs": {
            name: [{"id": id_, "title": side.titles[id_], "lists": n} for id_, n in hubs(side)]
            for name, side in (("before", found.before), ("after", found.after))
        },
        "settings": {
            name: {"before": was, "after": is_} for name, (was, is_) in found.settings.items()
        },
        "changes": [
            {
                "id": each.id,
                "title": found.title(each.id),
                "overlap": each.overlap,
                "gained": [{"id": o, "title": found.title(o)} for o in each.gained],
                "lost": [{"id": o, "title": found.title(o)} for o in each.lost],
            }
            for each in found.changes
        ],
    }
