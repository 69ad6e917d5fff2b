"""Where a database is: its address, which never shows a password."""

from __future__ import annotations

import contextlib
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from related_posts.errors import SourceError
from training.sources.wordpress.mysql_database import Address, Database, connected


def test_an_address_is_read() -> None:
    """User, host, port, database, prefix and socket."""
    found = Address.of("mysql://me%40x@db.example:3307/blog?prefix=wp_2_&socket=/run/s")
    assert found == Address("me@x", "db.example", 3307, "blog", "/run/s", "wp_2_")


def test_the_password_comes_from_the_settings() -> None:
    """And is shown nowhere."""
    found = Address.of("mysql://me@db.example/blog", ("other", "s3cret"))
    assert (found.user, found.password) == ("me", "s3cret")
    assert Address.of("mysql://db.example/blog", ("other", "s3cret")).user == "other"
    assert "s3cret" not in f"{found!r} {found.shown}"


def test_a_password_in_the_address_is_refused_without_showing_it() -> None:
    """Places are shown in reports; the message says where the password belongs."""
    with pytest.raises(SourceError, match="take it out") as caught:
        Address.of("mysql://me:s3cret@db.example/blog")
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    "place",
    [
        "mysql://me@db.example",
        "mysql://me@db.example/",
        "mysql://me@db.example/blog?tables=x",
        "mysql://me@db.example/blog?prefix=wp`;DROP",
        "mysql://me@db.example:port/blog",
        "mysql://[me/blog",
    ],
)
def test_other_addresses_are_refused(place: str) -> None:
    """Without a database, with options nobody knows, or of another form."""
    with pytest.raises(SourceError):
        Address.of(place)


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=60))
def test_any_address_is_read_or_refused(rest: str) -> None:
    """Nothing but SourceError comes of what a user may type."""
    with contextlib.suppress(SourceError):
        Address.of(f"mysql://{rest}")


def test_without_the_extra_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library is not part of a plain installation."""
    monkeypatch.setitem(sys.modules, "pymysql", None)
    address = Address.of("mysql://me@db.example/blog")
    with (
        pytest.raises(SourceError, match=r"pip install 'related-posts\[mysql\]'"),
        connected(address),
    ):
        pass


def test_users_are_those_of_the_whole_network() -> None:
    """One blog of several has its own tables, but for the users."""
    database = Database.__new__(Database)
    database.prefix = "wp_2_"
    assert database.table("posts") == "`wp_2_posts`"
    assert database.table("users") == "`wp_users`"
