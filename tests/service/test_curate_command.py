"""``related-posts curate`` as a blogger runs it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from related_posts.archive import Archive
from related_posts.cli import cli, main
from related_posts.curation.rules import Rule
from related_posts.curation.state import read_state


def run(data: Path, *words: object) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(cli, ["curate", *map(str, words), "--data", str(data)])


def rules(data: Path) -> list[dict[str, object]]:
    """The rules as services see them, without their ids."""
    found = [rule.to_json() for rule in read_state(data).rules]
    return [{name: rule[name] for name in rule if name != "id"} for rule in found]


def test_every_kind_of_rule(data_folder: Path) -> None:
    """Ids and addresses name posts; the archive and the services' file have the rules."""
    at = "https://blog.example/1/"
    made = [
        run(data_folder, "pin", "/post/9/", "--under", at, "--position", 2,
            "--until", "2999-01-31", "--note", "see the book"),
        run(data_folder, "pin", "/post/8/", "--everywhere"),
        run(data_folder, "block", "/post/7/", "--under", "no-slash"),
        run(data_folder, "block", at, "--everywhere"),
        run(data_folder, "mute", "related"),
        run(data_folder, "cornerstone", "/related"),
    ]  # fmt: skip
    assert [done.exit_code for done in made] == [0] * 6, [done.output for done in made]
    assert "/post/7/ is not shown under no-slash" in made[2].stdout
    assert "no-slash is shown nowhere" in made[3].stdout
    rest = {"until": None, "note": ""}
    assert rules(data_folder) == [
        {"kind": "pin", "post": "/post/9/", "under": "no-slash", "position": 2,
         "until": "2999-01-31T00:00:00Z", "note": "see the book"},
        {"kind": "pin", "post": "/post/8/", "under": None, "position": 1, **rest},
        {"kind": "block", "post": "/post/7/", "under": "no-slash", **rest},
        {"kind": "block", "post": "no-slash", "under": None, **rest},
        {"kind": "mute", "post": "related", **rest},
        {"kind": "cornerstone", "post": "/related", **rest},
    ]  # fmt: skip
    with Archive(data_folder) as archive:
        assert archive.state().rules == read_state(data_folder).rules


def test_list_and_remove(data_folder: Path) -> None:
    """The list says what each rule does and which post is still to come; one id removes it."""
    over = datetime(2001, 1, 1, tzinfo=UTC)
    waiting = run(data_folder, "pin", "tomorrow", "--everywhere", "--note", "the launch")
    assert "has no post 'tomorrow'; the rule waits" in waiting.stderr
    with Archive(data_folder) as archive, archive.writing(over) as update:
        update.put_rule(Rule(kind="mute", post="related", until=over))
    shown = " ".join(run(data_folder, "list").stdout.split())
    for text in ("tomorrow stands at place 1", "the live version has no post tomorrow",
                 "the launch", "related shows no list", "(over)"):  # fmt: skip
        assert text in shown
    found = json.loads(run(data_folder, "list", "--json").stdout)
    assert [rule["post"] for rule in found] == ["tomorrow", "related"]
    removed = run(data_folder, "remove", found[0]["id"])
    assert "removed: tomorrow stands" in removed.stdout
    assert [rule["post"] for rule in rules(data_folder)] == ["related"]
    assert run(data_folder, "remove", found[1]["id"]).exit_code == 0
    assert "no rule" in run(data_folder, "list").stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("pin", "a"), "--under POST"),
        (("pin", "a", "--under", "b", "--everywhere"), "give only one"),
        (("pin", "a", "--everywhere", "--until", "2020-01-01"), "still to come"),
        (("pin", "a", "--under", "a"), "another post"),
        (("pin", "a", "--everywhere", "--position", "0"), "from 1 to 50"),
        (("pin", "a", "--everywhere", "--position", "x"), "not a valid integer"),
        (("block", "a", "--everywhere", "--until", "soon"), "a date such as"),
        (("mute", "x" * 2001), "2000 characters"),
        (("cornerstone", ""), "a post's id"),
        (("remove", "000000000000"), "nothing was changed"),
        (("remove",), "Missing argument"),
    ],
)
def test_mistakes(
    data_folder: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], message: str
) -> None:
    """A mistake is a sentence and exit status 1 or 2, and decides nothing."""
    with pytest.raises(SystemExit) as stop:
        main(["curate", *words, "--data", str(data_folder)])
    assert stop.value.code in {1, 2}
    assert message in " ".join(capsys.readouterr().err.split())
    assert rules(data_folder) == []


def test_a_folder_that_is_none_is_not_made(tmp_path: Path) -> None:
    """Neither by deciding nor by looking."""
    nowhere = tmp_path / "nowhere"
    assert run(nowhere, "mute", "a").exit_code == 1
    assert run(nowhere, "list").exit_code == 1
    assert not nowhere.exists()


def test_before_the_first_version(tmp_path: Path) -> None:
    """Rules may be there before anything was trained."""
    assert run(tmp_path, "pin", "a", "--under", "b").exit_code == 0
    assert [rule["post"] for rule in rules(tmp_path)] == ["a"]
