"""What people decided holds on every route, whatever else is asked for."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient

from related_posts.archive import Archive
from related_posts.cli import cli
from related_posts.curation.publish import publish_state
from related_posts.curation.rules import Rule

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def curated(
    make_app: Callable[..., Flask], tmp_path: Path, train_varied: Callable[..., None]
) -> tuple[FlaskClient, Callable[..., None]]:
    """A client of a built version, and a way to decide something about its posts."""
    train_varied(tmp_path, neighbours=3)

    def decide(*rules: Rule, withdrawn: str = "") -> None:
        with Archive(tmp_path) as archive:
            with archive.writing(NOW) as update:
                for rule in rules:
                    update.put_rule(rule)
                if withdrawn:
                    update.withdraw(withdrawn)
            publish_state(archive, tmp_path)

    return make_app(tmp_path).test_client(), decide


def ids(client: FlaskClient, path: str, **body: Any) -> list[str]:
    """Ids of the items of an answer."""
    response = client.post(path, json=body) if body else client.get(path)
    assert response.status_code == 200, response.text
    return [item["id"] for item in response.get_json()["items"]]


def test_a_withdrawn_post_is_nowhere(curated: Any) -> None:
    """Not found, not listed, not searched, not exported, in no list and no fallback."""
    client, decide = curated
    asked = [
        "/v1/related?id=p1&tag=red&limit=50",
        "/v1/posts?limit=50",
        "/v1/search?q=moon&limit=50",
        "/v1/related?id=nobody&fallback=recent&limit=50",
    ]
    common = set.intersection(*(set(ids(client, path)) for path in asked))
    gone = sorted(common - {"p1"})[0]
    slug = client.get(f"/v1/posts/{gone}").get_json()["post"]["url"].rstrip("/").rpartition("/")[2]
    tags = {path: client.get(path).headers["ETag"] for path in asked}
    decide(withdrawn=gone)
    for path in asked:
        assert gone not in ids(client, path)
        assert client.get(path).headers["ETag"] != tags[path]
    assert client.get("/v1/posts?limit=1").get_json()["total"] == 59
    for path in (f"/v1/posts/{gone}", f"/v1/related?id={gone}&tag=red", f"/v1/related?slug={slug}"):
        assert client.get(path).status_code == 404
    assert gone not in ids(client, "/v1/related?limit=50", title="moon mirror")
    batch = client.post("/v1/related/batch", json={"posts": [gone]}).get_json()["results"]
    assert batch[0]["problem"]["status"] == 404
    assert f'"id":"{gone}"' not in client.get("/v1/export.jsonl").text


def test_a_withdrawn_post_is_not_on_the_page_of_the_widget(curated: Any) -> None:
    """The newest posts to try the widget with are those that may be seen."""
    client, decide = curated
    newest = client.get("/v1/posts?limit=2").get_json()["items"]
    assert all(f'"{post["id"]}"' in client.get("/widget/").text for post in newest)
    decide(withdrawn=newest[0]["id"])
    page = client.get("/widget/").text
    assert f'"{newest[0]["id"]}"' not in page
    assert f'"{newest[1]["id"]}"' in page


def test_pins_stand_in_filtered_lists_that_they_pass(curated: Any) -> None:
    """A pinned post takes its place if it passes the filters; paging shows it once."""
    client, decide = curated
    path = "/v1/related?id=p1&category=cafe"
    plain = ids(client, f"{path}&limit=20")
    decide(Rule(kind="pin", post=plain[9], under="p1", position=2))
    found = client.get(f"{path}&limit=20").get_json()["items"]
    assert found[1]["reason"] == "pinned"
    rest = [id_ for id_ in plain if id_ != plain[9]]
    whole = [item["id"] for item in found]
    assert whole == [rest[0], plain[9], *rest[1:]]
    pages = [ids(client, f"{path}&limit=4&offset={offset}") for offset in range(0, 20, 4)]
    assert [id_ for page in pages for id_ in page] == whole
    assert plain[9] not in ids(client, "/v1/related?id=p1&not_category=cafe&limit=50")
    assert plain[9] not in ids(client, f"{path}&exclude={plain[9]}&limit=50")


def test_blocked_and_muted_posts_stay_so(curated: Any) -> None:
    """A blocked post is in no fallback either; a muted one shows no list, not even a filled one."""
    client, decide = curated
    newest = ids(client, "/v1/posts?limit=2&language=en")
    decide(Rule(kind="block", post=newest[0]), Rule(kind="mute", post="p5"))
    filled = "min_score=1&fallback=recent&limit=50"
    shown = ids(client, f"/v1/related?id=p1&{filled}")
    assert newest[0] not in shown
    assert newest[1] in shown
    assert ids(client, f"/v1/related?id=p5&{filled}") == []


def test_a_pin_further_down_leaves_its_place(curated: Any) -> None:
    """The best post pinned at place 9 is there and on no page before; nobody is left out."""
    client, decide = curated
    path = "/v1/related?id=p1&category=cafe"
    plain = ids(client, f"{path}&limit=20")
    decide(Rule(kind="pin", post=plain[0], under="p1", position=9))
    pages = [ids(client, f"{path}&limit=4&offset={offset}") for offset in range(0, 20, 4)]
    assert [id_ for page in pages for id_ in page] == [*plain[1:9], plain[0], *plain[9:]]


def test_others_come_for_those_that_go(curated: Any) -> None:
    """A list that is too short for what was blocked is as long as before, with the next best."""
    client, decide = curated
    path = "/v1/related?id=p1&limit=3"
    first = ids(client, path)
    expected = ids(client, f"{path}&exclude={first[0]}")
    assert len(expected) == len(first) == 3
    decide(Rule(kind="block", post=first[0], under="p1"))
    assert ids(client, path) == expected
    assert ids(client, "/v1/posts/p1/related?limit=3") == expected


def test_pages_with_a_cornerstone_fit_together(curated: Any) -> None:
    """Short lists are kept here, and a page from them fits one that was worked out."""
    client, decide = curated
    whole = ids(client, "/v1/related?id=p1&limit=30")
    decide(Rule(kind="cornerstone", post=whole[-1]))
    assert ids(client, "/v1/related?id=p1&limit=3")[2] == whole[-1]
    pages = [ids(client, f"/v1/related?id=p1&limit=3&offset={offset}") for offset in (0, 3, 6)]
    shown = [id_ for page in pages for id_ in page]
    assert shown == [*whole[:2], whole[-1], *whole[2:8]]


RULES = (
    Rule(kind="block", post="p7"),
    Rule(kind="block", post="p10", under="p9"),
    Rule(kind="block", post="p11", under="p9"),
    Rule(kind="pin", post="p20", position=2),
    Rule(kind="pin", post="p21", under="p9", position=9),
    Rule(kind="pin", post="p22", under="p13", position=1),
    Rule(kind="mute", post="p30"),
    Rule(kind="cornerstone", post="p40"),
)


@pytest.mark.parametrize("neighbours", [3, 50])
@pytest.mark.parametrize("rules", [RULES[:3], RULES[3:7], RULES], ids=["blocks", "pins", "all"])
def test_files_and_pages_hold_what_is_answered(
    make_app: Callable[..., Flask],
    tmp_path: Path,
    train_varied: Callable[..., None],
    neighbours: int,
    rules: tuple[Rule, ...],
) -> None:
    """Export, folder and preview are filled up as answers are, for every post and any length.

    Of what is kept for a post some goes by what people decided; the next best take its place.
    """
    train_varied(tmp_path, neighbours=neighbours)
    with Archive(tmp_path) as archive:
        with archive.writing(NOW) as update:
            for rule in rules:
                update.put_rule(rule)
            update.withdraw("p3")
        publish_state(archive, tmp_path)
    media = tmp_path / "media"
    media.mkdir()
    client = make_app(tmp_path, preview=media).test_client()
    answers = {
        limit: {
            f"p{n}": client.get(f"/v1/related?id=p{n}&limit={limit}") for n in range(60) if n != 3
        }
        for limit in (2, 3, 6, 50)
    }
    for limit, lists in answers.items():
        asked = ["export", "--data", str(tmp_path), "--limit", str(limit), "--out"]
        lines = CliRunner().invoke(cli, [*asked, "-"]).stdout
        assert client.get(f"/v1/export.jsonl?limit={limit}").text == lines
        exported = {line["id"]: line["related"] for line in map(json.loads, lines.splitlines())}
        answered = {id_: answer.get_json()["items"] for id_, answer in lists.items()}
        for items in answered.values():
            for item in items:
                for name in item.keys() - {"id", "score", "reason"}:
                    del item[name]
        assert exported == answered
        folder = tmp_path / f"lists of {limit}"
        assert CliRunner().invoke(cli, [*asked, str(folder)]).exit_code == 0
        names = json.loads((folder / "index.json").read_text())["ids"]
        assert {id_: (folder / name).read_bytes() for id_, name in names.items()} == {
            id_: answer.data for id_, answer in lists.items()
        }
    for answer in answers[6].values():
        found = answer.get_json()
        page = client.get("/", query_string={"id": found["post"]["id"]}).text
        section = page.partition('<aside class="related"')[2].partition("</aside>")[0]
        shown = dict.fromkeys(re.findall(r'href="([^"]+)"', section))
        assert list(shown) == [urlsplit(item["url"]).path for item in found["items"]]
