"""Posts, people, pictures and terms as WordPress's core sends them, key by key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from typing import Any
from urllib.parse import quote, urlsplit

from related_posts.facets import label_key
from service.compat.known import Known

#: The contexts that somebody who is not logged in may ask for; ``edit`` is the third.
CONTEXTS = ("view", "embed", "edit")

_CURIES = [{"name": "wp", "href": "https://api.w.org/{rel}", "templated": True}]
#: Taxonomy and the member of our own numbers, in WordPress's order.
_TAXONOMIES = (("category", "category", "categories"), ("post_tag", "tag", "tags"))
_MIME = {
    "png": "image/png",
    "gif": "image/gif",
    "webp": "image/webp",
    "avif": "image/avif",
    "svg": "image/svg+xml",
}


def post(known: Known, context: str, **more: Any) -> dict[str, Any]:
    """A post in WordPress's own order.

    Args:
        known: The post.
        context: ``embed`` or ``view``.
        more: Members that a plugin adds, before ``_links``.
    """
    is_view = context == "view"
    found: dict[str, Any] = {"id": known.number, "date": known.date}
    if is_view:
        found |= {
            "date_gmt": known.date_gmt,
            "guid": {"rendered": known.details.get("guid") or known.item["url"]},
            "modified": known.modified,
            "modified_gmt": known.modified_gmt,
        }
    found["slug"] = known.slug
    if is_view:
        found["status"] = "publish"
    found |= {
        "type": known.details.get("type", "post"),
        "link": known.item["url"],
        "title": {"rendered": known.title},
    }
    if is_view:
        found["content"] = {"rendered": known.excerpt, "protected": False}
    found |= {
        "excerpt": {"rendered": known.excerpt, "protected": False},
        "author": known.author,
        "featured_media": known.featured_media,
    }
    if is_view:
        found |= {
            "comment_status": known.details.get("comment_status", "closed"),
            "ping_status": known.details.get("ping_status", "closed"),
            "sticky": known.details.get("sticky", False),
            "template": "",
            "format": known.details.get("format", "standard"),
            "meta": [],
            "categories": known.categories,
            "tags": known.tags,
        }
    return {**found, **more, "_links": links(known)}


def links(known: Known) -> dict[str, list[dict[str, Any]]]:
    """Where WordPress has what belongs to a post."""
    rest, number = known.rest, known.number
    found: dict[str, list[dict[str, Any]]] = {
        "self": [{"href": f"{rest}/posts/{number}"}],
        "collection": [{"href": f"{rest}/posts"}],
        "about": [{"href": f"{rest}/types/{known.details.get('type', 'post')}"}],
    }
    if known.author:
        found["author"] = [{"embeddable": True, "href": f"{rest}/users/{known.author}"}]
    found["replies"] = [{"embeddable": True, "href": f"{rest}/comments?post={number}"}]
    found["version-history"] = [{"count": 0, "href": f"{rest}/posts/{number}/revisions"}]
    if known.featured_media:
        media = f"{rest}/media/{known.featured_media}"
        found["wp:featuredmedia"] = [{"embeddable": True, "href": media}]
    found["wp:attachment"] = [{"href": f"{rest}/media?parent={number}"}]
    found["wp:term"] = [
        {"taxonomy": taxonomy, "embeddable": True, "href": f"{rest}/{place}?post={number}"}
        for taxonomy, _, place in _TAXONOMIES
    ]
    found["curies"] = _CURIES
    return found


def author(known: Known) -> list[dict[str, Any]]:
    """The post's author, as far as the version knows of people: a name."""
    slug = quote(known.author_slug)
    return [
        {
            "id": known.author,
            "name": known.item["author"],
            "url": "",
            "description": "",
            "link": f"{known.home}/author/{slug}/",
            "slug": slug,
            "avatar_urls": {},
            "_links": {
                "self": [{"href": f"{known.rest}/users/{known.author}"}],
                "collection": [{"href": f"{known.rest}/users"}],
            },
        }
    ]


def featured_media(known: Known) -> list[dict[str, Any]]:
    """The post's picture, in its one size."""
    picture, number = known.picture, known.featured_media
    if picture is None:
        return []
    src, width, height = picture["src"], picture["width"] or 0, picture["height"] or 0
    name = urlsplit(src).path.rpartition("/")[2]
    stem, _, suffix = name.rpartition(".")
    mime = _MIME.get(suffix.lower(), "image/jpeg")
    full = {
        "file": name,
        "width": width,
        "height": height,
        "mime_type": mime,
        "source_url": src,
    }
    media = f"{known.rest}/media"
    return [
        {
            "id": number,
            "date": known.date,
            "slug": label_key(stem or name),
            "type": "attachment",
            "link": src,
            "title": {"rendered": escape(stem or name, quote=False)},
            "author": known.author,
            "caption": {"rendered": ""},
            "alt_text": picture["alt"],
            "media_type": "image",
            "mime_type": mime,
            "media_details": {"width": width, "height": height, "file": name,
                              "sizes": {"full": full}},
            "source_url": src,
            "_links": {
                "self": [{"href": f"{media}/{number}"}],
                "collection": [{"href": media}],
                "about": [{"href": f"{known.rest}/types/attachment"}],
            },
        }
    ]  # fmt: skip


def terms(known: Known) -> list[list[dict[str, Any]]]:
    """The post's categories, and its tags."""
    return [
        [_term(known, taxonomy, kind, place, *named) for named in known.terms(kind)]
        for taxonomy, kind, place in _TAXONOMIES
    ]


def _term(
    known: Known, taxonomy: str, kind: str, place: str, number: int, name: str
) -> dict[str, Any]:
    slug = quote(label_key(name))
    return {
        "id": number,
        "link": f"{known.home}/{kind}/{slug}/",
        "name": escape(name, quote=False),
        "slug": slug,
        "taxonomy": taxonomy,
        "_links": {
            "self": [{"href": f"{known.rest}/{place}/{number}"}],
            "collection": [{"href": f"{known.rest}/{place}"}],
            "about": [{"href": f"{known.rest}/taxonomies/{taxonomy}"}],
            "wp:post_type": [{"href": f"{known.rest}/posts?{place}={number}"}],
            "curies": _CURIES,
        },
    }


#: What ``_embed`` puts beside a post, by the relation of its link.
EMBEDDED: Mapping[str, Callable[[Known], list[Any]]] = {
    "author": author,
    "wp:featuredmedia": featured_media,
    "wp:term": terms,
}
