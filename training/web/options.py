"""How the web is read: what the settings say, before there is a client."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from related_posts import __version__
from training.web.cache import AnswerCache
from training.web.client import Client

#: What servers are told, unless the settings say something else.
USER_AGENT = f"related-posts/{__version__}"


@dataclass(frozen=True, slots=True)
class WebOptions:
    """What the operator says about reading the web; a value, passed on to the sources.

    Attributes:
        allow_private: Whether addresses of the own machine and network may be read.
        user_agent: What servers are told.
        per_second: Requests a second to one host.
        concurrency: Requests at a time.
        auth: User and password (WordPress: an application password), or None. Not shown.
        cache: Where answers are kept for the next read, or None to keep none.
    """

    allow_private: bool = False
    user_agent: str = USER_AGENT
    per_second: float = 4.0
    concurrency: int = 4
    auth: tuple[str, str] | None = field(default=None, repr=False)
    cache: Path | None = None

    def client(self, place: str = "", **more: Any) -> Client:
        """A client for one source.

        Args:
            place: The address the operator named: the password goes to its host only.
                Empty sends none.
            more: Other arguments of ``Client``.
        """
        return Client(
            allow_private=self.allow_private,
            user_agent=self.user_agent,
            per_second=self.per_second,
            concurrency=self.concurrency,
            auth=self.auth if place else None,
            auth_for=place,
            cache=None if self.cache is None else AnswerCache(self.cache),
            **more,
        )
