"""What ``faults.c`` offers to the process that it was loaded into."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

_library = ctypes.CDLL(None)
_library.fault_start.argtypes = [ctypes.c_char_p, ctypes.c_long, ctypes.c_int]
_library.fault_record.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_long, ctypes.c_int]
_library.fault_told.argtypes = [ctypes.c_long]
_library.fault_told.restype = ctypes.c_char_p

#: Ways in which a call can go wrong.
FAULTS = {"kill": 1, "full": 2, "broken": 3}


def start(folder: Path, at: int, fault: int) -> None:
    """From here on, let the call of this number that changes a folder go wrong."""
    _library.fault_start(os.fsencode(folder), at, fault)


def record(folder: Path, to: Path, at: int = -1, fault: int = 0) -> None:
    """From here on, record every call that changes a folder in a file outside of it."""
    _library.fault_record(os.fsencode(folder), os.fsencode(to), at, fault)


def answered() -> None:
    """Put into the record, if there is one, that all until here was said to be done."""
    _library.fault_mark()


def stop() -> list[str]:
    """End either; the calls that were made."""
    n = _library.fault_stop()
    return [_library.fault_told(number).decode("utf-8", "replace") for number in range(n)]
