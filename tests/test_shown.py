"""What the README shows of the demo blog is what the demo blog answers."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from related_posts.cli import cli

ROOT = Path(__file__).resolve().parent.parent
POST = "/2019/01/proving-dough-in-a-cold-kitchen/"


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
