"""robots.txt: what a site asks programs to leave alone.

Source: RFC 9309. ``Crawl-delay`` is no part of it, but many sites say it and mean it.
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field
from urllib.parse import quote, unquote_to_bytes, urljoin, urlsplit

from training.web.client import Client
from training.web.response import FetchError

#: The name that rules for us are written under.
PRODUCT = "related-posts"

#: Bytes of a file that are read; the standard asks for 500 KiB at least.
MAX_BYTES = 512 << 10

#: Longest delay that is obeyed, in seconds; who asks for more wants no visit at all.
MAX_DELAY_SECONDS = 60.0

#: Robots whose rules are kept too, as a blog means all search by them.
_AS_OURS = frozenset({PRODUCT, "robots", "googlebot", "*"})

_DELAY = re.compile(r"\d{1,6}(?:\.\d{1,6})?|\.\d{1,6}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Robots:
    """What one site allows us.

    Attributes:
        rules: Whether allowed, and the pattern of paths, in the order of the file.
        delay_seconds: Least time between two requests, or None.
        sitemaps: Addresses of the site's maps, as they are written.
    """

    rules: tuple[tuple[bool, str], ...] = ()
    delay_seconds: float | None = None
    sitemaps: tuple[str, ...] = ()

    def allows(self, url: str) -> bool:
        """Whether a URL of this site may be fetched.

        The longest pattern that matches decides, and of equal ones the one that
        allows; what none matches is allowed.
        """
        parts = urlsplit(url)
        path = _normal(f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}")
        if path == "/robots.txt":
            return True
        best = (-1, True)
        for allowed, pattern in self.rules:
            if len(pattern) >= best[0] and _matches(pattern, path):
                best = max(best, (len(pattern), allowed))
        return best[1]


#: Everything is allowed: the site says nothing.
ALL = Robots()


def fetch_robots(client: Client, url: str) -> Robots:
    """The rules of a URL's site; its ``Crawl-delay`` is obeyed by the client from now on.

    No such file allows everything, and so does a refusal (4xx).

    Raises:
        FetchError: The server fails or cannot be reached, so nothing is allowed.
    """
    try:
        answer = client.get(urljoin(url, "/robots.txt"), accept="text/plain, */*;q=0.1")
    except FetchError as error:
        if 400 <= error.status < 500 and error.status != 429:
            return ALL
        raise
    robots = parse_robots(answer.body)
    if robots.delay_seconds:
        client.slow_down(url, robots.delay_seconds)
    return robots


#: Hosts of one site that are asked: with ``www.`` and without, by http and https, and some more.
MAX_HOSTS = 8


class HostRobots:
    """The rules of every host that a site is read from, each asked for once.

    Safe among threads.
    """

    def __init__(self) -> None:
        self._known: dict[str, Robots | FetchError] = {}
        self._lock = threading.Lock()

    def of(self, client: Client, url: str) -> Robots:
        """The rules of a URL's host, whose delay the client obeys from now on.

        Args:
            client: What fetches them.
            url: An http or https address.

        Raises:
            FetchError: They cannot be had now, so it is not known what they allow; or so
                many hosts were asked already that this is no site but a trap.
        """
        parts = urlsplit(url)
        host = f"{parts.scheme}://{parts.netloc}".lower()
        with self._lock:
            if host not in self._known:
                if len(self._known) >= MAX_HOSTS:
                    raise FetchError(url, f"this site has more than {MAX_HOSTS} hosts")
                try:
                    self._known[host] = fetch_robots(client, host)
                except FetchError as error:
                    self._known[host] = error
            found = self._known[host]
        if isinstance(found, FetchError):
            raise FetchError(found.url, found.reason, status=found.status)
        if found.delay_seconds:
            # A client that did not ask for them itself does not know it yet.
            client.slow_down(url, found.delay_seconds)
        return found


@dataclass(slots=True)
class _Group:
    agents: list[str] = field(default_factory=list)
    rules: list[tuple[bool, str]] = field(default_factory=list)
    delay: float | None = None
    is_closed: bool = False


def parse_robots(content: bytes, product: str = PRODUCT) -> Robots:
    """The rules of a file for one program; never fails.

    Rules of all groups that name the program count together; where none does, those
    for ``*``.

    Args:
        content: The file; what is beyond ``MAX_BYTES`` is not read.
        product: The program's name, without version.
    """
    groups: list[_Group] = []
    sitemaps: list[str] = []
    text = content[:MAX_BYTES].decode("utf-8", "replace").removeprefix("\ufeff")
    for line in re.split(r"\r\n|\r|\n", text):
        name, colon, value = line.partition("#")[0].partition(":")
        name, value = name.strip().lower(), value.strip()
        if not colon:
            continue
        if name == "sitemap":
            sitemaps.append(line.partition(":")[2].strip())
        elif name in ("user-agent", "useragent"):
            if not groups or groups[-1].is_closed:
                groups.append(_Group())
            groups[-1].agents.append(_product(value))
        elif groups:
            _add(groups[-1], name, value)
    for wanted in (product.lower(), "*"):
        ours = [group for group in groups if wanted in group.agents]
        if ours:
            delays = [group.delay for group in ours if group.delay is not None]
            rules = tuple(rule for group in ours for rule in group.rules)
            return Robots(rules, max(delays, default=None), tuple(sitemaps))
    return Robots(sitemaps=tuple(sitemaps))


def directives(text: str) -> frozenset[str]:
    """What a page tells robots: ``noindex``, ``nofollow``; ``none`` is both.

    Args:
        text: The content of a ``<meta name="robots">`` or of an ``X-Robots-Tag`` field.
            What has a value (``max-image-preview:none``) or is for another robot is
            left out.

    >>> sorted(directives("index, max-image-preview:none, googlebot: nofollow"))
    ['index', 'nofollow']
    """
    said: set[str] = set()
    for one in text.lower().split(","):
        name, colon, value = one.strip().partition(":")
        if not colon or name in _AS_OURS:
            said.add((value if colon else name).strip())
    return frozenset(said | ({"noindex", "nofollow"} if "none" in said else set()))


def _add(group: _Group, name: str, value: str) -> None:
    if name in ("allow", "disallow"):
        group.is_closed = True
        # An empty rule says nothing: ``Disallow:`` disallows nothing.
        if value:
            group.rules.append((name == "allow", _normal(value)))
    elif name == "crawl-delay":
        group.is_closed = True
        if _DELAY.fullmatch(value):
            group.delay = min(float(value), MAX_DELAY_SECONDS)


def _product(value: str) -> str:
    # Some write the version too, which is no part of the name.
    return value if value == "*" else value.partition("/")[0].strip().lower()


def _normal(path: str) -> str:
    """A path in one spelling: characters and their percent codes compare as equal."""
    pieces = re.split(r"(%2[fF]|%2[aA]|%24|%3[fF]|%25)", path)
    for place in range(0, len(pieces), 2):
        pieces[place] = quote(unquote_to_bytes(pieces[place]), safe="/*$?=&;:@!,()'+~[]")
    return "".join(one.upper() if place % 2 else one for place, one in enumerate(pieces))


def _matches(pattern: str, path: str) -> bool:
    """Whether a path begins as a pattern says; ``*`` is anything, ``$`` at the end the end.

    Each piece between stars is looked for once, so that no pattern takes long.
    """
    to_end = pattern.endswith("$")
    first, *others = pattern.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    position = len(first)
    if to_end:
        if not others:
            return path == first
        last = others.pop()
        end = len(path) - len(last)
        if end < position or not path.endswith(last):
            return False
    else:
        end = len(path)
    for piece in others:
        found = path.find(piece, position, end)
        if found < 0:
            return False
        position = found + len(piece)
    return True
