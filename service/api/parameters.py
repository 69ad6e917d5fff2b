"""Every parameter of the API: one table to parse by, to word errors from and to document.

A route names its parameters; nothing else knows which it takes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes

from related_posts.errors import InvalidQueryError
from related_posts.nearest import nearest
from service.api import kinds
from service.api.kinds import Kind

#: Items in an answer where the request does not say.
DEFAULT_LIMIT = 5
#: Most items in an answer.
MAX_LIMIT = 50
#: How far into a list a request may go.
MAX_OFFSET = 10_000
#: Most posts that one request may exclude.
MAX_EXCLUDED = 100
#: Most names of one kind that one request may filter by.
MAX_NAMES = 20
#: Most explanations of one request, about a millisecond each.
MAX_EXPLAINED = 5_000
#: Most places that one batch may rank, those that its offset leaves out included: as many as
#: the largest batch of the longest lists has.
MAX_RANKED = 50_000
#: Most characters of a search.
MAX_WORDS_CHARS = 1_000

#: Why an item is on its list, which takes work.
EXPLANATION = "explanation"
#: What can be shown of a post, in this order; see ``related_posts.items``.
ITEM_FIELDS = (
    *("id", "url", "title", "excerpt", "published", "author", "image"),
    *("tags", "categories", "language", "series"),
    *("similarity", "score", "reason", EXPLANATION),
)
#: What can fill a list that is too short.
FALLBACKS = ("category", "tag", "author", "search", "recent")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter of a query string.

    Attributes:
        name: Its name.
        kind: What its values are.
        help: What it does, in a sentence or two.
        example: A value that makes sense.
        default: Its value where it is not given.
        most: How often it may be given.
        is_required: Whether it must be given.
    """

    name: str
    kind: Kind
    help: str
    example: str
    default: Any = None
    most: int = 1
    is_required: bool = False

    @property
    def repeatable(self) -> bool:
        """Whether it may be given more than once; its value is a tuple then."""
        return self.most > 1

    def read(self, given: Sequence[str]) -> Any:
        """The value of what was given.

        Raises:
            InvalidQueryError: It was given too often, or does not fit.
        """
        if not given:
            return self.default
        if len(given) > self.most:
            if not self.repeatable:
                raise InvalidQueryError(self.name, ", ".join(given), "given once")
            raise InvalidQueryError(
                self.name, f"{len(given)} values", f"given at most {self.most} times"
            )
        values = []
        for text in given:
            try:
                values.append(self.kind.read(text))
            except (ValueError, OverflowError):
                raise InvalidQueryError(self.name, text, self.kind.allowed) from None
        return tuple(values) if self.repeatable else values[0]


def _name(name: str, help_text: str, example: str) -> Parameter:
    """A repeatable filter by names."""
    kind = kinds.text("a name or its slug, not empty")
    return Parameter(
        name=name, kind=kind, help=help_text, example=example, default=(), most=MAX_NAMES
    )


ID = Parameter(
    name="id",
    kind=kinds.text("the post's own, not empty"),
    help="The post asked about, by the publisher's own identifier; compared exactly.",
    example="/2016/02/a-starter-from-nothing/",
)
URL = Parameter(
    name="url",
    kind=kinds.text("the post's own, not empty"),
    help="The post asked about, however its address is written: `http` or `https`, `www.` or "
    "not, a trailing slash, `index.html`, a tracking query or a fragment. Aliases lead to it too.",
    example="https://blog.example/2016/02/a-starter-from-nothing/?utm_source=mail",
)
SLUG = Parameter(
    name="slug",
    kind=kinds.text("the post's own, not empty"),
    help="The post asked about, by the readable end of its address; of several, the newest.",
    example="a-starter-from-nothing",
)
WORDS = Parameter(
    name="q",
    kind=kinds.text(f"words to search for, at most {MAX_WORDS_CHARS} characters",
                    most=MAX_WORDS_CHARS),
    help="Words to search for in titles, texts and tags. Posts with any of them are found, "
    "those with more and rarer ones first.",
    example="rye sourdough",
    is_required=True,
)  # fmt: skip
LIMIT = Parameter(
    name="limit",
    kind=kinds.whole(1, MAX_LIMIT),
    help="Most items in the answer.",
    example="3",
    default=DEFAULT_LIMIT,
)
EXPORT_LIMIT = Parameter(
    name="limit",
    kind=kinds.whole(1, MAX_LIMIT),
    help="Most related posts of each post.",
    example="10",
    default=MAX_LIMIT,
)
OFFSET = Parameter(
    name="offset",
    kind=kinds.whole(0, MAX_OFFSET),
    help="Items left out at the beginning: the next page begins at offset + limit.",
    example="5",
    default=0,
)
EXCLUDE = Parameter(
    name="exclude",
    kind=kinds.text("an id", empty=True),
    help="Id of a post that must not be among the items; the next best takes its place. "
    "An id that does not exist excludes nothing.",
    example="/2016/11/rye-is-not-wheat/",
    default=(),
    most=MAX_EXCLUDED,
)
EXCLUDE_REFERRER = Parameter(
    name="exclude_referrer",
    kind=kinds.text("an address, or the word header"),
    help="Address of the page the reader came from, which is left out like `exclude`. `header` "
    "takes it from the request's Referer field; the answer then varies by that field.",
    example="https://blog.example/2016/11/rye-is-not-wheat/",
)
TAG = _name("tag", "Only posts with this tag; of several, with one of them.", "sourdough")
CATEGORY = _name("category", "Only posts in this category; of several, in one of them.", "Bread")
NOT_TAG = _name("not_tag", "No posts with this tag.", "announcement")
NOT_CATEGORY = _name("not_category", "No posts in this category.", "news")
AUTHOR = _name("author", "Only posts by this author; of several, by one of them.",
               "Nora Lindqvist")  # fmt: skip
