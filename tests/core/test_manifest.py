"""What a version says about itself, and how damage to that is noticed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from related_posts.errors import IndexCorruptError, IndexIncompatibleError, StorageError
from related_posts.manifest import FORMAT_VERSION, FileEntry, Manifest, check_details

MANIFEST = Manifest(
    version="20260102T030405Z-0123abcd",
    created=datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC),
    content="0123abcd" * 8,
    n_posts=2,
    n_terms=7,
    k=3,
    site="https://blog.example/",
    languages=("en", "de"),
    analyzer={"fingerprint": "f", "stem": True},
    settings={"k": 3, "weights": [1.5, None]},
    libraries={"numpy": "2.3.0"},
    counts={"added": 2},
    seconds={"vectors": 0.1},
    files={"neighbours": FileEntry(152, "0" * 64, "<i4", (2, 3))},
)


def resealed(change: Callable[[dict[str, Any]], object]) -> bytes:
    """The manifest after a change of its fields, with the checksum that belongs to them."""
    found = orjson.loads(MANIFEST.to_json())
    del found["checksum"]
    change(found)
    canonical = orjson.dumps(found, option=orjson.OPT_SORT_KEYS)
    return orjson.dumps({**found, "checksum": hashlib.sha256(canonical).hexdigest()})


def test_a_manifest_comes_back_as_it_was() -> None:
    """Writing and reading are each other's inverse."""
    assert Manifest.from_json(MANIFEST.to_json(), "m") == MANIFEST


def test_a_manifest_is_readable_json_that_begins_with_its_format() -> None:
    """People and other programs can read it, and see the format first."""
    text = MANIFEST.to_json().decode()
    assert next(iter(json.loads(text))) == "format"
    assert json.loads(text)["created"] == "2026-01-02T03:04:05.678901Z"
    assert text.startswith('{\n  "format": 3,\n')
    assert text.endswith("}\n")


def test_the_moment_is_kept_in_utc() -> None:
    """A moment of another zone is the same moment afterwards."""
    moment = MANIFEST.created.astimezone(timezone(timedelta(hours=-7)))
    assert Manifest.from_json(replace(MANIFEST, created=moment).to_json(), "m") == MANIFEST


def test_unknown_keys_are_passed_over() -> None:
    """A later release may say more in the same format."""
    assert Manifest.from_json(resealed(lambda found: found.update(mood="good")), "m") == MANIFEST


@pytest.mark.parametrize("format_version", [FORMAT_VERSION + 1, 99, 2**70])
def test_a_future_format_is_refused_with_advice(format_version: int) -> None:
    """Whatever else a manifest of another format looks like, it is that which is said."""
    data = json.dumps({"format": format_version, "new": "shape"}).encode()
    with pytest.raises(StorageError, match=r"install the newer release|no usable format"):
        Manifest.from_json(data, "m")


def test_the_error_of_another_format_carries_its_evidence() -> None:
    """Found and supported formats can be read from the error."""
    with pytest.raises(IndexIncompatibleError, match="related-posts train") as caught:
        Manifest.from_json(b'{"format": 4}', "m")
    assert (caught.value.found, caught.value.supported) == (4, (2, 3))


