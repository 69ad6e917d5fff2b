"""One page of Medium's export, read by its microformats."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from typing import Any

from related_posts.pictures import first_picture
from related_posts.plain import plain_title

# A tag ends at the next ``<``, so that any text is read in linear time.
_TAG = re.compile(r"<([a-z][a-z0-9]{0,20})\b([^<>]{0,20000})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""(?<![^\s"'])(class|href|datetime|src)\s?=\s?(?:"([^"]*)"|'([^']*)')""")
_HEADING = re.compile(r"<h[1-6]\b", re.IGNORECASE)
_TITLE = re.compile(
    r"""<(h[1-6])\b[^<>]{0,2000}\bclass="[^"<>]{0,500}\bgraf--title\b[^<>]{0,2000}>(?:(?!<h[1-6]\b).){0,5000}?</\1>""",
    re.IGNORECASE | re.DOTALL,
)
_FEATURED = re.compile(r"<img\b[^<>]{0,5000}\bdata-is-featured=[^<>]{0,5000}>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says; empty where it does not.

    Attributes:
        body: The story's HTML without its title, or None where there is none or the
            page is cut off.
        canonical: The story's address.
        link: Its short address.
        has_heading: Whether the story has a title or another heading in its text.
        has_picture: Whether it has a picture.
    """

    title: str
    summary: str
    body: str | None
    author: str
    published: str
    canonical: str
    link: str
    tags: tuple[str, ...]
    has_heading: bool
    has_picture: bool
    featured: str

    @classmethod
    def of(cls, content: str) -> Page:
        """Read a page."""
        head, body, foot = _parts(content)
        before, after = _classes(head), _classes(foot)
        title = plain_title(_inner(head, before.get("p-name")))
        featured = _FEATURED.search(body or "")
        without_title = _TITLE.sub("", body, count=1) if body and title else body
        time = after.get("dt-published", _NONE)
        return cls(
            title=title,
            summary=plain_title(_inner(head, before.get("p-summary"))),
            body=without_title,
            author=plain_title(_inner(foot, after.get("p-author"))),
            published=time.attributes.get("datetime", ""),
            canonical=after.get("p-canonical", _NONE).attributes.get("href", ""),
            link=_link_around(foot, time),
            tags=tuple(plain_title(_inner(foot, one)) for one in _all(foot, "p-category")),
            has_heading=bool(_HEADING.search(body or "")),
            has_picture="<img" in (body or ""),
            featured=featured[0] if featured else "",
        )

    def picture(self, base: str) -> dict[str, Any] | None:
        """The picture the author chose to stand for the story, else the first one."""
        return first_picture(self.featured, base) or first_picture(self.body or "", base)


@dataclass(frozen=True, slots=True)
class _Tag:
    """An opening tag: its attributes, and where it begins and ends."""

    name: str
    attributes: dict[str, str]
    start: int
    end: int


_NONE = _Tag("", {}, 0, 0)


def _parts(content: str) -> tuple[str, str | None, str]:
    """What stands before the story, the story, and what stands after it."""
    for tag in _TAG.finditer(content):
        if "e-content" in tag[2] and "e-content" in _attributes(tag[2]).get("class", "").split():
            break
    else:
        return content, None, content
    # The story may hold anything; the page's own end is the last of its kind.
    foot = content.rfind("<footer", tag.end())
    end = foot if foot >= 0 else content.rfind("</article", tag.end())
    if end < 0 or content.find("</article", end) < 0:
        return content[: tag.start()], None, content[tag.end() :]
    story = content[tag.end() : end].rstrip()
    return content[: tag.start()], story.removesuffix("</section>").strip(), content[end:]


def _all(content: str, name: str) -> list[_Tag]:
    """Every tag with this class."""
    found = []
    for tag in _TAG.finditer(content):
        if name in tag[2]:
            attributes = _attributes(tag[2])
            if name in attributes.get("class", "").split():
                found.append(_Tag(tag[1], attributes, tag.start(), tag.end()))
    return found


def _classes(content: str) -> dict[str, _Tag]:
    """The first tag of each class."""
    found: dict[str, _Tag] = {}
    for tag in _TAG.finditer(content):
        if "class" not in tag[2]:
            continue
        attributes = _attributes(tag[2])
        for name in attributes.get("class", "").split():
            found.setdefault(name, _Tag(tag[1], attributes, tag.start(), tag.end()))
    return found


def _attributes(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, double, single in _ATTRIBUTE.findall(text):
        found.setdefault(name, unescape(double or single).strip())
    return found


def _inner(content: str, tag: _Tag | None) -> str:
    """What stands between a tag and the next that closes its name."""
    if tag is None:
        return ""
    end = content.find(f"</{tag.name}", tag.end)
    return content[tag.end : end] if end >= 0 else ""


def _link_around(content: str, tag: _Tag) -> str:
    """The address of the link that a tag stands directly in."""
    links = [one for one in _TAG.finditer(content, 0, tag.start) if one[1].lower() == "a"]
    return _attributes(links[-1][2]).get("href", "") if links and tag.start else ""
