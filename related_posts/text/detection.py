"""Detection: the language of each post, from its text and from the rest of its blog.

A post is examined alone first, by its letters (:mod:`related_posts.text.scripts`), its
function words and a classifier of byte sequences. What that leaves open, as it does for a
title of three words, the blog decides: its other posts say how probable each language is.

The two steps are apart so that the first can run in parallel; the second sums up counts,
so the order of posts plays no part.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from html import unescape
from typing import Any, NamedTuple

from related_posts.text.language import primary
from related_posts.text.scripts import FEW_LETTERS, LATIN, MANY_LETTERS, Reading, contradicts, read
from related_posts.text.stopwords import STOP_WORDS
from related_posts.text.words import words

#: Characters of the sample: a piece of the start and one of the middle, where
#: neither greetings nor notices in another language stand.
START_CHARS, MIDDLE_CHARS = 500, 1_000
MAX_CHARS = START_CHARS + MIDDLE_CHARS
#: So far behind the middle the beginning of a paragraph is looked for.
MAX_SEARCH = 10_000
#: Characters that the classifier is given: it reads every byte in turn.
CLASSIFIED_CHARS = 500
#: How much a function word says, beside the classifier.
WORD_WEIGHT = 2.0
#: A post refutes or confirms what its blog states only if it has so many letters.
VOTE_LETTERS = 60
#: Rounds in which frequencies and probabilities are weighed by each other.
ROUNDS = 5
#: Below it a post gets the blog's most frequent language.
MIN_SETTLED = 0.5
#: What a language that no post of the blog is in counts for, in posts.
UNSEEN_POSTS = 0.05
#: So probable must another language be for words to overrule the stated one.
OVERRULE_PROBABILITY = 0.99
#: So probable must a language be without any other post.
MIN_PROBABILITY = 0.9
#: Languages kept of a post.
MAX_KEPT = 10
#: From so many posts on, a post is not the only one in a language.
TOGETHER = 1.5
#: From so many posts on, a language is one of the blog's.
MIN_USUAL = 0.5
#: Probability of a language that the classifier does not know.
UNKNOWN = 0.05

_CODE = re.compile(
    r"<(pre|code|script|style|kbd|samp|textarea|svg)\b[^>]*>.*?(?:</\1\s*>|\Z)",
    re.DOTALL | re.IGNORECASE,
)
_TAG = re.compile(r"<[^<>]*>")
_CUT_TAGS = re.compile(r"\A[^<>]*>|<[^<>]*\Z")
_URL = re.compile(r"https?://[!-~]+")
#: A file, a host, a path or a name in code.
_NAME = re.compile(r"\w[._/\\@=]+\w|\(\)|[{}]")

_IN_LATIN = frozenset(LATIN)
#: Names of the classifier for what is one language to readers.
_FOLDED = {"wuu": "zh", "yue": "zh", "arz": "ar", "ary": "ar", "sdh": "ku", "nn": "no"}


class Evidence(NamedTuple):
    """What a post alone says of its language.

    Attributes:
        stated: The stated language's primary code, or empty.
        refuted: Whether the text plainly contradicts it.
        letters: Letters in the sample.
        probabilities: Code and probability of the languages the text may be in, most
            probable first; empty where it was not looked into, as the stated one fits, and
            where there is nothing to judge.
    """

    stated: str
    refuted: bool
    letters: int
    probabilities: tuple[tuple[str, float], ...]


def examine(title: str, html: str, stated: str = "") -> Evidence:
    """Look at one post alone.

    A stated language is overruled where the text is in a script it is not written in, or
    where 400 letters and more are in another language by a probability of 99 %.

    Args:
        title: Its title.
        html: Its body.
        stated: The language its source states, as a tag; may be empty.
    """
    language = primary(stated)
    text = sample(title, html)
    letters = sum(map(str.isalpha, text))
    reading = read(text)
    if not language:
        return Evidence("", False, letters, _probabilities(reading))
    script_fits = not contradicts(language, reading, letters)
    if script_fits and (letters < MANY_LETTERS or _has_its_words(language, reading)):
        return Evidence(language, False, letters, ())
    found = _probabilities(reading)
    best, probability = found[0] if found else ("", 0.0)
    refuted = not script_fits or (
        probability >= OVERRULE_PROBABILITY
        and best != language
        and {best, language} <= STOP_WORDS.keys()
    )
    return Evidence(language, refuted, letters, found if refuted else ())


class Usage(NamedTuple):
    """Which languages a blog is written in, as far as that decides the language of a post.

    Attributes:
        false: Languages that are stated where they are not.
        frequencies: How many posts are in each language; they need not be whole.
    """

    false: frozenset[str]
    frequencies: Mapping[str, float]


def usage_of(evidence: Sequence[Evidence]) -> Usage:
    """What all posts of a blog together say of its languages."""
    refuted, believed = Counter[str](), Counter[str]()
    for post in evidence:
        if post.stated and post.letters >= VOTE_LETTERS:
            (refuted if post.refuted else believed)[post.stated] += 1
    false = frozenset(language for language, n in refuted.items() if n > believed[language])
    return Usage(false, _frequencies(_without_false_statements(evidence, false)))


def settle(evidence: Sequence[Evidence], usage: Usage | None = None) -> list[str]:
    """The language of every post of a blog.

    How frequent each language is on the blog is estimated from all posts together: stated
    languages count in full, others by their probabilities, and these are weighed anew by the
    frequencies a few times over (expectation maximisation). A post of which little is known
    then gets the language that is most probable on this blog.

    A stated language stands unless it is refuted. Where most posts that can be judged refute
    it, as on a blog left at its software's default, it does not stand for the others either.
    The only post in a language of the same script keeps what is stated: alone it would be
    related to nothing.

    Args:
        evidence: Of each post, in any order.
        usage: What :func:`usage_of` gave, where that is known already.

    Returns:
        A primary code each; empty only where nothing is known of any post.
    """
    false, frequencies = usage or usage_of(evidence)
    posts = _without_false_statements(evidence, false)
    usual = min(frequencies, key=lambda language: (-frequencies[language], language), default="")
    found = []
    for post in posts:
        language, probability = _weighed(post, frequencies)
        if _would_be_alone(post, language, frequencies):
            language, probability = post.stated, 1.0
        found.append(language if probability >= MIN_SETTLED or not usual else usual)
    return found


def _would_be_alone(post: Evidence, language: str, frequencies: Mapping[str, float]) -> bool:
    """Whether overruling a statement by words would leave a post without any other."""
    return (
        post.refuted
        and {post.stated, language} <= _IN_LATIN
        and frequencies.get(language, 0.0) < TOGETHER
        and frequencies.get(post.stated, 0.0) >= 1
    )


def detect(text: str) -> str:
    """Guess the language of a text on its own.

    Args:
        text: Plain text.

    Returns:
        A primary language code, or the empty string where the text has fewer
        than 24 letters or no language is at least 90 % probable.
    """
    found = examine("", text)
    decided = len(found.probabilities) == 1
    if not found.probabilities or (found.letters < FEW_LETTERS and not decided):
        return ""
    language, probability = found.probabilities[0]
    return language if probability >= MIN_PROBABILITY else ""


def sample(title: str, html: str) -> str:
    """Prose of a post to tell its language by: its title, its start and a piece of its middle.

    Code, markup, addresses and file names are left out.
    """
    start, middle = html, ""
    if len(html) > 3 * (START_CHARS + MIDDLE_CHARS):
        # A paragraph begins outside of code.
        half = html.find("<p", len(html) // 2, len(html) // 2 + MAX_SEARCH)
        half = half if half >= 0 else len(html) // 2
        start, middle = html[: 3 * START_CHARS], html[half : half + 3 * MIDDLE_CHARS]
    return "\n".join(
        (_plain(title), _prose(start)[: START_CHARS if middle else None], _prose(middle))
    )[:MAX_CHARS]


def _prose(html: str) -> str:
    """Plain text of a piece of HTML that may begin and end anywhere."""
    if "<" in html or ">" in html:
        html = _CODE.sub(" ", html)
        html = _TAG.sub(" ", _CUT_TAGS.sub(" ", html))
    return _plain(unescape(html))


def _plain(text: str) -> str:
    if "://" in text:
        text = _URL.sub(" ", text)
    return " ".join(
        piece
        for piece in text.split()
        if piece.isalpha() or not piece.isascii() or not _NAME.search(piece)
    )


def _without_false_statements(
    evidence: Sequence[Evidence], false: frozenset[str]
) -> list[Evidence]:
    """The same, without a stated language that most posts with enough text refute."""
    return [
        post._replace(refuted=True)
        if post.stated in false and post.letters < VOTE_LETTERS
        else post
        for post in evidence
    ]


def _frequencies(posts: Sequence[Evidence]) -> dict[str, float]:
    """How many posts of the blog are in each language; the same in any order of posts."""
    frequencies: dict[str, float] = {}
    for _ in range(ROUNDS):
        shares: dict[str, list[float]] = {}
        for post in posts:
            for language, share in _posterior(post, frequencies):
                shares.setdefault(language, []).append(share)
        # An exact sum, so that it does not depend on the order.
        frequencies = {language: math.fsum(found) for language, found in shares.items()}
    return frequencies


def _weighed(post: Evidence, frequencies: Mapping[str, float]) -> tuple[str, float]:
    """A post's most probable language on a blog with these languages, and its probability."""
    return min(
        _posterior(post, frequencies), key=lambda found: (-found[1], found[0]), default=("", 0.0)
    )


