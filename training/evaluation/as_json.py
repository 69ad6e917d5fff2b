"""An evaluation as plain JSON values: what ``--json`` prints and the HTML report draws."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

from training.evaluation.evaluation import Evaluation, System
from training.evaluation.intervals import CONFIDENCE, RESAMPLES
from training.evaluation.metrics import DEPTH, SHOWN
from training.evaluation.spread import Spread

#: Form of the report; rises when a reader would have to change.
REPORT = 1


def as_json(evaluation: Evaluation) -> dict[str, Any]:
    """The whole evaluation; figures that cannot be had are None."""
    trial = evaluation.trial
    given = trial.judgements
    plain: dict[str, Any] = {
        "report": REPORT,
        "posts": len(trial.blog),
        "depth": DEPTH,
        "shown": SHOWN,
        "seed": evaluation.seed,
        "resamples": RESAMPLES,
        "confidence": CONFIDENCE,
        "judgements": {
            "kind": "own links, hidden" if trial.own else "given",
            "given": given.n_lines,
            "used": len(trial.judged),
            "known_to_the_build": len(trial.known),
            "seen_by_the_build": trial.n_seen,
            "of_a_post_to_itself": given.n_own,
            "unknown": given.n_unknown,
            "unknown_names": list(given.unknown),
        },
        "readings": {name: asdict(reading) for name, reading in evaluation.readings.items()},
        "systems": [_system(system, trial.blog.ids) for system in evaluation.systems],
        "languages": {code: asdict(found) for code, found in evaluation.languages.items()},
        "calibration": [asdict(each) for each in evaluation.calibration],
        "worst": [asdict(each) for each in evaluation.worst],
        "best": [asdict(each) for each in evaluation.best],
        "boilerplate": dict(trial.index.manifest.counts["boilerplate"]),
        "settings": dict(trial.index.manifest.settings),
        "seconds": dict(trial.index.manifest.seconds),
    }
    cleaned: dict[str, Any] = _without_nan(plain)
    return cleaned


def _system(system: System, ids: list[str]) -> dict[str, Any]:
    return {
        "name": system.name,
        "title": system.title,
        "relevance": {name: asdict(found) for name, found in system.relevance.items()},
        "lists": _spread(system.spread, ids),
        "seconds": system.seconds and round(system.seconds, 3),
    }


def _spread(spread: Spread, ids: list[str]) -> dict[str, Any]:
    counts = spread.in_degree
    return {
        "coverage": spread.coverage,
        "hub": spread.hub,
        "hub_id": ids[spread.hub_row] if spread.hub_row >= 0 else None,
        "skewness": spread.skewness,
        "diversity": spread.diversity,
        "empty": spread.empty,
        "same_language": spread.same_language,
        "newer": spread.newer,
        # How many posts stand on how many lists: place 3 is the posts on three.
        "in_degrees": [int((counts == n).sum()) for n in range(int(counts.max()) + 1)],
    }


def _without_nan(value: Any) -> Any:
    """The value with None in place of what JSON cannot say."""
    if isinstance(value, dict):
        return {name: _without_nan(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(each) for each in value]
    return None if isinstance(value, float) and math.isnan(value) else value
