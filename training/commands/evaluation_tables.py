"""An evaluation as tables in the terminal."""

from __future__ import annotations

import math

from rich.table import Table

from related_posts.excerpts import excerpt
from related_posts.terminal import console, plain_table
from training.evaluation.evaluation import Evaluation, System
from training.evaluation.metrics import DEPTH, SHOWN
from training.evaluation.names import MEASURES, READINGS

#: With fewer judged posts than this the intervals are too wide to tell systems apart.
FEW = 50
#: Repeated sentences that are named, and the characters shown of one.
REPEATED, REPEATED_CHARS = 5, 80

#: Readings that a terminal has no room for.
_BOTH_WAYS = ("directed_without_listed", "directed_same_language")


def show(evaluation: Evaluation) -> None:
    """Print what was measured."""
    out = console(soft_wrap=True)
    for line in _about(evaluation):
        out.print(line)
    out.print()
    out.print(_relevance(evaluation))
    out.print()
    out.print(_readings(evaluation))
    out.print()
    out.print(_lists(evaluation))
    if len(evaluation.languages) > 1:
        out.print()
        out.print(_languages(evaluation))
    out.print()
    for line in _boilerplate(evaluation):
        out.print(line)


def _about(evaluation: Evaluation) -> list[str]:
    """What was judged by what, in sentences."""
    trial, reading = evaluation.trial, evaluation.readings["symmetric"]
    given = trial.judgements
    kind = "the blog's own links, hidden from the build" if trial.own else "judgements"
    lines = [
        f"{len(trial.blog):,} posts, {reading.n_queries:,} of them judged by "
        f"{reading.n_pairs:,} links ({kind})"
    ]
    if trial.known:
        lines.append(f"{len(trial.known):,} more links were known to the build and judge nothing")
    if trial.n_seen:
        lines.append(
            f"{trial.n_seen:,} of the links stand in the posts, where the build saw them: "
            "figures flatter; --hide-links takes them out"
        )
    if given.n_unknown:
        names = ", ".join(given.unknown)
        lines.append(
            f"{given.n_unknown:,} links name posts that the archive does not hold, such as {names}"
        )
    if given.n_own:
        lines.append(f"{given.n_own:,} links of a post to itself were left out")
    if reading.n_queries < FEW:
        lines.append("so few judged posts tell little: look at the intervals")
    return lines


def _relevance(evaluation: Evaluation) -> Table:
    first, *others = MEASURES.values()
    table = _table("relevance", first, "95 %", *others)
    for system in evaluation.systems:
        found = system.relevance["symmetric"]
        table.add_row(
            system.title,
            _number(found.ndcg.value),
            f"{_number(found.ndcg.low)}–{_number(found.ndcg.high)}",
            *(_number(figure.value) for figure in (found.recall, found.hit, found.mrr)),
        )
    return table


def _readings(evaluation: Evaluation) -> Table:
    """NDCG by every reading of the judgements but the usual one."""
    names = [name for name in evaluation.readings if name != "symmetric"]
    table = _table(f"nDCG@{DEPTH}", *(READINGS[name] for name in names))
    for system in evaluation.systems:
        figures = [system.relevance[name].ndcg.value for name in names]
        table.add_row(system.title, *map(_number, figures))
    return table


def _lists(evaluation: Evaluation) -> Table:
    table = _table(
        f"lists of {SHOWN}", "coverage", "hub", "skew", "diversity", "empty", "language", "newer"
    )
    for system in evaluation.systems:
        table.add_row(system.title, *_spread(system))
    return table


def _spread(system: System) -> list[str]:
    found = system.spread
    return [
        _percent(found.coverage),
        _percent(found.hub),
        f"{found.skewness:.1f}",
        _number(found.diversity),
        _percent(found.empty),
        _percent(found.same_language),
        _percent(found.newer),
    ]


def _languages(evaluation: Evaluation) -> Table:
    table = _table("language", "posts", "judged", f"nDCG@{DEPTH}", "95 %", "empty")
    for code, found in evaluation.languages.items():
        ndcg = found.ndcg
        table.add_row(
            code or "unknown",
            f"{found.posts:,}",
            f"{found.n_queries:,}",
            _number(ndcg.value) if ndcg else "too few",
            f"{_number(ndcg.low)}–{_number(ndcg.high)}" if ndcg else "",
            _percent(found.empty),
        )
    return table


def _boilerplate(evaluation: Evaluation) -> list[str]:
    """What was left out of the posts because the blog repeats it."""
    found = evaluation.trial.index.manifest.counts["boilerplate"]
    if not found["different"]:
        return ["boilerplate: no sentence is repeated"]
    share = found["characters"] / max(found["of_characters"], 1)
    repeated = found["most_repeated"][:REPEATED]
    return [
        f"boilerplate: {found['different']:,} sentences, {_percent(share)} of the text; what "
        "takes most, with the number of posts",
        *(f"{each['posts']:7,}  {excerpt(each['text'], REPEATED_CHARS)}" for each in repeated),
    ]


def _table(first: str, *columns: str) -> Table:
    table = plain_table()
    table.add_column(first, no_wrap=True)
    for column in columns:
        table.add_column(column, justify="right", no_wrap=True)
    return table


def _number(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.3f}"


def _percent(value: float) -> str:
    return "" if math.isnan(value) else f"{100 * value:.1f} %"
