"""Substack's export: a table of posts, and a file of HTML for each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from related_posts.errors import PostError, SourceError
from related_posts.pictures import first_picture
from related_posts.posts import Post
from related_posts.schema import post_from_json
from related_posts.visibility import is_yes
from training.sources.base import Item, Problem, Progress, Skipped, no_progress
from training.sources.csv_rows import read_rows
from training.sources.distinct import distinct
from training.sources.export_folder import folder_with, read_text

TABLE = "posts.csv"

#: Types that are texts of their own; a thread only asks its readers something.
_POST_TYPES = frozenset({"newsletter", "podcast", ""})
_NOT_POSTS = {"page": "page", "thread": "thread"}
_NOT_PUBLIC = {
    "only_paid": "paid only",
    "founding": "paid only",
    "only_free": "subscribers only",
}
_PAYWALL = re.compile(r"""<div\b[^<>]{0,2000}\bclass\s?=\s?["'][^"'<>]{0,500}\bpaywall-jump\b""")
#: "Subscribe now" and the like under every post, which would make all posts alike.
_ASKING = re.compile(
    r"""<p\b[^<>]{0,500}\bclass\s?=\s?["'](?:cta-caption|button-wrapper)\b(?:(?!<p\b).){0,5000}?</p>""",
    re.DOTALL,
)


class SubstackSource:
    """The unpacked export of a Substack (Settings, Exports): ``posts.csv`` and ``posts/``.

    Published posts for everyone are yielded; drafts, posts for subscribers, pages and
    threads are skipped.

    Args:
        path: The folder.
        site: The blog's address, which an export does not hold: without it, addresses
            are site-relative (``/p/slug``).
        now: The moment of this read; aware.
        progress: Told the bytes of the table and of the texts; how many there are is
            not known.
    """

    name = "substack"
    complete = True

    def __init__(
        self,
        path: Path,
        *,
        site: str | None = None,
        now: datetime,
        progress: Progress = no_progress,
    ) -> None:
        self.path = path
        self._site = (site or "").rstrip("/")
        self._now = now
        self._progress = progress

    def read(self) -> Iterator[Item]:
        """Every row of the table.

        Raises:
            SourceError: There is no table, or it is not Substack's.
        """
        yield from distinct(self._placed(folder_with(self.path, TABLE)))

    def _placed(self, root: Path) -> Iterator[tuple[str, Item]]:
        done = 0
        told = [0]

        def tell(n_read: int, total: int | None) -> None:
            told[0] = n_read

        for row in read_rows(root / TABLE, self._check, tell):
            place = f"{TABLE} line {row.line}"
            if name := row.values.get("post_id", ""):
                place = f"{place} ({name[:80]})"
            if row.problem:
                yield place, Problem(place, row.problem)
                continue
            item, size = self._item(place, row.values, root)
            done += size
            self._progress(told[0] + done, None)
            yield place, item

    def _check(self, columns: list[str]) -> None:
        missing = [one for one in ("post_id", "is_published", "audience") if one not in columns]
        if missing:
            names = ", ".join(missing)
            raise SourceError(self.path, f"its {TABLE} is not Substack's: no column {names}")

    def _item(self, place: str, row: Mapping[str, str], root: Path) -> tuple[Item, int]:
        """What a row is, and how many characters of text were read for it."""
        name = row["post_id"].strip()
        post_id, _, slug = name.partition(".")
        if not post_id or "/" in name or "\\" in name or "\0" in name:
            return Problem(place, "its post_id is none"), 0
        if reason := _hidden(row):
            return Skipped(place, reason, post_id), 0
        try:
            if not slug:
                raise PostError("it has no slug, so it has no address")
            html = _text(root, name)
            post = self._post(post_id, slug, row, html)
        except PostError as error:
            return Problem(place, error.reason, post_id), 0
        if post.published is not None and post.published > self._now:
            return Skipped(place, "scheduled", post_id), len(html)
        return post, len(html)

    def _post(self, post_id: str, slug: str, row: Mapping[str, str], html: str) -> Post:
        url = f"{self._site}/p/{quote(slug, safe='%')}"
        return post_from_json(
            {
                "id": post_id,
                "url": url,
                "title": row.get("title"),
                "html": html,
                "published": row.get("post_date", "").strip(),
                "image": first_picture(html, url),
                "excerpt": row.get("subtitle"),
                "slug": slug,
            }
        )


def _hidden(row: Mapping[str, str]) -> str | None:
    """Why a post must not be shown, in a word, or None."""
    kind = row.get("type", "").strip().lower()
    if kind not in _POST_TYPES:
        return _NOT_POSTS.get(kind, f"not a post ({kind[:40]})")
    if not is_yes(row["is_published"]):
        return "draft"
    audience = row["audience"].strip().lower()
    if audience == "everyone":
        return None
    return _NOT_PUBLIC.get(audience, f"audience {audience[:40] or 'unknown'}")


def _text(root: Path, name: str) -> str:
    path = root / "posts" / f"{name}.html"
    try:
        html = read_text(path, root)
    except PostError as error:
        # Substack leaves out the texts of the newest posts now and then.
        raise PostError(f"posts/{path.name}: {error.reason}; export again") from error
    if found := _PAYWALL.search(html):
        html = html[: found.start()]
    return _ASKING.sub("", html).strip()
