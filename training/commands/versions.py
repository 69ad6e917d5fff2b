"""``related-posts versions``: what was built, and which version is live."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from related_posts.errors import IndexMissingError, StorageError
from related_posts.storage import Store
from training.settings import TrainingSettings


@click.command()
@click.option("--data", type=click.Path(path_type=Path), help="Data folder.  [default: ./data]")
@click.option("--verify", is_flag=True, help="Compare every file with its checksum.")
def versions(data: Path | None, verify: bool) -> None:
    """List the versions in the data folder, oldest first."""
    settings = TrainingSettings.load({"data": data})
    store = Store(settings.data)
    names = store.names()
    if not names:
        raise IndexMissingError(settings.data)
    try:
        live = store.current_name()
    except StorageError as problem:
        click.echo(f"Warning: {problem}", err=True)
        live = ""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("version", no_wrap=True)
    for title in ("posts", "terms", "size"):
        table.add_column(title, justify="right")
    table.add_column("state")
    for name in names:
        table.add_row(name, *_described(store, name, verify, is_live=name == live))
    Console(highlight=False).print(table)


def _described(store: Store, name: str, verify: bool, *, is_live: bool) -> tuple[str, ...]:
    """A version's posts, terms, size and state, as texts."""
    try:
        manifest = store.manifest(name)
        if verify:
            store.verify(name)
    except StorageError as problem:
        return "", "", "", f"damaged: {problem}"
    size = sum(entry.bytes for entry in manifest.files.values())
    state = ["live"] if is_live else []
    state += ["verified"] if verify else []
    counts = f"{manifest.n_posts:,}", f"{manifest.n_terms:,}", f"{size / 1e6:,.1f} MB"
    return (*counts, ", ".join(state))
