"""Decisions laid over answers: at once, in every worker, on every version."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient

from related_posts.archive import Archive
from related_posts.cli import cli
from related_posts.curation.overlay import Overlay
from related_posts.curation.publish import publish_state
from related_posts.curation.rules import Rule
from related_posts.curation.state import OVERLAY_FILE, State
from related_posts.storage import Store
from service import overlays as overlays_module

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def client(make_app: Callable[..., Flask], data_folder: Path) -> FlaskClient:
    """A client of a service whose data folder is this test's alone."""
    return make_app(data_folder).test_client()


def decide(data: Path, *rules: Rule, withdrawn: tuple[str, ...] = (), url: str = "") -> None:
    """Write rules and withdrawals as a writer does: the archive, then the file."""
    with Archive(data) as archive:
        with archive.writing(NOW) as update:
            for rule in rules:
                update.put_rule(rule)
            for post_id in withdrawn:
                update.withdraw(post_id, url)
        publish_state(archive, data)


def items(client: FlaskClient, post: str = "no-slash", query: str = "") -> list[dict[str, Any]]:
    """The items of an answer."""
    response = client.get(f"/v1/related?id={post}{query}")
    assert response.status_code == 200, response.text
    return list(response.get_json()["items"])


def ids(client: FlaskClient, post: str = "no-slash", query: str = "") -> list[str]:
    """The ids of the items of an answer."""
    return [item["id"] for item in items(client, post, query)]


def test_a_withdrawn_post_vanishes_at_once(client: FlaskClient, data_folder: Path) -> None:
    """As an item, and as the post asked about, by id, by address and in the path."""
    first = ids(client)[0]
    url = items(client)[0]["url"]
    decide(data_folder, withdrawn=(first,))
    assert first not in ids(client, query="&limit=50")
    assert len(ids(client)) == 5
    for path in (f"/v1/related?id={first}", f"/v1/related?url={url}"):
        response = client.get(path)
        assert response.status_code == 404
        assert response.get_json()["type"] == "urn:related-posts:problem:unknown-post"


def test_it_stays_hidden_after_a_rollback(
    client: FlaskClient, data_folder: Path, publish: Any, posts: Any
) -> None:
    """Whatever version is live: a newer one without it, and the older one that holds it."""
    old = Store(data_folder).current_name()
    gone = ids(client)[0]
    decide(data_folder, withdrawn=(gone,))
    publish(data_folder, posts=[post for post in posts if post.id != gone])
    client.application.extensions["related_posts"].refresh()
    assert gone not in ids(client, query="&limit=50")
    Store(data_folder).publish(old)
    client.application.extensions["related_posts"].refresh()
    assert client.get("/v1/related?id=no-slash").get_json()["version"] == old
    assert gone not in ids(client, query="&limit=50")
    assert client.get(f"/v1/related?id={gone}").status_code == 404


def test_it_is_hidden_under_an_earlier_id(client: FlaskClient, data_folder: Path) -> None:
    """A version may know the post by another id; its address is the same."""
    first = items(client)[0]
    decide(data_folder, withdrawn=("renamed since",), url=first["url"])
    assert first["id"] not in ids(client, query="&limit=50")


def test_an_alias_is_no_place(
    make_app: Callable[..., Flask], empty_folder: Path, publish: Any, posts: Any
) -> None:
    """A withdrawn address hides no post that merely was there before."""
    moved = replace(posts[1], aliases=("https://blog.example/old/",))
    publish(empty_folder, posts=[posts[0], moved, *posts[2:]])
    client = make_app(empty_folder).test_client()
    decide(empty_folder, withdrawn=("old",), url="https://blog.example/old/")
    assert client.get(f"/v1/related?id={moved.id}").status_code == 200


def test_public_again_is_seen_again(client: FlaskClient, data_folder: Path, posts: Any) -> None:
    """Writing the post takes the withdrawal back with the next request."""
    before = client.get("/v1/related?id=no-slash")
    gone = before.get_json()["items"][0]["id"]
    decide(data_folder, withdrawn=(gone,))
    with Archive(data_folder) as archive:
        with archive.writing(NOW) as update:
            update.put(next(post for post in posts if post.id == gone))
        publish_state(archive, data_folder)
    after = client.get("/v1/related?id=no-slash")
    assert (after.data, after.headers["ETag"]) == (before.data, before.headers["ETag"])


