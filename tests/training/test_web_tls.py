"""Secure connections: the name is what is checked, whatever address is connected to."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from training.web import Client, FetchError


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for blog.example that signs itself, with its key, made for this run."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl command to make a certificate with")
    path = tmp_path_factory.mktemp("tls") / "blog.pem"
    options = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2"
    made_for = ["-subj", "/CN=blog.example", "-addext", "subjectAltName=DNS:blog.example"]
    subprocess.run(
        [openssl, *options.split(), *made_for, "-keyout", path, "-out", path.with_suffix(".crt")],
        check=True,
        capture_output=True,
    )
    with path.open("ab") as out:
        out.write(path.with_suffix(".crt").read_bytes())
    return path


@pytest.fixture
def port(certificate: Path, serve: Callable[..., Any], fake_web: ModuleType) -> Iterator[int]:
    """The port of a server with that certificate; it answers with the name it was told."""
    names: list[str] = []

    def told(connection: Any, name: str, context: Any) -> None:
        names.append(name)

    server = serve(lambda asked: fake_web.Reply(200, names[-1].encode()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.sni_callback = told
    server.httpd.socket = context.wrap_socket(server.httpd.socket, server_side=True)
    return server.port


def client_of(certificate: Path) -> Client:
    """A client that trusts the certificate, and finds every host on this machine."""
    return Client(
        allow_private=True,
        retries=0,
        tls=ssl.create_default_context(cafile=str(certificate)),
        resolver=lambda host, port: ["127.0.0.1"],
    )


def test_the_name_is_told_and_checked(certificate: Path, port: int) -> None:
    """The connection goes to an address; server name and certificate are the host's."""
    with client_of(certificate) as client:
        assert client.get(f"https://blog.example:{port}/").body == b"blog.example"


def test_a_certificate_for_another_name_is_refused(certificate: Path, port: int) -> None:
    """Also where the address is right; and it is not tried again."""
    with (
        client_of(certificate) as client,
        pytest.raises(FetchError, match=r"no secure connection.*other\.example"),
    ):
        client.get(f"https://other.example:{port}/")


def test_a_certificate_nobody_trusts_is_refused(port: int) -> None:
    """By default only the system's authorities count."""
    with (
        Client(allow_private=True, retries=0, resolver=lambda host, port: ["127.0.0.1"]) as client,
        pytest.raises(FetchError, match="no secure connection"),
    ):
        client.get(f"https://blog.example:{port}/")


def test_a_handshake_without_end_is_cut() -> None:
    """A server that takes the connection and says nothing ends at the deadline."""
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        Client(allow_private=True, retries=0, deadline_seconds=0.1, timeout_seconds=30) as client,
        pytest.raises(FetchError, match="not complete"),
    ):
        client.get(f"https://127.0.0.1:{silent.getsockname()[1]}/")
