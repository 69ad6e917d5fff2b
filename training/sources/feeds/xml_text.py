"""The XML of a feed, however it came, as text that a strict parser takes.

Feeds are written by templates: bare ampersands, entities of HTML, control characters
and prefixes that nobody declared are everyday mistakes. A lenient parser takes time
quadratic in the length of hostile input, so the text is mended here and parsed by a
strict one.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from contextlib import suppress
from html.entities import html5
from xml.parsers import expat

from lxml import etree

from related_posts.text.html import MAX_TAG_CHARS
from training.sources.files import utf_16_of
from training.web.encodings import decoded, is_of_one_byte, web_encoding

#: Deepest nesting of elements; a post in XHTML is far from it.
MAX_DEPTH = 256

#: Longest word of a name; the parser looks for addresses of mail in time quadratic in it.
MAX_NAME_CHARACTERS = 1_000

#: A feed's first element is looked for in so many characters.
HEAD_CHARACTERS = 64 << 10

#: The end of a feed, where a whole one closes its root; caches write comments behind it.
TAIL_CHARACTERS = 4 << 10

_ROOT = re.compile(r"<(rss|feed|rdf:RDF|(?:\w{1,20}:)?feed)(?=[\s>/])", re.IGNORECASE)
_PAGE = re.compile(r"<!doctype html|<html[\s>]", re.IGNORECASE)
_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})["']""")
_DOCTYPE = re.compile(r"<!DOCTYPE[^\[<>]*(\[)?", re.IGNORECASE)
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LONG_TAG = re.compile(rf"<(/?[a-zA-Z][\w:.-]{{0,60}})\s[^<>]{{{MAX_TAG_CHARS},}}>?")
_AMPERSAND = re.compile(r"&(?:(#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{0,31});)?")
_PREFIX = re.compile(r"</?([A-Za-z_][\w.-]{0,30}):|\s([A-Za-z_][\w.-]{0,30}):[\w.-]{1,60}\s*=")
_NAMESPACE = re.compile(r"\sxmlns:([A-Za-z_][\w.-]{0,30})\s*=")
_LONG_NAME = re.compile(rf"[^\s@]{{{MAX_NAME_CHARACTERS}}}")
#: Elements that hold the name or the address of somebody.
_NAMES = frozenset(
    {
        *("author", "creator", "managingeditor", "webmaster", "publisher", "contributor"),
        *("name", "email", "owner"),
    }
)
_XML_ENTITIES = frozenset({"amp", "lt", "gt", "quot", "apos"})
#: What prefixes stand for by custom, for feeds that do not say it.
_CUSTOM = {
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "media": "http://search.yahoo.com/mrss/",
    "atom": "http://www.w3.org/2005/Atom",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
}
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def well_formed(body: bytes, charset: str = "") -> bytes:
    """A feed as well-formed XML in UTF-8, mended where it was not.

    Takes time linear in the length, for any input.

    Args:
        body: The feed, RSS or Atom.
        charset: The encoding that the server named; the feed itself knows better.

    Raises:
        ValueError: It is no feed, is cut off, declares entities of its own or cannot be
            mended; says which and what to do.
    """
    text = _from_root(_FORBIDDEN.sub("", _decoded(body, charset)))
    text = _LONG_TAG.sub(r"<\1>", text)
    if (mistake := _mistake(text)) is None:
        return text.encode()
    closing = f"</{_root(text)}"
    if closing.lower() not in text[-TAIL_CHARACTERS:].lower():
        raise ValueError(f"this feed is cut off ({mistake}); fetch it again")
    mended = _recovered(_with_namespaces(_outside_cdata(text, _escape_ampersands)))
    if mended is None or _mistake(mended.decode()) is not None:
        raise ValueError(f"this feed is not well-formed XML ({mistake}); mend its template")
    return mended


def _decoded(body: bytes, charset: str) -> str:
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return body.decode(encoding, "replace").removeprefix("\ufeff")
    if encoding := utf_16_of(body):
        return body.decode(encoding, "replace")
    declared = _DECLARED.search(body[:1024])
    named = declared[1].decode() if declared else charset
    encoding = web_encoding(named)
    # Bytes that start with <?xml are no UTF-16, whatever they say.
    if encoding == "utf-8" or encoding.startswith("utf-16"):
        return decoded(body)
    if is_of_one_byte(encoding):
        # Said to be Latin-1 and written in UTF-8 is what moving a blog leaves behind.
        with suppress(UnicodeDecodeError):
            return body.decode()
    return body.decode(encoding, "replace")


