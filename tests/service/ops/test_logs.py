"""Log lines: whole, in one line each, and without anything about a reader."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from related_posts.log_lines import MEMBERS, JsonLines, TextLines
from service.ops.logs import ACCESS

SECRETS = {
    "X-Forwarded-For": "192.0.2.77",
    "Referer": "https://private.example/diary",
    "User-Agent": "Reader/77",
    "Authorization": "Bearer rp_secret",
    "Cookie": "session=secret",
}


def record(message: str, **more: Any) -> logging.LogRecord:
    """A record with a message and more members."""
    made = logging.LogRecord("service", logging.ERROR, "x.py", 1, message, (), None)
    for name, value in more.items():
        setattr(made, name, value)
    return made


@pytest.mark.parametrize(
    "text", ["plain", 'quote" \\', "a\nb\r\nc", "\x1b[31mred", "\ud800", "é😀"]
)
def test_one_line_of_json(text: str) -> None:
    """Whatever a message holds, the line is one line and valid JSON."""
    line = JsonLines().format(record(text, request_id="r"))
    assert "\n" not in line
    found = json.loads(line)
    assert list(found)[:5] == ["time", "level", "logger", "pid", "message"]
    assert found["request_id"] == "r"
    if text != "\ud800":
        assert found["message"] == text


def test_a_traceback_is_a_member() -> None:
    """An exception does not break the line into many."""
    try:
        raise RuntimeError("why")
    except RuntimeError:
        made = record("it failed")
        made.exc_info = sys.exc_info()
    line = JsonLines().format(made)
    assert "\n" not in line
    assert json.loads(line)["exception"].endswith("RuntimeError: why")
    assert TextLines().format(made).endswith("RuntimeError: why")


def test_text_sends_nothing_to_the_terminal_but_text() -> None:
    """Control characters are shown, so that no request can move a cursor."""
    line = TextLines().format(record("\x1b[31mred\x07", route="/a"))
    assert "\x1b" not in line
    assert "\\x1b[31mred\\x07 route=/a" in line


def test_the_access_log_knows_no_reader(
    make_app: Callable[..., Flask], shared_folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A line has the request's id, route, status, time, size and version, and nothing else."""
    app = make_app(shared_folder, access_log=True)
    client = app.test_client()
    paths = ["/v1/related?id=no-slash", "/v1/posts/no-slash/related", "/secret-path?q=secret"]
    with caplog.at_level(logging.INFO, ACCESS.name):
        for path in paths:
            client.get(path, headers={**SECRETS, "X-Request-ID": "r-1"})
        client.open("/v1/related?id=secret", method="X\x1bSECRET")
    lines = [json.loads(JsonLines().format(each)) for each in caplog.records]
    assert len(lines) == 4
    for line in lines:
        assert set(line) == {"time", "level", "logger", "pid", "message", *MEMBERS}
    routes = [line["route"] for line in lines]
    assert routes[:3] == ["/v1/related", "/v1/posts/{id}/related", "(unmatched)"]
    assert [line["status"] for line in lines] == [200, 200, 404, 405]
    assert lines[0]["bytes"] == len(client.get(paths[0]).data)
    assert lines[0]["ms"] > 0
    for each in caplog.records:
        for line in (JsonLines().format(each), TextLines().format(each)):
            for secret in ("secret", "SECRET", "192.0.2", "127.0.0.1", "private", "Reader", "no-s"):
                assert secret not in line


def test_no_access_log_unless_asked(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    """By default a request leaves no line."""
    with caplog.at_level(logging.DEBUG, ACCESS.name):
        app.test_client().get("/v1/related?id=no-slash")
    assert caplog.records == []


def test_a_mistake_is_logged_by_route(
    app: Flask, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log of a mistake names route and request, not what was asked."""

    def fail(**asked: Any) -> Any:
        raise RuntimeError("why")

    monkeypatch.setattr(app.extensions["related_posts"].current(), "row", fail)
    headers = {**SECRETS, "X-Request-ID": "r-2"}
    assert app.test_client().get("/v1/related?id=asked", headers=headers).status_code == 500
    (line,) = [json.loads(JsonLines().format(each)) for each in caplog.records]
    assert (line["request_id"], line["route"]) == ("r-2", "/v1/related")
    assert "RuntimeError: why" in line["exception"]
    assert "asked" not in line["message"]
