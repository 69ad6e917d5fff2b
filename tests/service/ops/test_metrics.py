"""Metrics: what is counted, added up over workers, shown, to whom, and documented."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families

from service.ops.counters import BUCKETS, MOST_WAITING, Counters
from service.ops.exposition import Metrics, render
from service.ops.front import pattern_of
from service.ops.shared import Report, Shared, make_folder, sweep

RUNNING = Path(__file__).resolve().parents[3] / "docs" / "running.md"


def samples(client: Any, **asked: Any) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Every sample of ``/metrics`` by its name and labels."""
    answer = client.get("/metrics", **asked)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def requests_of(found: dict[Any, float], route: str, status: int) -> float:
    """The number of answers of a route with a status."""
    labels = (("route", route), ("status", str(status)))
    return found.get(("related_posts_requests_total", labels), 0)


def test_requests_are_counted_by_route_and_status(app: Flask) -> None:
    """Both ways through the service count, and no address ever becomes a label."""
    client = app.test_client()
    tag = client.get("/v1/related?id=no-slash").headers["ETag"]
    client.get("/v1/related?id=no-slash", headers={"If-None-Match": tag})
    client.get("/v1/related?id=no-slash&exclude=related")
    client.get("/v1/posts/no-slash/related")
    for number in range(20):
        client.get(f"/nowhere/{number}")
        client.open("/v1/related", method=f"M{number}")
    found = samples(client)
    assert requests_of(found, "/v1/related", 200) == 2
    assert requests_of(found, "/v1/related", 304) == 1
    assert requests_of(found, "/v1/posts/{id}/related", 200) == 1
    assert requests_of(found, "(unmatched)", 404) == 20
    assert requests_of(found, "(unmatched)", 405) == 20
    routes = {dict(labels).get("route") for _, labels in found} - {None}
    rules = {pattern_of(rule.rule) for rule in app.url_map.iter_rules()}
    assert routes <= rules | {"(unmatched)"}
    count = found["related_posts_request_seconds_count", (("route", "/v1/related"),)]
    assert count == 3


def test_what_is_served_is_told(app: Flask, make_app: Any, empty_folder: Path) -> None:
    """Version, age, posts and workers; without a version, no age and no post."""
    client = app.test_client()
    version = client.get("/v1/related?id=no-slash").get_json()["version"]
    found = samples(client)
    assert found["related_posts_version_workers", (("version", version),)] == 1
    assert found["related_posts_version_age_seconds", ()] > 0
    assert found["related_posts_posts", ()] == 60
    assert found["related_posts_workers", ()] == 1
    assert found["related_posts_reload_failing", ()] == 0
    nothing = samples(make_app(empty_folder).test_client())
    assert nothing["related_posts_version_age_seconds", ()] != 0
    assert nothing["related_posts_posts", ()] == 0


def test_a_version_that_does_not_open_is_told(make_app: Any, data_folder: Path) -> None:
    """A published version that fails is counted, and the gauge stays until it is mended."""
    app = make_app(data_folder)
    client = app.test_client()
    client.get("/healthz")
    (data_folder / "current").write_text("20990101T000000Z-00000000\n")
    app.extensions["related_posts"].refresh()
    found = samples(client)
    assert found["related_posts_reload_errors_total", ()] >= 1
    assert found["related_posts_reload_failing", ()] == 1


def test_empty_lists_are_counted(make_app: Any, empty_folder: Path, publish: Any) -> None:
    """A post without a neighbour is an answer that an operator wants to know of."""
    from related_posts.posts import Post

    publish(empty_folder, posts=[Post(id="alone", url="https://blog.example/alone", title="A")])
    client = make_app(empty_folder).test_client()
    assert client.get("/v1/related?id=alone").get_json()["items"] == []
    assert client.get("/v1/posts/alone/related").get_json()["items"] == []
    assert samples(client)["related_posts_empty_lists_total", ()] == 2


