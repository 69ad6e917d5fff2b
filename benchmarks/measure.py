"""Processor time and memory of a command and everything it starts; tables; the machine.

Reads Linux' /proc, because the usual counters miss what matters here: memory that
worker processes share must count once, and a worker that is still alive must count.
"""

from __future__ import annotations

import os
import platform
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

PROC = Path("/proc")
TICK = os.sysconf("SC_CLK_TCK")
#: Between two looks at memory. A peak shorter than this can be missed.
LOOK_SECONDS = 0.1

LIBRARIES = ("numpy", "scipy", "scikit-learn", "numba", "joblib")


@dataclass(frozen=True)
class Usage:
    """What a command took.

    Attributes:
        wall: Seconds by the clock.
        cpu: Seconds of processor time of the whole process tree, user and system.
        peak: Most memory of the whole tree at one moment, in bytes: the sum of
            proportional set sizes, in which a shared page counts once.
        status: Exit status.
        output: What it wrote to standard output.
        errors: What it wrote to standard error.
    """

    wall: float
    cpu: float
    peak: int
    status: int
    output: str
    errors: str


def tree(root: int) -> list[int]:
    """A process and all its descendants, by id."""
    children: dict[int, list[int]] = {}
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            try:
                parent = int(_stat(int(entry.name))[1])
            except OSError:
                continue  # it ended while we looked
            children.setdefault(parent, []).append(int(entry.name))
    found = [root]
    for pid in found:
        found += children.get(pid, [])
    return found


def cpu_seconds(root: int) -> float:
    """Processor time so far of a process tree, those descendants included that have ended."""
    ticks = 0
    for pid in tree(root):
        try:
            # utime, stime, and the same of the children that it has waited for.
            ticks += sum(map(int, _stat(pid)[11:15]))
        except OSError:
            continue
    return ticks / TICK


def memory_bytes(root: int) -> int:
    """Proportional set size of a process tree now."""
    total = 0
    for pid in tree(root):
        try:
            text = (PROC / str(pid) / "smaps_rollup").read_text("ascii")
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))
    return total * 1024


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the state on; the name before it may hold spaces."""
    return (PROC / str(pid) / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()


def run(command: Sequence[str | Path]) -> Usage:
    """Run a command to its end and tell what it and its descendants took.

    Raises:
        SystemExit: This is not Linux.
    """
    if not PROC.is_dir():
        raise SystemExit("the benchmarks read /proc, so they run on Linux only")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    peak, over = 0, threading.Event()

    def watch() -> None:
        nonlocal peak
        while not over.wait(LOOK_SECONDS):
            peak = max(peak, memory_bytes(process.pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        output, errors = process.communicate()
    finally:
        over.set()
        watcher.join()
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Usage(wall, cpu, peak, process.returncode, output, errors)


def machine() -> str:
    """Processor, cores and versions in two lines, as every table needs them."""
    model = platform.machine()
    for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    cores = len(os.sched_getaffinity(0))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    versions = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return (
        f"{model}, {cores} cores, {memory:.0f} GiB, load {os.getloadavg()[0]:.1f}\n"
        f"Python {platform.python_version()}, {versions}"
    )


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Columns in line: the first to the left, the others to the right."""
    lines = [list(head), *(list(row) for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    written = []
    for number, line in enumerate(lines):
        cells = [line[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True)]
        written.append("  ".join(cells).rstrip())
        if number == 0:
            written.append("  ".join("-" * width for width in widths))
    return "\n".join(written)


def say(text: str) -> None:
    """Tell how far a benchmark is, beside its results."""
    print(text, file=sys.stderr, flush=True)
