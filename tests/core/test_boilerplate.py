"""Boilerplate in a text: what a sentence is, when two are one, and a text without some."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from related_posts.text import boilerplate as module
from related_posts.text.boilerplate import (
    MIN_BYTES,
    among,
    beginning,
    distinct,
    hashes,
    originals,
    parts,
    repeated,
    sentences,
    without,
)
from related_posts.text.html import Prose

PARTS = st.sampled_from(
    [
        *("Bread needs rye", "bread  needs\trye", "ΣΑΣ", "İ", "7", "1987", "パンを焼く", "a", " "),
        *("\n", ".", "!", ", ", ",", ": ", "…", "。", ";", "? ", "\r\n", "3.5", "é"),
    ]
)
BLOCKS = st.lists(st.lists(PARTS, max_size=12).map("".join), max_size=4)


def slowly(block: str) -> list[tuple[str, str]]:
    """The sentences of a block and the sign behind each, by a look at every character."""
    pieces, start, place = [], 0, 0
    while place < len(block):
        sign, after = block[place], block[place + 1 : place + 2]
        if sign in "。！？\n":
            end = place + 1
        elif sign in ".!?…:;," and (not after or after.isspace()):
            end = place + 1 + len(after)
        else:
            place += 1
            continue
        pieces.append((block[start:place], block[place:end]))
        start = place = end
    return [*pieces, (block[start:], "")]


def folded(piece: str) -> str:
    """A piece as it is compared."""
    text, small = "", " ".join(piece.lower().split())
    for sign in small:
        if not (sign in "0123456789" and text.endswith("0")):
            text += "0" if sign in "0123456789" else sign
    return text


@settings(deadline=None, max_examples=400)
@given(BLOCKS)
def test_sentences_equal_those_found_character_by_character(blocks: list[str]) -> None:
    """Any blocks; each sentence once, in order, without those that say next to nothing."""
    expected = dict.fromkeys(folded(piece) for block in blocks for piece, _ in slowly(block))
    assert sentences(blocks) == [each for each in expected if len(each.encode()) >= MIN_BYTES]


@settings(deadline=None, max_examples=400)
@given(BLOCKS)
def test_parts_are_the_sentences_and_the_whole_text(blocks: list[str]) -> None:
    """Folded once, for all that ask: the sentences in their order, and no letter is lost."""
    found = parts(blocks)
    assert distinct(found) == sentences(blocks)
    for block, cut in zip(blocks, found, strict=True):
        assert "".join(block[start:end] for start, _, end, _ in cut) == block
        assert [folded(block[start:stop]) for start, stop, _, _ in cut] == [
            part.folded for part in cut
        ]


@settings(deadline=None, max_examples=400)
@given(BLOCKS, BLOCKS, st.data())
def test_a_text_without_some_sentences_equals_the_slow_one(
    blocks: list[str], headings: list[str], data: st.DataObject
) -> None:
    """Any blocks, any sentences: what stays keeps its letters, and words stay apart."""
    found = sentences([*blocks, *headings])
    dropped = frozenset(data.draw(st.sets(st.sampled_from(found)))) if found else frozenset()
    body = Prose(blocks, headings)
    rest = without(body, dropped)
    parts = [
        [(piece + sign, folded(piece) in dropped) for piece, sign in slowly(block)]
        for block in blocks
    ]
    n_lost = sum(len(piece) for block in parts for piece, lost in block if lost)
    if not dropped or n_lost > sum(map(len, blocks)) / 2:
        assert rest is body
        return
    expected = []
    for block in parts:
        runs = [""]
        for piece, lost in block:
            if lost:
                runs.append("")
            else:
                runs[-1] += piece
        expected += [run for run in runs if run.strip()]
    assert rest.blocks == expected
    assert not set(sentences(rest.blocks)) & dropped
    assert not set(sentences(rest.headings)) & dropped


def test_case_spaces_and_numbers_do_not_part_sentences() -> None:
    """A footer with another date is the same footer."""
    first = sentences(["Updated on  3 May 2019.  Ask\tus in the forum!"])
    assert first == ["updated on 0 may 0", "ask us in the forum"]
    assert first == sentences(["UPDATED ON 12 MAY 2021", "ask us in the forum: ask"])


def test_scripts_without_spaces_end_sentences_by_their_own_signs() -> None:
    """And short ones count as much as long ones of letters that say less each."""
    assert sentences(["購読してね。短い。パンを焼くと良い香りがする。"]) == [
        "購読してね",
        "パンを焼くと良い香りがする",
    ]


def test_hashes_are_those_of_every_process() -> None:
    """They are kept in versions, so no seed of a process may enter; and these are theirs."""
    script = "from related_posts.text.boilerplate import *; print(hashes(['subscribe', 'now'])[0])"
    other = subprocess.run(
        [sys.executable, "-c", script],
        env={"PYTHONHASHSEED": "7"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(other.stdout) == int(hashes(["subscribe"])[0]) == 8421715547635091973


@given(
    st.lists(st.integers(0, 9) | st.integers(0, 2**64 - 1)),
    st.sets(st.integers(0, 9) | st.integers(0, 2**64 - 1)),
)
def test_known_hashes_are_told(found: list[int], known: set[int]) -> None:
    """Equal to looking each of them up, also without any."""
    asked = np.array(found, np.uint64)
    assert among(asked, np.array(sorted(known), np.uint64)).tolist() == [
        each in known for each in found
    ]


def test_boilerplate_of_an_archive_is_found_in_another_text() -> None:
    """A text that is no post is read as posts are."""
    body = Prose(["We knead the dough at night. Subscribe to our letter!"], [])
    known = np.sort(hashes(["subscribe to our letter", "never said here"]))
    assert repeated(body, known) == {"subscribe to our letter"}
    assert without(body, repeated(body, known)).blocks == ["We knead the dough at night. "]
    assert not repeated(body, known[:0])


def test_a_post_that_is_boilerplate_for_the_most_part_keeps_all() -> None:
    """A copy of another post would otherwise hold no word at all."""
    lines = ["Flour and water and salt.", "Bake it for an hour.", "Let it cool down."]
    body = Prose(lines, [])
    assert without(body, set(sentences(lines[:2]))) is body
    assert without(body, set(sentences(lines[:1]))).blocks == lines[1:]


def test_headings_are_left_out_as_well() -> None:
    """They stand among the blocks, and count once more."""
    body = Prose(["How to subscribe", "Rye bread", "Rye is a grain that grows in the north."], [])
    body = Prose(body.blocks, ["How to subscribe", "Rye bread"])
    rest = without(body, {"how to subscribe"})
    assert rest.headings == ["Rye bread"]
    assert rest.blocks == body.blocks[1:]


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ("Subscribe to our letter! We sow much rye, ok.", "We sow much rye, ok."),
        ("Subscribe to our letter, now. We sow much rye.", "We sow much rye."),
        ("We sow much rye, subscribe to our letter.", "We sow much rye, subscribe to our letter."),
        (
            "Now subscribe: subscribe to our letter. Rye.",
            "Now subscribe: subscribe to our letter. Rye.",
        ),
        (
            "Subscribe to our letter, and bake at home.",
            "Subscribe to our letter, and bake at home.",
        ),
        ("Rye. Subscribe to our letter.", "Rye. Subscribe to our letter."),
        ("Subscribe to our letter.", "Subscribe to our letter."),
    ],
)
def test_a_text_begins_at_the_first_sentence_of_its_own(block: str, expected: str) -> None:
    """Sentences are left out whole: no excerpt begins in the midst of one."""
    dropped = {"subscribe to our letter"}
    assert beginning(Prose([block], []), dropped) == [expected]
    if expected != "Subscribe to our letter.":
        before = ["Subscribe to our letter!", "Subscribe to our letter"]
        assert beginning(Prose([*before, block, "Oats."], []), dropped) == [expected, "Oats."]


def test_the_words_of_a_sentence_are_told_as_they_stand() -> None:
    """Reports show a sentence with its capitals and numbers."""
    body = Prose(["One. Updated  on 3 May!", "Updated on 4 May"], [])
    assert list(originals(body, {"updated on 0 may"})) == [
        ("updated on 0 may", "Updated on 3 May!"),
        ("updated on 0 may", "Updated on 4 May"),
    ]


@pytest.mark.parametrize(
    "block",
    [
        *("x" * 10_000_000, "word " * 2_000_000, ". " * 1_000_000, "\n" * 1_000_000),
        *("。" * 1_000_000, " " * 1_000_000 + ".", "7" * 1_000_000, "\udcff" * 100),
    ],
    ids=["letters", "words", "ends", "lines", "signs", "spaces", "digits", "surrogates"],
)
def test_hostile_texts_are_read_in_one_go(block: str) -> None:
    """One endless sentence, a million empty ones: few sentences, and nothing is lost."""
    found = sentences([block])
    assert len(found) <= 1
    assert len(hashes(found)) == len(found)
    body = Prose([block, "y" * len(block)], [])
    rest = without(body, frozenset(found) | {"subscribe to our letter"})
    assert "".join(rest.blocks).strip().endswith("y" * 100)


def test_the_pattern_ends_a_block_as_it_ends_a_line() -> None:
    """Blocks are looked at one by one and together; both must find the same sentences."""
    block = "Let it cool down."
    assert sentences([block]) == sentences([block, block]) == sentences([f"{block}\n"])
    assert module.MAX_SHARE == 0.5
