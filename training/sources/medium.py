"""Medium's export: a folder ``posts`` of pages marked up with microformats."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

from related_posts.errors import PostError, SourceError
from related_posts.posts import Post
from related_posts.schema import post_from_json
from related_posts.text.html import prose
from training.sources.base import FileSource, Item, Problem, Skipped
from training.sources.distinct import distinct
from training.sources.export_folder import folder_with, read_text, text_files
from training.sources.medium_page import Page

FOLDER = "posts"

_ID = re.compile(r"(?:^|[-_/])([0-9a-f]{8,16})/?(?:\?|$)")


class MediumSource(FileSource):
    """The unpacked export of a Medium account (Settings, Download your information).

    Stories are yielded; drafts and replies to other people's stories are skipped.
    Medium marks no replies: one is a page without a heading or a picture whose title
    is the beginning of its text.

    Args:
        path: The folder.
        site: Not needed here, every story says its own address.
        now: The moment of this read; aware.
        progress: Told the characters read; how many there are is not known.
    """

    name = "medium"
    complete = True

    def read(self) -> Iterator[Item]:
        """Every page, ordered by name, which begins with the day.

        Raises:
            SourceError: There is no folder of pages.
        """
        yield from distinct(self._placed(folder_with(self.path, FOLDER)))

    def _placed(self, root: Path) -> Iterator[tuple[str, Item]]:
        files = text_files(root / FOLDER)
        if not files:
            raise SourceError(self.path, f"there is no page in its folder {FOLDER}")
        done = 0
        for path in files:
            place = f"{FOLDER}/{path.name}".encode("utf-8", "replace").decode()
            try:
                content = read_text(path, root)
            except PostError as error:
                yield place, Problem(place, error.reason, _id_of(path.stem))
                continue
            done += len(content)
            self._progress(done, None)
            yield place, self._item(place, path.stem, content)

    def _item(self, place: str, stem: str, content: str) -> Item:
        post_id = _id_of(stem)
        if stem.startswith("draft_"):
            return Skipped(place, "draft", post_id)
        page = Page.of(content)
        post_id = post_id or _id_of(page.canonical) or _id_of(page.link)
        if page.body is None:
            return Problem(place, "it has no text (e-content), or is cut off", post_id)
        if post_id is None:
            return Problem(place, "neither its name nor its address holds Medium's id")
        if _is_reply(page):
            return Skipped(place, "reply", post_id)
        try:
            post = _post(post_id, page, page.body)
        except PostError as error:
            return Problem(place, error.reason, post_id)
        if post.published is not None and post.published > self._now:
            return Skipped(place, "scheduled", post_id)
        return post


def _post(post_id: str, page: Page, body: str) -> Post:
    url = page.canonical or f"https://medium.com/p/{post_id}"
    return post_from_json(
        {
            "id": post_id,
            "url": url,
            "title": page.title,
            "html": body,
            "tags": list(page.tags),
            "author": page.author,
            "published": page.published,
            "image": page.picture(url),
            "excerpt": page.summary,
            "aliases": [f"https://medium.com/p/{post_id}"] if page.canonical else [],
        }
    )


def _is_reply(page: Page) -> bool:
    if page.has_heading or page.has_picture or page.body is None:
        return False
    title = page.title.rstrip("….").strip()
    text = " ".join(prose(page.body).text.split())
    return bool(title) and text.startswith(title)


def _id_of(text: str) -> str | None:
    """Medium's id, which ends a file's name and an address."""
    found = _ID.search(unescape(text))
    return found[1] if found else None
