"""Training's settings; the only file of training that reads the environment."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any, Self

from pydantic import field_validator

from related_posts.layered import LayeredSettings, setting
from related_posts.ranking import Factors
from related_posts.text.analyzer import MAX_REPEATS, Fields
from related_posts.weighting import TF_POWER
from training.neighbours.rules import Rules
from training.sources.markdown.options import GENERATORS, MarkdownOptions
from training.sources.markdown.url_template import TOKENS, unknown_tokens
from training.web import WebOptions
from training.web.cache import CACHE_FILE
from training.web.options import USER_AGENT

_SITE = re.compile(r"https?://[^\s/?#]+[^\s?#]*")


def _number(default: float, help_text: str, low: float, high: float) -> Any:
    allowed = f"a number from {low:g} to {high:g}"
    return setting(default, help_text, allowed, ge=low, le=high, allow_inf_nan=False)


def _whole(default: int, help_text: str, low: int, high: int) -> Any:
    allowed = f"a whole number from {low} to {high}"
    return setting(default, help_text, allowed, ge=low, le=high)


class TrainingSettings(LayeredSettings):
    """Everything that can be set about training; read once, then passed on as a value."""

    database: str = setting(
        "",
        "Database URL of the archive; empty for a file in the data folder.",
        "a database URL such as postgresql://host/name, or empty",
    )
    site: str = setting(
        "",
        "The blog's address, put before site-relative URLs.",
        "an http or https address such as https://blog.example, or empty",
        pattern=rf"^({_SITE.pattern})?$",
    )
    former_sites: tuple[str, ...] = setting(
        (),
        "Addresses that the blog had before, or has beside its own: links to them count.",
        "addresses such as http://old.example/blog, a list or separated by commas, or empty",
    )

    @field_validator("former_sites", mode="before")
    @classmethod
    def _addresses(cls, value: Any) -> Any:
        parts = value.split(",") if isinstance(value, str) else value
        if not isinstance(parts, list | tuple) or not all(isinstance(one, str) for one in parts):
            raise ValueError("not a list of texts")
        sites = tuple(dict.fromkeys(one.strip().rstrip("/") for one in parts if one.strip()))
        if not all(_SITE.fullmatch(one) for one in sites):
            raise ValueError("not an address")
        return sites

    generator: str = setting(
        "",
        "What makes the blog of a folder of Markdown; empty to tell it by the folder.",
        f"one of {', '.join(GENERATORS)}, or empty",
        pattern=rf"^({'|'.join(GENERATORS)})?$",
    )
    url_template: str = setting(
        "",
        "Where the posts of a folder of Markdown are found, such as /blog/{slug}/.",
        f"a path from / with {', '.join(f'{{{token}}}' for token in TOKENS)}, or empty",
        pattern=r"^(/[^\s?#]*)?$",
        max_length=500,
    )

    @field_validator("url_template")
    @classmethod
    def _known(cls, value: str) -> str:
        if unknown_tokens(value):
            raise ValueError("a token that nobody knows")
        return value

    jobs: int = setting(
        -1,
        "Processes and threads that train; -1 is one for each processor.",
        "-1 or a whole number from 1 to 512",
        ge=-1,
        le=512,
    )

    @field_validator("jobs")
    @classmethod
    def _some(cls, value: int) -> int:
        if value == 0:
            raise ValueError("no process at all")
        return value

    allow_private: bool = setting(
        False, "Whether blogs of the own machine and network may be read.", "true or false"
    )
    user_agent: str = setting(
        USER_AGENT,
        "What the servers of blogs are told who asks.",
        "1 to 200 printable ASCII characters",
        pattern=r"^[\x21-\x7e][\x20-\x7e]{0,199}$",
    )
    requests_per_second: float = _number(
        4.0, "Requests a second to one server in the long run.", 0.01, 1000
    )
    concurrency: int = _whole(4, "Requests at a time.", 1, 32)
    auth: str = setting(
        "",
        "User and application password for a blog that needs them.",
        "user:password, or empty",
        secret=True,
        pattern=r"^([^:\x00-\x1f]+:[^\x00-\x1f]+)?$",
    )
    neighbours: int = _whole(50, "Related posts kept for each post.", 1, 1000)
    cross_language: bool = setting(
        False, "Whether posts in another language may be related.", "true or false"
    )
    translations: bool = setting(
        False, "Whether a post's translations may be related to it.", "true or false"
    )
    duplicates: bool = setting(
        False, "Whether copies of one text may be on a list together.", "true or false"
    )
    time_weight: float = _number(2.0, "How much posts of the same time are raised.", 0, 100)
    time_days: float = _number(90.0, "Days after which half of that is left.", 0.01, 100_000)
    title_weight: float = _number(0.8, "How much words of the title found there raise.", 0, 100)
    idf_power: float = _number(2.0, "How much rare words are favoured; 1 is usual.", 0, 10)
    tf_power: float = _number(
        TF_POWER, "How much repeating a word counts; 1 is in proportion, 0 not at all.", 0, 1
    )
    title_repeats: int = _whole(2, "Occurrences a title's word counts for.", 0, MAX_REPEATS)
    tag_repeats: int = _whole(5, "Occurrences a tag's word counts for.", 0, MAX_REPEATS)
    heading_repeats: int = _whole(
        1, "Occurrences a heading's word counts for beside its own.", 0, MAX_REPEATS
    )
    hub_power: float = _number(
        0.1, "How much posts that resemble many others are held back; 0 is not at all.", 0, 1
    )
    hub_share: float = _number(
        0.02, "Share of the lists of 5 that one post may stand on; 1 is no limit.", 0.001, 1
    )
    link_weight: float = _number(
        0.3, "How much posts that link to each other count as alike; 0 is not at all.", 0, 10
    )
    min_score: float = _number(
        0.01, "Score below which a post is not related; about the chance of a link.", 0, 0.99
    )
    boilerplate_posts: int = _whole(
        3, "Posts that a sentence must stand in to be left out; 0 keeps all.", 0, 1_000_000
    )
    min_df: int = _whole(2, "Posts that a term must stand in to count.", 1, 1_000_000)
    worker_poll_seconds: float = _number(
        0.05, "How often the worker looks for changes.", 0.05, 3600
    )
    worker_quiet_seconds: float = _number(
        0.1, "Seconds without a write after which the worker trains.", 0, 86_400
    )
    worker_longest_seconds: float = _number(
        10.0, "Seconds after a write within which it begins, quiet or not.", 0, 86_400
    )
    gate: bool = setting(
        True,
        "Whether a version is compared with the live one before it is published.",
        "true or false",
    )
    gate_posts_lost: float = _number(
        0.3, "Share of the posts that may be gone; 1 lets every version pass.", 0, 1
    )
    gate_empty_lists: float = _number(
        0.2, "How much the share of empty lists may rise; 1 lets every version pass.", 0, 1
    )
    gate_coverage: float = _number(
        0.3, "How much the share of posts that are shown may fall; 1 lets every pass.", 0, 1
    )
    gate_churn: float = _number(
        0.6, "Share of the items that may change without a reason; 1 lets every pass.", 0, 1
    )
    gate_ndcg: float = _number(
        0.15, "How much nDCG on held-out links may fall; 1 does not measure it.", 0, 1
    )
    refresh_share: float = _number(
        0.1, "Share of changed posts from which on a training builds in full.", 0, 1
    )
    keep_versions: int = _whole(
        10, "Versions that stay after a training; 0 keeps all, 1 only the live one.", 0, 1_000_000
    )

    @classmethod
    def load(
        cls, flags: Mapping[str, Any] | None = None, assigned: Mapping[str, Any] | None = None
    ) -> Self:
        """Settings from the flags, the environment, the data folder's file and the defaults.

        Args:
            flags: Values given on the command line; None counts as not given.
            assigned: Values given there with ``--set``.

        Raises:
            ConfigError: A name nobody knows, a value that does not fit, or a
                settings file that is not TOML.
        """
        return cls.layered(flags or {}, os.environ, assigned)

    @property
    def fields(self) -> Fields:
        """How often each field of a post counts."""
        return Fields(self.title_repeats, self.tag_repeats, self.heading_repeats)

    @property
    def factors(self) -> Factors:
        """What raises a score beyond the cosine."""
        return Factors(self.time_weight, self.time_days, self.title_weight)

    @property
    def rules(self) -> Rules:
        """What decides the lists beside the vectors."""
        return Rules(self.factors, self.neighbours, self.hub_power, self.hub_share, self.min_score)

    @property
    def web(self) -> WebOptions:
        """How the web is read."""
        user, colon, password = self.auth.partition(":")
        return WebOptions(
            allow_private=self.allow_private,
            user_agent=self.user_agent,
            per_second=self.requests_per_second,
            concurrency=self.concurrency,
            auth=(user, password) if colon else None,
            cache=self.data / CACHE_FILE,
        )

    @property
    def markdown(self) -> MarkdownOptions:
        """How folders of Markdown are read."""
        return MarkdownOptions(self.generator, self.url_template)

    @property
    def build(self) -> dict[str, Any]:
        """The settings that decide a version's answers, for its manifest."""
        apart = {"data", "database", "jobs", "allow_private", "user_agent"}
        apart |= {"generator", "url_template"}
        apart |= {"requests_per_second", "concurrency", "auth", "keep_versions", "refresh_share"}
        apart |= {name for name in type(self).model_fields if name.startswith(("gate", "worker_"))}
        kept = {name: value for name, value in self.model_dump().items() if name not in apart}
        # As JSON gives it back.
        return kept | {"former_sites": list(self.former_sites)}
