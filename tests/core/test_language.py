"""Languages: codes, detection, and what an archive settles on."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from related_posts.text import language as module
from related_posts.text.language import MAX_CHARS, MIN_LETTERS, detect, primary, settle

TEXTS = {
    "en": "The bread is baked until the crust sings, and then it rests on the kitchen table.",
    "de": "Das Brot wird gebacken, bis die Kruste singt, und ruht danach auf dem Küchentisch.",
    "fr": "Le pain cuit jusqu’à ce que la croûte chante, puis il repose sur la table de cuisine.",
    "es": "El pan se hornea hasta que la corteza canta, y después descansa sobre la mesa.",
    "ru": "Хлеб выпекают, пока корочка не запоёт, а потом он отдыхает на кухонном столе.",
    "ja": "パンは皮が歌うまで焼いて、それから台所のテーブルの上で休ませます。",
    "th": "ขนมปังอบจนเปลือกร้องเพลงแล้วพักไว้บนโต๊ะในครัวที่บ้าน",
    "hi": "रोटी को तब तक सेंका जाता है जब तक उसकी परत कुरकुरी न हो जाए, फिर उसे रखा जाता है।",
}


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("en", "en"),
        ("pt-BR", "pt"),
        ("zh_Hant_TW", "zh"),
        (" EN-us ", "en"),
        ("", ""),
        ("-", ""),
        ("deu", "deu"),
    ],
)
def test_primary_is_the_first_subtag(tag: str, code: str) -> None:
    """Regions and scripts do not part a language."""
    assert primary(tag) == code


@pytest.mark.parametrize("language", TEXTS)
def test_a_sentence_is_enough(language: str) -> None:
    """Ordinary prose is recognised."""
    assert detect(TEXTS[language]) == language


@pytest.mark.parametrize(
    "text", ["", "   ", "12345 67890 +-*/ 12345 67890 !!!", "the bread and water", "a" * 23]
)
def test_too_few_letters_are_not_judged(text: str) -> None:
    """Rather no language than a guess from a title's two words."""
    assert detect(text) == ""


def test_an_improbable_guess_counts_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Below nine tenths there is no answer, from there on there is."""

    class Guess:
        def __init__(self, probability: float) -> None:
            self.probability = probability

        def classify(self, text: str) -> tuple[str, float]:
            return "en", self.probability

    for probability, expected in ((0.89, ""), (0.9, "en"), (1.0, "en")):
        monkeypatch.setattr(module, "_identifier", lambda p=probability: Guess(p))
        assert detect("a" * MIN_LETTERS) == expected


def test_only_the_start_is_looked_at() -> None:
    """A book costs no more than a page."""
    start = (TEXTS["de"] + " ") * 60
    assert len(start) > MAX_CHARS
    assert detect(start + TEXTS["en"] * 10_000) == "de"


@settings(deadline=None, max_examples=50)
@given(st.text(alphabet=st.characters(), min_size=MIN_LETTERS))
def test_any_text_has_a_code_or_none(text: str) -> None:
    """No text raises, and the answer is a primary code."""
    code = detect(text)
    assert code == primary(code)


def test_an_archive_settles_on_its_most_frequent_language() -> None:
    """Unknown posts do not vote; among equals the first by code wins, in any order."""
    assert settle(["", "", "", "de", "en", "en"]) == "en"
    assert settle(["en", "de", "de", "en"]) == settle(["de", "en", "en", "de"]) == "de"
    assert settle(["", ""]) == settle([]) == ""
