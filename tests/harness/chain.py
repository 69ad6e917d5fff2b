"""Breaks off everything that changes a data folder, at every call, and looks what is left.

Run by ``tests/training/test_crash_safety.py`` with ``faults.so`` in front of the C library::

    LD_PRELOAD=faults.so python chain.py FOLDER

It reads one line of JSON for each trial from standard input, ``{"act": …, "fault": …}``, and
answers with one: the calls that a run without a fault makes, how many cases were tried of how
many, and what was found to be wrong. Each is tried on a copy of one prepared folder: faults by
a fork of this process, a cut of the power by a folder that holds what such a cut may leave.
"""

from __future__ import annotations

import io
import json
import logging
import os
import random
import re
import shutil
import signal
import sqlite3
import sys
import traceback
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from datetime import timedelta
from itertools import chain
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import faults
import power_cut
from acts import (
    ACTS,
    BESIDE,
    FOUND_DONE,
    LATER,
    TRAININGS,
    Act,
    RefusedError,
    asking,
    export,
    files,
    prepare,
    state,
    train,
)
from power_cut import Disk, Tree

from related_posts.archive.archive import ARCHIVE_FILE
from related_posts.curation.state import read_state
from related_posts.errors import RelatedPostsError
from related_posts.status import REREAD_FILE
from training.versions import Versions

Case = TypeVar("Case")
#: What attempts left, told by its checksum, and whether they said that they were done.
Known: TypeAlias = set[tuple[bytes, bool]]

#: How an attempt may end, beside being killed.
DONE, REFUSED, UNFORESEEN = 0, 3, 1
#: Cases tried of each act, spread evenly; for faults over one call of each kind that it makes.
MOST = {"kill": 8, "full": 3, "broken": 4, "cut": 6, "kill, cut": 6}
#: So many of a kill before a cut where every case is wanted: they are as many as calls squared.
MOST_AFTER_KILLS = 600
#: What may be in between, when an act is broken off.
BETWEEN = ("wish", "held", "folder")
#: Try every case instead.
EVERY = bool(os.environ.get("RELATED_POSTS_TEST_EVERY_FAULT"))


def attempt(data: Path, act: Act, at: int, fault: int, record: Path | None = None) -> int:
    """Do it in a process of its own, with a call that goes wrong; how that ended.

    Args:
        data: The folder.
        act: What to do.
        at: The call's number, or -1 for none.
        fault: How it goes wrong.
        record: Where to record the calls, if they are wanted.
    """
    child = os.fork()
    if child == 0:
        try:
            if record is None:
                faults.start(data, at, fault)
            else:
                faults.record(data, record, at, fault)
            if act(data) != FOUND_DONE:
                faults.answered()
            status = DONE
        except (RelatedPostsError, RefusedError) as problem:
            status = REFUSED
            if "Traceback" in str(problem):
                status = UNFORESEEN
        except Exception as problem:
            # A failure of SQLite's is for the caller of `counts` to note and to try again.
            known = type(problem).__module__ == "sqlite3"
            status = REFUSED if known else UNFORESEEN
            if not known:
                traceback.print_exc()
        finally:
            faults.stop()
            sys.stderr.flush()
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def served(data: Path) -> list[str]:
    """What is wrong with what a service that starts now answers; nothing where all is well."""
    wrong = []
    with asking(data) as client:
        answer, hidden = (client.get(f"/v1/related?id={id_}") for id_ in "bg")
    if answer.status_code != 200:
        wrong.append(f"b is answered with {answer.status_code}: {answer.text[:300]}")
    elif {"g", *read_state(data).withdrawn_ids} & {item["id"] for item in answer.json["items"]}:
        wrong.append("a withdrawn post is shown")
    if hidden.status_code != 404:
        wrong.append("a withdrawn post has a list")
    return wrong


