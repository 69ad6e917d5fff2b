"""Counting: what a page may report, how it adds up, and what is left after a crash."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from playwright.sync_api import Page

from related_posts.cli import cli
from related_posts.errors import ConfigError
from service import create_app
from service.settings import ServiceSettings
from service.snapshot import EXTENSION as SNAPSHOT
from service.widget.counting.counts import FILE_NAME, KEPT_DAYS, add, sums
from service.widget.counting.report import MOST_BYTES, Shown
from service.widget.counting.route import EXTENSION
from service.widget.counting.tally import MOST_KEYS, Tally

POST = "/2019/01/proving-dough-in-a-cold-kitchen/"
ORIGIN = "https://blog.example"


@pytest.fixture
def data(trained: Path, tmp_path: Path) -> Path:
    """A data folder of this test alone, with the version of the bundled blog."""
    for name in ("versions", "current"):
        (tmp_path / name).symlink_to(trained / name)
    return tmp_path


@pytest.fixture
def client(data: Path) -> Iterator[FlaskClient]:
    """A client of a service that counts for one origin."""
    settings = ServiceSettings(data=data, reload_seconds=3600, count_origins=ORIGIN)
    app = create_app(settings)
    yield app.test_client()
    app.extensions[EXTENSION].stop()
    app.extensions[SNAPSHOT].stop()


def answer(client: FlaskClient) -> tuple[str, list[str]]:
    """The version, and the ids related to the post."""
    found = client.get(f"/v1/related?id={POST}&limit=4").get_json()
    return found["version"], [item["id"] for item in found["items"]]


def send(client: FlaskClient, body: Any, origin: str | None = ORIGIN) -> int:
    """Send a report as a beacon does; the status."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"Content-Type": "text/plain;charset=UTF-8"}
    if origin is not None:
        headers["Origin"] = origin
    response = client.post("/v1/events", data=content, headers=headers)
    assert response.status_code == 204 or response.mimetype == "application/problem+json"
    assert "Set-Cookie" not in response.headers
    return response.status_code


def stored(data: Path) -> list[tuple[Any, ...]]:
    """Every row of the file."""
    if not (data / FILE_NAME).exists():
        return []
    database = sqlite3.connect(data / FILE_NAME)
    rows = database.execute("SELECT * FROM counts ORDER BY position").fetchall()
    database.close()
    return rows


def test_a_report_is_counted(client: FlaskClient, data: Path) -> None:
    """Views and clicks end up as sums of the day, by version, post, item and position."""
    version, ids = answer(client)
    report = {"version": version, "post": POST, "views": [[1, ids[0]], [3, ids[2]]]}
    assert send(client, report) == 204
    assert send(client, {**report, "clicks": [[3, ids[2]]]}) == 204
    client.application.extensions[EXTENSION].flush()
    today = datetime.now(UTC).date().isoformat()
    assert stored(data) == [
        (today, version, POST, ids[0], 1, 2, 0),
        (today, version, POST, ids[2], 3, 2, 1),
    ]


def test_off_unless_asked_for(data: Path) -> None:
    """Without the setting there is no such route, and nothing is written."""
    app = create_app(ServiceSettings(data=data, reload_seconds=3600))
    assert app.test_client().post("/v1/events", data=b"{}").status_code in (404, 405)
    assert stored(data) == []
    app.extensions[SNAPSHOT].stop()


def test_not_for_every_origin() -> None:
    """The setting takes origins, and refuses "all"."""
    with pytest.raises(ConfigError):
        ServiceSettings.load({"count_origins": "*"})


@pytest.mark.parametrize("origin", [None, "", "null", "https://evil.example", ORIGIN + ".evil"])
def test_other_origins_are_refused(client: FlaskClient, data: Path, origin: str | None) -> None:
    """Only pages of the origins that were named are counted."""
    version, ids = answer(client)
    report = {"version": version, "post": POST, "views": [[1, ids[0]]]}
    assert send(client, report, origin) == 403
    client.application.extensions[EXTENSION].flush()
    assert stored(data) == []


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"version": "20200101T000000Z-00000000"}, 400),
        ({"version": 7}, 400),
        ({"post": "/nowhere/"}, 404),
        ({"post": None}, 400),
        ({"views": [[1, "/nowhere/"]]}, 404),
        ({"views": [[1, POST]]}, 400),
        ({"views": [["1", "ID"]]}, 400),
        ({"views": [[True, "ID"]]}, 400),
        ({"views": [[0, "ID"]]}, 400),
        ({"views": [[51, "ID"]]}, 400),
        ({"views": [[1, "ID"], [1, "ID"]]}, 400),
        ({"clicks": [[1, ["ID"]]]}, 400),
        ({"views": {"1": "ID"}}, 400),
        ({"views": [[1]]}, 400),
        ({"views": 5}, 400),
    ],
)
def test_what_cannot_be_is_refused(
    client: FlaskClient, data: Path, change: dict[str, Any], status: int
) -> None:
    """Unknown versions, posts and items, impossible positions and other shapes count nothing."""
    version, ids = answer(client)
    text = json.dumps({"version": version, "post": POST, "views": [[1, "ID"]], **change})
    assert send(client, text.replace("ID", ids[0]).encode()) == status
    client.application.extensions[EXTENSION].flush()
    assert stored(data) == []


