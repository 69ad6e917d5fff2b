"""When two URLs mean the same post: a normal form to compare them by.

The normal form is a key, not an address: it has no scheme. It is the host and
the path, behind them what is left of the query.

>>> normalise("https://www.Blog.example:443/2014/Caf%c3%a9/?utm_source=x#more")
'blog.example/2014/Caf%C3%A9'

Equal are, whatever else differs: ``http`` and ``https`` (all schemes), ``www.``
or not, user names, default ports, the host's case, its Unicode and ``xn--``
forms and its last dot; a trailing slash, ``/index.html`` and ``/index.php``,
doubled slashes and ``.`` and ``..`` in the path; a character and its percent
code; fragments; tracking parameters (``utm_*``, ``fbclid``, ``gclid`` and the
like), ``replytocom`` and ``amp``; the order of the other parameters.

>>> normalise("//blog.example") == normalise("http://user@blog.example.:80/index.html?#top")
True
>>> normalise("http://straße.example/") == normalise("https://xn--strae-oqa.example")
True
>>> normalise("https://blog.example/?p=7&lang=de&fbclid=z")
'blog.example/?lang=de&p=7'

Different are: hosts, ports that are not a default, the case of the path, other
parameters, and an encoded slash and a slash.

>>> normalise("https://blog.example/A") == normalise("https://blog.example/a")
False

What has no host is site-relative and keeps only its path and query. No input
raises: whatever cannot be understood is compared as it stands.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping

#: Longer input is compared as a whole, by its checksum; no server takes such a request.
MAX_CHARACTERS = 8192

#: Query parameters that say where a reader came from, not which post is meant.
TRACKING_PARAMETERS = frozenset(
    """
    _ga _gl _hsenc _hsmi ck_subscriber_id dclid epik fbclid gad_source gbraid gclid gclsrc
    igsh igshid li_fat_id mc_cid mc_eid mkt_tok msclkid oly_anon_id oly_enc_id rb_clickid
    s_cid srsltid ttclid twclid vero_conv vero_id wbraid wickedid yclid ysclid
    amp replytocom
    """.split()  # noqa: SIM905 - one name a line would be a page
)

#: Families of such parameters, by how their names begin.
TRACKING_PREFIXES = ("utm_", "mtm_", "matomo_", "pk_", "piwik_", "hsa_")

# Most URLs need nothing but cutting; the long way gives the same for them.
_COMMON = re.compile(
    r"(?:https?://(?:www\.)*([a-z0-9-]+(?:\.[a-z0-9-]+)*))?"
    r"((?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*)/?\Z"
)
_PAGE_ENDINGS = (".html", ".htm", ".php")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(.*)", re.DOTALL)
_PORT = re.compile(r":([0-9]*)\Z")
# What browsers strip: blanks and control characters around, line breaks inside.
_AROUND = "".join(map(chr, range(0x21)))
_INSIDE = str.maketrans("", "", "\t\r\n")
_PLAIN_PATH = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@/-]*\Z")
_PLAIN_HOST = re.compile(r"[a-z0-9.-]+(?::[0-9]+)?\Z")
_CODES = re.compile(r"(?:%[0-9A-Fa-f]{2})+|%")
_INDEX_PAGE = re.compile(r"/index\.(?:html?|php)\Z")
_UNSAFE = re.compile(r"[^A-Za-z0-9._~!$&'()*+,;=:@/?-]")
_UNSAFE_IN_HOST = re.compile(r"[\0- \"#%/<>?@\\^`{|}\x7f\udc00-\udcff]")
_NOT_ASCII = re.compile(r"[^\0-\x7f]")
# While text is decoded, byte 0xNN that must stay a percent code is kept as U+DCNN:
# whatever is no UTF-8, and characters that would mean something else without their code.
_KEPT_IN_PATH = {ord(each): 0xDC00 + ord(each) for each in "/?#%"}
_KEPT_IN_QUERY = {ord(each): 0xDC00 + ord(each) for each in "&=+#%;"}
_KEPT_IN_HOST = {ord(each): 0xDC00 + ord(each) for each in "/?#@:%"}


def normalise(url: str) -> str:
    """The key of a URL: host, path and remaining query; equal keys mean the same post.

    Never raises. For a site-relative URL it is :func:`path_key`.
    """
    host, path = split(url)
    return host + path


def path_key(url: str) -> str:
    """The key of a URL without its host; begins with a slash.

    >>> path_key("https://blog.example/a/") == path_key("/a?utm_medium=mail") == "/a"
    True
    """
    return split(url)[1]


def split(url: str) -> tuple[str, str]:
    """The two parts of :func:`normalise`: the host, empty if relative, and :func:`path_key`.

    A scheme without a host, as in ``urn:isbn:1``, is given as the host ``urn:``.
    """
    if len(url) > MAX_CHARACTERS:
        whole = hashlib.sha256(url.encode("utf-8", "surrogatepass")).hexdigest()
        return "long:", f"/{whole}"
    if (match := _COMMON.match(url)) and not match[2].endswith(_PAGE_ENDINGS):
        return match[1] or "", match[2] or "/"
    return _split(url)


def _split(url: str) -> tuple[str, str]:
    """:func:`split` for any input that is not too long."""
    rest = url.strip(_AROUND).translate(_INSIDE).partition("#")[0]
    scheme = ""
    if not rest.startswith("/") and (match := _SCHEME.match(rest)):
        scheme, rest = match[1].lower(), match[2]
        # Browsers take any number of slashes here, also none.
        if scheme in ("http", "https"):
            rest = "//" + rest.lstrip("/")
    before, mark, query = rest.partition("?")
    host = ""
    if before.startswith("//"):
        host, slash, path = before[2:].partition("/")
        host, path = _host(host), slash + path
    else:
        host, path = f"{scheme}:" if scheme else "", before
    return host, _path(path) + (_query(query) if mark else "")


def _host(authority: str) -> str:
    """Host and unusual port of what stands between ``//`` and the path."""
    host = authority.rpartition("@")[2].lower()
    port = ""
    plain = _PLAIN_HOST.match(host)
    if match := _PORT.search(host):
        host = host[: match.start()]
        port = "" if match[1] in ("", "80", "443") else match[0]
    if not plain:
        host = unicodedata.normalize("NFKC", _decode(host, _KEPT_IN_HOST)).lower()
        host = _UNSAFE_IN_HOST.sub(_code, host.replace("\u3002", "."))
        if not host.startswith("["):
            host = host.replace(":", "%3A")
    host = host.rstrip(".")
    while host.startswith("www.") and len(host) > 4:
        host = host[4:]
    if "%" in host:
        # No name at all, so it is not made to look like one.
        host = _NOT_ASCII.sub(_code, host)
    elif not host.isascii():
        host = ".".join(
            label if label.isascii() else "xn--" + label.encode("punycode").decode("ascii")
            for label in host.split(".")
        )
    # An authority that names nothing must not look like a relative URL.
    return (host or "-") + port


