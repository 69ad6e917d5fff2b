"""Which addresses only one machine or network can reach."""

from __future__ import annotations

import pytest

from training.local_hosts import local_site


@pytest.mark.parametrize(
    ("address", "site"),
    [
        ("http://127.0.0.1:8090/2024/a/", "http://127.0.0.1:8090"),
        ("http://[::1]:80/a", "http://[::1]:80"),
        ("http://192.168.1.7/a", "http://192.168.1.7"),
        ("https://blog.local/a", "https://blog.local"),
        ("https://blog.test", "https://blog.test"),
        ("http://LOCALHOST/a", "http://LOCALHOST"),
        ("https://8.8.8.8/a", ""),
        ("https://latest.example/a", ""),
        ("https://local.example/a", ""),
        ("http://[broken/a", ""),
        ("/a/", ""),
        ("", ""),
    ],
)
def test_local_sites(address: str, site: str) -> None:
    """Loopback, private networks and names that no public server has."""
    assert local_site(address) == site
