"""Filtered, explained, diverse and filled lists: each parameter does what it says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from related_posts.facets import label_key
from related_posts.posts import Post
from related_posts.ranking import to_scores
from related_posts.storage import Store
from service.api import selection

LABELS = {"tag": ["red", "green-tea", "BLUE", "no such"], "category": ["cafe", "News", "other"]}
FILTERS = st.fixed_dictionaries(
    {},
    optional={
        "tag": st.lists(st.sampled_from(LABELS["tag"]), min_size=1, max_size=2),
        "not_tag": st.sampled_from(LABELS["tag"]),
        "category": st.sampled_from(LABELS["category"]),
        "not_category": st.sampled_from(LABELS["category"]),
        "author": st.sampled_from(["ada", "Bob B.", "bob-b", "x"]),
        "published_after": st.sampled_from(["2025-01-01", "2024-06-01T12:00:00+02:00"]),
        "published_before": st.sampled_from(["2025-06-01", "2024-09-01"]),
        "past_only": st.sampled_from(["true", "0"]),
        "same_author": st.just("1"),
        "min_score": st.sampled_from(["0", "0.02", "0.1"]),
        "exclude": st.lists(st.sampled_from(["p1", "p2", "p3", "none"]), min_size=1, max_size=3),
        "offset": st.integers(0, 12),
        "limit": st.integers(1, 50),
    },
)


def ask(client: FlaskClient, path: str, **query: Any) -> Any:
    """The JSON of a successful answer."""
    response = client.get(f"{path}?{urlencode(query, doseq=True)}" if query else path)
    assert response.status_code == 200, response.text
    return response.get_json()


def ids(items: list[dict[str, Any]]) -> list[str]:
    """Ids of items."""
    return [item["id"] for item in items]


def passes(item: dict[str, Any], post: dict[str, Any], query: dict[str, Any]) -> bool:
    """Whether an item passes the filters, told from what is shown of it alone."""

    def has(field: str, names: Any) -> bool:
        wanted = names if isinstance(names, list) else [names]
        return bool(set(map(label_key, item[field])) & set(map(label_key, wanted)))

    first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    published = item["published"] and datetime.fromisoformat(item["published"])
    own = post["published"] and datetime.fromisoformat(post["published"])

    def moment(name: str) -> datetime:
        found = datetime.fromisoformat(query[name])
        return found if found.tzinfo else found.replace(tzinfo=UTC)

    return all(
        [
            "tag" not in query or has("tags", query["tag"]),
            "not_tag" not in query or not has("tags", query["not_tag"]),
            "category" not in query or has("categories", query["category"]),
            "not_category" not in query or not has("categories", query["not_category"]),
            "author" not in query or label_key(item["author"]) == label_key(query["author"]),
            "same_author" not in query or (item["author"] and item["author"] == post["author"]),
            "published_after" not in query or (published or first) >= moment("published_after"),
            "published_before" not in query or (published or last) < moment("published_before"),
            query.get("past_only") != "true" or not own or (published and published <= own),
            item["id"] not in query.get("exclude", []),
        ]
    )  # fmt: skip


@pytest.fixture(scope="module")
def whole(trained_whole: Path) -> Callable[[str], Any]:
    """Every post with all its related posts in order, with unrounded scores."""
    found = {}
    with Store(trained_whole).open() as index:
        for row in range(index.n_posts):
            items = [
                {**index.post(other), "score": score}
                for other, _, score in zip(*index.neighbours(row, 1000), strict=True)
            ]
            post = index.post(row)
            found[post["id"]] = (post, items)
    # A function, since hypothesis prints what it is given.
    return lambda post_id: found[post_id]


# One application serves all examples: it is only read.
@settings(
    deadline=None,
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(number=st.integers(0, 59), query=FILTERS)
def test_filters_apply_before_the_list_is_cut(
    reader: FlaskClient, whole: Any, number: int, query: dict[str, Any]
) -> None:
    """Whatever the filters, the answer is the full sorted list, filtered and only then cut."""
    post, related = whole(f"p{number}")
    kept = [
        item
        for item in related
        if passes(item, post, query) and item["score"] >= float(query.get("min_score", 0))
    ]
    start, limit = query.get("offset", 0), query.get("limit", 5)
    found = ask(reader, "/v1/related", id=f"p{number}", **query)
    expected = kept[start:][:limit]
    assert ids(found["items"]) == ids(expected)
    assert [item["score"] for item in found["items"]] == [
        round(item["score"], 4) for item in expected
    ]


def test_a_language_filter_replaces_the_language_rule(reader: FlaskClient) -> None:
    """Asked for German, a post in English gets German posts; without, English ones."""
    found = ask(reader, "/v1/related", id="p1", language="de", limit=50)["items"]
    assert {item["language"] for item in found} == {"de"}
    plain = ask(reader, "/v1/related", id="p1", limit=50)["items"]
    assert {item["language"] for item in plain} == {"en"}


def test_a_post_by_slug(reader: FlaskClient) -> None:
    """A slug finds the post like its id; one that nobody has is an unknown post."""
    post = ask(reader, "/v1/posts/p5")["post"]
    slug = post["url"].rstrip("/").rpartition("/")[2]
    assert ask(reader, "/v1/related", slug=slug) == ask(reader, "/v1/related", id="p5")
    assert reader.get("/v1/related?slug=nothing").status_code == 404


def test_recent_counts_from_today(
    make_app: Callable[..., Flask], trained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The window ends today and begins at midnight, so that one tag holds for the whole day."""

    class Clock(datetime):
        now_is = datetime(2026, 1, 1, 23, 59, tzinfo=UTC)

        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return cls.now_is

    monkeypatch.setattr("service.api.desk.datetime", Clock)
    client = make_app(trained).test_client()
    path = "/v1/related?id=p1&recent=6+months&limit=50"
    late = client.get(path)
    oldest = min(item["published"] for item in late.get_json()["items"])
    assert "2025-07-01" <= oldest < "2025-08-15"
    Clock.now_is = datetime(2026, 1, 1, 0, 1, tzinfo=UTC)
    assert client.get(path).headers["ETag"] == late.headers["ETag"]
    Clock.now_is += timedelta(days=1)
    assert client.get(path).headers["ETag"] != late.headers["ETag"]


