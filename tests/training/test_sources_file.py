"""``sources.toml``: what is taken and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from related_posts.errors import ConfigError
from related_posts.status import SOURCES_FILE
from training.settings import TrainingSettings
from training.worker.sources_file import read_sources_file


def test_no_file_lists_nothing(tmp_path: Path) -> None:
    """Neither a missing file, nor a missing folder, nor an empty file is an error."""
    assert read_sources_file(tmp_path) == ()
    assert read_sources_file(tmp_path / "none") == ()
    (tmp_path / SOURCES_FILE).write_text("")
    assert read_sources_file(tmp_path) == ()


def test_sources_are_read(tmp_path: Path) -> None:
    """Every name has its effect; a relative path begins at the data folder."""
    (tmp_path / SOURCES_FILE).write_text(
        """
        [[source]]
        url = "https://user:secret@blog.example"
        interval = "15m"
        incremental = false
        [[source]]
        path = "blog"
        format = "markdown"
        generator = "hugo"
        url_template = "/{slug}/"
        """
    )
    web, folder = read_sources_file(tmp_path)
    assert (web.place(tmp_path), web.interval, web.incremental) == (web.url, 900, False)
    assert web.shown == "https://blog.example"
    assert (folder.place(tmp_path), folder.interval) == (str(tmp_path / "blog"), 3600)
    chosen = folder.settings(TrainingSettings(data=tmp_path, jobs=3))
    assert (chosen.generator, chosen.url_template, chosen.jobs) == ("hugo", "/{slug}/", 3)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[[source", "could not be read as TOML"),
        ("sources = 1", "the file holds tables"),
        ("source = 1", "the file holds tables"),
        ("source = [1]", "source 1"),
        ("[[source]]", "give either url or path"),
        ('[[source]]\nurl = "https://a.example"\npath = "b"', "give either url or path"),
        ('[[source]]\nurl = "a.example"', "url of source 1"),
        ('[[source]]\npath = "b"\nintervall = "1h"', "no such name; known are url, path"),
        ('[[source]]\npath = "b"\nformat = "nonsense"', "known are"),
        ('[[source]]\npath = "b"\n[[source]]\npath = "b"', "listed twice"),
        *(
            (f'[[source]]\npath = "b"\ninterval = {value}', "at least 10s")
            for value in ('"9s"', '"0h"', "60", '"-1h"', '"1 week"', '""', '"١h"')
        ),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path: Path, content: str, said: str) -> None:
    """With the place and what is allowed."""
    (tmp_path / SOURCES_FILE).write_text(content, "utf-8")
    with pytest.raises(ConfigError, match=said) as caught:
        read_sources_file(tmp_path)
    assert SOURCES_FILE in str(caught.value)


def test_no_password_is_shown(tmp_path: Path) -> None:
    """An address that is refused may hold one."""
    (tmp_path / SOURCES_FILE).write_text('[[source]]\nurl = "https://u:secret@a b"')
    with pytest.raises(ConfigError) as caught:
        read_sources_file(tmp_path)
    assert "secret" not in str(caught.value)


def test_a_setting_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    """A generator nobody knows names the source."""
    (tmp_path / SOURCES_FILE).write_text('[[source]]\npath = "b"\ngenerator = "nonsense"')
    (source,) = read_sources_file(tmp_path)
    with pytest.raises(ConfigError, match=r"generator of b in sources\.toml"):
        source.settings(TrainingSettings(data=tmp_path))
