"""Every setting name of both sides, so that one side's variable never stops the other.

A trainer and a service often share one environment file and one
``related-posts.toml``. Each side reads its own names, and refuses a name that
neither side knows.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Iterable

from related_posts.errors import ConfigError

#: Names that both sides read.
SHARED = frozenset({"data", "database"})
#: Names that only training reads.
TRAINING = frozenset(
    {
        "site",
        "former_sites",
        "generator",
        "url_template",
        "jobs",
        "allow_private",
        "user_agent",
        "requests_per_second",
        "concurrency",
        "auth",
        "boilerplate_posts",
        "neighbours",
        "cross_language",
        "translations",
        "duplicates",
        "time_weight",
        "time_days",
        "title_weight",
        "idf_power",
        "tf_power",
        "hub_power",
        "hub_share",
        "link_weight",
        "min_score",
        "title_repeats",
        "tag_repeats",
        "heading_repeats",
        "min_df",
        "worker_poll_seconds",
        "worker_quiet_seconds",
        "worker_longest_seconds",
        "refresh_share",
        "gate",
        "gate_posts_lost",
        "gate_empty_lists",
        "gate_coverage",
        "gate_churn",
        "gate_ndcg",
        "keep_versions",
    }
)
#: Names that only the service reads.
SERVICE = frozenset(
    {
        "host",
        "port",
        "workers",
        "threads",
        "writes",
        "ghost_secret",
        "cors_origins",
        "max_age_seconds",
        "stale_seconds",
        "reload_seconds",
        "max_body_bytes",
        "preview",
        "write_origins",
        "compress_from_bytes",
        "ready_max_age_seconds",
        "hsts_seconds",
        "trusted_proxies",
        "rate_limit",
        "rate_limit_storage",
        "metrics",
        "metrics_token",
        "metrics_networks",
        "access_log",
        "count_origins",
        "log_format",
    }
)
#: Every name.
KNOWN = SHARED | TRAINING | SERVICE

#: Environment variables are this prefix and a name in capitals.
PREFIX = "RELATED_POSTS_"


def check_names(
    names: Iterable[str], place: Callable[[str], str], spelt: Callable[[str], str] = str
) -> None:
    """Refuse a setting that neither side knows.

    Args:
        names: Lower-case names without prefix.
        place: Where an unknown name stands, with the name, for the message.
        spelt: How a name is written there.

    Raises:
        ConfigError: A name is unknown; the nearest known one is suggested.
    """
    for name in sorted(set(names) - KNOWN):
        hint = nearest(name, KNOWN, spelt)
        raise ConfigError(place(name), None, f"there is no such setting; {hint}")


def nearest(name: str, known: Collection[str], spelt: Callable[[str], str] = str) -> str:
    """What to write in the place of a name that nobody knows."""
    near = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.7)
    return f"did you mean {spelt(near[0])}?" if near else f"known are {', '.join(sorted(known))}"
