"""The steps of the recipe, each with the settings that turn it off: the rows of the ablation.

A new step of the recipe is a new line here. Values are those of ``--set``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Step:
    """One row: the defaults with some settings changed.

    Attributes:
        name: What people read.
        settings: Setting to value; what is not named keeps its default.
    """

    name: str
    settings: dict[str, Any] = field(default_factory=dict)


STEPS = (
    Step("all defaults"),
    Step("without the time factor", {"time_weight": 0.0}),
    Step("without the title factor", {"title_weight": 0.0}),
    Step("IDF to the power 1", {"idf_power": 1.0}),
    Step("term counts in proportion", {"tf_power": 1.0}),
    Step("term counts not at all", {"tf_power": 0.0}),
    Step("hubs not scaled down", {"hub_power": 0.0}),
    Step("hubs not capped", {"hub_share": 1.0}),
    Step("no least score", {"min_score": 0.0}),
    Step("title counted once", {"title_repeats": 1}),
    Step("tags left out", {"tag_repeats": 0}),
    Step("headings not counted again", {"heading_repeats": 0}),
    Step("boilerplate left in", {"boilerplate_posts": 0}),
    Step("words of a single post too", {"min_df": 1}),
    Step("across languages", {"cross_language": True}),
    Step(
        "none of these",
        {
            "time_weight": 0.0,
            "title_weight": 0.0,
            "idf_power": 1.0,
            "tf_power": 1.0,
            "hub_power": 0.0,
            "hub_share": 1.0,
            "min_score": 0.0,
            "title_repeats": 1,
            "tag_repeats": 0,
            "heading_repeats": 0,
            "boilerplate_posts": 0,
        },
    ),
)
