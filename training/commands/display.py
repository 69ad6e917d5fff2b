"""What training shows: bars on a terminal, plain lines in a log, a summary at the end."""

from __future__ import annotations

import shlex
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.progress import BarColumn, Progress, TaskID, TextColumn
from rich.progress import TimeElapsedColumn as Elapsed

from related_posts.terminal import console, is_plain
from related_posts.wording import counted, labelled
from training.frozen import FULL
from training.publish import Outcome, Watcher
from training.report import ReadReport, SourceReport
from training.settings import TrainingSettings
from training.sources.detect_web import is_web
from training.sources.wordpress.mysql_database import is_database

#: Broken posts listed by line; the rest is counted.
MAX_LISTED = 20

#: A stage that takes longer is named in logs.
LONG_SECONDS = 2.0

#: A log hears how far the reading of a source is as often as this.
EVERY_SECONDS = 15.0


@contextmanager
def display() -> Iterator[Watcher]:
    """A watcher that suits where standard error goes."""
    if not sys.stderr.isatty() or is_plain():
        yield Lines()
        return
    columns = (
        TextColumn("{task.description:<12}"),
        BarColumn(),
        TextColumn("{task.fields[far]:>8}"),
        Elapsed(),
    )
    with Progress(*columns, console=console(stderr=True)) as progress:
        yield Bars(progress)


class Lines:
    """A line for each source, and for each stage that takes long, for logs.

    Args:
        clock: Tells seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._shown: set[str] = set()
        self._stage, self._since = "", 0.0
        self._told: dict[str, float] = {}

    def reading(self, place: str, done: int, total: int | None) -> None:
        """Name each source, and now and then how far it is where that takes long."""
        now = self._clock()
        if place not in self._told:
            self._told[place] = now
            self._once(f"reading {place}")
        elif now - self._told[place] >= EVERY_SECONDS and (far := _how_far(place, done, total)):
            self._told[place] = now
            click.echo(f"reading {place}: {far}", err=True)

    def building(self, stage: str, done: int, total: int) -> None:
        """Name each stage once that is not over in a moment."""
        now = self._clock()
        if stage != self._stage:
            self._stage, self._since = stage, now
        elif done < total and now - self._since >= LONG_SECONDS:
            self._once(f"{stage}: {counted(total, 'post')}")

    def read(self, report: ReadReport) -> None:
        """List what was broken."""
        _list_problems(report)

    def waiting(self) -> None:
        """Say why nothing happens."""
        self._once("waiting for another training of this data folder to end")

    def _once(self, line: str) -> None:
        if line not in self._shown:
            self._shown.add(line)
            click.echo(line, err=True)


class Bars:
    """A bar for each source and stage, for people."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}
        self._waits = False

    def reading(self, place: str, done: int, total: int | None) -> None:
        """Move the source's bar."""
        self._move(f"reading {Path(place).name}", done, total, _how_far(place, done, total))

    def building(self, stage: str, done: int, total: int) -> None:
        """Move the stage's bar."""
        self._move(stage, done, total, _share(done, total))

    def read(self, report: ReadReport) -> None:
        """List what was broken, above the bars."""
        for name, task in self._tasks.items():
            if name.startswith("reading "):
                self._progress.update(task, total=1, completed=1)
        _list_problems(report)

    def waiting(self) -> None:
        """Say why nothing happens."""
        if self._waits:
            return
        self._waits = True
        self._progress.console.print("waiting for another training of this data folder to end")

    def _move(self, name: str, done: int, total: int | None, far: str) -> None:
        if name not in self._tasks:
            self._tasks[name] = self._progress.add_task(name, total=total, far=far)
        self._progress.update(self._tasks[name], completed=done, total=total, far=far)


def _how_far(place: str, done: int, total: int | None) -> str:
    """How much of a source was read: posts or pages of an address, bytes of anything else."""
    if not done and not total:
        return ""
    if is_web(place) or is_database(place):
        return f"{done:,} of {total:,}" if total else f"{done:,}"
    return _share(done, total) if total else f"{done / 1e6:,.1f} MB"


def _share(done: int, total: int) -> str:
    return f"{100 * done // total if total else 100} %"


def _list_problems(report: ReadReport) -> None:
    for source in report.sources:
        for problem in source.problems[:MAX_LISTED]:
            click.echo(f"broken: {problem.place}: {problem.reason}", err=True)
        if source.n_problems > MAX_LISTED:
            click.echo(f"broken: {source.n_problems - MAX_LISTED:,} more", err=True)


