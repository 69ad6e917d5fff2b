"""One post as WordPress's interface gives it, made into a post of ours."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any
from urllib.parse import urljoin

from related_posts import fields
from related_posts.errors import PostError
from related_posts.findings import Problem, Skipped
from related_posts.plain import plain_title
from related_posts.posts import Post
from related_posts.schema import post_from_json
from related_posts.text.html import prose
from related_posts.wordpress.injected import strip_injected
from related_posts.wordpress.names import UNCATEGORIZED, plain_slug

#: What is asked for of each post. ``_links`` is needed for ``_embedded`` to be there;
#: the languages are those that Polylang and WPML add.
FIELDS = (
    "id,date,date_gmt,modified,modified_gmt,guid,slug,status,type,link,title,content,excerpt,author,"
    "featured_media,comment_status,ping_status,sticky,format,categories,tags,lang,translations,"
    "wpml_current_locale,_links,_embedded"
)

#: What is embedded in each post, so that names and pictures cost no further request.
EMBED = "author,wp:featuredmedia,wp:term"

_MORE = re.compile(r"\s*(?:\[?(?:…|\.\.\.)\]?|»|→)[^.!?]{0,60}$")
_SENTENCE_END = re.compile("[.!?:。！？]")
_WORD = re.compile(r"\w+")


def read_post(
    content: Mapping[str, Any], *, home: str, language: str, now: datetime
) -> Post | Problem | Skipped:
    """A post, or why it is none; never raises for what a server may send.

    Args:
        content: The object, as ``FIELDS`` and ``EMBED`` ask for it.
        home: The blog's address, where relative links start from.
        language: The blog's language, for posts that do not say theirs.
        now: What is dated later is not out yet.
    """
    number = content.get("id")
    if isinstance(number, bool) or not isinstance(number, int) or number < 1:
        return Problem(f"{home} (a post)", f"id is {fields.shown(number)}; it must be a number")
    post_id = str(number)
    place = f"{home} post {post_id}"
    if reason := _not_public(content):
        return Skipped(place, reason, post_id)
    try:
        published = _moment(content, "date")
        if published is not None and published > now:
            return Skipped(place, "scheduled", post_id)
        return _post(content, post_id, home, language, published)
    except PostError as error:
        return Problem(place, error.reason, post_id)


def _not_public(content: Mapping[str, Any]) -> str | None:
    """Why a post must not be shown, in a word, or None."""
    kind, status = content.get("type", "post"), content.get("status", "publish")
    if kind != "post":
        return "page" if kind == "page" else "not a post"
    if status != "publish":
        known = {"future": "scheduled", "trash": "trashed", "auto-draft": "draft"}
        known |= dict.fromkeys(("draft", "pending", "private"), str(status))
        return known.get(str(status), "not published")
    for name in ("content", "excerpt"):
        part = content.get(name)
        if isinstance(part, Mapping) and part.get("protected"):
            return "password-protected"
    return None


def _post(
    content: Mapping[str, Any], post_id: str, home: str, language: str, published: datetime | None
) -> Post:
    url = _link(content, home)
    body = strip_injected(_rendered(content, "content").strip())
    updated = _moment(content, "modified")
    terms = list(_terms(content))
    categories = [name for kind, name in terms if kind == "category"]
    return post_from_json(
        {
            "id": post_id,
            "url": url,
            "title": plain_title(_rendered(content, "title")),
            "html": body,
            "tags": [name for kind, name in terms if kind == "post_tag"],
            "categories": [name for name in categories if name.casefold() not in UNCATEGORIZED],
            "author": [plain_title(_text(one, "name")) for one in _embedded(content, "author")],
            "language": _language(content) or language,
            "published": published and published.isoformat(),
            "updated": updated and updated.isoformat(),
            "image": _image(content, url),
            "excerpt": _excerpt(_rendered(content, "excerpt"), body),
            "slug": plain_slug(_text(content, "slug")),
            # WordPress leads this one to the post, whatever its address is.
            "aliases": [one for one in (f"{home.rstrip('/')}/?p={post_id}",) if one != url],
            "translation_group": _translation_group(content),
            "extra": {"wordpress": _wordpress(content, terms)},
        }
    )


def _link(content: Mapping[str, Any], home: str) -> str:
    link = _text(content, "link")
    if not link:
        raise PostError("link is missing; every post needs one")
    try:
        return urljoin(f"{home}/", link)
    except ValueError:
        raise fields.refuse("link", link, "a web address") from None


def _moment(content: Mapping[str, Any], name: str) -> datetime | None:
    """A date in UTC, which WordPress writes without saying so; else the local one."""
    for key in (f"{name}_gmt", name):
        if (moment := fields.moment(key, _text(content, key).strip())) is not None:
            return moment
    return None


def _terms(content: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Taxonomy and name of each term, in WordPress's order."""
    for group in _embedded(content, "wp:term", list):
        for term in group:
            if isinstance(term, Mapping) and (name := plain_title(_text(term, "name"))):
                yield _text(term, "taxonomy"), name


