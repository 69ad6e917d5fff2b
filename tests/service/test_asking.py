"""Commands that ask as requests do: ``related`` and ``export`` with the parameters of HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from related_posts.cli import main
from related_posts.posts import Post
from service.api.parameters import EXCLUDE_REFERRER, LIMIT, OFFSET, RELATED, SHAPE
from service.commands.asking import ASKING

QUESTIONS = [
    {},
    {"tag": ["red"]},
    {"tag": ["red", "blue"], "not_tag": ["green"]},
    {"category": ["news"]},
    {"not_category": ["news"], "diversity": "0.5"},
    {"author": ["Ada"]},
    {"language": ["en"]},
    {"published_after": "2020-01-01", "published_before": "2030-01-01T00:00:00+02:00"},
    {"recent": "90 years"},
    {"past_only": "true"},
    {"same_author": "true"},
    {"exclude_linked": "true"},
    {"exclude": ["p2", "p3", "nobody"]},
    {"min_score": "0.3"},
    {"tag": ["no such tag"], "fallback": "category,recent"},
    {"tag": ["red"], "explain": "true"},
]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], trained: Path) -> Any:
    """Run a command on the built version; exit status, stdout and stderr."""

    def go(*arguments: str, data: Path = trained) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as stop:
            main([*arguments, "--data", str(data)])
        out, err = capsys.readouterr()
        return int(stop.value.code or 0), out, err

    return go


def as_options(question: dict[str, Any]) -> list[str]:
    """A question as a command line."""
    words = []
    for name, value in question.items():
        flag = f"--{name.replace('_', '-')}"
        for each in [value] if isinstance(value, str) else value:
            words += [flag] if each == "true" else [flag, each]
    return words


def test_the_commands_know_what_requests_know() -> None:
    """Every parameter of a list has an option, but those about pages and the shape of JSON."""
    left = {each.name for each in RELATED} - {each.name for each in ASKING}
    pages = {each.name for each in (LIMIT, OFFSET, EXCLUDE_REFERRER, *SHAPE)}
    assert left == {*pages, "explain"}


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: "-".join(question) or "plain")
def test_related_is_the_answer_of_the_service(
    run: Any, reader: FlaskClient, question: dict[str, Any]
) -> None:
    """Asked in the terminal or over HTTP: the same bytes, for any parameter."""
    status, out, err = run("related", "p1", "--json", "--limit", "7", *as_options(question))
    assert (status, err) == (0, "")
    answer = reader.get("/v1/related", query_string={"id": "p1", "limit": 7, **question})
    assert out == answer.text + "\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--min-score", "2"], ["--min-score", "'2'", "a number from 0 to 1"]),
        (["--diversity", "-0.1"], ["--diversity", "a number from 0 to 1"]),
        (["--published-after", "yesterday"], ["--published-after", "2024-05-31"]),
        (["--recent", "soon"], ["--recent", "6 months"]),
        (["--fallback", "luck"], ["--fallback", "category, tag, author, search, recent"]),
        (["--tag", ""], ["--tag", "not empty"]),
        (["--tag", "x"] * 21, ["--tag", "at most 20 times"]),
        (["--no-such-filter"], ["--no-such-filter"]),
    ],
)
@pytest.mark.parametrize("command", [["related", "p1"], ["export", "--out", "-"]])
def test_mistakes_are_told(
    run: Any, command: list[str], arguments: list[str], words: list[str]
) -> None:
    """Exit status 2, nothing on stdout, the option and what it may be on stderr."""
    status, out, err = run(*command, *arguments)
    assert (status, out) == (2, "")
    for word in words:
        assert word in " ".join(err.split())


def test_a_filter_that_leaves_nothing(run: Any) -> None:
    """An empty list says that it is the filter's doing."""
    status, out, _ = run("related", "p1", "--tag", "no such tag")
    assert status == 0
    assert "passes what was asked for" in out


def test_a_fallback_in_the_terminal(run: Any) -> None:
    """Items that are no match say why they are there, also to whom asks for explanations."""
    asked = ("related", "p1", "--limit", "3", "--min-score", "0.99", "--fallback", "recent")
    _, lines, _ = run(*asked)
    assert [line.endswith("\trecent") for line in lines.splitlines()[1:]] == [True] * 3
    _, why, _ = run(*asked, "--explain")
    assert why.count("no match: it fills the list") == 3


def test_a_fallback_for_an_unknown_address(run: Any, reader: FlaskClient) -> None:
    """With a fallback an unknown address is no mistake; it is what the service answers."""
    address = "https://blog.example/gone/"
    status, out, _ = run("related", address, "--fallback", "recent", "--json")
    answer = reader.get("/v1/related", query_string={"url": address, "fallback": "recent"})
    assert (status, out) == (0, answer.text + "\n")
    _, told, _ = run("related", address, "--fallback", "recent")
    assert "which is not there" in told.splitlines()[0]
    status, _, err = run("related", address)
    assert (status, "no post has the id or URL" in err) == (1, True)


@pytest.fixture
def linked(tmp_path: Path, train_posts: Callable[..., None]) -> Path:
    """A data folder with three alike posts, of which the first links to the second."""
    texts = {
        "one": '<p>Rye bread and sourdough. <a href="/two/">More</a>.</p>',
        "two": "<p>Rye bread and sourdough again.</p>",
        "three": "<p>Rye bread and sourdough, once more.</p>",
    }
    posts = [
        Post(id=name, url=f"/{name}/", title=f"Rye bread {name}", html=html, language="en")
        for name, html in texts.items()
    ]
    train_posts(tmp_path / "linked", posts)
    return tmp_path / "linked"


def test_what_is_linked_can_be_left_out(run: Any, linked: Path) -> None:
    """Of a post's list, and of all lists that are exported; what links to a post stays."""
    _, out, _ = run("related", "one", "--exclude-linked", "--json", data=linked)
    assert [item["id"] for item in json.loads(out)["items"]] == ["three"]
    _, lines, _ = run("export", "--out", "-", "--exclude-linked", data=linked)
    lists = {
        line["id"]: {item["id"] for item in line["related"]}
        for line in map(json.loads, lines.splitlines())
    }
    assert lists == {"one": {"three"}, "two": {"one", "three"}, "three": {"one", "two"}}


def test_an_exported_folder_holds_the_answers(
    run: Any, linked: Path, tmp_path: Path, make_app: Callable[..., Flask]
) -> None:
    """Each file is what the service answers to the same question."""
    out = tmp_path / "lists"
    question = {"exclude_linked": "true", "min_score": "0.01", "limit": "4"}
    assert run("export", "--out", str(out), *as_options(question), data=linked)[0] == 0
    client = make_app(linked).test_client()
    for id_, name in json.loads((out / "index.json").read_text())["ids"].items():
        answer = client.get("/v1/related", query_string={"id": id_, **question})
        assert (out / name).read_bytes() == answer.data