def test_what_became_of_lists_is_counted(
    make_app: Any, tmp_path: Path, train_varied: Callable[..., None]
) -> None:
    """Filled up from a fallback, and empty: for addresses, texts and each of a batch."""
    train_varied(tmp_path)
    client = make_app(tmp_path).test_client()
    nothing_fits = "min_score=1&limit=3"

    def counted() -> tuple[float, float]:
        found = samples(client)
        names = ("fallbacks", "empty_lists")
        fallbacks, empty = (found[f"related_posts_{name}_total", ()] for name in names)
        return fallbacks, empty

    assert client.get("/v1/related?id=p1&limit=3").get_json()["items"]
    assert counted() == (0, 0)
    assert client.get(f"/v1/related?id=p1&{nothing_fits}&fallback=recent").get_json()["items"]
    assert client.get("/v1/related?id=nobody&fallback=recent").get_json()["items"]
    assert counted() == (2, 0)
    assert client.get(f"/v1/related?id=p1&{nothing_fits}").get_json()["items"] == []
    text = client.post(f"/v1/related?{nothing_fits}", json={"title": "zzz qqq"})
    assert text.get_json()["items"] == []
    assert counted() == (2, 2)
    client.post(f"/v1/related/batch?{nothing_fits}", json={"posts": ["p1", "p2", "nobody"]})
    assert counted() == (2, 4)
    # A page behind the end of a whole list, with a fallback that has nothing to add.
    path = f"/v1/related?id=p1&{nothing_fits}&fallback=author&author=nobody"
    assert client.get(path).get_json()["items"] == []
    assert counted() == (2, 5)


def test_buckets_are_cumulative_and_exact() -> None:
    """A duration on a bound counts in that bucket, and each bucket holds those below."""
    counters = Counters()
    for seconds in (0.0, 0.0001, 0.00011, 0.5, 11.0):
        counters.answered("/a", 200, seconds)
    totals = counters.totals()
    content, _ = render(Metrics([Report(totals)], type(totals)(), 0.0), "text/plain")
    pattern = r'request_seconds_bucket\{le="([^"]+)",route="/a"\} (\S+)'
    found = dict(re.findall(pattern, content.decode()))
    assert [float(found[str(bound)]) for bound in BUCKETS[:3]] == [2, 3, 3]
    assert (float(found["0.5"]), float(found["10.0"]), float(found["+Inf"])) == (4, 4, 5)
    assert sum(totals.seconds.values()) == pytest.approx(11.50021)


def test_counting_needs_bounded_memory() -> None:
    """However many requests nobody asks about, only so many wait to be added up."""
    counters = Counters()
    for _ in range(2 * MOST_WAITING + 100):
        counters.answered("/a", 200, 0.01)
    assert len(counters._waiting) <= MOST_WAITING
    assert counters.totals().requests["/a", 200] == 2 * MOST_WAITING + 100


def report(n: int) -> Report:
    """A report that has counted n answers."""
    counters = Counters()
    for _ in range(n):
        counters.answered("/a", 200, 0.01)
    counters.happened("empty_lists", n)
    return Report(counters.totals(), "v1", 5.0, 60)


def test_workers_add_up_and_ended_ones_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sums are of all workers, never fall when one ends, and leave one file in all."""
    parent = Shared(tmp_path)
    for number in range(1, 6):
        monkeypatch.setattr("os.getpid", lambda number=number: 1000 + number)
        Shared(tmp_path).write(report(number))
    monkeypatch.undo()

    def count() -> tuple[float, int]:
        reports, ended = parent.others()
        whole = Metrics(reports, ended, 10.0)._totals
        return whole.requests["/a", 200], whole.events["empty_lists"]

    assert count() == (15, 15)
    for number in range(1, 6):
        parent.ended(1000 + number)
        assert count() == (15, 15)
        assert len(parent.others()[0]) == 5 - number
    parent.ended(1003)
    assert count() == (15, 15)
    assert [path.name for path in tmp_path.iterdir()] == ["ended.json"]


def test_a_report_read_while_it_is_added_counts_once(tmp_path: Path) -> None:
    """A worker's file that the ended ones have taken in already is left out."""
    worker = Shared(tmp_path)
    worker.write(report(3))
    (own,) = tmp_path.iterdir()
    content = own.read_bytes()
    parent = Shared(tmp_path)
    import os

    parent.ended(os.getpid())
    own.write_bytes(content)
    reports, ended = parent.others()
    assert (reports, ended.requests["/a", 200]) == ([], 3)


def test_a_broken_report_is_left_out(tmp_path: Path) -> None:
    """Half a file costs its own counts and nothing else."""
    (tmp_path / "worker-7-ab.json").write_text("{")
    (tmp_path / "worker-8-ab.json").write_text("[]")
    (tmp_path / "something else").write_text("")
    assert Shared(tmp_path).others()[0] == []