def test_the_page_the_reader_came_from(reader: FlaskClient) -> None:
    """An address is left out like an id, and is part of the question; the field makes it vary."""
    plain = ask(reader, "/v1/related", id="p1")["items"]
    came_from = plain[0]["url"] + "?utm_source=x"
    named = reader.get("/v1/related?" + urlencode({"id": "p1", "exclude_referrer": came_from}))
    assert ids(named.get_json()["items"])[:2] == ids(plain)[1:3]
    assert "Referer" not in named.headers.get("Vary", "")
    path = "/v1/related?id=p1&exclude_referrer=header"
    by_field = reader.get(path, headers={"Referer": came_from})
    assert by_field.get_json() == named.get_json()
    assert "Referer" in by_field.headers["Vary"]
    assert reader.get(path).headers["ETag"] != by_field.headers["ETag"]
    elsewhere = reader.get(path, headers={"Referer": "https://other.example/"})
    assert elsewhere.get_json()["items"] == plain


def test_diversity(reader: FlaskClient) -> None:
    """0 changes nothing; 1 keeps the best and prefers what is unlike it; all items stay."""
    asked = {"id": "p1", "limit": 50, "not_tag": "none"}
    plain = ids(ask(reader, "/v1/related", **asked)["items"])
    assert ids(ask(reader, "/v1/related", **asked, diversity="0")["items"]) == plain
    spread = ids(ask(reader, "/v1/related", **asked, diversity="0.7")["items"])
    assert spread[0] == plain[0]
    assert sorted(spread) == sorted(plain)
    assert spread != plain
    pages = [
        ask(reader, "/v1/related", **{**asked, "limit": 7}, diversity="0.7", offset=offset)["items"]
        for offset in range(0, 50, 7)
    ]
    assert [item["id"] for page in pages for item in page] == spread


def test_a_fallback_fills_the_list_and_says_so(reader: FlaskClient) -> None:
    """What is missing comes from the steps in their order, never twice, and passes the filters."""
    query = {"id": "p7", "min_score": "0.3", "limit": 40, "tag": "red"}
    matches = ask(reader, "/v1/related", **query, exclude="p1")["items"]
    assert len(matches) < 20
    filled = ask(reader, "/v1/related", **query, fallback="author,recent", exclude="p1")["items"]
    assert all("reason" not in item for item in filled[: len(matches)])
    more = filled[len(matches) :]
    reasons = [item["reason"] for item in more]
    assert reasons == sorted(reasons)
    assert set(reasons) == {"author", "recent"}
    assert len(set(ids(filled))) == len(filled)
    assert not {"p7", "p1"} & set(ids(filled))
    for item in more:
        assert "Red" in item["tags"]
        assert item["language"] == "en"
        assert item["similarity"] is item["score"] is None
    assert {item["author"] for item in more if item["reason"] == "author"} == {
        ask(reader, "/v1/posts/p7")["post"]["author"]
    }
    dates = [item["published"] or "" for item in more if item["reason"] == "recent"]
    assert dates == sorted(dates, reverse=True)


