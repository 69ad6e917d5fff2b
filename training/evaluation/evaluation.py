"""An evaluation: every system on one blog, by the same judgements, in the same run."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.build import Progress, no_progress
from training.evaluation.calibration import Bin, calibration
from training.evaluation.examples import Example, examples
from training.evaluation.intervals import Figure, figures
from training.evaluation.judgements import Pair, Relevant, directed, read, symmetric
from training.evaluation.lists import Lists, items, of_index
from training.evaluation.lists import without as without_told
from training.evaluation.metrics import DEPTH, SHOWN
from training.evaluation.relevance import Relevance, judged, relevance
from training.evaluation.spread import Spread, spread
from training.evaluation.systems import BASELINES, OURS, Baseline
from training.evaluation.trial import Trial

#: Judged posts below which a language's figure says nothing, and is not shown.
LEAST_JUDGED = 10


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read the judgements.

    Attributes:
        n_queries: Posts that have at least one judgement.
        n_pairs: Links it is made of.
    """

    n_queries: int
    n_pairs: int


@dataclass(frozen=True, slots=True)
class System:
    """One system's lists, judged.

    Attributes:
        name: Its key.
        title: What people read.
        relevance: Reading to figures; the symmetric one first.
        spread: What the lists are like as a whole.
        seconds: Time to make the lists; None for ours, whose time the build tells.
    """

    name: str
    title: str
    relevance: dict[str, Relevance]
    spread: Spread
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Language:
    """Our lists of the posts in one language.

    Attributes:
        posts: Posts in it.
        n_queries: Of these, those with judgements.
        ndcg: Symmetric nDCG; None with fewer than ``LEAST_JUDGED`` judged posts.
        empty: Share of the lists that hold nothing.
    """

    posts: int
    n_queries: int
    ndcg: Figure | None
    empty: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Everything that was measured.

    Attributes:
        trial: What was judged; its index is closed when the trial ends.
        readings: Name to size, the symmetric one first.
        systems: Ours first.
        languages: Language code to our lists in it, by falling number of posts.
        calibration: What our scores mean, by ascending score.
        worst: Our worst lists, judged by links that they could show: where lists are in one
            language, by those within it.
        best: Our best lists, by the same.
        seed: Decides what is random.
    """

    trial: Trial
    readings: dict[str, Reading]
    systems: tuple[System, ...]
    languages: dict[str, Language]
    calibration: tuple[Bin, ...]
    worst: tuple[Example, ...]
    best: tuple[Example, ...]
    seed: int


def evaluate(
    trial: Trial,
    *,
    without: Path | None = None,
    baselines: Sequence[Baseline] = BASELINES,
    seed: int = 0,
    progress: Progress = no_progress,
) -> Evaluation:
    """Judge our lists and the baselines'.

    Args:
        trial: A version and its judgements.
        without: A file of links; figures are also given without these.
        baselines: What to compare with.
        seed: Decides the draws of the bootstrap.
        progress: Told which system is at work.

    Raises:
        EvaluationError: The file of links cannot be read or names none of this blog.
    """
    pairs = _pairs(trial, without)
    readings: dict[str, Relevant] = {}
    for name, links in pairs.items():
        readings[f"symmetric{name}"] = symmetric(links)
        readings[f"directed{name}"] = directed(links)
    # What the build was told of is no finding, and takes no place of one.
    told = symmetric(trial.known)
    depth = DEPTH + max(map(len, told.values()), default=0)
    ours = without_told(of_index(trial.index, depth), told, DEPTH)
    values = {name: judged(items(ours), wanted) for name, wanted in readings.items()}
    systems = [
        _system(OURS, OURS, values, None, _spread(trial, of_index(trial.index, SHOWN)), seed, None)
    ]
    for number, baseline in enumerate(baselines):
        progress("baselines", number, len(baselines))
        start = time.perf_counter()
        lists = baseline.lists(trial.blog, depth)
        seconds = time.perf_counter() - start
        found = items(without_told(lists, told, DEPTH))
        theirs = {name: judged(found, wanted) for name, wanted in readings.items()}
        shown = _spread(trial, lists[:, :SHOWN])
        systems.append(_system(baseline.name, baseline.title, theirs, values, shown, seed, seconds))
    progress("baselines", len(baselines), len(baselines))
    wanted, ndcgs = readings["symmetric"], values["symmetric"][:, 0]
    reachable = _reachable(trial, readings)
    judged_lists = (trial.blog, items(ours), readings[reachable], values[reachable][:, 0].tolist())
    return Evaluation(
        trial=trial,
        readings={
            name: Reading(len(found), len(pairs[name.removeprefix(_kind(name))]))
            for name, found in readings.items()
        },
        systems=tuple(systems),
        languages=_languages(trial, ours, wanted, ndcgs, seed),
        calibration=tuple(calibration(trial.index, wanted)),
        worst=examples(*judged_lists, best=False),
        best=examples(*judged_lists, best=True),
        seed=seed,
    )


def _pairs(trial: Trial, without: Path | None) -> dict[str, frozenset[Pair]]:
    """The links of each reading, by what is added to its name; none is empty."""
    found = {"": trial.judged}
    if without is not None:
        left_out = read(without, trial.finder.row).pairs
        found["_without_listed"] = trial.judged - left_out
    languages = trial.blog.languages
    found["_same_language"] = frozenset(
        (a, b) for a, b in trial.judged if languages[a] == languages[b]
    )
    if len(found["_same_language"]) == len(trial.judged):
        del found["_same_language"]
    return {name: links for name, links in found.items() if links}


def _reachable(trial: Trial, readings: dict[str, Relevant]) -> str:
    """The reading that leaves out links which lists in one language cannot show."""
    within = "symmetric_same_language"
    crosses = trial.index.manifest.settings.get("cross_language")
    return "symmetric" if crosses or within not in readings else within


def _kind(name: str) -> str:
    return "symmetric" if name.startswith("symmetric") else "directed"


def _system(
    name: str,
    title: str,
    values: dict[str, NDArray[np.float64]],
    ours: dict[str, NDArray[np.float64]] | None,
    shown: Spread,
    seed: int,
    seconds: float | None,
) -> System:
    figures_of = {
        reading: relevance(found, None if ours is None else ours[reading], seed)
        for reading, found in values.items()
    }
    return System(name, title, figures_of, shown, seconds)


def _spread(trial: Trial, lists: Lists) -> Spread:
    index = trial.index
    return spread(lists, index.vectors, index.languages, index.days)


def _languages(
    trial: Trial, lists: Lists, wanted: Relevant, ndcgs: NDArray[np.float64], seed: int
) -> dict[str, Language]:
    """Our lists by the language of their post."""
    of_post = np.array(trial.blog.languages, dtype=object)
    of_query = of_post[list(wanted)]
    codes, counts = np.unique(of_post.astype(str), return_counts=True)
    found: dict[str, Language] = {}
    for place in np.argsort(-counts, kind="stable").tolist():
        code = str(codes[place])
        here = ndcgs[of_query == code]
        found[code] = Language(
            posts=int(counts[place]),
            n_queries=len(here),
            ndcg=figures(here[:, None], seed)[0] if len(here) >= LEAST_JUDGED else None,
            empty=float((lists[of_post == code, 0] < 0).mean()),
        )
    return found
