"""Which URLs mean the same post."""

from __future__ import annotations

import doctest

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from related_posts import urls
from related_posts.urls import MAX_CHARACTERS, normalise, path_key, split

SAME = [
    # scheme, user, port, www, host
    ("http://blog.example/a", "https://blog.example/a"),
    ("//blog.example/a", "https://blog.example/a"),
    ("HTTPS://blog.example/a", "https://blog.example/a"),
    ("https:blog.example/a", "https://blog.example/a"),
    ("https:///blog.example/a", "https://blog.example/a"),
    ("https://ada:secret@blog.example/a", "https://blog.example/a"),
    ("https://a@b@blog.example/a", "https://blog.example/a"),
    ("https://blog.example:443/a", "https://blog.example/a"),
    ("http://blog.example:80/a", "https://blog.example/a"),
    ("http://blog.example:/a", "https://blog.example/a"),
    ("https://www.blog.example/a", "https://blog.example/a"),
    ("https://www.blog.example:8080/a", "http://blog.example:8080/a"),
    ("https://BLOG.Example/a", "https://blog.example/a"),
    ("https://blog.example./a", "https://blog.example/a"),
    ("https://[::1]:443/a", "http://[::1]/a"),
    ("https://straße.example/a", "https://xn--strae-oqa.example/a"),
    ("https://STRASSE.example/a", "https://strasse.example/a"),
    ("https://Bücher.example/a", "https://XN--BCHER-KVA.example/a"),
    ("https://b%C3%BCcher.example/a", "https://bücher.example/a"),
    ("https://例え。テスト/a", "https://xn--r8jz45g.xn--zckzah/a"),
    ("https://ｂｌｏｇ.example/a", "https://blog.example/a"),
    # path
    ("https://blog.example", "https://blog.example/"),
    ("https://blog.example/a/", "https://blog.example/a"),
    ("https://blog.example/a///", "https://blog.example/a"),
    ("https://blog.example//a//b", "https://blog.example/a/b"),
    ("https://blog.example/a/index.html", "https://blog.example/a/"),
    ("https://blog.example/a/index.htm", "https://blog.example/a/"),
    ("https://blog.example/index.php?p=3", "https://blog.example/?p=3"),
    ("https://blog.example/x/../a/./b", "https://blog.example/a/b"),
    ("https://blog.example/../../a", "https://blog.example/a"),
    ("https://blog.example/%2E%2e/a", "https://blog.example/a"),
    ("https://blog.example/caf%c3%a9", "https://blog.example/caf%C3%A9"),
    ("https://blog.example/caf%C3%A9", "https://blog.example/café"),
    ("https://blog.example/cafe\u0301", "https://blog.example/café"),
    ("https://blog.example/cafe%CC%81", "https://blog.example/caf%C3%A9"),
    ("https://blog.example/%7Eada/%61", "https://blog.example/~ada/a"),
    ("https://blog.example/it%27s(1)", "https://blog.example/it's%281%29"),
    ("https://blog.example/a b", "https://blog.example/a%20b"),
    ("https://blog.example/100%", "https://blog.example/100%25"),
    (
        "https://blog.example/हिन्दी/",
        "https://blog.example/%E0%A4%B9%E0%A4%BF%E0%A4%A8%E0%A5%8D%E0%A4%A6%E0%A5%80",
    ),
    # fragment and query
    ("https://blog.example/a#more", "https://blog.example/a"),
    ("https://blog.example/a/#comment-7?x=1", "https://blog.example/a"),
    ("https://blog.example/a?", "https://blog.example/a"),
    ("https://blog.example/a?&&", "https://blog.example/a"),
    ("https://blog.example/a?utm_source=x&utm_medium=mail", "https://blog.example/a"),
    ("https://blog.example/a?UTM_Source=x", "https://blog.example/a"),
    ("https://blog.example/a?fbclid=1&gclid=2&dclid=3&msclkid=4", "https://blog.example/a"),
    ("https://blog.example/a?mc_cid=1&mc_eid=2&igshid=3&yclid=4&_ga=5", "https://blog.example/a"),
    ("https://blog.example/a?replytocom=7", "https://blog.example/a"),
    ("https://blog.example/a?amp", "https://blog.example/a?amp=1"),
    ("https://blog.example/a?amp=1", "https://blog.example/a"),
    ("https://blog.example/?p=123&utm_source=x", "https://blog.example?p=123"),
    ("https://blog.example/?b=2&a=1", "https://blog.example/?a=1&b=2"),
    ("https://blog.example/?q=a+b", "https://blog.example/?q=a%20b"),
    ("https://blog.example/?q", "https://blog.example/?q="),
    ("https://blog.example/?q=%c3%a9", "https://blog.example/?q=é"),
    # around
    (" https://blog.example/a\n", "https://blog.example/a"),
    ("https://blog.exa\nmple/a", "https://blog.example/a"),
    # relative
    ("/a/", "/a"),
    ("a/", "/a"),
    ("./a", "/a"),
    ("", "/"),
    ("?p=3", "/?p=3"),
    ("#top", "/"),
    ("/index.html", "/"),
]

