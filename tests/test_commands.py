"""Every command there is, with data folders that are none: a sentence, never a traceback."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from fcntl import LOCK_EX, flock
from pathlib import Path

import click
import pytest

from related_posts.archive import Archive
from related_posts.cli import COMMANDS, INTERRUPTED, PROBLEM, USAGE, cli, main
from related_posts.posts import Post
from service.settings import ServiceSettings
from training.lock import LOCK
from training.settings import TrainingSettings

#: What each command needs beside a data folder; one that needs nothing is not listed.
ARGUMENTS = {
    "publish": ["latest"],
    "prune": ["--keep", "3"],
    "compare": ["latest"],
    "related": ["a"],
    "export": ["--out", "-"],
    "curate pin": ["a", "--everywhere"],
    "curate block": ["a", "--everywhere"],
    "curate mute": ["a"],
    "curate cornerstone": ["a"],
    "curate remove": ["000000000000"],
    "keys revoke": ["deadbeef"],
}
#: Commands that have no use for a data folder.
WITHOUT_DATA = {"openapi"}
#: What is fine though there is nothing to answer from, and why.
FINE = {
    ("worker", "missing"): "it makes the folder and waits for what is to come",
    ("worker", "empty"): "it waits for what is to come",
    ("serve", "empty"): "it answers 503 until there is a version",
    ("serve", "read-only"): "it answers 503 until there is a version",
    ("report", "empty"): "nothing was counted, and it says so",
    ("report", "read-only"): "nothing was counted, and it says so",
    ("prune", "empty"): "there is nothing to remove",
    ("curate pin", "empty"): "a rule may come before the first post",
    ("curate block", "empty"): "a rule may come before the first post",
    ("curate mute", "empty"): "a rule may come before the first post",
    ("curate cornerstone", "empty"): "a rule may come before the first post",
    ("curate list", "empty"): "there is no rule, and it says so",
    ("curate list", "read-only"): "there is no rule, and it says so",
    ("keys create", "empty"): "the service may be given its keys before its first version",
    ("keys list", "empty"): "there is no key, and it says so",
    ("keys list", "read-only"): "there is no key, and it says so",
}
FOLDERS = ("missing", "a file", "a dead link", "forbidden", "empty", "read-only")

#: Any other user than root, who may do everything.
NOBODY = 65534


def leaves() -> dict[str, click.Command]:
    """Every command, those of groups too, by the words that call it."""
    found: dict[str, click.Command] = {}
    for name in COMMANDS:
        command = cli.get_command(click.Context(cli), name)
        assert command is not None
        if isinstance(command, click.Group):
            found |= {f"{name} {word}": each for word, each in command.commands.items()}
        else:
            found[name] = command
    return found


LEAVES = leaves()


@contextmanager
def as_somebody() -> Iterator[None]:
    """Be a user for whom permissions count."""
    if os.geteuid() != 0:
        yield
        return
    os.setegid(NOBODY)
    os.seteuid(NOBODY)
    try:
        if not os.access(str(click.__file__), os.R_OK, effective_ids=True):
            pytest.skip("this user may not read our own files")
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may look into, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="related-posts-test-"))
    folder.chmod(0o755)
    yield folder
    for each in folder.iterdir():
        if each.is_dir() and not each.is_symlink():
            each.chmod(0o755)
    shutil.rmtree(folder)


def made(kind: str, place: Path) -> Path:
    """A data folder of a kind that is good for nothing, or nearly so."""
    data = place / "data"
    if kind == "a file":
        data.write_text("not a folder")
    elif kind == "a dead link":
        data.symlink_to(place / "nowhere")
    elif kind != "missing":
        data.mkdir()
        if os.geteuid() == 0:
            os.chown(data, NOBODY, NOBODY)
        data.chmod({"forbidden": 0o000, "read-only": 0o555}.get(kind, 0o755))
    return data


def status(*arguments: str) -> object:
    """The exit status of a run."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with pytest.raises(SystemExit) as stopped:
            main(list(arguments))
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    return stopped.value.code


