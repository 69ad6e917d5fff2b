"""Limits and trust: who counts as one client, when it is refused, and who is believed."""

from __future__ import annotations

import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from related_posts.keys import KEYS_FILE, Keys
from service.ops.limits import PAUSE_SECONDS, Limits, client_of
from service.ops.proxies import Proxies

NOW = datetime(2020, 1, 1, tzinfo=UTC)
PATH = "/v1/related?id=no-slash"


def asker(app: Flask, **headers: str) -> Callable[..., int]:
    """Ask from an address; the status."""
    client = app.test_client()

    def ask(address: str, path: str = PATH) -> int:
        environ = {"REMOTE_ADDR": address}
        return client.get(path, environ_overrides=environ, headers=headers).status_code

    return ask


def test_one_client_too_many_requests(make_app: Any, shared_folder: Path) -> None:
    """The fourth request in a minute is refused as a problem; other addresses go on."""
    app = make_app(shared_folder, rate_limit="3/minute")
    ask = asker(app)
    assert [ask("192.0.2.1") for _ in range(4)] == [200, 200, 200, 429]
    assert ask("192.0.2.2") == 200
    refused = app.test_client().get(PATH, environ_overrides={"REMOTE_ADDR": "192.0.2.1"})
    found = refused.get_json()
    assert found["type"] == "urn:related-posts:problem:too-many-requests"
    assert found["status"] == refused.status_code == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert refused.headers["Cache-Control"] == "no-store"
    assert refused.headers["Access-Control-Allow-Origin"] == "*"
    assert refused.headers["X-Request-ID"]
    assert refused.headers["X-Content-Type-Options"] == "nosniff"


def test_errors_count_and_machines_do_not(make_app: Any, shared_folder: Path) -> None:
    """Guessing ids is limited too; health checks and scrapes never are."""
    ask = asker(make_app(shared_folder, rate_limit="2/hour"))
    assert [ask("127.0.0.1", "/v1/related?id=nobody") for _ in range(3)] == [404, 404, 429]
    for path in ("/healthz", "/readyz", "/metrics"):
        assert [ask("127.0.0.1", path) for _ in range(5)] == [200] * 5


def test_several_rates(make_app: Any, shared_folder: Path) -> None:
    """Of several rates the strictest decides."""
    ask = asker(make_app(shared_folder, rate_limit="100/second;3/hour"))
    assert [ask("192.0.2.1") for _ in range(5)] == [200, 200, 200, 429, 429]


def test_a_key_is_a_client_of_its_own(make_app: Any, data_folder: Path) -> None:
    """A key counts alone, wherever it comes from; one that is not in force is no key."""
    keys = Keys(data_folder)
    app = make_app(data_folder, rate_limit="2/hour")
    one, other = (keys.create(["read"], now=NOW)[1] for _ in range(2))
    past = keys.create(["read"], expires=NOW + timedelta(days=1), now=NOW)[1]
    bearing = asker(app, Authorization=f"Bearer {one}")
    assert [bearing(f"192.0.2.{number}") for number in range(3)] == [200, 200, 429]
    assert [asker(app, **{"X-Api-Key": other})("192.0.2.1") for _ in range(3)] == [200, 200, 429]
    wrong = [past, one[:-1] + "!", f"rp_00000000_{'x' * 43}"]
    statuses = [asker(app, Authorization=f"Bearer {key}")("192.0.2.9") for key in wrong]
    assert statuses == [200, 200, 429]
    assert asker(app)("192.0.2.9") == 429
    assert asker(app)("192.0.2.1") == 200


def test_damaged_keys_limit_by_address(make_app: Any, data_folder: Path) -> None:
    """Where keys cannot be read, readers are told apart by address and still answered."""
    key = Keys(data_folder).create(["read"], now=NOW)[1]
    (data_folder / KEYS_FILE).write_text("{")
    ask = asker(make_app(data_folder, rate_limit="1/hour"), Authorization=f"Bearer {key}")
    assert [ask("192.0.2.1"), ask("192.0.2.1"), ask("192.0.2.2")] == [200, 429, 200]


@pytest.mark.parametrize(
    ("address", "client"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("", ""),
        ("nonsense", "nonsense"),
    ],
)
def test_what_is_one_client(address: str, client: str) -> None:
    """Nobody escapes by changing the end of an IPv6 address."""
    assert client_of(address) == client


