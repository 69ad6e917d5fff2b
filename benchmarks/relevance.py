"""What each step of the recipe is worth: the ablation table, over a folder of blogs.

The folder holds, for each blog, ``NAME.jsonl`` or ``NAME.jsonl.gz`` (the native schema) and
``NAME.links.tsv`` (its judgements; see docs/evaluating.md). There is no default: the blogs
are yours to choose, and no part of this project. The tables are printed, and written into
``docs/relevance.md`` with ``--write``.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from pathlib import Path

import lee
import relevance_page
from relevance_steps import STEPS, Step

from related_posts.archive import Archive
from training.evaluation.evaluation import System, evaluate
from training.evaluation.systems import BASELINES
from training.evaluation.trial import trial
from training.read import read_sources
from training.settings import TrainingSettings


@dataclass(frozen=True)
class Blog:
    """One blog of the folder.

    Attributes:
        name: Its files' name.
        export: Its posts.
        links: Its judgements.
    """

    name: str
    export: Path
    links: Path


def blogs_in(folder: Path) -> list[Blog]:
    """The blogs of a folder, by name.

    Raises:
        SystemExit: It holds none.
    """
    found = []
    for links in sorted(folder.glob("*.links.tsv")):
        name = links.name.removesuffix(".links.tsv")
        exports = [folder / f"{name}.jsonl", folder / f"{name}.jsonl.gz"]
        found += [Blog(name, export, links) for export in exports if export.is_file()][:1]
    if not found:
        raise SystemExit(
            f"{folder}: no blog; it should hold NAME.jsonl or NAME.jsonl.gz beside NAME.links.tsv"
        )
    return found


@contextmanager
def archive_of(blog: Blog) -> Iterator[tuple[Archive, Path]]:
    """A blog's posts in an archive that goes afterwards, and its folder."""
    with tempfile.TemporaryDirectory() as scratch, Archive(Path(scratch)) as archive:
        read_sources([str(blog.export)], archive, now=datetime.now(UTC))
        yield archive, Path(scratch)


def measure(archive: Archive, data: Path, blog: Blog, step: Step, *, beside: bool) -> list[System]:
    """Our lists with one step's settings, and scikit-learn's defaults if they are asked for.

    Steps that leave the analysis of the posts as it is share it; all else is built anew.
    """
    settings = TrainingSettings(data=data, **step.settings)
    analysis = (*astuple(settings.fields), settings.boilerplate_posts)
    cache = data / f"analysis-{'-'.join(map(str, analysis))}.sqlite3"
    chosen = [each for each in BASELINES if each.name == "scikit-learn"] if beside else []
    with trial(archive, settings, judgements=blog.links, cache=cache) as tried:
        return list(evaluate(tried, baselines=chosen).systems)


def ablation(blogs: Sequence[Blog], steps: Sequence[Step], tell: Callable[[str], None]) -> str:
    """The table as Markdown: a row a step, a column a blog."""
    rows: dict[str, list[System]] = {step.name: [] for step in steps}
    scikit: list[System] = []
    for blog in blogs:
        with archive_of(blog) as (archive, data):
            for number, step in enumerate(steps):
                tell(f"{blog.name}: {step.name}")
                ours, *others = measure(archive, data, blog, step, beside=not number)
                rows[step.name].append(ours)
                scikit += others
    rows["scikit-learn defaults"] = scikit
    names = " | ".join(blog.name for blog in blogs)
    lines = [
        f"| nDCG@10, symmetric | {names} | mean | | directed | coverage | hub | empty |",
        "|---|" + "---|" * (len(blogs) + 6),
    ]
    first = _mean([_ndcg(system) for system in rows[steps[0].name]])
    for name, systems in rows.items():
        figures = [_ndcg(system) for system in systems]
        mean = _mean(figures)
        cells = [f"{figure:.3f}" for figure in figures]
        cells += [
            f"**{mean:.3f}**",
            "" if name == steps[0].name else f"{round(mean - first, 3) + 0.0:+.3f}",
        ]
        cells.append(f"{_mean([_ndcg(system, 'directed') for system in systems]):.3f}")
        cells += [
            f"{100 * worst:.1f} %"
            for worst in (
                min(system.spread.coverage for system in systems),
                max(system.spread.hub for system in systems),
                max(system.spread.empty for system in systems),
            )
        ]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _ndcg(system: System, reading: str = "symmetric") -> float:
    return system.relevance[reading].ndcg.value


def _mean(figures: Sequence[float]) -> float:
    return sum(figures) / len(figures)


def main(arguments: list[str] | None = None) -> None:
    """Measure, print, and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--blogs", type=Path, required=True, help="folder of blogs")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these blogs")
    parser.add_argument("--write", action="store_true", help="into docs/relevance.md too")
    given = parser.parse_args(arguments)
    blogs = [blog for blog in blogs_in(given.blogs) if not given.only or blog.name in given.only]
    if not blogs:
        parser.error(f"--only {' '.join(given.only)}: no such blog in {given.blogs}")
    table = ablation(blogs, STEPS, lambda line: print(line, file=sys.stderr, flush=True))
    print(table, flush=True)
    check = lee.table()
    print(f"\n{check}")
    if given.write:
        relevance_page.write("ablation", table)
        relevance_page.write("lee", check)
        relevance_page.write("settings", relevance_page.settings_table())


if __name__ == "__main__":
    main()
