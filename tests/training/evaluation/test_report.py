"""The report: one file that needs nothing, says the figures, and lets no post break it."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import headless_chromium
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from related_posts.archive import Archive
from related_posts.errors import EvaluationError
from related_posts.posts import Post
from training.evaluation.as_json import as_json
from training.evaluation.evaluation import evaluate
from training.evaluation.report import plots
from training.evaluation.report.page import page, write
from training.evaluation.trial import trial
from training.settings import TrainingSettings

Filled = Callable[..., Archive]
Reported = Callable[..., dict[str, Any]]
HOSTILE = "</title><script>alert(1)</script>\"'&"


@pytest.fixture
def reported(tmp_path: Path, filled: Filled) -> Reported:
    """The report of some posts, by default the twelve."""

    def report(posts: list[Post] | None = None) -> dict[str, Any]:
        with trial(filled(posts), TrainingSettings(data=tmp_path / "data", jobs=1)) as tried:
            return as_json(evaluate(tried))

    return report


def test_the_page_needs_nothing_but_itself(reported: Reported) -> None:
    """No script, no address to load from, no other file; it is light and dark."""
    report = reported()
    figure = report["systems"][0]["relevance"]["symmetric"]["ndcg"]
    for found in report["languages"].values():
        assert found["ndcg"] is None  # too few of them are judged, so no plot
        found["ndcg"] = figure
    html = page(report)
    assert "<script" not in html
    assert re.findall(r"(?:src|href)=|url\(|@import|https?://", html) == []
    assert "prefers-color-scheme: dark" in html
    assert html.count("<svg") == 7


def test_the_page_says_the_figures(reported: Reported) -> None:
    """Each system's nDCG, coverage and name stand there, and so do the examples."""
    report = reported()
    html = page(report)
    for system in report["systems"]:
        assert system["title"] in html
        assert f"{system['relevance']['symmetric']['ndcg']['value']:.3f}" in html
        assert f"{100 * system['lists']['coverage']:.1f} %" in html
    for each in (*report["best"], *report["worst"]):
        assert each["title"] in html


def test_plots_are_well_formed(reported: Reported) -> None:
    """Each plot is SVG that an XML parser reads, with a name for those who cannot see it."""
    for drawn in re.findall(r"<svg.*?</svg>", page(reported()), re.S):
        assert ElementTree.fromstring(drawn).get("aria-label")


def test_a_narrow_page_can_be_read(reported: Reported, tmp_path: Path) -> None:
    """At 390 px captions fit, labels keep their size, and what is wider scrolls in its own box."""
    if headless_chromium.program() is None:
        pytest.skip("no Chromium is installed (Debian and Ubuntu: apt install chromium)")
    place = tmp_path / "report.html"
    place.write_text(page(reported()), "utf-8")
    # Playwright takes one browser a thread, and other tests may hold theirs.
    with ThreadPoolExecutor(1) as thread:
        seen = thread.submit(_measured, place).result()
    assert seen["page"] <= 390
    assert seen["names"]
    assert max(seen["names"]) <= 390
    assert seen["plots"]
    assert min(seen["plots"]) >= 400
    assert set(seen["boxes"]) == {"auto"}


def _measured(place: Path) -> Any:
    """How wide the page and its plots are, and where its captions end, in a narrow window."""
    with headless_chromium.launched() as browser:
        seen = browser.new_page(viewport={"width": 390, "height": 800})
        seen.goto(place.as_uri())
        return seen.evaluate(
            """() => { const all = (what, of) => [...document.querySelectorAll(what)].map(of);
            return { page: document.scrollingElement.scrollWidth,
              names: all("caption, figcaption", (each) => each.getBoundingClientRect().right),
              plots: all("svg", (each) => each.clientWidth),
              boxes: all("figure, .wide", (each) => getComputedStyle(each).overflowX) }; }"""
        )


def test_titles_cannot_break_the_page(reported: Reported) -> None:
    """Markup in a title is shown as it is written, in texts and in plots."""
    posts = [
        Post(id=f"{i}{HOSTILE}", url=f"/{i}/", title=HOSTILE, html='<a href="/0/">x</a> bread')
        for i in range(3)
    ]
    html = page(reported(posts))
    assert "<script" not in html
    assert "&lt;script&gt;" in html


def test_the_page_says_what_was_left_out(reported: Reported) -> None:
    """The sentences that the blog repeats, with the number of posts, and their share."""
    none = reported()
    assert none["boilerplate"]["most_repeated"] == []
    assert "No sentence is repeated often enough" in page(none)


def test_the_page_shows_repeated_sentences_as_text(reported: Reported) -> None:
    """Markup in a sentence is shown as it is written."""
    footer = "&lt;b&gt; is what we bake every day"
    texts = ["Rye grows in the north and ripens late.", "The moon rises when the sun has set."]
    posts = [
        Post(
            id=str(i),
            url=f"/{i}/",
            html=f'<p>{texts[i % 2]}</p><p>{footer}</p><a href="/0/">x</a>',
            language="en",
        )
        for i in range(4)
    ]
    report = reported(posts)
    first, *_ = report["boilerplate"]["most_repeated"]
    assert first == {"posts": 4, "text": "<b> is what we bake every day"}
    assert "&lt;b&gt; is what we bake every day" in page(report)
    assert "left out of\n4 posts" in page(report)


@pytest.mark.parametrize("n", [2, 3])
def test_a_tiny_blog_has_a_page(reported: Reported, n: int) -> None:
    """Empty lists and missing figures leave gaps, not errors."""
    texts = ["bread", "moon", "tyres"]
    posts = [
        Post(id=str(i), url=f"/{i}/", html=f'{texts[i]} <a href="/0/">x</a>') for i in range(n)
    ]
    assert "an empty list" in page(reported(posts))


def test_a_place_that_cannot_be_written_is_said(reported: Reported, tmp_path: Path) -> None:
    """A folder that is not there is one sentence, and what was measured is not lost on it."""
    with pytest.raises(EvaluationError, match="cannot be written"):
        write(reported(), tmp_path / "nowhere" / "report.html")


@settings(deadline=None)
@given(st.floats(1e-6, 1e6))
def test_axes_are_round_and_long_enough(value: float) -> None:
    """An axis starts at 0, ends at or just above the value, and has few even steps."""
    marks = plots.ticks(value)
    assert marks[0] == 0
    assert 3 <= len(marks) <= 7
    assert marks[-2] < value <= marks[-1] * (1 + 1e-9)
    steps = [after - before for before, after in pairwise(marks)]
    assert steps == pytest.approx([steps[0]] * len(steps))


def test_an_axis_of_nothing_goes_to_one() -> None:
    """Where every figure is 0 there is still an axis."""
    assert plots.ticks(0.0)[-1] == 1.0
