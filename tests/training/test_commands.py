"""``train`` and ``versions`` as a user runs them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from training.sources import KNOWN_FORMATS

COMMAND = [sys.executable, "-c", "from related_posts.cli import main; main()"]


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """Three posts and a broken line."""
    path = tmp_path / "posts.jsonl"
    texts = {"a": "bread and flour", "b": "bread and butter", "c": "flour and butter"}
    posts = [{"id": id, "url": f"/{id}/", "title": text} for id, text in texts.items()]
    path.write_text("\n".join([*map(json.dumps, posts), "{broken"]), encoding="utf-8")
    return path


def run(tmp_path: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run the command in an empty folder of its own."""
    words = [*COMMAND, *map(str, arguments)]
    return subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=120)


def test_a_log_has_plain_lines_and_a_summary(tmp_path: Path, export: Path) -> None:
    """Away from a terminal there is no bar; the summary says what came of it."""
    done = run(tmp_path, "train", export, "--jobs", 1)
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stderr + done.stdout
    assert "posts.jsonl line 4" in done.stderr
    lines = [line.split(maxsplit=1) for line in done.stdout.splitlines()]
    assert [words[0] for words in lines] == ["read", "archive", "index", "seconds", "version"]
    assert lines[0][1] == "3 posts, 0 skipped, 1 broken"
    assert lines[1][1].startswith("3 posts: 3 added")
    assert lines[4][1].endswith("in data, live")


def test_strict_refuses_a_broken_post(tmp_path: Path, export: Path) -> None:
    """With --strict the first broken post ends it, and nothing is published."""
    done = run(tmp_path, "train", export, "--strict", "--jobs", 1)
    assert done.returncode == 1
    assert "posts.jsonl line 4" in done.stderr
    assert not (tmp_path / "data" / "current").exists()


@pytest.mark.parametrize("arguments", [["--strict"], []])
def test_a_first_read_that_is_refused_makes_no_archive(
    tmp_path: Path, arguments: list[str]
) -> None:
    """What is said to have changed nothing leaves nothing that looks like an archive."""
    export = tmp_path / "posts.jsonl"
    lines = ['{"id": "b"}', '{"id": "a", "url": "/a/"}'][: 1 + len(arguments)]
    export.write_text("\n".join(lines))
    done = run(tmp_path, "train", export, "--jobs", 1, *arguments)
    assert done.returncode == 1
    assert "posts.jsonl line 1: url is missing" in done.stderr
    assert not list((tmp_path / "data").glob("archive*"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["train", "--format", "psychic", "posts.jsonl"], "jsonl, wxr, markdown"),
        (["train", "--set", "time_weight=warm", "posts.jsonl"], "a number from 0 to 100"),
        (["train", "--set", "warmth=1", "posts.jsonl"], "known are allow_private, auth"),
        (["train", "--set", "time_wieght=1", "posts.jsonl"], "did you mean time_weight?"),
        (["train", "--set", "time_weight", "posts.jsonl"], "NAME=VALUE"),
        (["train", "--set", "=1", "posts.jsonl"], "NAME=VALUE"),
        (["train", "--set", "time-weight=x", "posts.jsonl"], "--set time_weight='x': it must be"),
        (["train", "--set", "port=1", "posts.jsonl"], "only `related-posts serve` reads it"),
        (["worker", "--set", "port=1"], "RELATED_POSTS_PORT"),
        (["evaluate", "--set", "time_weight=101"], "--set time_weight='101': it must be"),
        (["train", "--set", "site=nowhere", "posts.jsonl"], "site"),
        (["train", "--url-template", "/{what}/", "posts.jsonl"], "{slug}"),
        (["train", "--generator", "grav", "posts.jsonl"], "pelican"),
        (["train", "--jobs", "many", "posts.jsonl"], "jobs"),
        (["train", "--site", "blog.example", "posts.jsonl"], "https://blog.example"),
        (["train", ""], "SOURCE: it is empty"),
        (["train", "--jobs", "0", "posts.jsonl"], "from 1 to 512"),
    ],
)
def test_a_wrong_setting_is_one_sentence(
    tmp_path: Path, export: Path, arguments: list[str], said: str
) -> None:
    """It ends with status 2 and a sentence that helps, never a traceback."""
    done = run(tmp_path, *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["train", "nowhere.xml"], "nowhere.xml"),
        (["train"], "data: there is no such folder"),
        (["train", "ftp://blog.example/a.xml"], "http, https and mysql"),
        (["versions"], "related-posts train"),
        (["versions", "--data", "posts.jsonl"], "posts.jsonl: it is a file, not a folder"),
    ],
)
def test_a_problem_is_one_sentence(
    tmp_path: Path, export: Path, arguments: list[str], said: str
) -> None:
    """What cannot be done ends with status 1 and a sentence that helps, never a traceback."""
    done = run(tmp_path, *arguments)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_training_that_changes_nothing_says_so(tmp_path: Path, export: Path) -> None:
    """Neither in the log nor in the summary it looks like a build."""
    run(tmp_path, "train", export, "--jobs", 1)
    done = run(tmp_path, "train", export, "--jobs", 1)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["read", "archive", "version"]
    assert lines[-1].endswith("in data, stays live: nothing changed")
    assert done.stderr.splitlines()[0] == "reading " + str(export)
    assert [line.split(":")[0] for line in done.stderr.splitlines()[1:]] == ["broken"]


