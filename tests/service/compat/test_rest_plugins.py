"""YARPP, Contextual Related Posts and ElasticPress: what themes read from them is all there."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator

from related_posts.curation.rules import Rule
from related_posts.curation.state import OVERLAY_FILE, State
from related_posts.posts import Post
from related_posts.wordpress.numbers import OURS, number_of, own_number
from service.description.document import document

YARPP = "/wp-json/yarpp/v1/related"
CRP = "/wp-json/contextual-related-posts/v1/posts"
EMBED = [
    *("id", "date", "slug", "type", "link", "title", "excerpt", "author", "featured_media"),
    *("score", "_links"),
]
VIEW = [
    *("id", "date", "date_gmt", "guid", "modified", "modified_gmt", "slug", "status", "type"),
    *("link", "title", "content", "excerpt", "author", "featured_media", "comment_status"),
    *("ping_status", "sticky", "template", "format", "meta", "categories", "tags", "score"),
    "_links",
]
RELATIONS = [
    *("self", "collection", "about", "author", "replies", "version-history", "wp:featuredmedia"),
    *("wp:attachment", "wp:term", "curies"),
]


def shape(value: Any) -> Any:
    """Names and kinds of a JSON value, in their order; of a list, its first entry's."""
    if isinstance(value, dict):
        return [(name, shape(one)) for name, one in value.items()]
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__


def ask(client: FlaskClient, path: str) -> Any:
    """The JSON of a successful answer."""
    response = client.get(path)
    assert response.status_code == 200, response.text
    assert response.content_type == "application/json; charset=UTF-8"
    return response.get_json()


def seven(items: list[dict[str, Any]]) -> dict[str, Any]:
    """The post that WordPress told everything of."""
    return next(item for item in items if item["id"] == 7)


def test_yarpp_sends_core_posts_with_scores(wordpress: FlaskClient) -> None:
    """A bare list, four by default, each with the eleven members in WordPress's order."""
    items = ask(wordpress, f"{YARPP}/6")
    assert [list(item) for item in items] == [EMBED] * 4
    assert [item["score"] for item in items] == sorted(
        (item["score"] for item in items), reverse=True
    )
    assert all(0 <= item["score"] <= 1 for item in items)
    item = seven(items)
    assert list(item["_links"]) == RELATIONS
    item.pop("_links")
    assert item.pop("score") > 0
    assert item == {
        "id": 7,
        "date": "2024-03-05T10:30:00",
        "slug": "rye-%e6%97%a5%e6%9c%ac",
        "type": "post",
        "link": "https://blog.example/7/",
        "title": {"rendered": "Rye &amp; &lt;wheat&gt;"},
        "excerpt": {"rendered": "<p>Two loaves &amp; one oven.</p>\n", "protected": False},
        "author": 50,
        "featured_media": 70,
    }


def test_the_view_context_has_the_whole_post(wordpress: FlaskClient) -> None:
    """Dates are the blog's own and in UTC; numbers, states and lists are as WordPress told them."""
    item = seven(ask(wordpress, f"{YARPP}/6?context=view"))
    assert list(item) == VIEW
    expected = {
        "date": "2024-03-05T10:30:00",
        "date_gmt": "2024-03-05T09:30:00",
        "guid": {"rendered": "https://blog.example/?p=7"},
        "modified": "2024-03-06T10:30:00",
        "modified_gmt": "2024-03-06T09:30:00",
        "status": "publish",
        "content": {"rendered": "<p>Two loaves &amp; one oven.</p>\n", "protected": False},
        "comment_status": "open",
        "ping_status": "closed",
        "sticky": False,
        "template": "",
        "format": "standard",
        "meta": [],
        "categories": [3],
        "tags": [11, 12],
    }
    assert {name: item[name] for name in expected} == expected


