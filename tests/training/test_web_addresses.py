"""Which addresses may be fetched, and how they are written when they are."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.web import FetchError
from training.web.addresses import checked_addresses, is_public, request_url, without_secrets


@pytest.mark.parametrize(
    "address",
    [
        *("93.184.216.34", "8.8.8.8", "2606:2800:220:1:248:1893:25c8:1946", "64:ff9b::808:808"),
        *("::ffff:8.8.8.8", "2002:808:808::1", "2606:4700::5efe:808:808"),
    ],
)
def test_addresses_of_the_internet_are_public(address: str) -> None:
    """Also an IPv6 address that carries a public IPv4 address."""
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0"),
        *("100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"),
        *("::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1", "fec0::1"),
        # An IPv4 address in disguise: mapped, compatible, NAT64, 6to4, Teredo, ISATAP.
        *("::ffff:127.0.0.1", "::ffff:a9fe:a9fe", "::127.0.0.1", "64:ff9b::7f00:1"),
        *("64:ff9b:1::7f00:1", "2002:7f00:1::", "2002:a9fe:a9fe::1", "2001:0:4136:e378::1"),
        *("2001:0:808:808::", "2606:4700::5efe:7f00:1", "2606:4700::200:5efe:a00:1"),
        *("2001:db8::1", "localhost", "", "1.2.3", "2130706433"),
    ],
)
def test_all_others_are_not(address: str) -> None:
    """Neither the own machine and network, nor what stands for them, nor what is no address."""
    assert not is_public(address)


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_an_embedded_address_is_as_public_as_itself(number: int) -> None:
    """Mapped, NAT64 and 6to4 never make a private IPv4 address public, nor the other way."""
    plain = is_public(str(ipaddress.IPv4Address(number)))
    for embedded in (0xFFFF << 32 | number, 0x64FF9B << 96 | number, 0x2002 << 112 | number << 80):
        assert is_public(str(ipaddress.IPv6Address(embedded))) == plain


def test_one_private_address_refuses_the_host() -> None:
    """A name with a public and a private address could lead to either."""
    with pytest.raises(FetchError, match=r"10\.0\.0\.1.*allow_private"):
        checked_addresses(
            "https://blog.example/",
            "blog.example",
            443,
            allow_private=False,
            resolver=lambda host, port: ["93.184.216.34", "10.0.0.1"],
        )


@pytest.mark.parametrize("port", [22, 25, 81, 445, 1023])
def test_ports_of_other_services_are_refused(port: int) -> None:
    """An HTTP request must not reach a mail server; the name is not even looked up."""
    with pytest.raises(FetchError, match=f"port {port}"):
        checked_addresses("http://blog.example/", "blog.example", port, allow_private=False)


@pytest.mark.parametrize("failure", [OSError("no such host"), UnicodeError("label too long")])
def test_a_host_that_is_not_found_says_so(failure: Exception) -> None:
    """Whatever the resolver raises becomes one error."""

    def resolver(host: str, port: int) -> list[str]:
        raise failure

    with pytest.raises(FetchError, match=r"blog\.example was not found"):
        checked_addresses(
            "http://blog.example/", "blog.example", 80, allow_private=True, resolver=resolver
        )


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("HTTPS://Blog.Example", "https://blog.example/"),
        ("https://blog.example:443/a?b=c#d", "https://blog.example/a?b=c"),
        ("http://blog.example:8080/", "http://blog.example:8080/"),
        ("https://ada:secret@blog.example/x", "https://blog.example/x"),
        ("https://blog.example/Über uns/?q=ü", "https://blog.example/%C3%9Cber%20uns/?q=%C3%BC"),
        ("https://blog.example/a%2Fb%20c", "https://blog.example/a%2Fb%20c"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("http://[::1]:8000/", "http://[::1]:8000/"),
        ("  https://blog.example/  ", "https://blog.example/"),
    ],
)
def test_a_url_is_asked_for_in_ascii_without_secrets(written: str, asked: str) -> None:
    """User, password, fragment and default port go; other characters get their codes."""
    assert request_url(written) == asked
    assert request_url(asked) == asked


@pytest.mark.parametrize(
    "url",
    [
        *("ftp://blog.example/", "file:///etc/passwd", "javascript:alert(1)", "blog.example", ""),
        *("http://", "http://[::1", "http://a b/", "http://blog.example:99999/", "http://a%00b/"),
        *(f"http://{'a' * 9000}.example/", "https://x\ny.example:port/", "gopher://x/", "//"),
    ],
)
def test_what_is_no_web_address_is_refused(url: str) -> None:
    """Other schemes, no host, a broken port: an error, not a guess."""
    with pytest.raises(FetchError):
        request_url(url)


def test_a_relative_address_starts_from_its_base() -> None:
    """As a redirect's may be; one without a scheme keeps the base's."""
    assert request_url("/b?c", "https://blog.example/a/x") == "https://blog.example/b?c"
    assert request_url("//other.example/", "https://blog.example/") == "https://other.example/"


@pytest.mark.parametrize(
    "url",
    [
        *("https://ada:s3cret@blog.example/x", "https://ada:s3cret@[broken/x"),
        *("ada:s3cret@blog.example", "https://ada:s3@s3cret@blog.example/"),
        *("http://ada:s3cret@blog.example:99999/", "http://ada:s3cret@/"),
        *("http://ada:s3cret/x@blog.example/", "http://ada:x/s3cret@blog.example/"),
    ],
)
def test_secrets_are_not_shown(url: str) -> None:
    """Neither in the URL as it is shown nor in the error for a broken one."""
    assert "s3cret" not in without_secrets(url)
    shown = ""
    try:
        shown = request_url(url)
    except FetchError as error:
        shown = str(error)
    assert shown
    assert "s3cret" not in shown


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_an_address_or_an_error(text: str) -> None:
    """What comes out is ASCII, has a host, and comes out the same again."""
    for candidate in (text, f"https://{text}", f"https://blog.example/{text}"):
        try:
            url = request_url(candidate)
        except FetchError:
            continue
        assert url.isascii()
        assert url == request_url(url)
        assert not set(url) & set(" \n\r\t\0")
