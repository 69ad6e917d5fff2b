"""``evaluate`` as an operator runs it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from related_posts.archive import Archive
from related_posts.cli import main
from related_posts.posts import Post
from related_posts.schema import post_to_bytes

Filled = Callable[..., Archive]


@dataclass(frozen=True)
class Done:
    """How a run ended and what it said."""

    returncode: object
    stdout: str
    stderr: str


@pytest.fixture
def run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Done]:
    """Runs ``evaluate`` in a folder of its own."""
    monkeypatch.chdir(tmp_path)

    def evaluate(*arguments: object) -> Done:
        with pytest.raises(SystemExit) as stopped:
            main(["evaluate", "--set", "jobs=1", *map(str, arguments)])
        return Done(stopped.value.code, *capsys.readouterr())

    return evaluate


def test_tables_show_every_system_beside_ours(run: Callable[..., Done], filled: Filled) -> None:
    """One run, one row a system, in each table; what was judged is said first."""
    filled()
    done = run()
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("12 posts, 9 of them judged by 6 links (the blog's own links")
    for system in ("related-posts", "random", "most recent", "same label, newest"):
        assert done.stdout.count(f"\n{system} ") == 3
    for column in ("nDCG@10", "95 %", "recall@5", "hit@5", "MRR", "directed", "coverage", "hub"):
        assert column in done.stdout
    assert "\x1b" not in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 100


def test_what_was_left_out_is_told(
    run: Callable[..., Done], filled: Filled, linked_posts: list[Post]
) -> None:
    """How much of the text, and the sentences, each with its number of posts."""
    footer = "<p>Baked by hand in our kitchen.</p>"
    filled([replace(post, html=post.html + footer) for post in linked_posts])
    told = run("--no-baselines").stdout.partition("boilerplate: ")[2].splitlines()
    assert told[0].endswith("% of the text; what takes most, with the number of posts")
    assert told[1:] == ["     12  Baked by hand in our kitchen."]


def test_json_is_all_of_standard_output(run: Callable[..., Done], filled: Filled) -> None:
    """A program can read it, whatever is said of the progress."""
    filled()
    report = json.loads(run("--json", "--no-baselines").stdout)
    assert [system["name"] for system in report["systems"]] == ["related-posts"]
    assert report["posts"] == 12
    assert report["judgements"]["kind"] == "own links, hidden"
    assert report["settings"]["time_weight"] == 2.0


def test_a_source_is_measured_without_a_data_folder(
    run: Callable[..., Done], tmp_path: Path, linked_posts: list[Post]
) -> None:
    """An export can be judged before anything is set up, and leaves nothing behind."""
    export = tmp_path / "posts.jsonl"
    export.write_bytes(b"\n".join(map(post_to_bytes, linked_posts)))
    links = tmp_path / "links.tsv"
    links.write_text("/rye/\t/starter/\n/rye/\t/gone/\n", "utf-8")
    done = run(export, "--judgements", links, "--json", "--set", "time_weight=0")
    report = json.loads(done.stdout)
    assert report["judgements"] == {
        "kind": "given",
        "given": 2,
        "used": 1,
        "known_to_the_build": 0,
        "seen_by_the_build": 1,
        "of_a_post_to_itself": 0,
        "unknown": 1,
        "unknown_names": ["/gone/"],
    }
    assert report["settings"]["time_weight"] == 0.0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["links.tsv", "posts.jsonl"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--judgements", "nowhere.tsv"], "nowhere.tsv cannot be read"),
        (["--judgements", "broken.tsv"], "broken.tsv line 2: not a link"),
        (["--without", "broken.tsv"], "broken.tsv line 2: not a link"),
        (["--known-share", "1"], "known-share"),
        (["--seed", "-1"], "seed"),
        (["--data", "nowhere"], "nowhere: there is no such folder"),
        (["--set", "warmth=1"], "known are"),
        (["nowhere.xml"], "nowhere.xml"),
    ],
)
def test_a_mistake_is_one_sentence(
    run: Callable[..., Done], tmp_path: Path, filled: Filled, arguments: list[str], said: str
) -> None:
    """Wrong input ends with status 1 or 2 and a sentence that helps, never a traceback."""
    filled()
    (tmp_path / "broken.tsv").write_text("/rye/\t/starter/\n/rye/ /starter/\n", "utf-8")
    done = run(*arguments)
    assert done.returncode == (2 if arguments[0] in {"--known-share", "--seed", "--set"} else 1)
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert not (tmp_path / "nowhere").exists()
