"""A bounded memory of answers that took work."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar

Value = TypeVar("Value")


class Kept(Generic[Value]):
    """Values by key, of which the least recently used are forgotten; for any number of threads.

    Two threads that miss the same key both make its value, and one is kept. What requests
    ask for decides how large keys and values are, so their number alone is no bound.

    Args:
        most: How much all together may weigh; what is heavier by itself is not kept.
        weigh: The weight of a key and its value, at least 1; by default each weighs 1.

    Attributes:
        weight: How much all together weighs now.
    """

    def __init__(
        self, most: int, weigh: Callable[[Any, Value], int] = lambda key, value: 1
    ) -> None:
        self._most = most
        self._weigh = weigh
        self._lock = threading.Lock()
        self._values: OrderedDict[Hashable, tuple[Value, int]] = OrderedDict()
        self.weight = 0

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """The value of a key, made if it is not kept."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key][0]
        value = make()
        weight = self._weigh(key, value)
        if weight > self._most:
            return value
        with self._lock:
            self.weight += weight - self._values.get(key, (value, 0))[1]
            self._values[key] = value, weight
            while self.weight > self._most:
                self.weight -= self._values.popitem(last=False)[1][1]
        return value
