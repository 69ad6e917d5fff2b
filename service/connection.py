"""One plain connection: read without waiting until there is something to answer."""

from __future__ import annotations

import os
import time
from typing import Any

from gunicorn import http
from gunicorn.http.body import LengthReader
from gunicorn.workers.gthread import DEFAULT_WORKER_DATA_TIMEOUT, TConn

#: Longest wait for the next bytes of a body, or for a client to take some of an answer.
READ_SECONDS = 20.0
#: Header blocks as large as this are read, to be refused.
MOST_HEAD_BYTES = 65_536


class Connection(TConn):  # type: ignore[misc]  # untyped base
    """A connection over HTTP/1, without encryption."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.parser = http.get_parser(self.cfg, self.sock, self.client)
        self.initialized = True
        # For what threads read and write; the descriptor itself goes on never to wait.
        self.sock.settimeout(READ_SECONDS)

    def receive(self) -> bool:
        """Read what is there; whether a request has a whole header block, or never will."""
        buffer = self.parser.unreader.buf
        try:
            piece = os.read(self.sock.fileno(), MOST_HEAD_BYTES)
        except BlockingIOError:
            return b"\r\n\r\n" in buffer.getvalue()
        except OSError:
            return True
        buffer.seek(0, os.SEEK_END)
        buffer.write(piece)
        held = buffer.getvalue()
        # After the end of the connection the parser has to find out, too.
        return not piece or b"\r\n\r\n" in held or len(held) >= MOST_HEAD_BYTES

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
        return bool(self.parser.unreader.buf.getvalue())

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
