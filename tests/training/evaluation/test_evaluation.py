"""An evaluation as a whole: figures that an independent scorer agrees with."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from related_posts.archive import Archive
from related_posts.posts import Post
from related_posts.storage import Store
from service.export import write_lines
from training.commands.display import Lines
from training.evaluation.as_json import as_json
from training.evaluation.evaluation import evaluate
from training.evaluation.lists import without
from training.evaluation.systems import BASELINES
from training.evaluation.trial import trial
from training.publish import train_and_publish
from training.settings import TrainingSettings

Filled = Callable[..., Archive]


def settings(folder: Path, **values: object) -> TrainingSettings:
    """Settings that train in this process."""
    return TrainingSettings(data=folder / "data", jobs=1, **values)


def test_an_independent_scorer_agrees(shared: Path, tmp_path: Path) -> None:
    """Exported lists, scored by a program of other hands, come to the same figures."""
    chosen, links = settings(tmp_path), shared / "relevance" / "go.links.tsv"
    train_and_publish([str(shared / "relevance" / "go.jsonl.gz")], chosen, Lines())
    with Store(chosen.data).open() as index:
        write_lines(index, 50, str(tmp_path / "out.jsonl"))
    scorer = [sys.executable, str(shared / "tools" / "score.py")]
    scored = subprocess.run(
        [*scorer, str(tmp_path / "out.jsonl"), str(links)], check=True, capture_output=True
    )
    theirs = json.loads(scored.stdout)
    with Archive(chosen.data) as archive, trial(archive, chosen, judgements=links) as tried:
        (ours,) = evaluate(tried, baselines=()).systems
        n = len(tried.blog)
    reached = {
        "symmetric": ours.relevance["symmetric"].ndcg.value,
        "directed": ours.relevance["directed"].ndcg.value,
        "coverage5": ours.spread.coverage,
        "maxhub5": ours.spread.hub,
    }
    assert reached == pytest.approx({name: theirs[name] for name in reached}, abs=6e-5)
    assert round(ours.spread.empty * n) == theirs["empty"]


def test_all_systems_are_judged_alike(tmp_path: Path, filled: Filled) -> None:
    """Each has figures for each reading; ours comes first and is compared with nobody."""
    with trial(filled(), settings(tmp_path)) as tried:
        found = evaluate(tried)
    assert [system.name for system in found.systems] == [
        "related-posts",
        *(baseline.name for baseline in BASELINES),
    ]
    for system in found.systems:
        assert list(system.relevance) == list(found.readings)
        for figures in system.relevance.values():
            assert 0 <= figures.ndcg.low <= figures.ndcg.value <= figures.ndcg.high <= 1
            assert (figures.behind is None) == (system.name == "related-posts")
    ours = found.systems[0].relevance["symmetric"].ndcg.value
    for system in found.systems[1:]:
        behind = system.relevance["symmetric"].behind
        assert behind is not None
        assert behind.value == pytest.approx(ours - system.relevance["symmetric"].ndcg.value)


def test_readings_leave_out_what_they_say(tmp_path: Path, filled: Filled) -> None:
    """Of six links one crosses languages, and one is listed as a template's."""
    without = tmp_path / "template.tsv"
    without.write_text("/tyres/\t/brakes/\n", "utf-8")
    with trial(filled(), settings(tmp_path)) as tried:
        found = evaluate(tried, without=without, baselines=())
    sizes = {name: (one.n_queries, one.n_pairs) for name, one in found.readings.items()}
    assert sizes == {
        "symmetric": (9, 6),
        "directed": (5, 6),
        "symmetric_without_listed": (7, 5),
        "directed_without_listed": (4, 5),
        "symmetric_same_language": (8, 5),
        "directed_same_language": (4, 5),
    }
    assert {code: (one.posts, one.n_queries) for code, one in found.languages.items()} == {
        "en": (10, 8),
        "de": (2, 1),
    }


def test_what_the_build_was_told_takes_no_place() -> None:
    """What does not count is left out of the lists, and the next ones move up."""
    lists = np.array([[1, 2, 3], [0, 2, -1], [1, -1, -1]], np.int32)
    found = without(lists, {0: frozenset([1]), 2: frozenset([1])}, 2)
    assert found.tolist() == [[2, 3], [0, 2], [-1, -1]]


def test_told_links_are_no_findings(tmp_path: Path, filled: Filled) -> None:
    """A post whose one link was told is judged by nothing, others without it on their lists."""
    with trial(filled(), settings(tmp_path), known_share=0.5, seed=4) as tried:
        found = evaluate(tried, baselines=())
        told = {frozenset((tried.blog.ids[a], tried.blog.ids[b])) for a, b in tried.known}
    for example in (*found.best, *found.worst):
        shown = {frozenset((example.id, item.id)) for item in example.items}
        assert not shown & told


def test_a_language_with_few_judgements_has_no_figure(tmp_path: Path, filled: Filled) -> None:
    """Eight judged posts tell nothing; how many they are is told all the same."""
    with trial(filled(), settings(tmp_path)) as tried:
        found = evaluate(tried, baselines=())
    assert found.languages["en"].n_queries == 8
    assert found.languages["en"].ndcg is None


def test_examples_are_the_ends(tmp_path: Path, filled: Filled) -> None:
    """The best lists hold what the author linked, the worst miss it, and say so."""
    with trial(filled(), settings(tmp_path)) as tried:
        found = evaluate(tried, baselines=())
    assert found.best[0].ndcg == 1.0
    assert found.best[0].missing == ()
    assert [each.ndcg for each in found.worst] == sorted(each.ndcg for each in found.worst)
    assert not any(each.relevant for each in found.worst[0].items) or found.worst[0].ndcg > 0


def test_examples_are_not_of_links_that_no_list_can_show(tmp_path: Path, filled: Filled) -> None:
    """A link to another language makes no bad list, unless lists may cross languages."""

    def shown(**values: object) -> set[str]:
        with trial(filled(), settings(tmp_path, **values)) as tried:
            found = evaluate(tried, baselines=())
        return {each.id for each in (*found.worst, *found.best)}

    assert "/sauerteig/" not in shown()
    assert "/sauerteig/" in shown(cross_language=True)


@pytest.mark.parametrize("n", [2, 3])
def test_a_tiny_blog_has_figures(tmp_path: Path, filled: Filled, n: int) -> None:
    """Two posts that link to each other are enough; the report is JSON without NaN."""
    posts = [
        Post(id=str(i), url=f"/{i}/", title=f"Bread {i}", html='<a href="/0/">the first</a>')
        for i in range(n)
    ]
    with trial(filled(posts), settings(tmp_path)) as tried:
        report = as_json(evaluate(tried))
    text = json.dumps(report, allow_nan=False)
    assert json.loads(text)["posts"] == n
    assert report["systems"][0]["relevance"]["symmetric"]["ndcg"]["value"] <= 1.0


def test_the_same_seed_gives_the_same_report(tmp_path: Path, filled: Filled) -> None:
    """Everything but the durations is decided by archive, settings and seed."""

    def report(seed: int) -> dict[str, object]:
        with trial(archive, settings(tmp_path), known_share=0.4, seed=seed) as tried:
            found = as_json(evaluate(tried, seed=seed))
        found["seconds"] = None
        for system in found["systems"]:
            system["seconds"] = None
        return found

    archive = filled()
    assert report(1) == report(1)
    assert report(1) != report(2)
