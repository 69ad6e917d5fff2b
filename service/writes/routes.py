"""Every route that writes, added to an application."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Flask

from related_posts.keys import Keys
from service.headers import HeaderFields
from service.settings import ServiceSettings
from service.writes import refusals
from service.writes.access import Access
from service.writes.curation import CurationRoutes
from service.writes.hooks import HookRoutes
from service.writes.intake import Intake
from service.writes.posts import PostRoutes
from service.writes.replies import Replies


def register(app: Flask, settings: ServiceSettings, fields: HeaderFields) -> None:
    """Add the routes that write.

    Args:
        app: The application.
        settings: The service's settings.
        fields: The header fields of the application's answers.
    """
    access = Access(Keys(settings.data), _now)
    intake = Intake(settings.data, settings.database, enabled=settings.writes, clock=_now)
    refusals.register(app, fields)
    replies = Replies(fields)
    PostRoutes(app, intake, access, replies)
    CurationRoutes(app, intake, access, replies)
    HookRoutes(app, intake, access, replies, settings.ghost_secret)


def _now() -> datetime:
    return datetime.now(UTC)
