"""The archive as a small blog at ``/``, to see the related posts where readers would.

On with the setting ``preview``. Lists come from the index, the text of a post
from the archive, pictures from the folder that the setting names. Every page is
plain HTML; no script runs, whatever a post's own HTML holds.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import yaml
from flask import Flask, Response, abort, render_template, request, send_from_directory
from werkzeug.exceptions import NotFound

from related_posts.archive import Archive
from related_posts.errors import ArchiveError, IndexMissingError
from service.blog import Blog, Card
from service.errors import Problems
from service.headers import NOSNIFF
from service.snapshot import Snapshot

#: Posts on one page of a list.
PAGE = 12
#: Related posts under a post.
RELATED = 6

#: What the folder may hand out: what a page shows, and nothing that runs.
MEDIA_SUFFIXES = frozenset(
    {
        *(".avif", ".bmp", ".gif", ".ico", ".jpeg", ".jpg", ".png", ".svg", ".webp"),
        *(".css", ".otf", ".ttf", ".woff", ".woff2"),
    }
)

#: Where programs ask: mistakes there are answered to programs.
INTERFACES = ("/v1/", "/v2/", "/wp-json/", "/compat/", "/rest/", "/widget")

_POLICY = (
    "default-src 'self'; script-src 'none'; object-src 'none'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src * data:"
)


def register(
    app: Flask, problems: Problems, snapshot: Snapshot, archive: Path | str, media: Path
) -> None:
    """Add the preview's pages to an application.

    Args:
        app: The application.
        problems: What answers errors there.
        snapshot: Where it takes its index from.
        archive: The data folder with the archive, or its database URL.
        media: The folder with the posts' pictures.
    """
    preview = Preview(snapshot, archive, media)
    app.add_url_rule("/", "preview_home", preview.home)
    app.add_url_rule("/<anything:path>", "preview_page", preview.page)
    problems.page = preview.missing


class Preview:
    """The pages of the preview."""

    def __init__(self, snapshot: Snapshot, archive: Path | str, media: Path) -> None:
        self._snapshot = snapshot
        self._place = archive
        self._media = media.resolve()
        self._title = _title_in(media)
        self._archive: Archive | None = None
        self._blog: Blog | None = None

    def home(self) -> Response:
        """The newest posts; those of a tag or category; or the post at ``/?p=7``."""
        blog = self._current()
        known = {"tag", "category", "page", "id"}
        if request.args.keys() - known:
            return self._post(blog, blog.row_at(request.full_path))
        if "id" in request.args:
            return self._post(blog, blog.row_of(request.args["id"]))
        tag, category = request.args.get("tag"), request.args.get("category")
        rows = blog.rows(tag=tag, category=category)
        number = request.args.get("page", "1")
        page = int(number) if re.fullmatch("[0-9]{1,6}", number) else 0
        # The first page of all posts begins with one at full width.
        led = int(not (tag or category))
        n_pages = max(1, -(-(len(rows) - led) // PAGE))
        if not 1 <= page <= n_pages or (not led and not rows):
            abort(404)
        start = (page - 1) * PAGE + (led if page > 1 else 0)
        chosen = {name: value for name, value in (("tag", tag), ("category", category)) if value}

        def address(number: int) -> str:
            return "/?" + urlencode({**chosen, "page": number}) if number > 1 or chosen else "/"

        return self._render(
            "list.html",
            blog,
            cards=[blog.card(row) for row in rows[start : page * PAGE + led]],
            led=led and page == 1,
            heading=tag or category,
            kind="tag" if tag else "category",
            n_posts=len(rows),
            page=page,
            n_pages=n_pages,
            newer=address(page - 1) if page > 1 else None,
            older=address(page + 1) if page < n_pages else None,
        )

    def page(self, path: str) -> Response:
        """A post at its own path, or a file of the media folder."""
        if Path(path).suffix.lower() in MEDIA_SUFFIXES:
            return self._file(path)
        if path.startswith(("v1/", "v2/")):
            # A mistake in an address of the interface is no question about a post.
            abort(404)
        blog = self._current()
        address = request.environ.get("RAW_URI") or request.full_path
        return self._post(blog, blog.row_at(address))

    def missing(self, detail: str) -> Response | None:
        """A page for a browser that asks for what is not there; None for all others.

        Args:
            detail: What is wrong, in a sentence or two.
        """
        is_browser = "text/html" in request.headers.get("Accept", "")
        if not is_browser or request.path.startswith(INTERFACES):
            return None
        if self._snapshot.current() is None:
            return None
        response = self._render("missing.html", self._current(), detail=detail)
        response.status_code = 404
        response.headers["Vary"] = "Accept"
        return response

    def _post(self, blog: Blog, row: int) -> Response:
        card = blog.card(row)
        newer, older = (blog.beside(row, step) for step in (-1, 1))
        return self._render(
            "post.html",
            blog,
            card=card,
            content=blog.localise(self._html(card)),
            related=[
                (blog.card(one.row), one.similarity or 0.0, one.score or 0.0)
                for one in blog.selection.plain(row, RELATED)
            ],
            newer=None if newer is None else blog.card(newer),
            older=None if older is None else blog.card(older),
        )

    def _html(self, card: Card) -> str:
        """A post's own HTML from the archive; nothing where the archive no longer has it."""
        # Opened by the process that reads it: a database connection does not survive a fork.
        self._archive = self._archive or Archive(self._place)
        try:
            post = self._archive.get(card.id)
        except ArchiveError:
            return ""
        return post.html if post else ""

    def _file(self, path: str) -> Response:
        """A picture, font or style sheet; never a hidden file or one outside of the folder."""
        hidden = any(part.startswith(".") for part in path.split("/"))
        try:
            if hidden or not (self._media / path).resolve().is_relative_to(self._media):
                raise NotFound
            return _guard(send_from_directory(self._media, path, max_age=60))
        except (OSError, ValueError):
            raise NotFound from None

    def _current(self) -> Blog:
        index = self._snapshot.current()
        if index is None:
            raise IndexMissingError("the data folder")
        overlay = self._snapshot.overlays.over(index)
        blog = self._blog
        if blog is None or blog.index is not index or blog.overlay is not overlay:
            self._blog = blog = Blog(index, self._title, overlay)
        return blog

    def _render(self, template: str, blog: Blog, **values: Any) -> Response:
        page = render_template(template, blog=blog, **values)
        response = _guard(Response(page, content_type="text/html; charset=utf-8"))
        response.headers["Cache-Control"] = "no-cache"
        return response


def _title_in(folder: Path) -> str:
    """The blog's title, where the folder has the settings file of a Jekyll site; else empty."""
    try:
        settings = yaml.safe_load((folder / "_config.yml").read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return ""
    title = settings.get("title") if isinstance(settings, dict) else None
    return title.strip() if isinstance(title, str) else ""


def _guard(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers[NOSNIFF[0]] = NOSNIFF[1]
    return response
