"""API keys: made, listed, revoked and recognised.

A key is ``rp_ID_SECRET``. The secret is 256 random bits, shown once and kept
nowhere; ``keys.json`` in the data folder holds its SHA-256. A slow hash, as for
passwords, would add nothing: there is no dictionary of random numbers to try, and
every request would pay for it. The id in front says which hash to compare with, so
the comparison takes the same time whatever the secret is.

The file is replaced as a whole, and every process sees that by one ``stat``: a key
works, or ceases to, with the next request, without a restart.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from related_posts import fields
from related_posts.errors import KeysError, PostError
from related_posts.replacing import Mark, mark_of, only_writer, replace_file
from related_posts.schema import utc

#: The file's name in the data folder.
KEYS_FILE = "keys.json"

#: What a key may do, each including those before it.
SCOPES = ("read", "write", "admin")

#: Longest name of a key, in characters.
MAX_NAME = 100

_FORMAT = 1
_KEY = re.compile(r"rp_([0-9a-f]{8})_([A-Za-z0-9_-]{43})", re.ASCII)
#: Compared with where no key has the id, so that this takes as long.
_NOBODY = hashlib.sha256(secrets.token_bytes(32)).hexdigest()


@dataclass(frozen=True, slots=True)
class Key:
    """What is kept of a key.

    Attributes:
        id: Eight hexadecimal digits; no secret.
        name: What it is for, in its maker's words; may be empty.
        scopes: What it was made for, of ``SCOPES``.
        created: When it was made; aware.
        expires: From when on it is refused, or None.
        digest: SHA-256 of the secret, in hex.
    """

    id: str
    name: str
    scopes: tuple[str, ...]
    created: datetime
    expires: datetime | None
    digest: str

    def may(self, scope: str) -> bool:
        """Whether this key covers a scope."""
        return max(map(SCOPES.index, self.scopes)) >= SCOPES.index(scope)

    def is_expired(self, now: datetime) -> bool:
        """Whether its time is over."""
        return self.expires is not None and self.expires <= now

    def to_json(self) -> dict[str, Any]:
        """What may be shown of it, with the digest left out."""
        return {
            "id": self.id,
            "name": self.name,
            "scopes": list(self.scopes),
            "created": utc(self.created),
            "expires": None if self.expires is None else utc(self.expires),
        }


class Keys:
    """The keys of a data folder, as the file says now.

    Args:
        data: The data folder.

    Every method raises KeysError where the file is damaged, or cannot be read or written.
    """

    def __init__(self, data: Path) -> None:
        self._path = data / KEYS_FILE
        # One reference, so that threads see a mark and the keys read under it together.
        self._seen: tuple[Mark | None, dict[str, Key]] = (None, {})

    def all(self) -> tuple[Key, ...]:
        """Every key, the oldest first; expired ones too."""
        return tuple(self._current().values())

    def find(self, token: str) -> Key | None:
        """The key that a client presents, or None; whether it expired is for the caller to ask."""
        matched = _KEY.fullmatch(token)
        key_id, secret = matched.groups() if matched else ("", token[:200])
        key = self._current().get(key_id)
        digest = hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
        is_it = hmac.compare_digest(digest, key.digest if key else _NOBODY)
        return key if is_it else None

    def create(
        self,
        scopes: Iterable[str],
        *,
        name: str = "",
        expires: datetime | None = None,
        now: datetime,
    ) -> tuple[Key, str]:
        """Make a key.

        Returns:
            What is kept of it, and the key itself, which nobody can show again.

        Raises:
            ValueError: No scope or an unknown one, a name that is too long, or a
                moment of expiry that is past.
        """
        chosen = tuple(sorted(set(scopes), key=SCOPES.index))
        name = fields.line("name", name)
        if not chosen:
            raise ValueError(f"a key needs a scope of {', '.join(SCOPES)}")
        if len(name) > MAX_NAME:
            raise ValueError(f"a name has at most {MAX_NAME} characters")
        if expires is not None and expires <= now:
            raise ValueError(f"a key that expires at {utc(expires)} would never work")
        secret = secrets.token_urlsafe(32)
        digest = hashlib.sha256(secret.encode()).hexdigest()
        with self._writing() as keys:
            key_id = secrets.token_hex(4)
            while key_id in keys:
                key_id = secrets.token_hex(4)
            key = Key(key_id, name, chosen, now.replace(microsecond=0), expires, digest)
            self._write({**keys, key_id: key})
        return key, f"rp_{key_id}_{secret}"

    def revoke(self, key_id: str) -> Key | None:
        """Remove a key; None where there is none with that id."""
        with self._writing() as keys:
            if key_id not in keys:
                return None
            self._write({one: key for one, key in keys.items() if one != key_id})
            return keys[key_id]

    def _current(self) -> dict[str, Key]:
        mark = mark_of(self._path)
        seen, keys = self._seen
        if mark is None or mark != seen:
            if mark is None and seen is not None:
                # No key was revoked: the file stays then, and says so.
                raise KeysError(self._path, "is there no more")
            keys = self._read()
            self._seen = (mark, keys)
        return keys

    def _read(self) -> dict[str, Key]:
        try:
            content = self._path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return {}
        except OSError as error:
            raise KeysError(self._path, f"cannot be read ({error.strerror})") from error
        try:
            document = orjson.loads(content)
            if document["format"] != _FORMAT:
                raise KeysError(self._path, f"has the format {document['format']!r}")
            return {key.id: key for key in map(_from_json, document["keys"])}
        except (ValueError, TypeError, KeyError, PostError) as error:
            raise KeysError(self._path, "is damaged") from error

    @contextmanager
    def _writing(self) -> Iterator[dict[str, Key]]:
        try:
            with only_writer(self._path):
                yield self._read()
        except OSError as error:
            raise KeysError(self._path, f"cannot be written ({error.strerror})") from error

    def _write(self, keys: dict[str, Key]) -> None:
        stored = [{**key.to_json(), "sha256": key.digest} for key in keys.values()]
        content = orjson.dumps({"format": _FORMAT, "keys": stored}, option=orjson.OPT_INDENT_2)
        replace_file(self._path, content + b"\n")


def _from_json(stored: Mapping[str, Any]) -> Key:
    """A key as the file has it; whatever does not fit raises."""
    created = fields.moment("created", stored["created"])
    scopes = tuple(stored["scopes"])
    digest = stored["sha256"]
    if created is None or not scopes or not set(scopes) <= set(SCOPES):
        raise ValueError("a key without its moment or scopes")
    if not isinstance(digest, str) or not re.fullmatch(r"[0-9a-f]{64}", digest):
        raise ValueError("a key without its digest")
    expires = fields.moment("expires", stored["expires"])
    return Key(str(stored["id"]), str(stored["name"]), scopes, created, expires, digest)
