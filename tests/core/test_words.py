"""Words of any script: what is one, what is none, and in which form."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from related_posts.text.words import MAX_WORD_CHARS, is_pair, words

CASES = [
    # Names with signs and dots
    ("C++ and C# and F#.", "c++ and c# and f#"),
    ("Learn C++!", "learn c++"),
    ("C++20 or C#12", "c++ 20 or c# 12"),
    ("C#/F#", "c# f#"),
    ("g++ but not c+++ or c##", "g++ but not or"),
    ("notepad++ xc#", "notepad xc"),
    ("The .NET runtime, ASP.NET Core", "the .net runtime asp.net core"),
    ("(.NET)", ".net"),
    (".NETs", "nets"),
    ("node.js and Node.JS", "node.js and node.js"),
    ("We moved to Vue.js.", "we moved to vue.js"),
    ("d3.js, three.js; socket.io!", "d3.js three.js socket.io"),
    ("app.js.map", "app js map"),
    ("node.js-based", "node js based"),
    ("end.Next", "end next"),
    # Apostrophes, hyphens, underscores
    ("don't l’été", "don été"),
    ("über-cool e-mail the-mail e-5", "über cool email the mail"),
    ("O\u02bcReilly", "reilly"),
    ("snake_case __init__ _emphasis_ ______", "snake_case init emphasis"),
    # Single characters
    ("a b C 7 _ I", ""),
    ("é я 中 ß", "é я 中 ß"),
    # Case and compatibility
    ("STRASSE Straße", "strasse straße"),
    ("ＡＢＣ　１２３", "abc 123"),
    ("ﬁre x² Ⅷ 𝐁𝐨𝐥𝐝", "fire x2 viii bold"),
    ("Ｃ＋＋ ｃ＃ ．ＮＥＴ", "c++ c# .net"),
    ("ΟΔΟΣ", "οδος"),
    # Combining marks
    ("हिन्दी में लिखना", "हिन्दी में लिखना"),
    ("العَرَبِيَّة", "العَرَبِيَّة"),
    ("עִבְרִית קשה", "עִבְרִית קשה"),
    ("cafe\u0301", "café"),
    ("தமிழ் বাংলা తెలుగు", "தமிழ் বাংলা తెలుగు"),
    # Invisible signs part no word
    ("co\u00adop\u00aderate", "cooperate"),
    ("क्\u200dष", "क्ष"),
    ("می\u200cخواهم", "میخواهم"),
    ("\ufeffword\u200e word\ufe0f", "word word"),
    ("漢\U000e0100字", "漢字"),
    # Unspaced scripts
    ("日本語", "日本 本語"),
    ("日本語の本。新しい", "日本 本語 語の の本 新し しい"),
    ("ﾃｷｽﾄ", "テキスト"),
    ("データベース設計", "データベース 設計"),
    ("コンピューターとコンピュータ", "コンピュータ と コンピュータ"),
    ("バスとサーバー", "バス と サーバ"),
    ("ーーーーー", "ーーーーー"),
    ("は\u3099か", "ばか"),
    ("中文，字", "中文 字"),
    ("ไทย", "ไท ทย"),
    ("ລາວ", "ລາ າວ"),
    ("မြန်", "မြန်"),
    ("มีแป้งที่ดี", "มีแ แป้ ป้ง งที่ ที่ดี"),
    ("น้ำ ที่", "น้ํา ที่"),
    ("ភាសា", "ភាសា"),
    # Korean has spaces
    ("한국어 단어를", "한국어 단어를"),
    # Mixed scripts
    ("東京Tower2階", "東京 tower2 階"),
    ("iPhone15を買う", "iphone15 を買 買う"),
    ("C++入門とnode.js", "c++ 入門 門と node.js"),
    ("新しいC#で、.NETとVue.jsを", "新し しい c# で .net と vue.js を"),
    ("C++로 node.js를", "c++ 로 node.js 를"),
    # Signs only
    ("👍 good👍🏽one 🇩🇪 → § ½ ①", "good one"),
    ("— … !!! ()", ""),
    ("", ""),
]


@pytest.mark.parametrize(("text", "expected"), CASES, ids=[text for text, _ in CASES])
def test_words(text: str, expected: str) -> None:
    """Each text has exactly these words, in this order and form."""
    assert words(text) == expected.split()


def test_long_runs_are_data() -> None:
    """A run of 40 characters is a word, one of 41 is not; unspaced text may be longer."""
    assert words("x" * MAX_WORD_CHARS) == ["x" * MAX_WORD_CHARS]
    assert words("x" * (MAX_WORD_CHARS + 1) + " ok") == ["ok"]
    assert len(words("本" * 100)) == 99


def test_no_mark_stands_alone() -> None:
    """Every pair of Thai begins with a letter; however many marks are stacked, it is short."""
    text = "การทำขนมปังซาวโดว์ที่บ้านไม่ยากอย่างที่คิด เพียงแค่มีแป้ง น้ำ และเกลือ"
    assert all(unicodedata.category(word[0]) == "Lo" for word in words(text))
    stacked = words("ก" + "\u0e48" * 10_000 + "ข")
    assert max(map(len, stacked)) <= 16
    assert stacked[-1].endswith("ข")


def test_composed_and_decomposed_text_have_the_same_words() -> None:
    """How an editor stored an accent does not matter."""
    for text in ("Çà naïve Ångström", "ばがパ", "한국어", "ἄνθρωπος"):
        assert words(unicodedata.normalize("NFD", text)) == words(text) != []


def test_pairs_are_told_from_words() -> None:
    """Only pieces of unspaced scripts are pairs."""
    assert all(map(is_pair, words("日本語 ไทย ー 中")))
    assert not any(map(is_pair, words("hello हिन्दी 한국어 c++ .net é")))
    assert not is_pair("")


@settings(deadline=None, max_examples=300)
@given(st.text(alphabet=st.characters()))
def test_any_text_gives_folded_words(text: str) -> None:
    """No text raises; every word is lower case, NFKC, of a word's length, and no white space."""
    for word in words(text):
        assert word == word.lower() == unicodedata.normalize("NFKC", word)
        assert word
        assert len(word) <= MAX_WORD_CHARS
        assert not any(map(str.isspace, word))
        assert len(word) > 1 or not word.isascii()
        n_characters = sum(unicodedata.category(one) not in ("Mn", "Mc") for one in word)
        assert n_characters <= 2 or not is_pair(word)


@settings(deadline=None, max_examples=300)
@given(st.text(alphabet=st.characters(categories=["L", "M", "N", "P", "Zs", "Cf"])))
def test_words_of_a_text_are_those_of_its_pieces(text: str) -> None:
    """White space parts words always: analysing piece by piece loses nothing."""
    assert words(text) == [word for piece in text.split() for word in words(piece)]


@settings(deadline=None)
@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "Zs"])))
def test_words_of_words_are_the_same_words(text: str) -> None:
    """Spaced words, once found, are found again in their own text."""
    found = [word for word in words(text) if not is_pair(word)]
    assert words(" ".join(found)) == found


@settings(deadline=None)
@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "Zs"])))
def test_compatible_texts_have_the_same_words(text: str) -> None:
    """Every normal form of a text has the words of its NFKC form."""
    expected = words(unicodedata.normalize("NFKC", text))
    for form in ("NFC", "NFD", "NFKD"):
        assert words(unicodedata.normalize(form, text)) == expected
