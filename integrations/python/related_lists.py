"""Related posts for templates: asked for once, kept, and never waited for longer than a second.

Needs nothing but Python 3.9. ``related_posts(url)`` is a function for any template engine.
"""

from __future__ import annotations

import json
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

#: Bytes of an answer that are read.
MOST_BYTES = 1 << 18


class RelatedLists:
    """The lists of a service; safe to share between threads.

    A kept list is returned at once, whatever its age; one that is old is asked for anew in a
    thread. Only for a page of which nothing is kept does the caller wait.

    Args:
        service: The service's address.
        fresh_seconds: How long a list is not asked for again.
        timeout_seconds: How long the service may be silent.
        pause_seconds: How long nobody asks after it failed.
        most: Lists that are kept; those that were not used for longest go first.
        clock: Seconds that only grow.
    """

    def __init__(
        self,
        service: str,
        *,
        fresh_seconds: float = 600,
        timeout_seconds: float = 1,
        pause_seconds: float = 30,
        most: int = 5000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._service = service.rstrip("/")
        self._fresh = fresh_seconds
        self._timeout = timeout_seconds
        self._pause = pause_seconds
        self._most = most
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, tuple[float, list[dict[str, Any]]]] = OrderedDict()
        self._silent_until = float("-inf")

    def related_posts(self, url: str, limit: int = 4, **parameters: Any) -> list[dict[str, Any]]:
        """The items to show with a page, best first; empty where nothing is known.

        Args:
            url: The page's address; empty asks nothing.
            limit: Most items.
            parameters: Any parameter of ``/v1/related``, such as ``not_tag`` or ``fallback``; a
                list gives one several times.
        """
        if not url:
            return []
        asked = urlencode({"url": url, "limit": limit, **parameters}, doseq=True)
        with self._lock:
            kept = self._kept.get(asked)
            if kept is not None:
                self._kept.move_to_end(asked)
                if kept[0] <= self._clock():
                    # One thread asks; the others take this list as fresh meanwhile.
                    self._kept[asked] = (self._clock() + self._pause, kept[1])
                    threading.Thread(target=self._renew, args=(asked,), daemon=True).start()
                return kept[1]
        return self._renew(asked)

    def _renew(self, asked: str) -> list[dict[str, Any]]:
        if self._clock() < self._silent_until:
            return []
        items = self._ask(asked)
        with self._lock:
            if items is None:
                self._silent_until = self._clock() + self._pause
                return []
            self._kept[asked] = (self._clock() + self._fresh, items)
            self._kept.move_to_end(asked)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return items

    def _ask(self, asked: str) -> list[dict[str, Any]] | None:
        """Items; none for a page the service does not know; None where no good answer came."""
        request = Request(f"{self._service}/v1/related?{asked}")
        request.add_header("Accept", "application/json")
        try:
            with urlopen(request, timeout=self._timeout) as answer:
                items = json.loads(answer.read(MOST_BYTES))["items"]
                return [item for item in items if _is_shown(item)]
        except HTTPError as error:
            with error:
                return [] if error.code == 404 else None
        except (OSError, ValueError, KeyError, TypeError):
            return None


def _is_shown(item: Any) -> bool:
    """Whether an item has a title and an address that a browser may follow."""
    url = item.get("url") if isinstance(item, dict) else None
    if not isinstance(url, str) or not isinstance(item.get("title"), str):
        return False
    return url.startswith(("http://", "https://")) or (url[:1] == "/" and url[1:2] not in "/\\")
