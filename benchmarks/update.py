"""From a write accepted to the first answer that contains it, beside a full build.

A synthetic blog is trained twice by the command: cold, and with what is known of each post but
without a version to build upon. Then it is served with its worker, and posts are added, edited
and deleted over HTTP, as blog software does. The clock starts when a write is answered and stops
with the first answer that shows it. Posts that are added link to two others each. One post is
added before anything is counted: the worker compiles, and opens the version.

    python benchmarks/update.py --posts 10000
    python benchmarks/update.py --posts 100000 --keep /var/tmp/blog

A large blog takes long to build: ``--keep`` leaves it in a folder, unchanged, for the next run.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import quote

import corpus
from measure import machine, run, say, table
from servers import free_port
from train import checked, command

SCRATCH = Path(__file__).resolve().parent.parent / ".bench"
#: Posts added at a time in the second row.
MANY = 100
#: Between two questions whether a write is to be seen.
PAUSE_SECONDS = 0.005
#: The longest wait for one.
PATIENCE_SECONDS = 600.0
#: What is asked for: seconds at most, and share of a full build at most.
TARGETS = {"add 1": (1.0, 0.01), f"add {MANY}": (3.0, 1.0)}


class Blog:
    """A served blog with its worker.

    Args:
        port: Where it is served.
        key: A key that may write.
    """

    def __init__(self, port: int, key: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def ask(self, method: str, path: str, body: bytes | None = None) -> tuple[int, Any]:
        """Status and JSON of an answer."""
        headers = self._headers if method != "GET" else {}
        try:
            self._connection.request(method, path, body, headers)
            answer = self._connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException):
            # Half a request is left in it.
            self._connection.close()
            raise
        return answer.status, json.loads(content) if content else None

    def put(self, post: dict[str, Any]) -> None:
        """Add or change a post."""
        path = f"/v1/posts/{quote(post['id'], safe='')}"
        self._accepted(*self.ask("PUT", path, json.dumps(post).encode()))

    def put_all(self, posts: list[dict[str, Any]]) -> None:
        """Add many posts with one request."""
        self._headers["Content-Type"] = "application/x-ndjson"
        self._accepted(*self.ask("POST", "/v1/posts", "\n".join(map(json.dumps, posts)).encode()))
        self._headers["Content-Type"] = "application/json"

    def delete(self, post: dict[str, Any]) -> None:
        """Delete a post."""
        self._accepted(*self.ask("DELETE", f"/v1/posts/{quote(post['id'], safe='')}"))

    def shows(self, post: dict[str, Any]) -> bool:
        """Whether a post has a list, and says what it was told to say."""
        status, answer = self.ask("GET", f"/v1/related?id={quote(post['id'], safe='')}")
        return status == 200 and bool(answer["post"]["title"] == post["title"])

    def n_posts(self) -> int:
        """Posts in the version that is served."""
        return int(self.ask("GET", "/readyz")[1]["n_posts"])

    @staticmethod
    def _accepted(status: int, answer: Any) -> None:
        if status not in (200, 201) or answer.get("failed"):
            raise SystemExit(f"a write was refused: {status} {answer}")


def seconds_until(is_seen: Callable[[], bool]) -> float:
    """Seconds until something is to be seen."""
    start = time.perf_counter()
    while not is_seen():
        if time.perf_counter() - start > PATIENCE_SECONDS:
            raise SystemExit("a write was not seen in time; look at the worker's log")
        time.sleep(PAUSE_SECONDS)
    return time.perf_counter() - start


@contextmanager
def served(data: Path) -> Iterator[Blog]:
    """Serve a data folder with its worker."""
    key = checked(run(command("keys", "create", "--scope", "write", "--data", data)))
    port = free_port()
    words = command("serve", "--with-worker", "--data", data, "--port", port)
    with (data.parent / "serve.log").open("wb") as log:
        process = subprocess.Popen(words, stdout=log, stderr=log, env={**os.environ})
    try:
        blog = Blog(port, key.output.split()[0])
        seconds_until(lambda: _answers(blog))
        yield blog
    finally:
        process.terminate()
        process.wait(60)


def _answers(blog: Blog) -> bool:
    try:
        return blog.ask("GET", "/readyz")[0] == 200
    except (OSError, http.client.HTTPException):
        return False


def full_builds(posts: Path, data: Path) -> tuple[float, float]:
    """Seconds of a cold build, and of one that knows each post, without reading the source."""
    say("building in full, cold")
    whole = checked(run(command("train", posts, "--data", data))).wall
    name = (data / "current").read_text("utf-8").strip()
    manifest = json.loads((data / "versions" / name / "manifest.json").read_text("utf-8"))
    cold = whole - float(manifest["seconds"]["read"])
    say("building in full, with what is known of each post")
    shutil.rmtree(data / "versions")
    (data / "current").unlink()
    return cold, checked(run(command("train", "--data", data))).wall


def rounds(blog: Blog, held: list[dict[str, Any]], extra: list[dict[str, Any]], n: int) -> Any:
    """Seconds of every kind of change, by its name."""
    taken: dict[str, list[float]] = {
        kind: [] for kind in ("add 1", f"add {MANY}", "edit 1", "delete 1")
    }
    rest = iter(extra)

    def fresh() -> dict[str, Any]:
        post = next(rest)
        at = int(post["id"].rpartition("-")[2]) % (len(held) - 1)
        links = "".join(f'<p><a href="{each["url"]}">more</a></p>' for each in held[at : at + 2])
        return {**post, "html": post["html"] + links}

    first = fresh()
    blog.put(first)
    seconds_until(lambda: blog.shows(first))
    for number in range(n):
        say(f"round {number + 1} of {n}")
        one = fresh()
        blog.put(one)
        taken["add 1"].append(seconds_until(lambda post=one: blog.shows(post)))
        edited = {**held[number * 7], "title": f"{held[number * 7]['title']} anew"}
        blog.put(edited)
        taken["edit 1"].append(seconds_until(lambda post=edited: blog.shows(post)))
        many = [fresh() for _ in range(MANY)]
        blog.put_all(many)
        taken[f"add {MANY}"].append(seconds_until(lambda posts=many: all(map(blog.shows, posts))))
        before = blog.n_posts()
        blog.delete(one)
        taken["delete 1"].append(seconds_until(lambda n=before: blog.n_posts() < n))
    return taken


def made(n: int, n_extra: int, folder: Path) -> tuple[float, float]:
    """A blog of n posts in a folder, trained, and posts to add; seconds of both full builds."""
    known = folder / "builds.json"
    if known.is_file():
        cold, warm = json.loads(known.read_text("utf-8"))
        return float(cold), float(warm)
    say(f"writing a corpus of {n} posts")
    every = corpus.corpus(n + n_extra, 0, html=True)
    for name, count in (("posts", n), ("extra", n_extra)):
        with (folder / f"{name}.jsonl").open("w", encoding="utf-8") as out:
            out.writelines(f"{json.dumps(post)}\n" for post in islice(every, count))
    builds = full_builds(folder / "posts.jsonl", folder / "data")
    known.write_text(json.dumps(builds), "utf-8")
    return builds


def posts_of(path: Path, count: int | None = None) -> list[dict[str, Any]]:
    """The first posts of a file, or all."""
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in islice(lines, count)]


def copied(source: str, target: str) -> str:
    """Link what never changes, the arrays of a version, and copy what does."""
    if source.endswith(".npy"):
        os.link(source, target)
        return target
    return str(shutil.copy2(source, target))


def measure(n: int, n_rounds: int, folder: Path) -> str:
    """All figures for a blog of n posts, as a table."""
    folder.mkdir(parents=True, exist_ok=True)
    cold, known = made(n, 2 + n_rounds * (MANY + 1), folder)
    held, extra = posts_of(folder / "posts.jsonl", 1_000), posts_of(folder / "extra.jsonl")
    if len(extra) < 2 + n_rounds * (MANY + 1):
        raise SystemExit(f"{folder} was made for fewer rounds; name another folder")
    with tempfile.TemporaryDirectory(dir=folder, prefix="served-") as place:
        data = Path(place) / "data"
        shutil.copytree(folder / "data", data, copy_function=copied)
        with served(data) as blog:
            taken = rounds(blog, held, extra, n_rounds)
    rows = [
        ("full build, cold", f"{cold:.2f} s", "1", ""),
        ("… that knows each post", f"{known:.2f} s", f"1/{cold / known:.1f}", "1/3"),
    ]
    for kind, seconds in taken.items():
        median = statistics.median(seconds)
        target = TARGETS.get(kind)
        rows.append(
            (
                kind,
                f"{median:.2f} s ({min(seconds):.2f} to {max(seconds):.2f})",
                f"1/{cold / median:.0f}",
                f"{target[0]:g} s, 1/{1 / target[1]:.0f}" if target else "",
            )
        )
    return table((f"{n} posts", "seconds", "of a full build", "asked for"), rows)


def main() -> None:
    """Measure the sizes asked for."""
    parser = argparse.ArgumentParser(description="From a write to the answer that shows it.")
    parser.add_argument("--posts", type=int, nargs="+", default=[10_000], metavar="N")
    parser.add_argument("--rounds", type=int, default=5, help="changes of each kind")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the blogs there")
    options = parser.parse_args()
    print(machine())
    for n in options.posts:
        SCRATCH.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=SCRATCH, prefix="update-") as scratch:
            folder = options.keep / str(n) if options.keep else Path(scratch)
            print(f"\n{measure(n, options.rounds, folder)}", flush=True)


if __name__ == "__main__":
    main()