@pytest.mark.parametrize("kind", FOLDERS)
@pytest.mark.parametrize("name", [name for name in LEAVES if name not in WITHOUT_DATA])
def test_a_bad_data_folder_is_one_sentence(
    name: str, kind: str, open_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It ends with an error that names the folder and says what to do, and makes nothing."""
    data = made(kind, open_folder)
    if (name, kind) in FINE:
        pytest.skip(f"{name} with a data folder that is {kind}: {FINE[name, kind]}")
    with as_somebody():
        found = status(*name.split(), *ARGUMENTS.get(name, []), "--data", str(data))
    printed = capsys.readouterr()
    assert found in (PROBLEM, USAGE)
    assert printed.out == ""
    assert "Traceback" not in printed.err
    assert str(data) in printed.err
    advice = ("--data", "related-posts ", "this user", "another data folder", "check ")
    assert any(word in printed.err for word in advice)
    left = sorted(path.name for path in open_folder.iterdir())
    assert left == ([] if kind == "missing" else ["data"])
    if kind == "a file":
        assert data.read_text() == "not a folder"


def test_an_archive_is_read_in_a_folder_that_may_not_be_written(
    open_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By commands that write nothing, as from a volume mounted for reading; others say so."""
    data = open_folder / "data"
    with Archive(data) as archive:
        posts = [Post(id=str(n), url=f"https://blog.example/{n}/") for n in range(20)]
        archive.update("jsonl", posts, complete=True, now=datetime.now(UTC))
    for each in (*data.iterdir(), data):
        each.chmod(0o555 if each is data else 0o444)
    before = sorted(path.name for path in data.iterdir())
    for command, shown in (
        (["sources"], "jsonl"),
        (["curate", "list"], "no rule"),
    ):
        with as_somebody():
            found = status(*command, "--data", str(data))
        printed = capsys.readouterr()
        assert (command, found, printed.err) == (command, 0, printed.err)
        assert shown in printed.out + printed.err
    with as_somebody():
        assert status("sources", "--forget", "jsonl", "--data", str(data)) == PROBLEM
    assert "Traceback" not in capsys.readouterr().err
    assert sorted(path.name for path in data.iterdir()) == before


def test_exceptions_are_of_commands_that_exist() -> None:
    """No exception, and no argument, is left over from a command that has gone."""
    assert set(ARGUMENTS) <= set(LEAVES)
    assert {name for name, _ in FINE} <= set(LEAVES)
    assert {kind for _, kind in FINE} <= set(FOLDERS)
    assert set(LEAVES) >= WITHOUT_DATA


@pytest.mark.parametrize("name", LEAVES)
def test_a_command_takes_the_data_folder_or_has_no_use_for_it(name: str) -> None:
    """Named --data everywhere, and described in the same words."""
    options = [p for p in LEAVES[name].params if isinstance(p, click.Option) and p.name == "data"]
    if name in WITHOUT_DATA:
        assert options == []
        return
    assert [(each.opts, each.help) for each in options] == [
        (["--data"], "Data folder.  [default: ./data]")
    ]


@pytest.mark.parametrize("name", LEAVES)
def test_an_empty_name_of_a_folder_is_refused(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """An unset variable of a script must not make it the folder one is in."""
    if name in WITHOUT_DATA:
        pytest.skip("it has no use for a data folder")
    assert status(*name.split(), *ARGUMENTS.get(name, []), "--data", "") == USAGE
    assert "it is empty; name a folder" in capsys.readouterr().err


@pytest.mark.parametrize("name", [*COMMANDS, *LEAVES])
def test_help_shows_an_example_that_could_be_run(name: str) -> None:
    """It calls this very command, and click takes every word of it."""
    command = LEAVES.get(name) or cli.get_command(click.Context(cli), name)
    assert command is not None
    assert command.epilog is not None
    assert command.epilog.startswith(f"Example: related-posts {name}")
    words = command.epilog.removeprefix("Example: ").partition(" > ")[0].split()[1:]
    asked = cli
    for word in words:
        if not isinstance(asked, click.Group):
            break
        found = asked.get_command(click.Context(asked), word)
        assert found is not None
        asked, words = found, words[1:]
    asked.make_context(name, list(words))


@pytest.mark.parametrize("name", [*COMMANDS, *LEAVES])
def test_help_is_status_0_and_fits_80_columns(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On standard output, so that it can be read in a pager."""
    monkeypatch.setenv("COLUMNS", "80")
    assert status(*name.split(), "--help") == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    assert max(map(len, printed.out.splitlines())) <= 80


@pytest.mark.parametrize("name", LEAVES)
def test_an_unknown_option_is_status_2(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """It is named, on standard error."""
    assert status(*name.split(), "--frobnicate") == USAGE
    printed = capsys.readouterr()
    assert (printed.out, "--frobnicate" in printed.err) == ("", True)


def test_options_that_set_a_setting_have_its_name() -> None:
    """So that the error for a bad value names the option that was typed."""
    for name, settings in (("train", TrainingSettings), ("serve", ServiceSettings)):
        options = {each.name for each in LEAVES[name].params}
        assert options & set(settings.model_fields)
        for each in LEAVES[name].params:
            if each.name in settings.model_fields:
                assert "--" + each.name.replace("_", "-") in each.opts


COMMAND = [sys.executable, "-c", "from related_posts.cli import main; main()"]


#: As from a terminal: what a shell starts in the background it has ignore Ctrl-C, tests too.
FOREGROUND = [
    *COMMAND[:2],
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); " + COMMAND[2],
]


def test_an_interrupted_training_ends_quietly(tmp_path: Path) -> None:
    """Ctrl-C is a word and status 130, as of any program; here while it waits for another."""
    with (tmp_path / LOCK).open("w") as lock:
        flock(lock, LOCK_EX)
        (tmp_path / "posts.jsonl").write_text("")
        with subprocess.Popen(
            [*FOREGROUND, "train", str(tmp_path / "posts.jsonl"), "--data", str(tmp_path)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as training:
            assert training.stderr is not None
            assert training.stderr.readline().startswith("waiting for another training")
            while training.poll() is None:
                # One that comes just before the wait begins is seen only with the next one.
                training.send_signal(signal.SIGINT)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    training.wait(5)
            out, errors = training.communicate()
    assert (training.returncode, out) == (INTERRUPTED, "")
    assert errors.split() == ["stopped"]


@pytest.mark.parametrize("redirect", [">&-", "2>&-", ">&- 2>&-"])
def test_a_closed_stream_is_no_error(redirect: str) -> None:
    """As cron and some init systems start programs."""
    script = f'"$0" -c "$1" openapi {redirect}'
    done = subprocess.run(
        ["/bin/sh", "-c", script, sys.executable, COMMAND[2]], capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
def test_a_full_disk_is_one_sentence() -> None:
    """What could not be written is a problem, however little it was."""
    script = '"$0" -c "$1" openapi > /dev/full'
    done = subprocess.run(
        ["/bin/sh", "-c", script, sys.executable, COMMAND[2]],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == PROBLEM
    assert done.stderr == "Error: the output: No space left on device\n"
