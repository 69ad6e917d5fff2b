"""Every setting name of both sides, so that one side's variable never stops the other.

A trainer and a service often share one environment file and one
``related-posts.toml``. Each side reads its own names, and refuses a name that
neither side knows.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from related_posts.errors import ConfigError

#: Names that both sides read.
SHARED = frozenset({"data", "database"})
#: Names that only training reads.
TRAINING = frozenset(
    {
        "site",
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


def check_names(names: Iterable[str], where: str) -> None:
    """Refuse a setting that neither side knows.

    Args:
        names: Lower-case names without prefix.
        where: The file or the environment, for the message.

    Raises:
        ConfigError: A name is unknown; the nearest known one is suggested.
    """
    for name in sorted(set(names) - KNOWN):
        near = difflib.get_close_matches(name, sorted(KNOWN), n=1)
        hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(sorted(KNOWN))}"
        raise ConfigError(f"{name} in {where}", None, f"no such setting; {hint}")
