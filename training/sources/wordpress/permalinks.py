"""The address WordPress gives a post, from its setting ``permalink_structure``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_TOKEN = re.compile(r"%(year|monthnum|day|hour|minute|second|post_id|postname|category|author)%")
_LOCAL = re.compile(r"(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)")


@dataclass(frozen=True, slots=True)
class Linked:
    """What a post's address can be made of.

    Attributes:
        number: WordPress's number of the post.
        name: Its slug, as the database has it.
        date: Its date in the blog's own time, ``2024-01-02 10:00:00``.
        category: Slugs of its category and of those above it, joined by slashes.
        author: The slug of its author.
    """

    number: int
    name: str = ""
    date: str = ""
    category: str = ""
    author: str = ""


def permalink(structure: str, home: str, post: Linked) -> str:
    """A post's address.

    What a plugin makes of it is not in the database. Without a structure, or where the
    post lacks what the structure asks for, it is the address by number, which WordPress
    always answers.

    Args:
        structure: ``/%year%/%monthnum%/%postname%/`` or the like; empty for plain.
        home: The blog's address.
        post: The post.

    >>> post = Linked(7, "rye", "2024-01-02 08:00:00")
    >>> permalink("/%year%/%postname%/", "https://blog.example/", post)
    'https://blog.example/2024/rye/'
    """
    home = home.rstrip("/")
    found = _LOCAL.fullmatch(post.date)
    values = dict(
        zip(("year", "monthnum", "day", "hour", "minute", "second"), found.groups(), strict=True)
        if found
        else ()
    )
    values |= {
        "post_id": str(post.number),
        "postname": post.name,
        "category": post.category,
        "author": post.author,
    }
    tokens = _TOKEN.findall(structure)
    if not tokens or not all(values.get(token) for token in tokens):
        return f"{home}/?p={post.number}"
    path = _TOKEN.sub(lambda match: values[match[1]], structure)
    # Another token is a plugin's, which alone knows what it stands for.
    if re.search(r"%[a-z_]+%", path):
        return f"{home}/?p={post.number}"
    return f"{home}/{path.lstrip('/')}"


def other_addresses(
    home: str, number: int | str, url: str, name: str, old: Iterable[str]
) -> list[str]:
    """Addresses that WordPress leads to a post beside its own.

    Its short link, and its address with slugs that it had before.

    Args:
        home: The blog's address.
        number: WordPress's number of the post.
        url: Its address.
        name: Its slug, as the database has it.
        old: Slugs it had before.

    >>> other_addresses("https://blog.example", 7, "https://blog.example/2024/rye/", "rye", ["ry"])
    ['https://blog.example/?p=7', 'https://blog.example/2024/ry/']
    """
    found = [f"{home.rstrip('/')}/?p={number}"]
    before, mark, after = url.rpartition(f"/{name}")
    if name and mark and after in ("", "/"):
        found += [f"{before}/{one}{after}" for one in old if one and "/" not in one]
    return [one for one in dict.fromkeys(found) if one != url]


def category_path(parents: dict[int, tuple[int, str]], numbers: list[int]) -> str:
    """The slugs of a post's first category and of those above it.

    Args:
        parents: Number of each category to that of the one above it (0 for none) and
            its slug.
        numbers: Of the post's categories; WordPress takes the lowest.
    """
    slugs: list[str] = []
    number = min(numbers, default=0)
    seen: set[int] = set()
    while number in parents and number not in seen:
        seen.add(number)
        number, slug = parents[number]
        slugs.append(slug)
    return "/".join(reversed(slugs))
