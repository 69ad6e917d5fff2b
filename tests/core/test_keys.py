"""API keys: made once, kept as a hash, recognised, expired, revoked, seen at once."""

from __future__ import annotations

import hashlib
import hmac
import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from related_posts import keys as keys_module
from related_posts.errors import KeysError
from related_posts.keys import KEYS_FILE, MAX_NAME, SCOPES, Keys

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    """A data folder without keys."""
    return Keys(tmp_path)


def test_a_key_is_recognised_by_what_was_shown(keys: Keys) -> None:
    """The string that was printed finds its key, and no other string does."""
    key, token = keys.create(["write"], name="CMS", now=NOW)
    assert keys.find(token) == key
    wrong = [token[:-1], token + "x", token.replace("rp_", "rp-"), token.upper(), key.id, "", " "]
    other = token[:12] + ("A" if token[12] != "A" else "B") + token[13:]
    foreign = keys.create(["write"], now=NOW)[1]
    swapped = token[:12] + foreign[12:]
    for each in [*wrong, other, swapped, "rp_\0", "\ud800", "ü" * 50, "x" * 100_000]:
        assert keys.find(each) is None


def test_the_secret_is_not_kept(keys: Keys, tmp_path: Path) -> None:
    """The file holds the SHA-256 of 256 random bits, and of the secret nothing."""
    _, token = keys.create(["admin"], now=NOW)
    secret = token.split("_", 2)[2]
    content = (tmp_path / KEYS_FILE).read_text()
    assert secret not in content
    assert hashlib.sha256(secret.encode()).hexdigest() in content
    assert len(secret) >= 43


@pytest.mark.parametrize("held", SCOPES)
@pytest.mark.parametrize("asked", SCOPES)
def test_a_scope_includes_those_before_it(keys: Keys, held: str, asked: str) -> None:
    """Read, write, admin: the later may what the earlier may."""
    key, _ = keys.create([held], now=NOW)
    assert key.may(asked) == (SCOPES.index(held) >= SCOPES.index(asked))


def test_a_key_expires(keys: Keys) -> None:
    """From its moment on, and not before; the file keeps it until it is revoked."""
    key, token = keys.create(["read"], expires=NOW + timedelta(days=1), now=NOW)
    assert not key.is_expired(NOW)
    assert key.is_expired(NOW + timedelta(days=1))
    assert keys.find(token) == key


def test_what_cannot_be_made(keys: Keys) -> None:
    """A key without a scope, with a long name, or over before it begins is refused."""
    with pytest.raises(ValueError, match="needs a scope"):
        keys.create([], now=NOW)
    with pytest.raises(ValueError, match="not in"):
        keys.create(["all"], now=NOW)
    with pytest.raises(ValueError, match="at most 100"):
        keys.create(["read"], name="x" * (MAX_NAME + 1), now=NOW)
    with pytest.raises(ValueError, match="never work"):
        keys.create(["read"], expires=NOW, now=NOW)
    assert keys.all() == ()


def test_another_reader_sees_changes_at_once(keys: Keys, tmp_path: Path) -> None:
    """A reader that has the file in memory sees a new and a revoked key with its next look."""
    other = Keys(tmp_path)
    assert other.all() == ()
    key, token = keys.create(["write"], now=NOW)
    assert other.find(token) == key
    assert keys.revoke(key.id) == key
    assert other.find(token) is None
    assert keys.revoke(key.id) is None


def test_a_file_that_goes_takes_no_key_along(tmp_path: Path) -> None:
    """Where the data folder is away nobody can tell which keys there are; revoked is another."""
    folder = tmp_path / "data"
    folder.mkdir()
    keys = Keys(folder)
    assert keys.all() == ()
    made, secret = keys.create(["write"], now=NOW)
    assert keys.find(secret) == made
    folder.rename(tmp_path / "elsewhere")
    for look in (keys.all, lambda: keys.find(secret)):
        with pytest.raises(KeysError, match="is there no more"):
            look()
    (tmp_path / "elsewhere").rename(folder)
    assert keys.find(secret) == made
    keys.revoke(made.id)
    assert keys.all() == ()


def test_makers_at_the_same_time_lose_nothing(tmp_path: Path) -> None:
    """Several processes that make keys take turns, so every key is there at the end."""
    script = (
        "import sys; from pathlib import Path; from datetime import datetime, UTC;"
        "from related_posts.keys import Keys; k = Keys(Path(sys.argv[1]));"
        "[k.create(['read'], now=datetime.now(UTC)) for _ in range(10)]"
    )
    root = Path(__file__).resolve().parents[2]
    makers = [
        subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], cwd=root) for _ in range(3)
    ]
    assert [maker.wait() for maker in makers] == [0, 0, 0]
    assert len(Keys(tmp_path).all()) == 30
    assert list(tmp_path.glob(".*-*")) == []


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"[]", b"null", b'{"format": 2, "keys": []}', b'{"format": 1}',
        b'{"format": 1, "keys": [{}]}', b'{"format": 1, "keys": 7}', b"\xff\xfe",
    ],
)  # fmt: skip
def test_a_damaged_file_lets_nobody_in(keys: Keys, tmp_path: Path, content: bytes) -> None:
    """It is an error with advice, never an empty list; and it is not overwritten."""
    (tmp_path / KEYS_FILE).write_bytes(content)
    for ask in (keys.all, lambda: keys.find("x"), lambda: keys.create(["read"], now=NOW)):
        with pytest.raises(KeysError, match="keys create"):
            ask()
    assert (tmp_path / KEYS_FILE).read_bytes() == content


@pytest.mark.parametrize(
    "change",
    [{"scopes": []}, {"scopes": ["root"]}, {"sha256": "00"}, {"created": None}, {"expires": "soon"},
     {"sha256": 5}],
)  # fmt: skip
def test_a_key_that_does_not_fit_is_damage(keys: Keys, tmp_path: Path, change: object) -> None:
    """A key edited by hand into nonsense is refused as a whole."""
    keys.create(["read"], now=NOW)
    document = json.loads((tmp_path / KEYS_FILE).read_text())
    document["keys"][0] |= change
    (tmp_path / KEYS_FILE).write_text(json.dumps(document))
    with pytest.raises(KeysError):
        keys.all()


def test_a_write_that_fails_leaves_the_keys(
    keys: Keys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk costs the new key and no old one."""
    key, _ = keys.create(["read"], now=NOW)

    def full(path: Path, content: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(keys_module, "replace_file", full)
    with pytest.raises(KeysError, match="No space left"):
        keys.create(["read"], now=NOW)
    assert Keys(tmp_path).all() == (key,)


def test_the_comparison_takes_constant_time(keys: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether the id exists or not, one digest is compared, by the function made for it."""
    compared: list[tuple[str, str]] = []
    real = hmac.compare_digest

    def compare(first: str, second: str) -> bool:
        compared.append((first, second))
        return real(first, second)

    monkeypatch.setattr(hmac, "compare_digest", compare)
    _, token = keys.create(["read"], now=NOW)
    for each in (token, "rp_00000000_" + token[12:], "nonsense", ""):
        keys.find(each)
    assert len(compared) == 4
    assert all(len(first) == len(second) == 64 for first, second in compared)
