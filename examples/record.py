"""Record the answers that the description of the API shows: the bundled blog's own.

    .venv/bin/python examples/record.py

Run it when an example request or the shape of an answer changes.
"""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from flask import Flask
from flask.testing import FlaskClient

from related_posts.keys import Keys
from service import create_app
from service.api.routes import JSON
from service.description import examples
from service.description.examples import REQUESTS, Example
from service.description.operations import OPERATIONS
from service.settings import ServiceSettings
from service.snapshot import EXTENSION
from service.writes.bodies import FORM_TYPES
from training.commands.display import Lines
from training.publish import train_and_publish
from training.settings import TrainingSettings

ROOT = Path(__file__).resolve().parent.parent
#: When the version was built, so that recording again changes nothing that did not change.
RECORDED_AT = datetime(2026, 2, 1, 8, tzinfo=UTC)
#: How old it is said to be: the one thing in an answer that depends on when it was asked.
AGE_SECONDS = 41
FILE = ROOT / "service" / "description" / examples.RECORDED


def trained(data: Path) -> str:
    """Train on the bundled blog, at a moment that is always the same; a key that may write."""
    blog = str(ROOT / "examples" / "blog")
    settings = TrainingSettings(data=data, jobs=1)
    train_and_publish([blog], settings, Lines(), clock=lambda: RECORDED_AT)
    _, token = Keys(data).create(("read", "write"), name="examples", now=RECORDED_AT)
    return token


def ask(client: FlaskClient, name: str, example: Example, token: str) -> Any:
    """The answer to the example of an operation."""
    route = next(each for each in OPERATIONS if each.name == name)
    sent: dict[str, Any] = {}
    if route.body is not None:
        media = route.body_media[0]
        one = example.body if isinstance(example.body, dict) else None
        lines = b"".join(orjson.dumps(line) + b"\n" for line in example.body) if not one else b""
        sent = {"data": orjson.dumps(one) if one else lines, "content_type": media}
        if media in FORM_TYPES:
            sent["data"] = one
    headers = {"Authorization": f"Bearer {token}"} if route.access else {}
    return client.open(example.path(route.path), method=route.method, headers=headers, **sent)


def record(app: Flask, token: str) -> dict[str, Any]:
    """Ask every example in turn; the answers by name."""
    client, told, rule = app.test_client(), {}, ""
    for name, example in REQUESTS.items():
        if example.id == "pin":
            example = Example(
                id=rule, query=example.query, body=example.body, status=example.status
            )
        response = ask(client, name, example, token)
        if response.status_code != example.status:
            raise SystemExit(f"{name}: {response.status_code} {response.text}")
        is_json = response.mimetype == JSON
        answer = response.get_json() if is_json else "".join(response.text.splitlines(True)[:2])
        if isinstance(answer, dict) and "age_seconds" in answer:
            answer["age_seconds"] = AGE_SECONDS
        told[name] = {"answer": answer, **({"id": rule} if example.id == rule and rule else {})}
        if name == "post_rule":
            rule = answer["id"]
    return told


def main() -> None:
    """Record and write."""
    with tempfile.TemporaryDirectory() as folder:
        token = trained(Path(folder))
        app = create_app(ServiceSettings(data=Path(folder)))
        told = record(app, token)
        app.extensions[EXTENSION].stop()
    FILE.write_bytes(orjson.dumps(told, option=orjson.OPT_INDENT_2) + b"\n")
    print(f"{FILE.relative_to(ROOT)}: {len(told)} answers")


if __name__ == "__main__":
    main()