def _from_root(text: str) -> str:
    """The text from its first element on, without what stands before it."""
    head = _without_comments(text[:HEAD_CHARACTERS])
    root = _ROOT.search(head)
    page = _PAGE.search(head)
    if page is not None and (root is None or page.start() < root.start()):
        raise ValueError("this is a web page, not a feed")
    if root is None:
        raise ValueError("this is no feed; RSS, Atom and JSON Feed are read")
    doctype = _DOCTYPE.search(head, 0, root.start())
    if doctype is not None and (doctype[1] or "<!ENTITY" in head[: root.start()].upper()):
        raise ValueError("this feed declares a document type of its own; a feed has none")
    return text[root.start() :]


def _without_comments(text: str) -> str:
    """The text with blanks for comments, so that what is found in it keeps its place."""
    kept: list[str] = []
    position = 0
    while (start := text.find("<!--", position)) >= 0:
        end = text.find("-->", start)
        if end < 0:
            break
        kept += (text[position:start], " " * (end + 3 - start))
        position = end + 3
    return "".join((*kept, text[position:]))


def _root(text: str) -> str:
    found = _ROOT.match(text)
    return found[1] if found else ""


def _mistake(text: str) -> str | None:
    """Why a strict parser refuses the text, or None."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    depth = 0
    said: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if name.rpartition(" ")[2].lower() in _NAMES:
            parser.CharacterDataHandler = said.append
        if depth > MAX_DEPTH:
            raise ValueError(f"this feed nests deeper than {MAX_DEPTH} elements; no feed does")

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        if said and name.rpartition(" ")[2].lower() in _NAMES:
            parser.CharacterDataHandler = None
            if _LONG_NAME.search("".join(said)):
                reason = f"a name has a word of over {MAX_NAME_CHARACTERS:,} characters"
                raise ValueError(f"this feed is no real one: {reason}")
            said.clear()

    def refuse(*_: object) -> None:
        raise ValueError("this feed declares a document type inside; a feed has none")

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(text.encode(), True)
    except expat.ExpatError as error:
        return f"line {error.lineno}: {expat.ErrorString(error.code)}"
    return None


def _outside_cdata(text: str, mend: Callable[[str], str]) -> str:
    """The text with what stands outside CDATA sections mended."""
    kept: list[str] = []
    position = 0
    while (start := text.find("<![CDATA[", position)) >= 0:
        end = text.find("]]>", start)
        if end < 0:
            break
        kept += (mend(text[position:start]), text[start : end + 3])
        position = end + 3
    kept.append(mend(text[position:]))
    return "".join(kept)


def _escape_ampersands(text: str) -> str:
    return _AMPERSAND.sub(_reference, text)


def _reference(match: re.Match[str]) -> str:
    """A reference as XML knows it; a bare ampersand escaped."""
    name = match[1]
    if name is None:
        return "&amp;"
    if name in _XML_ENTITIES:
        return match[0]
    if name[0] != "#":
        characters = html5.get(f"{name};")
        return "".join(f"&#{ord(one)};" for one in characters) if characters else f"&amp;{name};"
    number = int(name[2:], 16) if name[1] in "xX" else int(name[1:])
    allowed = 0 < number < 0x110000 and not _FORBIDDEN.match(chr(number))
    return match[0] if allowed else ""


def _with_namespaces(text: str) -> str:
    """The text with every prefix declared at its root."""
    used = {first or second for first, second in _PREFIX.findall(text)}
    missing = sorted(used - set(_NAMESPACE.findall(text)) - {"xml", "xmlns"})
    if not missing or len(missing) > 100:
        return text
    declared = "".join(f' xmlns:{one}="{_CUSTOM.get(one, "urn:x-" + one)}"' for one in missing)
    end = len(_root(text)) + 1
    return text[:end] + declared + text[end:]


def _recovered(text: str) -> bytes | None:
    parser = etree.XMLParser(
        recover=True,
        huge_tree=True,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError:
        return None
    return None if root is None else etree.tostring(root, encoding="utf-8")
