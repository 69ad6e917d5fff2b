"""Records: what is kept of an analysed post comes back as it was, or is known to be damaged."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from related_posts.posts import Post
from related_posts.schema import post_to_bytes
from related_posts.tally import Tally
from related_posts.text.counts import Counts, Rows
from training.analysis import Analysed, analyse, first_look
from training.records import (
    DamagedRecordError,
    Records,
    decode,
    decode_look,
    encode,
    encode_look,
)
from training.settings import TrainingSettings

TEXT = st.lists(st.sampled_from(["rye", "oven", "Ünfug", "the", "日本語", "1/2"]), max_size=9)
POSTS = st.lists(
    st.builds(
        Post,
        id=st.text(min_size=1, max_size=5, alphabet="abü"),
        url=st.sampled_from(["/a/", "https://blog.example/de/b", "/c?x=1"]),
        title=TEXT.map(" ".join) | st.just("Loaves, part 2"),
        html=TEXT.map(lambda words: f"<p>{' '.join(words)}</p><img src='x.png'>"),
        tags=st.sampled_from([(), ("Bread", "Été")]),
        aliases=st.sampled_from([(), ("/old/",)]),
        links=st.sampled_from([(), ("b",)]),
        published=st.sampled_from([None, datetime(2020, 1, 2, 3, 4, 5, 6, tzinfo=UTC)]),
        translation_group=st.sampled_from(["", "g"]),
    ),
    min_size=1,
    max_size=6,
)


def analysed(posts: list[Post]) -> Analysed:
    """Some posts, analysed as one block."""
    (block,) = analyse(
        [[post_to_bytes(post) for post in posts]],
        [["en"] * len(posts)],
        [[np.zeros(0, bool)] * len(posts)],
        len(posts),
        TrainingSettings().fields,
        "https://blog.example",
        1,
        translated=True,
    )
    return block


def facts(block: Analysed | Records) -> list[object]:
    """What is known beside terms, in a form that can be compared."""
    return [
        [repr(value) for value in getattr(block, each.name)]
        for each in fields(Analysed)
        if each.name not in ("counts", "facets", "days", "numbers")
    ] + [block.facets, np.array(block.days).tobytes(), list(block.numbers)]


@settings(deadline=None)
@given(POSTS)
def test_what_is_kept_comes_back(posts: list[Post]) -> None:
    """Every fact of every post, and counts that seal to the same matrices."""
    block = analysed(posts)
    direct, kept = Tally(), Tally()
    direct.add(block.counts)
    found = decode(list(encode(block, kept.number(block.counts))))
    kept.add_numbered(found.words, found.pairs, found.titles)
    assert facts(found) == facts(block)
    first, second = direct.seal(1), kept.seal(1)
    assert first.vocabulary.names() == second.vocabulary.names()
    assert first.vocabulary.readable == second.vocabulary.readable
    for name in ("counts", "titles"):
        one, other = getattr(first, name), getattr(second, name)
        for part in ("data", "indices", "indptr"):
            np.testing.assert_array_equal(getattr(one, part), getattr(other, part))


def test_a_post_of_very_many_words_is_kept_too() -> None:
    """Places beyond two bytes, and counts that stop at 65,535."""
    n = 70_000
    block = analysed([Post(id="a", url="/a/", title="x", html="rye")])
    every = np.arange(n, dtype=np.int64)
    starts = np.array([0, n])
    counts = Counts(
        terms=[str(each) for each in every],
        readable=[str(each) for each in every],
        words=Rows(starts, every, np.full(n, 70_000, np.int32)),
        pairs=Rows(np.array([0, 1]), np.array([(n - 1) << 32]), np.ones(1, np.int32)),
        titles=Rows(np.array([0, 1]), np.array([n - 1]), np.ones(1, np.int32)),
    )
    found = decode(list(encode(replace(block, counts=counts), every + 5)))
    assert found.words.keys.tolist() == (every + 5).tolist()
    assert set(found.words.counts.tolist()) == {65_535}
    assert found.pairs.keys.tolist() == [((n + 4) << 32) | 5]
    assert found.titles.keys.tolist() == [n + 4]


def test_every_damage_to_a_record_is_noticed() -> None:
    """One flipped bit anywhere, and every shorter record."""
    (record,) = encode(analysed([Post(id="a", url="/a/", title="rye")]), np.arange(1))
    for place in range(len(record)):
        flipped = bytearray(record)
        flipped[place] ^= 4
        for damaged in (bytes(flipped), record[:place]):
            with pytest.raises(DamagedRecordError):
                decode([damaged])


@settings(deadline=None)
@given(st.sampled_from(["en", ""]), TEXT, st.booleans())
def test_a_first_look_comes_back(language: str, words: list[str], boilerplate: bool) -> None:
    """Evidence with every digit, and the hashes; or the damage is noticed."""
    html = "<p>We sow rye in the north and wait.</p>" + " ".join(words)
    post = post_to_bytes(Post(id="a", url="/a/", html=html, language=language))
    ((look,),) = first_look([[post]], 1, 1, boilerplate=boilerplate)
    record = encode_look(look)
    found = decode_look(record)
    assert found.evidence == look.evidence
    assert found.sentences.tolist() == look.sentences.tolist()
    assert bool(len(found.sentences)) == boilerplate
    for damaged in (record[:3], record[:-1], record[:-1] + bytes([record[-1] ^ 1])):
        with pytest.raises(DamagedRecordError):
            decode_look(damaged)
