"""Judgements: which posts are relevant to which, because an author linked them.

Two readings of the same links. *Directed*: relevant to a post is what it links to. Nearly
all links lead to older posts, so this reading rewards a ranking for preferring older ones.
*Symmetric*: linked posts are relevant to each other. It has no such bias, and is what
figures are stated in unless they say otherwise.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from related_posts.errors import EvaluationError

#: Two rows: a post, and one that its author linked to.
Pair: TypeAlias = tuple[int, int]
#: Row of a query to the rows relevant to it; never empty.
Relevant: TypeAlias = Mapping[int, frozenset[int]]

#: Broken lines of a file that an error names.
_LISTED = 3


@dataclass(frozen=True, slots=True)
class Judgements:
    """Links taken as judgements, and what was left out on the way.

    Attributes:
        pairs: Linking row and linked row, never equal.
        n_lines: Links given, before anything was left out.
        n_unknown: Of these, those that name a post the archive does not hold.
        unknown: Some of the names nobody knows, in order of appearance.
        n_own: Of these, those of a post to itself.
    """

    pairs: frozenset[Pair]
    n_lines: int
    n_unknown: int = 0
    unknown: tuple[str, ...] = ()
    n_own: int = 0


def read(path: Path, row_of: Callable[[str], int | None]) -> Judgements:
    """Judgements from a file of lines ``SOURCE<TAB>TARGET``.

    Both are ids or addresses. Further columns and empty lines are passed over; the same
    link twice counts once.

    Args:
        path: The file, UTF-8.
        row_of: Row of an id or address, or None.

    Raises:
        EvaluationError: The file cannot be read, has a line that is no link, or names no
            link between two posts of the archive.
    """
    links = list(_links(path))
    pairs: set[Pair] = set()
    unknown: dict[str, None] = {}
    n_unknown = n_own = 0
    for names in links:
        rows = [row_of(name) for name in names]
        unknown.update(dict.fromkeys(n for n, row in zip(names, rows, strict=True) if row is None))
        source, target = rows
        if source is None or target is None:
            n_unknown += 1
        elif source == target:
            n_own += 1
        else:
            pairs.add((source, target))
    if not pairs:
        said = f"; for instance {next(iter(unknown))!r} is unknown" if unknown else ""
        raise EvaluationError(
            f"{path}: none of its {len(links):,} links is between two posts of the archive{said}"
        )
    return Judgements(frozenset(pairs), len(links), n_unknown, tuple(unknown)[:_LISTED], n_own)


def directed(pairs: Iterable[Pair]) -> Relevant:
    """Relevant to a post is what it links to."""
    found: dict[int, set[int]] = defaultdict(set)
    for source, target in pairs:
        found[source].add(target)
    return _sealed(found)


def symmetric(pairs: Iterable[Pair]) -> Relevant:
    """Relevant to a post is what it links to and what links to it."""
    found: dict[int, set[int]] = defaultdict(set)
    for source, target in pairs:
        found[source].add(target)
        found[target].add(source)
    return _sealed(found)


def _sealed(found: Mapping[int, set[int]]) -> Relevant:
    return {row: frozenset(found[row]) for row in sorted(found)}


def _links(path: Path) -> Iterable[tuple[str, str]]:
    """The two names on each line.

    Raises:
        EvaluationError: The file cannot be read or a line is not a link.
    """
    try:
        lines = path.read_text("utf-8-sig").split("\n")
    except OSError as mistake:
        raise EvaluationError(f"{path} cannot be read: {mistake.strerror or mistake}") from None
    except UnicodeDecodeError as mistake:
        raise EvaluationError(f"{path} is not UTF-8 (byte {mistake.start})") from None
    links: list[tuple[str, str]] = []
    broken: list[int] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        names = [name.strip() for name in line.split("\t")[:2]]
        if len(names) == 2 and all(names):
            links.append((names[0], names[1]))
        else:
            broken.append(number)
    if broken:
        shown = ", ".join(map(str, broken[:_LISTED]))
        more = f" and {len(broken) - _LISTED:,} more" if len(broken) > _LISTED else ""
        raise EvaluationError(
            f"{path} line {shown}{more}: not a link; each line is SOURCE<TAB>TARGET, "
            "two ids or addresses"
        )
    if not links:
        raise EvaluationError(f"{path} holds no links; each line is SOURCE<TAB>TARGET")
    return links
