"""The elements of a WordPress export, by the prefixes WordPress gives their names."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from functools import lru_cache
from pathlib import Path

from lxml import etree

from related_posts.errors import SourceError
from training.sources.base import Progress, no_progress
from training.sources.xml_stream import Kind, Mending, stream

#: What an export says before and between its items.
CHANNEL = (
    *("item", "wp:author", "wp:category", "wp:tag", "wp:term"),
    *("wp:base_blog_url", "wp:base_site_url", "wp:wxr_version", "language", "link"),
)


@lru_cache(maxsize=4096)
def short_name(tag: str) -> str:
    """An element's name with the prefix WordPress gives it: ``wp:post_id``, ``title``.

    The address of a namespace holds the export's version, which is of no matter
    here. A name of any other namespace is empty: a podcast's ``<itunes:title>`` is
    not the title.
    """
    namespace, _, name = tag.rpartition("}")
    if not namespace:
        return name
    if "wordpress.org/export/" in namespace:
        return f"excerpt:{name}" if namespace.rstrip("/").endswith("excerpt") else f"wp:{name}"
    if namespace.endswith("purl.org/rss/1.0/modules/content/"):
        return f"content:{name}"
    if namespace.endswith("purl.org/dc/elements/1.1/"):
        return f"dc:{name}"
    return ""


def children(element: etree._Element) -> Iterator[tuple[str, etree._Element]]:
    """An element's children with their short names, leaving out those of no matter."""
    # Of any name: entities, which have none, are left out.
    for child in element.iterchildren("{*}*"):
        if name := short_name(child.tag):
            yield name, child


def elements(
    path: Path,
    names: tuple[str, ...] = CHANNEL,
    progress: Progress = no_progress,
    mending: Mending | None = None,
) -> Generator[tuple[str, etree._Element], None, None]:
    """The channel's children of the given names, in the order of the file.

    An element is complete when it is yielded and emptied when the next one is asked for.

    Args:
        path: The export, plain or gzip.
        names: Short names, as of ``short_name``.
        progress: Told the bytes read.
        mending: As for ``stream``.

    Raises:
        SourceError: The file cannot be read, is no WordPress export, is not
            well-formed, or is cut off.
    """
    tags = [f"{{*}}{name.rpartition(':')[2]}" for name in names]

    def is_wanted(element: etree._Element) -> bool:
        parent = element.getparent()
        return parent is not None and parent.tag == "channel" and short_name(element.tag) in names

    with closing(stream(path, _WXR, tags, is_wanted, progress, mending)) as found:
        for element in found:
            yield short_name(element.tag), element


def _check(path: Path, root: etree._Element) -> None:
    spaces = root.nsmap.values()
    if root.tag != "rss" or not any("wordpress.org/export/" in space for space in spaces):
        kind = "a feed" if root.tag == "rss" else f"<{root.tag}>"
        reason = f"this is XML, but {kind} and not a WordPress export (Tools, Export, All content)"
        raise SourceError(path, reason)


_WXR = Kind("a WordPress export", b"</rss>", _check)