def _image(content: Mapping[str, Any], url: str) -> dict[str, Any] | None:
    """The featured image, or None where there is none that may be seen."""
    for media in _embedded(content, "wp:featuredmedia"):
        details = media.get("media_details")
        size = details if isinstance(details, Mapping) else {}
        src = _text(media, "source_url")
        try:
            fields.url("image.src", src, url)
        except PostError:
            return None
        return {
            "src": src,
            "width": _number(size.get("width")),
            "height": _number(size.get("height")),
            "alt": plain_title(_text(media, "alt_text")),
        }
    return None


def _excerpt(rendered: str, body: str) -> str:
    """The author's own summary, or empty where WordPress cut one from the text.

    That one is the text's first words, and either all of them or broken off at a
    space in the middle of a sentence.
    """
    summary = " ".join(prose(strip_injected(rendered)).text.split())
    cut = _MORE.sub("", summary)
    words, text = list(_WORD.finditer(cut)), prose(body).text
    start = list(islice(_WORD.finditer(text), len(words)))
    if not words or [word[0] for word in start] != [word[0] for word in words]:
        return summary if words else ""
    tail, rest = cut[words[-1].end() :], text[start[-1].end() :]
    goes_on = rest.startswith(f"{tail} ") and not _SENTENCE_END.search(tail)
    return "" if cut != summary or goes_on or not _WORD.search(rest) else summary


def _language(content: Mapping[str, Any]) -> str:
    for name in ("lang", "wpml_current_locale"):
        try:
            if found := fields.language(name, _text(content, name)):
                return found
        except PostError:
            continue
    return ""


def _translation_group(content: Mapping[str, Any]) -> str:
    """One name for a text's translations: the least number among them."""
    translations = content.get("translations")
    if not isinstance(translations, Mapping):
        return ""
    ids = [number for one in translations.values() if (number := _number(one))]
    return str(min(ids)) if len(ids) > 1 else ""


def _wordpress(content: Mapping[str, Any], terms: list[tuple[str, str]]) -> dict[str, Any]:
    """What only WordPress knows of a post, under the names its export's source uses."""
    other = dict.fromkeys(kind for kind, _ in terms if kind not in ("category", "post_tag", ""))
    authors = [_text(one, "slug") for one in _embedded(content, "author")]
    form = _text(content, "format")
    known = {
        "post_id": _number(content.get("id")),
        "type": _text(content, "type"),
        "guid": _rendered(content, "guid"),
        "date": _text(content, "date"),
        "modified": _text(content, "modified"),
        "author_id": _number(content.get("author")),
        "author_slug": authors[0] if authors else "",
        "category_ids": _numbers(content.get("categories")),
        "tag_ids": _numbers(content.get("tags")),
        "featured_media": _number(content.get("featured_media")),
        "sticky": content.get("sticky") is True or None,
        "format": "" if form == "standard" else form,
        "comment_status": _text(content, "comment_status"),
        "ping_status": _text(content, "ping_status"),
        "taxonomies": {kind: [name for one, name in terms if one == kind] for kind in other},
    }
    return {name: value for name, value in known.items() if value not in (None, "", [], {})}


def _embedded(content: Mapping[str, Any], name: str, kind: type = Mapping) -> Iterator[Any]:
    """What a post's link leads to; an error in its place, as for a hidden user, is left out."""
    embedded = content.get("_embedded")
    found = embedded.get(name) if isinstance(embedded, Mapping) else None
    for one in found if isinstance(found, list) else ():
        if isinstance(one, kind) and not (isinstance(one, Mapping) and "code" in one):
            yield one


def _rendered(content: Mapping[str, Any], name: str) -> str:
    part = content.get(name)
    return _text(part, "rendered") if isinstance(part, Mapping) else ""


def _text(content: Mapping[str, Any], name: str) -> str:
    value = content.get(name)
    return value if isinstance(value, str) else ""


def _number(value: object) -> int | None:
    """A number of WordPress's, which some plugins write as text; 0 stands for none."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 18:
        value = int(value)
    is_number = isinstance(value, int) and not isinstance(value, bool)
    # The checker does not follow a type through a name.
    return value if is_number and value > 0 else None  # type: ignore[operator, return-value]


def _numbers(value: object) -> list[int]:
    values = value if isinstance(value, list) else []
    return [number for one in values if (number := _number(one))]
