"""What the commands of both sides share: the data folder's option, the console, its tables."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.console import Console
from rich.table import Table

_Command = TypeVar("_Command", bound=Callable[..., Any])

#: Columns of a terminal that nobody has made narrower.
_USUAL_WIDTH = 80


def data_option(command: _Command) -> _Command:
    """Add the option that names the data folder; the command gets ``data``, or None."""
    return click.option(
        "--data",
        type=_Folder(path_type=Path, readable=False),
        metavar="FOLDER",
        help="Data folder.  [default: ./data]",
    )(command)


def console(**options: Any) -> Console:
    """A console that prints text as it is; options are those of rich.

    Away from a terminal, and where the environment asks for none (``NO_COLOR``,
    ``TERM=dumb``), nothing but text comes out.
    """
    colours: Any = None if is_plain() else "auto"
    return _Console(highlight=False, markup=False, color_system=colours, **options)


def is_plain() -> bool:
    """Whether the environment asks for text without colours, weights and moving parts."""
    probe = Console()
    return probe.no_color or probe.is_dumb_terminal


def plain_table(*columns: str) -> Table:
    """A table without lines, for columns that are then added or are named here."""
    return Table(*columns, box=None, pad_edge=False, header_style="bold")


def print_table(table: Table) -> None:
    """Print a table: folded to a terminal of the usual width or more, unbroken elsewhere.

    A line of a pipe is one row, and no column is cut where there is little room: half of a key's
    id would be taken for the whole.
    """
    out = console()
    if not out.is_terminal or out.width < _USUAL_WIDTH:
        out.width = 1_000
    out.print(table)


class _Folder(click.Path):
    """A path that is not empty: an unset variable of a script must not name the current folder."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value == "":
            self.fail("it is empty; name a folder", param, ctx)
        return super().convert(value, param, ctx)


class _Console(Console):
    """Rich's, but that it leaves a reader that has gone to the command to deal with."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError
