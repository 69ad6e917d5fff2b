"""Folders, globs and archive files of exports: what is read, and what no archive can do."""

from __future__ import annotations

import gzip
import io
import os
import stat
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from related_posts.archive import Archive
from related_posts.errors import ArchiveError, EmptyArchiveError, SourceError
from training.read import ReadReport, read_sources
from training.sources.containers import containers, unpack
from training.sources.containers.containers import Containers

NOW = datetime(2025, 1, 1, tzinfo=UTC)

Files = dict[str, bytes]


def lines(*ids: str) -> bytes:
    """An export in JSON Lines; an id that is no number is a broken line."""
    rows = [orjson.dumps({"id": each, "url": f"/{each}/"}) if each else b"broken" for each in ids]
    return b"\n".join(rows) + b"\n"


def wxr(*ids: str, blog: str = "https://blog.example") -> bytes:
    """A WordPress export."""
    items = "".join(
        f"<item><title>{each}</title><link>{blog}/{each}/</link><wp:post_id>{each}</wp:post_id>"
        f"<wp:post_date_gmt>2024-01-01 00:00:00</wp:post_date_gmt><wp:status>publish</wp:status>"
        f"<wp:post_type>post</wp:post_type></item>"
        for each in ids
    )
    return (
        '<?xml version="1.0" encoding="UTF-8" ?><rss version="2.0" '
        'xmlns:wp="http://wordpress.org/export/1.2/"><channel><title>Blog</title>'
        f"<link>{blog}</link><wp:base_blog_url>{blog}</wp:base_blog_url>{items}</channel></rss>"
    ).encode()


TEXT = b"---\ntitle: A text\ndate: 2024-01-02\n---\nRye.\n"


def as_folder(path: Path, files: Files) -> Path:
    """Files in a folder."""
    for name, content in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)
    return path


def as_zip(path: Path, files: Files) -> Path:
    """Files in a zip archive."""
    path = path.with_suffix(".zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def as_tar(path: Path, files: Files, mode: str = "w:", suffix: str = ".tar") -> Path:
    """Files in a tar archive."""
    path = path.with_suffix(suffix)
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


def as_tgz(path: Path, files: Files) -> Path:
    """Files in a packed tar archive."""
    return as_tar(path, files, "w:gz", ".tgz")


KINDS = [as_folder, as_zip, as_tar, as_tgz]
PACKED = KINDS[1:]


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    """A new archive."""
    with Archive(tmp_path / "data") as opened:
        yield opened


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    """Where archive files are unpacked."""
    return tmp_path / "data"


@pytest.fixture
def run(archive: Archive, scratch: Path) -> Callable[..., ReadReport]:
    """Read places into the archive."""

    def run_(*places: Path | str, **more: Any) -> ReadReport:
        return read_sources(map(str, places), archive, now=NOW, scratch=scratch, **more)

    return run_


@pytest.fixture(autouse=True)
def nothing_is_left(scratch: Path) -> Iterator[None]:
    """Whatever happens, nothing unpacked stays."""
    yield
    assert list(scratch.glob(f"{containers.SCRATCH}*")) == []


def ids(archive: Archive) -> list[str]:
    """The ids in the archive, sorted."""
    return sorted(post.id for post in archive.posts())


# --- what is read ---


@pytest.mark.parametrize("kind", KINDS)
def test_an_export_split_over_files_is_read_as_one(
    archive: Archive, run: Callable[..., ReadReport], tmp_path: Path, kind: Any
) -> None:
    """The parts of a blog's export, one of them packed by itself, are one read of it."""
    files = {"b/001.xml": wxr("3"), "000.xml": wxr("1", "2"), "002.xml.gz": gzip.compress(wxr("4"))}
    (source,) = run(kind(tmp_path / "export", files)).sources
    assert (source.name, source.n_read) == ("wxr:https://blog.example", 4)
    assert ids(archive) == ["1", "2", "3", "4"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_container_may_hold_several_blogs(
    archive: Archive, run: Callable[..., ReadReport], tmp_path: Path, kind: Any
) -> None:
    """Each export is read by its own format, whatever lies beside it."""
    files = {
        "a.xml": wxr("1", blog="https://a.example"),
        "b.jsonl": lines("2"),
        "notes.txt": b"x",
        "README.md": b"# About these exports",
        ".hidden/c.xml": wxr("9"),
        "node_modules/d.xml": wxr("9"),
    }
    report = run(kind(tmp_path / "all", files))
    assert [one.name for one in report.sources] == ["wxr:https://a.example", "jsonl"]
    assert ids(archive) == ["1", "2"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_folder_with_texts_is_one_blog(
    archive: Archive, run: Callable[..., ReadReport], tmp_path: Path, kind: Any
) -> None:
    """Markdown wins: a site's own feed or data beside its texts is no export of it."""
    files = {"2024/a.md": TEXT, "b.md": TEXT, "feed.xml": wxr("1"), "data.json": b'{"id": 1}'}
    (source,) = run(kind(tmp_path / "blog", files)).sources
    assert (source.name, source.n_read) == ("markdown", 2)


@pytest.mark.parametrize("kind", PACKED)
def test_an_archive_of_a_folder_is_that_folder(
    archive: Archive, run: Callable[..., ReadReport], tmp_path: Path, kind: Any
) -> None:
    """Ids are the same, whether the folder itself or what is in it was packed."""
    texts = {"a.md": TEXT, "deep/b.md": TEXT}
    run(as_folder(tmp_path / "blog", texts))
    expected = ids(archive)
    wrapped = {f"blog-main/{name}": content for name, content in texts.items()}
    for number, files in enumerate((texts, wrapped)):
        report = run(kind(tmp_path / f"packed{number}", files))
        assert report.counts.unchanged == 2
        assert ids(archive) == expected


def test_a_folder_only_about_itself_is_a_blog_without_a_post(
    run: Callable[..., ReadReport], tmp_path: Path
) -> None:
    """A README makes a folder Markdown where there is nothing else, and is no post."""
    with pytest.raises(EmptyArchiveError, match="1 page"):
        run(as_folder(tmp_path / "blog", {"README.md": TEXT}))


def test_tables_and_unnamed_json_are_read_only_alone(
    run: Callable[..., ReadReport], tmp_path: Path
) -> None:
    """A downloaded account is full of settings in CSV and JSON; its export is the XML."""
    rest = {"settings.csv": b"id,url,title\n1,/1/,x\n", "profile.json": lines("8")}
    (source,) = run(as_zip(tmp_path / "a", {"feed.xml": wxr("1"), **rest})).sources
    assert source.name == "wxr:https://blog.example"
    assert source.skipped == {"no export": 2}
    (source,) = run(as_folder(tmp_path / "b", {"profile.json": lines("8")})).sources
    assert source.n_read == 1


SUBSTACK = {
    "posts.csv": b"post_id,post_date,is_published,email_sent_at,type,audience,title,subtitle\n"
    b"7.rye,2024-01-02T08:00:00.000Z,true,,newsletter,everyone,Rye,\n"
    b"8.oat,,false,,newsletter,everyone,Oat,\n",
    "posts/7.rye.html": b"<p>Rye.</p>",
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("wrapping", ["", "export-2024/"])
def test_an_export_that_is_a_folder_is_read_packed(
    archive: Archive, run: Callable[..., ReadReport], tmp_path: Path, kind: Any, wrapping: str
) -> None:
    """As it was downloaded, or packed again with a folder around it."""
    files = {f"{wrapping}{name}": content for name, content in SUBSTACK.items()}
    (source,) = run(kind(tmp_path / "export", files)).sources
    assert (source.name, source.n_read, source.skipped) == ("substack", 1, {"draft": 1})
    assert ids(archive) == ["7"]


def test_a_glob_names_files(
    archive: Archive, run: Callable[..., ReadReport], tmp_path: Path
) -> None:
    """A pattern that the shell did not see is looked up here; order is that of names."""
    as_folder(tmp_path / "in", {"b.jsonl": lines("1", "2"), "a.jsonl": lines("1"), "c.txt": b"x"})
    (source,) = run(tmp_path / "in" / "*.jsonl").sources
    assert source.problems[0].place == str(tmp_path / "in" / "b.jsonl")
    assert ids(archive) == ["1", "2"]
    with pytest.raises(SourceError, match="no file is called like that"):
        run(tmp_path / "in" / "*.xml")


def test_a_name_with_a_bracket_is_a_name(
    archive: Archive, run: Callable[..., ReadReport], tmp_path: Path
) -> None:
    """What exists is never taken for a pattern."""
    run(as_folder(tmp_path, {"a[1].jsonl": lines("1")}) / "a[1].jsonl")
    assert ids(archive) == ["1"]


def test_a_file_named_in_two_ways_is_read_once(
    run: Callable[..., ReadReport], tmp_path: Path
) -> None:
    """By itself, by its folder and by a pattern."""
    folder = as_folder(tmp_path / "in", {"a.jsonl": lines("1")})
    (source,) = run(folder, folder / "a.jsonl", folder / "*.jsonl").sources
    assert (source.n_read, source.n_problems) == (1, 0)


def test_archive_files_in_a_folder_are_opened(
    archive: Archive, run: Callable[..., ReadReport], tmp_path: Path
) -> None:
    """A folder of downloads; but not an archive within another."""
    inner = as_zip(tmp_path / "inner", {"x.jsonl": lines("1")}).read_bytes()
    folder = as_folder(tmp_path / "in", {"a.zip": inner, "b.jsonl": lines("2")})
    run(folder)
    assert ids(archive) == ["1", "2"]
    with pytest.raises(SourceError, match=r"in\.zip: .*a\.zip: a zip archive within another"):
        run(as_zip(tmp_path / "in", {"a.zip": inner}))


def test_an_archive_of_something_else_is_passed_over(
    run: Callable[..., ReadReport], tmp_path: Path
) -> None:
    """Pictures packed beside an export do not stop the read; alone they are named."""
    pictures = as_zip(tmp_path / "p", {"a.jpg": b"x", "b.txt": b"x"}).read_bytes()
    folder = as_folder(tmp_path / "in", {"a.zip": pictures, "posts.csv": b"id,url\n1,/1/\n"})
    (source,) = run(folder).sources
    assert (source.name, source.n_read, source.skipped) == ("csv", 1, {"no export": 1})
    (folder / "posts.csv").unlink()
    with pytest.raises(SourceError, match=r"in: neither .*; a\.zip: neither .* \(seen: .txt\)"):
        run(folder)


def test_a_forced_format_is_looked_for_in_archives_too(
    archive: Archive, run: Callable[..., ReadReport], tmp_path: Path
) -> None:
    """What lies in an archive file in the folder is chosen by the same rule."""
    inner = as_zip(tmp_path / "x", {"a.xml": wxr("1"), "b.jsonl": lines("2")}).read_bytes()
    run(as_folder(tmp_path / "in", {"a.zip": inner, "c.jsonl": lines("3")}), format="wxr")
    assert ids(archive) == ["1"]


def test_a_forced_format_is_looked_for(
    archive: Archive, run: Callable[..., ReadReport], tmp_path: Path
) -> None:
    """--format chooses among what a container holds."""
    files = {"a.md": TEXT, "export.xml": wxr("1"), "x.jsonl": lines("2")}
    for kind in (as_folder, as_zip):
        place = kind(tmp_path / "mixed", files)
        assert run(place, format="wxr").sources[0].name == "wxr:https://blog.example"
        assert run(place, format="markdown").sources[0].name == "markdown"
        with pytest.raises(SourceError, match="no blogger export in it"):
            run(place, format="blogger")


def test_a_real_folder_of_texts_is_read_packed(
    archive: Archive, run: Callable[..., ReadReport], shared: Path
) -> None:
    """A whole Hugo site in a tar file: every text is a post or has a reason not to be."""
    (source,) = run(shared / "exports" / "digitalgov-hugo.tar.gz").sources
    assert source.n_read + source.n_skipped == 2084
    assert source.n_read > 400
    assert source.skipped["expired"] > 1500
    assert source.n_problems == 0
    assert next(archive.posts()).url.startswith("/news/20")


# --- what is said ---


@pytest.mark.parametrize("kind", KINDS)
def test_a_place_names_container_and_member(
    run: Callable[..., ReadReport], tmp_path: Path, kind: Any
) -> None:
    """Problems are found by people, who know the file they named and not where it was put."""
    place = kind(tmp_path / "export", {"in/a.jsonl": lines("1", "", "2"), "b.jsonl": lines("3")})
    (source,) = run(place).sources
    # A folder may be all that an archive holds; here it is not.
    assert [one.place for one in source.problems] == [f"{place.name}/in/a.jsonl line 2"]


def test_a_text_in_an_archive_is_named(run: Callable[..., ReadReport], tmp_path: Path) -> None:
    """A blog of texts, too."""
    place = as_zip(
        tmp_path / "blog",
        {"_posts/2024-01-02-a.md": TEXT, "_posts/2024-01-02-b.md": b"---\na: [\n---\n"},
    )
    (problem,) = run(place).sources[0].problems
    assert problem.place.startswith("blog.zip/_posts/2024-01-02-b.md line")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("content", [b"", gzip.compress(wxr("2") * 50)[:-50]])
def test_a_part_that_cannot_be_read_stops_it_all(
    archive: Archive,
    run: Callable[..., ReadReport],
    tmp_path: Path,
    kind: Any,
    content: bytes,
) -> None:
    """Without it the blog would seem to have lost posts; the member is named."""
    place = kind(tmp_path / "export", {"000.xml": wxr("1"), "001.xml": content})
    with pytest.raises(SourceError, match=r"/001\.xml: ") as caught:
        run(place)
    assert caught.value.source == f"{place}/001.xml"
    assert containers.SCRATCH not in str(caught.value)
    assert archive.count() == 0


@pytest.mark.parametrize("kind", KINDS)
def test_a_container_without_an_export_says_what_is_in_it(
    run: Callable[..., ReadReport], tmp_path: Path, kind: Any
) -> None:
    """The suffixes seen, and what the first file that could have been one is."""
    place = kind(tmp_path / "stuff", {"a.txt": b"x", "map.xml": b"<urlset/>"})
    said = r"neither Markdown files nor an export in it \(seen: .txt, .xml\); map.xml: this is a "
    with pytest.raises(SourceError, match=said):
        run(place)


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_container_is_one_sentence(
    run: Callable[..., ReadReport], tmp_path: Path, kind: Any
) -> None:
    """Nothing in it is an error, and nothing is created."""
    (tmp_path / "none").mkdir()
    with pytest.raises(SourceError, match="seen: nothing"):
        run(kind(tmp_path / "none", {}))


def test_only_drafts_in_a_container_is_an_empty_read(
    run: Callable[..., ReadReport], tmp_path: Path
) -> None:
    """The error names the place as the user did."""
    place = as_zip(tmp_path / "a", {"x.jsonl": b'{"id": "1", "url": "/", "draft": true}\n'})
    with pytest.raises(EmptyArchiveError, match=r"a\.zip \(1 draft\)"):
        run(place)


# --- what no archive file can do ---

ESCAPES = [
    "../evil.jsonl",
    "a/../../evil.jsonl",
    "/tmp/evil.jsonl",
    "..\\evil.jsonl",
    "C:\\evil.jsonl",
    "a/..",
]


@pytest.mark.parametrize("kind", PACKED)
@pytest.mark.parametrize("name", ESCAPES)
def test_no_member_leads_out(
    run: Callable[..., ReadReport], tmp_path: Path, kind: Any, name: str
) -> None:
    """An archive with such a name is refused as a whole, before anything of it is read."""
    place = kind(tmp_path / "bad", {"ok.jsonl": lines("1"), name: lines("2")})
    before = {path for path in tmp_path.rglob("*") if "data" not in path.parts}
    with pytest.raises(SourceError, match="leads out of it; this archive is not safe"):
        run(place)
    after = {path for path in tmp_path.rglob("*") if "data" not in path.parts}
    assert after == before


def test_links_and_devices_are_not_made(
    archive: Archive, run: Callable[..., ReadReport], tmp_path: Path
) -> None:
    """A link in an archive would read, or write, what its maker wants."""
    (tmp_path / "secret.jsonl").write_bytes(lines("secret"))
    tar = tmp_path / "links.tar"
    with tarfile.open(tar, "w") as packed:
        for name, kind in (("s", "SYMTYPE"), ("l", "LNKTYPE"), ("d", "CHRTYPE"), ("f", "FIFOTYPE")):
            member = tarfile.TarInfo(f"{name}.jsonl")
            member.type = getattr(tarfile, kind)
            member.linkname = str(tmp_path / "secret.jsonl")
            packed.addfile(member)
        member = tarfile.TarInfo("ok.jsonl")
        member.size = len(lines("1"))
        packed.addfile(member, io.BytesIO(lines("1")))
    packed_links = tmp_path / "links.zip"
    with zipfile.ZipFile(packed_links, "w") as archive_file:
        link = zipfile.ZipInfo("s.jsonl")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive_file.writestr(link, str(tmp_path / "secret.jsonl"))
        archive_file.writestr("ok.jsonl", lines("1"))
    for place in (tar, packed_links):
        run(place)
        assert ids(archive) == ["1"]


@pytest.mark.parametrize("kind", [as_zip, as_tgz])
def test_what_unpacks_to_far_too_much_is_refused(
    run: Callable[..., ReadReport], tmp_path: Path, kind: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bomb goes off at a bound that follows from its own size, not from what it claims."""
    monkeypatch.setattr(unpack, "FREE_BYTES", 1 << 20)
    place = kind(tmp_path / "bomb", {"a.jsonl": lines("1"), "b.jsonl": b" " * (8 << 20)})
    with pytest.raises(SourceError, match=r"bomb\.\w+: it unpacks to more than \d+ MiB"):
        run(place)


@pytest.mark.parametrize("kind", PACKED)
def test_too_many_members_are_refused(
    run: Callable[..., ReadReport], tmp_path: Path, kind: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A million empty files would fill the folder's table."""
    monkeypatch.setattr(unpack, "MAX_MEMBERS", 5)
    with pytest.raises(SourceError, match="more than 5 files"):
        run(kind(tmp_path / "many", {f"{number}.txt": b"" for number in range(6)}))


def test_an_encrypted_archive_says_so(run: Callable[..., ReadReport], tmp_path: Path) -> None:
    """We have no password to give."""
    place = as_zip(tmp_path / "secret", {"a.jsonl": lines("1")})
    content = bytearray(place.read_bytes())
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    place.write_bytes(content)
    with pytest.raises(SourceError, match=r"'a.jsonl' in it is encrypted; unpack it"):
        run(place)


@pytest.mark.parametrize("kind", PACKED)
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_an_archive_cut_off_is_an_error(
    archive: Archive, run: Callable[..., ReadReport], tmp_path: Path, kind: Any, share: float
) -> None:
    """Half an archive would look like a blog that lost half of its posts."""
    texts = {f"{number}.md": TEXT + os.urandom(2000).hex().encode() for number in range(20)}
    place = kind(tmp_path / "cut", texts)
    content = place.read_bytes()
    place.write_bytes(content[: int(len(content) * share) // 512 * 512])
    with pytest.raises(SourceError, match="cut off"):
        run(place)


def test_a_tar_name_of_a_gigabyte_is_not_read(
    run: Callable[..., ReadReport], tmp_path: Path
) -> None:
    """A member's attributes are held in memory, so they have a limit of their own."""
    header = tarfile.TarInfo("x")
    header.type = tarfile.GNUTYPE_LONGNAME
    header.size = 1 << 30
    place = tmp_path / "long.tar"
    place.write_bytes(header.tobuf(tarfile.GNU_FORMAT) + b"x" * 4096)
    with pytest.raises(SourceError, match="a name longer than a megabyte"):
        run(place)


def test_pictures_are_left_in_the_archive(tmp_path: Path) -> None:
    """A downloaded account is mostly pictures, which nobody here reads."""
    place = as_zip(tmp_path / "a", {"x.jsonl": lines("1"), "y.jpg": b"x", "__MACOSX/x.md": b"x"})
    folder = tmp_path / "out"
    folder.mkdir()
    unpack.unpack(place, folder)
    assert [path.name for path in folder.rglob("*")] == ["x.jsonl"]


def test_what_a_killed_process_left_is_removed(tmp_path: Path, scratch: Path) -> None:
    """The next one clears away what was unpacked, and nothing else."""
    left = as_folder(scratch / f"{containers.SCRATCH}old", {"a": b"x"})
    as_folder(scratch / "versions", {"b": b"x"})
    with Containers(scratch):
        assert not left.exists()
    assert (scratch / "versions" / "b").exists()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """No room to unpack is a sentence."""
    (tmp_path / "file").write_text("")
    place = as_zip(tmp_path / "a", {"x.jsonl": lines("1")})
    with Containers(tmp_path / "file") as opened, pytest.raises(SourceError, match="unpacked"):
        opened.parts(str(place))


@given(st.data())
@settings(deadline=None, max_examples=60)
def test_a_damaged_archive_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Whatever bytes are changed: posts or an error in words, and nothing left behind."""
    folder = tmp_path_factory.mktemp("fuzz")
    kind = data.draw(st.sampled_from(PACKED))
    place = kind(folder / "a", {"a.jsonl": lines("1", "2"), "b/c.xml": wxr("3")})
    content = bytearray(place.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    place.write_bytes(content[: data.draw(st.integers(1, len(content)))])
    with Archive(folder / "data") as archive:
        said = ""
        try:
            read_sources([str(place)], archive, now=NOW, scratch=folder / "scratch")
        except ArchiveError as error:
            said = str(error)
    assert containers.SCRATCH not in said
    assert not (folder / "scratch").exists() or list((folder / "scratch").iterdir()) == []
