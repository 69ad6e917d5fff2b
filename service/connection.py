"""One plain connection: read without waiting until there is something to answer."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from select import POLLIN
from typing import Any

from gunicorn import http
from gunicorn.http.body import LengthReader
from gunicorn.http.unreader import SocketUnreader
from gunicorn.workers.gthread import DEFAULT_WORKER_DATA_TIMEOUT, TConn

from service.relief import is_prompt, send_all

#: Longest wait for the next bytes of a body, or for a client to take some of an answer.
READ_SECONDS = 20.0
#: Bytes a second that a body must come with on average, beyond that.
LEAST_RATE = 4_096
#: Header blocks as large as this are read, to be refused.
MOST_HEAD_BYTES = 65_536


class Body(SocketUnreader):  # type: ignore[misc]  # untyped base
    """What a client sends behind its header block, while a thread reads it.

    Attributes:
        waiting: Makes the context in which a thread waits for the client.
    """

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.waiting: Callable[[], AbstractContextManager[None]] = nullcontext
        self.restart()

    def restart(self) -> None:
        """Begin to measure anew, for another request."""
        self._since = time.monotonic()
        self._n_bytes = 0

    def chunk(self, size_hint: int | None = None) -> bytes:
        """The next piece.

        Raises:
            TimeoutError: The client stands still, or sends so slowly that it would as well.
        """
        if time.monotonic() - self._since > READ_SECONDS + self._n_bytes / LEAST_RATE:
            raise TimeoutError("the body comes too slowly")
        with nullcontext() if is_prompt(self.sock.fileno(), POLLIN) else self.waiting():
            piece: bytes = super().chunk(size_hint)
        self._n_bytes += len(piece)
        return piece


class Connection(TConn):  # type: ignore[misc]  # untyped base
    """A connection over HTTP/1, without encryption.

    Attributes:
        body: What has come and was not read yet.
        unsent: The rest of an answer that the client did not take at once.
    """

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.parser = http.get_parser(self.cfg, self.sock, self.client)
        self.parser.unreader = self.body = Body(self.sock)
        self.initialized = True
        self.unsent = memoryview(b"")
        # For what threads read and write; the descriptor itself goes on never to wait.
        self.sock.settimeout(READ_SECONDS)

    def receive(self) -> bool:
        """Read what is there; whether a request has a whole header block, or never will.

        Nothing is read while a whole one waits already: a client that sends requests in a row
        faster than they are answered would have all of them held here.
        """
        buffer = self.body.buf
        if b"\r\n\r\n" in buffer.getvalue():
            return True
        try:
            piece = os.read(self.sock.fileno(), MOST_HEAD_BYTES)
        except BlockingIOError:
            return False
        except OSError:
            return True
        buffer.seek(0, os.SEEK_END)
        buffer.write(piece)
        held = buffer.getvalue()
        # After the end of the connection the parser has to find out, too.
        return not piece or b"\r\n\r\n" in held or len(held) >= MOST_HEAD_BYTES

    def send(self, answer: bytes) -> bool:
        """Send what the system takes at once; whether that was all, the rest being ``unsent``."""
        try:
            n_sent = os.write(self.sock.fileno(), answer)
        except OSError:
            # It has no room, or is gone: whoever sends the rest will find out.
            n_sent = 0
        self.unsent = memoryview(answer)[n_sent:]
        return not self.unsent

    def send_rest(self) -> bool:
        """Send what is unsent, waiting for the client for a limited time; whether it took it."""
        rest, self.unsent = self.unsent, memoryview(b"")
        try:
            send_all(self.sock, rest, self.body.waiting)
        except OSError:
            return False
        return True

    def is_over(self) -> bool:
        """Read on behind the last answer, for nothing; whether the client has closed, too.

        A system that closes with bytes unread tells the client to forget the answer. How
        many there are does not matter: the time for this is limited.
        """
        try:
            return not os.read(self.sock.fileno(), MOST_HEAD_BYTES)
        except BlockingIOError:
            return False
        except OSError:
            return True

    def has_more(self) -> bool:
        """Whether some of a next request was read together with the end of the last."""
        return bool(self.body.buf.getvalue())

    def has_no_body_left(self) -> bool:
        """Read the rest of a request's body, for a limited time; whether that is all of it."""
        reader = self.parser.mesg.body.reader
        if not isinstance(reader, LengthReader) or reader.length:
            deadline = time.monotonic() + DEFAULT_WORKER_DATA_TIMEOUT
            if not self.parser.finish_body(deadline=deadline):
                return False
        # The parser need not look for it again before the next request.
        self.parser.mesg = None
        return True