def test_with_a_fallback_an_unknown_post_is_no_error(reader: FlaskClient) -> None:
    """A page that was not found is answered from the words of its address, then the newest."""
    url = "https://blog.example/old/2019/moon-mirror-99.html"
    assert reader.get("/v1/related?" + urlencode({"url": url})).status_code == 404
    found = ask(reader, "/v1/related", url=url, fallback="search,recent", limit=50)
    assert found["post"] is None
    reasons = [item["reason"] for item in found["items"]]
    assert reasons[0] == "search"
    first = found["items"][0]
    assert "moon" in (first["title"] + first["excerpt"]).lower()
    only_recent = ask(reader, "/v1/related", id="nobody", fallback="recent")["items"]
    assert [item["reason"] for item in only_recent] == ["recent"] * 5
    assert ids(only_recent) == ids(ask(reader, "/v1/posts", limit=5)["items"])


@pytest.fixture
def linked(
    make_app: Callable[..., Flask], tmp_path: Path, train_posts: Callable[..., None]
) -> FlaskClient:
    """A client of three posts on one subject: one links to two, and three to one."""
    texts = {
        "one": 'Rye bread with <a href="/two/">more rye bread</a>.',
        "two": "Rye bread of rye.",
        "three": 'Rye bread from <a href="/one/">the first rye bread</a>.',
    }
    train_posts(
        tmp_path,
        [
            Post(id=name, url=f"/{name}/", title=f"Rye bread {name}", html=html, language="en")
            for name, html in texts.items()
        ],
    )
    return make_app(tmp_path).test_client()


def test_posts_that_are_linked_already_can_be_left_out(linked: FlaskClient) -> None:
    """What the post links to makes room for the next best; what links to it stays."""
    assert set(ids(ask(linked, "/v1/related", id="one")["items"])) == {"two", "three"}
    left = ask(linked, "/v1/related", id="one", exclude_linked="true")["items"]
    assert ids(left) == ["three"]


def test_fields_and_excerpt_length(reader: FlaskClient) -> None:
    """Only the members asked for are sent, in their usual order, of the post and of the items."""
    found = ask(reader, "/v1/related", id="p1", fields="score,title,id", excerpt_length=3)
    assert list(found["post"]) == ["id", "title"]
    assert all(list(item) == ["id", "title", "score"] for item in found["items"])
    short = ask(reader, "/v1/related", id="p1", excerpt_length=3)["items"]
    for item, plain in zip(short, ask(reader, "/v1/related", id="p1")["items"], strict=True):
        assert item["excerpt"] == " ".join(plain["excerpt"].split()[:3]) + "…"
        assert {**item, "excerpt": ""} == {**plain, "excerpt": ""}
    assert ask(reader, "/v1/posts/p1", excerpt_length=0)["post"]["excerpt"] == ""


def test_explanations_multiply_to_the_score(reader: FlaskClient) -> None:
    """Shares sum to at most one, and similarity and factors give the score."""
    found = ask(reader, "/v1/related", id="p1", explain="true", tag="red")["items"]
    for item in found:
        why = item["explanation"]
        shares = [term["share"] for term in why["terms"]]
        assert shares == sorted(shares, reverse=True)
        assert sum(shares) <= 1.001
        assert why["n_terms"] >= len(why["terms"]) > 0
        final = item["similarity"] * why["time_factor"] * why["title_factor"] * why["damping"]
        assert item["score"] == pytest.approx(to_scores(np.array([final]))[0], abs=2e-4)


def test_explanations_and_fields(reader: FlaskClient) -> None:
    """Whoever asks for explanations gets them, by ``explain``, by ``fields`` or by both."""
    asked: dict[str, Any] = {"id": "p1", "tag": "red"}
    whole = ask(reader, "/v1/related", **asked, explain="true")["items"]
    expected = [{"id": item["id"], "explanation": item["explanation"]} for item in whole]
    assert expected
    for more in (
        {"explain": "1", "fields": "id"},
        {"explain": "1", "fields": "id,explanation"},
        {"fields": "explanation,id"},
    ):
        assert ask(reader, "/v1/related", **asked, **more)["items"] == expected
    # Where nothing is a match, there is nothing to explain.
    assert ask(reader, "/v1/posts", fields="id,explanation", limit=1)["items"][0].keys() == {"id"}


