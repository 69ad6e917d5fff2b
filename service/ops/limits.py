"""Limits on how often one client may ask."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil
from time import monotonic, time
from typing import TYPE_CHECKING

from limits import RateLimitItem, parse_many
from limits.errors import ConfigurationError
from limits.storage import storage_from_string
from limits.strategies import SlidingWindowCounterRateLimiter

from related_posts.errors import KeysError
from related_posts.keys import Keys
from service.writes.access import token_of

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

log = logging.getLogger(__name__)

#: A household or a server has one IPv6 network of this length, and any address in it.
_IPV6_NETWORK = 64

#: Longest wait for a storage on the network: a reader waits as long.
WAIT_SECONDS = 0.5
#: How long a storage that did not answer is not asked again.
PAUSE_SECONDS = 5.0

#: Asked by machines that must never be turned away.
EXEMPT = frozenset({"/healthz", "/readyz", "/metrics"})


def rates(text: str) -> Sequence[RateLimitItem]:
    """Rates such as ``600/minute`` or ``10/second;2000/hour``.

    Raises:
        ValueError: It is not written like this.
    """
    return tuple(parse_many(text))


def client_of(address: str) -> str:
    """What counts as one client: an address, or the network of an IPv6 address."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or ip_network((found, _IPV6_NETWORK), strict=False))
    return address


class Clients:
    """Tells one client from another: by its key where it has one, else by its address.

    Whoever has a key is counted alone, wherever it asks from. A key that is none, or
    is no longer, changes nothing: else each guess would be a new client.

    Args:
        keys: The keys of the data folder.
    """

    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    def of(self, environ: WSGIEnvironment) -> str:
        """What a request counts for."""
        token = token_of(environ)
        if token:
            try:
                key = self._keys.find(token)
            except KeysError:
                # Whoever looks after keys has it logged; readers are answered.
                key = None
            if key is not None and not key.is_expired(datetime.now(UTC)):
                return f"key {key.id}"
        return client_of(environ.get("REMOTE_ADDR", ""))


class Limits:
    """Counts the requests of each client in sliding windows.

    Args:
        text: The rates; see ``rates``.
        storage: ``memory://``, where each worker counts for itself, or
            ``redis://…``, where all workers and machines count together.
        clock: Tells seconds from any beginning.

    Raises:
        ValueError: The storage is none, or its library is not installed.
    """

    def __init__(self, text: str, storage: str, clock: Callable[[], float] = monotonic) -> None:
        self._rates = rates(text)
        self._clock = clock
        self._paused_until = clock()
        is_remote = storage.startswith("redis")
        names = ("socket_timeout", "socket_connect_timeout") if is_remote else ()
        options: dict[str, float | str | bool] = dict.fromkeys(names, WAIT_SECONDS)
        try:
            self._limiter = SlidingWindowCounterRateLimiter(storage_from_string(storage, **options))
        except (ConfigurationError, ImportError) as mistake:
            raise ValueError(str(mistake)) from None

    def retry_after(self, client: str) -> int | None:
        """Count one request of a client.

        Returns:
            None where it may be answered, else whole seconds until the next may.
            A storage that does not answer limits nothing, and is not asked for a while: readers
            come first.
        """
        if self._clock() < self._paused_until:
            return None
        try:
            for rate in self._rates:
                if not self._limiter.hit(rate, client):
                    reset = self._limiter.get_window_stats(rate, client).reset_time
                    return max(1, ceil(reset - time()))
        except Exception as mistake:
            self._paused_until = self._clock() + PAUSE_SECONDS
            log.warning("rates are not limited: %s", type(mistake).__name__)
        return None
