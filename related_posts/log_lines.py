"""Log lines: JSON for collectors, text for people."""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime
from typing import Any

import orjson

#: Members of an access record, in this order.
MEMBERS = ("request_id", "method", "route", "status", "ms", "bytes", "version")


class JsonLines(logging.Formatter):
    """One JSON object a line, keys in a fixed order."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record; its traceback is a member, not more lines."""
        moment = datetime.fromtimestamp(record.created, UTC)
        line: dict[str, Any] = {
            "time": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "pid": record.process,
            "message": record.getMessage(),
        }
        for member in MEMBERS:
            if hasattr(record, member):
                line[member] = getattr(record, member)
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return _encode(line)


class TextLines(logging.Formatter):
    """What a person reads in a terminal: time, level, message, and what belongs to it."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record; control characters are shown, not sent to the terminal."""
        moment = datetime.fromtimestamp(record.created).strftime("%H:%M:%S")
        parts = [
            f"{member}={getattr(record, member)}" for member in MEMBERS if hasattr(record, member)
        ]
        message = " ".join([record.getMessage(), *parts])
        shown = "".join(c if c.isprintable() or c in "\n\t" else ascii(c)[1:-1] for c in message)
        line = f"{moment} {record.levelname.lower():7} {shown}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def formatter(kind: str) -> logging.Formatter:
    """The formatter that a value of the setting ``log_format`` asks for."""
    if kind == "auto":
        kind = "text" if sys.stderr.isatty() else "json"
    return JsonLines() if kind == "json" else TextLines()


def _encode(line: dict[str, Any]) -> str:
    try:
        return orjson.dumps(line).decode()
    except (TypeError, ValueError):
        # A lone surrogate from a broken header or path: shown escaped.
        safe = {
            key: value.encode("utf-8", "backslashreplace").decode()
            if isinstance(value, str)
            else value
            for key, value in line.items()
        }
        return orjson.dumps(safe, default=repr).decode()
