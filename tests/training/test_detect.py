"""Detection: a format is told by content, and what is not read is named in words."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from related_posts.errors import ConfigError, SourceError
from training.sources import FORMATS, detect, open_source
from training.sources.jsonl import JsonlSource

NOW = datetime(2025, 1, 1, tzinfo=UTC)

WXR = (
    b'<?xml version="1.0" encoding="UTF-8" ?>\n<!-- This is a WordPress export. -->\n'
    b'<rss version="2.0" xmlns:wp="http://wordpress.org/export/1.2/"><channel>'
)

BLOGGER = b"<feed xmlns='http://www.w3.org/2005/Atom'><id>tag:blogger.com,1999:blog-1.archive</id>"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b'{"id": 1, "url": "/"}\n{"id": 2, "url": "/2"}\n', "jsonl"),
        (b'\xef\xbb\xbf\r\n\r\n{"id": 1, "url": "/"}', "jsonl"),
        (b'{"id": 1, "url": \n{"id": 2, "url": "/2"}\n', "jsonl"),
        (b'{"id": 1, "url": "/", "html": "' + b"x" * 200_000 + b'"}\n', "jsonl"),
        (b'{"id": 1, "items": [], "db": []}\n', "jsonl"),
        (b'{"data": {"posts": 1}, "id": 1, "url": "/"}\n', "jsonl"),
        (b'[{"id": 1, "url": "/"}]', "jsonl"),
        (b'\n[\n  {\n  "id": 1, "url": "/"}]', "jsonl"),
        (b'{"db": [{"meta": {}, "data": {}}]}', "ghost"),
        (b'{"meta": {"version": "003"}, "data": {}}', "ghost"),
        (b"id,url,title\n1,/,x\n", "csv"),
        (b"Title;Permalink;Body\nx;/;x\n", "csv"),
        (BLOGGER + b"<content>&lt;rss wordpress.org/export/", "blogger"),
        (b'<?xml version="1.0"?><rss version="2.0"><channel>', "feed"),
        (b"<rss><channel><generator>https://wordpress.org/?v=6.1</generator>", "feed"),
        (b'<feed xmlns="http://www.w3.org/2005/Atom">', "feed"),
        (b'{"version": "https:\\/\\/jsonfeed.org\\/version\\/1", "items": []}', "feed"),
        (b'{\n "title": "B",\n "version": "https://jsonfeed.org/version/1.1"', "feed"),
        (b"<?xml version='1.0'?><?xml-stylesheet href='a'?>" + BLOGGER, "blogger"),
        (WXR + b"<![CDATA[" + BLOGGER, "wxr"),
        (WXR, "wxr"),
        (b"\n\n" + WXR, "wxr"),
        (b"\xef\xbb\xbf" + WXR, "wxr"),
        (b"<!--" + b" " * 20_000 + b"-->" + WXR, "wxr"),
        (WXR.replace(b"1.2", b"1.0"), "wxr"),
        (WXR.decode().encode("utf-16"), "wxr"),
        (WXR.decode().encode("utf-16-be"), "wxr"),
        (b"\xfe\xff" + ("\n" + BLOGGER.decode()).encode("utf-16-be"), "blogger"),
        (b'<rss version="2.0">'.decode().encode("utf-16-le"), "feed"),
        (WXR.replace(b"xmlns:wp", b"\x0bxmlns:wp"), "wxr"),
    ],
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize("name", ["export", "posts.csv", "feed.xml.gz"])
def test_a_file_is_told_by_its_content(
    tmp_path: Path, content: bytes, expected: str, pack: Callable[[bytes], bytes], name: str
) -> None:
    """Whatever a file is called, and packed or not, its content says what it is."""
    path = tmp_path / name
    path.write_bytes(pack(content))
    assert detect(str(path)) == expected


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.json", b"[1, 2]", "a JSON array, but not of objects"),
        ("a.json", b'{\n  "id": 1\n}\n', "one JSON document over several lines"),
        ("a.json", b'{"version": "2", "items": []}', "JSON with items"),
        ("a.json", b'{"posts": [{"id": 1}]}', "its posts in 'posts'; save that array"),
        ("a.csv", b"id,title\n1,x\n", "a table .CSV. whose header names no column url; see"),
        ("a.csv", b"titel,permalnk\nx,/x/\n", "is 'permalnk' meant to be permalink"),
        ("a.csv", b"url,x\n/1/,x\n", "needs a column title, html or id"),
        ("a.sql", b"INSERT INTO x", "a database dump"),
        ("a", b"-- MySQL dump 10.13\n", "a database dump"),
        ("a.md", b"# Hello\n", "name the folder"),
        ("a", b"---\ntitle: x\n---\n", "name the folder"),
        ("a.xml", b'<urlset xmlns="x">', "a sitemap"),
        ("a.xml", b"<!DOCTYPE html><html>", "a web page"),
        ("a.xml", b"<svg/>", "XML, but no WordPress export"),
        ("a.xml", b"<!-- WordPress.org/export/1.2/ <rss --><svg/>", "XML, but no WordPress"),
        ("a.zip", b"PK\x03\x04rest", "a zip archive; unpack it"),
        ("a.tar", b"x" * 257 + b"ustar\x00", "a tar archive; unpack it"),
        ("a.tgz", gzip.compress(b"x" * 257 + b"ustar\x00", mtime=0), "a tar archive; unpack it"),
        ("a.bz2", b"BZh91AY", "bzip2"),
        ("a.zst", b"\x28\xb5\x2f\xfdx", "zstd"),
        ("a.csv", "id,url,title".encode("utf-16"), "UTF-16"),
        ("a.xml", "<svg/>".encode("utf-16"), "XML, but no WordPress export"),
        ("a.bin", b"\x7fELF\x00\x01", "binary data"),
        ("a.txt", b"Dear diary", "starts with 'Dear diary'.*--format"),
        ("a", b"", "the file is empty"),
        ("a", b" \n\t", "the file is empty"),
        ("a", b"\xef\xbb\xbf", "the file is empty"),
        ("a.gz", b"\x1f\x8b\x08", "cut off"),
        ("a.gz", b"\x1f\x8bnonsense here", "damaged"),
    ],
)
def test_what_is_not_read_is_named(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    """A file of another kind is one sentence that says what it is and what to do."""
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(SourceError, match=f"(?s){said}") as caught:
        detect(str(path))
    assert caught.value.source == str(path)
    assert len(caught.value.reason) < 300


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("https://blog.example/feed", "only http, https and mysql"),
        ("ftp://x", "only http, https and mysql"),
        ("no/such/file", "there is no such file"),
        ("a\0b", "not a path"),
        ("", "name an export|no Markdown|no such file"),
        ("x" * 5000, "cannot be read|no such file"),
    ],
)
def test_places_that_are_no_file_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, said: str
) -> None:
    """A web address, a missing file or an impossible name is one sentence."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SourceError, match=said):
        detect(place)