def test_a_fallback_looks_only_at_posts_that_pass(
    reader: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many posts there are, those that a filter leaves out are not gone through."""
    made: list[int] = []

    class Noted(selection.Chosen):
        __slots__ = ()

        def __init__(self, row: int, *values: Any, **named: Any) -> None:
            made.append(row)
            super().__init__(row, *values, **named)

    monkeypatch.setattr(selection, "Chosen", Noted)
    filling = "author,category,tag,recent"
    asked: dict[str, Any] = {"id": "p1", "fallback": filling, "limit": 50}
    assert ask(reader, "/v1/related", **asked, tag="nobody")["items"] == []
    assert made == []
    found = ask(reader, "/v1/related", **asked, published_after="2025-11-01")["items"]
    assert 0 < len(found) < 50
    assert len(made) <= len(filling.split(",")) * (len(found) + 1)


def test_posts_are_listed_by_date(reader: FlaskClient) -> None:
    """Pages join to the whole list, newest first; total counts what passes the filters."""
    everything = ask(reader, "/v1/posts", limit=50)
    assert everything["total"] == 60
    rest = ask(reader, "/v1/posts", limit=50, offset=50)["items"]
    whole = everything["items"] + rest
    assert len(set(ids(whole))) == 60
    dates = [item["published"] or "" for item in whole]
    assert dates == sorted(dates, reverse=True)
    backwards = ask(reader, "/v1/posts", limit=50, order="oldest")["items"]
    assert ids(backwards) == ids(whole)[::-1][:50]
    german = ask(reader, "/v1/posts", language="de", not_category="news", limit=50)
    expected = [p for p in whole if p["language"] == "de" and "News" not in p["categories"]]
    assert german["items"] == expected
    assert german["total"] == len(expected)


def test_one_post(reader: FlaskClient) -> None:
    """A post as lists show it; an unknown one is a problem."""
    listed = ask(reader, "/v1/posts", limit=1)["items"][0]
    assert ask(reader, f"/v1/posts/{listed['id']}")["post"] == listed
    assert reader.get("/v1/posts/nobody").status_code == 404


def test_posts_whose_ids_end_in_related(client: FlaskClient) -> None:
    """An id that ends in /related, encoded, is a post; its list has /related behind it."""
    path = "/v1/posts/a%2Frelated"
    raw = {"environ_overrides": {"RAW_URI": path}}
    assert client.get(path, **raw).get_json()["post"]["id"] == "a/related"
    raw = {"environ_overrides": {"RAW_URI": f"{path}/related"}}
    assert "items" in client.get(f"{path}/related", **raw).get_json()


def test_search(reader: FlaskClient) -> None:
    """Posts with the words, best first, in every language; total counts them all."""
    found = ask(reader, "/v1/search", q="Mirrors MOON", limit=50)
    assert found["total"] >= len(found["items"]) > 3
    scores = [item["score"] for item in found["items"]]
    assert scores == sorted(scores, reverse=True)
    assert {item["language"] for item in found["items"]} == {"en", "de"}
    best = found["items"][0]
    assert "moon" in (best["title"] + best["excerpt"]).lower()
    second = ask(reader, "/v1/search", q="Mirrors MOON", offset=2, limit=3)["items"]
    assert second == found["items"][2:5]
    german = ask(reader, "/v1/search", q="moon", language="de", limit=50)
    assert {item["language"] for item in german["items"]} == {"de"}
    nothing = ask(reader, "/v1/search", q="xylophone !!")
    assert (nothing["total"], nothing["items"]) == (0, [])


def test_a_search_counts_what_it_shows(reader: FlaskClient) -> None:
    """With a least score, total is the number of posts that reach it, on whatever page."""
    found = ask(reader, "/v1/search", q="moon mirror", limit=50)["items"]
    for least in (0.0, found[1]["score"] - 1e-4, found[4]["score"] + 1e-4, 0.9999):
        reaching = [item for item in found if item["score"] >= least]
        for offset in (0, 1, 40):
            some = ask(
                reader, "/v1/search", q="moon mirror", limit=3, offset=offset, min_score=least
            )
            assert some["items"] == reaching[offset : offset + 3]
            if len(found) < 50:
                assert some["total"] == len(reaching)


def test_equal_questions_have_equal_tags(reader: FlaskClient) -> None:
    """A tag depends on what is asked, not on how it is written; each parameter changes it."""

    def tag(query: str) -> str:
        response = reader.get(f"/v1/related?id=p1{query}")
        assert response.status_code == 200, response.text
        known = {"If-None-Match": response.headers["ETag"]}
        again = reader.get(f"/v1/related?id=p1{query}", headers=known)
        assert (again.status_code, again.data) == (304, b"")
        return response.headers["ETag"]

    different = [
        *("", "&limit=4", "&offset=1", "&exclude=p2", "&tag=red", "&not_tag=red", "&category=cafe"),
        *("&author=ada", "&language=de", "&published_after=2025-01-01", "&past_only=1"),
        *("&published_before=2025-01-01", "&same_author=1", "&min_score=0.1", "&diversity=0.5"),
        *("&fallback=recent", "&fields=id", "&excerpt_length=3", "&explain=1", "&recent=3+years"),
    ]
    tags = [tag(query) for query in different]
    assert len(set(tags)) == len(tags)
    assert tag("&past_only=true&limit=5") == tag("&limit=05&past_only=1")
    assert tag("&explain=false&offset=0") == tag("")
    assert tag("&exclude=p2&exclude=p3&exclude=none") == tag("&exclude=p3&exclude=p2")
