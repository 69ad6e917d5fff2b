"""The service's loggers, and a promise: their lines tell nothing about readers.

A line never holds an address of a client, a query, a referrer, a key or a body.
What is logged of a request is its route's pattern, not the address it asked for.
"""

from __future__ import annotations

import logging
from typing import Any

from gunicorn.glogging import Logger

from related_posts.log_lines import formatter

#: The logger of the access log.
ACCESS = logging.getLogger("service.access")


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
