"""Addresses that only lead somewhere on one machine or in one network."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import urlsplit

_LOCAL_ENDS = (".localhost", ".local", ".test", ".internal")


def local_site(address: str) -> str:
    """Scheme and host of an address that readers cannot reach; empty for any other.

    >>> local_site("http://127.0.0.1:8090/2024/rye/")
    'http://127.0.0.1:8090'
    >>> local_site("https://blog.example/2024/rye/"), local_site("/2024/rye/")
    ('', '')
    """
    if not address.lower().startswith(("http://", "https://")):
        return ""
    site = "/".join(address.split("/", 3)[:3])
    return site if _is_local(site) else ""


@lru_cache(maxsize=1024)
def _is_local(site: str) -> bool:
    try:
        host = (urlsplit(site).hostname or "").rstrip(".")
    except ValueError:
        return False
    if host == "localhost" or host.endswith(_LOCAL_ENDS):
        return True
    try:
        return ip_address(host).is_private
    except ValueError:
        return False
