"""The analyzer: counted terms equal those of slow and obvious code."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from related_posts.posts import Post
from related_posts.text import analyzer as module
from related_posts.text import lexicon
from related_posts.text.analyzer import MAX_REPEATS, Analyzer, Fields
from related_posts.text.counts import MAX_DOCUMENTS, Counts, Rows
from related_posts.text.document import Document, document
from related_posts.text.fold import folder, prepare
from related_posts.text.stem import stemmer
from related_posts.text.stopwords import stop_words
from related_posts.text.words import is_pair, words

Slow = tuple[Counter[str], Counter[tuple[str, str]], Counter[str]]


def terms_of(text: str, language: str) -> list[str]:
    """Terms of a text in order, function words left out."""
    stem, fold = stemmer(language), folder(language)
    stop = set(map(fold, stop_words(language)))
    kept = [fold(word) for word in words(prepare(text, language)) if fold(word) not in stop]
    return [word if is_pair(word) else stem(word) for word in kept]


def slowly(one: Document, fields: Fields) -> Slow:
    """Words, pairs and title words of a document, counted one by one."""
    found: Slow = (Counter(), Counter(), Counter())
    pieces = [(block, 1) for block in one.blocks]
    pieces += [(one.title, fields.title)]
    pieces += [(heading, fields.heading) for heading in one.headings]
    pieces += [(tag, fields.tag) for tag in one.tags]
    for text, weight in pieces:
        terms = terms_of(text, one.language)
        for term in terms:
            found[0][term] += weight
        for first, second in pairwise(terms):
            if not (is_pair(first) and is_pair(second)):
                found[1][first, second] += weight
    if fields.title:
        found[2].update(terms_of(one.title, one.language))
    return tuple(+counter for counter in found)  # type: ignore[return-value]


def row(rows: Rows, index: int) -> list[tuple[int, int]]:
    """Keys and counts of one row, after a look at their order."""
    part = slice(rows.starts[index], rows.starts[index + 1])
    keys = rows.keys[part].tolist()
    assert keys == sorted(set(keys))
    return list(zip(keys, rows.counts[part].tolist(), strict=True))


def readably(counts: Counts) -> list[Slow]:
    """Counts as plain counters, a document each."""
    terms = counts.terms
    assert len(set(terms)) == len(terms) == len(counts.readable)
    return [
        (
            Counter({terms[key]: count for key, count in row(counts.words, index)}),
            Counter(
                {
                    (terms[key >> 32], terms[key & 0xFFFFFFFF]): count
                    for key, count in row(counts.pairs, index)
                }
            ),
            Counter({terms[key]: count for key, count in row(counts.titles, index)}),
        )
        for index in range(len(counts.words.starts) - 1)
    ]


VOCABULARY = (
    "the a of and die das und bread breads baking Baked sourdough, C++ node.js state-of-the-art "
    "Häuser Brot brot. 日本語 日本語の本 東京Tower 中 हिन्दी ไทย 한국어 — x 7"
)
TEXT = st.lists(st.sampled_from(VOCABULARY.split()), max_size=8).map(" ".join)
DOCUMENTS = st.lists(
    st.builds(
        Document,
        title=TEXT,
        blocks=st.lists(TEXT, max_size=3),
        headings=st.lists(TEXT, max_size=2),
        tags=st.lists(TEXT, max_size=2),
        language=st.sampled_from(["en", "de", "ja", ""]),
    ),
    max_size=5,
)
REPEATS = st.integers(0, MAX_REPEATS)
FIELDS = st.builds(Fields, REPEATS, REPEATS, REPEATS)


@settings(deadline=None, max_examples=200)
@given(DOCUMENTS, FIELDS)
def test_counts_equal_slow_counting(documents: list[Document], fields: Fields) -> None:
    """Any documents, languages and weights."""
    assert readably(Analyzer(fields).count(documents)) == [slowly(one, fields) for one in documents]


@settings(deadline=None)
@given(st.lists(DOCUMENTS, max_size=4))
def test_counts_do_not_depend_on_what_was_met_before(calls: list[list[Document]]) -> None:
    """An analyzer that has seen much counts as a new one does, together or one by one."""
    used = Analyzer()
    for documents in calls:
        together = readably(used.count(documents))
        assert together == readably(Analyzer().count(documents))
        assert together == [readably(Analyzer().count([one]))[0] for one in documents]


@settings(deadline=None)
@given(st.lists(DOCUMENTS, max_size=4))
def test_forgetting_between_calls_changes_no_count(calls: list[list[Document]]) -> None:
    """The cap on memory is not seen in the result."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lexicon, "MAX_PIECES", -1)
        forgetful = Analyzer()
        for documents in calls:
            assert readably(forgetful.count(documents)) == readably(Analyzer().count(documents))


def one(text: str, language: str = "en") -> Slow:
    """Counts of one block."""
    return readably(Analyzer().count([Document(blocks=[text], language=language)]))[0]


def test_function_words_are_left_out_before_pairs() -> None:
    """``state of the art`` holds the pair *state art*."""
    assert one("state of the art") == (
        Counter(state=1, art=1),
        Counter({("state", "art"): 1}),
        Counter(),
    )


def test_pairs_stay_within_a_block() -> None:
    """The last word of a paragraph and the first of the next are no pair."""
    parts = Document(
        title="rye bread", blocks=["fresh", "water"], headings=["salt"], tags=["oven", "crust"]
    )
    pairs = readably(Analyzer().count([parts, Document(title="moon")]))[0][1]
    assert pairs == {("rye", "bread"): 2}


