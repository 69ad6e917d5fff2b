"""The commands ``related`` and ``export``: what they print, write and refuse."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from rich.console import Console

from related_posts.cli import COMMANDS, cli, main
from related_posts.posts import Post
from related_posts.storage import Store
from service.api.query import PLAIN
from service.api.selection import Asked, Selection
from service.commands.related import _table


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], shared_folder: Path) -> Any:
    """Run a command on the sample version; exit status, stdout and stderr."""

    def go(*arguments: str, data: Path = shared_folder) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as stop:
            main([*arguments, "--data", str(data)])
        out, err = capsys.readouterr()
        return int(stop.value.code or 0), out, err

    return go


def test_every_command_has_help() -> None:
    """The service's commands and each of their options explain themselves."""
    import click

    for name in ("serve", "related", "export"):
        assert name in COMMANDS
        command = cli.get_command(click.Context(cli), name)  # type: ignore[attr-defined]
        assert command.help
        assert all(option.help for option in command.params if isinstance(option, click.Option))


def test_related_in_a_pipe(run: Any) -> None:
    """Without a terminal: a line a post with tabs, the score first."""
    status, out, err = run("related", "no-slash", "--limit", "3")
    lines = out.splitlines()
    assert (status, err) == (0, "")
    assert "https://blog.example/1/" in lines[0]
    assert [line.split("\t")[2] for line in lines[1:]] == [
        f"https://blog.example/{row}/" for row in (0, 2, 3)
    ]
    assert lines[1].startswith("0.250\t2024-01-01\t")


def test_related_in_a_terminal(shared_folder: Path) -> None:
    """The table fits 80 columns, with long titles and addresses folded."""
    with Store(shared_folder).open() as index:
        selection = Selection.of(index, None)
        items = selection.choose(Asked.of_row(selection.finder, 1, frozenset()), 20, PLAIN)
        screen = Console(file=io.StringIO(), width=80, force_terminal=True, color_system=None)
        screen.print(_table(index, items))
        shown = screen.file.getvalue()  # type: ignore[attr-defined]
        assert max(map(len, shown.splitlines())) <= 80
        for item in items:
            assert index.post(item.row)["url"] in shown


@pytest.mark.parametrize("key", ["/2/", "https://www.blog.example/2?utm_source=x", "a/related"])
def test_related_takes_ids_and_urls(run: Any, key: str) -> None:
    """The argument is an id, or else a URL however written."""
    status, out, _ = run("related", key)
    assert status == 0
    assert "https://blog.example/2/" in out.splitlines()[0]


def test_related_as_json_is_the_http_answer(run: Any, client: FlaskClient) -> None:
    """--json prints what the service would answer, byte for byte."""
    _, out, _ = run("related", "no-slash", "--json", "--limit", "7")
    assert out == client.get("/v1/related?id=no-slash&limit=7").text + "\n"


def test_related_explains(run: Any) -> None:
    """--explain names the shared terms with their shares, and both factors."""
    status, out, _ = run("related", "no-slash", "--limit", "1", "--explain")
    assert status == 0
    assert "Shared (100%)" in out
    assert "1 day apart" in out
    assert "title" in out


def test_related_of_a_lonely_post(run: Any, empty_folder: Path, publish: Any) -> None:
    """A post without related posts is told, not an error."""
    publish(empty_folder, posts=[Post(id="only", url="/only")])
    status, out, _ = run("related", "only", data=empty_folder)
    assert status == 0
    assert "No post" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["related", "no-slas"], ["no-slas", "did you mean no-slash?"]),
        (["related", "post/1"], ["did you mean /post/1/"]),
        (["related", "\udcff"], []),
        (["related", "x", "--limit", "51"], ["--limit"]),
        (["export", "--out", "x", "--limit", "0"], ["--limit"]),
        (["export", "--out", "/dev/null/x/y.jsonl"], ["/dev/null/x/y.jsonl"]),
        (["export", "--out", "/dev/null"], ["/dev/null"]),
    ],
)
def test_a_mistake_is_a_sentence(run: Any, arguments: list[str], words: list[str]) -> None:
    """A post that is not there is status 1, a wrong option 2; a near id is suggested."""
    status, out, err = run(*arguments)
    assert (status, out) == (1 if len(arguments) == 2 else 2, "")
    for word in words:
        assert word in err