@pytest.mark.parametrize("body", [b"", b"x", b"[]", b"null", b'"x"', b"\xff", b"{}", b"[" * 9000])
def test_other_bodies_are_refused(client: FlaskClient, body: bytes) -> None:
    """What is no report is refused without a mistake of ours."""
    assert send(client, body) == 400


def test_caps(client: FlaskClient) -> None:
    """A body has a most length, and an address a most number of reports."""
    assert send(client, b" " * (MOST_BYTES + 1)) == 413
    statuses = [send(client, b"x") for _ in range(80)]
    assert statuses.count(429) >= 20
    assert set(statuses) == {400, 429}
    refused = client.post("/v1/events", data=b"x", headers={"Origin": ORIGIN})
    assert 1 <= int(refused.headers["Retry-After"]) <= 120


def test_addresses_are_not_kept(client: FlaskClient) -> None:
    """What the limiter holds has no trace of an address."""
    send(client, b"x")
    events = client.application.view_functions["events"].__self__  # type: ignore[attr-defined]
    assert "127.0.0.1" not in repr(vars(events._limits._limiter.storage))


def shown(position: int = 1, item: str = "/a/") -> Shown:
    """One item of some list."""
    return Shown("v", "/p/", item, position)


def test_processes_add_up(tmp_path: Path) -> None:
    """Four processes that count at once lose nothing to each other."""
    script = (
        "import sys; from pathlib import Path\n"
        "from service.widget.counting.tally import Tally\n"
        "from service.widget.counting.report import Shown\n"
        "tally = Tally(Path(sys.argv[1]))\n"
        "for n in range(40):\n"
        "    tally.count([Shown('v', 'p', 'a', 1)] * 5, [Shown('v', 'p', 'a', 1)])\n"
        "    tally.flush()\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    running = [subprocess.Popen(command) for _ in range(4)]
    assert [process.wait(60) for process in running] == [0, 0, 0, 0]
    assert [row[-2:] for row in stored(tmp_path)] == [(800, 160)]


@pytest.mark.parametrize(("end", "expected"), [("sys.exit()", 8), ("os.kill(os.getpid(), 9)", 3)])
def test_what_is_left_of_a_process(tmp_path: Path, end: str, expected: int) -> None:
    """One that ends writes everything; one that is killed loses what was not yet flushed."""
    script = (
        "import os, sys; from pathlib import Path\n"
        "from service.widget.counting.tally import Tally\n"
        "from service.widget.counting.report import Shown\n"
        "tally = Tally(Path(sys.argv[1]))\n"
        "tally.count([Shown('v', 'p', 'a', 1)] * 3, [])\n"
        "tally.flush()\n"
        "tally.count([Shown('v', 'p', 'a', 1)] * 5, [])\n"
        f"{end}\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)])
    assert done.returncode in (0, -signal.SIGKILL)
    assert stored(tmp_path)[0][-2] == expected


def test_counts_are_read_after_a_kill(tmp_path: Path) -> None:
    """Half a write of a process that was killed is undone by whoever reads next."""
    add(tmp_path, [("2026-01-01", Shown("v", "a", "b", 1), 3, 1)])
    child = os.fork()
    if child == 0:
        database = sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)
        database.execute("PRAGMA cache_size = 1")
        database.execute("BEGIN")
        database.execute("UPDATE counts SET views = 99")
        for number in range(2_000):
            row = ("2026-01-01", "v", f"{number}", "x" * 200, 1, 1, 0)
            database.execute("INSERT INTO counts VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        os.kill(os.getpid(), signal.SIGKILL)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    assert (tmp_path / f"{FILE_NAME}-journal").stat().st_size > 0
    assert sums(tmp_path, "position", "2026-01-01", 1) == [(1, 3, 1)]


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    """Counts wait in memory, capped, and are written once the file can be."""
    (tmp_path / FILE_NAME).mkdir()
    tally = Tally(tmp_path)
    tally.count([shown()], [])
    tally.flush()
    tally.count([shown(), *(shown(item=str(n)) for n in range(MOST_KEYS + 5))], [])
    tally.flush()
    (tmp_path / FILE_NAME).rmdir()
    tally.stop()
    rows = {row[3]: row[5] for row in stored(tmp_path)}
    assert rows["/a/"] == 2
    assert len(rows) == MOST_KEYS


def test_old_days_go(tmp_path: Path) -> None:
    """Counts of more than 400 days ago are dropped as new ones come."""
    add(tmp_path, [("2024-01-01", shown(), 1, 0), ("2024-01-02", shown(), 1, 0)])
    later = datetime(2024, 1, 2) + timedelta(days=KEPT_DAYS)
    add(tmp_path, [(later.date().isoformat(), shown(), 1, 0)])
    assert [row[0] for row in stored(tmp_path)] == ["2024-01-02", later.date().isoformat()]


def run_report(data: Path, *options: str) -> Any:
    """The command's result."""
    return CliRunner().invoke(cli, ["report", "--data", str(data), *options])


def test_the_report(tmp_path: Path) -> None:
    """Click-through by position, version, post and item, of the days asked for, and no others."""
    today = datetime.now(UTC).date()
    old = (today - timedelta(days=7)).isoformat()
    add(tmp_path, [
        (today.isoformat(), Shown("v2", "/p/", "/a/", 1), 100, 5),
        (today.isoformat(), Shown("v2", "/q/", "/b/", 2), 50, 80),
        (old, Shown("v1", "/p/", "/a/", 1), 100, 7),
    ])  # fmt: skip
    found = json.loads(run_report(tmp_path, "--json", "--days", "7").stdout)
    assert found["position"] == [
        {"position": 1, "views": 100, "clicks": 5, "click_through": 0.05},
        {"position": 2, "views": 50, "clicks": 50, "click_through": 1.0},
    ]
    assert [row["version"] for row in found["version"]] == ["v2"]
    found = json.loads(run_report(tmp_path, "--json", "--days", "8", "--limit", "1").stdout)
    assert [row["version"] for row in found["version"]] == ["v2", "v1"]
    assert found["post"] == [{"post": "/p/", "views": 200, "clicks": 12, "click_through": 0.06}]
    assert found["item"][0]["item"] == "/b/"
    text = run_report(tmp_path, "--days", "8").stdout
    assert "6.0%" in text
    assert "Click-through" in text


def test_reports_of_nothing_and_of_damage(tmp_path: Path) -> None:
    """Nothing counted is said in words; a damaged file is one clear sentence."""
    result = run_report(tmp_path)
    assert result.exit_code == 0
    assert "count_origins" in result.stdout
    assert json.loads(run_report(tmp_path, "--json").stdout)["position"] == []
    (tmp_path / FILE_NAME).write_bytes(b"no database" * 100)
    result = run_report(tmp_path)
    assert result.exit_code == 1
    assert FILE_NAME in result.output
    assert sums(tmp_path / "none", "post", "2024-01-01", 1) == []


#: Resolves once observers that were there before have been told what is in view.
_IN_VIEW = """new Promise((done) => new IntersectionObserver((_, observer) => {
  observer.disconnect();
  done();
}).observe(document.querySelector("related-posts")))"""


def test_a_real_reader(look: Callable[..., Page], stage: Any, trained: Path) -> None:
    """What stays in view for a second is seen once; a click is sent at once; nobody is named."""
    tally = stage.app.extensions[EXTENSION]
    page = look(
        '<!doctype html><html lang="en"><title>A post</title>'
        '<script type="module" src="http://related.test/widget.js"></script>'
        '<script type="module" src="http://related.test/widget-count.js"></script>'
        '<related-posts layout="text"></related-posts>',
        before=lambda page: (page.clock.install(time=0), page.clock.pause_at(1000)),
    )
    page.locator("related-posts a").first.wait_for()
    page.evaluate(_IN_VIEW)
    page.clock.run_for(900)
    page.evaluate("dispatchEvent(new Event('pagehide'))")
    assert [each for each in stage.asked if "/v1/events" in each] == []
    page.evaluate("document.querySelector('related-posts').setAttribute('layout', 'grid')")
    page.locator("related-posts ul.grid").wait_for()
    page.evaluate(_IN_VIEW)
    page.clock.run_for(2000)
    page.evaluate("addEventListener('click', (event) => event.preventDefault()); void 0")
    with page.expect_request("**/v1/events") as sent:
        page.locator("related-posts a").nth(1).click()
    response = sent.value.response()
    assert response is not None
    assert response.status == 204
    report = sent.value.post_data_json
    assert set(report) == {"version", "post", "views", "clicks"}
    assert [position for position, _ in report["views"]] == [1, 2, 3, 4]
    assert [position for position, _ in report["clicks"]] == [2]
    page.evaluate("dispatchEvent(new Event('pagehide'))")
    assert len([each for each in stage.asked if "/v1/events" in each]) == 1
    tally.flush()
    rows = stored(trained)
    assert [(row[4], row[5], row[6]) for row in rows] == [
        (1, 1, 0),
        (2, 1, 1),
        (3, 1, 0),
        (4, 1, 0),
    ]