DAMAGES = {
    "empty": b"",
    "not JSON": b"{",
    "not UTF-8": b'{"format": 3, "site": "\xff"}',
    "a list": b"[1]",
    "a number": b"1",
    "null": b"null",
    "nothing in it": b"{}",
    "only a format": b'{"format": 3}',
    "deep": b'{"format": 3, "a": ' + b"[" * 500 + b"]" * 500 + b"}",
    "too deep": b"[" * 100_000,
    "a format that is text": resealed(lambda found: found.update(format="1")),
    "a format that is true": resealed(lambda found: found.update(format=True)),
    "a format of nought": resealed(lambda found: found.update(format=0)),
    "two manifests": MANIFEST.to_json() * 2,
    "half a manifest": MANIFEST.to_json()[:300],
    "no checksum": MANIFEST.to_json().replace(b"checksum", b"chequesum"),
    "another number": MANIFEST.to_json().replace(b'"n_posts": 2', b'"n_posts": 3'),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_named_with_advice(damage: str) -> None:
    """What is no manifest is an error with the file's name and what to do."""
    with pytest.raises(IndexCorruptError, match=r"^place: .*related-posts train") as caught:
        Manifest.from_json(DAMAGES[damage], "place")
    assert caught.value.file == "place"


@given(st.integers(0, len(MANIFEST.to_json()) - 1), st.integers(1, 255))
@settings(deadline=None)
def test_no_flipped_byte_changes_what_a_manifest_says(place: int, flip: int) -> None:
    """After any change of one byte a manifest is refused, or says what it said (white space)."""
    data = bytearray(MANIFEST.to_json())
    data[place] ^= flip
    try:
        found = Manifest.from_json(bytes(data), "m")
    except StorageError:
        return
    assert found == MANIFEST


_FIELDS = sorted(orjson.loads(MANIFEST.to_json()).keys() - {"checksum", "format"})


@pytest.mark.parametrize("field", _FIELDS)
def test_no_field_may_be_missing(field: str) -> None:
    """A manifest that lacks a field is refused, its checksum being right."""
    with pytest.raises(IndexCorruptError, match=f"lacks {field}"):
        Manifest.from_json(resealed(lambda found: found.pop(field)), "m")


@pytest.mark.parametrize("field", _FIELDS)
@pytest.mark.parametrize("value", [None, True, 1.5, "x", -1, 2**40, [1], {"a": 1}])
def test_no_field_may_have_another_type(field: str, value: object) -> None:
    """A manifest with a field of another type is refused, or means what it says."""
    data = resealed(lambda found: found.update({field: value}))
    free = {"site": str, **dict.fromkeys(("analyzer", "settings", "counts"), dict)}
    free |= dict.fromkeys(("libraries", "seconds"), dict)
    if isinstance(value, free.get(field, ())):
        assert getattr(Manifest.from_json(data, "m"), field) == value
    else:
        with pytest.raises(IndexCorruptError):
            Manifest.from_json(data, "m")


@pytest.mark.parametrize(
    "entry",
    [
        None,
        {},
        {"bytes": 152, "sha256": "0" * 63, "dtype": "<i4", "shape": [2, 3]},
        {"bytes": 152, "sha256": "0" * 64, "dtype": "|O", "shape": [2, 3]},
        {"bytes": 152, "sha256": "0" * 64, "dtype": "<i8", "shape": [2, 3]},
        {"bytes": 152, "sha256": "0" * 64, "dtype": "<i4", "shape": [2, -3]},
        {"bytes": 152, "sha256": "0" * 64, "dtype": "<i4", "shape": [2.0, 3]},
        {"bytes": 152, "sha256": "0" * 64, "dtype": "<i4", "shape": [3, 3]},
        {"bytes": 152, "sha256": "0" * 64, "dtype": "<i4", "shape": [2, 4]},
        {"bytes": 152, "sha256": "0" * 64, "dtype": "<i4", "shape": [6]},
        {"bytes": "152", "sha256": "0" * 64, "dtype": "<i4", "shape": [2, 3]},
        {"bytes": 152, "dtype": "<i4", "shape": [2, 3]},
    ],
)
def test_files_that_cannot_be_are_refused(entry: object) -> None:
    """Every file has a size, a checksum, and the type and shape that its array has."""
    with pytest.raises(IndexCorruptError):
        Manifest.from_json(resealed(lambda found: found["files"].update(neighbours=entry)), "m")


def test_words_and_pairs_make_the_terms() -> None:
    """A manifest whose words and pairs are not its number of terms is refused."""
    entry = {"bytes": 152, "sha256": "0" * 64, "dtype": "<u8", "shape": [3]}
    with pytest.raises(IndexCorruptError, match="2 words and 0 pairs should be 7 terms"):
        Manifest.from_json(resealed(lambda found: found["files"].update(terms_offsets=entry)), "m")


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a/b", "", ".", "A", "a.npy", "a\0"])
def test_no_file_leads_out_of_the_folder(name: str) -> None:
    """Names of files are plain words."""
    entry = {"bytes": 1, "sha256": "0" * 64, "dtype": "<i4", "shape": [1]}
    with pytest.raises(IndexCorruptError, match="no usable entry"):
        Manifest.from_json(resealed(lambda found: found["files"].update({name: entry})), "m")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("version", "../20260102T030405Z-0123abcd"),
        ("version", "20260102T030405Z-0123abcd\n"),
        ("created", "yesterday"),
        ("created", "2026-01-02T03:04:05"),
        ("content", "0123"),
        ("languages", ["en", 1]),
    ],
)
def test_values_that_cannot_be_are_refused(field: str, value: object) -> None:
    """A name that is no name, a moment without a zone and the like are refused."""
    with pytest.raises(IndexCorruptError):
        Manifest.from_json(resealed(lambda found: found.update({field: value})), "m")


@pytest.mark.parametrize(
    ("details", "error"),
    [
        ({"sight": "x"}, ValueError),
        ({"site": None}, ValueError),
        ({"languages": "en"}, ValueError),
        ({"languages": [1]}, ValueError),
        ({"settings": [1]}, ValueError),
        ({"settings": {"a": object()}}, TypeError),
        ({"settings": {1: 2}}, TypeError),
        ({"site": "\ud800"}, TypeError),
    ],
)
def test_details_that_could_not_be_read_back_are_refused(
    details: dict[str, Any], error: type[Exception]
) -> None:
    """A build is told before anything is written."""
    with pytest.raises(error):
        check_details(details)
