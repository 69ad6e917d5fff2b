"""Rules and the file that carries them: what is accepted, kept, and refused."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from related_posts.curation.rules import MAX_NOTE, MAX_POSITION, Rule, rule_from_json
from related_posts.curation.state import OVERLAY_FILE, State, read_state
from related_posts.errors import InvalidQueryError, StorageError

RULES = (
    Rule(kind="pin", post="b", under="a", position=3, until=datetime(2027, 1, 31, tzinfo=UTC)),
    Rule(kind="pin", post="book", note="the campaign"),
    Rule(kind="block", post="c", under="a"),
    Rule(kind="block", post="c"),
    Rule(kind="mute", post="imprint"),
    Rule(kind="cornerstone", post="ünï/日本?&"),
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.kind)
def test_a_rule_survives_its_json(rule: Rule) -> None:
    """What is written is what is read, and the id is made of what the rule is about."""
    assert rule_from_json(rule.to_json()) == rule
    assert len({one.id for one in RULES}) == len(RULES)


def test_the_same_decision_has_the_same_id() -> None:
    """Place, end and note are what may change of a rule; kind and posts are which rule it is."""
    first = rule_from_json({"kind": "pin", "post": 5, "under": "6"})
    again = rule_from_json({"kind": "pin", "post": "5", "under": 6, "position": 2, "note": "x"})
    assert first.id == again.id
    assert first.id != rule_from_json({"kind": "pin", "post": "5"}).id


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ([], "rule"), ("pin", "rule"), (None, "rule"),
        ({}, "kind"), ({"kind": "hide", "post": "a"}, "kind"), ({"kind": ["pin"]}, "kind"),
        ({"kind": "pin"}, "post"), ({"kind": "pin", "post": ""}, "post"),
        ({"kind": "pin", "post": "a\0b"}, "post"), ({"kind": "pin", "post": "x" * 2001}, "post"),
        ({"kind": "pin", "post": True}, "post"), ({"kind": "pin", "post": {}}, "post"),
        ({"kind": "pin", "post": "a", "under": "a"}, "under"),
        ({"kind": "pin", "post": "a", "under": ""}, "under"),
        ({"kind": "mute", "post": "a", "under": "b"}, "under"),
        ({"kind": "block", "post": "a", "position": 1}, "position"),
        ({"kind": "pin", "post": "a", "position": 0}, "position"),
        ({"kind": "pin", "post": "a", "position": MAX_POSITION + 1}, "position"),
        ({"kind": "pin", "post": "a", "position": "1"}, "position"),
        ({"kind": "pin", "post": "a", "position": 1.5}, "position"),
        ({"kind": "pin", "post": "a", "until": "soon"}, "until"),
        ({"kind": "pin", "post": "a", "until": 5}, "until"),
        ({"kind": "pin", "post": "a", "note": "x" * (MAX_NOTE + 1)}, "note"),
        ({"kind": "pin", "post": "a", "note": []}, "note"),
        ({"kind": "pin", "post": "a", "positon": 1}, "positon"),
    ],
)  # fmt: skip
def test_what_is_no_rule(content: Any, field: str) -> None:
    """The error names the member and what is allowed."""
    with pytest.raises(InvalidQueryError) as refused:
        rule_from_json(content)
    assert refused.value.field == field
    assert len(str(refused.value)) < 500


def test_a_misspelt_member_is_told_the_right_one() -> None:
    """Nothing is silently dropped."""
    with pytest.raises(InvalidQueryError, match="did you mean position"):
        rule_from_json({"kind": "pin", "post": "a", "positon": 1})


def test_a_state_survives_its_file(tmp_path: Path) -> None:
    """Rules, withdrawals and the revision come back; no file is an empty state."""
    state = State(7, RULES, ("a", "b\u2028"), ("https://blog.example/a/",))
    assert read_state(tmp_path) == State()
    (tmp_path / OVERLAY_FILE).write_bytes(state.to_bytes())
    assert read_state(tmp_path) == state


def test_damage_is_noticed(tmp_path: Path) -> None:
    """Every cut and every flipped byte is an error with advice, never another state."""
    content = State(7, RULES[:2], ("a",), ("/a/",)).to_bytes()
    path = tmp_path / OVERLAY_FILE
    damaged = [content[:cut] for cut in range(0, len(content) - 1, 7)]
    damaged += [
        content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
        for at in range(0, len(content) - 1, 5)
    ]
    for each in damaged:
        path.write_bytes(each)
        with pytest.raises(StorageError, match="curate list"):
            read_state(tmp_path)


def test_a_newer_file_is_refused(tmp_path: Path) -> None:
    """A file of a later format names the way out."""
    content = State().to_bytes().split(b"\n")[1].replace(b'"format":1', b'"format":2')
    digest = hashlib.sha256(content).hexdigest().encode()
    (tmp_path / OVERLAY_FILE).write_bytes(digest + b"\n" + content + b"\n")
    with pytest.raises(StorageError, match="newer release"):
        read_state(tmp_path)