def _path(path: str) -> str:
    """Path in its normal form; begins with a slash and does not end with another."""
    if not _PLAIN_PATH.match(path):
        path = _recode(path, _KEPT_IN_PATH)
    if "/." in path or "//" in path or path.startswith("."):
        kept: list[str] = []
        for segment in path.split("/"):
            if segment == "..":
                del kept[-1:]
            elif segment not in ("", "."):
                kept.append(segment)
        path = "/" + "/".join(kept)
    elif not path.startswith("/"):
        path = "/" + path
    path = path.rstrip("/")
    if match := _INDEX_PAGE.search(path):
        path = path[: match.start()]
    return path or "/"


def _query(query: str) -> str:
    """The parameters that are not tracking, by name; repeated ones in their order."""
    kept = []
    for pair in query.split("&"):
        name, _, value = _recode(pair.replace("+", "%20"), _KEPT_IN_QUERY).partition("=")
        lower = name.lower()
        if pair and not (lower in TRACKING_PARAMETERS or lower.startswith(TRACKING_PREFIXES)):
            kept.append((name, value))
    kept.sort(key=lambda pair: pair[0])
    return "?" + "&".join(f"{name}={value}" for name, value in kept) if kept else ""


def _recode(text: str, kept: Mapping[int, int]) -> str:
    """ASCII text with a percent code for all that needs one, and for nothing else."""
    return _UNSAFE.sub(_code, unicodedata.normalize("NFC", _decode(text, kept)))


def _decode(text: str, kept: Mapping[int, int]) -> str:
    """Text with characters for percent codes, but for those kept as U+DCNN."""

    def characters(match: re.Match[str]) -> str:
        # A percent sign that begins no code is a character like any other.
        data = bytes.fromhex(match[0].replace("%", "")) or b"%"
        return data.decode("utf-8", "surrogateescape").translate(kept)

    # Halves of surrogate pairs are no UTF-8 either.
    text = text.encode("utf-8", "surrogatepass").decode("utf-8", "surrogateescape")
    return _CODES.sub(characters, text)


def _code(match: re.Match[str]) -> str:
    """The percent code of one character."""
    return "".join(f"%{byte:02X}" for byte in _bytes(match[0]))


def _bytes(character: str) -> bytes:
    """A character in UTF-8, or the byte that U+DCNN stands for."""
    if "\udc00" <= character <= "\udcff":
        return bytes([ord(character) - 0xDC00])
    return character.encode()
