"""``benchmarks/soak.py``: it notices what is wrong, and a short run finds nothing."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
VERSION = "20260101T000000Z-00000000"


@pytest.fixture(scope="module")
def soak() -> Iterator[ModuleType]:
    """The script; it imports others by plain name."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "benchmarks"))
        yield importlib.import_module("soak")
        for name in ("soak", "corpus", "words", "measure"):
            sys.modules.pop(name, None)


def answered(
    *titles: tuple[str, str], version: str = VERSION, tag: str = VERSION, field: str = VERSION
) -> tuple[Any, bytes]:
    """An answer about the first of these posts, with the others as its list."""
    first, *others = ({"id": id_, "title": title} for id_, title in titles)
    content = {"version": version, "post": first, "items": others}
    headers = {"ETag": f'"{tag}"', "X-Related-Posts-Version": field}
    return SimpleNamespace(status=200, headers=headers), json.dumps(content).encode()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"tag": "another"}, "the tag"),
        ({"field": "another"}, "the field"),
        ({"version": "20260101T000000Z-11111111"}, "the tag"),
    ],
)
def test_an_answer_of_two_versions_is_wrong(
    soak: ModuleType, changed: dict[str, str], said: str
) -> None:
    """Tag, field and body have to name the same."""
    oracle = soak.Oracle({})
    oracle.check(time.monotonic(), *answered(("a", "A"), ("b", "B")))
    assert oracle.wrong == []
    oracle.check(time.monotonic(), *answered(("a", "A"), **changed))
    assert oracle.wrong[0].startswith(said)


def test_a_version_has_one_title_for_a_post(soak: ModuleType) -> None:
    """Whichever list it stands on; another version may have another."""
    oracle = soak.Oracle({})
    oracle.check(time.monotonic(), *answered(("a", "A"), ("b", "B")))
    other = "20260101T000000Z-11111111"
    oracle.check(time.monotonic(), *answered(("b", "new"), version=other, tag=other, field=other))
    assert oracle.wrong == []
    oracle.check(time.monotonic(), *answered(("b", "new")))
    assert "two titles" in oracle.wrong[0]


def test_a_withdrawn_post_is_wrong_from_the_answer_on(soak: ModuleType) -> None:
    """What was asked for before may show it; so may what is asked once it is written anew."""
    oracle = soak.Oracle({"b": {"B"}})
    before = time.monotonic()
    oracle.begins("b", None)
    oracle.accepted("b", None)
    oracle.check(before, *answered(("a", "A"), ("b", "B")))
    assert oracle.wrong == []
    oracle.check(time.monotonic(), *answered(("a", "A"), ("b", "B")))
    assert "was withdrawn" in oracle.wrong[0]
    oracle.begins("b", "B")
    oracle.check(time.monotonic(), *answered(("a", "A"), ("b", "B")))
    assert len(oracle.wrong) == 1
    assert oracle.told == {"b": {"B", None}}


def test_other_answers_are_wrong(soak: ModuleType) -> None:
    """A post may be unknown; that nothing can be answered must not be."""
    oracle = soak.Oracle({})
    oracle.check(time.monotonic(), SimpleNamespace(status=404), b"")
    assert oracle.wrong == []
    oracle.check(time.monotonic(), SimpleNamespace(status=503), b"busy")
    assert oracle.wrong == ["503 for a list: b'busy'"]


def test_a_short_run_finds_nothing() -> None:
    """Some seconds of everything at once: nothing wrong, nothing lost, and all was done."""
    done = subprocess.run(
        [sys.executable, ROOT / "benchmarks" / "soak.py", "--seconds", "6", "--posts", "40"],
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    counts = {
        name: int(number.replace(",", ""))
        for number, name in (line.split(maxsplit=1) for line in done.stdout.splitlines())
    }
    assert counts["wrong answers or lost writes"] == 0
    for what in ("reads", "writes accepted", "publish", "kill worker", "versions seen"):
        assert counts[what] > 0, done.stdout
