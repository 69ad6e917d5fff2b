"""What a client may see after what it was told: the memory by which a soak is judged."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Oracle:
    """What was accepted, and what was seen to be wrong.

    Attributes:
        told: Id to the titles that its post may have; None is for no post.
        withdrawn: Id to the moment from which on it must not be seen.
        titles: Version and id to the title shown.
        counts: What happened, and how often.
        wrong: What must not happen, in words.
    """

    told: dict[str, set[str | None]]
    withdrawn: dict[str, float] = field(default_factory=dict)
    titles: dict[tuple[str, str], str] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def begins(self, id_: str, title: str | None) -> None:
        """A write is about to be sent."""
        with self.lock:
            self.told.setdefault(id_, {None}).add(title)
            if title is not None:
                self.withdrawn.pop(id_, None)

    def accepted(self, id_: str, title: str | None) -> None:
        """It was answered that it is kept and in force."""
        with self.lock:
            self.told[id_] = {title}
            if title is None:
                self.withdrawn[id_] = time.monotonic()

    def count(self, what: str) -> None:
        """One more of a kind."""
        with self.lock:
            self.counts[what] += 1

    def fail(self, problem: str) -> None:
        """Note what must not be."""
        with self.lock:
            self.wrong.append(problem)

    def check(self, asked_at: float, answer: http.client.HTTPResponse, content: bytes) -> None:
        """Hold an answer about one post to what is known."""
        if answer.status == 404:
            return
        if answer.status != 200:
            self.fail(f"{answer.status} for a list: {content[:200]!r}")
            return
        found = json.loads(content)
        version = found["version"]
        if version not in answer.headers["ETag"]:
            self.fail(f"the tag {answer.headers['ETag']} on an answer of {version}")
        if answer.headers["X-Related-Posts-Version"] != version:
            self.fail(f"the field names another version than {version}")
        with self.lock:
            for post in (found["post"], *found["items"]):
                id_, title = post["id"], post["title"]
                if self.withdrawn.get(id_, asked_at) < asked_at:
                    self.wrong.append(f"{id_} is shown by {version} and was withdrawn")
                if self.titles.setdefault((version, id_), title) != title:
                    self.wrong.append(f"{version} shows {id_} with two titles")
