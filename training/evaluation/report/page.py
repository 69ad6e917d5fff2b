"""The report's page, made from the same JSON that ``--json`` prints."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from related_posts.errors import EvaluationError
from training.evaluation.names import MEASURES, READINGS
from training.evaluation.report import plots


def write(report: Mapping[str, Any], place: Path) -> None:
    """Write the report as one HTML file.

    Raises:
        EvaluationError: The file cannot be written.
    """
    content = page(report)
    try:
        place.write_text(content, "utf-8")
    except OSError as mistake:
        raise EvaluationError(
            f"{place} cannot be written: {mistake.strerror or mistake}; name a file in a "
            "folder that exists"
        ) from None


def page(report: Mapping[str, Any]) -> str:
    """The report as HTML: no script, no other file, no address that is not the blog's own."""
    environment = Environment(
        loader=PackageLoader("training.evaluation.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["percent"] = _percent
    environment.filters["number"] = _number
    systems = report["systems"]
    panels = {
        title: _drawn(
            plots.intervals(
                [
                    (system["title"], system["relevance"]["symmetric"][name], f"s{number}")
                    for number, system in enumerate(systems)
                ],
                f"{title} of each system with its 95 % interval",
            )
        )
        for name, title in MEASURES.items()
    }
    languages = {
        (code or "unknown"): found for code, found in report["languages"].items() if found["ndcg"]
    }
    return environment.get_template("page.html").render(
        report=report,
        panels=panels,
        readings={name: READINGS[name] for name in report["readings"]},
        in_degrees=_drawn(plots.in_degrees(systems, "On how many lists posts stand")),
        calibration=report["calibration"]
        and _drawn(plots.calibration(report["calibration"], "What a score means")),
        languages=len(languages) > 1
        and _drawn(
            plots.intervals(
                [
                    (f"{code} ({found['posts']:,} posts)", found["ndcg"], "s0")
                    for code, found in languages.items()
                ],
                "nDCG@10 by language",
            )
        ),
    )


def _drawn(svg: str) -> Markup:
    """SVG of ours, whose texts are escaped already."""
    return Markup(svg)


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f} %"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
