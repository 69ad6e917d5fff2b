"""Files of settings as people write them: what is wrong with one is a sentence with its place."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from related_posts.errors import ConfigError
from related_posts.toml_file import MAX_BYTES, read_toml

BROKEN = {
    "no value": (b"jobs =", "TOML"),
    "no name": (b"= 1", "TOML"),
    "open table": (b"[jobs", "TOML"),
    "given twice": (b"jobs = 1\njobs = 2\nsite = ''", "a name is given twice (at line 2"),
    "not UTF-8": (b"jobs = 1\nsite = '\xff\xfe'", "line 2 is not UTF-8"),
    "UTF-16": ("jobs = 1".encode("utf-16"), "line 1 is not UTF-8"),
    "YAML": (b"jobs: 3", "TOML"),
    "deep": (b"jobs = " + b"[" * 100_000, "TOML"),
    "NUL": (b"jobs = 1\x00", "TOML"),
    "huge": (b"#" * (MAX_BYTES + 1), f"larger than {MAX_BYTES:,} bytes"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_file_that_is_not_toml_is_refused(kind: str, tmp_path: Path) -> None:
    """The message names the file, what is wrong and where, and no traceback explains it."""
    content, said = BROKEN[kind]
    path = tmp_path / "file.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        read_toml(path)
    assert caught.value.name == str(path)
    assert said in str(caught.value)
    assert "could not be read" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    """A folder or a pipe is there and cannot be read: not the same as not there."""
    folder, pipe = tmp_path / "folder", tmp_path / "pipe"
    folder.mkdir()
    os.mkfifo(pipe)
    for path in (folder, pipe, Path(os.devnull)):
        with pytest.raises(ConfigError, match="could not be read: it is not a regular file"):
            read_toml(path)


def test_where_there_is_none_there_is_none(tmp_path: Path) -> None:
    """A missing file, a missing folder, and a file in the folder's place are one."""
    (tmp_path / "file").write_text("jobs = 1")
    for name in ("missing.toml", "missing/file.toml", "file/file.toml"):
        assert read_toml(tmp_path / name) is None


def test_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    """As Windows' own editor writes it."""
    path = tmp_path / "file.toml"
    path.write_bytes(b"\xef\xbb\xbfjobs = 1\r\n")
    found = read_toml(path)
    assert found is not None
    assert found.values == {"jobs": 1}
    assert found.place("jobs") == f"{path} line 1"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("jobs = 1", 1),
        ("# jobs = 1\n\n  jobs=1", 3),
        ('"jobs" = 1', 1),
        ("'jobs' = 1", 1),
        ("a = '''\njobs = 2\n'''\njobs = 1", 4),
        ("a = [\n1,\n]\n[jobs]\nb = 1", 4),
        ("[[jobs]]\nb = 1", 1),
        ("jobs.b = 1", 1),
        ("jobsite = 1\njobs = 1", 2),
    ],
)
def test_the_line_of_a_name_is_told(text: str, line: int, tmp_path: Path) -> None:
    """However it is written, and whatever only looks like it."""
    path = tmp_path / "file.toml"
    path.write_text(text)
    found = read_toml(path)
    assert found is not None
    assert found.place("jobs") == f"{path} line {line}"


def test_a_name_that_is_not_found_has_the_file_alone(tmp_path: Path) -> None:
    """No line is better than a wrong one."""
    path = tmp_path / "file.toml"
    path.write_text('"j\\u006fbs" = 1')
    found = read_toml(path)
    assert found is not None
    assert found.values == {"jobs": 1}
    assert found.place("jobs") == str(path)


@given(text=st.text())
def test_any_text_is_read_as_toml_says_or_refused(
    text: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """No other error than ours comes out, and no other value than the library's."""
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        found = read_toml(path)
    except ConfigError:
        return
    assert found is not None
    assert found.values == tomllib.loads(text.removeprefix("\ufeff"))