def test_a_folder_that_is_cleared_away_comes_back(tmp_path: Path) -> None:
    """Who clears the scratch folder costs the counts of ended workers, and no answer."""
    folder = make_folder(tmp_path)
    worker, parent = Shared(folder), Shared(folder)
    worker.write(report(1))
    shutil.rmtree(folder)
    assert parent.others()[0] == []
    worker.write(report(2))
    assert folder.stat().st_mode & 0o777 == 0o700
    (found,) = parent.others()[0]
    assert found.totals.requests["/a", 200] == report(2).totals.requests["/a", 200]
    shutil.rmtree(folder)
    parent.ended(4_000_000)
    assert parent.others()[0] == []


def test_folders_of_the_killed_are_swept(tmp_path: Path) -> None:
    """A folder whose process is gone is removed; that of a running one stays."""
    mine = make_folder(tmp_path)
    dead = tmp_path / "related-posts-999999999-x"
    dead.mkdir()
    sweep(tmp_path)
    assert list(tmp_path.iterdir()) == [mine]


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("::ffff:127.0.0.1", {}, 200),
        ("192.0.2.1", {}, 403),
        ("", {}, 403),
        ("127.0.0.1", {"X-Forwarded-For": "192.0.2.1"}, 403),
        ("127.0.0.1", {"Forwarded": "for=192.0.2.1"}, 403),
    ],
)
def test_only_listed_addresses_may_read(
    app: Flask, address: str, headers: dict[str, str], status: int
) -> None:
    """By default this machine alone, and not what a proxy on it passes on."""
    environ = {"REMOTE_ADDR": address}
    answer = app.test_client().get("/metrics", headers=headers, environ_overrides=environ)
    assert answer.status_code == status


@pytest.mark.parametrize("trusted", ["1", "2", "127.0.0.0/8"])
@pytest.mark.parametrize(
    "told",
    [
        {"X-Forwarded-For": "192.0.2.1:4711"},
        {"X-Forwarded-For": "unknown"},
        {"Forwarded": "for=192.0.2.1"},
        {"Via": "1.1 proxy"},
    ],
)
def test_a_proxy_that_tells_no_address_opens_nothing(
    make_app: Callable[..., Flask], shared_folder: Path, trusted: str, told: dict[str, str]
) -> None:
    """Whoever comes through a trusted proxy on this machine is not this machine."""
    client = make_app(shared_folder, trusted_proxies=trusted).test_client()
    environ = {"REMOTE_ADDR": "127.0.0.1"}
    answer = client.get("/metrics", headers=told, environ_overrides=environ)
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "given", [None, "", "Bearer", "Bearer x", "Basic é", "bearer  " + "k" * 20]
)
def test_a_token_is_asked_for(
    make_app: Callable[..., Flask], shared_folder: Path, given: str | None
) -> None:
    """With a token, the token alone decides, from any address."""
    client = make_app(shared_folder, metrics_token="k" * 20).test_client()
    headers = {} if given is None else {"Authorization": given}
    answer = client.get("/metrics", headers=headers, environ_overrides={"REMOTE_ADDR": "192.0.2.1"})
    if given is not None and given.endswith("k" * 20):
        assert answer.status_code == 200
    else:
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert "k" * 20 not in answer.text


def test_metrics_can_be_switched_off(make_app: Callable[..., Flask], shared_folder: Path) -> None:
    """Off, there is no such address."""
    assert make_app(shared_folder, metrics=False).test_client().get("/metrics").status_code == 404


def test_openmetrics_for_who_prefers_it(app: Flask) -> None:
    """A scraper that asks for OpenMetrics gets it."""
    accept = {"Accept": "application/openmetrics-text; version=1.0.0"}
    answer = app.test_client().get("/metrics", headers=accept)
    assert answer.content_type.startswith("application/openmetrics-text")
    assert answer.text.endswith("# EOF\n")


def test_the_page_lists_every_metric(app: Flask) -> None:
    """The table in the documents has each metric once, and no other."""
    families = text_string_to_metric_families(app.test_client().get("/metrics").text)
    types = {
        family.name + ("_total" if family.type == "counter" else ""): family.type
        for family in families
    }
    rows = re.findall(r"^\| `(related_posts_\w+)` \| (\w+) \|", RUNNING.read_text("utf-8"), re.M)
    assert dict(rows) == types
    assert len(rows) == len(types)
