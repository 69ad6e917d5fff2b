"""Who really asks, where trusted proxies stand in front."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING

from werkzeug.middleware.proxy_fix import ProxyFix

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

Network = IPv4Network | IPv6Network


def networks(texts: Sequence[str]) -> tuple[Network, ...]:
    """Networks from texts such as ``10.0.0.0/8`` or one address.

    Raises:
        ValueError: One is neither.
    """
    return tuple(ip_network(text, strict=False) for text in texts)


def is_within(address: str, trusted: Sequence[Network]) -> bool:
    """Whether an address lies in one of these networks; no address never does."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return any((mapped or found) in network for network in trusted)


def address_of(text: str) -> str:
    """The address in what a proxy tells of one hop; empty where it tells none.

    Some add the port (``192.0.2.1:4711``, ``[2001:db8::1]:4711``), which is another one with
    every connection; others say ``unknown``.
    """
    host = text.strip().strip('"')
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        ip_address(host)
    except ValueError:
        return ""
    return host


class Proxies:
    """Puts the client's own address in ``REMOTE_ADDR``, and its scheme in place.

    An address that a proxy does not tell is empty: it must not be taken for the proxy's own,
    which may read more than everybody.

    Args:
        trusted: A number of proxies (``("1",)``), each of which adds one value to
            ``X-Forwarded-For``; or the networks that they stand in. Without either,
            what clients say in ``X-Forwarded-*`` is ignored.
    """

    def __init__(self, trusted: Sequence[str]) -> None:
        hops = int(trusted[0]) if len(trusted) == 1 and trusted[0].isdigit() else 0
        self._hops = hops
        self._networks = () if hops else networks(trusted)
        self._fix = ProxyFix(_nothing, x_for=0, x_proto=hops, x_host=0) if hops else None

    def __bool__(self) -> bool:
        """Whether anything is trusted."""
        return self._fix is not None or bool(self._networks)

    def apply(self, environ: WSGIEnvironment) -> None:
        """Correct a request's environment in place."""
        if self._fix is not None:
            self._fix(environ, _ignore)
            told = _values(environ)
            if told:
                # Fewer than the proxies there are: it came by another way, from who knows where.
                is_whole = len(told) >= self._hops
                environ["REMOTE_ADDR"] = address_of(told[-self._hops]) if is_whole else ""
        elif is_within(environ.get("REMOTE_ADDR", ""), self._networks):
            self._walk(environ)

    def _walk(self, environ: WSGIEnvironment) -> None:
        """Back from the nearest hop to the first address that is none of the proxies."""
        for part in reversed(_values(environ)):
            environ["REMOTE_ADDR"] = address = address_of(part)
            if not is_within(address, self._networks):
                break
        scheme = environ.get("HTTP_X_FORWARDED_PROTO", "").rpartition(",")[2].strip().lower()
        if scheme in ("http", "https"):
            environ["wsgi.url_scheme"] = scheme


def _values(environ: WSGIEnvironment) -> list[str]:
    """What ``X-Forwarded-For`` names, the nearest hop last."""
    return [part for part in environ.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]


def _nothing(environ: object, start_response: object) -> tuple[bytes, ...]:
    return ()


def _ignore(status: object, headers: object, exc_info: object = None) -> Callable[[bytes], object]:
    return bytes
