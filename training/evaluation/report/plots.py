"""The plots of a report, drawn from its JSON."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from training.evaluation.report.svg import dot, drawing, line, path, text

_WIDTH = 460.0
_ROW = 22.0
_LABELS = 128.0
_MARGIN = 12.0


def intervals(rows: Sequence[tuple[str, Mapping[str, float], str]], label: str) -> str:
    """A dot with its interval for each row, on one axis from 0.

    Args:
        rows: What it is, its figure (value, low, high), and its class.
        label: What is plotted.
    """
    marks = ticks(max(figure["high"] for _, figure, _ in rows))
    bottom = _ROW * len(rows) + 6
    place = _axis(_LABELS, _WIDTH - _MARGIN - 36, marks[-1])
    parts = [line(place(x), 4, place(x), bottom, "grid") for x in marks]
    parts += [text(place(x), bottom + 15, f"{x:g}", "middle", "tick") for x in marks]
    for number, (name, figure, style) in enumerate(rows):
        y = _ROW * number + _ROW / 2 + 4
        tip = f"{name}: {figure['value']:.3f} ({figure['low']:.3f} to {figure['high']:.3f})"
        parts += [
            text(_LABELS - 10, y + 4, name, "end", "label"),
            line(place(figure["low"]), y, place(figure["high"]), y, f"whisker {style}"),
            dot(place(figure["value"]), y, f"mark {style}", tip),
            text(place(figure["high"]) + 7, y + 4, f"{figure['value']:.3f}", style="value"),
        ]
    return drawing(_WIDTH, bottom + 22, label, parts)


def in_degrees(systems: Sequence[Mapping[str, Any]], label: str) -> str:
    """For each system, the share of posts that stand on at least N lists, over N.

    N grows by powers, for a hub may stand on a thousand lists.
    """
    height, left = 260.0, 40.0
    most = max(len(system["lists"]["in_degrees"]) - 1 for system in systems)
    reach = math.log10(max(most, 10))
    right, bottom, top = _WIDTH - _MARGIN, height - 34, 10.0

    def x(n: float) -> float:
        return left + (right - left) * math.log10(n) / reach

    def y(share: float) -> float:
        return bottom - (bottom - top) * share

    parts = [line(left, y(share), right, y(share), "grid") for share in ticks(1.0)]
    parts += [
        text(left - 6, y(share) + 4, f"{100 * share:.0f} %", "end", "tick") for share in ticks(1.0)
    ]
    for power in range(math.floor(reach) + 1):
        parts += [
            line(x(10**power), top, x(10**power), bottom, "grid"),
            text(x(10**power), bottom + 15, f"{10**power:,}", "middle", "tick"),
        ]
    parts.append(text((left + right) / 2, height - 3, "lists a post stands on", "middle", "tick"))
    # Ours last, above the others.
    for number, system in reversed(list(enumerate(systems))):
        counts = system["lists"]["in_degrees"]
        n = sum(counts)
        points: list[tuple[float, float]] = []
        for degree, at_least in enumerate(_at_least(counts)):
            if degree:
                points.append((x(degree), y(at_least / n)))
        points = points or [(x(1), y(0.0))]
        points.append((points[-1][0], y(0.0)))
        parts.append(path(points, f"curve s{number}", system["title"]))
    return drawing(_WIDTH, height, label, parts)


def calibration(bins: Sequence[Mapping[str, float]], label: str) -> str:
    """The share of relevant posts over the score they were shown at."""
    height, left = 260.0, 44.0
    right, bottom, top = _WIDTH - _MARGIN, height - 34, 10.0
    scores = ticks(max(each["score"] for each in bins))
    shares = ticks(max(each["interval_high"] for each in bins))
    across = _axis(left, right, scores[-1])

    def y(share: float) -> float:
        return bottom - (bottom - top) * share / shares[-1]

    parts = [line(left, y(share), right, y(share), "grid") for share in shares]
    parts += [
        text(left - 6, y(share) + 4, f"{100 * share:.3g} %", "end", "tick") for share in shares
    ]
    parts += [text(across(score), bottom + 15, f"{score:g}", "middle", "tick") for score in scores]
    parts.append(text((left + right) / 2, height - 3, "score", "middle", "tick"))
    points = [(across(each["score"]), y(each["relevant"])) for each in bins]
    parts.append(path(points, "curve s0", "share of relevant posts"))
    for each, (x, height_of) in zip(bins, points, strict=True):
        tip = (
            f"score {each['low']:.3f} to {each['high']:.3f}: "
            f"{100 * each['relevant']:.1f} % of {each['n']:,} relevant"
        )
        parts += [
            line(x, y(each["interval_low"]), x, y(each["interval_high"]), "whisker s0"),
            dot(x, height_of, "mark s0", tip),
        ]
    return drawing(_WIDTH, height, label, parts)


def ticks(value: float) -> list[float]:
    """Even, round steps from 0 to the first one that is not below a value; at most seven."""
    value = value if value > 0 else 1.0
    power = 10.0 ** math.floor(math.log10(value / 5))
    step = next(each * power for each in (1, 2, 5, 10) if value <= 6 * each * power)
    n = math.ceil(value / step - 1e-9)
    return [round(step * place, 12) for place in range(n + 1)]


def _axis(left: float, right: float, top: float) -> Callable[[float], float]:
    return lambda value: left + (right - left) * value / top


def _at_least(counts: Sequence[int]) -> list[int]:
    """How many posts stand on at least 0, 1, 2 … lists."""
    left = sum(counts)
    found: list[int] = []
    for count in counts:
        found.append(left)
        left -= count
    return found