def test_a_pin_stands_where_it_was_put(client: FlaskClient, data_folder: Path) -> None:
    """At its place, with its reason and with real scores, on every page of the list."""
    before = ids(client)
    decide(data_folder, Rule(kind="pin", post="/post/9/", under="no-slash", position=2))
    found = items(client)
    assert [item["id"] for item in found] == [before[0], "/post/9/", *before[1:4]]
    assert found[1]["reason"] == "pinned"
    assert 0 < found[1]["similarity"] <= 1
    assert 0 < found[1]["score"] <= 1
    assert [item for item in found if "reason" in item] == [found[1]]
    # Not in other lists, and not where the page shows it already.
    assert "/post/9/" not in ids(client, "%2Frelated")
    assert ids(client, query="&exclude=/post/9/") == before


def test_a_pinned_neighbour_keeps_its_numbers(client: FlaskClient, data_folder: Path) -> None:
    """A pin moves a post that is ranked anyway, and changes nothing else of it."""
    before = items(client)
    decide(data_folder, Rule(kind="pin", post=before[3]["id"], under="no-slash"))
    assert items(client)[0] == {**before[3], "reason": "pinned"}


def test_a_pin_everywhere_is_in_every_list_but_its_own(
    client: FlaskClient, data_folder: Path
) -> None:
    """A campaign; a pin of the list itself comes before it at the same place."""
    decide(data_folder, Rule(kind="pin", post="/post/9/"))
    decide(data_folder, Rule(kind="pin", post="/post/8/", under="related"))
    assert ids(client)[0] == "/post/9/"
    assert ids(client, "related")[:2] == ["/post/8/", "/post/9/"]
    assert "/post/9/" not in ids(client, "/post/9/")


