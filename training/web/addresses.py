"""Which addresses may be fetched: public ones, and never by surprise.

What a blog says (a redirect, a link, a name in the DNS) must not make this machine
ask its own network for something. So a name is resolved here, every address it has
must be public, and the connection goes to the very address that was looked at: a
second look-up could give another one.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Callable
from typing import TypeAlias
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

from related_posts.fields import MAX_URL_CHARACTERS
from training.web.response import FetchError

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

#: Addresses of a host and port, as text; raises OSError where there are none.
Resolver: TypeAlias = Callable[[str, int], list[str]]

#: All that is handed out to the public of IPv6.
_PUBLIC_IPV6 = ipaddress.ip_network("2000::/3")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_TEREDO = ipaddress.ip_network("2001::/32")
#: What ISATAP puts before the IPv4 address in the lower half.
_ISATAP = (0x00005EFE, 0x02005EFE)

#: Below this, ports belong to other services, which an HTTP request could upset.
_FIRST_FREE_PORT = 1024
_WEB_PORTS = frozenset({80, 443})

_HOST = re.compile(r"[A-Za-z0-9._~-]+")

# What may stand in a path or query without a code; a stray percent sign is left alone.
_SAFE = "/!$&'()*+,;=:@~?%[]|-._"


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet.

    An IPv6 address that carries an IPv4 address (mapped, NAT64, 6to4, ISATAP) is as
    public as that one; Teredo never is.

    Args:
        address: An IP address as text, with or without a zone.
    """
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv4Address):
        return _is_public_ipv4(found)
    if found.ipv4_mapped is not None:
        return _is_public_ipv4(found.ipv4_mapped)
    if found.scope_id is not None:
        return False
    low = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
    if found in _NAT64:
        return _is_public_ipv4(low)
    if found not in _PUBLIC_IPV6 or found in _TEREDO or not found.is_global:
        return False
    if found.sixtofour is not None:
        return _is_public_ipv4(found.sixtofour)
    is_isatap = (int(found) >> 32) & 0xFFFFFFFF in _ISATAP
    return not is_isatap or _is_public_ipv4(low)


def _is_public_ipv4(address: ipaddress.IPv4Address) -> bool:
    return address.is_global and not (address.is_multicast or address.is_reserved)


def resolve(host: str, port: int) -> list[str]:
    """Every address of a host by the system's resolver, in its order of preference.

    Raises:
        OSError: It has none.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def checked_addresses(
    url: str, host: str, port: int, *, allow_private: bool, resolver: Resolver = resolve
) -> list[str]:
    """The addresses that may be connected to for a URL, in order of preference.

    Raises:
        FetchError: The host has none, or one that is not public, or the port belongs
            to another service.
    """
    if not allow_private and port < _FIRST_FREE_PORT and port not in _WEB_PORTS:
        raise FetchError(url, f"port {port} belongs to a service that is no website")
    try:
        addresses = resolver(host, port)
    except (OSError, UnicodeError) as error:
        reason = f"the host {host} was not found ({error}); check the address and the network"
        raise FetchError(url, reason) from error
    refused = [one for one in addresses if not (allow_private or is_public(one))]
    if not addresses:
        raise FetchError(url, f"the host {host} has no address")
    if refused:
        what = host if host.strip("[]") == refused[0] else f"{host}, which is {refused[0]},"
        reason = f"{what} is not on the public internet; if you trust it, set allow_private = true"
        raise FetchError(url, reason)
    return addresses


def without_secrets(url: str) -> str:
    """A URL that may be shown: without user name and password.

    Whatever cannot be understood loses all before the last ``@``.
    """
    try:
        parts = urlsplit(url)
        # A password with a slash in it ends the host there, and looks like a port.
        if parts.netloc and parts.port != -1:
            return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    except ValueError:
        pass
    return url.rpartition("@")[2]


def request_url(url: str, base: str = "") -> str:
    """A URL as it can be asked for: ASCII, without user, password and fragment.

    Args:
        url: As the user or a server wrote it.
        base: Where a relative one starts from.

    Raises:
        FetchError: It is no http(s) URL, or longer than any server takes.
    """
    shown = without_secrets(url)[:200]
    if len(url) > MAX_URL_CHARACTERS:
        raise FetchError(shown, f"the address is longer than {MAX_URL_CHARACTERS} characters")
    try:
        parts = urlsplit(urljoin(base, url.strip()))
        host, port = parts.hostname or "", parts.port
        netloc = _ascii_host(host)
    except ValueError:
        # What it says may hold a piece of a password.
        raise FetchError(shown, "the address cannot be understood") from None
    if parts.scheme not in ("http", "https") or not host:
        raise FetchError(shown, "only http and https addresses are read")
    default = 443 if parts.scheme == "https" else 80
    if port is not None and port != default:
        netloc = f"{netloc}:{port}"
    path = quote(parts.path or "/", safe=_SAFE, errors="surrogateescape")
    query = quote(parts.query, safe=_SAFE, errors="surrogateescape")
    return urlunsplit((parts.scheme, netloc, path, query, ""))


def _ascii_host(host: str) -> str:
    """A host's name as the DNS has it.

    Raises:
        ValueError: It is no name.
    """
    if ":" in host:
        return f"[{ipaddress.IPv6Address(host)}]"
    if not host.isascii():
        host = host.encode("idna").decode("ascii")
    if not _HOST.fullmatch(host):
        raise ValueError(f"{host!r} is no host name")
    return host
