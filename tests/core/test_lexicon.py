"""The lexicon: remembering pieces changes nothing but the time it takes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from related_posts.text import lexicon as module
from related_posts.text.fold import folder
from related_posts.text.lexicon import MAX_REMEMBERED_CHARS, Lexicon, Terms
from related_posts.text.stem import stemmer
from related_posts.text.stopwords import stop_words
from related_posts.text.words import is_pair, words

LANGUAGES = ["en", "de", "ja", "ar", ""]
MET = (
    "the Databases, databases. connection/connections state-of-the-art — C++ the-the .NET "
    "日本語の本 東京Tower2階 中 die Häuser house a 7 node.js/vue.js ... (.net) Node.js, C#. "
    "_init_ «Haus» #tag @name 'quoted' don't x++ f# THE"
)
PIECES = st.lists(
    st.sampled_from([*MET.split(), "長" * 80, "x" * 40, "x" * 41])
    | st.text(st.characters(categories=["L", "N", "P", "M"]), min_size=1, max_size=12)
    | st.text("aBcT0.+#_-'(),;:!?\"@/&*[]{}", min_size=1, max_size=8),
    max_size=20,
)


def slowly(language: str, pieces: list[str]) -> tuple[list[str], list[int]]:
    """The terms of pieces and the index of each one's piece, as plainly as can be."""
    stem, fold = stemmer(language), folder(language)
    stop = set(map(fold, stop_words(language)))
    terms, owners = [], []
    for index, piece in enumerate(pieces):
        for word in words(piece):
            if fold(word) not in stop:
                terms.append(fold(word) if is_pair(word) else stem(fold(word)))
                owners.append(index)
    return terms, owners


def expanded(lexicon: Lexicon, terms: Terms, pieces: list[str]) -> tuple[list[str], list[int]]:
    """The same by way of the lexicon."""
    numbers, owners = lexicon.expand(pieces)
    return [terms.strings[number] for number in numbers.tolist()], owners.tolist()


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(LANGUAGES), PIECES), max_size=6))
def test_expanding_equals_analysing_each_piece(calls: list[tuple[str, list[str]]]) -> None:
    """Pieces of none, one or many terms, met before or not, in several languages at once."""
    terms = Terms()
    lexicons = {language: Lexicon(language, terms) for language in LANGUAGES}
    for language, pieces in calls:
        assert expanded(lexicons[language], terms, pieces) == slowly(language, pieces)


@settings(deadline=None)
@given(st.lists(PIECES, max_size=6))
def test_forgetting_changes_no_result(calls: list[list[str]]) -> None:
    """A memory that is emptied before every call gives the same terms and numbers."""
    terms, forgetful_terms = Terms(), Terms()
    lexicon, forgetful = Lexicon("en", terms), Lexicon("en", forgetful_terms)
    for pieces in calls:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(module, "MAX_PIECES", -1)
            forgetful.forget()
        assert not forgetful
        assert expanded(forgetful, forgetful_terms, pieces) == expanded(lexicon, terms, pieces)
    assert forgetful_terms.strings == terms.strings
    assert forgetful_terms.readable == terms.readable


def test_memory_is_emptied_only_where_it_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both the pieces and what they expand to count."""
    lexicon = Lexicon("en", Terms())
    lexicon.expand(["bread", "water/flour/salt"])
    monkeypatch.setattr(module, "MAX_PIECES", 3)
    lexicon.forget()
    assert len(lexicon) == 2
    lexicon.expand(["rye/starter"])
    lexicon.forget()
    assert len(lexicon) == 0
    assert lexicon.expand(["water/flour/salt"])[1].tolist() == [0, 0, 0]


def test_a_piece_is_analysed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was met is looked up; only long pieces are analysed again and not kept."""
    met: list[str] = []

    def spy(piece: str) -> list[str]:
        met.append(piece)
        return words(piece)

    monkeypatch.setattr(module, "words", spy)
    lexicon = Lexicon("en", Terms())
    paragraph = "本" * (MAX_REMEMBERED_CHARS + 1)
    lexicon.expand(["rye/bread", "rye/bread", "-", "-", paragraph, paragraph])
    assert met == ["rye/bread", "-", paragraph, paragraph]
    assert set(lexicon) == {"rye/bread", "-"}


def test_the_shortest_word_shows_the_term() -> None:
    """Which form is shown does not depend on which was met first."""
    forms = ["connections", "connecting", "connected", "connects"]
    for order in (forms, forms[::-1]):
        terms = Terms()
        Lexicon("en", terms).expand(order)
        assert terms.strings == ["connect"]
        assert terms.readable == ["connects"]


def test_pairs_of_unspaced_scripts_are_marked() -> None:
    """They take no part in word bigrams."""
    terms = Terms()
    Lexicon("ja", terms).expand(["日本語", "tower", "中"])
    assert dict(zip(terms.strings, terms.is_pair, strict=True)) == {
        "日本": 1,
        "本語": 1,
        "tower": 0,
        "中": 1,
    }


def test_no_pieces_give_no_terms() -> None:
    """An empty document is no special case for the caller."""
    numbers, owners = Lexicon("en", Terms()).expand([])
    assert (len(numbers), len(owners)) == (0, 0)
