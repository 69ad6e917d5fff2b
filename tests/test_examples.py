"""The demo archive is a whole, consistent blog: every link, redirect and picture is there."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
BLOG = EXAMPLES / "blog"
LINK = re.compile(r"\]\((?P<target>[^)\s]+)\)")
FILE_NAME = re.compile(r"(?P<day>\d{4}-\d{2}-\d{2})-(?P<slug>[a-z0-9]+(?:-[a-z0-9]+)*)\.md")


class DemoPost:
    """One file of the demo blog, read without the project's own reader."""

    def __init__(self, path: Path) -> None:
        name = FILE_NAME.fullmatch(path.name)
        assert name, f"{path.name} is not YYYY-MM-DD-slug.md"
        opening, front, self.body = path.read_text(encoding="utf-8").split("---\n", 2)
        assert opening == ""
        self.day, self.slug = name["day"], name["slug"]
        self.front: dict[str, Any] = yaml.safe_load(front)
        self.url = f"/{self.day[:4]}/{self.day[5:7]}/{self.slug}/"
        self.links = [match["target"] for match in LINK.finditer(self.body)]

    @property
    def language(self) -> str:
        """Its language; English where the front matter is silent."""
        return str(self.front.get("lang", "en"))


@pytest.fixture(scope="module")
def every_post() -> list[DemoPost]:
    """All posts, the draft included."""
    return [DemoPost(path) for path in sorted((BLOG / "_posts").iterdir())]


@pytest.fixture(scope="module")
def published(every_post: list[DemoPost]) -> list[DemoPost]:
    """The posts that readers see."""
    return [post for post in every_post if post.front.get("published", True)]


@pytest.fixture(scope="module")
def addresses(published: list[DemoPost]) -> set[str]:
    """Every address that answers: published posts, their old addresses, and pictures."""
    pictures = {f"/images/{path.name}" for path in (BLOG / "images").iterdir()}
    redirects = {old for post in published for old in post.front.get("redirect_from", [])}
    return {post.url for post in published} | redirects | pictures


def moment(text: str) -> datetime:
    """A front-matter date; PyYAML leaves an offset without a colon as text."""
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S %z")


def test_enough_posts_and_one_draft(every_post: list[DemoPost], published: list[DemoPost]) -> None:
    """60 to 100 posts are published, and one more is a draft for readers to skip."""
    assert 60 <= len(published) <= 100
    assert len(every_post) - len(published) == 1


def test_settings() -> None:
    """The permalinks that the links rely on are the configured ones."""
    settings = yaml.safe_load((BLOG / "_config.yml").read_text(encoding="utf-8"))
    assert settings["permalink"] == "/:year/:month/:title/"
    assert settings["timezone"] == "UTC"
    assert settings["title"]


def test_categories(published: list[DemoPost]) -> None:
    """Each post has one category, and each of at least six categories has several posts."""
    assert all(len(post.front["categories"]) == 1 for post in published)
    counts = Counter(post.front["categories"][0] for post in published)
    assert len(counts) >= 6
    assert min(counts.values()) >= 5


def test_front_matter_is_complete(every_post: list[DemoPost]) -> None:
    """Title, author, tags and description are there; dates agree with the file's name."""
    for post in every_post:
        front = post.front
        assert front["title"], post.slug
        assert front["author"], post.slug
        assert front["description"], post.slug
        assert front["tags"], post.slug
        assert all(isinstance(tag, str) for tag in front["tags"]), post.slug
        written = moment(front["date"])
        assert written.astimezone(UTC).date().isoformat() == post.day
        if "last_modified_at" in front:
            assert moment(front["last_modified_at"]) > written, post.slug


def test_titles_and_slugs_are_unique(every_post: list[DemoPost]) -> None:
    """No two posts share a slug or a title."""
    assert len({post.slug for post in every_post}) == len(every_post)
    assert len({post.front["title"] for post in every_post}) == len(every_post)


def test_every_link_resolves(every_post: list[DemoPost], addresses: set[str]) -> None:
    """Every link leads to a post, an old address of one, or a picture of this blog."""
    broken = {(p.slug, link) for p in every_post for link in p.links if link not in addresses}
    assert not broken
    assert sum(len(post.links) for post in every_post) >= 90


def test_no_post_links_to_itself(every_post: list[DemoPost]) -> None:
    """A post never sends its reader back to itself."""
    assert not [post.slug for post in every_post if post.url in post.links]


def test_redirects_hide_no_post(published: list[DemoPost]) -> None:
    """Old addresses are unique, absolute paths and hide no post that exists."""
    redirects = [old for post in published for old in post.front.get("redirect_from", [])]
    assert redirects
    assert len(set(redirects)) == len(redirects)
    assert set(redirects).isdisjoint(post.url for post in published)
    assert all(old.startswith("/") and old.endswith("/") for old in redirects)


def test_pictures_have_the_stated_size(every_post: list[DemoPost]) -> None:
    """Each picture exists, is small, and is as wide and high as the front matter says."""
    for post in every_post:
        image = post.front["image"]
        file = BLOG / image["src"].removeprefix("/")
        svg = ElementTree.fromstring(file.read_bytes())
        stated = (image["width"], image["height"])
        assert stated == (int(svg.attrib["width"]), int(svg.attrib["height"])) == (800, 450)
        assert image["alt"], post.slug
        assert file.stat().st_size < 3 * 1024, file.name


def test_two_more_languages(published: list[DemoPost]) -> None:
    """At least two languages beside English have four posts or more."""
    counts = Counter(post.language for post in published)
    assert sum(n >= 4 for language, n in counts.items() if language != "en") >= 2


def test_translations_come_in_pairs(published: list[DemoPost]) -> None:
    """Posts with one translation key are one text in different languages."""
    groups: dict[str, list[str]] = {}
    for post in published:
        if key := post.front.get("translation_key"):
            groups.setdefault(key, []).append(post.language)
    assert groups
    for languages in groups.values():
        assert len(languages) >= 2
        assert len(set(languages)) == len(languages)


def test_pictures_are_redrawn_byte_for_byte() -> None:
    """``draw.py`` draws exactly the committed pictures, none missing and none left over."""
    run = subprocess.run(
        [sys.executable, "-B", str(EXAMPLES / "draw.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_the_whole_is_small() -> None:
    """The archive stays under 1 MB, so that a clone stays quick."""
    assert sum(path.stat().st_size for path in BLOG.rglob("*") if path.is_file()) < 1_000_000