def test_a_pipe_is_refused_without_waiting(tmp_path: Path) -> None:
    """A named pipe would be read once to look and be empty then."""
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(SourceError, match="not a regular file"):
        detect(str(tmp_path / "pipe"))


@pytest.mark.parametrize("text", ["a.md", "content/post/b.markdown", "_posts/2020-01-01-a.MD"])
def test_a_folder_with_a_text_is_markdown(tmp_path: Path, text: str) -> None:
    """One Markdown file anywhere in it makes a folder a blog."""
    (tmp_path / text).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / text).write_text("# Hello")
    assert detect(str(tmp_path)) == "markdown"


@pytest.mark.parametrize("text", [".git/a.md", "node_modules/x/README.md", "a.txt", "posts.jsonl"])
def test_a_folder_without_a_text_is_named_with_what_is_in_it(tmp_path: Path, text: str) -> None:
    """Hidden folders and those of programs do not count."""
    (tmp_path / text).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / text).write_text("# Hello")
    with pytest.raises(SourceError, match="no Markdown file in this folder"):
        detect(str(tmp_path))


def test_a_folder_that_links_to_itself_ends(tmp_path: Path) -> None:
    """Symbolic links are not followed."""
    (tmp_path / "again").symlink_to(tmp_path)
    with pytest.raises(SourceError, match="no Markdown file"):
        detect(str(tmp_path))


@given(st.binary(max_size=300))
@settings(deadline=None, max_examples=150)
def test_any_bytes_are_a_format_or_one_error(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    """Detection never raises anything but SourceError."""
    path = tmp_path_factory.getbasetemp() / "any"
    path.write_bytes(content)
    try:
        found = detect(str(path))
    except SourceError:
        found = "jsonl"
    assert found in FORMATS


def test_a_forced_format_is_not_questioned(tmp_path: Path) -> None:
    """--format overrides what the content looks like."""
    path = tmp_path / "a.txt"
    path.write_text("not json\n")
    assert isinstance(open_source(str(path), format="jsonl", now=NOW), JsonlSource)


def test_an_unknown_format_lists_those_there_are(tmp_path: Path) -> None:
    """A format that does not exist is a setting that is not allowed."""
    with pytest.raises(ConfigError, match="jsonl, wxr, markdown"):
        open_source(str(tmp_path), format="tumblr", now=NOW)


def test_shared_exports_are_detected(shared: Path) -> None:
    """Real exports are what they are."""
    found = {path.name: detect(str(path)) for path in (shared / "exports").glob("*.xml*")}
    assert set(found.values()) == {"wxr"}
    assert detect(str(next((shared / "relevance").glob("*.jsonl.gz")))) == "jsonl"
