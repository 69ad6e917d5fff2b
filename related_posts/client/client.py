"""The client: a method for each thing that the service does."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import partial
from types import TracebackType
from typing import Any, Self, TypeVar, Unpack
from urllib.parse import quote

from related_posts.client.errors import AnswerError
from related_posts.client.options import Draft, Filters, Options, query_of
from related_posts.client.results import (
    BulkTaken,
    Failure,
    Item,
    Line,
    Page,
    Post,
    Related,
    Rule,
    StoredPost,
    Taken,
)
from related_posts.client.transport import JSON_LINES, Transport

T = TypeVar("T")

#: Most posts of one request to the batch route.
BATCH = 1_000
#: Most explanations of one.
EXPLAINED = 5_000


class Client:
    """Asks one service, and writes to it; a context manager, safe among threads.

    Reads, questions, ``PUT`` and ``DELETE`` are tried again where that may help; ``POST``
    that writes is not. Every method raises ``ClientError`` and its kinds.

    Args:
        base: Address of the service, such as ``https://related.example``.
        key: A key of the scope ``write``; only writing needs one, and only then it is sent.
        timeout_seconds: Longest silence of the service.
        retries: Further attempts; ``Retry-After`` is kept up to half a minute, and where it is
            longer, the refusal that says so is raised at once.
        backoff_seconds: Wait before the second further attempt; doubled with each.
        n_kept: Answers kept in memory, so that one that did not change is not sent again.

    Raises:
        ValueError: The address does not fit.
    """

    def __init__(
        self,
        base: str,
        *,
        key: str = "",
        timeout_seconds: float = 10.0,
        retries: int = 2,
        backoff_seconds: float = 0.2,
        n_kept: int = 256,
    ) -> None:
        self._transport = Transport(
            base,
            key=key,
            timeout_seconds=timeout_seconds,
            retries=retries,
            backoff_seconds=backoff_seconds,
            n_kept=n_kept,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        mistake: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections that are kept open."""
        self._transport.close()

    # --- reads ---

    def related(
        self,
        id: str | None = None,
        *,
        url: str | None = None,
        slug: str | None = None,
        **options: Unpack[Options],
    ) -> Related:
        """The posts to show with a post, named by one of id, URL and slug."""
        query = query_of({"id": id, "url": url, "slug": slug, **options})
        return _read(Related.of, self._transport.ask(f"/v1/related?{query}"))

    def related_to_text(self, draft: Draft, **options: Unpack[Options]) -> Related:
        """The posts to show with a text that is no post yet."""
        sent = {name: value for name, value in draft.items() if value is not None}
        if isinstance(moment := sent.get("published"), datetime):
            sent["published"] = moment.isoformat()
        path = f"/v1/related?{query_of(options)}"
        answer = self._transport.send("POST", path, _encoded(sent), is_question=True)
        return _read(Related.of, answer)

    def related_batch(
        self, ids: Iterable[str], **options: Unpack[Options]
    ) -> Iterator[tuple[str, Related | Failure]]:
        """The posts to show with each of any number of posts, up to a thousand to a request."""
        waiting, size = [*ids], BATCH
        if options.get("explain"):
            size = min(BATCH, EXPLAINED // max(options.get("limit") or 1, 5))
        path = f"/v1/related/batch?{query_of(options)}"
        for start in range(0, len(waiting), size):
            part = waiting[start : start + size]
            body = _encoded({"posts": part})
            answer = self._transport.send("POST", path, body, is_question=True)
            yield from _read(partial(_results, part), answer)

    def post(self, id: str, **options: Unpack[Filters]) -> Post:
        """One post."""
        answer = self._transport.ask(f"/v1/posts/{quote(id, safe='')}{_after(options)}")
        return _read(lambda found: Post.of(found["post"]), answer)

    def posts(self, *, order: str | None = None, **filters: Unpack[Filters]) -> Page[Post]:
        """A page of the posts, ``newest`` or ``oldest`` first."""
        query = query_of({"order": order, **filters})
        answer = self._transport.ask(f"/v1/posts?{query}")
        return _read(lambda found: _page(found, Post.of), answer)

    def search(
        self, words: str, *, min_score: float | None = None, **filters: Unpack[Filters]
    ) -> Page[Item]:
        """A page of the posts that hold some of the words, best first."""
        query = query_of({"q": words, "min_score": min_score, **filters})
        answer = self._transport.ask(f"/v1/search?{query}")
        return _read(lambda found: _page(found, Item.of), answer)

    def export(self, *, limit: int | None = None) -> Iterator[Line]:
        """Every post's related posts, from one version, as they come."""
        for found in self._transport.lines(f"/v1/export.jsonl{_after({'limit': limit})}"):
            yield _read(_line, found)

    # --- writes ---

    def stored_post(self, id: str) -> StoredPost:
        """One post as it is kept, whole: to be changed, and written again under its tag."""
        path = f"/v1/posts/{quote(id, safe='')}/stored"
        content, tag = self._transport.ask_for_tagged(path)
        return _read(lambda found: StoredPost(dict(found), tag), content)

    def put_post(
        self, post: Mapping[str, Any], *, if_match: str = "", only_new: bool = False
    ) -> Taken:
        """Write one post, as in ``docs/jsonl.md``; on the disk and in force on return.

        Args:
            post: The post.
            if_match: The tag of the state that is to be replaced (``Taken.etag``,
                ``StoredPost.etag``), or ``*`` for any; empty for whatever there is.
            only_new: Whether to write only a post that is not there. Not tried again where
                no answer came: the post may have been written.

        Raises:
            ChangedError: The post is another by now, or is there.
        """
        path = f"/v1/posts/{quote(str(post['id']), safe='')}"
        conditions = {"If-Match": if_match} if if_match else {}
        conditions |= {"If-None-Match": "*"} if only_new else {}
        body = _encoded(post)
        answer = self._transport.send("PUT", path, body, headers=conditions, again=not only_new)
        return _read(_taken, answer)

    def delete_post(self, id: str, *, if_match: str = "") -> Taken:
        """Delete one post, and let no version show it; ``if_match`` as for ``put_post``."""
        path = f"/v1/posts/{quote(id, safe='')}"
        conditions = {"If-Match": if_match} if if_match else {}
        return _read(_taken, self._transport.send("DELETE", path, b"", headers=conditions))

    def post_posts(self, posts: Iterable[Mapping[str, Any]]) -> BulkTaken:
        """Write many posts; broken ones are told of, the others taken."""
        body = b"".join(_encoded(post) + b"\n" for post in posts)
        return _read(_bulk, self._transport.send("POST", "/v1/posts", body, JSON_LINES))

    # --- decisions about lists ---

    def rules(self) -> tuple[Rule, ...]:
        """Every rule, in the order in which they were made."""
        answer = self._transport.ask_with_key("/v1/curation")
        return _read(lambda found: tuple(map(Rule.of, found["rules"])), answer)

    def make_rule(
        self,
        kind: str,
        post: str,
        *,
        under: str | None = None,
        position: int | None = None,
        until: datetime | None = None,
        note: str = "",
    ) -> Rule:
        """Make a rule: a ``pin``, ``block``, ``mute`` or ``cornerstone``."""
        sent: dict[str, Any] = {"kind": kind, "post": post, "under": under, "position": position}
        sent |= {"until": until and until.isoformat(), "note": note or None}
        body = _encoded({name: value for name, value in sent.items() if value is not None})
        return _read(Rule.of, self._transport.send("POST", "/v1/curation", body))

    def remove_rule(self, id: str) -> None:
        """Remove a rule."""
        self._transport.send("DELETE", f"/v1/curation/{quote(id, safe='')}", b"")


def _encoded(content: object) -> bytes:
    return json.dumps(content, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _after(options: Mapping[str, Any]) -> str:
    query = query_of(options)
    return f"?{query}" if query else ""


def _read(read: Callable[[Any], T], content: Any) -> T:
    """What an answer says.

    Raises:
        AnswerError: It has another shape.
    """
    try:
        return read(content)
    except (KeyError, TypeError, ValueError, AttributeError) as mistake:
        raise AnswerError(f"the answer is not as expected ({mistake!r})") from mistake


def _results(ids: list[str], found: Any) -> list[tuple[str, Related | Failure]]:
    results: list[tuple[str, Related | Failure]] = []
    for id_, result in zip(ids, found["results"], strict=True):
        if problem := result.get("problem"):
            results.append((id_, Failure(problem["type"].rpartition(":")[2], problem["detail"])))
        else:
            results.append((id_, Related.of(result, found["version"])))
    return results


def _page(found: Any, one: Callable[[Any], T]) -> Page[T]:
    return Page(found["version"], found["total"], tuple(map(one, found["items"])))


def _line(found: Any) -> Line:
    return Line(found["id"], tuple((each["id"], each["score"]) for each in found["related"]))


def _taken(found: Any) -> Taken:
    reason, etag = found.get("reason", ""), found.get("etag", "")
    return Taken(found["id"], found["result"], reason, etag)


def _bulk(found: Any) -> BulkTaken:
    names = ("lines", "added", "changed", "unchanged", "withdrawn", "failed")
    errors = tuple((each["line"], each["id"], each["detail"]) for each in found["errors"])
    return BulkTaken(**{name: found[name] for name in names}, errors=errors)