LANGUAGE = Parameter(
    name="language",
    kind=kinds.text("a language tag, not empty"),
    help="Only posts in this language, the post's own or not; `pt` holds `pt-br` as well.",
    example="en",
    default=(),
    most=MAX_NAMES,
)
PUBLISHED_AFTER = Parameter(
    name="published_after",
    kind=kinds.moment(),
    help="Only posts published at this moment or later; a day begins at midnight UTC.",
    example="2024-01-01",
)
PUBLISHED_BEFORE = Parameter(
    name="published_before",
    kind=kinds.moment(),
    help="Only posts published before this moment.",
    example="2025-01-01",
)
RECENT = Parameter(
    name="recent",
    kind=kinds.period(),
    help="Only posts published within this long before today. The window moves at midnight UTC.",
    example="6 months",
)
PAST_ONLY = Parameter(
    name="past_only",
    kind=kinds.truth(),
    help="Only posts that were published no later than the post asked about. Without a date of "
    "its own, it makes no difference.",
    example="true",
    default=False,
)
EXCLUDE_LINKED = Parameter(
    name="exclude_linked",
    kind=kinds.truth(),
    help="Leave out the posts that the post asked about links to in its text.",
    example="true",
    default=False,
)
SAME_AUTHOR = Parameter(
    name="same_author",
    kind=kinds.truth(),
    help="Only posts by the author of the post asked about.",
    example="true",
    default=False,
)
MIN_SCORE = Parameter(
    name="min_score",
    kind=kinds.number(0, 1),
    help="No posts with a lower score: fewer items rather than weak ones.",
    example="0.02",
    default=0.0,
)
DIVERSITY = Parameter(
    name="diversity",
    kind=kinds.number(0, 1),
    help="How much the items should differ from each other: 0 orders by score alone, 1 looks at "
    f"the score for the first item only. The best {MAX_LIMIT} are reordered.",
    example="0.3",
    default=0.0,
)
FALLBACK = Parameter(
    name="fallback",
    kind=kinds.choices(FALLBACKS),
    help="What fills a list that is too short, in this order: posts that share a category or a "
    "tag, posts by the same author, a search for the words of an unknown address, the newest "
    "posts. Such items say so in `reason`. With it an unknown post is no error.",
    example="category,recent",
    default=(),
)
FIELDS = Parameter(
    name="fields",
    kind=kinds.choices(ITEM_FIELDS),
    help="Which members of a post are sent.",
    example="id,url,title",
)
EXCERPT_LENGTH = Parameter(
    name="excerpt_length",
    kind=kinds.whole(0, 200),
    help="Most words of an excerpt. Excerpts made of the text have at most 200 characters.",
    example="12",
)
EXPLAIN = Parameter(
    name="explain",
    kind=kinds.truth(),
    help="Whether each item has an `explanation`: the terms it shares and what raised its score. "
    "It is sent beside the `fields` that are named, and naming it there asks for it as well.",
    example="true",
    default=False,
)
ORDER = Parameter(
    name="order",
    kind=kinds.choice(("newest", "oldest")),
    help="By date, from which end; posts without a date are the oldest.",
    example="oldest",
    default="newest",
)

