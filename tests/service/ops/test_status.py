"""``GET /v1/status``."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from related_posts.ledger import LEDGER_FILE, Held, Ledger, Rollback
from related_posts.status import STATUS_FILE, Status
from training.lock import worker_lock

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ERROR = {"at": "2026-01-01T00:00:00+00:00", "what": "training", "message": "/srv/x is full"}


def test_without_a_worker(make_app: Callable[..., Flask], data_folder: Path) -> None:
    """What is served is told; what nobody did is null."""
    found = make_app(data_folder).test_client().get("/v1/status")
    assert (found.status_code, found.headers["Cache-Control"]) == (200, "no-store")
    told = found.get_json()
    assert told["version"]
    assert told["age_seconds"] >= 0
    assert told["n_posts"] > 0
    assert (told["last_training"], told["next_run"], told["rollback"]) == (None, None, None)
    assert (told["gate"], told["problems"]) == ([], [])


def test_before_the_first_version(make_app: Callable[..., Flask], tmp_path: Path) -> None:
    """Nothing is served, and the status says so with 200."""
    told = make_app(tmp_path).test_client().get("/v1/status").get_json()
    assert (told["version"], told["age_seconds"], told["n_posts"]) == (None, None, None)


def test_training_is_told(make_app: Callable[..., Flask], data_folder: Path) -> None:
    """What the worker did and does next, what the gate holds, and a rollback in force."""
    training = {"at": "2026-01-01T00:00:00+00:00", "version": "v", "published": False}
    status = Status(doing="training", last_training=training, next_run=NOW)
    (data_folder / STATUS_FILE).write_bytes(status.to_bytes())
    held = {
        "v": Held("gate", "9 of 10 posts are gone", NOW, ("gate_posts_lost",)),
        "w": Held("asked", "asked", NOW),
    }
    ledger = Ledger(("a",), held, Rollback("b", NOW))
    (data_folder / LEDGER_FILE).write_bytes(ledger.to_bytes())
    client = make_app(data_folder).test_client()
    with worker_lock(data_folder):
        told = client.get("/v1/status").get_json()
        metrics = client.get("/metrics").get_data(as_text=True)
    assert told["doing"] == "training"
    assert told["last_training"] == training
    assert told["next_run"].startswith("2026-01-01T00:00:00")
    assert told["gate"] == [
        {
            "version": "v",
            "reason": "9 of 10 posts are gone",
            "limits": ["gate_posts_lost"],
            "since": "2026-01-01T00:00:00Z",
        }
    ]
    assert told["rollback"] == {"left": "b", "at": "2026-01-01T00:00:00Z"}
    assert "related_posts_training_worker 1.0" in metrics
    assert 'related_posts_held_versions{kind="gate"} 1.0' in metrics
    assert 'related_posts_gate_held_versions{limit="gate_posts_lost"} 1.0' in metrics
    assert "related_posts_rollback 1.0" in metrics
    assert "related_posts_training_failing 0.0" in metrics


def test_a_worker_that_was_killed_is_not_waiting(
    make_app: Callable[..., Flask], data_folder: Path
) -> None:
    """It could not say that it ended; its lock did, and asking for that stops no other."""
    status = Status(doing="waiting", next_run=NOW)
    (data_folder / STATUS_FILE).write_bytes(status.to_bytes())
    client = make_app(data_folder).test_client()
    for _ in range(2):
        told = client.get("/v1/status").get_json()
        assert (told["doing"], told["next_run"]) == ("stopped", None)
        with worker_lock(data_folder):
            assert client.get("/v1/status").get_json()["doing"] == "waiting"
    assert "related_posts_training_worker 0.0" in client.get("/metrics").text


def test_messages_are_for_insiders(make_app: Callable[..., Flask], data_folder: Path) -> None:
    """Others learn when something failed, not what: messages name files and addresses."""
    (data_folder / STATUS_FILE).write_bytes(Status(last_error=ERROR).to_bytes())
    client = make_app(data_folder).test_client()
    assert client.get("/v1/status").get_json()["last_error"] == ERROR
    outside = client.get("/v1/status", environ_base={"REMOTE_ADDR": "203.0.113.9"})
    assert outside.get_json()["last_error"] == {"at": ERROR["at"]}
    proxied = client.get("/v1/status", headers={"X-Forwarded-For": "203.0.113.9"})
    assert "srv" not in proxied.text
    assert "related_posts_training_failing 1.0" in client.get("/metrics").text


@pytest.mark.parametrize("name", [STATUS_FILE, LEDGER_FILE])
@pytest.mark.parametrize("content", [b"", b"{}", b"\x00\xff", b"[" * 9000])
def test_damage_is_told(
    make_app: Callable[..., Flask], data_folder: Path, name: str, content: bytes
) -> None:
    """A damaged file costs what it would have told, and no more."""
    (data_folder / name).write_bytes(content)
    client = make_app(data_folder).test_client()
    told = client.get("/v1/status").get_json()
    assert told["version"]
    assert len(told["problems"]) == 1
    assert str(data_folder) not in told["problems"][0]
    assert client.get("/metrics").status_code == 200


def test_pages_may_read_it_and_no_message(
    make_app: Callable[..., Flask], data_folder: Path
) -> None:
    """It is open to pages like other reads; one in an operator's browser is no operator."""
    status = Status(doing="waiting", last_error=ERROR)
    (data_folder / STATUS_FILE).write_bytes(status.to_bytes())
    client = make_app(data_folder, metrics_token="a-secret-of-operators").test_client()
    page, token = {"Origin": "https://evil.example"}, "a-secret-of-operators"
    found = client.get("/v1/status", headers=page)
    assert found.headers["Access-Control-Allow-Origin"] == "*"
    assert found.get_json()["last_error"] == {"at": ERROR["at"]}
    known = client.get("/v1/status", headers={**page, "Authorization": f"Bearer {token}"})
    assert known.get_json()["last_error"] == ERROR
    # Without a token it goes by addresses, and a page has its reader's.
    near = make_app(data_folder).test_client()
    assert near.get("/v1/status").get_json()["last_error"] == ERROR
    assert near.get("/v1/status", headers=page).get_json()["last_error"] == {"at": ERROR["at"]}
