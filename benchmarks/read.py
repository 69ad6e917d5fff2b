"""Reading a large WordPress export, beside a bare parse of the same file, in one run.

Three ways in turn, each in a process of its own:

1. **lxml**: ``iterparse`` to the end, emptying each item; nothing is looked at. What any
   reader of the file has to spend at least once, and ours spends twice: pictures may stand
   after their posts.
2. **the source**: every item as ``training`` gets it, clean posts of our schema.
3. **into an archive**: the same by ``read_sources`` into a new SQLite file, committed.

MB/s and posts/s are those of a second of processor time. The file is written for the run
and removed afterwards.

    python benchmarks/read.py --posts 100000
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import wxr
from measure import Usage, machine, run, say, table
from train import SCRATCH, checked

NOW = datetime(2030, 1, 1, tzinfo=UTC)
#: Posts of the export whose peak says what Python and the libraries take.
FEW = 100


def parse_only(export: Path, _: Path) -> int:
    """Parse to the end; the number of published posts, counted by two fields of each item."""
    from lxml import etree

    names = "{http://wordpress.org/export/1.2/}"
    n_posts = 0
    for _, item in etree.iterparse(str(export), tag="item", huge_tree=True):
        kind = item.findtext(f"{names}post_type"), item.findtext(f"{names}status")
        n_posts += kind == ("post", "publish")
        item.clear()
        parent = item.getparent()
        while parent is not None and item.getprevious() is not None:
            del parent[0]
    return n_posts


def read_only(export: Path, _: Path) -> int:
    """Read by our source; the number of posts."""
    from related_posts.posts import Post
    from training.sources import open_source

    source = open_source(str(export), now=NOW)
    return sum(isinstance(item, Post) for item in source.read())


def into_archive(export: Path, data: Path) -> int:
    """Read into a new archive; the number of posts it holds."""
    from related_posts.archive import Archive
    from training.read import read_sources

    with Archive(data) as archive:
        return read_sources([str(export)], archive, now=NOW).n_posts


WAYS: dict[str, Callable[[Path, Path], int]] = {
    "lxml": parse_only,
    "the source": read_only,
    "into an archive": into_archive,
}


def one_way(name: str, export: Path) -> None:
    """In a process of its own: read the export in one way; seconds and posts as JSON."""
    with tempfile.TemporaryDirectory(dir=export.parent) as folder:
        start = time.perf_counter()
        n_posts = WAYS[name](export, Path(folder) / "data")
        print(json.dumps({"seconds": time.perf_counter() - start, "posts": n_posts}))


def measured(name: str, export: Path, n: int) -> tuple[Usage, float]:
    """What one way took, and its seconds without the interpreter's start.

    Raises:
        SystemExit: It failed, or found other posts than there are.
    """
    usage = checked(run([sys.executable, __file__, "--way", name, str(export)]))
    found = json.loads(usage.output)
    if found["posts"] != n:
        raise SystemExit(f"{name} found {found['posts']} of {n} posts")
    return usage, found["seconds"]


def compare(n: int, rounds: int, folder: Path) -> str:
    """All ways on one export, in alternating rounds, as a table of medians.

    Args:
        n: Posts.
        rounds: How often each way is measured.
        folder: Where the export is written.
    """
    few, export = folder / "few.xml", folder / "export.xml"
    wxr.write(FEW, few)
    say(f"writing an export of {n} posts")
    megabytes = wxr.write(n, export) / 1e6
    floors = {name: measured(name, few, FEW)[0].peak for name in WAYS}
    taken: dict[str, list[tuple[float, float, float]]] = {name: [] for name in WAYS}
    for _ in range(rounds):
        for name in WAYS:
            say(f"{name}, {n} posts")
            usage, seconds = measured(name, export, n)
            taken[name].append((seconds, usage.cpu, usage.peak))
    medians = {
        name: [statistics.median(column) for column in zip(*times, strict=True)]
        for name, times in taken.items()
    }
    base = medians["lxml"]
    rows = [
        (
            name,
            f"{seconds:.1f} s",
            f"{cpu:.1f} s",
            f"{cpu / base[1]:.1f}",
            f"{megabytes / cpu:.1f}",
            f"{n / cpu:,.0f}",
            f"{peak / 1e6:.0f} MB",
            f"{floors[name] / 1e6:.0f} MB",
        )
        for name, (seconds, cpu, peak) in medians.items()
    ]
    head = f"{n} posts, {megabytes:.0f} MB"
    names = ("wall", "processor", "× lxml", "MB/s", "posts/s", "peak memory", f"of {FEW} posts")
    return table((head, *names), rows)


def main() -> None:
    """Measure the sizes asked for."""
    parser = argparse.ArgumentParser(description="Reading a WordPress export, beside lxml.")
    parser.add_argument("--posts", type=int, nargs="+", default=[100_000], metavar="N")
    parser.add_argument("--rounds", type=int, default=1, help="alternating rounds")
    parser.add_argument("--way", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.way:
        one_way(options.way[0], Path(options.way[1]))
        return
    print(machine())
    SCRATCH.mkdir(exist_ok=True)
    for n in options.posts:
        folder = Path(tempfile.mkdtemp(prefix="read-", dir=SCRATCH))
        try:
            print(f"\n{compare(n, options.rounds, folder)}", flush=True)
        finally:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
