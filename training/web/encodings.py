"""Which encoding a name means on the web: what browsers read, not what the name says.

Source: WHATWG, Encoding Standard, "Names and labels": a label of an older encoding stands
for the larger one that pages under that label are really written in.
"""

from __future__ import annotations

import codecs
import re

#: Encodings of text on the web; Python knows codecs that are none, and some that fail.
_OF_THE_WEB = re.compile(
    "utf-(?:8|16)|ascii|iso8859|iso2022|cp|koi8|euc|shift_jis|gb|hz|big5|mac|tis|johab|ptcp"
)
_MEANT = {
    **{"iso8859-1": "cp1252", "ascii": "cp1252", "iso8859-9": "cp1254"},
    **{"iso8859-11": "cp874", "tis-620": "cp874", "euc_kr": "cp949", "shift_jis": "cp932"},
    **{"gb2312": "gb18030", "gbk": "gb18030", "big5": "big5hkscs"},
}
_OF_ONE_BYTE = re.compile(r"cp(?:125\d|874|866)|iso8859|koi8|mac")


def web_encoding(name: str) -> str:
    """Python's name of the encoding that a label on the web means; UTF-8 for any other.

    >>> web_encoding("ISO-8859-1"), web_encoding("gb2312"), web_encoding("zip")
    ('cp1252', 'gb18030', 'utf-8')
    """
    try:
        known = codecs.lookup(name or "utf-8").name
    except (LookupError, ValueError):
        return "utf-8"
    return _MEANT.get(known, known) if _OF_THE_WEB.match(known) else "utf-8"


def is_of_one_byte(encoding: str) -> bool:
    """Whether an encoding of ``web_encoding`` has a character for nearly any byte.

    Text in it is hardly ever valid UTF-8 by chance, so what is both is UTF-8.
    """
    return _OF_ONE_BYTE.match(encoding) is not None


def decoded(body: bytes) -> str:
    """Text that should be UTF-8; never fails.

    Wrong bytes are U+FFFD each, unless not a single character beyond ASCII is UTF-8: then
    it is Windows-1252, as browsers take what they are not told.
    """
    try:
        return body.decode()
    except UnicodeDecodeError:
        text = body.decode("utf-8", "replace")
    is_utf_8 = any(char > "\x7f" and char != "\ufffd" for char in set(text))
    return text if is_utf_8 else body.decode("cp1252", "replace")
