"""What an answer costs beside a bare Flask route that returns a constant of the same size.

All run under gunicorn with the same settings, one worker each, in alternating
rounds with the same requests: random ids of the whole blog. Ours is measured
in Flask, by the short way in front of Flask, and as it is served, where plain questions
pass neither gunicorn's parser nor a thread; for whole answers and for
those that the client has already (304). Where granian is installed (the group
``bench`` of pyproject.toml), it serves the same application too. The measure is the
worker's processor time for each request, from ``/proc``; requests per second
and latencies depend on what else the machine does. ``wrk`` makes the load where
it is installed, else a small generator in Python. Also measured: opening and
swapping a version, and the private memory of preloaded workers after traffic.

    python benchmarks/serve.py
    python benchmarks/serve.py --posts 2000 --rounds 3 --seconds 2
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import shutil
import statistics
import tempfile
import time
from dataclasses import dataclass
from importlib.metadata import version as release_of
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from load import Load, measure
from made_up import write_version
from servers import Running, private_mib, processor_seconds

from related_posts.storage import Store

SEED = 7
#: Milliseconds at most, and memory in proportion to the constant route's at most.
TARGETS = {"open_ms": 5.0, "swap_ms": 1.0, "memory": 1.2}


@dataclass(frozen=True)
class Round:
    """One round of one server.

    Attributes:
        load: What the clients saw.
        cpu_microseconds: Processor time of the worker for each request.
    """

    load: Load
    cpu_microseconds: float


@dataclass(frozen=True)
class Case:
    """What is measured: a server, and whether the client has the answers already."""

    name: str
    server: str
    known: bool = False
    target: float | None = None


CASES = [
    Case("constant Flask route", "constant"),
    Case("ours, in Flask", "flask", target=0.93),
    Case("ours, in Flask, 304", "flask", known=True),
    Case("ours, in front of it", "wsgi", target=1.45),
    Case("ours, in front, 304", "wsgi", known=True),
    Case("ours, as served", "ours", target=1.45),
    Case("ours, as served, 304", "ours", known=True),
    Case("ours under granian", "granian"),
]


def one_round(server: Running, paths: list[str], seconds: float, tags: list[str]) -> Round:
    """Load a server for some seconds."""
    pids = server.workers()
    before = processor_seconds(pids)
    load = measure(server.port, paths, seconds, tags)
    used = processor_seconds(pids) - before
    return Round(load, used / load.n_requests * 1e6)


def pin(servers: list[Running]) -> None:
    """Servers on the first processor and their load on another, where there are two."""
    available = sorted(os.sched_getaffinity(0))
    if len(available) > 1:
        for server in servers:
            for pid in [server.process.pid, *server.workers()]:
                for task in Path(f"/proc/{pid}/task").iterdir():
                    os.sched_setaffinity(int(task.name), {available[0]})
        os.sched_setaffinity(0, {available[1]})


def compare(
    data: Path, paths: list[str], tags: list[str], n_bytes: int, rounds: int, seconds: float
) -> None:
    """Alternate between the cases and print what was seen."""
    available = os.sched_getaffinity(0)
    if not find_spec("granian"):
        print("granian is left out: `pip install granian` brings it")
    cases = [case for case in CASES if case.server != "granian" or find_spec("granian")]
    servers: dict[str, Running] = {}
    seen: dict[str, list[Round]] = {case.name: [] for case in cases}
    try:
        for kind in dict.fromkeys(case.server for case in cases):
            servers[kind] = Running(kind, data, 1, n_bytes)
        pin(list(servers.values()))
        for server in servers.values():
            one_round(server, paths, min(1.0, seconds), [])
        for number in range(rounds):
            for case in cases if number % 2 == 0 else reversed(cases):
                known = tags if case.known else []
                seen[case.name].append(one_round(servers[case.server], paths, seconds, known))
    finally:
        for server in servers.values():
            server.stop()
        os.sched_setaffinity(0, available)
    print(f"{'':22}{'requests/s':>11}{'p50 ms':>9}{'p99 ms':>9}{'CPU µs':>8}  CPU, constant / this")
    for case in cases:
        loads = [each.load for each in seen[case.name]]
        ratios = [
            bare.cpu_microseconds / this.cpu_microseconds
            for bare, this in zip(seen[cases[0].name], seen[case.name], strict=True)
        ]
        target = f", target at least {case.target}" if case.target else ""
        print(
            f"{case.name:22}{statistics.median(load.per_second for load in loads):11,.0f}"
            f"{statistics.median(load.p50_ms for load in loads):9.2f}"
            f"{statistics.median(load.p99_ms for load in loads):9.2f}"
            f"{statistics.median(each.cpu_microseconds for each in seen[case.name]):8.1f}"
            f"  {statistics.median(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f}{target})"
        )
    failed = sum(each.load.n_failed for rounds_ in seen.values() for each in rounds_)
    print(f"failed requests: {failed}")


def memory(data: Path, paths: list[str], n_bytes: int) -> None:
    """Print the private memory of two preloaded workers of each server after traffic."""
    used = {}
    for kind in ("constant", "ours"):
        server = Running(kind, data, 2, n_bytes)
        try:
            # New connections each time, until every worker has had its share of them.
            for _ in range(20):
                measure(server.port, paths, 1.0)
                if min(processor_seconds([pid]) for pid in server.workers()) > 1.0:
                    break
            used[kind] = statistics.mean(map(private_mib, server.workers()))
        finally:
            server.stop()
    print(
        f"private memory of a worker: constant {used['constant']:.1f} MiB, "
        f"ours {used['ours']:.1f} MiB, ratio {used['ours'] / used['constant']:.2f} "
        f"(target at most {TARGETS['memory']})"
    )


def open_and_swap(data: Path, names: list[str]) -> None:
    """Print how long it takes to open a version, to check it, and to swap."""
    from service.api.answers import body
    from service.snapshot import Snapshot

    store = Store(data)
    opening, checking, swapping = [], [], []
    snapshot = Snapshot(data, 3600)
    snapshot.refresh()
    for turn in range(20):
        name = names[turn % len(names)]
        start = time.perf_counter()
        store.verify(name, serving_only=True)
        checked = time.perf_counter()
        index = store.open(name)
        opened = time.perf_counter()
        snapshot.index = index
        current = snapshot.index
        body(current, turn, 5)
        swapped = time.perf_counter()
        checking.append((checked - start) * 1e3)
        opening.append((opened - checked) * 1e3)
        swapping.append((swapped - opened) * 1e3)
    print(
        f"a version: opened in {statistics.median(opening):.2f} ms (target {TARGETS['open_ms']}), "
        f"swapped, first answer included, in {statistics.median(swapping):.3f} ms "
        f"(target {TARGETS['swap_ms']}); its checksums take {statistics.median(checking):.0f} ms "
        "in the background"
    )


def main() -> None:
    """Run everything."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--posts", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=4.0)
    options = parser.parse_args()
    data = Path(tempfile.mkdtemp(prefix="related-posts-bench-"))
    try:
        names = [write_version(data, options.posts, seed) for seed in (SEED, SEED + 1)]
        print(
            f"serving {options.posts:,} posts; {platform.processor() or platform.machine()}, "
            f"{os.cpu_count()} processors, Python {platform.python_version()}, "
            f"Flask {release_of('flask')}, gunicorn {release_of('gunicorn')}, "
            f"load by {'wrk' if shutil.which('wrk') else 'load.py'}"
        )
        draw = random.Random(SEED)
        index = Store(data).open()
        ids = [index.post(draw.randrange(options.posts))["id"] for _ in range(5_000)]
        paths = [f"/v1/related?id={quote(id_, safe='')}" for id_ in ids]
        from service.api.answers import body, entity_tag

        n_bytes = round(statistics.mean(len(body(index, index.row(id=i), 5)) for i in ids[:500]))
        print(f"answers of {n_bytes:,} bytes, {len(paths):,} random ids, 16 connections")
        open_and_swap(data, names)
        tags = [entity_tag(index, index.row(id=id_), 5) for id_ in ids]
        compare(data, paths, tags, n_bytes, options.rounds, options.seconds)
        memory(data, paths, n_bytes)
    finally:
        shutil.rmtree(data)


if __name__ == "__main__":
    main()
