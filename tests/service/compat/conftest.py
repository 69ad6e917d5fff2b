"""A WordPress blog whose numbers are known, and one that is no WordPress at all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from related_posts.posts import Image, Post

TOLD = {
    "type": "post",
    "guid": "https://blog.example/?p=7",
    "date": "2024-03-05T10:30:00",
    "modified": "2024-03-06T10:30:00",
    "author_id": 50,
    "author_slug": "ada-l",
    "category_ids": [3],
    "tag_ids": [11, 12],
    "featured_media": 70,
    "comment_status": "open",
    "ping_status": "closed",
}


def wordpress_posts() -> list[Post]:
    """Thirty posts numbered from 1; number 7 is told of whole, newest first."""
    return [
        Post(
            id=str(number),
            url=f"https://blog.example/{number}/",
            title="Rye & <wheat>" if number == 7 else f"Post {number}",
            excerpt="Two loaves & one oven." if number == 7 else "",
            author="Ada Lovelace" if number == 7 else "",
            tags=("sour dough", "oven") if number == 7 else (),
            categories=("Bread",) if number % 7 == 0 else (),
            slug="rye-日本" if number == 7 else f"post-{number}",
            published=datetime(2024, 3, 5, 9, 30, tzinfo=UTC) - timedelta(days=7 - number),
            updated=datetime(2024, 3, 6, 9, 30, tzinfo=UTC) if number == 7 else None,
            image=Image("https://blog.example/i/rye.webp", 800, 600, "A loaf")
            if number == 7
            else None,
            language="en",
            extra={"wordpress": {"post_id": number, **(TOLD if number == 7 else {})}},
        )
        for number in range(30, 0, -1)
    ]


@pytest.fixture(scope="session")
def wordpress_folder(tmp_path_factory: pytest.TempPathFactory, publish: Callable[..., str]) -> Path:
    """A data folder with a version of a WordPress blog."""
    folder = tmp_path_factory.mktemp("wordpress")
    publish(folder, posts=wordpress_posts())
    return folder


@pytest.fixture
def wordpress(make_app: Callable[..., Flask], wordpress_folder: Path) -> FlaskClient:
    """A client that answers from it."""
    return make_app(wordpress_folder).test_client()


@pytest.fixture(scope="session")
def real_folder(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Path:
    """A data folder trained on the export of the blog whose answers were recorded."""
    # Imported here: most tests of the service need no training.
    from training.commands.display import Lines
    from training.publish import train_and_publish
    from training.settings import TrainingSettings

    folder = tmp_path_factory.mktemp("real")
    export = shared / "exports" / "wordpress-6.1-18f.xml.gz"
    train_and_publish([str(export)], TrainingSettings(data=folder, jobs=1), Lines())
    return folder


@pytest.fixture
def real(make_app: Callable[..., Flask], real_folder: Path) -> FlaskClient:
    """A client that answers from that."""
    return make_app(real_folder).test_client()
