"""``{% related_posts url limit=4 as items %}`` for Django; the setting RELATED_POSTS_SERVICE."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from related_lists import RelatedLists

register = template.Library()


@lru_cache(maxsize=4)
def _lists(service: str) -> RelatedLists:
    return RelatedLists(service)


@register.simple_tag(takes_context=True)
def related_posts(context: Any, url: str = "", limit: int = 4, **parameters: Any) -> Any:
    """The items to show with a page, by default the one that is being made."""
    request = getattr(context, "request", None)
    if not url and request is not None:
        url = request.build_absolute_uri()
    return _lists(settings.RELATED_POSTS_SERVICE).related_posts(url, limit, **parameters)
