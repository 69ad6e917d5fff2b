"""``related-posts versions``: what was built, which version is live, which wait and why."""

from __future__ import annotations

import textwrap
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from related_posts.data_folder import existing_folder
from related_posts.errors import IndexMissingError, StorageError
from related_posts.ledger import Ledger
from related_posts.storage import Store
from related_posts.terminal import console, data_option, plain_table
from training.settings import TrainingSettings
from training.versions import Versions

#: Why a version is not live, in a word or two.
_KINDS = {"asked": "waits", "gate": "held back", "rollback": "waits", "rolled-back": "rolled back"}


@click.command(epilog="Example: related-posts versions --verify")
@data_option
@click.option("--verify", is_flag=True, help="Compare every file with its checksum.")
def versions(data: Path | None, verify: bool) -> None:
    """List the versions in the data folder, oldest first."""
    settings = TrainingSettings.load({"data": data})
    store = Store(existing_folder(settings.data))
    names = store.names()
    if not names:
        raise IndexMissingError(settings.data)
    try:
        live = store.current_name()
    except StorageError as problem:
        click.echo(f"Warning: {problem}", err=True)
        live = ""
    try:
        ledger = Versions(settings.data).ledger()
    except StorageError as problem:
        click.echo(f"Warning: {problem}", err=True)
        ledger = Ledger()
    now = datetime.now(UTC)
    # What a rollback in force has to do with is told once, below.
    told = () if ledger.rollback is None else ("rollback", "rolled-back")
    notes = {
        name: why.reason
        for name, why in ledger.held.items()
        if name in names and why.kind not in told
    }
    table = plain_table()
    table.add_column("version", no_wrap=True)
    for title in ("age", "posts", "terms", "size"):
        table.add_column(title, justify="right")
    table.add_column("state")
    for name in names:
        state = ["live"] if name == live else []
        if name in ledger.held:
            state.append(_KINDS[ledger.held[name].kind])
        try:
            table.add_row(name, *_described(store, name, verify, state, now))
        except StorageError as problem:
            table.add_row(name, "", "", "", "", ", ".join([*state, "damaged"]))
            notes[name] = f"{notes[name]}; {problem}" if name in notes else str(problem)
    # A table is as wide as what is in it: lines of a log or a pipe do not break.
    console(width=1_000).print(table)
    for name in filter(notes.__contains__, names):
        click.echo(f"{name}: {notes[name]}")
    if ledger.rollback is not None:
        when = f"{ledger.rollback.at:%Y-%m-%d %H:%M} UTC"
        said = (
            f"{ledger.rollback.left} was rolled back on {when}: trainings keep their versions "
            "waiting until `related-posts publish VERSION`."
        )
        click.echo(textwrap.fill(said, 80, break_long_words=False, break_on_hyphens=False))


def _described(
    store: Store, name: str, verify: bool, state: list[str], now: datetime
) -> tuple[str, ...]:
    """A version's age, posts, terms, size and state, as texts.

    Raises:
        StorageError: It is damaged.
    """
    manifest = store.manifest(name)
    if verify:
        store.verify(name)
    size = sum(entry.bytes for entry in manifest.files.values())
    state = [*state, "verified"] if verify else state
    counts = f"{manifest.n_posts:,}", f"{manifest.n_terms:,}", _size(size)
    return (_age(now - manifest.created), *counts, ", ".join(state))


def _size(n_bytes: int) -> str:
    """A size in MB; in kB below one."""
    return f"{n_bytes / 1e6:,.1f} MB" if n_bytes >= 1e6 else f"{n_bytes / 1e3:,.0f} kB"


def _age(age: timedelta) -> str:
    """A duration in its largest whole unit; none is below zero."""
    seconds = max(0, round(age.total_seconds()))
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= length:
            return f"{seconds // length:,} {unit}"
    return f"{seconds} s"