def test_embedded_are_people_pictures_and_terms(wordpress: FlaskClient) -> None:
    """``_embed`` adds what themes read: names, links, and a picture with its size."""
    found = seven(ask(wordpress, f"{YARPP}/6?_embed"))["_embedded"]
    assert list(found) == ["author", "wp:featuredmedia", "wp:term"]
    assert (found["author"][0]["name"], found["author"][0]["slug"]) == ("Ada Lovelace", "ada-l")
    (media,) = found["wp:featuredmedia"]
    assert media["id"] == 70
    assert media["source_url"] == "https://blog.example/i/rye.webp"
    assert (media["alt_text"], media["mime_type"]) == ("A loaf", "image/webp")
    details = media["media_details"]
    assert (details["width"], details["height"]) == (800, 600)
    assert details["sizes"]["full"]["source_url"] == media["source_url"]
    categories, tags = found["wp:term"]
    assert [(one["id"], one["name"], one["taxonomy"]) for one in categories] == [
        (3, "Bread", "category")
    ]
    assert [(one["id"], one["name"], one["slug"]) for one in tags] == [
        (11, "sour dough", "sour-dough"),
        (12, "oven", "oven"),
    ]
    assert tags[0]["link"] == "https://blog.example/tag/sour-dough/"


def test_embedding_goes_by_the_links_that_are_left(wordpress: FlaskClient) -> None:
    """Headless clients choose fields with dots; without ``_links`` nothing is embedded."""
    fields = "id,title,slug,categories,_embedded,_links.wp:featuredmedia,_links.wp:term"
    item = seven(ask(wordpress, f"{YARPP}/6?_embed=1&context=view&_fields={fields}"))
    assert list(item) == ["id", "slug", "title", "categories", "_links", "_embedded"]
    assert list(item["_links"]) == ["wp:featuredmedia", "wp:term"]
    assert list(item["_embedded"]) == ["wp:featuredmedia", "wp:term"]
    item = seven(ask(wordpress, f"{YARPP}/6?_embed=author&_fields[]=id&_fields[]=title.rendered"))
    assert item == {"id": 7, "title": {"rendered": "Rye &amp; &lt;wheat&gt;"}}
    item = seven(ask(wordpress, f"{YARPP}/6?_embed=wp:term"))
    assert list(item["_embedded"]) == ["wp:term"]
    assert seven(ask(wordpress, f"{YARPP}/6?_fields=id.x,_links.self.href")) == {
        "id": 7,
        "_links": {"self": []},
    }


def test_the_envelope_holds_status_and_headers(wordpress: FlaskClient) -> None:
    """Clients that see no header fields get them in the body, of errors as well."""
    found = ask(wordpress, f"{YARPP}/6?limit=2&_envelope")
    assert list(found) == ["body", "status", "headers"]
    assert (len(found["body"]), found["status"]) == (2, 200)
    assert found["headers"] == {"X-WP-Total": 2, "X-WP-TotalPages": 1, "Allow": "GET"}
    found = ask(wordpress, f"{YARPP}/999?_envelope")
    assert (found["status"], found["body"]["code"]) == (401, "rest_forbidden_context")


