"""``make bench-relevance``: the ablation, the foreign check, and the page they are written into."""

from __future__ import annotations

import gzip
import importlib
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from related_posts.posts import Post
from related_posts.schema import post_to_bytes
from training.settings import TrainingSettings

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "relevance.md"
NAMES = ("relevance", "relevance_page", "relevance_steps", "lee")
MAKE = shutil.which("make")


@pytest.fixture(scope="module", autouse=True)
def scripts() -> Iterator[dict[str, ModuleType]]:
    """The benchmarks are scripts: they import each other by plain name."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "benchmarks"))
        yield {name: importlib.import_module(name) for name in NAMES}
        for name in NAMES:
            sys.modules.pop(name, None)


@pytest.fixture
def blogs(tmp_path: Path, archive_posts: list[Post]) -> Path:
    """Two blogs of the twelve posts, one packed; a third has no posts beside its links."""
    lines = b"\n".join(post_to_bytes(replace(post, links=())) for post in archive_posts)
    (tmp_path / "a.jsonl").write_bytes(lines)
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(lines))
    for name in "abc":
        (tmp_path / f"{name}.links.tsv").write_text("/rye/\t/starter/\n/tyres/\t/brakes/\n")
    return tmp_path


def test_the_table_of_settings_is_that_of_the_code(scripts: dict[str, ModuleType]) -> None:
    """Every knob of the recipe stands in the page with its default, range and effect."""
    page = scripts["relevance_page"]
    text = PAGE.read_text("utf-8")
    expected = page.put(text, "settings", page.settings_table())
    assert text == expected, "run `python benchmarks/relevance_page.py`"
    for name in TrainingSettings().build.keys() - page.NOT_THE_RECIPE:
        assert f"| `{name}` |" in text


def test_every_step_changes_a_setting_that_exists(scripts: dict[str, ModuleType]) -> None:
    """The first row is the defaults; every other one turns something off, each once."""
    first, *others = scripts["relevance_steps"].STEPS
    assert first.settings == {}
    defaults = TrainingSettings()
    for step in others:
        changed = TrainingSettings(**step.settings)
        for name in step.settings:
            assert getattr(changed, name) != getattr(defaults, name), (step.name, name)
    names = [step.name for step in scripts["relevance_steps"].STEPS]
    assert len(set(names)) == len(names)


def test_the_ablation_has_a_row_a_step_and_a_column_a_blog(
    scripts: dict[str, ModuleType], blogs: Path
) -> None:
    """Two equal blogs have equal figures, and the differences are to the first row."""
    relevance, step = scripts["relevance"], scripts["relevance_steps"].Step
    found = relevance.blogs_in(blogs)
    assert [blog.name for blog in found] == ["a", "b"]
    told: list[str] = []
    steps = [step("all defaults"), step("no title", {"title_repeats": 0, "title_weight": 0.0})]
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in relevance.ablation(found, steps, told.append).splitlines()
    ]
    assert rows[0][:4] == ["nDCG@10, symmetric", "a", "b", "mean"]
    assert {len(row) for row in rows} == {len(rows[0])}
    assert [row[0] for row in rows[2:]] == ["all defaults", "no title", "scikit-learn defaults"]
    for row in rows[2:]:
        assert row[1] == row[2] == row[3].strip("*")
    difference = float(rows[3][3].strip("*")) - float(rows[2][3].strip("*"))
    assert float(rows[3][4]) == pytest.approx(difference, abs=0.0011)
    assert len(told) == 4


def test_a_folder_without_blogs_is_one_sentence(
    scripts: dict[str, ModuleType], tmp_path: Path
) -> None:
    """It says what should be there."""
    with pytest.raises(SystemExit, match=r"NAME\.links\.tsv"):
        scripts["relevance"].blogs_in(tmp_path)


def test_markers_keep_the_prose(scripts: dict[str, ModuleType]) -> None:
    """Only what stands between a name's markers changes; a page without them is refused."""
    put = scripts["relevance_page"].put
    page = "before\n<!-- x: generated -->\nold\n<!-- x: end -->\nafter\n"
    new = put(page, "x", "new")
    assert new == page.replace("old", "new")
    assert put(new, "x", "new") == new
    for broken in ("", page * 2, page.replace("end", "e")):
        with pytest.raises(ValueError, match="once each"):
            put(broken, "x", "new")


def test_the_foreign_check_reads_what_gensim_ships(
    scripts: dict[str, ModuleType], tmp_path: Path
) -> None:
    """Texts a line each and their ratings; two that do not fit together are refused."""
    lee = scripts["lee"]
    texts = [
        "bread of rye flour",
        "rye flour and bread",
        "a telescope sees the moon",
        "moon and telescope",
    ]
    (tmp_path / lee.TEXTS).write_text("\n".join(texts) + "\n", "latin-1")
    ratings = np.eye(4)
    ratings[0, 1] = ratings[1, 0] = ratings[2, 3] = ratings[3, 2] = 0.9
    np.savetxt(tmp_path / lee.RATINGS, ratings)
    assert lee.correlation(*lee.read(tmp_path), min_df=1) > 0.8
    np.savetxt(tmp_path / lee.RATINGS, ratings[:3, :3])
    with pytest.raises(ValueError, match="4 texts"):
        lee.read(tmp_path)


def test_without_gensim_the_reason_is_told(
    scripts: dict[str, ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The set is not ours to keep, so it may be absent."""
    monkeypatch.setattr(scripts["lee"], "folder", lambda: None)
    assert "pip install gensim" in scripts["lee"].table()


@pytest.mark.skipif(MAKE is None, reason="make is not installed")
def test_without_blogs_make_says_what_is_needed() -> None:
    """There is no default folder: whose blogs they are is the caller's to say."""
    done = subprocess.run(
        [str(MAKE), "--no-print-directory", "bench-relevance", "BLOGS="],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert "needs BLOGS=" in done.stderr