def test_a_storage_that_is_down_refuses_nobody() -> None:
    """Where Redis does not answer, readers are answered."""
    limits = Limits("1/hour", "redis://127.0.0.1:1")
    assert [limits.retry_after("a") for _ in range(3)] == [None, None, None]


def test_a_storage_that_hangs_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Redis that takes connections and says nothing costs one reader a short wait, not all."""
    monkeypatch.setattr("service.ops.limits.WAIT_SECONDS", 0.01)
    now = [0.0]
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"redis://127.0.0.1:{silent.getsockname()[1]}"
        limits = Limits("1/hour;2/hour", address, lambda: now[0])
        for _ in range(50):
            assert limits.retry_after("a") is None
        assert len(caplog.records) == 1
        now[0] += PAUSE_SECONDS
        assert limits.retry_after("a") is None
    assert len(caplog.records) == 2


@pytest.mark.parametrize("storage", ["nonsense", "nowhere://x", ""])
def test_a_storage_that_is_none(storage: str) -> None:
    """An address of no known kind is a clear error."""
    with pytest.raises(ValueError, match="storage"):
        Limits("1/hour", storage)


@pytest.mark.parametrize(
    ("trusted", "remote", "forwarded", "client"),
    [
        ((), "127.0.0.1", "192.0.2.1", "127.0.0.1"),
        (("1",), "127.0.0.1", "192.0.2.1", "192.0.2.1"),
        (("1",), "127.0.0.1", "6.6.6.6, 192.0.2.1", "192.0.2.1"),
        (("2",), "127.0.0.1", "6.6.6.6, 192.0.2.1, 10.0.0.1", "192.0.2.1"),
        (("2",), "127.0.0.1", "192.0.2.1", ""),
        (("1",), "127.0.0.1", "192.0.2.1:4711", "192.0.2.1"),
        (("1",), "127.0.0.1", "unknown", ""),
        (("1",), "127.0.0.1", '"[2001:db8::1]:4711"', "2001:db8::1"),
        (("127.0.0.0/8",), "127.0.0.1", "6.6.6.6, [2001:db8::1]:4711, 127.0.0.9:80", "2001:db8::1"),
        (("127.0.0.0/8",), "127.0.0.1", "6.6.6.6, 192.0.2.1:4711", "192.0.2.1"),
        (("1",), "127.0.0.1", "", "127.0.0.1"),
        (("127.0.0.0/8", "10.0.0.0/8"), "127.0.0.1", "6.6.6.6, 192.0.2.1, 10.0.0.1", "192.0.2.1"),
        (("127.0.0.0/8",), "192.0.2.9", "6.6.6.6", "192.0.2.9"),
        (("127.0.0.0/8",), "127.0.0.1", "6.6.6.6, nonsense", ""),
        (("127.0.0.0/8",), "127.0.0.1", "127.0.0.2, 127.0.0.3", "127.0.0.2"),
        (("::1/128",), "::1", "2001:db8::1", "2001:db8::1"),
    ],
)
def test_whom_to_believe(
    trusted: tuple[str, ...], remote: str, forwarded: str, client: str
) -> None:
    """Only what trusted proxies have added counts, never what a client wrote before it."""
    environ = {
        "REMOTE_ADDR": remote,
        "wsgi.url_scheme": "http",
        "HTTP_X_FORWARDED_FOR": forwarded,
        "HTTP_X_FORWARDED_PROTO": "https",
        "HTTP_X_FORWARDED_HOST": "evil.example",
        "HTTP_HOST": "blog.example",
    }
    proxies = Proxies(trusted)
    if proxies:
        proxies.apply(environ)
    assert environ["REMOTE_ADDR"] == client
    assert environ["HTTP_HOST"] == "blog.example"
    believed = bool(trusted) and (trusted[0].isdigit() or remote.startswith(("127.", "::1")))
    if trusted != ("2",):
        assert environ["wsgi.url_scheme"] == ("https" if believed else "http")


def test_a_forged_address_changes_nothing(make_app: Any, shared_folder: Path) -> None:
    """Without trusted proxies a client is its address, whatever it claims."""
    app = make_app(shared_folder, rate_limit="2/hour")
    statuses = [asker(app, **{"X-Forwarded-For": f"10.0.0.{n}"})("192.0.2.1") for n in range(3)]
    assert statuses == [200, 200, 429]
    behind = make_app(shared_folder, rate_limit="2/hour", trusted_proxies="1")
    statuses = [asker(behind, **{"X-Forwarded-For": f"10.0.0.{n}"})("192.0.2.1") for n in range(3)]
    assert statuses == [200, 200, 200]