def _posterior(post: Evidence, frequencies: Mapping[str, float]) -> Sequence[tuple[str, float]]:
    """A post's languages with their probabilities on a blog with these frequencies."""
    if post.stated and not post.refuted:
        return ((post.stated, 1.0),)
    found = post.probabilities
    if not frequencies or len(found) <= 1:
        return found
    if len(found) == MAX_KEPT and all(language in LATIN for language, _ in found):
        # The blog's own languages are in the running although they were not kept.
        kept, least = {language for language, _ in found}, found[-1][1]
        usual = (code for code, n in frequencies.items() if n >= MIN_USUAL and code not in kept)
        found = (*found, *((language, least) for language in usual))
    weights = [
        probability * (frequencies.get(language, 0.0) + UNSEEN_POSTS)
        for language, probability in found
    ]
    total = math.fsum(weights)
    return [
        (language, weight / total) for (language, _), weight in zip(found, weights, strict=True)
    ]


def _probabilities(reading: Reading) -> tuple[tuple[str, float], ...]:
    """The most probable languages with their probabilities, best first, then by code."""
    if len(reading.languages) == 1:
        return ((reading.languages[0], 1.0),)
    found = words(reading.text)
    if not found:
        return ()
    guesses = _classified(reading.text)
    hits = _hits(found)
    doubt = 1e-6
    if "ja" in reading.languages:
        # A title without kana may well be Japanese, a page can't.
        doubt += min(0.5, 10 / len(reading.text) ** 2)
    logs = {
        language: math.log(guesses.get(language, UNKNOWN) + doubt)
        + WORD_WEIGHT * hits[language] / math.sqrt(len(found))
        for language in reading.languages or LATIN
    }
    greatest = max(logs.values())
    weights = {language: math.exp(log - greatest) for language, log in logs.items()}
    total = math.fsum(weights.values())
    ranked = sorted(weights, key=lambda language: (-weights[language], language))
    return tuple((language, weights[language] / total) for language in ranked[:MAX_KEPT])


