"""Train on the bundled blog and serve it: what ``make demo`` runs.

Training is repeated only when the posts or the code that reads them are newer
than the last training, so a second start takes a moment.
"""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BLOG = ROOT / "examples" / "blog"
DATA = ROOT / ".demo" / "data"
#: Touched after each training. The version's own files will not do: training that
#: changes nothing leaves them as they are.
TRAINED = ROOT / ".demo" / "trained"
#: What a version of the demo depends on.
INPUTS = (BLOG, ROOT / "related_posts", ROOT / "training")

#: Tried first, and the number of ports tried after it.
FIRST_PORT = 8000
PORTS_TRIED = 20


def is_stale(stamp: Path, inputs: tuple[Path, ...]) -> bool:
    """Tell whether any input file is newer than the last training.

    Args:
        stamp: Touched after each training; absent before the first.
        inputs: Folders to look through; compiled Python does not count.
    """
    if not stamp.exists():
        return True
    trained = stamp.stat().st_mtime
    return any(
        file.stat().st_mtime > trained
        for folder in inputs
        for file in folder.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    )


def is_free(host: str, port: int) -> bool:
    """Tell whether a server could listen there now."""
    with socket.socket() as probe:
        # As a server binds: a port in TIME_WAIT counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def choose_port(host: str, wanted: int | None) -> int:
    """Return the wanted port, or else the first free one from 8000 on.

    Raises:
        SystemExit: The wanted port is busy, or none of those tried is free. A
            port that was asked for is never silently replaced.
    """
    if wanted is not None:
        if not is_free(host, wanted):
            raise SystemExit(f"port {wanted} is busy; choose another: make demo PORT={wanted + 1}")
        return wanted
    for port in range(FIRST_PORT, FIRST_PORT + PORTS_TRIED):
        if is_free(host, port):
            if port != FIRST_PORT:
                print(f"port {FIRST_PORT} is busy, so this is {port}")
            return port
    last = FIRST_PORT + PORTS_TRIED - 1
    raise SystemExit(f"ports {FIRST_PORT} to {last} are busy; choose one: make demo PORT=…")


def main() -> None:
    """Train where needed, say the address and become the server."""
    parser = argparse.ArgumentParser(description="Serve the bundled blog.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, help=f"default: the first free from {FIRST_PORT}")
    options = parser.parse_args()
    port = choose_port(options.host, options.port)

    # The command of the environment this script runs in, whatever the PATH says.
    command = [str(Path(sys.executable).with_name("related-posts"))]
    # Whatever the shell holds of the user's own blog must not reach the demo.
    environment = {k: v for k, v in os.environ.items() if not k.startswith("RELATED_POSTS_")}
    if is_stale(TRAINED, INPUTS):
        # Whoever changes the ranking wants to see it, however much it changes.
        train = [*command, "train", str(BLOG), "--data", str(DATA), "--set", "gate=false"]
        if status := subprocess.run(train, env=environment, cwd=ROOT).returncode:
            raise SystemExit(status)
        TRAINED.touch()
    print(f"\nThe demo blog: http://{options.host}:{port}/   (Ctrl-C stops it)\n", flush=True)
    listen = ["--host", options.host, "--port", str(port)]
    serve = [*command, "serve", "--data", str(DATA), "--preview", str(BLOG), *listen]
    os.chdir(ROOT)
    os.execve(serve[0], serve, environment)


if __name__ == "__main__":
    main()
