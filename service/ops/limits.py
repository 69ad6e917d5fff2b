"""Limits on how often one client may ask."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil
from time import time

from limits import RateLimitItem, parse_many
from limits.errors import ConfigurationError
from limits.storage import storage_from_string
from limits.strategies import SlidingWindowCounterRateLimiter

log = logging.getLogger(__name__)

#: A household or a server has one IPv6 network of this length, and any address in it.
_IPV6_NETWORK = 64

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


class Limits:
    """Counts the requests of each client in sliding windows.

    Args:
        text: The rates; see ``rates``.
        storage: ``memory://``, where each worker counts for itself, or
            ``redis://…``, where all workers and machines count together.

    Raises:
        ValueError: The storage is none, or its library is not installed.
    """

    def __init__(self, text: str, storage: str) -> None:
        self._rates = rates(text)
        try:
            self._limiter = SlidingWindowCounterRateLimiter(storage_from_string(storage))
        except (ConfigurationError, ImportError) as mistake:
            raise ValueError(str(mistake)) from None

    def retry_after(self, client: str) -> int | None:
        """Count one request of a client.

        Returns:
            None where it may be answered, else whole seconds until the next may.
            A storage that does not answer limits nothing: readers come first.
        """
        try:
            for rate in self._rates:
                if not self._limiter.hit(rate, client):
                    reset = self._limiter.get_window_stats(rate, client).reset_time
                    return max(1, ceil(reset - time()))
        except Exception as mistake:
            log.warning("rates are not limited: %s", type(mistake).__name__)
        return None
