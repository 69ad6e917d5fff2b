"""Folding: spellings that writers use side by side give one term."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from related_posts.text.analyzer import Analyzer
from related_posts.text.document import Document
from related_posts.text.fold import folder, prepare
from related_posts.text.stem import ALGORITHMS, stemmer

#: Texts of each line are one term.
SAME = [
    ("ar", "كِتَاب كتاب كتـــاب الكتاب"),
    ("ar", "أحمد احمد إحمد"),
    ("fa", "کتاب كتاب کتاب‌ها کتابهای"),
    ("fa", "فارسی فارسي"),
    ("ur", "کتاب كتاب"),
    ("he", "שָׁלוֹם שלום"),
    ("he", "בית הבית לבית בבית שבבית ושבבית"),
    ("he", 'צה״ל צה"ל'),
    ("ar", "مدرسة المدرسة والمدرسة للمدرسة"),
    ("el", "Οδός ΟΔΟΣ οδός οδο\u0301ς"),
    ("el", "ψωμί ΨΩΜΙ Ψωμί"),
    ("de", "Straße Strasse STRASSE"),
    ("de", "Häuser Haeuser Haus"),
    ("de", "Größe Groesse GRÖSSE Grö\u00adße Gro\u0308ße"),
    ("de", "Leser Leser:innen Leser*innen LeserInnen Leser/in Leser/-innen Leser_innen"),
    ("de", "E-Mail Email e-mail E-Mails"),
    ("en", "café cafe Cafés CAFÉ"),
    ("fr", "cœur coeur"),
    ("fr", "l'école L’École l\u02bcécole ECOLE écoles jusqu’école"),
    ("fr", "État Etat ÉTATS"),
    ("pt", "coração corações CORAÇÃO coracao"),
    ("pt", "avião aviões"),
    ("fr", "l'élève élèves d’élève"),
    ("it", "dell'acqua l'acqua acqua"),
    ("ca", "l'aigua aigua d’aigua"),
    ("ca", "col·laboració collaboració"),
    ("ro", "acţiune acțiune acţiuni"),
    ("ru", "ёлка елка ёлки"),
    ("uk", "комп'ютер комп’ютер компʼютер"),
    ("sr", "књига knjiga књиге"),
    ("hi", "क़िताब किताब किताबें"),
    ("tr", "ışık IŞIK Işık"),
    ("tr", "İstanbul istanbul"),
    ("vi", "hòa hoà"),
    ("ko", "데이터를 데이터가 데이터에서 데이터"),
    ("no", "bøker bøkene"),
    ("hr", "knjiga knjige"),
    ("ms", "makanan makan"),
    ("zh", "ＷＥＢ web"),
    ("ja", "データベース ﾃﾞｰﾀﾍﾞｰｽ"),
    ("ja", "サーバー サーバ"),
    ("en", "e-mail email E-Mail e-mails"),
    ("en", "O’Reilly O'Reilly O\u02bcReilly"),
    ("fa", "۲۰۲۴ 2024"),
    ("ar", "٢٠٢٤ 2024"),
    ("hi", "२०२४ 2024"),
]
#: Texts of each line stay apart.
APART = [
    ("de", "Masse Mühle"),
    ("es", "año ano"),
    ("da", "ar år"),
    ("tr", "kar kır"),
    ("ru", "все мир"),
    ("de", "LinkedIn Linked"),
    ("he", "שלום לחם"),
    ("ko", "나라 나무"),
    ("ja", "はし はじ"),
]
#: Function words alone: nothing is left.
NOTHING = [
    ("de", "und der die das"),
    ("fr", "l'on n'est qu'il"),
    ("ru", "ещё еще её и не"),
    ("el", "ΚΑΙ και είναι ΕΙΝΑΙ"),
    ("ar", "أن إلى على من في"),
    ("fa", "این را از می"),
    ("hi", "है और में का"),
    ("he", "של את על"),
    ("uk", "і та що"),
    ("sr", "и је да на"),
    ("et", "ja ning ei"),
    ("lt", "ir bet kad"),
    ("hy", "և եւ որ"),
    ("ta", "ஒரு மற்றும்"),
    ("vi", "và của là"),
    ("bg", "и на за се"),
]


def terms(text: str, language: str) -> list[set[str]]:
    """The terms of each word of a text."""
    return [
        set(Analyzer().count([Document(blocks=[word], language=language)]).terms)
        for word in text.split(" ")
    ]


@pytest.mark.parametrize(("language", "text"), SAME)
def test_spellings_of_one_word_are_one_term(language: str, text: str) -> None:
    """Marks, letters with two codes, cases, inflections and other digits."""
    first, *others = terms(text, language)
    assert len(first) == 1
    assert [other for other in others if other != first] == []


@pytest.mark.parametrize(("language", "text"), APART)
def test_different_words_stay_apart(language: str, text: str) -> None:
    """What a language tells apart is not folded."""
    first, second = terms(text, language)
    assert first != second


@pytest.mark.parametrize(("language", "text"), NOTHING)
def test_function_words_are_left_out_in_any_spelling(language: str, text: str) -> None:
    """The lists are folded as the words are."""
    assert terms(text, language) == [set() for _ in text.split(" ")]


@settings(deadline=None, max_examples=200)
@given(st.text(), st.sampled_from([*ALGORITHMS, "vi", "uk", "ur", "ko", "ja", ""]))
def test_any_word_can_be_folded_and_stays_a_word(word: str, language: str) -> None:
    """No text raises, folding twice changes nothing, and nothing vanishes."""
    fold = folder(language)
    folded = fold(word)
    assert fold(folded) == folded
    assert bool(folded) == bool(word)
    prepare(word, language)


@given(st.text(alphabet=st.characters(categories=["L", "M"])))
def test_composed_and_decomposed_words_are_one(word: str) -> None:
    """In English, where accents go, and in any form of the input."""
    composed, apart = (unicodedata.normalize(form, word) for form in ("NFC", "NFD"))
    assert folder("en")(composed) == folder("en")(apart)


def test_a_long_word_takes_linear_time() -> None:
    """A Turkish text is looked through for letters that only Turkish has."""
    assert prepare("I" * 300_000 + " ISIŞ", "tr") == "I" * 300_000 + " ıSıŞ"


def test_short_korean_words_keep_their_last_syllable() -> None:
    """``나이`` (age) is no ``나`` with a particle."""
    stem = stemmer("ko")
    assert [stem(word) for word in ("나이", "도", "web", "데이터는")] == [
        "나이",
        "도",
        "web",
        "데이터",
    ]
