"""The drop-in routes as one table: registered by it, and described by it.

They are no part of ``service.api.routes``: their contracts are the plugins' own, and so are
their errors.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import Flask, Response

from service.api.desk import Desk
from service.compat import crp, elasticpress, jetpack, refusals, wordpress_com, yarpp
from service.compat.rest import Guard
from service.headers import HeaderFields


@dataclass(frozen=True, slots=True)
class DropIn:
    """One address that a plugin would answer.

    Attributes:
        plugin: Whose contract it is.
        path: The address; ``{post}`` stands for WordPress's number of a post.
        parameters: What it looks at; anything else is ignored, as WordPress does.
        view: Answers, given the desk and what stands for ``{post}``.
        method: ``GET``, which HEAD goes with, or ``POST``.
    """

    plugin: str
    path: str
    parameters: tuple[str, ...]
    view: Callable[..., Response]
    method: str = "GET"

    @property
    def rule(self) -> str:
        """The address as a pattern of the router."""
        return self.path.replace("{post}", "<post>").replace("{site}", "<site>")


_GLOBAL = ("_fields", "_embed", "_envelope")
_CRP = (
    *("limit", "context", "post_types", "same_post_type", "same_author"),
    *("exclude_post_ids", "exclude_categories", *_GLOBAL),
)
_CRP_PATH = "/wp-json/contextual-related-posts/v1/posts"

DROP_INS = (
    DropIn(
        "YARPP",
        "/wp-json/yarpp/v1/related/{post}",
        ("limit", "context", "password", *_GLOBAL),
        yarpp.related,
    ),
    DropIn("Contextual Related Posts", f"{_CRP_PATH}/{{post}}", _CRP, crp.related),
    DropIn("Contextual Related Posts", _CRP_PATH, ("id", *_CRP), partial(crp.related, post=None)),
    DropIn(
        "ElasticPress",
        "/wp-json/wp/v2/posts/{post}/related",
        ("number", "_envelope"),
        elasticpress.related,
    ),
    DropIn(
        "Jetpack",
        "/compat/jetpack",
        (
            *("url", "id", "size", "relatedposts_exclude", "relatedposts_origin", "headline"),
            *("layout", "show_thumbnails", "show_date", "show_context", "_envelope"),
        ),
        jetpack.related,
    ),
    DropIn("Jetpack", "/wp-json/wp/v2/posts/{post}", ("context", *_GLOBAL), jetpack.post),
    DropIn(
        "WordPress.com",
        "/rest/v1.1/sites/{site}/posts/{post}/related",
        ("size",),
        wordpress_com.related,
        method="POST",
    ),
)


def register(app: Flask, desk: Desk, fields: HeaderFields) -> None:
    """Add the routes to an application, and WordPress's answer to addresses that are none."""
    guard = Guard(app, fields)
    for each in DROP_INS:
        view = guard(partial(each.view, desk))
        app.add_url_rule(
            each.rule, f"{each.method} {each.path}", view, methods=[each.method],
            strict_slashes=False,
        )  # fmt: skip
    methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    view = guard(_no_route)
    app.add_url_rule("/wp-json/<path:rest>", "wp_json", view, methods=methods)
    app.add_url_rule("/wp-json/", "wp_json", view, methods=methods, strict_slashes=False)


def _no_route(**_: Any) -> Response:
    raise refusals.no_route()
