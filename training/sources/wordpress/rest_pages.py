"""Ask a WordPress blog for its posts: first which there are, then those that are wanted.

A list that is read page by page shifts under the reader when a post is deleted
meanwhile, and then skips another. So the pages are of numbers and dates only, quickly
read and read again if their total changed; the posts themselves are asked for by number.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from related_posts import fields
from related_posts.errors import PostError, SourceError
from related_posts.wordpress.posts import EMBED, FIELDS
from training.sources.wordpress.rest_api import Api, closed, error_code, read_json
from training.web import Client, FetchError, Response

#: Posts asked for at once; the most WordPress allows.
BATCH = 100

#: Answers in a row after which more is asked for again.
WORKED_OFTEN = 10

#: Entries of a page of the list, and what is tried where a server cannot give so many.
PAGE_SIZES = (100, 50, 20, 10)

#: Times the list is read again because it changed meanwhile.
MAX_READINGS = 3

#: Posts that a server may fail to give before it is not the posts' fault.
MAX_BROKEN = 100

#: Pages in a row on which no post may be seen.
MAX_EMPTY = 100

_PAST_THE_END = "rest_post_invalid_page_number"


@dataclass(frozen=True, slots=True)
class Listed:
    """A published post, by what the list says of it.

    Attributes:
        post_id: WordPress's number.
        changed: The later of its publication and its last change, or None where the
            list does not say. A scheduled post is published without being changed.
        is_protected: It has a password.
    """

    post_id: int
    changed: datetime | None
    is_protected: bool = False


def list_posts(client: Client, api: Api) -> list[Listed]:
    """Every published post, by number.

    Raises:
        SourceError: The list cannot be had.
    """
    for size in PAGE_SIZES:
        try:
            return _read_whole(client, api, size)
        except FetchError as error:
            if size == PAGE_SIZES[-1] or not _asked_too_much(error):
                raise _refused(error) from error
    raise AssertionError("the last size either returns or raises")


def fetch_posts(
    client: Client, api: Api, numbers: Sequence[int]
) -> Generator[tuple[int, Mapping[str, Any] | FetchError], None, None]:
    """Posts by number, in the order given.

    Where the server cannot give many at once, fewer are asked for, down to one; what it
    cannot give alone is given as the error. Numbers that are no longer published
    are left out.

    Raises:
        SourceError: It is the server that fails, not a post.
    """
    size = _Size()
    asked: deque[Sequence[int]] = deque()

    def questions() -> Iterator[str]:
        for batch in size.cut(numbers):
            asked.append(batch)
            yield _posts_url(api, batch)

    n_broken = 0
    with closing(client.get_many(questions(), accept=_JSON, retries=2)) as answers:
        for answer in answers:
            for number, found in _unpacked(client, api, asked.popleft(), answer, size):
                if isinstance(found, FetchError):
                    n_broken += 1
                    if n_broken > MAX_BROKEN or not _is_listed(client, api, number):
                        raise _refused(found)
                yield number, found


class _Size:
    """How many posts a server can give at once, as far as is known."""

    def __init__(self) -> None:
        self._now = BATCH
        self._n_worked = 0

    def cut(self, numbers: Sequence[int]) -> Iterator[Sequence[int]]:
        """Pieces of that size, as it is when each is cut."""
        start = 0
        while start < len(numbers):
            yield (piece := numbers[start : start + self._now])
            start += len(piece)

    def worked(self) -> None:
        """Try a little more, now and then."""
        self._n_worked += 1
        if self._n_worked >= WORKED_OFTEN:
            self._now, self._n_worked = min(BATCH, 2 * self._now), 0

    def failed(self, count: int) -> None:
        """Ask for half of it; but a single post that fails is itself at fault."""
        self._now, self._n_worked = count // 2 or BATCH, 0


_JSON = "application/json"


def _posts_url(api: Api, numbers: Sequence[int]) -> str:
    include = ",".join(map(str, numbers))
    return api.url(
        include=include,
        per_page=BATCH,
        orderby="id",
        order="asc",
        _embed=EMBED,
        _fields=FIELDS,
    )


def _unpacked(
    client: Client, api: Api, numbers: Sequence[int], answer: Response | FetchError, size: _Size
) -> Iterator[tuple[int, Mapping[str, Any] | FetchError]]:
    """The posts of an answer; where there is none, of answers to smaller questions."""
    try:
        rows = _rows(answer)
    except FetchError as error:
        if not _asked_too_much(error):
            raise _refused(error) from error
        size.failed(len(numbers))
        if len(numbers) == 1:
            yield numbers[0], error
            return
        for piece in size.cut(numbers):
            again = _ask(client, _posts_url(api, piece))
            yield from _unpacked(client, api, piece, again, size)
        return
    size.worked()
    by_number = {row["id"]: row for row in reversed(rows) if isinstance(row.get("id"), int)}
    for number in numbers:
        if number in by_number:
            yield number, by_number[number]


def _ask(client: Client, url: str) -> Response | FetchError:
    try:
        # It failed before, as part of a larger question, after all its attempts.
        return client.get(url, accept=_JSON, retries=1)
    except FetchError as error:
        return error


def _is_listed(client: Client, api: Api, number: int) -> bool:
    """Whether the server still answers for a post that it cannot give."""
    answer = _ask(client, api.url(include=number, _fields="id"))
    return isinstance(answer, Response)


def _read_whole(client: Client, api: Api, size: int) -> list[Listed]:
    """The list, read until its total stays the same from its first page to its last."""
    known: dict[int, Listed] = {}
    for _ in range(MAX_READINGS):
        found, is_steady = _read_once(client, api, size)
        # What an earlier reading saw and this one did not may be gone, or skipped: asked for.
        unsure = {number: Listed(number, None) for number in known if number not in found}
        known = {**unsure, **found}
        if is_steady:
            break
    return [known[number] for number in sorted(known)]


def _read_once(client: Client, api: Api, size: int) -> tuple[dict[int, Listed], bool]:
    """Every entry once, and whether the list said the same total all the time."""
    found: dict[int, Listed] = {}
    totals: set[str] = set()
    n_empty = 0
    for page in _pages(client, api, size):
        totals.add(page.headers.get("x-wp-total", ""))
        rows = _rows(page)
        entries = [entry for row in rows if (entry := _entry(row)) is not None]
        # Pages are short where posts may not be seen, but never all the same.
        if entries and all(entry.post_id in found for entry in entries):
            reason = "the server gives one page again and again"
            raise SourceError(page.url, f"{reason}; a cache before it may ignore the question")
        n_empty = 0 if entries else n_empty + 1
        if n_empty > MAX_EMPTY:
            raise SourceError(page.url, f"{n_empty} pages in a row hold no post; it has no end")
        found.update((entry.post_id, entry) for entry in entries)
    return found, len(totals) <= 1


def _pages(client: Client, api: Api, size: int) -> Iterator[Response]:
    """The list's pages: as many as the first one says, or until there is no further one."""
    first = client.get(_list_url(api, size, 1), accept=_JSON)
    yield first
    n_pages = first.headers.get("x-wp-totalpages", "")
    if n_pages.isascii() and n_pages.isdigit():
        numbers = range(2, min(int(n_pages), 1_000_000) + 1)
        questions = (_list_url(api, size, number) for number in numbers)
        with closing(client.get_many(questions, accept=_JSON)) as answers:
            for answer in answers:
                if isinstance(answer, Response):
                    yield answer
                elif error_code(answer) != _PAST_THE_END:
                    raise answer
        return
    page, number = first, 1
    while _rows(page):
        number += 1
        try:
            page = client.get(_list_url(api, size, number), accept=_JSON)
        except FetchError as error:
            if error_code(error) == _PAST_THE_END:
                return
            raise
        yield page


