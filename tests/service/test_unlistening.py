"""Listening sockets that are to be closed without a reset."""

from __future__ import annotations

import errno
import select
import socket
from pathlib import Path

import pytest

from service.unlistening import pass_over_new

DEADLINE_SECONDS = 60.0


@pytest.mark.usefixtures("packet_filters")
@pytest.mark.parametrize(
    ("family", "host"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")]
)
def test_who_comes_late_is_refused(family: socket.AddressFamily, host: str) -> None:
    """Who is connected is accepted and heard; who comes later is refused, and not reset."""
    try:
        listener = socket.create_server((host, 0), family=family)
    except OSError:
        pytest.skip("no such addresses here")
    with listener, socket.socket(family) as early, socket.socket(family) as late:
        address = listener.getsockname()
        early.connect(address)
        pass_over_new(listener)
        early.sendall(b"early")
        late.setblocking(False)
        assert late.connect_ex(address) == errno.EINPROGRESS
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.recv(5) == b"early"
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            listener.accept()
        listener.close()
        assert select.select([], [late], [], DEADLINE_SECONDS)[1] == [late]
        assert late.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == errno.ECONNREFUSED


def test_other_sockets_stay_as_they_are(tmp_path: Path) -> None:
    """A socket that is a file goes on to let clients in."""
    path = str(tmp_path / "socket")
    with (
        socket.socket(socket.AF_UNIX) as listener,
        socket.socket(socket.AF_UNIX) as client,
    ):
        listener.bind(path)
        listener.listen()
        pass_over_new(listener)
        client.connect(path)
