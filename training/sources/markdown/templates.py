"""Take a generator's template code out of a text and leave the author's words."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

_LIQUID = re.compile(r"\{%-?[ \t\n]*(\w*)|\{\{")
_HUGO = re.compile(r"\{\{([<%])(/\*)?[ \t\n]*(/?)[ \t\n]*([\w./-]*)")

#: A code block that no code in a post would end.
_FENCE = "~" * 9

#: Tags that stand for an address; an empty one would not make a link of Markdown.
_ADDRESSES = frozenset({"ref", "relref", "link", "post_url"})
NO_ADDRESS = "#"
_NAMED = re.compile(r"""[ \t]*(?:"([^"\n]*)"|'([^'\n]*)'|`([^`\n]*)`|([^\s"'`%>]+))""")
_LITERAL_ADDRESS = re.compile(
    r"""[ \t]*["']([^"'\n]*)["'][ \t]*\|[ \t]*(?:(?:relative|absolute)_)?url\b"""
)


def not_found(name: str) -> str:
    """What a link leads to where nobody knows the post it names."""
    return NO_ADDRESS


def strip_liquid(text: str, find: Callable[[str], str] = not_found) -> str:
    """Remove Liquid (``{% … %}``, ``{{ … }}``) from a text of Jekyll.

    ``highlight`` becomes a code block, ``raw`` keeps what is inside, ``comment``
    goes with what is inside; of every other tag only the text around it stays. An
    address written out (``{{ "/a/" | relative_url }}``) stays, one that a tag would
    look up is what ``find`` says. A tag that does not end is text. Takes linear time for
    any text.

    Args:
        text: Of Jekyll.
        find: The address of a post that a tag names.
    """
    writer = Writer(text, find)
    while (found := _LIQUID.search(text, writer.position)) is not None:
        if found[0] == "{{":
            literal = _LITERAL_ADDRESS.match(text, found.end())
            end = writer.find("}}", found.end())
            writer.replace(found.start(), end, literal[1] if literal else "")
            continue
        end = writer.find("%}", found.end())
        name = found[1]
        if end < 0 or name not in ("raw", "comment", "highlight"):
            writer.drop(found.start(), end, name, found.end())
            continue
        closing = writer.find_closing(rf"\{{%-?\s*end{name}\s*-?%\}}", end)
        if closing is None:
            writer.drop(found.start(), end)
            continue
        inside = text[end : closing[0]]
        replacement = {
            "raw": inside,
            "comment": "",
            "highlight": fenced(inside, text[found.end() : end - 2]),
        }[name]
        writer.replace(found.start(), closing[1], replacement)
    return writer.text()


def strip_hugo(text: str, find: Callable[[str], str] = not_found) -> str:
    """Remove Hugo's shortcodes (``{{< … >}}``, ``{{% … %}}``) from a text.

    ``highlight`` becomes a code block, ``comment`` goes with what is inside; of every
    other one the text it encloses stays. ``{{</* x */>}}`` is how an author writes
    about a shortcode and becomes ``{{< x >}}``. Takes linear time for any text.

    Args:
        text: Of Hugo.
        find: The address of a post that a shortcode names.
    """
    writer = Writer(text, find)
    while (found := _HUGO.search(text, writer.position)) is not None:
        mark, escaped, slash, name = found.groups()
        closer = (">" if mark == "<" else "%") + "}}"
        end = writer.find(f"*/{closer}" if escaped else closer, found.end())
        if escaped and end >= 0:
            inside = text[found.start() + 5 : end - 5]
            writer.replace(found.start(), end, f"{{{{{mark}{inside}{closer}")
            continue
        if end < 0 or slash or name not in ("highlight", "comment"):
            writer.drop(found.start(), end, "" if slash else name, found.end())
            continue
        closing = writer.find_closing(rf"\{{\{{[<%]\s*/\s*{name}\s*[>%]\}}\}}", end)
        if closing is None:
            writer.drop(found.start(), end)
            continue
        inside = text[end : closing[0]]
        options = text[found.end() : end - 3]
        replacement = "" if name == "comment" else fenced(inside, options)
        writer.replace(found.start(), closing[1], replacement)
    return writer.text()


def strip_between(text: str, opener: str, closer: str) -> str:
    """Remove what stands between two marks, and them; an opener that does not end is text."""
    writer = Writer(text)
    while (start := text.find(opener, writer.position)) >= 0:
        end = writer.find(closer, start + len(opener))
        if end < 0:
            break
        writer.drop(start, end)
    return writer.text()


@dataclass(slots=True)
class Writer:
    """A text rewritten from its beginning to its end.

    Attributes:
        source: The text.
        address: The address of a post that a tag names.
        position: Up to where it is written.
        kept: What was written.
        absent: What was looked for and does not come any more; without it a text
            of openers would be searched to its end for each.
    """

    source: str
    address: Callable[[str], str] = not_found
    position: int = 0
    kept: list[str] = field(default_factory=list)
    absent: set[str] = field(default_factory=set)

    def find(self, closer: str, start: int) -> int:
        """Where the next closer ends, or -1."""
        if closer in self.absent:
            return -1
        at = self.source.find(closer, start)
        if at < 0:
            self.absent.add(closer)
            return -1
        return at + len(closer)

    def find_closing(self, pattern: str, start: int) -> tuple[int, int] | None:
        """Begin and end of the next closing tag, or None."""
        if pattern in self.absent:
            return None
        found = re.compile(pattern).search(self.source, start)
        if found is None:
            self.absent.add(pattern)
            return None
        return found.span()

    def keep(self, end: int) -> None:
        """Write everything up to a place as it is."""
        self.kept.append(self.source[self.position : end])
        self.position = end

    def drop(self, start: int, end: int, name: str = "", names_at: int = 0) -> None:
        """Leave out a tag of a name; one that does not end (-1) is text.

        Args:
            start: Where it begins.
            end: Where it ends.
            name: Of the tag; those that stand for an address leave that.
            names_at: Where what it names begins.
        """
        address = ""
        if name in _ADDRESSES and end >= 0:
            named = _NAMED.match(self.source, names_at, end)
            address = self.address(next(filter(None, named.groups()), "")) if named else NO_ADDRESS
        self.replace(start, end, address)

    def replace(self, start: int, end: int, replacement: str) -> None:
        """Write what lies before and something in place of the rest."""
        if end < 0:
            # Past the opener, which stays.
            self.kept.append(self.source[self.position : start + 2])
            self.position = start + 2
            return
        self.kept += [self.source[self.position : start], replacement]
        self.position = end

    def text(self) -> str:
        """All of it, with what was not reached as it was."""
        self.kept.append(self.source[self.position :])
        return "".join(self.kept)


def fenced(code: str, options: str) -> str:
    """Code as a code block; its language is the first word of the options."""
    words = options.replace("-", " ").split()
    language = words[0] if words and words[0].isalnum() else ""
    line_end = chr(10)
    return (
        f"{line_end}{_FENCE}{language}{line_end}{code.strip(line_end)}{line_end}{_FENCE}{line_end}"
    )
