"""``related-posts evaluate``: how good are the lists, beside what else there is?"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click
import orjson

from related_posts.archive import Archive
from related_posts.data_folder import existing_folder
from related_posts.terminal import data_option
from training.commands.assigned import assigned, set_option
from training.commands.display import display
from training.commands.evaluation_tables import show
from training.evaluation.as_json import as_json
from training.evaluation.evaluation import evaluate as measure
from training.evaluation.report.page import write
from training.evaluation.systems import BASELINES
from training.evaluation.trial import trial
from training.publish import Watcher
from training.read import read_sources
from training.settings import TrainingSettings


@click.command(epilog="Example: related-posts evaluate --html report.html")
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@data_option
@click.option(
    "--judgements",
    metavar="FILE.tsv",
    type=click.Path(path_type=Path),
    help="Links to judge by, a line each: SOURCE<TAB>TARGET, ids or addresses.",
)
@click.option(
    "--without",
    metavar="FILE.tsv",
    type=click.Path(path_type=Path),
    help="Also give figures without these links, such as those of templates.",
)
@click.option(
    "--hide-links",
    is_flag=True,
    help="With --judgements too, take links between posts out of the texts.",
)
@click.option(
    "--known-share",
    type=click.FloatRange(0, 1, max_open=True),
    default=0.0,
    show_default=True,
    help="Tell the build this share of the links, drawn at random, and judge by the others.",
)
@click.option(
    "--baselines/--no-baselines",
    default=True,
    show_default=True,
    help="Measure other ways to choose related posts in the same run.",
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="For chance.")
@click.option("--json", "json_", is_flag=True, help="Print everything as JSON.")
@click.option(
    "--html",
    metavar="FILE.html",
    type=click.Path(path_type=Path),
    help="Also write a report with plots: one file, without scripts.",
)
@set_option
def evaluate(
    sources: tuple[str, ...],
    data: Path | None,
    judgements: Path | None,
    without: Path | None,
    hide_links: bool,
    known_share: float,
    baselines: bool,
    seed: int,
    json_: bool,
    html: Path | None,
    assignments: tuple[str, ...],
) -> None:
    """Measure how good the lists are, beside what else there is.

    A version is built from the archive in the data folder, or from SOURCE, with the
    settings as configured; it is thrown away afterwards, and nothing else is touched.
    A post counts as relevant to another if the blog's author linked the two. Without
    --judgements these are the links in the posts, which are taken out of the texts first.

    Figures are symmetric unless they say directed: linked posts are relevant to each
    other. Read in one direction only, nearly all links lead to older posts, and whatever
    prefers older posts looks better than it is to a reader.
    """
    settings = TrainingSettings.load({"data": data}, assigned(assignments))
    with (
        display() as watcher,
        _archive(sources, settings, watcher) as archive,
        trial(
            archive,
            settings,
            judgements=judgements,
            hide_links=hide_links,
            known_share=known_share,
            seed=seed,
            progress=watcher.building,
        ) as tried,
    ):
        found = measure(
            tried,
            without=without,
            baselines=BASELINES if baselines else (),
            seed=seed,
            progress=watcher.building,
        )
        report = as_json(found)
    if html is not None:
        write(report, html)
    if json_:
        click.echo(orjson.dumps(report, option=orjson.OPT_INDENT_2))
    else:
        show(found)
    if html is not None:
        click.echo(f"{html}: the report", err=True)


@contextmanager
def _archive(
    sources: tuple[str, ...], settings: TrainingSettings, watcher: Watcher
) -> Iterator[Archive]:
    """The archive of the data folder, or one of the sources that goes afterwards."""
    if not sources:
        if not settings.database:
            existing_folder(settings.data)
        with Archive(settings.database or settings.data) as archive:
            yield archive
        return
    with (
        tempfile.TemporaryDirectory(prefix="related-posts-evaluate-") as scratch,
        Archive(Path(scratch)) as archive,
    ):
        report = read_sources(
            sources,
            archive,
            site=settings.site or None,
            now=datetime.now(UTC),
            scratch=Path(scratch),
            web=settings.web,
            progress=watcher.reading,
        )
        watcher.read(report)
        yield archive
