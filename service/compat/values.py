"""Query strings read as WordPress reads them: the last value counts, unknown names do not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import unquote_to_bytes

from service.compat.refusals import invalid

#: Most numbers of one parameter that are looked at, and most names.
MOST = 200

_WHOLE = re.compile(r"\s*([+-]?[0-9]{1,15})(?:\.0*)?\s*")
_APART = re.compile(r"[\s,]+")
_FALSE = frozenset({"", "0", "false", "off", "no"})


class Given:
    """The parameters of one request.

    Args:
        query_string: As a WSGI server passes it: percent-encoded, bytes as latin-1.
    """

    def __init__(self, query_string: str) -> None:
        self._values: dict[str, str] = {}
        for pair in filter(None, query_string.split("&")):
            raw_name, _, raw_value = pair.partition("=")
            name, value = _decode(raw_name), _decode(raw_value)
            if name.endswith("[]"):
                name = name.removesuffix("[]")
                value = ",".join(filter(None, (self._values.get(name), value)))
            self._values[name] = value

    def text(self, name: str) -> str | None:
        """A value as it is; None where it was not given."""
        return self._values.get(name)

    def flag(self, name: str, default: bool) -> bool:
        """Whether something is asked for."""
        value = self._values.get(name)
        return default if value is None else value.strip().lower() not in _FALSE

    def words(self, name: str) -> list[str]:
        """Words separated by commas or spaces."""
        return [word for word in _APART.split(self._values.get(name, ""))[:MOST] if word]

    def numbers(self, name: str) -> list[int]:
        """Whole numbers separated by commas or spaces; what is none is passed over."""
        return [int(word) for word in self.words(name) if re.fullmatch("[0-9]{1,15}", word)]

    def whole(self, name: str, default: int) -> int:
        """A whole number.

        Raises:
            RestError: It is none.
        """
        value = self._values.get(name)
        if value is None:
            return default
        found = _WHOLE.fullmatch(value)
        if found is None:
            message = f"{name} is not of type integer."
            raise invalid(name, "rest_invalid_type", message, {"param": name})
        return int(found[1])

    def within(self, name: str, default: int, least: int, most: int) -> int:
        """A whole number in a range.

        Raises:
            RestError: It is none, or outside.
        """
        number = self.whole(name, default)
        if not least <= number <= most:
            message = f"{name} must be between {least} (inclusive) and {most} (inclusive)"
            raise invalid(name, "rest_out_of_bounds", message)
        return number

    def one_of(self, name: str, default: str, names: Sequence[str]) -> str:
        """One of at least two words.

        Raises:
            RestError: It is another.
        """
        value = self._values.get(name, default)
        if value not in names:
            listed = f"{', '.join(names[:-1])}{',' if len(names) > 2 else ''} and {names[-1]}"
            raise invalid(name, "rest_not_in_enum", f"{name} is not one of {listed}.")
        return value


def _decode(text: str) -> str:
    content = unquote_to_bytes(text.replace("+", " ").encode("latin-1", "replace"))
    return content.decode("utf-8", "replace")
