"""One score is written one way, whichever answer shows it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from related_posts.archive import Archive
from related_posts.curation.publish import publish_state
from related_posts.curation.rules import Rule

NOW = datetime(2026, 1, 1, tzinfo=UTC)
N_POSTS = 60
LIMIT = 20


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, train_varied: Callable[..., None]) -> Path:
    """A data folder with a version, and a pin in every list."""
    folder = tmp_path_factory.mktemp("numbers")
    train_varied(folder)
    with Archive(folder) as archive:
        with archive.writing(NOW) as update:
            update.put_rule(Rule(kind="pin", post="p5", position=2))
        publish_state(archive, folder)
    return folder


def literally(text: str) -> Any:
    """JSON with its numbers as they are written."""
    return json.loads(text, parse_float=str, parse_int=str)


def items_of(client: FlaskClient, path: str) -> list[dict[str, Any]]:
    """The items of an answer."""
    response = client.get(path)
    assert response.status_code == 200, response.text
    items: list[dict[str, Any]] = literally(response.text)["items"]
    return items


def test_a_score_has_the_same_bytes_everywhere(
    make_app: Callable[..., Flask], folder: Path
) -> None:
    """Plain or shaped, explained, by path, in batches, exports and drop-ins: all equal."""
    client = make_app(folder).test_client()
    exported = {
        line["id"]: line["related"]
        for line in map(literally, client.get(f"/v1/export.jsonl?limit={LIMIT}").text.splitlines())
    }
    asked = {"posts": [f"p{number}" for number in range(N_POSTS)]}
    batch = client.post(f"/v1/related/batch?limit={LIMIT}&fields=id,similarity,score", json=asked)
    literals = set()
    for number, listed in enumerate(literally(batch.text)["results"]):
        id_ = f"p{number}"
        plain = items_of(client, f"/v1/related?id={id_}&limit={LIMIT}")
        numbers = [(one["id"], one["similarity"], one["score"]) for one in plain]
        scores = [score for *_, score in numbers]
        literals |= set(scores)
        for path in (
            f"/v1/related?id={id_}&limit={LIMIT}&fields=id,similarity,score",
            f"/v1/related?id={id_}&limit={LIMIT}&explain=true",
            f"/v1/related?id={id_}&limit={LIMIT}&min_score=0.000001",
            f"/v1/posts/{id_}/related?limit={LIMIT}&excerpt_length=1",
        ):
            found = items_of(client, path)
            assert [(one["id"], one["similarity"], one["score"]) for one in found] == numbers
        found = listed["items"]
        assert [(one["id"], one["similarity"], one["score"]) for one in found] == numbers
        assert [(one["id"], one["score"]) for one in exported[id_]] == [
            (one["id"], one["score"]) for one in plain
        ]
        yarpp = client.get(f"/wp-json/yarpp/v1/related/{id_}?limit={LIMIT}&_fields=id,score")
        assert [one["score"] for one in literally(yarpp.text)] == scores
    # Among them are some that four decimals would have ended in a zero.
    assert any(len(literal) < len("0.1234") for literal in literals)
    assert not any(literal.endswith("0") and "." in literal for literal in literals)
