"""The drop-in routes as operations of the description, with their own kind of errors."""

from __future__ import annotations

from dataclasses import replace

from service.api import kinds
from service.api.parameters import MAX_LIMIT, Parameter
from service.api.routes import Route
from service.compat import crp, elasticpress, jetpack, yarpp
from service.compat.core import CONTEXTS
from service.description import plugins
from service.writes.bodies import FORM_TYPES

GROUP = "drop-in"

_NUMBER = kinds.whole(0, 999_999_999)
_TEXT = kinds.text("text", empty=True)
#: In the place of what ``kinds`` says of a number: these routes bring it into its range.
_ANY_LIMIT = replace(kinds.whole(1, MAX_LIMIT), allowed=f"from 1 to {MAX_LIMIT}; else the nearest")


def _parameter(
    name: str, kind: kinds.Kind, text: str, example: str, default: object = None
) -> Parameter:
    return Parameter(name=name, kind=kind, help=text, example=example, default=default)


_FIELDS = _parameter("_fields", _TEXT, "Members to send, also nested ones.", "id,title.rendered")
_EMBED = _parameter("_embed", _TEXT, "Puts author, picture and terms beside each post.", "1")
_ENVELOPE = _parameter("_envelope", _TEXT, "Puts status and header fields into the body.", "1")
_GLOBAL = (_FIELDS, _EMBED, _ENVELOPE)


def _context(default: str) -> Parameter:
    kind = kinds.choice(CONTEXTS)
    return _parameter(
        "context", kind, "How much of each post; `edit` is refused.", default, default
    )


_CRP = (
    _parameter("limit", _ANY_LIMIT, "Most posts.", "6", crp.DEFAULT_LIMIT),
    _context("view"),
    _parameter(
        "post_types", _TEXT, "Types, with commas; all that is trained on are posts.", "post"
    ),
    _parameter("same_post_type", kinds.truth(), "Not looked at: all are posts.", "true"),
    _parameter("same_author", kinds.truth(), "Only posts of the same author.", "false"),
    _parameter("exclude_post_ids", _TEXT, "Numbers of posts to leave out, with commas.", "1,2"),
    _parameter("exclude_categories", _TEXT, "Numbers of categories to leave out.", "3"),
    *_GLOBAL,
)
_CRP_REFUSED = {
    400: "`rest_invalid_param`: a parameter does not fit.",
    401: "`rest_forbidden_context`: the context is not one for everyone.",
    404: "`rest_post_invalid_id`: no such post.",
}

_ROUTES = (
    Route(
        name="yarpp",
        path="/wp-json/yarpp/v1/related/{post}",
        summary="YARPP: the related posts as WordPress's core sends posts, with scores.",
        parameters=(
            _parameter(
                "limit",
                kinds.whole(1, yarpp.MAX_LIMIT),
                "Most posts.",
                "3",
                yarpp.DEFAULT_LIMIT,
            ),
            _context("embed"),
            _parameter("password", _TEXT, "Not looked at: no version has protected posts.", "x"),
            *_GLOBAL,
        ),
        answer=plugins.CorePosts,
        refused={
            400: "`rest_invalid_param`: a parameter does not fit.",
            401: "`rest_forbidden_context`: no such post, in YARPP's own words; or a context "
            "that is not one for everyone.",
        },
        is_cached=True,
    ),
    Route(
        name="crp",
        path="/wp-json/contextual-related-posts/v1/posts/{post}",
        summary="Contextual Related Posts: the same without scores.",
        parameters=_CRP,
        answer=plugins.CorePosts,
        refused=_CRP_REFUSED,
        is_cached=True,
    ),
    Route(
        name="crp_by_id",
        path="/wp-json/contextual-related-posts/v1/posts",
        summary="Contextual Related Posts: the same, with the post's number as a parameter.",
        parameters=(
            replace(
                _parameter("id", _NUMBER, "The post's number.", "385"),
                is_required=True,
            ),
            *_CRP,
        ),
        answer=plugins.CorePosts,
        refused={
            **_CRP_REFUSED,
            400: "`rest_invalid_param`, `rest_missing_callback_param`: a parameter does not fit, "
            "or is missing.",
        },
        is_cached=True,
    ),
    Route(
        name="elasticpress",
        path="/wp-json/wp/v2/posts/{post}/related",
        summary="ElasticPress: the related posts; none for an unknown post.",
        parameters=(
            _parameter("number", _ANY_LIMIT, "Most posts.", "5", elasticpress.DEFAULT_LIMIT),
            _ENVELOPE,
        ),
        answer=plugins.SearchPosts,
        refused={400: "`rest_invalid_param`: a parameter does not fit."},
        is_cached=True,
    ),
    Route(
        name="jetpack",
        path="/compat/jetpack",
        summary="Jetpack: what a post's address with `?relatedposts=1` answers; one of `url` and "
        "`id` is needed.",
        parameters=(
            _parameter("url", _TEXT, "The post's address.", "/2016/02/a-starter-from-nothing/"),
            _parameter("id", _TEXT, "The post's number.", "385"),
            _parameter("size", _ANY_LIMIT, "Most posts, up to 20.", "3", jetpack.DEFAULT_SIZE),
            _parameter("relatedposts_exclude", _TEXT, "Numbers of posts to leave out.", "1,2"),
            _parameter("relatedposts_origin", _TEXT, "The post the reader came from.", "1"),
            _parameter("headline", _TEXT, "Stands above the list.", "Related"),
            _parameter("layout", kinds.choice(("grid", "list")), "How the list looks.", "grid"),
            _parameter("show_thumbnails", kinds.truth(), "Passed on to the script.", "false"),
            _parameter("show_date", kinds.truth(), "Passed on to the script.", "true"),
            _parameter("show_context", kinds.truth(), "Passed on to the script.", "true"),
            _ENVELOPE,
        ),
        answer=plugins.JetpackAnswer,
        refused={
            400: "`rest_invalid_param`, `rest_missing_callback_param`: a parameter does not fit, "
            "or neither `url` nor `id` was given."
        },
        is_cached=True,
    ),
    Route(
        name="jetpack_post",
        path="/wp-json/wp/v2/posts/{post}",
        summary="Jetpack: a core post with `jetpack-related-posts` in it.",
        parameters=(_context("view"), *_GLOBAL),
        answer=plugins.JetpackPost,
        refused=_CRP_REFUSED,
        is_cached=True,
    ),
    Route(
        name="wordpress_com",
        method="POST",
        path="/rest/v1.1/sites/{site}/posts/{post}/related",
        summary="WordPress.com: numbers and scores of the related posts.",
        parameters=(_parameter("size", _ANY_LIMIT, "Most hits.", "3", 10),),
        body=plugins.HitsAsked,
        body_media=FORM_TYPES,
        answer=plugins.Hits,
        refused={
            400: "`invalid_input`: the size is no whole number.",
            404: "`unknown_post`: no such post.",
        },
    ),
)  # fmt: skip
#: Each as ``service.compat.routes`` has it; a test compares them.
DROP_INS = tuple(replace(route, group=GROUP, problems=()) for route in _ROUTES)
