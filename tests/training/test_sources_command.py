"""``sources``, ``--since`` and ``--accept-deletions`` as a user runs them."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from related_posts.archive import Archive
from related_posts.cli import cli

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command in an empty folder of its own, in this process."""
    monkeypatch.chdir(tmp_path)

    def run_(*words: object) -> Result:
        return CliRunner().invoke(cli, list(map(str, words)))

    return run_


def write(path: Path, *ids: object, blog: str = "") -> Path:
    """Posts as JSON Lines."""
    texts = [{"id": str(id), "url": f"{blog}/{id}/", "title": f"Bread {id} flour"} for id in ids]
    path.write_text("\n".join(map(json.dumps, texts)))
    return path


def write_wxr(path: Path, *ids: int, blog: str) -> Path:
    """Posts as a WordPress export."""
    items = "".join(
        f"<item><title>Rye bread</title><link>{blog}/{id}/</link><wp:post_id>{id}</wp:post_id>"
        "<wp:status>publish</wp:status><wp:post_type>post</wp:post_type></item>"
        for id in ids
    )
    path.write_text(
        '<rss version="2.0" xmlns:wp="http://wordpress.org/export/1.2/"><channel>'
        f"<wp:base_blog_url>{blog}</wp:base_blog_url>{items}</channel></rss>"
    )
    return path


def test_sources_are_listed_with_what_they_have(run: Run, tmp_path: Path) -> None:
    """Name, posts and the moment of the last read."""
    blog = "https://blog.example"
    run(
        *("train", "--jobs", 1, write(tmp_path / "a.jsonl", "x", "y")),
        write_wxr(tmp_path / "b.xml", 1, 2, 3, blog=blog),
    )
    done = run("sources")
    assert done.exit_code == 0, done.output
    header, first, second = (line.split() for line in done.output.splitlines())
    assert header == ["source", "posts", "last", "read"]
    assert first[:2] == ["jsonl", "2"]
    assert second[:2] == [f"wxr:{blog}", "3"]
    assert second[2].startswith("20")


def test_a_source_left_behind_is_said_and_can_be_forgotten(run: Run, tmp_path: Path) -> None:
    """After a move, the summary names what remains and the command that removes it."""
    run("train", "--jobs", 1, write_wxr(tmp_path / "b.xml", 1, 2, 3, blog="https://old.example"))
    new = write(tmp_path / "a.jsonl", 7, 8, blog="https://new.example")
    done = run("train", "--jobs", 1, new)
    assert (
        "3 posts are from wxr:https://old.example, not read now; "
        "`related-posts sources --forget wxr:https://old.example` removes them"
    ) in " ".join(done.output.split())
    done = run("sources", "--forget", "wxr:https://old.example")
    assert done.exit_code == 0, done.output
    assert done.output.startswith("3 posts of wxr:https://old.example are forgotten\n")
    assert "related-posts train" in done.output
    with Archive(tmp_path / "data") as archive:
        assert archive.sources() == {"jsonl": 2}
    assert "not read now" not in run("train", "--jobs", 1, new).output


@pytest.mark.parametrize(
    ("name", "said"),
    [("nobody", "no source is called nobody; there are jsonl"), ("jsonl", "is the only source")],
)
def test_what_cannot_be_forgotten_is_one_sentence(
    run: Run, tmp_path: Path, name: str, said: str
) -> None:
    """A name that is not there, or the last one; nothing is changed."""
    run("train", "--jobs", 1, write(tmp_path / "a.jsonl", 1, 2))
    done = run("sources", "--forget", name)
    assert said in str(done.exception)
    with Archive(tmp_path / "data") as archive:
        assert archive.count() == 2


def test_without_an_archive_there_are_no_sources(run: Run, tmp_path: Path) -> None:
    """Asking creates nothing."""
    done = run("sources")
    assert "data: there is no such folder" in str(done.exception)
    assert not (tmp_path / "data").exists()


def test_a_blog_that_lost_most_posts_needs_a_word(run: Run, tmp_path: Path) -> None:
    """The error names the flag, and the flag lets it pass."""
    run("train", "--jobs", 1, write(tmp_path / "a.jsonl", *range(20)))
    shrunk = write(tmp_path / "a.jsonl", *range(5))
    done = run("train", "--jobs", 1, shrunk)
    assert "only 5 posts are there, the archive holds 20 of jsonl" in str(done.exception)
    done = run("train", "--jobs", 1, "--accept-deletions", shrunk)
    assert done.exit_code == 0, done.output
    assert "15 deleted" in done.output


@pytest.mark.parametrize("when", ["auto", "2026-01-31", "2026-01-31T08:00:00Z"])
def test_since_takes_auto_or_a_moment(run: Run, tmp_path: Path, when: str) -> None:
    """An export is read as a whole in any case: there is nothing to be saved."""
    place = write(tmp_path / "a.jsonl", 1, 2)
    done = run("train", "--jobs", 1, place, "--since", when)
    assert done.exit_code == 0, done.output
    assert "2 posts" in done.output


def test_since_refuses_anything_else(run: Run, tmp_path: Path) -> None:
    """In one sentence, before anything is read."""
    done = run("train", write(tmp_path / "a.jsonl", 1), "--since", "yesterday")
    assert "it must be auto or a date such as" in str(done.exception)
    assert not (tmp_path / "data").exists()


def test_an_archive_file_is_trained_from(run: Run, tmp_path: Path) -> None:
    """From end to end, with nothing unpacked left in the data folder."""
    place = tmp_path / "a.zip"
    with zipfile.ZipFile(place, "w") as packed:
        packed.write(write(tmp_path / "a.jsonl", 1, 2), "a.jsonl")
    done = run("train", "--jobs", 1, place)
    assert done.exit_code == 0, done.output
    hidden = {path.name for path in (tmp_path / "data").iterdir() if path.name[0] == "."}
    assert hidden == {".training.lock", ".ledger.lock"}
    with Archive(tmp_path / "data") as archive:
        read = archive.reads()["jsonl"]
    assert read.posts == 2
    assert datetime.fromisoformat(read.started) <= datetime.now(UTC)