@pytest.mark.parametrize("command", [["related", "x"], ["export", "--out", "-"]])
def test_without_a_version(run: Any, empty_folder: Path, command: list[str]) -> None:
    """Nothing published: exit status 1 and what to run."""
    status, out, err = run(*command, data=empty_folder)
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert "related-posts train" in err


def test_lines(run: Any, tmp_path: Path, shared_folder: Path) -> None:
    """A line a post, newest first, with ids, and scores as reads have them; stdout is the same."""
    out = tmp_path / "deep" / "lists.jsonl"
    status, said, _ = run("export", "--out", str(out))
    assert status == 0
    assert "60 posts" in said
    found = [json.loads(line) for line in out.read_text().splitlines()]
    with Store(shared_folder).open() as index:
        for row, line in enumerate(found):
            rows, _, scores = index.neighbours(row, 50)
            assert line == {
                "id": index.post(row)["id"],
                "related": [
                    {"id": index.post(other)["id"], "score": round(score, 4)}
                    for other, score in zip(rows, scores, strict=True)
                ],
            }
    assert [path.name for path in out.parent.iterdir()] == [out.name]


def test_lines_to_stdout(capfdbinary: pytest.CaptureFixture[bytes], shared_folder: Path) -> None:
    """A dash is stdout, with nothing but lines on it."""
    with pytest.raises(SystemExit):
        main(["export", "--out", "-", "--limit", "2", "--data", str(shared_folder)])
    found = [json.loads(line) for line in capfdbinary.readouterr().out.splitlines()]
    assert len(found) == 60
    assert all(len(line["related"]) == 2 for line in found)


def test_an_interrupted_export_keeps_the_file(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is replaced at the end, so that an interruption leaves the earlier one."""
    out = tmp_path / "lists.jsonl"
    out.write_text("earlier")

    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("service.export._write_all", interrupted)
    run("export", "--out", str(out))
    assert out.read_text() == "earlier"
    assert [path.name for path in tmp_path.iterdir()] == [out.name]


def test_a_folder(run: Any, tmp_path: Path, client: FlaskClient, posts: list[Post]) -> None:
    """A file a post with the HTTP answer, and an index from id and URL to file."""
    out = tmp_path / "lists"
    assert run("export", "--out", str(out), "--limit", "5")[0] == 0
    index = json.loads((out / "index.json").read_text())
    assert set(index["ids"]) == {post.id for post in posts}
    assert set(index["urls"]) == {post.url for post in posts}
    for post in posts:
        name = index["ids"][post.id]
        assert index["urls"][post.url] == name
        answer = client.get("/v1/related", query_string={"id": post.id})
        assert (out / name).read_bytes() == answer.data
    assert {path.name for path in out.iterdir()} == {*index["ids"].values(), "index.json"}


def test_a_folder_is_replaced(
    run: Any, tmp_path: Path, empty_folder: Path, publish: Any, posts: list[Post]
) -> None:
    """An export again: stale files go, foreign files stay, an interruption is no obstacle."""
    out = tmp_path / "lists"
    publish(empty_folder, posts=posts[:5])
    assert run("export", "--out", str(out), data=empty_folder)[0] == 0
    (out / "CNAME").write_text("foreign")
    (out / "0123456789abcdef.json").write_text("left by an interruption")
    publish(empty_folder, posts=posts[3:7])
    assert run("export", "--out", str(out), data=empty_folder)[0] == 0
    named = json.loads((out / "index.json").read_text())["ids"]
    assert set(named) == {post.id for post in posts[3:7]}
    assert {path.name for path in out.iterdir()} == {*named.values(), "index.json", "CNAME"}


@pytest.mark.parametrize("content", [None, "{}", "[]", "nonsense", '{"kind": "other"}'])
def test_a_foreign_folder_is_refused(run: Any, tmp_path: Path, content: str | None) -> None:
    """A folder with anything else in it is left exactly as it is."""
    (tmp_path / "precious.txt").write_text("mine")
    if content is not None:
        (tmp_path / "index.json").write_text(content)
    before = {path.name: path.read_text() for path in tmp_path.iterdir()}
    status, _, err = run("export", "--out", str(tmp_path))
    assert (status, err.count("\n")) == (2, 1)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == before
