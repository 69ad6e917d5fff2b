"""The manifest: what a version says about itself.

It is one JSON object, written after every other file of the version. Its own
``checksum`` covers the rest of it, so that a damaged manifest is noticed too.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from typing import Any

import orjson

from related_posts.errors import IndexCorruptError, IndexIncompatibleError, IndexOutdatedError
from related_posts.layout import DTYPES, disagreement, lacking, mismatch

#: The format written here. It rises when an older release could not read a new
#: version any more, independently of the release's own number.
FORMAT_VERSION = 3

#: The formats read here.
SUPPORTED_FORMATS = (2, 3)

#: What a version is called: the second it was built and eight digits of its content.
VERSION_NAME = re.compile(r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}")

#: What a build may tell about itself.
DETAILS: Mapping[str, type | tuple[type, ...]] = {
    "site": str,
    "languages": (list, tuple),
    "analyzer": dict,
    "settings": dict,
    "libraries": dict,
    "counts": dict,
    "seconds": dict,
}

_KINDS: Mapping[str, type | tuple[type, ...]] = {
    **DETAILS,
    "version": str,
    "created": str,
    "content": str,
    "n_posts": int,
    "n_terms": int,
    "k": int,
    "files": dict,
}

_ARRAY_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One array's file.

    Attributes:
        bytes: Size of the file.
        sha256: Checksum of the file, 64 hexadecimal digits.
        dtype: Numpy type string of the array.
        shape: Shape of the array.
    """

    bytes: int
    sha256: str
    dtype: str
    shape: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a version says about itself.

    Attributes:
        version: The version's name.
        created: The aware moment at which it was built.
        content: Checksum of all that decides its answers; two builds of one
            archive with the same settings share it.
        n_posts: Number of posts.
        n_terms: Number of different terms.
        k: Greatest number of neighbours kept for a post.
        site: The blog's address, or empty.
        languages: Language codes that the array ``languages`` points into.
        analyzer: Fingerprint and settings of the analyzer.
        settings: Settings of the build, the factors among them.
        libraries: Library name to version.
        counts: What the build counted.
        seconds: Stage of the build to its duration.
        files: Array name to its file ``NAME.npy``.
        format: Format of the version's files.
    """

    version: str
    created: datetime
    content: str
    n_posts: int
    n_terms: int
    k: int
    site: str = ""
    languages: tuple[str, ...] = ()
    analyzer: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    libraries: Mapping[str, Any] = field(default_factory=dict)
    counts: Mapping[str, Any] = field(default_factory=dict)
    seconds: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, FileEntry] = field(default_factory=dict)
    format: int = FORMAT_VERSION

    def to_json(self) -> bytes:
        """The manifest as indented UTF-8 JSON with its checksum.

        Raises:
            TypeError: A detail is not JSON.
        """
        found = {each.name: getattr(self, each.name) for each in fields(self)}
        found["created"] = self.created.astimezone(UTC).isoformat().replace("+00:00", "Z")
        # Through JSON once, so that the checksum is of what a reader will see.
        plain = orjson.loads(orjson.dumps(found))
        return orjson.dumps(
            {"format": plain.pop("format"), **plain, "checksum": _checksum(plain, self.format)},
            option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE,
        )

    @classmethod
    def from_json(cls, data: bytes, place: object) -> Manifest:
        """Read a manifest.

        Keys that this release does not know are passed over: a later release
        may add some without a new format.

        Args:
            data: The file's content.
            place: The file, for messages.

        Raises:
            IndexIncompatibleError: It has a format that is not read here.
            IndexOutdatedError: It lacks what was added to its format since.
            IndexCorruptError: It is damaged, or does not describe a version.
        """
        try:
            found = orjson.loads(data)
        except orjson.JSONDecodeError as error:
            raise IndexCorruptError(place, f"is not JSON ({error})") from error
        if not isinstance(found, dict):
            raise IndexCorruptError(place, "is not a JSON object")
        # The format comes first: nothing else is known of another format.
        format_version = _format(found.pop("format", None), place)
        try:
            sound = found.pop("checksum", None) == _checksum(found, format_version)
        except TypeError:
            # Nested more deeply than anything written here.
            sound = False
        if not sound:
            raise IndexCorruptError(place, "does not have the checksum it names")
        problem = _problem(found)
        if problem:
            raise IndexCorruptError(place, problem)
        known = {each.name for each in fields(cls)} & found.keys()
        values = {name: found[name] for name in known} | {"format": format_version}
        values["created"] = datetime.fromisoformat(found["created"])
        values["languages"] = tuple(found["languages"])
        values["files"] = {
            name: FileEntry(file["bytes"], file["sha256"], file["dtype"], tuple(file["shape"]))
            for name, file in found["files"].items()
        }
        manifest = cls(**values)
        sizes = {"n": manifest.n_posts, "k": manifest.k, "v": manifest.n_terms}
        for name, file in manifest.files.items():
            problem = mismatch(name, file.dtype, file.shape, sizes)
            if problem:
                raise IndexCorruptError(place, f"says that {name} {problem}")
        if problem := disagreement(sizes):
            raise IndexCorruptError(place, f"says that {problem}")
        if names := lacking(manifest.files):
            raise IndexOutdatedError(place, names)
        return manifest


def check_details(details: Mapping[str, Any]) -> None:
    """Refuse what a build tells about itself if it could not be read back.

    Raises:
        ValueError: A detail is not one of :data:`DETAILS` or not of its type.
        TypeError: A detail is not JSON.
    """
    for name, value in details.items():
        if name not in DETAILS or not isinstance(value, DETAILS[name]):
            raise ValueError(f"{name}={value!r} is not a detail of a version")
    if not all(isinstance(code, str) for code in details.get("languages", ())):
        raise ValueError("languages must be strings")
    orjson.dumps(dict(details))


def _checksum(found: Mapping[str, Any], format_version: int) -> str:
    """sha256 of a manifest's other fields as canonical JSON."""
    whole = {**found, "format": format_version}
    return hashlib.sha256(orjson.dumps(whole, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _format(found: object, place: object) -> int:
    """The format of a version, if it is read here; else advice."""
    if not isinstance(found, int) or isinstance(found, bool) or found < 1:
        raise IndexCorruptError(place, f"has no usable format number ({found!r})")
    if found not in SUPPORTED_FORMATS:
        advice = (
            "install the newer release of related-posts that wrote it"
            if found > max(SUPPORTED_FORMATS)
            else "it was written by an older release"
        )
        raise IndexIncompatibleError(
            found,
            SUPPORTED_FORMATS,
            f"{advice}, or run `related-posts train` to build a version this one can read"
            f" ({place})",
        )
    return found


def _problem(found: Mapping[str, Any]) -> str | None:
    """Say what a manifest of a known format lacks or has wrong, or None."""
    for name, kind in _KINDS.items():
        if name not in found:
            return f"lacks {name}"
        value = found[name]
        if not isinstance(value, kind) or isinstance(value, bool):
            return f"has no usable {name} ({str(value)[:80]!r})"
    if not VERSION_NAME.fullmatch(found["version"]):
        return f"names no version ({found['version'][:80]!r})"
    if not _SHA256.fullmatch(found["content"]):
        return "has no usable content"
    for name in ("n_posts", "n_terms", "k"):
        if not 0 <= found[name] < 2**31:
            return f"has no usable {name} ({found[name]})"
    try:
        if datetime.fromisoformat(found["created"]).utcoffset() is None:
            return "has a moment created without a time zone"
    except ValueError:
        return f"has no usable moment created ({found['created'][:80]!r})"
    if not all(isinstance(code, str) for code in found["languages"]):
        return "has languages that are not names"
    for name, file in found["files"].items():
        if not (_ARRAY_NAME.fullmatch(name) and _is_file(file)):
            return f"has no usable entry for the file {name[:80]!r}"
    return None


def _is_file(file: object) -> bool:
    """Whether a manifest's entry of a file is complete and makes sense."""
    if not isinstance(file, dict):
        return False
    size, sha256 = file.get("bytes"), file.get("sha256")
    dtype, shape = file.get("dtype"), file.get("shape")
    return (
        isinstance(size, int)
        and isinstance(sha256, str)
        and _SHA256.fullmatch(sha256) is not None
        and isinstance(dtype, str)
        and dtype in DTYPES
        and isinstance(shape, list)
        and all(isinstance(axis, int) and 0 <= axis < 2**48 for axis in shape)
    )
