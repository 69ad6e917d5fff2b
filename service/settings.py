"""The service's settings; the only file of the service that reads the environment."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Literal, Self

from limits import parse_many
from limits.errors import ConfigurationError
from limits.storage import storage_from_string
from pydantic import ValidationInfo, field_validator

from related_posts.layered import LayeredSettings, setting


def _processors() -> int:
    """Processors this process may use, capped: more workers than that only take memory."""
    return min(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2, 4)


class ServiceSettings(LayeredSettings):
    """Everything that can be set about the service; read once, then passed on as a value."""

    database: str = setting(
        "",
        "Database URL of the archive, for the preview; empty for a file in the data folder.",
        "a database URL such as postgresql://host/name, or empty",
    )
    host: str = setting(
        "127.0.0.1",
        "Address to listen on; 0.0.0.0 for every network of this machine.",
        "a host name or an IP address",
        min_length=1,
    )
    port: int = setting(
        8000,
        "TCP port to listen on; 0 lets the system choose.",
        "a whole number from 0 to 65535",
        ge=0,
        le=65535,
    )
    workers: int = setting(
        _processors(),
        "Processes that answer; the default is one a processor, at most 4.",
        "a whole number from 1 to 256",
        ge=1,
        le=256,
    )
    threads: int = setting(
        2,
        "Threads in each worker.",
        "a whole number from 1 to 256",
        ge=1,
        le=256,
    )
    writes: bool = setting(
        True, "Whether posts and decisions may be written over HTTP, with a key.", "true or false"
    )
    ghost_secret: str = setting(
        "",
        "Secret of Ghost's webhooks, which sign with it; empty takes none.",
        "text, or empty",
        secret=True,
    )
    cors_origins: tuple[str, ...] = setting(
        ("*",),
        'Origins whose pages may read the answers; "*" for all, "none" for none.',
        'origins such as https://blog.example, a list or separated by commas, or "*" or "none"',
    )
    write_origins: tuple[str, ...] = setting(
        (),
        'Origins whose pages may change something, with a key; "none" for none.',
        'origins such as https://editor.example, a list or separated by commas, or "none"',
    )
    max_age_seconds: int = setting(
        300,
        "How long a cache may use an answer without asking again.",
        "a whole number of seconds from 0 to 31536000",
        ge=0,
        le=31_536_000,
    )
    stale_seconds: int = setting(
        86_400,
        "How long a cache may use an old answer while it asks, or while the service is down.",
        "a whole number of seconds from 0 to 31536000",
        ge=0,
        le=31_536_000,
    )
    reload_seconds: float = setting(
        0.1,
        "How often each worker looks for a newly published version.",
        "a number of seconds from 0.05 to 3600",
        ge=0.05,
        le=3600,
        allow_inf_nan=False,
    )
    compress_from_bytes: int = setting(
        1000,
        "Size from which answers are compressed for clients that take it; 0 for never.",
        "a whole number of bytes from 0 to 1000000000",
        ge=0,
        le=1_000_000_000,
    )
    ready_max_age_seconds: int = setting(
        0,
        "Age of the served version above which /readyz is 503; 0 for no limit.",
        "a whole number of seconds from 0 to 31536000",
        ge=0,
        le=31_536_000,
    )
    hsts_seconds: int = setting(
        0,
        "How long browsers must use https only for this host (HSTS); 0 does not ask for it.",
        "a whole number of seconds from 0 to 315360000",
        ge=0,
        le=315_360_000,
    )
    trusted_proxies: tuple[str, ...] = setting(
        (),
        "Proxies whose X-Forwarded-* is believed: how many stand in front, or their networks.",
        'a number from 1 to 10, or networks such as 10.0.0.0/8 separated by commas, or "none"',
    )
    rate_limit: str = setting(
        "",
        "Most requests of one address, or of one API key; empty for no limit.",
        'rates such as "600/minute" or "10/second;2000/hour", or empty',
    )
    rate_limit_storage: str = setting(
        "memory://",
        "Where requests are counted; redis://HOST:PORT where several machines or workers share.",
        "memory:// (each worker for itself) or an address such as redis://host:6379, "
        "for which: pip install 'related-posts[redis]'",
        secret=True,
    )
    count_origins: tuple[str, ...] = setting(
        (),
        "Origins whose pages may report what was seen and followed; empty to count nothing.",
        "origins such as https://blog.example, a list or separated by commas, or empty",
    )
    metrics: bool = setting(
        True, "Whether /metrics tells Prometheus what was answered.", "true or false"
    )
    metrics_token: str = setting(
        "",
        "Token that a scraper must send (Authorization: Bearer …); empty goes by its address.",
        "at least 16 printable ASCII characters without spaces, or empty",
        secret=True,
    )
    metrics_networks: tuple[str, ...] = setting(
        ("127.0.0.0/8", "::1/128"),
        "Networks whose addresses may read /metrics where there is no token.",
        "networks such as 10.0.0.0/8, a list or separated by commas",
    )
    access_log: bool = setting(
        False, "Whether each request is logged: its route, never its address.", "true or false"
    )
    log_format: Literal["auto", "text", "json"] = setting(
        "auto",
        "How log lines look; auto is text in a terminal and JSON elsewhere.",
        "auto, text or json",
    )
    max_body_bytes: int = setting(
        1_048_576,
        "Most bytes of what a request may send.",
        "a whole number of bytes from 1024 to 104857600",
        ge=1_024,
        le=104_857_600,
    )
    preview: Path | None = setting(
        None,
        "Folder with the pictures of a blog to show at /; empty to show none.",
        "an existing folder, or empty",
    )

    @field_validator("cors_origins", "write_origins", "count_origins", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        """Take ``a, b`` as well as a list; drop the slash people copy from the address bar."""
        if isinstance(value, str):
            value = value.split(",")
        if not isinstance(value, list | tuple) or not all(isinstance(part, str) for part in value):
            raise ValueError("not a list of texts")
        origins = tuple(part.strip().rstrip("/").lower() for part in value if part.strip())
        if origins == ("none",):
            return ()
        for origin in origins:
            scheme, separator, host = origin.partition("://")
            known = scheme in ("http", "https") and separator and host and "/" not in host
            printable = origin.isascii() and origin.isprintable() and " " not in origin
            if not (origin == "*" or (known and printable)):
                raise ValueError("not an origin")
        return origins

    @field_validator("write_origins", "count_origins")
    @classmethod
    def _named(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        """Any page that may write could use a key it has no business with, or make up counts."""
        if "*" in value:
            raise ValueError("every origin")
        return value

    @field_validator("trusted_proxies", "metrics_networks", mode="before")
    @classmethod
    def _networks(cls, value: Any, info: ValidationInfo) -> Any:
        """Take a number or ``a, b`` as well as a list."""
        parts = str(value).split(",") if isinstance(value, str | int) else value
        if not isinstance(parts, list | tuple) or not all(isinstance(part, str) for part in parts):
            raise ValueError("not a list of texts")
        found = tuple(part.strip() for part in parts if part.strip())
        if found == ("none",):
            return ()
        hops = info.field_name == "trusted_proxies" and len(found) == 1 and found[0].isdigit()
        if hops:
            if not 1 <= int(found[0]) <= 10:
                raise ValueError("not so many")
            return found
        for text in found:
            ip_network(text, strict=False)
        return found

    @field_validator("rate_limit")
    @classmethod
    def _rates(cls, value: str) -> str:
        if value and any(rate.amount < 1 for rate in parse_many(value)):
            raise ValueError("nobody may ask")
        return value

    @field_validator("rate_limit_storage")
    @classmethod
    def _storage(cls, value: str) -> str:
        try:
            storage_from_string(value)
        except (ConfigurationError, ImportError) as mistake:
            raise ValueError(str(mistake)) from None
        return value

    @field_validator("metrics_token")
    @classmethod
    def _token(cls, value: str) -> str:
        if value and not re.fullmatch(r"[!-~]{16,}", value):
            raise ValueError("not a token")
        return value

    @field_validator("preview", mode="before")
    @classmethod
    def _empty_is_none(cls, value: Any) -> Any:
        return None if value == "" else value

    @field_validator("preview")
    @classmethod
    def _folder(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_dir():
            raise ValueError("no such folder")
        return value

    @classmethod
    def load(cls, flags: Mapping[str, Any] | None = None) -> Self:
        """Settings from the flags, the environment, the data folder's file and the defaults.

        Raises:
            ConfigError: A name nobody knows, a value that does not fit, or a
                settings file that is not TOML.
        """
        return cls.layered(flags or {}, os.environ)


def path_prefix() -> str:
    """What gunicorn takes off each path: ``SCRIPT_NAME`` of the environment, empty for nothing."""
    return os.environ.get("SCRIPT_NAME", "")