def test_what_the_gate_holds_back_is_status_3(tmp_path: Path) -> None:
    """Nothing went wrong, and yet readers do not see it: cron and systemd should tell."""
    blog = Path(__file__).resolve().parents[2] / "examples" / "blog"
    assert run(tmp_path, "train", blog, "--jobs", 1).returncode == 0
    held = run(tmp_path, "train", "--jobs", 1, "--set", "min_score=0.99")
    assert held.returncode == 3, held.stdout + held.stderr
    assert "kept and not live" in held.stdout
    again = run(tmp_path, "train", "--jobs", 1, "--set", "min_score=0.99")
    assert again.returncode == 3
    kept = run(tmp_path, "train", "--jobs", 1, "--set", "time_weight=1", "--no-publish")
    assert kept.returncode == 0


def test_one_post_is_one_post(tmp_path: Path) -> None:
    """In a summary of 80 columns, in any locale, with what the encoding cannot say replaced."""
    (tmp_path / "one.jsonl").write_text('{"id": "a", "url": "/a/", "title": "Crème"}')
    words = [*COMMAND, "train", "one.jsonl", "--jobs", "1"]
    environment = {"PATH": "/bin:/usr/bin", "LC_ALL": "C", "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(
        words, cwd=tmp_path, capture_output=True, timeout=120, env=environment, check=False
    )
    text = done.stdout.decode("ascii")
    assert done.returncode == 0, done.stderr
    assert "read     1 post, 0 skipped, 0 broken\n" in text
    assert "archive  1 post: 1 added" in text
    assert "1 posts" not in text
    assert max(map(len, text.splitlines())) <= 80
    words = [*COMMAND, "related", "a"]
    done = subprocess.run(
        words, cwd=tmp_path, capture_output=True, timeout=120, env=environment, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode("ascii").startswith("Related to Cr?me (/a/)")


def test_versions_marks_the_live_one_and_the_damaged(tmp_path: Path, export: Path) -> None:
    """The list is oldest first, names the live version, and says what is damaged."""
    run(tmp_path, "train", export, "--jobs", 1)
    run(tmp_path, "train", export, "--jobs", 1, "--set", "time_weight=1")
    done = run(tmp_path, "versions", "--verify")
    assert done.returncode == 0, done.stderr
    header, first, second = done.stdout.splitlines()
    assert header.split() == ["version", "age", "posts", "terms", "size", "state"]
    assert "live" not in first
    assert second.rstrip().endswith("live, verified")
    assert re.search(r" [1-9]\d* kB  ", second), "a small version has a size too"
    items = tmp_path / "data" / "versions" / first.split()[0] / "items.npy"
    items.write_bytes(items.read_bytes()[:-1])
    assert "damaged" in run(tmp_path, "versions", "--verify").stdout


def test_addresses_of_this_machine_are_told_with_what_to_do(tmp_path: Path) -> None:
    """Without --site, with it, and no more once the former site is named."""
    at = "http://127.0.0.1:8090"
    post = {"id": "a", "url": f"{at}/a/", "title": "bread and flour"}
    (tmp_path / "p.jsonl").write_text(json.dumps(post), encoding="utf-8")
    train = ["train", "p.jsonl", "--jobs", 1]
    said = " ".join(run(tmp_path, *train).stdout.split())
    assert f"--site https://blog.example --set former_sites={at}" in said
    train += ["--site", "https://rye.example"]
    said = " ".join(run(tmp_path, *train).stdout.split())
    assert f"at {at}, not at https://rye.example" in said
    assert f"train with --set former_sites={at}" in said
    said = run(tmp_path, *train, "--set", f"former_sites={at}").stdout
    assert at not in said


def test_a_misspelt_member_is_told_once(tmp_path: Path) -> None:
    """With how many posts have it; one that resembles no field is the author's own."""
    posts = [{"id": id, "url": f"/{id}/", "titel": "rye", "mood": "x"} for id in "ab"]
    (tmp_path / "p.jsonl").write_text("\n".join(map(json.dumps, posts)), encoding="utf-8")
    said = run(tmp_path, "train", "p.jsonl", "--jobs", 1).stdout
    assert said.count("titel in 2 posts is no field; did you mean title?") == 1
    assert "mood" not in said


def test_a_full_training_that_gives_the_same_says_so(tmp_path: Path, export: Path) -> None:
    """It did something, though the live version stays."""
    run(tmp_path, "train", export, "--jobs", 1)
    said = run(tmp_path, "train", export, "--full", "--jobs", 1).stdout
    said = " ".join(said.split())
    assert "stays live: built in full: the same answers as the live version" in said


@pytest.mark.parametrize("place", ["blog.example", "127.0.0.1:8123", "localhost:80", "b.example/x"])
def test_an_address_without_its_scheme_is_recognised(tmp_path: Path, place: str) -> None:
    """It is no file; how to write it is said."""
    done = run(tmp_path, "train", place)
    assert done.returncode == 1
    assert f"for an address write https://{place}" in done.stderr


def test_a_data_folder_that_is_a_file_is_told(tmp_path: Path, export: Path) -> None:
    """It is what was named, and stays as it is."""
    done = run(tmp_path, "train", export, "--data", export)
    assert done.returncode == 1
    assert "it is a file, not a folder" in done.stderr


def test_an_unknown_format_is_answered_with_the_list_of_the_help(
    tmp_path: Path, export: Path
) -> None:
    """Whatever SOURCE is; a format of the web alone is told from one that there is not."""
    said = run(tmp_path, "train", export, "--format", "psychic").stderr
    assert ", ".join(KNOWN_FORMATS) in " ".join(said.split())
    assert "for a file or folder" in run(tmp_path, "train", export, "--format", "site").stderr


def test_a_file_that_is_missing_is_no_address(tmp_path: Path) -> None:
    """Names of exports have a dot, too."""
    assert "https://" not in run(tmp_path, "train", "posts.jsonl").stderr
