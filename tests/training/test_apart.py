"""``training.apart``: work in other processes, which end with this one and leave nothing."""

from __future__ import annotations

import operator
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from training.apart import EndedError, spread
from training.commands.display import Lines
from training.publish import train_and_publish
from training.settings import TrainingSettings

#: Where Linux keeps memory and semaphores that have a name, which pools of processes use.
SHARED = Path("/dev/shm")


def test_results_come_in_order_and_pieces_are_taken_as_they_are_needed() -> None:
    """However many processes; no more pieces wait than were said to."""
    taken = []

    def pieces() -> Iterator[tuple[int, int]]:
        for number in range(40):
            taken.append(number)
            yield number, 2

    results = spread(operator.pow, pieces(), 2)
    assert taken == []
    found = []
    for result in results:
        found.append(result)
        assert len(taken) <= len(found) + 4
    assert found == [number**2 for number in range(40)]


def test_large_pieces_and_results_pass_both_ways() -> None:
    """Far more than a socket holds, at once."""
    pieces = [(bytes([number]) * 3_000_000, 2) for number in range(6)]
    assert list(spread(operator.mul, pieces, 2)) == [piece * 2 for piece, _ in pieces]


def test_nothing_to_do_is_done() -> None:
    """No piece, no result, no process left waiting for one."""
    assert list(spread(operator.pow, [], 2)) == []


def test_what_the_work_raises_is_raised_here() -> None:
    """The error itself, with the place where it was raised; later pieces are let go."""
    results = spread(operator.truediv, [(4, 2), (1, 0), (6, 2)], 2)
    assert next(results) == 2
    with pytest.raises(ZeroDivisionError) as caught:
        next(results)
    assert "in a process of its own" in caught.value.__notes__[0]


def test_what_cannot_travel_is_told_in_words() -> None:
    """A result that has no pickled form is a mistake with a name, not a hang."""
    with pytest.raises(RuntimeError, match="memory at"):
        list(spread(memoryview, [(b"x",)], 1))


def test_a_process_that_is_killed_is_named() -> None:
    """As the system does where memory is short: an error with advice."""
    kill = ((os.getpid, ()), (_end, (signal.SIGKILL,)))
    with pytest.raises(EndedError, match=r"ended by SIGKILL.*--jobs 1"):
        list(spread(_call, kill, 1))


def test_processes_end_where_no_more_results_are_wanted() -> None:
    """In the middle of their work; they are waited for."""
    results = spread(_call, [(os.getpid, ()) for _ in range(9)], 2)
    running = {next(results), next(results)}
    results.close()  # type: ignore[attr-defined]  # a generator
    for pid in running:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def _call(function: object, arguments: tuple[object, ...]) -> object:
    """What there is to ask of a process here."""
    assert callable(function)
    return function(*arguments)


def _end(number: int) -> None:
    os.kill(os.getpid(), number)


#: A training of its own process group, which is killed while others analyse for it.
KILLED = """
import os, signal, sys
from pathlib import Path
from training import analysis, gathering
from training.commands.display import Lines
from training.publish import train_and_publish
from training.settings import TrainingSettings

class Killing(Lines):
    def building(self, stage, done, total):
        if stage == "analysis" and done:
            print(os.getpid(), *Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children")
                  .read_text().split(), flush=True)
            getattr(os, sys.argv[1])(os.getpid(), signal.SIGKILL)

analysis.FEW_POSTS = 0
analysis.BLOCK = gathering.BLOCK = 2
train_and_publish([sys.argv[2]], TrainingSettings(data=Path(sys.argv[3]), jobs=2), Killing())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="children are told by /proc")
@pytest.mark.parametrize("way", ["kill", "killpg"])
def test_a_training_that_is_killed_leaves_nothing(way: str, tmp_path: Path) -> None:
    """Alone or with all its processes: these end, and the next training clears up the rest."""
    posts = tmp_path / "posts.jsonl"
    posts.write_text(
        "".join(f'{{"id": "{n}", "url": "/{n}/", "title": "bread {n}"}}\n' for n in range(40))
    )
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, way, posts, tmp_path / "data"],
        env={**os.environ, "TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        start_new_session=True,
        check=False,
    )
    # The end of what they print, which was waited for, is the end of all of them.
    assert killed.returncode == -signal.SIGKILL
    pids = killed.stdout.split()
    assert len(pids) == 3, "two processes were at work for it"
    named = [path.name for path in SHARED.iterdir()] if SHARED.is_dir() else []
    assert not [name for name in named for pid in pids if pid.decode() in name.split("-")]
    assert not [name for name in named for pid in pids if f"_{pid.decode()}_" in name]
    for data in (tmp_path / "data", tmp_path / "clean"):
        train_and_publish([str(posts)], TrainingSettings(data=data, jobs=1), Lines())
    left, clean = (
        {path.name for path in (tmp_path / name).iterdir()} for name in ("data", "clean")
    )
    assert left == clean
    assert not list((tmp_path / "data").rglob(".writing-*"))
    assert list(temporary.iterdir()) == []
