"""Pelican plugin: sets each article's ``related_posts`` from files of ``related-posts export``.

Settings: RELATED_POSTS_LISTS, the folder ("related-lists" beside the settings file), and
RELATED_POSTS_MAX (4). Themes that were made for the plugin related_posts need no change.
"""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pelican import signals

log = logging.getLogger(__name__)


def _path(url: str) -> str:
    """The path of an address, as a key: with one slash at its front and none at its end."""
    return "/" + urlsplit(url).path.strip("/")


def add_related_posts(generator: Any) -> None:
    """Give every article the articles that the export names, best first."""
    folder = Path(generator.settings.get("RELATED_POSTS_LISTS", "related-lists"))
    most = int(generator.settings.get("RELATED_POSTS_MAX", 4))
    try:
        index = json.loads((folder / "index.json").read_text("utf-8"))
    except (OSError, ValueError) as error:
        log.warning("no related posts: %s", error)
        return
    files = {_path(url): name for url, name in index["urls"].items()}
    base = _path(generator.settings.get("SITEURL", "")).rstrip("/")
    articles = {_path(f"{base}/{article.url}"): article for article in generator.articles}
    for path, article in articles.items():
        name = files.get(path)
        items = json.loads((folder / name).read_text("utf-8"))["items"] if name else []
        found = [articles[_path(item["url"])] for item in items if _path(item["url"]) in articles]
        article.related_posts = found[:most]


def register() -> None:
    """Called by Pelican."""
    signals.article_generator_finalized.connect(add_related_posts)
