"""What training says while it runs, in logs."""

from __future__ import annotations

import pytest

from training.commands.display import LONG_SECONDS, Lines


@pytest.fixture
def clock() -> list[float]:
    """The present, in a list so that tests can move it."""
    return [100.0]


@pytest.fixture
def lines(clock: list[float]) -> Lines:
    """What a log gets."""
    return Lines(lambda: clock[0])


def test_a_stage_that_is_over_in_a_moment_is_not_named(
    lines: Lines, clock: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    """A training that changes nothing leaves no line of a build."""
    for stage in ("languages", "analysis", "neighbours"):
        lines.building(stage, 0, 78)
        clock[0] += LONG_SECONDS / 2
        lines.building(stage, 40, 78)
        clock[0] += LONG_SECONDS
        lines.building(stage, 78, 78)
    assert capsys.readouterr().err == ""


def test_a_stage_that_takes_long_is_named_once(
    lines: Lines, clock: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    """While it runs, so that a log shows what is being waited for."""
    lines.building("analysis", 0, 50_000)
    for done in range(1, 5):
        clock[0] += LONG_SECONDS
        lines.building("analysis", done, 50_000)
    lines.building("neighbours", 0, 1)
    assert capsys.readouterr().err == "analysis: 50,000 posts\n"


def test_a_source_is_named_once(lines: Lines, capsys: pytest.CaptureFixture[str]) -> None:
    """However often it tells how far it is."""
    for done in range(3):
        lines.reading("export.xml", done, None)
    lines.waiting()
    lines.waiting()
    assert capsys.readouterr().err.splitlines() == [
        "reading export.xml",
        "waiting for another training of this data folder to end",
    ]