def swept() -> Iterator[str]:
    """What the log says was taken away, from the moment it is asked to."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    logging.getLogger("related_posts.leftovers").addHandler(handler)
    yield ""
    logging.getLogger("related_posts.leftovers").removeHandler(handler)
    yield stream.getvalue()


def fault_trial(
    root: Path,
    act: Act,
    at: int,
    name: str,
    said: tuple[dict[str, Any], dict[str, Any]],
    known: Known,
) -> list[str]:
    """One attempt that is broken off, and the run after it; what was wrong.

    Args:
        root: Where the folders are.
        act: What is broken off.
        at: The number of the call.
        name: The fault.
        said: What the folder says before the act, and where that went well.
        known: Ends of attempts and what they left, whose aftermath is known; it grows.
    """
    before, clean = said
    data = Path(shutil.copytree(root / "prepared", root / f"case{at}"))
    shutil.copy(root / "prepared.key", data.with_suffix(".key"))
    ended = attempt(data, act, at, faults.FAULTS[name])
    wrong = []
    if ended != (-signal.SIGKILL if name == "kill" else DONE) and ended != REFUSED:
        wrong.append(f"ended with {ended}")
    left = power_cut.mark(power_cut.read(data)), ended == DONE
    if left in known:
        shutil.rmtree(data)
        return wrong
    known.add(left)
    return wrong + aftermath(data, act, before, clean, root / "clean", is_done=ended == DONE)


def aftermath(
    data: Path,
    act: Act,
    before: dict[str, Any],
    clean: dict[str, Any],
    example: Path,
    *,
    is_done: bool,
) -> list[str]:
    """What is wrong with a folder after something happened to it, and with the run after that.

    Args:
        data: The folder, which goes.
        act: What was broken off.
        before: What the folder said before it.
        clean: What it says where the act went well.
        example: A folder with all files that may be there.
        is_done: Whether it was said to be done.
    """
    wrong = []
    try:
        wrong += served(data)
        now = state(data)
        for part, value in now.items():
            if value not in (before[part], clean[part]) and part not in BETWEEN:
                wrong.append(f"{part} is {value}")
        for part, value in now.items() if is_done else ():
            if value != clean[part] and (part != "wish" or clean["wish"]):
                wrong.append(f"it was said to be done, and {part} is {value}")
        left = files(data) - files(example)
        log = swept()
        next(log)
        act(data)
        if act in TRAININGS:
            train(data, export(data, *"abcdefh"), at=LATER + timedelta(hours=1))
        Versions(data).publish(Versions(data).store.names()[-1])
        wrong += served(data)
        now = state(data)
        behind = act in TRAININGS and now["live"] != now["archive"]
        if now["rollback"] or behind or now["first"] != clean["first"]:
            wrong.append(f"not recovered: {now}")
        more = files(data) - files(example)
        if more:
            wrong.append(f"left: {', '.join(sorted(more))}")
        said = next(log)
        hidden = {each for each in left if each.startswith(".") and "archive" not in each}
        wrong += [f"{each} went without a word" for each in hidden if each not in said]
    except Exception as problem:
        wrong.append(f"{type(problem).__name__}: {problem}")
        traceback.print_exc()
    shutil.rmtree(data)
    return wrong


def kinds(calls: list[str]) -> list[int]:
    """The calls to try: one of each kind, by what they do to which file."""
    found: dict[str, list[int]] = {}
    for number, call in enumerate(calls):
        kind = re.sub(r"[^/ ]*\.npy$", "ARRAY", re.sub(r"[0-9a-z]*[0-9][0-9a-zTZ]{5,}", "#", call))
        found.setdefault(kind, []).append(number)
    return sorted(numbers[len(numbers) // 2] for numbers in found.values())


def spread(numbers: list[Case], most: int) -> list[Case]:
    """So many of them, evenly."""
    if len(numbers) <= most:
        return numbers
    return [numbers[place * len(numbers) // most] for place in range(most)]


def run(root: Path, name: str, fault: str) -> dict[str, Any]:
    """Break an act off in one way, at one call after another."""
    data = Path(shutil.copytree(root / "prepared", root / "clean", dirs_exist_ok=False))
    shutil.copy(root / "prepared.key", data.with_suffix(".key"))
    try:
        tries = {"cut": cut_off, "kill, cut": cut_after_kill}.get(fault, broken_off)
        return tries(root, data, name, fault)
    finally:
        shutil.rmtree(data)


def went_well(data: Path) -> dict[str, Any]:
    """What a folder says after an act, and the files that another may leave beside."""
    clean = state(data)
    (data / REREAD_FILE).touch()
    (data / f".{REREAD_FILE}.lock").touch()
    return clean


def broken_off(root: Path, data: Path, name: str, fault: str) -> dict[str, Any]:
    """Break an act off by a fault at its calls."""
    act = ACTS[name]
    before = state(data)
    faults.start(data, -1, 0)
    act(data)
    calls = faults.stop()
    clean = went_well(data)
    known: Known = set()
    tried = list(range(len(calls))) if EVERY else spread(kinds(calls), MOST[fault])
    failures = [
        f"{number} {calls[number]}: {each}"
        for number in tried
        for each in fault_trial(root, act, number, fault, (before, clean), known)
    ]
    return {
        "calls": calls,
        "tried": len(tried),
        "cases": len(calls),
        "differ": len(known),
        "failures": failures,
    }


def cut_off(root: Path, data: Path, name: str, fault: str) -> dict[str, Any]:
    """Break an act off by a cut of the power between its calls."""
    act, record = ACTS[name], root / "record"
    before = state(data)
    with beside(data) if name in BESIDE else nullcontext():
        disk, again = Disk(data), Disk(data)
        faults.record(data, record)
        act(data)
        faults.answered()
        calls = faults.stop()
        found = power_cut.read(data)
    failures = []
    clean = went_well(data)
    known: dict[tuple[bytes, bool], tuple[int, str]] = {}
    for number, is_done, _, states in cuts(disk, record, name=name):
        for kind, tree in states.items():
            known.setdefault((power_cut.mark(tree), is_done), (number, kind))
    if disk.now() != found:
        failures.append("the record is not of all that was written")
    cases = sorted(known.values())
    tried = set(cases if EVERY else spread(cases, MOST[fault]))
    # What was answered last has to be there, however little is.
    tried.add(next(case for (_, is_done), case in known.items() if is_done))
    for number, is_done, told, states in cuts(again, record, name=name):
        for kind, tree in states.items():
            if (number, kind) in tried:
                data = root / f"cut{number}"
                power_cut.write(tree, data)
                shutil.copy(root / "prepared.key", data.with_suffix(".key"))
                wrong = aftermath(data, act, before, clean, root / "clean", is_done=is_done)
                failures += [f"{kind} after {number} {told}: {each}" for each in wrong]
    return {"calls": calls, "tried": len(tried), "cases": len(cases), "failures": failures}


def cut_after_kill(root: Path, data: Path, name: str, fault: str) -> dict[str, Any]:
    """Kill an act at a call, do it again, and cut the power before that or during it.

    What the killed process wrote was seen by the next one, and may not be on the disk.
    """
    act, records = ACTS[name], [root / "killed", root / "again"]
    before = state(data)
    faults.start(data, -1, 0)
    act(data)
    calls = faults.stop()
    clean = went_well(data)
    short = EVERY and len(calls) ** 2 <= MOST_AFTER_KILLS
    numbers = list(range(len(calls))) if short else kinds(calls)
    numbers = numbers if EVERY else spread(numbers, MOST[fault] // 2)
    most = (MOST_AFTER_KILLS if EVERY else MOST[fault]) // len(numbers)
    failures, n_tried, n_cases = [], 0, 0
    seen: set[tuple[bytes, bool]] = set()
    for turn, at in enumerate(numbers):
        data = Path(shutil.copytree(root / "prepared", root / f"killed{at}"))
        shutil.copy(root / "prepared.key", data.with_suffix(".key"))
        disk, again = Disk(data), Disk(data)
        ended = attempt(data, act, at, faults.FAULTS["kill"], records[0])
        if ended != -signal.SIGKILL or attempt(data, act, -1, 0, records[1]) != DONE:
            failures.append(f"{at} {calls[at]}: ended with {ended}, or was not done after it")
        found = power_cut.read(data)
        known: dict[tuple[bytes, bool], tuple[int, str]] = {}
        for number, is_done, _, states in cuts(disk, *records, name=f"{name} {at}"):
            for kind, tree in states.items():
                known.setdefault((power_cut.mark(tree), is_done), (number, kind))
        if disk.now() != found:
            failures.append(f"{at} {calls[at]}: the record is not of all that was written")
        cases = sorted(case for mark, case in known.items() if mark not in seen)
        seen |= set(known)
        # Other moments after each kill, so that all of them have their turn.
        turned = cases[turn % 7 :] + cases[: turn % 7]
        last = [case for (_, is_done), case in known.items() if is_done][:1]
        tried = {*spread(turned, most), *last}
        n_tried += len(tried)
        n_cases += len({*cases, *last})
        shutil.rmtree(data)
        for number, is_done, told, states in cuts(again, *records, name=f"{name} {at}"):
            for kind, tree in states.items():
                if (number, kind) in tried:
                    power_cut.write(tree, data)
                    shutil.copy(root / "prepared.key", data.with_suffix(".key"))
                    wrong = aftermath(data, act, before, clean, root / "clean", is_done=is_done)
                    failures += [
                        f"{kind} after a kill at {at} {calls[at]} and {number} {told}: {each}"
                        for each in wrong
                    ]
    return {"calls": calls, "tried": n_tried, "cases": n_cases, "failures": failures}


@contextmanager
def beside(data: Path) -> Iterator[None]:
    """Another process that reads the archive, so that closing it brings nothing to the disk."""
    with closing(sqlite3.connect(data / ARCHIVE_FILE)) as archive:
        archive.execute("SELECT * FROM sqlite_master").fetchall()
        yield


def cuts(disk: Disk, *records: Path, name: str) -> Iterator[tuple[int, bool, str, dict[str, Tree]]]:
    """After each call: its number, whether the act was said to be done, its name, what is left."""
    is_done = False
    calls = chain.from_iterable(map(power_cut.recorded, records))
    for number, call in enumerate(calls, 1):
        if call.name == "mark":
            is_done = True
        else:
            disk.apply(call)
        states = disk.states(random.Random(f"{name} {number}"))
        yield number, is_done, f"{call.name} .{call.path}", states


def main() -> None:
    """Prepare the folder, then answer trials until there are no more."""
    root = Path(sys.argv[1])
    logging.getLogger("related_posts").propagate = False
    prepare(root / "prepared")
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps(run(root, asked["act"], asked["fault"])), file=answers, flush=True)


if __name__ == "__main__":
    main()
