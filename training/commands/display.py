"""What training shows: bars on a terminal, plain lines in a log, a summary at the end."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn
from rich.progress import TimeElapsedColumn as Elapsed

from training.frozen import FULL
from training.publish import Outcome, Watcher
from training.read import ReadReport

#: Broken posts listed by line; the rest is counted.
MAX_LISTED = 20


@contextmanager
def display() -> Iterator[Watcher]:
    """A watcher that suits where standard error goes."""
    if not sys.stderr.isatty():
        yield Lines()
        return
    columns = TextColumn("{task.description:<12}"), BarColumn(), TaskProgressColumn(), Elapsed()
    with Progress(*columns, console=Console(stderr=True)) as progress:
        yield Bars(progress)


class Lines:
    """A line for each source and stage, for logs."""

    def __init__(self) -> None:
        self._shown: set[str] = set()

    def reading(self, place: str, done: int, total: int | None) -> None:
        """Name each source once."""
        self._once(f"reading {place}")

    def building(self, stage: str, done: int, total: int) -> None:
        """Name each stage once."""
        self._once(f"{stage}: {total:,} posts")

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
        self._move(f"reading {Path(place).name}", done, total)

    def building(self, stage: str, done: int, total: int) -> None:
        """Move the stage's bar."""
        self._move(stage, done, total)

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

    def _move(self, name: str, done: int, total: int | None) -> None:
        if name not in self._tasks:
            self._tasks[name] = self._progress.add_task(name, total=total)
        self._progress.update(self._tasks[name], completed=done, total=total)


def _list_problems(report: ReadReport) -> None:
    for source in report.sources:
        for problem in source.problems[:MAX_LISTED]:
            click.echo(f"broken: {problem.place}: {problem.reason}", err=True)
        if source.n_problems > MAX_LISTED:
            click.echo(f"broken: {source.n_problems - MAX_LISTED:,} more", err=True)


def summary(outcome: Outcome, data: Path) -> None:
    """Say what came of it, on standard output."""
    for source in outcome.report.sources:
        kinds = [f"{count:,} {reason}" for reason, count in source.skipped.most_common()]
        skipped = f"{source.n_skipped:,} skipped" + (f" ({', '.join(kinds)})" if kinds else "")
        _line("read", f"{source.n_read:,} posts, {skipped}, {source.n_problems:,} broken")
        if source.since is not None:
            known = (
                f"{source.n_present:,} posts not changed since {source.since:%Y-%m-%d %H:%M} UTC"
            )
            _line("", f"{known} were not read again")
        if source.counts.absent:
            absent = f"{source.counts.absent:,} of them are missing in the archive"
            _line("", f"{absent}; the next read with --since auto reads all of {source.name}")
        if source.counts.apart:
            apart = f"{source.counts.apart:,} posts have an id that another source's post has"
            _line("", f"{apart}; theirs is {source.name}:ID")
        if source.deletions_held_back and source.counts.kept:
            _line("", "nothing was deleted: a broken post without id may be any of the absent ones")
    counts = outcome.report.counts
    if outcome.report.sources:
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
        _line("archive", f"{outcome.report.n_posts:,} posts: {', '.join(changes)}")
    for name, n_rows in outcome.report.others.items():
        advice = f"`related-posts sources --forget {shlex.quote(name)}` removes them"
        _line("", f"{n_rows:,} posts are from {name}, not read now; {advice}")
    manifest = outcome.manifest
    lone = int(manifest.counts.get("empty_lists", 0))
    terms = f"{manifest.counts.get('words', 0):,} words, {manifest.counts.get('pairs', 0):,} pairs"
    _line("index", f"{manifest.n_posts:,} posts, {manifest.n_terms:,} terms ({terms})")
    unchanged = manifest.n_posts - int(manifest.counts.get("analysed", manifest.n_posts))
    full = manifest.counts.get(FULL, {}) if outcome.is_new else {}
    if "base" in full:
        _line("", f"built upon {full['base']}: {full['lists']:,} lists found anew")
    elif full.get("reason"):
        _line("", f"built in full: {full['reason']}")
    if unchanged:
        _line("", f"{unchanged:,} posts have not changed and were not looked into again")
    if lone:
        _line("", f"{lone:,} posts share no term with another and have no related posts")
    stages = [f"{stage} {seconds:.1f}" for stage, seconds in outcome.seconds.items()]
    _line("seconds", ", ".join(stages))
    if outcome.held is not None:
        _line("version", f"{manifest.version} in {data}, kept and not live: {outcome.held.reason}")
        _line("", f"`related-posts publish {manifest.version}` makes it live")
    else:
        state = "live" if outcome.is_new else "stays live: nothing changed"
        _line("version", f"{manifest.version} in {data}, {state}")
    if outcome.pruned:
        _line("", f"{len(outcome.pruned):,} old versions were removed (keep_versions)")


def _line(name: str, text: str) -> None:
    click.echo(f"{click.style(f'{name:<8}', bold=True)} {text}")
