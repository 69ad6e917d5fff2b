"""Filters: which posts pass."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from related_posts.blobs import Blob
from related_posts.facets import Facets, build, keys_of
from related_posts.filters import NO_FILTERS, Filters
from related_posts.index import Index
from related_posts.posts import Post

DAY = 86_400


def day(date: str) -> float:
    """Days from 1970."""
    return datetime.fromisoformat(date).replace(tzinfo=UTC).timestamp() / DAY


@pytest.fixture(scope="module")
def passing(archive_posts: list[Post]) -> Any:
    """Slugs of the posts that pass, in row order."""
    arrays = build(keys_of(post, post.language) for post in archive_posts)
    index = SimpleNamespace(
        n_posts=len(archive_posts),
        facets=Facets(
            Blob(arrays["facet_keys"], arrays["facet_keys_offsets"]),
            arrays["facet_rows"],
            arrays["facet_indptr"],
        ),
        days=np.array(
            [post.published.timestamp() / DAY if post.published else np.nan
             for post in archive_posts]
        ),
    )  # fmt: skip

    def slugs(filters: Filters) -> list[str]:
        mask = filters.mask(cast(Index, index))
        assert mask is not None
        return [post.slug for post, chosen in zip(archive_posts, mask, strict=True) if chosen]

    return slugs


def test_no_filters_have_no_mask() -> None:
    """Where everything passes, nothing need be looked at."""
    assert NO_FILTERS.mask(cast(Index, None)) is None


@pytest.mark.parametrize(
    ("filters", "slugs"),
    [
        (Filters(tags=("Bread",)), ["kitchen-scale", "sourdough", "rye", "starter"]),
        (Filters(tags=("rye", "TOOLS")), ["kitchen-scale", "rye", "mirror"]),
        (Filters(tags=("bread",), not_tags=("sourdough",)), ["kitchen-scale", "rye"]),
        (Filters(tags=("nobody-has-it",)), []),
        (Filters(categories=("bread",)), []),
        (Filters(languages=("de",)), ["sauerteig", "roggen"]),
        (Filters(tags=("bread",), since=day("2024-04-01")), ["kitchen-scale", "sourdough"]),
        (Filters(since=day("2024-04-01T08:00"), before=day("2024-05-01T08:00")),
         ["sauerteig", "sourdough"]),
        (Filters(until=day("2023-10-01T08:00")), ["moon", "mirror"]),
    ],
)  # fmt: skip
def test_what_passes(passing: Any, filters: Filters, slugs: list[str]) -> None:
    """One of the wanted names, none of the others, within the dates; undated posts in none."""
    assert passing(filters) == slugs


def test_what_is_excluded_is_the_rest(passing: Any, archive_posts: list[Post]) -> None:
    """A name wanted and the same name excluded divide the archive."""
    wanted, rest = passing(Filters(tags=("bread",))), passing(Filters(not_tags=("bread",)))
    assert sorted(wanted + rest) == sorted(post.slug for post in archive_posts)
