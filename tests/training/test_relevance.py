"""Relevance on real blogs, judged by the links their authors wrote."""

from __future__ import annotations

import math
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

import pytest

from related_posts.storage import Store
from training.commands.display import Lines
from training.publish import train_and_publish
from training.settings import TrainingSettings

BLOGS = ("18f", "rust", "digitalgov", "ropensci", "go", "efcl", "chrome")
NOW = datetime(2026, 1, 1, tzinfo=UTC)

Judgements = dict[str, set[str]]


@pytest.fixture(scope="module")
def lists(
    shared: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, dict[str, list[str]]]:
    """The ten related posts of each post of each blog, with default settings."""
    found: dict[str, dict[str, list[str]]] = {}
    for blog in BLOGS:
        settings = TrainingSettings(data=tmp_path_factory.mktemp(blog))
        export = shared / "relevance" / f"{blog}.jsonl.gz"
        train_and_publish([str(export)], settings, Lines(), clock=lambda: NOW)
        with Store(settings.data).open() as index:
            ids = [index.post(row)["id"] for row in range(index.n_posts)]
            found[blog] = {
                post_id: [ids[other] for other in index.neighbours(row, 10)[0]]
                for row, post_id in enumerate(ids)
            }
    return found


def judgements(shared: Path, blog: str, known: dict[str, list[str]]) -> tuple[Judgements, ...]:
    """Posts linked from each post, and posts linked either way."""
    directed: Judgements = defaultdict(set)
    symmetric: Judgements = defaultdict(set)
    for line in (shared / "relevance" / f"{blog}.links.tsv").read_text("utf-8").splitlines():
        source, target = line.split("\t")[:2]
        if source in known and target in known and source != target:
            directed[source].add(target)
            symmetric[source].add(target)
            symmetric[target].add(source)
    return directed, symmetric


def ndcg(ranked: list[str], relevant: set[str], k: int = 10) -> float:
    """nDCG@k: binary gains, base-2 discount, ideal capped at the relevant posts."""
    gain = sum(1 / math.log2(i + 2) for i, post in enumerate(ranked[:k]) if post in relevant)
    return gain / sum(1 / math.log2(i + 2) for i in range(min(k, len(relevant))))


def test_default_settings_reach_the_stated_relevance(
    shared: Path, lists: dict[str, dict[str, list[str]]]
) -> None:
    """The mean over seven blogs is what the README says; scikit-learn's defaults reach .353."""
    figures = []
    for blog, found in lists.items():
        judged = judgements(shared, blog, found)
        figures.append(
            [
                sum(ndcg(found[post], relevant) for post, relevant in one.items()) / len(one)
                for one in judged
            ]
        )
    directed, symmetric = (sum(column) / len(figures) for column in zip(*figures, strict=True))
    assert symmetric >= 0.545
    assert directed >= 0.518


def test_nearly_every_post_is_shown_somewhere(lists: dict[str, dict[str, list[str]]]) -> None:
    """On each blog at least nine posts of ten stand on somebody's list of five."""
    for blog, found in lists.items():
        shown = {post for related in found.values() for post in related[:5]}
        assert len(shown) >= 0.9 * len(found), blog


def test_no_list_repeats_a_post_or_holds_its_own(
    lists: dict[str, dict[str, list[str]]],
) -> None:
    """Lists are sets of other posts."""
    for found in lists.values():
        for post, related in found.items():
            assert post not in related
            assert len(set(related)) == len(related)
