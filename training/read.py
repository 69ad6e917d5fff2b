"""Read sources into the archive, and tell what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Literal, TypeAlias

from related_posts.archive import (
    Archive,
    Entry,
    Read,
    Unchanged,
    Unreadable,
    Update,
    Withdrawn,
)
from related_posts.errors import ArchiveError, EmptyArchiveError, PostError, SourceError
from related_posts.fields import shown, url
from related_posts.posts import Post
from training.local_hosts import local_site
from training.report import ReadReport, SourceReport, empty
from training.sources import Source, check_format, open_source
from training.sources.base import (
    Advising,
    Hostless,
    Incremental,
    Item,
    Present,
    Problem,
    Skipped,
    Split,
)
from training.sources.containers.containers import Containers
from training.sources.containers.members import bare, open_part
from training.sources.detect_web import is_web
from training.sources.markdown.options import MarkdownOptions
from training.sources.wordpress.mysql_database import is_database
from training.spool import Spool
from training.web import WebOptions

#: Problems kept to be shown; all are counted.
MAX_PROBLEMS = 1_000

#: Share of a source's posts that a full picture must still hold to be believed: a blog
#: seldom loses a third of its posts, while an export that failed half-way does.
LEAST_SHARE = 0.7

#: Sources with fewer posts may shrink as they like; there a third is a few clicks.
FEW_POSTS = 10

#: Told which place is read, the bytes read of it, and how many it has or None.
PlaceProgress: TypeAlias = Callable[[str, int, int | None], None]

#: From when on changes are asked for: a moment, since the last read, or everything.
Since: TypeAlias = datetime | Literal["auto"] | None


def no_place_progress(place: str, done: int, total: int | None) -> None:
    """A progress callback that tells nobody."""


@dataclass(frozen=True, slots=True)
class _Said:
    """One export, read to its end and not yet in the archive."""

    report: SourceReport
    complete: bool
    known_until: datetime | None
    spool: Spool


@dataclass(frozen=True, slots=True)
class _Opened:
    """A part of a place, ready to be read."""

    place: str
    shown: str
    source: Source


def read_sources(
    places: Iterable[str],
    archive: Archive,
    *,
    format: str | None = None,
    site: str | None = None,
    now: datetime,
    since: Since = None,
    strict: bool = False,
    accept_deletions: bool = False,
    scratch: Path | None = None,
    web: WebOptions | None = None,
    markdown: MarkdownOptions | None = None,
    progress: PlaceProgress = no_place_progress,
) -> ReadReport:
    """Read every place and bring the archive up to date, all or nothing.

    Places whose sources have one name are parts of one export and are read as one.
    The same place twice is read once.

    Args:
        places: Files, folders, archive files, globs and addresses, as the user named
            them; none reads nothing.
        archive: Where the posts go.
        format: The format of all places, or None to detect each.
        site: The blog's address.
        now: The moment of this read; aware.
        since: Ask sources that can tell only for what changed after that moment;
            ``auto`` is the start of each source's last read.
        strict: Treat a broken post as an error.
        accept_deletions: Believe a source that lost a large share of its posts.
        scratch: Where archive files are unpacked; see ``Containers``.
        web: How the web is read.
        markdown: How folders of Markdown are read.
        progress: Told how far each place is.

    Raises:
        SourceError: A place is of no use as a whole.
        EmptyArchiveError: A source that should be a full picture of the blog holds
            no post, or the archive would be left without any.
        ArchiveError: The archive cannot be written; a source lost too many posts; or,
            with ``strict``, a post is broken.

    Whatever raises leaves the archive as it was.
    """
    opener = partial(open_source, site=site, now=now, web=web, markdown=markdown)
    with Containers(scratch) as containers:
        opened: dict[str, list[_Opened]] = {}
        seen: set[str] = set()
        for place in _distinct(places):
            if not is_web(place) and not is_database(place):
                check_format(format)
            for part in containers.parts(place, format, partial(progress, place)):
                if (path := _absolute(part.path)) in seen:
                    continue
                seen.add(path)
                # A site may take its time to tell what it is, and how many pages it has.
                progress(part.shown, 0, None)
                source = open_part(part, opener, partial(progress, part.shown))
                opened.setdefault(source.name, []).append(_Opened(place, part.shown, source))
        if not opened:
            return _without_reading(archive)
        if site:
            _refuse_several_blogs(opened)
        known, earlier = archive.revision(), archive.reads()
        with ExitStack() as spools:
            said = []
            for name, parts in opened.items():
                spool = spools.enter_context(Spool(scratch))
                said.append(_listen(name, parts, earlier.get(name), since, spool))
            _refuse_nothing(said, archive)
            if strict:
                _refuse_problems([one.report for one in said])
            # Only now is the archive held: others may have written to it until here.
            with archive.writing(now) as update:
                reports = tuple(_take_in(one, update, now, known, accept_deletions) for one in said)
                n_posts = update.count()
                if not n_posts:
                    raise empty(reports)
                others = {name: n for name, n in update.sources().items() if name not in opened}
    return ReadReport(reports, n_posts, others)


def _listen(
    name: str, parts: list[_Opened], earlier: Read | None, since: Since, spool: Spool
) -> _Said:
    """Read the parts of one export as one, to the end."""
    report = SourceReport(name, tuple(dict.fromkeys(part.place for part in parts)))
    complete = all(part.source.complete for part in parts)
    known_until = _known_until(earlier)
    moment = known_until if since == "auto" else since
    sources = [bare(part.source) for part in parts]
    for source in sources:
        if isinstance(source, Split):
            source.beside(sources)
    for part in parts:
        if moment is not None and isinstance(part.source, Incremental):
            part.source.since = report.since = moment
    spool.fill(_entries(parts, report))
    told = [line for one in sources if isinstance(one, Advising) for line in one.advice()]
    report.advice = list(dict.fromkeys(told))
    return _Said(report, complete, known_until, spool)


def _take_in(
    said: _Said, update: Update, now: datetime, known: int, accept_deletions: bool
) -> SourceReport:
    """Bring what one export says into the archive."""
    report, known_until = said.report, said.known_until
    n_held = update.held(report.name)
    report.counts = update.read(report.name, said.spool, complete=said.complete, known=known)
    n_there = report.n_read + report.n_present
    if said.complete and not accept_deletions and not report.deletions_held_back:
        _refuse_loss(report, n_held, n_there + report.n_problems)
    if report.counts.absent:
        known_until = None
    elif not report.n_problems and (
        report.since is None or (known_until is not None and report.since <= known_until)
    ):
        known_until = now
    update.record(report.name, started=now, since=known_until)
    return report


def _known_until(read: Read | None) -> datetime | None:
    """The moment up to which every change of a source is in the archive, or None."""
    return None if read is None or read.since is None else datetime.fromisoformat(read.since)


def _refuse_nothing(said: list[_Said], archive: Archive) -> None:
    """Stop before an archive is made or held for nothing."""
    reports = [one.report for one in said]
    for one in said:
        if one.complete and not one.report.n_read + one.report.n_present:
            raise empty([one.report])
    if not any(report.n_read for report in reports) and not archive.count():
        raise empty(reports)


def _refuse_loss(report: SourceReport, n_held: int, n_there: int) -> None:
    """Stop before a read that failed half-way deletes what it did not reach."""
    if n_held >= FEW_POSTS and n_there < LEAST_SHARE * n_held:
        raise ArchiveError(
            f"{', '.join(report.places)}: only {n_there:,} posts are there, the archive holds "
            f"{n_held:,} of {report.name}; nothing was changed. If the others were deleted on "
            "purpose, pass --accept-deletions"
        )


def _entries(parts: list[_Opened], report: SourceReport) -> Iterator[Entry]:
    """What the archive needs to know of each item; the rest is counted on the way."""
    seen: set[str] = set()
    for part in parts:
        for item in part.source.read():
            checked = _checked(item, seen, part.shown)
            if isinstance(checked, Post):
                report.n_read += 1
                if site := local_site(checked.url):
                    report.local[site] += 1
                yield checked
            elif isinstance(checked, Present):
                report.n_present += 1
                yield Unchanged(checked.post_id)
            elif isinstance(checked, Skipped):
                report.skipped[checked.reason] += 1
                if checked.post_id is not None:
                    yield Withdrawn(checked.post_id)
            else:
                report.n_problems += 1
                if len(report.problems) < MAX_PROBLEMS:
                    report.problems.append(checked)
                report.deletions_held_back |= checked.post_id is None and part.source.complete
                yield Unreadable(checked.post_id)


def _checked(item: Item, seen: set[str], place: str) -> Item:
    """The item, or a problem where it is a post that must not reach the archive.

    That is one whose id another part already had. Whatever its source made of it, no
    address leaves here that a reader must not follow.
    """
    if not isinstance(item, Post):
        return item
    if item.id in seen:
        reason = f"id {shown(item.id)} was read before; the first one stays"
        return Problem(place, reason, item.id)
    try:
        url("url", item.url)
    except PostError as error:
        return Problem(place, error.reason, item.id)
    seen.add(item.id)
    return item


def _refuse_several_blogs(opened: Mapping[str, list[_Opened]]) -> None:
    """Stop before posts of one blog get the address of another: a Takeout holds all of them."""
    first = [parts[0] for parts in opened.values()]
    blogs = [
        part
        for part in first
        if isinstance(source := bare(part.source), Hostless) and source.lacks_host
    ]
    if len(blogs) > 1:
        names = ", ".join(part.shown for part in blogs)
        reason = f"these are {len(blogs)} blogs, and --site is the address of one; name that one's"
        raise SourceError(
            names, f"{reason} feed.atom alone, unpacked if it lies in an archive file"
        )


def _distinct(places: Iterable[str]) -> list[str]:
    """Places, each once however it is written."""
    distinct: dict[str, str] = {}
    for place in places:
        distinct.setdefault(_absolute(place), place)
    return list(distinct.values())


def _absolute(place: str) -> str:
    try:
        return str(Path(place).resolve())
    except (OSError, ValueError, RuntimeError):
        return place


def _refuse_problems(reports: Iterable[SourceReport]) -> None:
    problems = [problem for report in reports for problem in report.problems]
    if problems:
        total = sum(report.n_problems for report in reports)
        first = problems[0]
        raise ArchiveError(
            f"{first.place}: {first.reason} ({total} broken in all); nothing was changed. "
            "Mend the export, or read it without --strict"
        )


def _without_reading(archive: Archive) -> ReadReport:
    n_posts = archive.count()
    if not n_posts:
        raise EmptyArchiveError([archive.place])
    return ReadReport((), n_posts)


__all__ = ["ReadReport", "Since", "SourceReport", "read_sources"]
