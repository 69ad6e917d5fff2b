"""Sources: one module per export format, behind one small interface (``base``).

A new source is a line in ``FORMATS``, a rule in ``detect`` and a case of the
contract suite in the tests.
"""

from __future__ import annotations

import importlib
from datetime import datetime
from pathlib import Path
from typing import cast

from related_posts.errors import ConfigError
from training.sources.base import Progress, Source, no_progress
from training.sources.detect import detect
from training.sources.detect_web import detect_web, is_web
from training.sources.markdown.options import MarkdownOptions
from training.sources.wordpress.mysql_database import is_database
from training.web import WebOptions

#: Format to the class that reads it, imported only when it is needed. Each is made as
#: ``cls(path, site=..., now=..., progress=...)``.
FORMATS = {
    "jsonl": "training.sources.jsonl:JsonlSource",
    "wxr": "training.sources.wordpress.wxr:WxrSource",
    "markdown": "training.sources.markdown.folder:MarkdownSource",
    "blogger": "training.sources.blogger.export:BloggerSource",
    "ghost": "training.sources.ghost.export:GhostSource",
    "substack": "training.sources.substack:SubstackSource",
    "medium": "training.sources.medium:MediumSource",
    "csv": "training.sources.csv_file:CsvSource",
    "feed": "training.sources.feeds.feed:FeedSource",
}

#: Format to the class that reads it from a web address, imported only when it is needed.
#: Each is made as ``cls(address, site=..., now=..., progress=..., web=...)``.
WEB_FORMATS = {
    "wordpress": "training.sources.wordpress.rest:WordPressSource",
    "ghost": "training.sources.ghost.api:GhostApiSource",
    "blogger": "training.sources.blogger.feed:BloggerFeedSource",
    "feed": "training.sources.feeds.feed:WebFeedSource",
    "site": "training.sources.site.site:SiteSource",
}

#: Format to the class that reads it from a database's address; made as those of the web.
DATABASE_FORMATS = {
    "mysql": "training.sources.wordpress.mysql:MysqlSource",
}


#: Every format, each once, files before addresses.
KNOWN_FORMATS = tuple(dict.fromkeys([*FORMATS, *WEB_FORMATS, *DATABASE_FORMATS]))


def open_source(
    place: str,
    *,
    format: str | None = None,
    site: str | None = None,
    now: datetime,
    progress: Progress = no_progress,
    web: WebOptions | None = None,
    markdown: MarkdownOptions | None = None,
) -> Source:
    """The source for a file or folder, its format detected where it is not given.

    Args:
        place: A path as the user named it.
        format: One of ``FORMATS``, or None to look at the content.
        site: The blog's address, for formats whose posts do not say it.
        now: The moment of this read; aware. What is dated later is not out yet.
        progress: Told the bytes read on disk, or the posts read from the web.
        web: How the web is read.
        markdown: How a folder of Markdown is read.

    Raises:
        ConfigError: There is no such format.
        SourceError: There is nothing at that place, or nothing that can be read.
    """
    if is_web(place):
        return _open_web(place, format, site, now, progress, web or WebOptions())
    if is_database(place):
        return _open_database(place, format, site, now, progress, web or WebOptions())
    check_format(format)
    chosen = format or detect(place)
    module, _, attribute = FORMATS[chosen].partition(":")
    kind = getattr(importlib.import_module(module), attribute)
    more = {"options": markdown} if markdown is not None and chosen == "markdown" else {}
    return cast(Source, kind(Path(place), site=site, now=now, progress=progress, **more))


def check_format(format: str | None) -> None:
    """Refuse a format of files and folders that does not exist.

    Raises:
        ConfigError: There is no such format.
    """
    if format is not None and format not in FORMATS:
        is_known = format in KNOWN_FORMATS
        of_what = "for a file or folder it" if is_known else "it"
        known = ", ".join(FORMATS if is_known else KNOWN_FORMATS)
        raise ConfigError("--format", format, f"{of_what} must be one of {known}")


def _open_web(
    address: str,
    format: str | None,
    site: str | None,
    now: datetime,
    progress: Progress,
    web: WebOptions,
) -> Source:
    """The source for an address on the web."""
    if format is not None and format not in WEB_FORMATS:
        known = ", ".join(WEB_FORMATS)
        raise ConfigError("--format", format, f"for a web address it must be one of {known}")
    module, _, attribute = WEB_FORMATS[format or detect_web(address, web)].partition(":")
    kind = getattr(importlib.import_module(module), attribute)
    return cast(Source, kind(address, site=site, now=now, progress=progress, web=web))


def _open_database(
    address: str,
    format: str | None,
    site: str | None,
    now: datetime,
    progress: Progress,
    web: WebOptions,
) -> Source:
    """The source for a database."""
    if format is not None and format not in DATABASE_FORMATS:
        known = ", ".join(DATABASE_FORMATS)
        raise ConfigError("--format", format, f"for a database it must be one of {known}")
    module, _, attribute = DATABASE_FORMATS[format or "mysql"].partition(":")
    kind = getattr(importlib.import_module(module), attribute)
    return cast(Source, kind(address, site=site, now=now, progress=progress, web=web))


__all__ = [
    "DATABASE_FORMATS",
    "FORMATS",
    "KNOWN_FORMATS",
    "WEB_FORMATS",
    "Source",
    "check_format",
    "detect",
    "open_source",
]
