"""Stems and function words: every list and every algorithm is what it claims to be."""

from __future__ import annotations

import unicodedata

import pytest
import Stemmer
from hypothesis import given
from hypothesis import strategies as st

from related_posts.text import stopwords
from related_posts.text.light_stem import ENDINGS, MIN_LETTERS
from related_posts.text.stem import ALGORITHMS, LIBRARY, stemmer
from related_posts.text.stopwords import STOP_WORDS, stop_words
from related_posts.text.words import words

#: What blogs are about, in the words of published stop lists.
TOPICS = {
    "en": "computer home system fire bill cry detail work world help time people year first new "
    "good day life book food water change move sincere interest mill found empty full part "
    "world show seem name back top bottom front side call find give keep take make",
    "de": "haus computer jahr zeit tag leben arbeit welt wasser buch mensch frau mann kind neu gut",
    "fr": "maison ordinateur temps jour vie monde eau livre homme femme nouveau bon travail",
    "es": "casa ordenador tiempo día vida mundo agua libro hombre mujer nuevo bueno trabajo",
    "ru": "дом компьютер время день жизнь мир вода книга человек работа новый",
}


@pytest.mark.parametrize("language", ALGORITHMS)
def test_every_named_algorithm_exists(language: str) -> None:
    """No language falls back to unstemmed words by a misspelt name."""
    assert ALGORITHMS[language] in Stemmer.algorithms()


@pytest.mark.parametrize(
    ("language", "forms"),
    [
        ("en", "connect connected connecting connection connections"),
        ("de", "haus hauses häuser"),
        ("fr", "continuer continue continues"),
        ("ru", "книга книги книгу"),
        ("fi", "talo talossa talosta"),
        ("gl", "canción cancións"),
        ("gl", "libro libros"),
        ("uk", "книга книги книгою книгу книг книгам книгах"),
        ("uk", "новий нового новому новими нова нову нове нові"),
        ("uk", "навчатися навчається навчалися навчання"),
        ("bg", "книга книгата книги книгите"),
        ("bg", "град градът града градове градовете"),
        ("bg", "нов новият новата новите нови"),
        ("mk", "книга книгата книги книгите"),
        ("mk", "град градот градови градовите"),
        ("sk", "kniha knihy knihou knihách knihami"),
        ("sk", "slovenský slovenského slovenská slovenskými"),
        ("sl", "knjiga knjige knjigo knjigah knjigami knjig"),
        ("sl", "nov novega novemu novih nova"),
        ("lv", "grāmata grāmatas grāmatu grāmatā grāmatām grāmatās"),
        ("lv", "vecs veca vecam vecos vecajiem"),
        ("is", "hestur hestar hesti hestinum hestarnir hestana"),
        ("ka", "წიგნი წიგნის წიგნში წიგნები წიგნების წიგნებით"),
    ],
)
def test_inflections_share_a_stem(language: str, forms: str) -> None:
    """The forms of one word become one term."""
    assert len(set(map(stemmer(language), forms.split()))) == 1


@pytest.mark.parametrize("language", ENDINGS)
@given(word=st.text())
def test_light_stems_begin_their_words(language: str, word: str) -> None:
    """Whatever the word, something of it stays, and short words and names stay whole."""
    stem = stemmer(language)(word)
    assert word.startswith(stem)
    assert len(stem) >= min(len(word), MIN_LETTERS)
    assert stem == word or word.isalpha()


@pytest.mark.parametrize("language", ENDINGS)
def test_endings_are_in_the_form_that_is_met(language: str) -> None:
    """Small letters, composed, each named once; no language has an algorithm as well."""
    listed = ENDINGS[language].each.split()
    assert len(listed) == len(set(listed))
    assert all(each == unicodedata.normalize("NFKC", each.lower()) for each in listed)
    assert language not in ALGORITHMS


@pytest.mark.parametrize("language", ["", "xx", "english", "EN"])
def test_an_unknown_language_leaves_words_alone(language: str) -> None:
    """Without an algorithm a word is its own stem, and nothing is listed as a function word."""
    stem = stemmer(language)
    assert [stem(word) for word in ("connections", "häuser", "本")] == [
        "connections",
        "häuser",
        "本",
    ]
    assert stop_words(language) == frozenset()


def test_an_algorithm_this_library_lacks_leaves_words_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An older Snowball without a language stops nothing."""
    monkeypatch.setitem(ALGORITHMS, "en", "klingon")
    assert stemmer("en")("connections") == "connections"


def test_names_with_signs_keep_their_signs() -> None:
    """No stemmer takes C++ or .NET for an inflection."""
    for language in [*ALGORITHMS, *ENDINGS]:
        stem = stemmer(language)
        assert [stem(word) for word in ("c++", "c#", ".net")] == ["c++", "c#", ".net"]


def test_the_library_is_named_with_its_version() -> None:
    """The fingerprint can tell one release's stems from another's."""
    assert LIBRARY.startswith("PyStemmer ")
    assert LIBRARY.split()[1][0].isdigit()


@pytest.mark.parametrize("language", STOP_WORDS)
def test_function_words_are_in_the_form_that_is_looked_up(language: str) -> None:
    """Each is lower case, NFKC and one word, so that it is ever found."""
    for word in STOP_WORDS[language]:
        assert word == word.lower() == unicodedata.normalize("NFKC", word)
        assert words(word) in ([word], []), "only single ASCII letters are no words"
        assert words(word) or (len(word) == 1 and word.isascii())


@pytest.mark.parametrize("language", STOP_WORDS)
def test_lists_are_short_and_name_no_word_twice(language: str) -> None:
    """Rare-word weighting does the rest."""
    listed = stopwords._WORDS[language].split()
    assert len(listed) == len(set(listed))
    assert 20 <= len(listed) < 120


@pytest.mark.parametrize("language", TOPICS)
def test_no_list_holds_what_a_blog_may_be_about(language: str) -> None:
    """Computers, homes and systems are topics."""
    assert STOP_WORDS[language].isdisjoint(TOPICS[language].split())


def test_norwegian_has_one_list_under_its_three_codes() -> None:
    """Blogs state no, nb or nn."""
    assert stop_words("no") == stop_words("nb") == stop_words("nn") != frozenset()
