"""What the commands of both sides share: the console and the folder's option."""

from __future__ import annotations

import io
import os
import tempfile
from pathlib import Path

import pytest
from rich.text import Text

from related_posts.data_folder import existing_folder
from related_posts.errors import DataFolderError
from related_posts.terminal import console, is_plain, plain_table


def printed(monkeypatch: pytest.MonkeyPatch, **environment: str) -> str:
    """What a table with a bold heading looks like on a terminal."""
    for name in ("NO_COLOR", "TERM", "FORCE_COLOR", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"TERM": "xterm", "FORCE_COLOR": "1", **environment}.items():
        monkeypatch.setenv(name, value)
    table = plain_table("name")
    table.add_row(Text("Crème [brûlée]", "bold red"))
    file = io.StringIO()
    console(file=file, force_terminal=True, width=40).print(table)
    return file.getvalue()


def test_a_terminal_gets_weights_and_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing speaks against it; brackets in a title are no markup."""
    text = printed(monkeypatch)
    assert "\x1b[" in text
    assert "Crème [brûlée]" in text


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_an_environment_may_ask_for_nothing_but_text(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No escape of any kind then, not even for bold."""
    text = printed(monkeypatch, **environment)
    assert "\x1b" not in text
    assert text.split() == ["name", "Crème", "[brûlée]"]
    assert is_plain()


def test_a_reader_that_has_gone_is_told_to_the_command() -> None:
    """Rich's own console would end the program with a status of its own."""

    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        console(file=Gone()).print("x")


def test_a_folder_that_is_there_is_given_back(tmp_path: Path) -> None:
    """A link to one is one."""
    (tmp_path / "link").symlink_to(tmp_path)
    assert existing_folder(tmp_path) == tmp_path
    assert existing_folder(tmp_path / "link") == tmp_path / "link"


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("missing", "there is no such folder"),
        ("file", "it is a file, not a folder"),
        ("link", "no folder"),
    ],
)
def test_a_folder_that_is_none_is_named(kind: str, said: str, tmp_path: Path) -> None:
    """With what to do; a dead link is there, and is none."""
    place = tmp_path / "data"
    if kind == "file":
        place.write_text("")
    elif kind == "link":
        place.symlink_to(tmp_path / "nowhere")
    with pytest.raises(DataFolderError, match=said) as caught:
        existing_folder(place)
    assert caught.value.place == str(place)
    assert "--data" in str(caught.value)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    """Before anything else is said of what is in it."""
    tmp_path.chmod(0o000)
    try:
        with pytest.raises(DataFolderError, match="may not be read"):
            existing_folder(tmp_path)
    finally:
        tmp_path.chmod(0o755)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become another user")
def test_a_folder_is_looked_at_as_the_user_who_acts() -> None:
    """A process that gave up root's rights for a while may not read what root may."""
    with tempfile.TemporaryDirectory(prefix="related-posts-test-") as place:
        # Others may look into it, unlike pytest's own.
        Path(place).chmod(0o755)
        data = Path(place) / "data"
        data.mkdir(mode=0o700)
        assert existing_folder(data) == data
        os.seteuid(65534)
        try:
            with pytest.raises(DataFolderError, match="may not be read"):
                existing_folder(data)
        finally:
            os.seteuid(0)
