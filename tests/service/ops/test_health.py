"""Alive and ready: what a watchdog and a load balancer are told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.mark.parametrize(("allowed", "status"), [(0, 200), (315_360_00, 200), (1, 503)])
def test_an_old_version_is_not_ready(
    make_app: Any, shared_folder: Path, allowed: int, status: int
) -> None:
    """Above the age that the setting allows, readers should go elsewhere; answers go on."""
    client = make_app(shared_folder, ready_max_age_seconds=allowed).test_client()
    answer = client.get("/readyz")
    assert answer.status_code == status
    assert answer.get_json()["status"] == ("ready" if status == 200 else "stale")
    assert answer.get_json()["age_seconds"] > 1
    assert ("Retry-After" in answer.headers) == (status == 503)
    assert client.get("/v1/related?id=no-slash").status_code == 200
    assert client.get("/healthz").status_code == 200


def test_the_last_error_is_told(make_app: Any, data_folder: Path) -> None:
    """A version that does not open leaves the service ready, and says why it is not served."""
    app = make_app(data_folder)
    client = app.test_client()
    assert client.get("/readyz").get_json()["reload_error"] is None
    (data_folder / "current").write_text("20990101T000000Z-00000000\n")
    app.extensions["related_posts"].refresh()
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert "20990101T000000Z-00000000" in answer.get_json()["reload_error"]
    assert str(data_folder) not in answer.text
