"""What many tests share: a small archive whose answers are known, data, a database server."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from scratch_postgres import PostgreSQL, programs

from related_posts.posts import Image, Post

#: Blogs and exports that lie beside the repository and are not part of it.
SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared data beside the repository; a test that needs it skips without."""
    if not SHARED.is_dir():
        pytest.skip(f"no shared data beside the repository ({SHARED.name}/ is absent)")
    return SHARED


@pytest.fixture(autouse=True)
def _logging_goes_on() -> Iterator[None]:
    """A command that is interrupted logs no more; the tests after it do."""
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgreSQL]:
    """A PostgreSQL server; a test that needs it skips where there is none."""
    folder = programs()
    if folder is None:
        pytest.skip("no PostgreSQL here (Debian: apt-get install postgresql)")
    with PostgreSQL(folder) as server:
        yield server


def _post(slug: str, title: str, body: str, tags: str, day: str | None, **more: object) -> Post:
    return Post(
        id=f"/{slug}/",
        url=f"https://blog.example/{slug}/",
        title=title,
        html="".join(f"<p>{line}</p>" for line in body.split("\n")),
        tags=tuple(tags.split()),
        author="Ada",
        published=datetime.fromisoformat(f"{day}T08:00:00").replace(tzinfo=UTC) if day else None,
        slug=slug,
        **{"language": "en", **more},  # type: ignore[arg-type]  # fields of all types
    )


@pytest.fixture(scope="session")
def archive_posts() -> list[Post]:
    """Twelve posts in two languages whose relations are known by design, in index order.

    Bread (kitchen-scale, sourdough, rye, starter), bicycles (tyres, brakes, chain) and
    telescopes (moon, mirror) in English; bread again in German (sauerteig, roggen).
    Each post is closest to those of its own subject and language. ``note`` is undated,
    empty but for its title, and related to nothing. ``sourdough`` and ``sauerteig``
    are translations of each other, published at the same moment.
    """
    return [
        _post(
            "tyres",
            "Bicycle tyres for gravel and rain",
            "Wide bicycle tyres roll well on gravel.\nLess pressure grips wet gravel roads.",
            "bicycle gravel",
            "2024-06-01",
        ),
        _post(
            "kitchen-scale",
            "A kitchen scale for baking bread",
            "Weigh flour, water and salt.\nBaking bread by weight repeats well.",
            "bread tools",
            "2024-05-01",
        ),
        _post(
            "sauerteig",
            "Sauerteigbrot für Anfänger",
            "Mehl, Wasser und Sauerteig mischen.\nDas Brot backen, bis die Kruste singt.",
            "brot sauerteig",
            "2024-04-01",
            language="de",
            translation_group="sourdough",
        ),
        _post(
            "sourdough",
            "Sourdough bread for beginners",
            "Mix flour, water and sourdough starter.\nBake the bread until the crust sings.",
            "bread sourdough",
            "2024-04-01",
            image=Image("/images/sourdough.jpg", 800, 600, "A loaf"),
            translation_group="sourdough",
            links=("/starter/",),
        ),
        _post(
            "roggen",
            "Roggenbrot mit Sauerteig backen",
            "Roggen braucht Sauerteig.\nDas Brot aus Roggen hält eine Woche.",
            "brot roggen",
            "2024-03-15",
            language="de",
        ),
        _post(
            "rye",
            "Rye bread with a sourdough starter",
            "Rye flour needs a sourdough starter.\nThe bread of rye keeps for a week.",
            "bread rye",
            "2024-03-01",
        ),
        _post(
            "starter",
            "Keeping a sourdough starter alive",
            "Feed the starter with rye flour and water.\nA lively starter raises the bread.",
            "bread sourdough",
            "2024-02-01",
        ),
        _post(
            "brakes",
            "Bicycle brakes: discs or rims",
            "Disc brakes stop a bicycle in the rain.\nRim brakes wear the bicycle's wheels.",
            "bicycle repair",
            "2023-12-01",
        ),
        _post(
            "chain",
            "Cleaning a bicycle chain",
            "A clean chain makes the bicycle quiet.\nOil the chain after rain.",
            "bicycle repair",
            "2023-11-01",
        ),
        _post(
            "moon",
            "The moon through a small telescope",
            "Craters of the moon throw long shadows.\nA small telescope shows them well.",
            "astronomy",
            "2023-10-01",
        ),
        _post(
            "mirror",
            "Grinding a telescope mirror",
            "A telescope mirror is ground from glass.\nThe mirror gathers light of the moon.",
            "astronomy tools",
            "2023-09-01",
        ),
        Post(id="/note/", url="https://blog.example/note/", title="Hello", language="en"),
    ]