def _classified(text: str) -> dict[str, float]:
    """Probability of every language the classifier knows."""
    folded: dict[str, float] = {}
    for language, probability in _identifier().rank(_ends(text)):
        code = _FOLDED.get(language, language)
        folded[code] = folded.get(code, 0.0) + float(probability)
    return folded


def _ends(text: str) -> str:
    if len(text) <= CLASSIFIED_CHARS:
        return text
    half = CLASSIFIED_CHARS // 2
    return f"{text[:half]} {text[-half:]}"


def _hits(found: Iterable[str]) -> Counter[str]:
    """How many of the words are function words of each language."""
    hits: Counter[str] = Counter()
    for word, n in Counter(found).items():
        for language in _FUNCTION_WORDS.get(word, ()):
            hits[language] += n
    return hits


def _has_its_words(language: str, reading: Reading) -> bool:
    """Whether the letters decide, or no other language has more function words in a text."""
    if len(reading.languages) == 1:
        return True
    hits = _hits(words(reading.text))
    return bool(hits[language]) and hits[language] == max(hits.values())


@cache
def _identifier() -> Any:
    # Its model takes a while to load: only a blog without stated languages pays.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def _by_word() -> dict[str, tuple[str, ...]]:
    languages: dict[str, list[str]] = {}
    for language, listed in STOP_WORDS.items():
        if primary(language) == language:
            for word in listed:
                languages.setdefault(word, []).append(language)
    for word in STOP_WORDS["sr"]:
        languages.setdefault(word.translate(_TO_CYRILLIC), []).append("sr")
    return {word: tuple(codes) for word, codes in languages.items()}


#: Serbian is written in both; its function words hold none of the letters of two signs.
_TO_CYRILLIC = str.maketrans("abvgdđežzijklmnoprstćufhcčš", "абвгдђежзијклмнопрстћуфхцчш")
#: Each function word's languages.
_FUNCTION_WORDS = _by_word()
