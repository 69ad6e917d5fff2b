"""The service's settings; the only file of the service that reads the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from pydantic import field_validator

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
    cors_origins: tuple[str, ...] = setting(
        ("*",),
        'Origins whose pages may read the answers; "*" for all, "none" for none.',
        'origins such as https://blog.example, a list or separated by commas, or "*" or "none"',
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
        0.5,
        "How often each worker looks for a newly published version.",
        "a number of seconds from 0.05 to 3600",
        ge=0.05,
        le=3600,
        allow_inf_nan=False,
    )
    preview: Path | None = setting(
        None,
        "Folder with the pictures of a blog to show at /; empty to show none.",
        "an existing folder, or empty",
    )

    @field_validator("cors_origins", mode="before")
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
