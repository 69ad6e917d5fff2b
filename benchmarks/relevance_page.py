"""The generated parts of ``docs/relevance.md``: they stand between markers, prose around them.

``python benchmarks/relevance_page.py`` brings the table of settings up to date.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from training.settings import TrainingSettings

PAGE = Path(__file__).resolve().parent.parent / "docs" / "relevance.md"

#: Settings that decide a version's answers without being part of the recipe.
NOT_THE_RECIPE = {"site", "neighbours"}


def put(page: str, name: str, content: str) -> str:
    """A page with new content between the markers of a name.

    Raises:
        ValueError: The page does not have the two markers once each, in order.
    """
    begin, end = f"<!-- {name}: generated -->", f"<!-- {name}: end -->"
    if page.count(begin) != 1 or page.count(end) != 1 or page.index(begin) > page.index(end):
        raise ValueError(f"the page needs {begin} and {end}, once each")
    head, tail = page.index(begin) + len(begin), page.index(end)
    return f"{page[:head]}\n{content.strip()}\n{page[tail:]}"


def settings_table() -> str:
    """Every setting that decides which posts are related: default, range and effect."""
    lines = ["| Setting | Default | Range | Effect |", "|---|---|---|---|"]
    fields = TrainingSettings.model_fields
    for name in sorted(TrainingSettings().build.keys() - NOT_THE_RECIPE, key=list(fields).index):
        field = fields[name]
        extra = field.json_schema_extra
        allowed = extra["allowed"] if isinstance(extra, dict) else ""
        default = str(field.default).lower() if isinstance(field.default, bool) else field.default
        shown = f"`{default}`" if default != "" else "empty"
        lines.append(f"| `{name}` | {shown} | {_plain(allowed)} | {_plain(field.description)} |")
    return "\n".join(lines)


def _plain(value: object) -> str:
    """Words that do not end a cell."""
    return re.sub(r"\s+", " ", str(value or "")).replace("|", "\\|")


def write(name: str, content: str) -> None:
    """Put new content between a name's markers in the page."""
    PAGE.write_text(put(PAGE.read_text("utf-8"), name, content), "utf-8")


if __name__ == "__main__":
    write("settings", settings_table())
    print(f"{PAGE.name}: the settings are those of the code", file=sys.stderr)
