"""Requests made from the description of the API: no 5xx, no undescribed status, answers as said."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode, checks
from schemathesis.specs.openapi import checks as openapi

from related_posts.keys import Keys
from service.description.operations import OPERATIONS
from service.writes.bodies import LINES_TYPES

ORIGIN = "https://blog.example"

#: What every answer is held to.
CHECKS = [
    checks.not_a_server_error,
    openapi.status_code_conformance,
    openapi.content_type_conformance,
    openapi.response_headers_conformance,
    openapi.response_schema_conformance,
]


@schemathesis.serializer(*LINES_TYPES)
def lines(context: Any, value: Any) -> bytes:
    """Lines are sent as they are described: as text."""
    return str(value).encode("utf-8", "surrogatepass")


@pytest.fixture(scope="module")
def writable(
    tmp_path_factory: pytest.TempPathFactory,
    train_varied: Callable[..., None],
) -> tuple[Path, str]:
    """A data folder that may be written, and a key for it."""
    folder = tmp_path_factory.mktemp("fuzzed")
    train_varied(folder)
    _, key = Keys(folder).create(("write",), now=datetime.now(UTC))
    return folder, key


@pytest.fixture
def described(make_app: Callable[..., Flask], writable: tuple[Path, str]) -> tuple[Any, str]:
    """The description as the application gives it, and a key."""
    folder, key = writable
    app = make_app(folder, count_origins=[ORIGIN], ghost_secret="s3cret")
    return schemathesis.openapi.from_wsgi("/v1/openapi.json", app), key


@pytest.mark.parametrize("name", [route.name for route in OPERATIONS])
def test_an_operation_keeps_its_word(described: tuple[Any, str], name: str) -> None:
    """Whatever is sent, good or bad, the answer is one that the description names."""
    schema, key = described
    route = next(each for each in OPERATIONS if each.name == name)
    operation = schema[route.path][route.method]
    # Its transport does not unpack every coding that it asks for.
    headers = {"Origin": ORIGIN, "Accept-Encoding": "identity"}
    if route.access == "write":
        headers["Authorization"] = f"Bearer {key}"
    modes = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    cases = st.one_of([operation.as_strategy(generation_mode=mode) for mode in modes])
    answered = []

    @settings(
        max_examples=25,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(cases)
    def ask(case: Any) -> None:
        response = case.call(headers=headers)
        answered.append(response.status_code)
        case.validate_response(response, checks=CHECKS)

    ask()
    assert answered