DIFFERENT = [
    ("https://blog.example/a", "https://blog.example/A"),
    ("https://blog.example/a", "https://blog.example/b"),
    ("https://blog.example/a", "https://other.example/a"),
    ("https://en.blog.example/a", "https://blog.example/a"),
    ("https://www2.blog.example/a", "https://blog.example/a"),
    ("https://blog.example:8080/a", "https://blog.example/a"),
    ("https://blog.example/a", "/a"),
    ("https:///", "/"),
    ("https://blog.example/a%2Fb", "https://blog.example/a/b"),
    ("https://blog.example/a%3Fb", "https://blog.example/a?b"),
    ("https://blog.example/a%23b", "https://blog.example/a#b"),
    ("https://blog.example/%2541", "https://blog.example/A"),
    ("https://blog.example/a.html", "https://blog.example/a"),
    ("https://blog.example/a/index.html.txt", "https://blog.example/a"),
    ("https://blog.example/myindex.html", "https://blog.example/my"),
    ("https://blog.example/?p=1", "https://blog.example/?p=2"),
    ("https://blog.example/?p=1", "https://blog.example/?page_id=1"),
    ("https://blog.example/?p=1", "https://blog.example/"),
    ("https://blog.example/?ref=a", "https://blog.example/"),
    ("https://blog.example/?a=1&a=2", "https://blog.example/?a=2&a=1"),
    ("https://blog.example/?q=a%26b", "https://blog.example/?q=a&b"),
    ("https://blog.example/?q=a%2Bb", "https://blog.example/?q=a+b"),
    ("urn:x:1", "urn:x:2"),
    ("tag:blog.example,2014:1", "/tag:blog.example,2014:1"),
    ("https://straße.example/", "https://strasse.example/"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_spellings_of_one_address_have_one_key(one: str, other: str) -> None:
    """What is written differently and means the same post has the same key."""
    assert normalise(one) == normalise(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different_addresses_have_different_keys(one: str, other: str) -> None:
    """What may be two posts has two keys."""
    assert normalise(one) != normalise(other)


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://www.blog.example/2014/x/", "blog.example/2014/x"),
        ("https://blog.example", "blog.example/"),
        ("/2014/x/?b&a=1", "/2014/x?a=1&b="),
        ("http://blog.example:8080/é", "blog.example:8080/%C3%A9"),
        ("urn:isbn:1", "urn:/isbn:1"),
        ("https://", "-/"),
        ("https://blog.example/%FF%e9/", "blog.example/%FF%E9"),
    ],
)
def test_keys_are_stable(url: str, key: str) -> None:
    """Keys are stored in versions, so their form is a promise."""
    assert normalise(url) == key


def test_path_key_leaves_out_the_host() -> None:
    """The path key of an absolute URL is the key of the same URL without its site."""
    assert path_key("https://blog.example:81/a/?p=1#x") == normalise("/a/?p=1") == "/a?p=1"


@pytest.mark.parametrize(
    ("url", "relative"),
    [
        ("/a", True),
        ("a", True),
        ("", True),
        ("?p=1", True),
        ("//blog.example/a", False),
        ("https://blog.example", False),
        ("https://", False),
        ("mailto:ada@blog.example", False),
    ],
)
def test_only_what_names_no_host_is_relative(url: str, relative: bool) -> None:
    """A URL is relative when the site is left open."""
    assert (not split(url)[0]) is relative


def test_long_urls_are_compared_as_they_stand() -> None:
    """Beyond the cap a key stays short, and only equal URLs have equal ones."""
    long = "https://blog.example/" + "a" * MAX_CHARACTERS
    assert len(normalise(long)) < 100
    assert normalise(long) == normalise(long)
    assert normalise(long) != normalise(long + "/")


_SPICED = st.text(
    st.sampled_from("abA/:?#[]@%2Ff.&=+;\\ \n\0é\u0301\ud800ßİ。x-_w") | st.characters(codec=None),
    max_size=60,
)
_HOSTILE = (
    _SPICED | st.builds("http://{}".format, _SPICED) | st.builds("/{}?{}".format, _SPICED, _SPICED)
)


@given(_HOSTILE)
@settings(deadline=None, max_examples=500)
@example("http://[::1")
@example("http://\ud800/\udfff")
@example("http://%/%%%?%=%")
@example("http://xn--/")
@example("/%2F\u0307")
@example("/\\\u0301")
@example("//a／b％c＠d：80")
@example("http://:99999999999999999999/")
def test_hostile_input_never_raises_and_keys_are_plain(url: str) -> None:
    """Any text has a key: ASCII in its path, beginning with a slash, of bounded length."""
    key = normalise(url)
    assert key.endswith(path_key(url))
    assert path_key(url).startswith("/")
    assert key.isascii()
    assert len(key) < 20 * len(url) + 20


@given(_HOSTILE)
@settings(deadline=None, max_examples=500)
def test_a_key_is_its_own_key(url: str) -> None:
    """A key does not change when it is normalised again, as a path and as a URL."""
    host, path = urls.split(url)
    assert urls.split(path) == ("", path)
    if host and not host.endswith(":"):
        assert urls.split(f"//{host}{path}") == (host, path)


@given(
    st.from_regex(
        r"(https?://(www\.)*[a-z0-9.-]{1,8})?(/[a-zA-Z0-9._~-]{0,6}){0,3}(/index\.(html?|php))?/?",
        fullmatch=True,
    )
)
@settings(deadline=None)
@example("https://www.com/a")
@example("https://www./a")
@example("/index.html/")
def test_the_short_way_agrees_with_the_long_way(url: str) -> None:
    """Common URLs, which are only cut, get the key that the full rules give."""
    assert urls.split(url) == urls._split(url)


@given(
    host=st.from_regex(r"[a-z]{1,8}(\.[a-z]{2,5}){1,2}", fullmatch=True),
    path=st.lists(
        st.text(
            st.characters(codec="utf-8", exclude_characters="/?#%. ", exclude_categories=["Cc"]),
            min_size=1,
        )
    ),
    www=st.sampled_from(["", "www."]),
    scheme=st.sampled_from(["http:", "https:", ""]),
    slash=st.sampled_from(["", "/", "/index.php"]),
    end=st.sampled_from(["", "#x", "?utm_source=a", "?fbclid=b#c"]),
)
@settings(deadline=None)
def test_every_mixture_of_equal_parts_is_equal(
    host: str, path: list[str], www: str, scheme: str, slash: str, end: str
) -> None:
    """Scheme, www, trailing slash, tracking and fragment may differ at once."""
    plain = "/".join(["", *path])
    assert normalise(f"{scheme}//{www}{host}{plain}{slash}{end}") == normalise(
        f"https://{host}{plain}"
    )


def test_the_examples_in_the_documentation_hold() -> None:
    """What the module says about itself is so."""
    assert doctest.testmod(urls).failed == 0