def test_a_pin_ends(
    client: FlaskClient, data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From its moment on the list and its tag are as if it had never been."""
    before = client.get("/v1/related?id=no-slash")
    soon = datetime.now(UTC) + timedelta(hours=1)
    decide(data_folder, Rule(kind="pin", post="/post/9/", under="no-slash", until=soon))
    assert ids(client)[0] == "/post/9/"

    class Later(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return soon

    monkeypatch.setattr(overlays_module, "time", soon.timestamp)
    monkeypatch.setattr(overlays_module, "datetime", Later)
    after = client.get("/v1/related?id=no-slash")
    assert (after.data, after.headers["ETag"]) == (before.data, before.headers["ETag"])


def test_blocks_and_mutes(client: FlaskClient, data_folder: Path) -> None:
    """Out of one list, out of all lists, and no list at all; each still found when asked."""
    first, second = ids(client)[:2]
    other = ids(client, "related")
    decide(data_folder, Rule(kind="block", post=first, under="no-slash"))
    assert first not in ids(client, query="&limit=50")
    assert ids(client, "related") == other
    decide(data_folder, Rule(kind="block", post=second))
    assert second not in ids(client, "related", "&limit=50")
    assert client.get(f"/v1/related?id={second}").status_code == 200
    decide(data_folder, Rule(kind="mute", post="no-slash"))
    assert ids(client) == []


def test_a_block_outweighs_a_pin(client: FlaskClient, data_folder: Path) -> None:
    """What must not be seen is not put first."""
    decide(data_folder, Rule(kind="pin", post="/post/9/"), Rule(kind="block", post="/post/9/"))
    assert "/post/9/" not in ids(client, query="&limit=50")


def test_a_cornerstone_gets_its_place(client: FlaskClient, data_folder: Path) -> None:
    """In a list where it is related, below the cut: at the last of five places."""
    before = items(client, query="&limit=50")
    decide(data_folder, Rule(kind="cornerstone", post=before[20]["id"]))
    found = items(client)
    assert found[:4] == before[:4]
    assert found[4] == {**before[20], "reason": "cornerstone"}


def test_the_entity_tag_follows_every_decision(client: FlaskClient, data_folder: Path) -> None:
    """No cache confirms a list from before a decision, and equal decisions have equal tags."""
    tags = [client.get("/v1/related?id=no-slash").headers["ETag"]]
    rule = Rule(kind="pin", post="/post/9/", under="no-slash")
    decisions = [rule, Rule(kind="pin", post="/post/9/", under="no-slash", position=2), rule]
    for decision in decisions:
        decide(data_folder, decision)
        old = client.get("/v1/related?id=no-slash", headers={"If-None-Match": tags[-1]})
        assert old.status_code == 200
        tags.append(old.headers["ETag"])
    assert len(set(tags)) == 3
    assert tags[1] == tags[3]


def test_rules_for_posts_to_come_change_nothing(client: FlaskClient, data_folder: Path) -> None:
    """A post that was curated ahead of its training is waited for."""
    before = client.get("/v1/related?id=no-slash")
    decide(data_folder, Rule(kind="pin", post="tomorrow", under="no-slash"),
           Rule(kind="mute", post="tomorrow"), withdrawn=("never seen",))  # fmt: skip
    after = client.get("/v1/related?id=no-slash")
    assert (after.data, after.headers["ETag"]) == (before.data, before.headers["ETag"])
    with Store(data_folder).open() as index:
        state = State(0, (Rule(kind="pin", post="tomorrow", under="no-slash"),))
        assert Overlay(index, state, NOW).unknown == ("tomorrow",)


def test_a_site_wide_pin_keeps_to_its_language(
    empty_folder: Path, publish: Any, posts: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lists hold one language, and a pin of every list is no exception."""
    publish(empty_folder, posts=posts)
    with Store(empty_folder).open() as index:
        overlay = Overlay(index, State(0, (Rule(kind="pin", post="/post/9/"),)), NOW)
        numbers = [0] * index.n_posts
        pinned = index.row(id="/post/9/")
        monkeypatch.setattr(type(index), "languages", numbers)
        assert overlay.apply(0, [1], [0.5], [0.5], 5)[0].row == pinned
        numbers[pinned] = 1
        assert [one.row for one in overlay.apply(0, [1], [0.5], [0.5], 5)] == [1]


def test_a_pin_passes_the_requests_filters(data_folder: Path) -> None:
    """What a request filters out is not let in by a pin."""
    with Store(data_folder).open() as index:
        overlay = Overlay(index, State(0, (Rule(kind="pin", post="/post/9/"),)), NOW)
        pinned = index.row(id="/post/9/")
        found = overlay.apply(0, [1, 2], [0.5, 0.4], [0.5, 0.4], 5, allowed=lambda row: row < 5)
        assert [one.row for one in found] == [1, 2]
        assert overlay.apply(0, [1], [0.5], [0.5], 5, allowed=lambda row: True)[0].row == pinned


def test_a_damaged_file_keeps_what_was_decided(
    make_app: Callable[..., Flask], data_folder: Path
) -> None:
    """A worker that knows better goes on and says so; one that knows nothing answers 503."""
    client = make_app(data_folder).test_client()
    gone = ids(client)[0]
    decide(data_folder, withdrawn=(gone,))
    assert gone not in ids(client)
    (data_folder / OVERLAY_FILE).write_bytes(b"damaged")
    assert gone not in ids(client)
    assert "overlay is damaged" in client.get("/readyz").get_json()["reload_error"]
    fresh = make_app(data_folder).test_client()
    assert fresh.get("/v1/related?id=no-slash").status_code == 503
    decide(data_folder)
    for each in (client, fresh):
        assert gone not in ids(each)
        assert each.get("/readyz").get_json()["reload_error"] is None


class Interrupted(overlays_module.Overlays):
    """Overlays in one thread, where another does something just after it has read the file."""

    interruption: Callable[[], object] | None = None

    @property
    def problem(self) -> str | None:  # type: ignore[override]  # set in the midst of reading
        return None

    @problem.setter
    def problem(self, value: str | None) -> None:
        interruption, self.interruption = self.interruption, None
        if interruption is not None:
            interruption()


def test_a_slower_thread_brings_nothing_back(
    data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thread that has read the file before it was replaced undoes nothing for the others."""
    overlays, file = Interrupted(data_folder), data_folder / OVERLAY_FILE
    decide(data_folder, withdrawn=("plus+and space",))
    old_status, old_state = file.stat(), overlays_module.read_state(data_folder)
    decide(data_folder, withdrawn=("no-slash",))
    with Store(data_folder).open() as index:

        def come_late() -> None:
            with monkeypatch.context() as patch:
                patch.setattr(overlays_module.os, "stat", lambda _: old_status)
                patch.setattr(overlays_module, "read_state", lambda _: old_state)
                overlays.over(index)

        overlays.interruption = come_late
        for _ in range(2):
            overlay = overlays.over(index)
            assert overlay is not None
            assert overlay.is_masked(index.row(id="no-slash"))


def test_a_file_that_cannot_be_looked_at_is_not_gone(
    client: FlaskClient, data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was withdrawn stays so while the disk makes mistakes; who never knew answers 503."""
    look = os.stat

    def fail(path: Any, **options: Any) -> os.stat_result:
        if str(path).endswith(OVERLAY_FILE):
            raise OSError(errno.EIO, "Input/output error")
        return look(path, **options)

    path = "/v1/related?id=no-slash"
    with monkeypatch.context() as patch:
        patch.setattr(overlays_module.os, "stat", fail)
        assert client.get(path).status_code == 503
    decide(data_folder, withdrawn=("no-slash",))
    assert client.get(path).status_code == 404
    with monkeypatch.context() as patch:
        patch.setattr(overlays_module.os, "stat", fail)
        assert client.get(path).status_code == 404
        assert "Input/output" in client.get("/readyz").get_json()["reload_error"]
    assert client.get(path).status_code == 404
    assert client.get("/readyz").get_json()["reload_error"] is None


@pytest.mark.parametrize("is_mount", [False, True])
def test_a_folder_that_goes_takes_no_decision_along(
    client: FlaskClient, data_folder: Path, is_mount: bool
) -> None:
    """Where the data folder vanishes, what was withdrawn stays so, as the version does.

    An unmounted folder leaves an empty one. When it is back, what was decided meanwhile holds.
    """
    first, second, shown = ids(client)[:3]
    decide(data_folder, withdrawn=(first,))
    assert ids(client)[0] == second
    elsewhere = data_folder.rename(data_folder.with_name("elsewhere"))
    if is_mount:
        data_folder.mkdir()
    for _ in range(2):
        assert ids(client)[0] == second
        assert client.get("/v1/related", query_string={"id": first}).status_code == 404
        assert client.get("/readyz").get_json()["reload_error"]
    decide(elsewhere, withdrawn=(second,))
    if is_mount:
        data_folder.rmdir()
    elsewhere.rename(data_folder)
    assert ids(client)[0] == shown
    assert client.get("/readyz").get_json()["reload_error"] is None
    # Without the file in a folder that is there, nothing is decided.
    (data_folder / OVERLAY_FILE).unlink()
    assert ids(client)[0] == first


def test_a_request_costs_one_look_at_the_file(
    client: FlaskClient, data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is read when it was replaced, and an overlay made once a version."""
    made: list[Overlay] = []

    class Counted(Overlay):
        def __init__(self, *values: Any) -> None:
            made.append(self)
            super().__init__(*values)

    monkeypatch.setattr(overlays_module, "Overlay", Counted)
    for _ in range(3):
        ids(client)
    assert made == []
    decide(data_folder, withdrawn=("/post/9/",))
    for _ in range(3):
        ids(client)
    assert len(made) == 1


def test_export_and_terminal_show_the_same(data_folder: Path, tmp_path: Path) -> None:
    """Files and the terminal hold what the service answers, without what was withdrawn."""
    decide(
        data_folder,
        Rule(kind="pin", post="/post/9/", under="no-slash"),
        withdrawn=("/related",),
    )

    def run(*words: object) -> Any:
        done = CliRunner().invoke(cli, [*map(str, words), "--data", str(data_folder)])
        return done

    lines = run("export", "--out", "-", "--limit", 3).stdout.splitlines()
    lists = {line["id"]: line["related"] for line in map(json.loads, lines)}
    assert "/related" not in lists
    assert not any(item["id"] == "/related" for one in lists.values() for item in one)
    assert (lists["no-slash"][0]["id"], lists["no-slash"][0]["reason"]) == ("/post/9/", "pinned")
    out = tmp_path / "lists"
    assert run("export", "--out", out).exit_code == 0
    index = json.loads((out / "index.json").read_text())
    assert "/related" not in index["ids"]
    assert len(index["ids"]) == len(list(out.glob("*.json"))) - 1
    first = json.loads((out / index["ids"]["no-slash"]).read_text())["items"][0]
    assert (first["id"], first["reason"]) == ("/post/9/", "pinned")
    shown = run("related", "no-slash", "--limit", 2).stdout
    assert shown.splitlines()[1].endswith("pinned")
    explained = run("related", "no-slash", "--explain").stdout
    assert "pinned by people; without them it is at place" in explained
    refused = run("related", "/related")
    assert refused.exit_code == 1
    assert "was withdrawn" in refused.output


def test_the_preview_hides_it_too(
    make_app: Callable[..., Flask], data_folder: Path, tmp_path: Path
) -> None:
    """A withdrawn post is on no page of the preview, its own included."""
    (tmp_path / "media").mkdir()
    client = make_app(data_folder, preview=tmp_path / "media").test_client()
    assert client.get("/1/").status_code == 200
    assert 'href="/1/"' in client.get("/0/").text
    decide(data_folder, withdrawn=("no-slash",))
    assert client.get("/1/").status_code == 404
    assert client.get("/?id=no-slash").status_code == 404
    for page in ("/", "/0/", "/2/", "/?tag=one"):
        assert 'href="/1/"' not in client.get(page).text