def summary(outcome: Outcome, settings: TrainingSettings, *, full: bool = False) -> None:
    """Say what came of it, on standard output.

    Args:
        outcome: What came of it.
        settings: How it was built.
        full: Whether every post was looked into anew.
    """
    data = settings.data
    for source in outcome.report.sources:
        _read(source)
        _local(source, settings)
    if outcome.report.sources:
        _archive(outcome.report)
    for name, n_rows in outcome.report.others.items():
        advice = f"`related-posts sources --forget {shlex.quote(name)}` removes them"
        _line("", f"{counted(n_rows, 'post')} {_is(n_rows)} from {name}, not read now; {advice}")
    if outcome.is_new:
        _index(outcome)
    manifest = outcome.manifest
    if outcome.held is not None:
        _line("version", f"{manifest.version} in {data}, kept and not live: {outcome.held.reason}")
        _line("", f"`related-posts publish {manifest.version}` makes it live")
    elif outcome.is_new:
        _line("version", f"{manifest.version} in {data}, live")
    else:
        counts = outcome.report.counts
        changed = counts.added or counts.changed or counts.deleted
        why = "no list changes" if changed else "nothing changed"
        if full:
            why = "built in full: the same answers as the live version"
        _line("version", f"{manifest.version} in {data}, stays live: {why}")
    if outcome.pruned:
        removed = counted(len(outcome.pruned), "old version")
        _line("", f"{removed} {_was(len(outcome.pruned))} removed (keep_versions)")


def _read(source: SourceReport) -> None:
    """What reading one source came to."""
    kinds = [f"{count:,} {reason}" for reason, count in source.skipped.most_common()]
    skipped = f"{source.n_skipped:,} skipped" + (f" ({', '.join(kinds)})" if kinds else "")
    _line("read", f"{counted(source.n_read, 'post')}, {skipped}, {source.n_problems:,} broken")
    if source.since is not None:
        n, since = source.n_present, f"{source.since:%Y-%m-%d %H:%M} UTC"
        _line("", f"{counted(n, 'post')} not changed since {since} {_was(n)} not read again")
    for advice in source.advice:
        _line("", advice)
    if n := source.counts.absent:
        absent = f"{n:,} of them {_is(n)} missing in the archive"
        _line("", f"{absent}; the next read with --since auto reads all of {source.name}")
    if n := source.counts.apart:
        apart = f"{counted(n, 'post')} {'has' if n == 1 else 'have'} an id that another source's"
        _line("", f"{apart} post has; here the id is {source.name}:ID")
    if source.deletions_held_back and source.counts.kept:
        _line("", "nothing was deleted: a broken post without id may be any of the absent ones")


def _local(source: SourceReport, settings: TrainingSettings) -> None:
    """Addresses that no reader can reach, and how to say the ones that readers know."""
    for site, n in source.local.most_common(3):
        if site in (settings.site, *settings.former_sites) and settings.site:
            continue
        what = f"{counted(n, 'post')} {'has its address' if n == 1 else 'have their addresses'}"
        also = f"--set former_sites={','.join((*settings.former_sites, site))}"
        if settings.site:
            _line("", f"{what} at {site}, not at {settings.site}; to move them there, train with")
            _line("", f"{also}")
        else:
            _line("", f"{what} at {site}, where no reader comes; name the blog's own with")
            _line("", f"--site https://blog.example {also}")


def _archive(report: ReadReport) -> None:
    """What the archive holds now, and what changed in it."""
    counts = report.counts
    changes = [
        f"{count:,} {name}"
        for name, count in (
            ("added", counts.added),
            ("changed", counts.changed),
            ("unchanged", counts.unchanged),
            ("deleted", counts.deleted),
            ("kept though broken", counts.kept),
            ("taken over from another source", counts.taken_over),
            ("left to another source", counts.elsewhere),
        )
        if count or name in {"added", "changed", "unchanged", "deleted"}
    ]
    _line("archive", f"{counted(report.n_posts, 'post')}: {', '.join(changes)}")


def _index(outcome: Outcome) -> None:
    """What was built, how, and in which time."""
    counts, n = outcome.manifest.counts, outcome.manifest.n_posts
    words, pairs = counted(counts.get("words", 0), "word"), counted(counts.get("pairs", 0), "pair")
    terms = f"{counted(outcome.manifest.n_terms, 'term')} ({words}, {pairs})"
    _line("index", f"{counted(n, 'post')}, {terms}")
    full = counts.get(FULL, {})
    if "base" in full:
        _line("", f"built upon {full['base']}: {counted(full['lists'], 'list')} found anew")
    elif full.get("reason"):
        _line("", f"built in full: {full['reason']}")
    if known := n - int(counts.get("analysed", n)):
        _line("", f"{counted(known, 'post')} {_was(known)} known already, and not looked into")
    if lone := int(counts.get("empty_lists", 0)):
        _line("", f"{counted(lone, 'post')} without related posts: no other shares enough terms")
    for host, n_links in counts.get("other_hosts", {}).items():
        what = f"{counted(n_links, 'link')} lead to {host}, at paths of posts of this blog"
        _line("", f"{what}; if it was there, add it to former_sites")
    stages = [f"{name} {took:.1f}" for name, took in outcome.seconds.items() if took >= 0.05]
    told = f": {', '.join(stages)}" if stages else ""
    _line("seconds", f"{sum(outcome.seconds.values()):.1f}{told}")


def _is(n: int) -> str:
    return "is" if n == 1 else "are"


def _was(n: int) -> str:
    return "was" if n == 1 else "were"


def _line(label: str, text: str) -> None:
    line = labelled(label, text)
    styled = click.style(label, bold=True) + line[len(label) :] if label else line
    click.echo(styled, color=False if is_plain() else None)