def test_unspaced_text_makes_pairs_only_with_words() -> None:
    """Character pairs already overlap; a word beside one is something new."""
    assert one("日本語 中文 ไทย", "ja")[1] == Counter()
    assert one("東京 Tokyo Tower 東京", "ja")[1] == {
        ("東京", "tokyo"): 1,
        ("tokyo", "tower"): 1,
        ("tower", "東京"): 1,
    }


def test_fields_weigh_as_told() -> None:
    """A title's word counts twice, a tag's five times, a heading's once more."""
    document = Document(title="rye", blocks=["salt", "rye"], headings=["salt"], tags=["rye"])
    words_, _, titles = readably(Analyzer().count([document]))[0]
    assert words_ == {"rye": 2 + 1 + 5, "salt": 2}
    assert titles == {"rye": 1}


def test_a_field_with_weight_zero_is_not_read() -> None:
    """Its words do not even get a number."""
    document = Document(title="rye", blocks=["salt"], headings=["oven"], tags=["crust"])
    counts = Analyzer(Fields(0, 0, 0)).count([document])
    assert counts.terms == ["salt"]
    assert readably(counts)[0][2] == Counter()


def test_a_very_frequent_word_is_counted_in_full() -> None:
    """Weights travel in few bits, sums do not."""
    title = "bread " * 20_000
    assert readably(Analyzer(Fields(title=15)).count([Document(title=title)]))[0][0] == {
        "bread": 300_000
    }


def test_languages_share_terms_but_not_stems() -> None:
    """The same stem of two languages is one column; each text has its own function words."""
    documents = [
        Document(blocks=["die connected"], language="en"),
        Document(blocks=["die connected connect"], language="de"),
        Document(blocks=["die connected connect"]),
    ]
    counts = Analyzer().count(documents)
    assert [found[0] for found in readably(counts)] == [
        {"die": 1, "connect": 1},
        {stemmer("de")("connected"): 1, "connect": 1},
        {"die": 1, "connected": 1, "connect": 1},
    ]
    assert counts.terms.count("connect") == 1


@pytest.mark.parametrize("documents", [[], [Document()], [Document(blocks=["the of"])] * 2])
def test_nothing_to_count(documents: list[Document]) -> None:
    """No documents, empty ones and ones of function words are rows without entries."""
    counts = Analyzer().count([Document(one.title, one.blocks, language="en") for one in documents])
    for rows in (counts.words, counts.pairs, counts.titles):
        assert rows.starts.tolist() == [0] * (len(documents) + 1)
        assert len(rows.keys) == len(rows.counts) == 0


def test_too_many_documents_are_refused() -> None:
    """The limit fits, one more is a programmer's mistake that is named."""
    full = Analyzer().count([Document(title="rye")] * MAX_DOCUMENTS)
    assert full.words.counts.tolist() == [2] * MAX_DOCUMENTS
    with pytest.raises(ValueError, match=f"{MAX_DOCUMENTS + 1} documents"):
        Analyzer().count([Document()] * (MAX_DOCUMENTS + 1))


@pytest.mark.parametrize("name", ["title", "tag", "heading"])
@pytest.mark.parametrize("value", [-1, MAX_REPEATS + 1])
def test_weights_that_do_not_fit_are_refused(name: str, value: int) -> None:
    """A weight is 0 to 15, and the message names the field."""
    with pytest.raises(ValueError, match=name):
        Fields(**{name: value})


def test_fingerprint_tells_what_changes_terms(monkeypatch: pytest.MonkeyPatch) -> None:
    """Equal settings have one fingerprint; fields, library and our own version change it."""
    first = Analyzer().fingerprint
    assert first == Analyzer(Fields(2, 5, 1)).fingerprint
    assert len(first) == 16
    assert int(first, 16) >= 0
    others = {
        Analyzer(Fields(title=4)).fingerprint,
        Analyzer(Fields(tag=3)).fingerprint,
        Analyzer(Fields(heading=2)).fingerprint,
    }
    monkeypatch.setattr(module, "LIBRARY", "PyStemmer 0.0")
    others.add(Analyzer().fingerprint)
    monkeypatch.undo()
    monkeypatch.setattr(module, "ANALYZER_VERSION", module.ANALYZER_VERSION + 1)
    others.add(Analyzer().fingerprint)
    assert len(others | {first}) == 6


def test_fingerprint_does_not_depend_on_what_was_met() -> None:
    """Analysing changes nothing about it."""
    analyzer = Analyzer()
    before = analyzer.fingerprint
    analyzer.count([Document(title="rye bread")])
    assert analyzer.fingerprint == before


def test_document_of_a_post() -> None:
    """Title, body, headings, tags and categories, and the language's primary code."""
    post = Post(
        id="1",
        url="/1",
        title="Rye",
        html="<h2>Head</h2><p>Body",
        tags=("bread",),
        categories=("food",),
        language="pt-br",
    )
    assert document(post, "en") == Document(
        "Rye", ["Head", "Body"], ["Head"], ["bread", "food"], "pt"
    )
    assert document(Post(id="1", url="/1"), "en").language == "en"


def test_document_of_text_and_of_a_document() -> None:
    """Plain text is a body; a ready document stays as it is."""
    ready = Document(title="Rye")
    assert document(ready, "en") is ready
    assert document("a <b> c", "en") == Document(blocks=["a <b> c"], language="en")
