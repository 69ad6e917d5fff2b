"""``related-posts keys`` as an operator runs it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from related_posts.cli import cli, main
from related_posts.keys import Keys


def run(*words: object) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(cli, ["keys", *map(str, words)])


def test_create_list_revoke(tmp_path: Path) -> None:
    """The key alone goes to stdout; the list shows all of it but the secret."""
    made = run("create", "--data", tmp_path, "--scope", "write,read", "--name", "the CMS",
               "--expires", "2999-01-31")  # fmt: skip
    assert made.exit_code == 0, made.output
    key = Keys(tmp_path).find(made.stdout.strip())
    assert key is not None
    assert (key.scopes, key.name) == (("read", "write"), "the CMS")
    listed = run("list", "--data", tmp_path)
    for text in (key.id, "read, write", "2999-01-31", "the CMS"):
        assert text in listed.stdout
    assert made.stdout.strip().split("_", 2)[2] not in listed.output
    assert f"key {key.id} (the CMS) is revoked" in run("revoke", key.id, "--data", tmp_path).stdout
    assert "There is no key" in run("list", "--data", tmp_path).stderr


def test_the_list_is_not_cut(tmp_path: Path) -> None:
    """Where there is little room, or no terminal, a key has one line with all of its id."""
    name = "the content management system of the blog about bread and bicycles in two languages"
    token = run("create", "--data", tmp_path, "--name", name).stdout.strip()
    key = Keys(tmp_path).find(token)
    assert key is not None
    words = ["keys", "list", "--data", str(tmp_path)]
    listed = CliRunner().invoke(cli, words, env={"COLUMNS": "20"}).stdout.splitlines()
    assert len(listed) == 2
    assert listed[1].startswith(key.id)
    assert listed[1].rstrip().endswith(name)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("create", "--scope", "root"), "none of read, write, admin"),
        (("create", "--scope", ""), "none of read, write, admin"),
        (("create", "--expires", "soon"), "it must be a date"),
        (("create", "--expires", "2001-01-01"), "never work"),
        (("create", "--name", "x" * 101), "at most 100"),
        (("revoke", "deadbeef"), "no key 'deadbeef'"),
        (("revoke",), "Missing argument"),
    ],
)
def test_mistakes(tmp_path: Path, words: tuple[str, ...], message: str) -> None:
    """A mistake is one sentence and exit status 1 or 2, and makes no key."""
    done = run(*words, "--data", tmp_path)
    assert done.exit_code == (1 if "deadbeef" in words else 2)
    assert message in done.output
    assert Keys(tmp_path).all() == ()


def test_a_folder_that_is_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A mistyped data folder is not created."""
    with pytest.raises(SystemExit) as stop:
        main(["keys", "create", "--data", str(tmp_path / "nowhere")])
    assert stop.value.code == 1
    assert "there is no such folder" in capsys.readouterr().err
    assert not (tmp_path / "nowhere").exists()
