"""The benchmarks' own tools: a corpus that is what it says, and honest measuring."""

from __future__ import annotations

import importlib
import re
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from related_posts.posts import Post
from related_posts.schema import post_from_json
from training.sources.base import Skipped
from training.sources.wordpress.wxr import WxrSource

ROOT = Path(__file__).resolve().parent.parent
needs_proc = pytest.mark.skipif(
    not Path("/proc/self/smaps_rollup").exists(), reason="needs Linux' /proc"
)


@pytest.fixture(scope="module", autouse=True)
def on_the_path() -> Iterator[None]:
    """The benchmarks are scripts: they import each other by plain name."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "benchmarks"))
        yield
        for name in ("corpus", "words", "measure", "train", "wxr", "read"):
            sys.modules.pop(name, None)


@pytest.fixture(scope="module")
def posts(on_the_path: None) -> list[dict[str, Any]]:
    """A small corpus, larger than one batch."""
    return list(importlib.import_module("corpus").corpus(1_200))


def test_the_same_arguments_give_the_same_corpus(posts: list[dict[str, Any]]) -> None:
    """A corpus is decided by its size and seed, so figures can be compared."""
    make = importlib.import_module("corpus").corpus
    again = make(1_200)
    assert [next(again) for _ in range(50)] == posts[:50]
    assert next(make(1_200, seed=1)) != posts[0]


def test_every_post_fits_the_native_schema(posts: list[dict[str, Any]]) -> None:
    """The corpus is a blog that our own reader accepts, each id and address once."""
    read = [post_from_json(post) for post in posts]
    assert len({post.id for post in read}) == len(posts)
    assert len({post.url for post in read}) == len(posts)
    assert all(post.published is not None for post in read)


def test_the_corpus_has_the_promised_shape(posts: list[dict[str, Any]]) -> None:
    """Lengths, titles, tags, repetition and vocabulary are in the range of real blogs."""
    seen: Counter[str] = Counter()
    tokens = 0
    for post in posts:
        found = re.findall(r"\w+", re.sub(r"<[^>]+>", " ", post["html"]).lower())
        tokens += len(found)
        seen.update(set(found))
        assert 4 <= len(post["title"].split()) <= 8
        assert len(post["tags"]) <= 5
    assert 370 < tokens / len(posts) < 430
    assert 180 < sum(seen.values()) / len(posts) < 260
    assert 15_000 < len(seen) < 45_000
    assert len({tuple(post["tags"]) for post in posts}) > 100


def test_rich_markup_reads_as_the_same_schema(on_the_path: None) -> None:
    """With --html the bodies have headings, links, lists, pictures and code."""
    make = importlib.import_module("corpus").corpus
    bodies = "".join(post_from_json(post).html for post in make(60, html=True))
    for tag in ("<h2>", "<a href=", "<em>", "<ul><li>", "<figure><img ", "<pre><code>"):
        assert tag in bodies


def test_an_empty_corpus_is_refused(on_the_path: None) -> None:
    """Zero posts is a mistake of the caller's."""
    with pytest.raises(ValueError, match="at least 1"):
        next(importlib.import_module("corpus").corpus(0))


def test_a_synthetic_export_reads_as_the_blog_it_is(on_the_path: None, tmp_path: Path) -> None:
    """The same bytes each time; posts whole, half with a picture; the rest is passed over."""
    wxr = importlib.import_module("wxr")
    export, again = tmp_path / "export.xml", tmp_path / "again.xml"
    n_bytes = wxr.write(300, export)
    assert (wxr.write(300, again), again.read_bytes()) == (n_bytes, export.read_bytes())
    assert 6_000 < n_bytes / 300 < 7_500
    items = list(WxrSource(export, now=datetime(2030, 1, 1, tzinfo=UTC)).read())
    posts = [item for item in items if isinstance(item, Post)]
    assert (len(posts), sum(post.image is not None for post in posts)) == (300, 150)
    skipped = Counter(item.reason for item in items if isinstance(item, Skipped))
    assert skipped == {"draft": 12, "page": 3}
    assert len(items) == 315
    first = next(importlib.import_module("corpus").corpus(300, html=True))
    assert (posts[0].title, posts[0].categories) == (first["title"], tuple(first["categories"]))
    assert posts[0].url == f"https://blog.example{first['url']}"


@needs_proc
def test_reading_is_measured_in_every_way(on_the_path: None, tmp_path: Path) -> None:
    """Each way finds every post and has its row; the baseline is the first."""
    read = importlib.import_module("read")
    lines = read.compare(30, 1, tmp_path).splitlines()
    assert lines[0].startswith("30 posts, 0 MB")
    assert [line.partition("  ")[0] for line in lines[2:]] == list(read.WAYS)
    assert all(len(re.split(r"\s{2,}", line)) == 8 for line in lines[2:])


@needs_proc
def test_a_way_that_loses_posts_is_no_result(on_the_path: None, tmp_path: Path) -> None:
    """A reader that is fast because it reads less is an error."""
    export = tmp_path / "export.xml"
    importlib.import_module("wxr").write(20, export)
    with pytest.raises(SystemExit, match="the source found 20 of 21 posts"):
        importlib.import_module("read").measured("the source", export, 21)


@needs_proc
def test_a_child_counts_in_time_and_memory(on_the_path: None) -> None:
    """What a command's own child takes is in the command's figures."""
    measure = importlib.import_module("measure")
    work = (
        "import time; held = bytearray(b'x') * 60_000_000; end = time.process_time() + 0.5\n"
        "while time.process_time() < end: pass\n"
        "print('done')"
    )
    script = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {work!r}], check=True)"
    usage = measure.run([sys.executable, "-c", script])
    assert (usage.status, usage.output) == (0, "done\n")
    assert usage.cpu >= 0.5
    assert usage.peak >= 60_000_000


def test_tables_are_in_line(on_the_path: None) -> None:
    """Every column is as wide as its widest cell; numbers stand to the right."""
    table = importlib.import_module("measure").table
    assert table(("a", "seconds"), [("long name", "1.0"), ("b", "12.0")]).splitlines() == [
        "a          seconds",
        "---------  -------",
        "long name      1.0",
        "b             12.0",
    ]
