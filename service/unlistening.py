"""A socket that listens no longer, and resets nobody for it.

To close a listening socket resets the connections that wait in it, and one more may come
between the last look into it and the end. Its client was connected and may have asked already:
it cannot tell that from an answer that was lost. So the system is told first to pass over
whoever knocks, as if the packet had not come; then those that are through the door are taken.
Whoever was passed over knocks again a second later, and is refused, or finds our successor.
"""

from __future__ import annotations

import ctypes
import socket
import struct
import sys
from contextlib import suppress

#: Linux's SO_ATTACH_FILTER, which Python does not name.
_ATTACH_FILTER = 26
#: The filter, in classic BPF; it sees a packet from its TCP header on. A packet that has SYN
#: and not ACK among its flags, which are the header's byte 13, asks for a connection: none of
#: it gets through. Of all others everything does, so that half-made connections become whole.
_PASS_OVER_SYN = (
    (0x30, 0, 0, 13),
    (0x54, 0, 0, 0x12),
    (0x15, 0, 1, 0x02),
    (0x06, 0, 0, 0),
    (0x06, 0, 0, 0xFFFF_FFFF),
)


def pass_over_new(listener: socket.socket) -> None:
    """Let no more connections begin; those that have are still to be accepted.

    It holds for every process that has the socket, and cannot be meant for some of them.
    Other systems than Linux, and other sockets than those of TCP, stay as they are.
    """
    if sys.platform != "linux" or listener.family not in (socket.AF_INET, socket.AF_INET6):
        return
    content = b"".join(struct.pack("=HBBI", *line) for line in _PASS_OVER_SYN)
    held = ctypes.create_string_buffer(content, len(content))
    program = struct.pack("@HP", len(_PASS_OVER_SYN), ctypes.addressof(held))
    # A sandbox may forbid it.
    with suppress(OSError):
        listener.setsockopt(socket.SOL_SOCKET, _ATTACH_FILTER, program)
