"""Many strings as one array of bytes and their offsets, so that they can be mapped.

String ``i`` is ``data[offsets[i]:offsets[i + 1]]``; there is one offset more
than there are strings. Reading one makes one Python object, holding them none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray


def pack(strings: Iterable[bytes | str]) -> tuple[NDArray[np.uint8], NDArray[np.uint64]]:
    """Join strings into one array.

    Args:
        strings: Bytes, or text that is encoded as UTF-8; read once.

    Returns:
        The bytes, shape (total,), and the offsets, shape (n + 1,), from 0 to
        the total.

    Raises:
        UnicodeEncodeError: A text holds half of a surrogate pair.
    """
    data = bytearray()
    offsets = [0]
    for string in strings:
        data += string.encode() if isinstance(string, str) else string
        offsets.append(len(data))
    return np.frombuffer(data, dtype=np.uint8), np.array(offsets, dtype=np.uint64)


class Blob:
    """Strings read from such arrays.

    Args:
        data: Bytes, one-dimensional uint8.
        offsets: Ascending offsets, one-dimensional uint64.

    Raises:
        ValueError: The offsets are empty, do not start at 0 or do not end at
            the end of the bytes. Those between are not looked at, since that
            would read all of them; wrong ones give wrong or empty strings, and
            checksums find them.
    """

    __slots__ = ("_data", "_n", "_offsets")

    def __init__(self, data: NDArray[Any], offsets: NDArray[Any]) -> None:
        if data.dtype != np.uint8 or data.ndim != 1:
            raise ValueError("the strings are not a row of bytes")
        if offsets.dtype != np.uint64 or offsets.ndim != 1 or not len(offsets):
            raise ValueError("the offsets are not a row of at least one uint64")
        if offsets[0] != 0 or offsets[-1] != len(data):
            raise ValueError(
                f"the offsets run from {offsets[0]} to {offsets[-1]} over {len(data)} bytes"
            )
        self._data = data.data
        self._offsets = offsets.data
        self._n = len(offsets) - 1

    @classmethod
    def closed(cls) -> Self:
        """A blob that holds nothing and answers every question with ``ValueError``."""
        blob = cls(np.zeros(0, np.uint8), np.zeros(1, np.uint64))
        blob._data.release()
        blob._offsets.release()
        return blob

    def __len__(self) -> int:
        return self._n

    def __getitem__(self, i: int) -> bytes:
        """String ``i``; ``IndexError`` outside ``range(len(self))``."""
        if i < 0:
            raise IndexError(f"string {i} is not among {self._n}")
        offsets = self._offsets
        return self._data[offsets[i] : offsets[i + 1]].tobytes()

    def __iter__(self) -> Iterator[bytes]:
        return (self[i] for i in range(self._n))
