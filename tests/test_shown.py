"""What the README and the documentation show of the demo blog is what it answers."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from related_posts.cli import cli
from service import create_app
from service.settings import ServiceSettings
from service.snapshot import EXTENSION

ROOT = Path(__file__).resolve().parent.parent
POST = "/2019/01/proving-dough-in-a-cold-kitchen/"
HOST = "http://127.0.0.1:8000"

#: Pages whose commands name the demo, and how many of them show an answer.
PAGES = {"http.md": 11, "drop-in.md": 6}
#: Members of an answer that each training or each request makes anew.
OF_THE_MOMENT = {"version", "created", "age_seconds"}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder, trained on the demo blog."""
    folder = tmp_path_factory.mktemp("demo") / "data"
    blog = str(ROOT / "examples" / "blog")
    done = CliRunner().invoke(cli, ["train", blog, "--data", str(folder), "--jobs", "1"])
    assert done.exit_code == 0, done.output
    return folder


@pytest.fixture(scope="module")
def shown() -> str:
    """The session at the top of the README."""
    found = re.search(
        r"^```console\n(.*?)^```", (ROOT / "README.md").read_text("utf-8"), re.M | re.S
    )
    assert found is not None
    return found[1]


def answered(data: Path, *options: str) -> str:
    """What ``related-posts related`` prints of the post, in a pipe."""
    done = CliRunner().invoke(cli, ["related", POST, "--limit", "3", "--data", str(data), *options])
    assert done.exit_code == 0, done.output
    return done.output


def test_the_readme_shows_the_list_that_the_command_prints(data: Path, shown: str) -> None:
    """Line for line, but for the tabs between the columns."""
    command = f"$ related-posts related {POST} --limit 3\n"
    lines = shown.partition(command)[2].splitlines()
    assert [" ".join(line.split()) for line in lines] == [
        " ".join(line.split()) for line in answered(data).splitlines()
    ]


def test_the_readme_shows_what_http_answers(data: Path, shown: str) -> None:
    """The first item of the answer, with its score."""
    first: dict[str, Any] = json.loads(answered(data, "--json"))["items"][0]
    item = f'{{"id":"{first["id"]}","title":"{first["title"]}",…,"score":{first["score"]}}}'
    assert item in shown


@pytest.fixture(scope="module")
def client(data: Path) -> Iterator[FlaskClient]:
    """A service that answers from the demo blog."""
    app = create_app(ServiceSettings(data=data, reload_seconds=3600))
    yield app.test_client()
    app.extensions[EXTENSION].stop()


def shown_in(page: str) -> list[tuple[str, str]]:
    """Each command of a page that asks the service, with the answer shown after it or below it."""
    text = (ROOT / "docs" / page).read_text("utf-8")
    found = []
    blocks = re.findall(r"^```console\n(.*?)^```\n(?:\n```json\n(.*?)^```)?", text, re.M | re.S)
    for session, below in blocks:
        for piece in re.split(r"^\$ ", session, flags=re.M)[1:]:
            command = next(
                piece[:end] for end in _line_ends(piece) if not piece[:end].count("'") % 2
            )
            answer = piece[len(command) :].strip() or below
            if command.startswith("curl ") and answer:
                found.append((command.strip(), answer))
    return found


def _line_ends(text: str) -> Iterator[int]:
    return (match.end() for match in re.finditer(r"\n", text))


def asked(client: FlaskClient, command: str) -> str:
    """What the service answers to a command; of several lines, the first."""
    words = shlex.split(command.partition(" | ")[0])
    address = next(word for word in words if word.startswith(HOST)).removeprefix(HOST)
    if "--json" in words:
        body = words[words.index("--json") + 1]
        response = client.post(address, data=body, content_type="application/json")
    elif "--data" in words:
        form = dict([words[words.index("--data") + 1].split("=")])
        response = client.post(address, data=form)
    else:
        response = client.get(address)
    return response.get_data(as_text=True).partition("\n")[0]


def is_part(shown: Any, given: Any) -> bool:
    """Whether an answer has all that is shown of it; of lists, the beginning may do."""
    if isinstance(shown, dict) and isinstance(given, dict):
        return all(
            name in given and (name in OF_THE_MOMENT or is_part(value, given[name]))
            for name, value in shown.items()
        )
    if isinstance(shown, list) and isinstance(given, list):
        # An empty list is shown only where it is empty.
        enough = len(shown) <= len(given) if shown else not given
        return enough and all(map(is_part, shown, given))
    return bool(shown == given)


def fits(shown: str, given: str) -> bool:
    """Whether an answer is as shown; ``…`` stands for anything, and lines may be broken."""
    if "…" not in shown:
        return is_part(json.loads(shown), json.loads(given))
    pieces = re.sub(r"\n\s*", "", shown).split("…")
    pattern = ".*".join(map(re.escape, pieces))
    # The comma before what is left out goes where nothing is.
    return re.fullmatch(pattern.replace(",.*", "(?:,.*)?"), given) is not None


@pytest.mark.parametrize("page", PAGES)
def test_the_answers_that_a_page_shows_are_those_of_the_demo(
    client: FlaskClient, page: str
) -> None:
    """Each command whose answer is shown is asked: its ids, titles and scores are as shown."""
    shown = shown_in(page)
    assert len(shown) == PAGES[page]
    for command, answer in shown:
        given = asked(client, command)
        assert fits(answer, given), f"{page}: {command}\nanswers\n{given}\nand shows\n{answer}"


def test_an_answer_that_drifted_is_seen() -> None:
    """A score, an order, a member or a length that differs does not fit."""
    given = '{"version":"a","items":[{"id":"x","score":0.5},{"id":"y","score":0.25}]}'
    assert fits('{"version": "b", "items": [{"id": "x", "score": 0.50}]}', given)
    assert fits('{"version":"a",…,{"id":"y",…}]}', given)
    for wrong in ('{"items":[{"score":0.4}]}', '{"items":[{"id":"y"}]}', '{"items":[]}',
                  '{"item":[]}', '{…,"score":0.4},…}'):  # fmt: skip
        assert not fits(wrong, given)
