"""Every error that related-posts raises on purpose.

::

    RelatedPostsError
    ├─ ArchiveError               what the blog says could not be read or kept
    │  ├─ SourceError             a source as a whole is of no use
    │  │  └─ UnknownFormatError   it is whole, but of no format read here
    │  ├─ EmptyArchiveError       a source was read and holds no post
    │  └─ PostError               one post is broken; the rest goes on
    ├─ StorageError               a version on disk
    │  ├─ DataFolderError         the data folder is missing, no folder, or may not be read
    │  ├─ IndexMissingError       nothing was published yet
    │  ├─ IndexCorruptError       damaged, truncated or incomplete
    │  ├─ IndexIncompatibleError  written by a release this one cannot read
    │  └─ IndexOutdatedError      written before something was added to its format
    ├─ KeysError                  the file of API keys is damaged or out of reach
    ├─ QueryError                 a question that cannot be answered
    │  ├─ UnknownPostError        no such post in this version
    │  └─ InvalidQueryError       a parameter out of its range
    ├─ EvaluationError            the lists cannot be judged
    ├─ ListenError                the address cannot be listened on
    └─ ConfigError                a setting that does not exist or does not fit

Messages say what, where and what to do. The evidence is kept in attributes.
Programmers' mistakes stay ``ValueError`` and ``TypeError``.
"""

from __future__ import annotations

from collections.abc import Iterable


class RelatedPostsError(Exception):
    """Root of every error a user can mend."""


class ArchiveError(RelatedPostsError):
    """What the blog says could not be read or kept."""


class SourceError(ArchiveError):
    """A source as a whole is of no use: missing, unreadable or of another format.

    Attributes:
        source: What was looked at, as the user named it.
        reason: What is wrong with it and what to do.
    """

    def __init__(self, source: object, reason: str) -> None:
        super().__init__(f"{source}: {reason}")
        self.source = str(source)
        self.reason = reason


class UnknownFormatError(SourceError):
    """A file or folder is whole and of no format that is read here.

    In a folder of exports it is passed over; named by itself it is an error.
    """


class EmptyArchiveError(ArchiveError):
    """The sources were read and hold no post that could be shown.

    Attributes:
        looked_at: The sources, as the user named them.
        skipped: Reason to count of what was read and left out.
    """

    def __init__(self, looked_at: Iterable[object], skipped: dict[str, int] | None = None) -> None:
        self.looked_at = [str(place) for place in looked_at]
        self.skipped = dict(skipped or {})
        reasons = ", ".join(f"{count} {reason}" for reason, count in self.skipped.items())
        super().__init__(
            f"no post found in {', '.join(self.looked_at) or 'the archive'}"
            + (f" ({reasons})" if reasons else "")
            + "; the data folder is unchanged. `related-posts train SOURCE` reads a blog"
        )


class PostError(ArchiveError):
    """One post is broken; a source reports it and goes on.

    Attributes:
        reason: What is wrong, naming the field and the value.
        post_id: The post's id where it is known, so that its old row can be kept.
    """

    def __init__(self, reason: str, post_id: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.post_id = post_id


class StorageError(RelatedPostsError):
    """A version on disk could not be read or written."""


class DataFolderError(StorageError):
    """The data folder is missing, is no folder, or may not be read.

    Attributes:
        place: The folder that was named.
    """

    def __init__(self, place: object, reason: str) -> None:
        super().__init__(f"{place}: {reason}")
        self.place = str(place)


class IndexMissingError(StorageError):
    """Nothing was published yet, or the version asked for does not exist.

    Attributes:
        place: The data folder or version folder that was looked at.
    """

    def __init__(self, place: object, reason: str = "no version is published") -> None:
        super().__init__(f"{place}: {reason}; run `related-posts train SOURCE` to build one")
        self.place = str(place)


class IndexCorruptError(StorageError):
    """A version is damaged, truncated or incomplete.

    Attributes:
        file: The file at fault.
        reason: What is wrong with it.
    """

    def __init__(self, file: object, reason: str) -> None:
        super().__init__(
            f"{file}: {reason}; run `related-posts train` to build a new version from the archive"
        )
        self.file = str(file)
        self.reason = reason


class IndexIncompatibleError(StorageError):
    """A version was written in a format that this release cannot read.

    Attributes:
        found: The format version found.
        supported: The format versions this release reads.
        advice: What to do.
    """

    def __init__(self, found: object, supported: Iterable[int], advice: str) -> None:
        self.found = found
        self.supported = tuple(supported)
        self.advice = advice
        known = ", ".join(map(str, self.supported))
        super().__init__(f"index format {found!r} is not among those read here ({known}); {advice}")


class IndexOutdatedError(StorageError):
    """A version was written before something was added to its format.

    Attributes:
        place: Its manifest.
        lacking: Names of the arrays that it lacks.
    """

    def __init__(self, place: object, lacking: Iterable[str]) -> None:
        self.place = str(place)
        self.lacking = tuple(lacking)
        named = ", ".join(self.lacking[:3]) + (", …" if len(self.lacking) > 3 else "")
        super().__init__(
            f"{place}: made by an earlier format, without {named}: train again "
            "(`related-posts train`)"
        )


class KeysError(RelatedPostsError):
    """The file of API keys is damaged, or cannot be read or written.

    Attributes:
        file: The file.
        reason: What is wrong with it.
    """

    def __init__(self, file: object, reason: str) -> None:
        super().__init__(
            f"{file} {reason}; mend its permissions, or move it away and make new keys "
            "with `related-posts keys create`"
        )
        self.file = str(file)
        self.reason = reason


class QueryError(RelatedPostsError):
    """A question that cannot be answered."""


class UnknownPostError(QueryError):
    """No such post in this version.

    Attributes:
        key: The id or URL that was asked for.
    """

    def __init__(self, key: str) -> None:
        super().__init__(f"no post {key!r} in this version")
        self.key = key


class InvalidQueryError(QueryError):
    """A parameter is missing, unknown or out of its range.

    Attributes:
        field: The parameter's name.
        value: What was given.
        allowed: What may be given, in words.
        fault: What is wrong, to follow the name, where that is not the value; may be empty.
    """

    def __init__(self, field: str, value: object, allowed: str, fault: str = "") -> None:
        said = f" {fault}" if fault else f"={value!r} is not allowed; {field} must be {allowed}"
        super().__init__(f"{field}{said}")
        self.field = field
        self.value = value
        self.allowed = allowed
        self.fault = fault


class EvaluationError(RelatedPostsError):
    """The lists cannot be judged: no judgements, or none that name posts of the archive."""


class ListenError(RelatedPostsError):
    """The service cannot listen on the address that it was given.

    Attributes:
        address: Host and port.
    """

    def __init__(self, address: str, reason: str) -> None:
        super().__init__(
            f"{address} cannot be listened on ({reason}); choose another with --port or --host"
        )
        self.address = address


class ConfigError(RelatedPostsError):
    """A setting does not exist or its value does not fit.

    Attributes:
        name: The setting as the user wrote it.
        value: What was given, or None where it must not be shown.
        allowed: What may be given, in words.
    """

    def __init__(self, name: str, value: object, allowed: str) -> None:
        shown = "" if value is None else f"={_short(value)}"
        super().__init__(f"{name}{shown}: {allowed}")
        self.name = name
        self.value = value
        self.allowed = allowed


def _short(value: object) -> str:
    """A value as text that fits into a message."""
    shown = repr(value)
    return shown if len(shown) <= 200 else f"{shown[:200]}…"