def test_header_fields_are_wordpresss(wordpress: FlaskClient) -> None:
    """Totals are sent and may be read across origins; answers may be kept and asked for again."""
    response = wordpress.get(f"{YARPP}/6?limit=3")
    assert response.headers["X-WP-Total"] == "3"
    assert response.headers["X-WP-TotalPages"] == "1"
    assert response.headers["Allow"] == "GET"
    assert response.headers["X-Robots-Tag"] == "noindex"
    assert len(response.headers.getlist("Access-Control-Expose-Headers")) == 1
    exposed = response.headers["Access-Control-Expose-Headers"]
    assert {"X-WP-Total", "X-WP-TotalPages", "Link"} <= set(exposed.split(", "))
    assert "max-age" in response.headers["Cache-Control"]
    tag = response.headers["ETag"]
    again = wordpress.get(f"{YARPP}/6?limit=3", headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    assert wordpress.get(f"{YARPP}/6?limit=4").headers["ETag"] != tag


@pytest.mark.parametrize("limit", ["0", "21", "-1"])
def test_a_limit_out_of_range_is_refused_as_by_wordpress(
    wordpress: FlaskClient, limit: str
) -> None:
    """400, with the parameter named three times over."""
    response = wordpress.get(f"{YARPP}/6?limit={limit}")
    message = "limit must be between 1 (inclusive) and 20 (inclusive)"
    details = {"limit": {"code": "rest_out_of_bounds", "message": message, "data": None}}
    assert (response.status_code, response.get_json()) == (
        400,
        {
            "code": "rest_invalid_param",
            "message": "Invalid parameter(s): limit",
            "data": {"status": 400, "params": {"limit": message}, "details": details},
        },
    )


@pytest.mark.parametrize("query", ["limit=", "limit=x", "limit=1e3", "limit=%ff", "context=all"])
def test_nonsense_is_refused_as_by_wordpress(wordpress: FlaskClient, query: str) -> None:
    """What is no number and no context is an invalid parameter, in WordPress's shape."""
    for path in (f"{YARPP}/6", f"{CRP}/6"):
        response = wordpress.get(f"{path}?{query}")
        found = response.get_json()
        assert (response.status_code, found["code"]) == (400, "rest_invalid_param")
        assert list(found["data"]) == ["status", "params", "details"]


@pytest.mark.parametrize(
    ("path", "names"),
    [
        (f"{YARPP}/6?context=all&limit=x", ["limit", "context"]),
        (f"{CRP}/6?context=all&limit=x", ["limit", "context"]),
        (f"{CRP}?id=x&context=all&limit=4", ["id", "context"]),
    ],
)
def test_all_that_does_not_fit_is_named_at_once(
    wordpress: FlaskClient, path: str, names: list[str]
) -> None:
    """WordPress looks at every parameter before it refuses, and says what may be done here."""
    response = wordpress.get(path)
    found = response.get_json()
    assert found["message"] == f"Invalid parameter(s): {', '.join(names)}"
    assert list(found["data"]["params"]) == list(found["data"]["details"]) == names
    assert response.headers["Allow"] == "GET"
    assert "Allow" not in wordpress.get(f"{YARPP}/999").headers


def test_unknown_posts_are_refused_as_by_each_plugin(wordpress: FlaskClient) -> None:
    """YARPP says that it may not be read, CRP that there is none; ElasticPress finds nothing."""
    for number in ("999", "0", "99999999999999999999999", "no-such", "%ff"):
        response = wordpress.get(f"{YARPP}/{number}?unknown=1")
        assert (response.status_code, response.get_json()) == (
            401,
            {
                "code": "rest_forbidden_context",
                "message": "Sorry, you are not allowed to read this post.",
                "data": {"status": 401},
            },
        )
        response = wordpress.get(f"{CRP}/{number}")
        assert (response.status_code, response.get_json()) == (
            404,
            {
                "code": "rest_post_invalid_id",
                "message": "Invalid post ID.",
                "data": {"status": 404},
            },
        )
        assert ask(wordpress, f"/wp-json/wp/v2/posts/{number}/related") == []


def test_nobody_may_edit(wordpress: FlaskClient) -> None:
    """The third context is for who is logged in."""
    for path in (YARPP, CRP):
        response = wordpress.get(f"{path}/6?context=edit")
        assert response.status_code == 401
        assert response.get_json()["code"] == "rest_forbidden_context"


def test_other_addresses_are_no_route(wordpress: FlaskClient) -> None:
    """What WordPress has and we do not, its root as well, and other methods, are its own 404."""
    roots = (("GET", "/wp-json/"), ("GET", "/wp-json"), ("POST", "/wp-json/"))
    for method, path in (*roots, ("GET", "/wp-json/wp/v2/users"), ("POST", f"{YARPP}/6")):
        response = wordpress.open(path, method=method)
        assert (response.status_code, response.get_json()["code"]) == (404, "rest_no_route")


def test_before_the_first_version(make_app: Callable[..., Flask], empty_folder: Path) -> None:
    """503 in WordPress's shape, and when to come back."""
    response = make_app(empty_folder).test_client().get(f"{YARPP}/6")
    assert (response.status_code, response.get_json()["data"]) == (503, {"status": 503})
    assert "Retry-After" in response.headers


def test_crp_sends_core_posts_without_scores(wordpress: FlaskClient) -> None:
    """Six by default, in the view context, by the path or the parameter."""
    items = ask(wordpress, f"{CRP}/6")
    assert [list(item) for item in items] == [[n for n in VIEW if n != "score"]] * 6
    assert ask(wordpress, f"{CRP}?id=6") == items
    assert len(ask(wordpress, f"{CRP}/6?limit=2&password=x&zzz")) == 2
    response = wordpress.get(CRP)
    assert (response.status_code, response.get_json()["code"]) == (
        400,
        "rest_missing_callback_param",
    )


def test_crp_leaves_out_posts_and_categories(wordpress: FlaskClient) -> None:
    """Posts by their number; categories by theirs, told or ours; the next best come instead."""
    everyone = {item["id"] for item in ask(wordpress, f"{CRP}/6?limit=29")}
    assert {7, 14, 21, 28} <= everyone
    without = {item["id"] for item in ask(wordpress, f"{CRP}/6?limit=29&exclude_post_ids=7, 8")}
    assert without == everyone - {7, 8}
    assert len(ask(wordpress, f"{CRP}/6?limit=5&exclude_post_ids=5,7")) == 5
    ours = own_number("category", "Bread")
    by_category = f"{CRP}/6?limit=29&exclude_categories"
    assert {item["id"] for item in ask(wordpress, f"{by_category}=3")} == everyone - {7}
    assert {item["id"] for item in ask(wordpress, f"{by_category}={ours}")} == everyone - {
        *(14, 21, 28)
    }
    assert ask(wordpress, f"{CRP}/6?post_types=page") == []
    assert len(ask(wordpress, f"{CRP}/6?post_types=page,post")) == 6
    assert ask(wordpress, f"{CRP}/7?same_author=true") == []


def test_elasticpress_sends_its_thirteen_members(wordpress: FlaskClient) -> None:
    """Five by default, with plain and rendered titles."""
    items = ask(wordpress, "/wp-json/wp/v2/posts/6/related")
    assert len(items) == 5
    assert list(seven(items)) == [
        *("id", "link", "status", "title", "author", "parent", "menu_order", "content", "date"),
        *("date_gmt", "modified", "modified_gmt"),
    ]
    assert seven(items)["title"] == {"raw": "Rye & <wheat>", "rendered": "Rye &amp; &lt;wheat&gt;"}
    assert len(ask(wordpress, "/wp-json/wp/v2/posts/6/related?number=2")) == 2


def test_posts_without_numbers_have_ours(client: FlaskClient) -> None:
    """A blog that is no WordPress is asked by its own ids or by numbers that are the same for ever.

    They are beyond what any blog counts to, and exact in JavaScript.
    """
    items = ask(client, f"{YARPP}/no-slash?limit=20")
    numbers = [item["id"] for item in items]
    assert all(OURS <= number < 2**53 for number in numbers)
    assert number_of(Post(id="no-slash", url="/x/")) == own_number("post", "no-slash")
    mine = own_number("post", "no-slash")
    assert ask(client, f"{YARPP}/{mine}?limit=20") == items
    assert mine not in numbers
    assert all(item["author"] == own_number("author", "Ada") for item in items)


def test_decisions_hold_on_every_route(
    make_app: Callable[..., Flask], publish: Callable[..., str], tmp_path: Path
) -> None:
    """A withdrawn post is unknown and in no list, a pinned one is first, a blocked one nowhere."""
    publish(tmp_path, posts=[Post(id=str(n), url=f"/{n}/", language="en") for n in range(1, 20)])
    rules = (Rule(kind="pin", post="15", under="6"), Rule(kind="block", post="8"))
    state = State(revision=1, rules=rules, withdrawn_ids=("7",))
    (tmp_path / OVERLAY_FILE).write_bytes(state.to_bytes())
    client = make_app(tmp_path).test_client()
    for path in (f"{YARPP}/6", f"{CRP}/6", "/wp-json/wp/v2/posts/6/related"):
        numbers = [item["id"] for item in ask(client, path)]
        assert numbers[0] == 15
        assert not {7, 8} & set(numbers)
    assert client.get(f"{YARPP}/7").status_code == 401
    assert client.get(f"{CRP}/7").status_code == 404
    assert ask(client, "/wp-json/wp/v2/posts/7/related") == []


def test_the_shapes_are_those_of_a_real_site(real: FlaskClient, shared: Path) -> None:
    """Key by key and kind by kind what WordPress 6.1 with both plugins answered."""
    recorded = shared / "wordpress"
    for name, path, query in (
        ("yarpp.json", YARPP, "limit=5"),
        ("yarpp_default.json", YARPP, ""),
        ("yarpp_context_view.json", YARPP, "context=view"),
        ("crp_first2.json", CRP, ""),
    ):
        theirs = json.loads((recorded / name).read_text("utf-8"))
        ours = ask(real, f"{path}/385?{query}")
        plain = shape([{**theirs[0], "score": 0.5}] if "score" in theirs[0] else theirs)
        assert shape(ours) == plain, name
    for name, path, status in (
        ("yarpp_404.json", f"{YARPP}/99999", 401),
        ("yarpp_protected.json", f"{YARPP}/99999", 401),
        ("yarpp_badlimit.json", f"{YARPP}/385?limit=50", 400),
    ):
        response = real.get(path)
        assert response.status_code == status
        assert response.get_json() == json.loads((recorded / name).read_text("utf-8")), name


def test_each_post_is_what_a_real_site_sends(real: FlaskClient, shared: Path) -> None:
    """Of the very same posts, everything but their texts and scores is equal to what it sent."""
    apart = {"title", "content", "excerpt", "score"}
    n_compared = 0
    for name, query in (("yarpp.json", "limit=20"), ("yarpp_context_view.json", "context=view")):
        for theirs in json.loads((shared / "wordpress" / name).read_text("utf-8")):
            # Whoever is related to it has it in a list of their own, too.
            (near,) = ask(real, f"{YARPP}/{theirs['id']}?limit=1")
            ours = {
                item["id"]: item for item in ask(real, f"{YARPP}/{near['id']}?{query}&limit=20")
            }
            if theirs["id"] in ours:
                mine = ours[theirs["id"]]
                n_compared += 1
                assert {k: v for k, v in mine.items() if k not in apart} == {
                    k: v for k, v in theirs.items() if k not in apart
                }
    assert n_compared >= 4


@pytest.mark.parametrize(
    "path",
    [
        f"{YARPP}/6",
        f"{YARPP}/6?context=view&_embed",
        f"{YARPP}/6?_fields=id,score,_links",
        f"{YARPP}/6?_envelope",
        f"{CRP}/6",
        f"{CRP}?id=6&_fields=title",
        "/wp-json/wp/v2/posts/6/related",
        "/wp-json/wp/v2/posts/6",
        "/wp-json/wp/v2/posts/6?_envelope",
        "/compat/jetpack?id=6",
        "/compat/jetpack?id=999",
        f"{YARPP}/999",
        f"{YARPP}/6?limit=21",
        f"{CRP}/999",
        CRP,
        f"{CRP}?id=x",
        "/compat/jetpack",
    ],
)
def test_answers_are_as_they_are_described(wordpress: FlaskClient, path: str) -> None:
    """What a known post gets, and every refusal, fits the description of its route."""
    response = wordpress.get(path)
    described = document()
    bare = path.partition("?")[0]
    template = next(
        each for each in described["paths"]
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", each), bare)
    )  # fmt: skip
    answers = described["paths"][template]["get"]["responses"][str(response.status_code)]
    schema = answers["content"]["application/json"]["schema"]
    whole = {**schema, "components": described["components"]}
    Draft202012Validator(whole).validate(response.get_json())
