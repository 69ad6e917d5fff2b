"""Threads that wait for clients are relieved by others, and never by too many."""

from __future__ import annotations

import logging
import threading
from queue import SimpleQueue

import pytest

from service.relief import Relief

SECONDS = 30.0


class Workplace:
    """Hands out work to the threads of a ``Relief`` and knows who does what."""

    def __init__(self, n_threads: int, most_waiting: int) -> None:
        self.relief = Relief(n_threads, self._work, most_waiting)
        self.tasks: SimpleQueue[str] = SimpleQueue()
        self.done: SimpleQueue[tuple[str, int]] = SimpleQueue()
        self.client = threading.Semaphore(0)

    def _work(self) -> None:
        task = self.tasks.get()
        if task == "broken":
            raise RuntimeError(task)
        if task == "slow":
            try:
                with self.relief.waiting():
                    self.done.put(("waits", threading.get_ident()))
                    self.client.acquire(timeout=SECONDS)
            except TimeoutError:
                task = "cut off"
        self.done.put((task, threading.get_ident()))


def test_who_waits_is_relieved() -> None:
    """With one thread, quick work goes on although a client is slow, and then one is left."""
    place = Workplace(1, most_waiting=5)
    place.relief.start()
    place.tasks.put("slow")
    name, waiting = place.done.get(timeout=SECONDS)
    assert name == "waits"
    place.tasks.put("quick")
    name, relieving = place.done.get(timeout=SECONDS)
    assert name == "quick"
    assert relieving != waiting
    place.client.release()
    assert place.done.get(timeout=SECONDS) == ("slow", waiting)
    workers = set()
    for _ in range(5):
        place.tasks.put("quick")
        workers.add(place.done.get(timeout=SECONDS)[1])
    # One of the two ended with its work.
    assert workers <= {waiting, relieving}
    assert len(workers) == 1


def test_only_so_many_wait() -> None:
    """One client more than may be waited for is cut off; the others are not."""
    place = Workplace(2, most_waiting=3)
    place.relief.start()
    for _ in range(3):
        place.tasks.put("slow")
        assert place.done.get(timeout=SECONDS)[0] == "waits"
    place.tasks.put("slow")
    assert place.done.get(timeout=SECONDS)[0] == "cut off"
    for _ in range(3):
        place.client.release()
    assert [place.done.get(timeout=SECONDS)[0] for _ in range(3)] == ["slow"] * 3


def test_a_mistake_costs_no_thread(caplog: pytest.LogCaptureFixture) -> None:
    """Work that fails is logged, and the thread goes on with the next."""
    place = Workplace(1, most_waiting=5)
    place.relief.start()
    with caplog.at_level(logging.ERROR, logger="service.relief"):
        place.tasks.put("broken")
        place.tasks.put("quick")
        assert place.done.get(timeout=SECONDS)[0] == "quick"
    assert [record.message for record in caplog.records] == ["a thread could not do its work"]
