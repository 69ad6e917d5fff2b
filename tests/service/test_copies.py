"""Copies of one text: lists that were kept and lists made on demand show the same one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from related_posts.posts import Post
from related_posts.storage import Store

#: Without what depends on which lists were kept.
RULES = {"hub_power": 0, "hub_share": 1, "translations": True}


@pytest.fixture(scope="module")
def with_copies(varied: list[Post]) -> list[Post]:
    """The varied posts, every third of them once or twice more, with other tags and days."""
    copies = [
        replace(
            post,
            id=f"{post.id}-{number}",
            url=f"{post.url}{number}/",
            tags=(("Red", "copy"), ("copy",))[number - 1],
            published=post.published and post.published - timedelta(days=200 * number),
        )
        for place, post in enumerate(varied)
        for number in range(1, 1 + (2 if place % 6 == 0 else place % 3 == 0))
    ]
    return [*varied, *copies]


@pytest.fixture(scope="module")
def folder(
    train_posts: Callable[..., None],
    with_copies: list[Post],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """A version that keeps four neighbours of each."""
    folder = tmp_path_factory.mktemp("copies")
    train_posts(folder, with_copies, neighbours=4, **RULES)
    return folder


@pytest.fixture
def client(make_app: Callable[..., Flask], folder: Path) -> FlaskClient:
    """A client of an application that answers from it."""
    return make_app(folder).test_client()


@pytest.fixture(scope="module")
def everything(
    train_posts: Callable[..., None],
    with_copies: list[Post],
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[str], list[tuple[Any, int]]]:
    """Every neighbour of a post, copies included, each with its group."""
    folder: Path = tmp_path_factory.mktemp("everything")
    train_posts(folder, with_copies, neighbours=1000, duplicates=True, **RULES)
    found: dict[str, list[tuple[Any, int]]] = {}
    with Store(folder).open() as index:
        groups = index.duplicates.tolist()
        assert len(set(groups)) > 15
        for row in range(index.n_posts):
            rows = index.neighbours(row, 1000)[0]
            asked = index.post(row)
            found[asked["id"]] = [({}, groups[row])]
            found[asked["id"]] += [(index.post(other), groups[other]) for other in rows]
    return lambda post_id: found[post_id]


@settings(
    deadline=None,
    max_examples=80,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    number=st.integers(0, 59),
    limit=st.integers(1, 50),
    tag=st.sampled_from([None, "Red", "blue", "copy"]),
    not_tag=st.sampled_from([None, "Red", "copy"]),
    before=st.sampled_from([None, "2025-01-01", "2025-07-01"]),
    exclude=st.integers(-1, 4),
)
def test_a_list_holds_the_best_copy_that_may_be_in_it(
    client: FlaskClient,
    everything: Any,
    number: int,
    limit: int,
    tag: str | None,
    not_tag: str | None,
    before: str | None,
    exclude: int,
) -> None:
    """Whatever the filters, the answer is the whole list, filtered, with each text once."""
    (_, own), *related = everything(f"p{number}")
    excluded = related[exclude][0]["id"] if 0 <= exclude < len(related) else None
    expected: list[str] = []
    shown = {own} - {-1}
    for post, group in related:
        passes = (
            (tag is None or tag in post["tags"])
            and (not_tag is None or not_tag not in post["tags"])
            and (before is None or (post["published"] or "9") < before)
            and post["id"] != excluded
        )
        if passes and group not in shown:
            expected.append(post["id"])
            shown |= {group} - {-1}
    query = {
        "id": f"p{number}",
        "limit": limit,
        **({"tag": tag} if tag else {}),
        **({"not_tag": not_tag} if not_tag else {}),
        **({"published_before": before} if before else {}),
        **({"exclude": excluded} if excluded else {}),
    }
    found = client.get("/v1/related", query_string=query).get_json()["items"]
    assert [item["id"] for item in found] == expected[:limit]


def test_a_fallback_brings_no_copy(client: FlaskClient, everything: Any) -> None:
    """Neither of a match, nor of the post asked about, nor two of one text."""
    path = "/v1/related?id=p6&limit=50&min_score=0.3&fallback=category,recent&fields=id,reason"
    found = client.get(path).get_json()["items"]
    assert {item.get("reason") for item in found} >= {"category"}
    texts = [item["id"].partition("-")[0] for item in found]
    assert "p6" not in texts
    assert len(set(texts)) == len(texts)
