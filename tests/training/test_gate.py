"""The quality gate: what it holds back, and what it must not."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from related_posts.archive import Archive
from related_posts.curation.state import read_state
from training import gate
from training.commands.display import Lines
from training.frozen import FULL
from training.gate import NDCG, held_out
from training.publish import Outcome, train_and_publish
from training.settings import TrainingSettings
from training.versions import Versions

NOW = datetime(2026, 1, 1, tzinfo=UTC)
Texts = Mapping[str, str]
Train = Callable[..., Outcome]

#: Posts in groups of four that share words of their own.
BLOG = {f"{n}": f"topic{n // 4} subject{n // 4} matter{n // 4}" for n in range(80)}


@pytest.fixture
def train(tmp_path: Path) -> Train:
    """Trains a blog of these texts, an hour later each time."""
    times: list[datetime] = []

    def run(texts: Texts, *, accept_deletions: bool = True, **settings: object) -> Outcome:
        times.append(NOW + timedelta(hours=len(times)))
        lines = [
            json.dumps({"id": id_, "url": f"/{id_}/", "title": f"n{id_}x", "html": html})
            for id_, html in texts.items()
        ]
        (tmp_path / "posts.jsonl").write_text("\n".join(lines), "utf-8")
        chosen = TrainingSettings.model_validate(
            {"data": tmp_path / "data", "jobs": 1, "hub_share": 1.0, **settings}
        )
        return train_and_publish(
            [str(tmp_path / "posts.jsonl")],
            chosen,
            Lines(),
            accept_deletions=accept_deletions,
            clock=lambda: times[-1],
        )

    return run


def reason(outcome: Outcome) -> str:
    """Why the gate held a version back."""
    assert outcome.held is not None
    assert outcome.held.kind == "gate"
    return outcome.held.reason


def some(n: int) -> Texts:
    """The first posts of the blog."""
    return dict(list(BLOG.items())[:n])


@pytest.mark.parametrize(
    "day",
    [
        {**BLOG, "new": "topic3 subject3 matter3"},
        {id_: text for id_, text in BLOG.items() if id_ not in ("1", "5")},
        {id_: f"{text} edited" for id_, text in BLOG.items()},
        {**BLOG, **{f"n{n}": f"topic{n % 20} subject{n % 20}" for n in range(160)}},
        {**BLOG, **{f"alone{n}": f"lonely{n}" for n in range(9)}},
    ],
    ids=["a new post", "two deleted", "all edited", "three times as large", "nine notes"],
)
def test_a_normal_day_passes(train: Train, day: Texts) -> None:
    """Writing, editing, deleting and importing are what a blog is for."""
    train(BLOG)
    outcome = train(day)
    assert (outcome.held, outcome.is_new) == (None, True)


@pytest.mark.parametrize("day", [some(3), some(1), {"x": "other"}, {"1": "", "2": "", "3": ""}])
def test_a_small_blog_may_change_as_it_likes(train: Train, day: Texts) -> None:
    """Five posts of which two are deleted are no accident."""
    train(some(5))
    assert train(day).held is None


def test_lost_posts_are_held_back(train: Train, tmp_path: Path) -> None:
    """An archive that lost half of its posts is kept, the live version stays."""
    live = train(BLOG).manifest.version
    # The archive itself lost them, by a program that deletes one post at a time.
    with Archive(tmp_path / "data") as archive, archive.writing(NOW) as update:
        for id_ in list(BLOG)[:40]:
            update.withdraw(id_)
    settings = TrainingSettings(data=tmp_path / "data", jobs=1, hub_share=1.0)
    outcome = train_and_publish([], settings, Lines(), clock=lambda: NOW + timedelta(days=1))
    assert reason(outcome) == "40 of 80 posts are gone (gate_posts_lost is 0.3)"
    versions = Versions(tmp_path / "data")
    assert versions.store.current_name() == live
    assert versions.ledger().held[outcome.manifest.version] == outcome.held
    # But what was withdrawn is out of sight, in the live version too.
    assert set(read_state(tmp_path / "data").withdrawn_ids) == set(list(BLOG)[:40])
    versions.publish(outcome.manifest.version, force=True)
    assert versions.store.current_name() == outcome.manifest.version


def test_deletions_that_were_accepted_are_not_held_back(train: Train) -> None:
    """Who says that many posts are gone on purpose need not say it twice."""
    train(BLOG)
    assert train(some(40)).held is None


def test_lists_that_become_empty_are_held_back(train: Train) -> None:
    """A theme that hides every text behind a script leaves nothing in common."""
    train(BLOG)
    broken = {id_: f"script{id_}" if int(id_) % 2 else text for id_, text in BLOG.items()}
    told = reason(train({**broken, "0": "x", "4": "y"}))
    assert "of the lists are empty, 0% were (gate_empty_lists is 0.2)" in told
    assert "of the posts stand on a list" in told


def test_churn_without_a_reason_is_held_back(train: Train) -> None:
    """Texts that changed places put other posts on every list."""
    train(BLOG)
    mixed = {id_: BLOG[str((int(id_) * 21) % 80)] for id_ in BLOG}
    assert "items on old posts' lists changed" in reason(train(mixed))


def test_other_settings_may_change_every_list(train: Train) -> None:
    """Churn that somebody asked for is not held back."""
    train(BLOG)
    mixed = {id_: BLOG[str((int(id_) * 21) % 80)] for id_ in BLOG}
    assert train(mixed, idf_power=1.5).held is None


@pytest.mark.parametrize(
    "settings",
    [
        {"gate": False},
        dict.fromkeys(("gate_empty_lists", "gate_coverage", "gate_churn", "gate_ndcg"), 1.0),
    ],
)
def test_the_gate_can_be_opened(train: Train, settings: dict[str, object]) -> None:
    """As a whole, or by limits that nothing passes."""
    train(BLOG)
    assert train({id_: f"script{id_}" for id_ in BLOG}, **settings).held is None


def linked(n: int, mix: int = 1) -> Texts:
    """Posts that each link to the next of their group; ``mix`` parts groups from texts."""
    return {
        str(i): f"topic{i * mix % n // 4} subject{i * mix % n // 4} "
        f'<a href="/{i // 4 * 4 + (i + 1) % 4}/">x</a>'
        for i in range(n)
    }


def test_held_out_links_are_measured(train: Train, tmp_path: Path) -> None:
    """The manifest tells how well links were found that the build did not see."""
    counts = train(linked(80)).manifest.counts
    assert counts[NDCG] > 0.8
    assert NDCG not in train(linked(80), gate_ndcg=1.0, idf_power=1.0).manifest.counts
    assert NDCG not in train(BLOG).manifest.counts
    with Archive(tmp_path / "data") as archive:
        assert held_out(archive, TrainingSettings(data=tmp_path / "data", jobs=1)) == {}


def test_worse_lists_are_held_back(train: Train) -> None:
    """Lists that no longer find the blog's own links are not published."""
    train(linked(80), gate_churn=1.0)
    told = reason(train(linked(80, mix=21), gate_churn=1.0))
    assert told.startswith("nDCG@10 on held-out links of the newest posts fell from")


def test_the_trial_is_bounded(train: Train, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the newest posts are built a second time, however many there are."""
    monkeypatch.setattr(gate, "FEWEST_TRIED", 60)
    judged = train(linked(80)).manifest.counts[gate.JUDGED]
    assert gate.LEAST_JUDGED <= judged <= 60


def test_a_version_that_waits_is_judged_again(train: Train) -> None:
    """Trained again with what was asked for, the very same answers become live."""
    train(BLOG)
    first, again = (train(some(60), accept_deletions=False, gate_posts_lost=0.1) for _ in range(2))
    assert first.held is not None
    assert first.held.limits == ("gate_posts_lost",)
    assert again.held == first.held
    accepted = train(some(60), gate_posts_lost=0.1)
    assert accepted.held is None
    assert accepted.manifest.version == first.manifest.version


def test_the_figures_of_a_full_build_go_on(train: Train) -> None:
    """Versions built upon it pass them on, so that the next full build has them to beat."""
    texts = linked(80)
    full = train(texts).manifest.counts
    upon = train({**texts, "new": "topic1 subject1"}).manifest.counts
    assert "base" in upon[FULL]
    assert (upon[NDCG], upon[gate.JUDGED]) == (full[NDCG], full[gate.JUDGED])