LAYOUT = Parameter(
    name="layout",
    kind=kinds.choice(("list", "grid", "cards")),
    help="How the list is put together: rows, columns of pictures, or cards with excerpts.",
    example="cards",
    default="list",
)
SHOW = Parameter(
    name="show",
    kind=kinds.choices(("image", "date", "author", "category", "excerpt")),
    help="What stands beside the title. By default, a list has the date, a grid image and date, "
    "cards image, category, excerpt and date.",
    example="image,date",
)
HEADING = Parameter(
    name="heading",
    kind=kinds.text("a text of at most 200 characters, or empty for none", empty=True, most=200),
    help="What stands over the list; by default the words for it in the post's language.",
    example="Read next",
)
HEADING_LEVEL = Parameter(
    name="heading_level",
    kind=kinds.whole(2, 6),
    help="Of which level the heading is: 2 makes an `h2`.",
    example="3",
    default=2,
)
CLASS = Parameter(
    name="class",
    kind=kinds.tokens("names of classes, separated by spaces", r"-?[A-Za-z_][A-Za-z0-9_-]*"),
    help="More classes of the section. `yarpp-related`, `crp_related` and `jp-relatedposts` give "
    "its parts that plugin's classes as well.",
    example="yarpp-related",
)
TARGET = Parameter(
    name="target",
    kind=kinds.choice(("_self", "_blank", "_parent", "_top")),
    help="Where links open. With `_blank` they are `noopener`, unless `rel` says otherwise.",
    example="_blank",
)
REL = Parameter(
    name="rel",
    kind=kinds.tokens("link types in lower case, separated by spaces", "[a-z]+(?:-[a-z]+)*"),
    help="What `rel` says of the links.",
    example="nofollow",
)
EMPTY = Parameter(
    name="empty",
    kind=kinds.text("a text, not empty, of at most 500 characters", most=500),
    help="What stands there instead where there is no related post; by default nothing.",
    example="Nothing like it yet.",
)

#: Narrow any list of posts.
FILTERS = (
    *(TAG, CATEGORY, NOT_TAG, NOT_CATEGORY, AUTHOR, LANGUAGE),
    *(PUBLISHED_AFTER, PUBLISHED_BEFORE, RECENT),
)
#: Choose what is sent of a post.
SHAPE = (FIELDS, EXCERPT_LENGTH)
#: What a list of related posts may be asked for with.
RELATED = (
    *(LIMIT, EXCLUDE, OFFSET, EXCLUDE_REFERRER, EXCLUDE_LINKED),
    *(*FILTERS, PAST_ONLY, SAME_AUTHOR),
    *(MIN_SCORE, DIVERSITY, FALLBACK, *SHAPE, EXPLAIN),
)
ADDRESS = (ID, URL, SLUG)
TEXT = tuple(each for each in RELATED if each is not EXCLUDE_REFERRER)
#: How a list is written as HTML.
MARKUP = (*(LAYOUT, SHOW, HEADING, HEADING_LEVEL, CLASS, TARGET, REL, EMPTY, EXCERPT_LENGTH),)
HTML = (
    *(each for each in RELATED if each not in (FIELDS, EXCERPT_LENGTH, EXPLAIN)),
    *MARKUP,
)
LISTING = (LIMIT, OFFSET, ORDER, *FILTERS, *SHAPE)
SEARCH = (WORDS, LIMIT, OFFSET, EXCLUDE, *FILTERS, MIN_SCORE, *SHAPE)
EXPORT = (EXPORT_LIMIT,)


def read(query_string: str, known: Sequence[Parameter]) -> dict[str, Any]:
    """The value of every known parameter.

    Args:
        query_string: As a WSGI server passes it: percent-encoded, bytes as latin-1.
        known: What may be given.

    Raises:
        InvalidQueryError: A parameter is unknown, repeated, not UTF-8 or does not fit.
    """
    names = [each.name for each in known]
    given: dict[str, list[str]] = {}
    for pair in filter(None, query_string.split("&")):
        raw_name, _, raw_value = pair.partition("=")
        name = decode(raw_name, "query")
        if name not in names:
            near = nearest(name, names)
            hint = f"did you mean {near}?" if near else "a & inside a value is written %26."
            listed = f"Known are {', '.join(names) or 'none'}"
            fault = f"is no parameter here; {hint} {listed}"
            raise InvalidQueryError(name, decode(raw_value, name), f"left out. {listed}", fault)
        given.setdefault(name, []).append(decode(raw_value, name))
    return {each.name: each.read(given.get(each.name, ())) for each in known}


def decode(text: str, field: str, *, plus_is_space: bool = True) -> str:
    """Undo the percent-encoding of one piece of a URL; a stray % stays as it is.

    Raises:
        InvalidQueryError: What comes out is not UTF-8.
    """
    if plus_is_space:
        text = text.replace("+", " ")
    try:
        return unquote_to_bytes(text.encode("latin-1")).decode()
    except UnicodeError:
        raise InvalidQueryError(field, text, "UTF-8, percent-encoded") from None