def _list_url(api: Api, size: int, page: int) -> str:
    return api.url(
        per_page=size,
        page=page,
        orderby="id",
        order="asc",
        _fields="id,date_gmt,modified_gmt,content.protected",
    )


def _entry(row: Mapping[str, Any]) -> Listed | None:
    number = row.get("id")
    if isinstance(number, bool) or not isinstance(number, int) or number < 1:
        return None
    content = row.get("content")
    is_protected = isinstance(content, Mapping) and bool(content.get("protected"))
    moments = [_moment(row.get("date_gmt")), _moment(row.get("modified_gmt"))]
    known = [moment for moment in moments if moment is not None]
    return Listed(number, max(known) if len(known) == 2 else None, is_protected)


def _moment(value: object) -> datetime | None:
    try:
        found = fields.moment("date", value)
    except PostError:
        return None
    return found and found.astimezone(UTC)


def _rows(answer: Response | FetchError) -> list[Mapping[str, Any]]:
    """The posts of an answer.

    Raises:
        FetchError: It is an error, or no list of posts.
    """
    if isinstance(answer, FetchError):
        raise answer
    content = read_json(answer)
    if not isinstance(content, list):
        raise FetchError(answer.url, "the answer is no list of posts", status=answer.status)
    return [row for row in content if isinstance(row, Mapping)]


def _asked_too_much(error: FetchError) -> bool:
    """Whether a smaller question may be answered: a failure, no answer in time, or a torn one."""
    return error.is_slow or error.status >= 500 or 200 <= error.status < 300


def _refused(error: FetchError) -> SourceError:
    return closed(error) if error.status in (401, 403) else error
