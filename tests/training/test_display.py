"""What training says while it runs, in logs."""

from __future__ import annotations

import io

import pytest
from rich.console import Console
from rich.progress import Progress, TextColumn

from training.commands.display import EVERY_SECONDS, LONG_SECONDS, Bars, Lines


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


@pytest.mark.parametrize(
    ("place", "done", "total", "far"),
    [
        ("https://blog.example", 40, 1_200, "40 of 1,200"),
        ("https://blog.example", 40, None, "40"),
        ("export.xml", 3, 4, "75 %"),
        ("notes", 2_500_000, None, "2.5 MB"),
    ],
)
def test_a_log_hears_how_far_a_long_read_is(
    lines: Lines,
    clock: list[float],
    capsys: pytest.CaptureFixture[str],
    place: str,
    done: int,
    total: int | None,
    far: str,
) -> None:
    """Now and then, and never before there is something to tell."""
    lines.reading(place, 0, None)
    clock[0] += EVERY_SECONDS
    lines.reading(place, 0, None)
    lines.reading(place, done, total)
    clock[0] += EVERY_SECONDS / 2
    lines.reading(place, done, total)
    told = [f"reading {place}", f"reading {place}: {far}"]
    assert capsys.readouterr().err.splitlines() == told


def test_a_bar_says_how_far_a_read_is() -> None:
    """Of an address in posts or pages, of a file in per cent."""
    shown = io.StringIO()
    columns = TextColumn("{task.description} {task.fields[far]}")
    with Progress(columns, console=Console(file=shown, width=80)) as progress:
        bars = Bars(progress)
        bars.reading("https://blog.example", 0, None)
        bars.reading("https://blog.example", 7, 90)
        bars.reading("folder/export.xml", 1, 2)
        bars.building("analysis", 1, 4)
    text = shown.getvalue()
    assert "reading blog.example 7 of 90" in text
    assert "reading export.xml 50 %" in text
    assert "analysis 25 %" in text
