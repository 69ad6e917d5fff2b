"""Log lines: JSON for collectors, text for people, nothing about readers in either.

A line never holds an address of a client, a query, a referrer, a key or a body.
What is logged of a request is its route's pattern, not the address it asked for.
"""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime
from typing import Any

import orjson
from gunicorn.glogging import Logger

#: The logger of the access log.
ACCESS = logging.getLogger("service.access")

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


class AutoLogger(Logger):  # type: ignore[misc]  # untyped base
    """Gunicorn's logger with our lines; its own access log is left as it is."""

    kind = "auto"

    def setup(self, cfg: Any) -> None:
        """Make the handlers, then give that of the error log our formatter."""
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(formatter(self.kind))


class TextLogger(AutoLogger):
    """The same, text wherever it goes."""

    kind = "text"


class JsonLogger(AutoLogger):
    """The same, JSON wherever it goes."""

    kind = "json"


#: Value of the setting ``log_format`` to the logger; gunicorn takes a class and no more.
LOGGERS = {"auto": AutoLogger, "text": TextLogger, "json": JsonLogger}


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
