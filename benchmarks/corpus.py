"""A synthetic blog of any size that has the statistics of a real one.

What decides how long training takes is the shape of the vocabulary, so that is what
is imitated: word frequencies by the two-regime Zipf–Mandelbrot law of large corpora
(Gerlach & Altmann 2013), topics, series of posts with words of their own, words
that come in bursts within a post (Simon 1955), English function words, endings for
the stemmer, and a few accents. What the words mean is not imitated: judge relevance
on real blogs only.

    python benchmarks/corpus.py 10000 posts.jsonl          plain paragraphs
    python benchmarks/corpus.py 10000 posts.jsonl --html   headings, links, lists, code
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from words import FUNCTION_WORDS, Lexicon

#: Mean words in a post, and the spread of their logarithm.
MEAN_WORDS = 400
SPREAD = 0.55
FEWEST_WORDS, MOST_WORDS = 40, 4000

#: Lexemes in the language. Only those that occur are ever spelt out.
N_LEXEMES = 300_000
#: Zipf–Mandelbrot: 1/(rank + SHIFT) up to the core's edge, then steeper.
SHIFT, CORE, TAIL_EXPONENT = 10, 6_000, 2.2

#: Where each word of a post comes from; the rest is the language as a whole.
FUNCTION, TOPIC, SERIES, REPEATED = 0.44, 0.2, 0.05, 0.16
#: Words that a topic and a series call their own.
TOPIC_WORDS, SERIES_WORDS = 1_500, 40
#: Share of content words with an ending.
INFLECTED = 0.15

#: Posts made at once; part of the recipe, since it orders the random draws.
BATCH = 1_000

FIRST_DAY = datetime(2008, 1, 1, tzinfo=UTC)
N_AUTHORS = 12

Draws = NDArray[np.int64]


def frequencies(n: int) -> NDArray[np.float64]:
    """Probabilities of ranks 1 … n by the two-regime Zipf–Mandelbrot law."""
    ranks = np.arange(1, n + 1, dtype=np.float64)
    weights = 1 / (ranks + SHIFT)
    edge = min(CORE, n)
    weights[edge:] = weights[edge - 1] * (ranks[edge:] / edge) ** -TAIL_EXPONENT
    shares: NDArray[np.float64] = weights / weights.sum()
    return shares


class Sampler:
    """Draws from a fixed distribution by searching its cumulated probabilities."""

    def __init__(self, probabilities: NDArray[np.float64]) -> None:
        self._cumulated = np.cumsum(probabilities)
        self._cumulated[-1] = 1.0

    def draw(self, random: np.random.Generator, n: int) -> Draws:
        """N indices, independent of each other."""
        # Sorted questions walk the table in order, which is several times faster
        # than jumping about in it; the order of the answers is then restored.
        asked = random.random(n)
        order = np.argsort(asked)
        answers = np.empty(n, dtype=np.int64)
        answers[order] = np.searchsorted(self._cumulated, asked[order], side="right")
        return answers


@dataclass(frozen=True)
class World:
    """What all posts of a corpus share."""

    lexicon: Lexicon
    language: Sampler
    function: Sampler
    topic: Sampler
    series: Sampler
    #: Lexemes of each topic, shape (n_topics, TOPIC_WORDS), most frequent first.
    topics: Draws
    #: Lexemes of each series, shape (n_series, SERIES_WORDS), most frequent first.
    all_series: Draws
    #: Topic of each series, shape (n_series,).
    series_topics: Draws

    @classmethod
    def make(cls, n: int, random: np.random.Generator) -> World:
        """A world whose topics and series grow in number with the posts, slowly and evenly."""
        n_topics, n_series = 24 + int(n**0.5 / 2), max(1, n // 24)

        def ranks(rows: int, columns: int, low: int, high: int) -> Draws:
            """Lexemes spread evenly over the logarithm of their rank."""
            exponents = random.uniform(np.log(low), np.log(high), (rows, columns))
            return np.exp(exponents).astype(np.int64)

        return cls(
            lexicon=Lexicon(),
            language=Sampler(frequencies(N_LEXEMES)),
            function=Sampler(frequencies(len(FUNCTION_WORDS))),
            topic=Sampler(frequencies(TOPIC_WORDS)),
            series=Sampler(frequencies(SERIES_WORDS)),
            topics=ranks(n_topics, TOPIC_WORDS, 60, 20_000),
            all_series=ranks(n_series, SERIES_WORDS, 2_000, 40_000),
            series_topics=random.integers(0, n_topics, n_series),
        )


@dataclass(frozen=True)
class Batch:
    """The drawn numbers of some posts; the words of post i are ``forms[starts[i]:starts[i+1]]``."""

    forms: Draws
    starts: Draws
    topics: Draws
    series: Draws


def draw_batch(world: World, n: int, random: np.random.Generator) -> Batch:
    """Draw lengths, topics, series and every word of n posts."""
    lengths = random.lognormal(np.log(MEAN_WORDS) - SPREAD**2 / 2, SPREAD, n)
    counts = np.clip(lengths, FEWEST_WORDS, MOST_WORDS).astype(np.int64)
    starts = np.concatenate([[0], np.cumsum(counts)])
    total = int(starts[-1])
    post = np.repeat(np.arange(n), counts)

    # Two posts in five belong to a series, and then share its topic.
    series = random.integers(0, len(world.series_topics), n)
    series[random.random(n) > 0.4] = -1
    topics = random.integers(0, len(world.topics), n)
    topics = np.where(series >= 0, world.series_topics[series], topics)

    # Which words come from where. A post without a series takes its topic's.
    place = random.random(total)
    edges = np.cumsum([FUNCTION, TOPIC, SERIES, REPEATED])
    is_function = place < edges[0]
    is_series = (place >= edges[1]) & (place < edges[2]) & (series[post] >= 0)
    is_topic = (place >= edges[0]) & (place < edges[2]) & ~is_series
    is_repeated = (place >= edges[2]) & (place < edges[3])

    lexemes = world.language.draw(random, total)
    which = np.flatnonzero(is_topic)
    lexemes[which] = world.topics[topics[post[which]], world.topic.draw(random, len(which))]
    which = np.flatnonzero(is_series)
    lexemes[which] = world.all_series[series[post[which]], world.series.draw(random, len(which))]

    endings = random.integers(1, world.lexicon.n_endings, total)
    endings[random.random(total) > INFLECTED] = 0
    forms = world.lexicon.form(lexemes, endings)
    which = np.flatnonzero(is_function)
    forms[which] = world.lexicon.function_form(world.function.draw(random, len(which)))

    # A word said once is soon said again: copy an earlier word of the same post.
    which = np.flatnonzero(is_repeated)
    since = which - starts[post[which]]
    forms[which] = forms[starts[post[which]] + (random.random(len(which)) * since).astype(np.int64)]
    return Batch(forms, starts, topics, series)


def corpus(n: int, seed: int = 0, *, html: bool = False) -> Iterator[dict[str, Any]]:
    """Posts in the native JSON schema, the same for the same arguments.

    Args:
        n: Posts, at least 1. The first posts of a larger corpus differ from those
            of a smaller one, since topics grow with n.
        seed: Chooses one of many such corpora.
        html: Whether bodies have headings, links, lists and code, or paragraphs only.

    Yields:
        Objects with ``id``, ``url``, ``title``, ``html``, ``tags``, ``categories``,
        ``author``, ``language`` and ``published``; in no order of time.

    Raises:
        ValueError: n is below 1.
    """
    if n < 1:
        raise ValueError(f"a corpus of {n} posts; n must be at least 1")
    random = np.random.default_rng([seed, n])
    world = World.make(n, random)
    for first in range(0, n, BATCH):
        batch = draw_batch(world, min(BATCH, n - first), random)
        yield from write_batch(world, batch, first, random, rich=html)


def write_batch(
    world: World, batch: Batch, first: int, random: np.random.Generator, *, rich: bool
) -> Iterator[dict[str, Any]]:
    """Spell out the posts of a batch; the first is number ``first`` of the corpus."""
    n = len(batch.topics)
    words = world.lexicon.spell(batch.forms)
    bodies = punctuate(words, batch.starts, random, rich_markup if rich else paragraphs)
    title_lengths = random.integers(5, 9, n)
    n_tags = random.integers(0, 6, n)
    days = random.random(n) * 17 * 365
    authors = random.integers(0, N_AUTHORS, n)
    for i in range(n):
        number = first + i
        own = world.all_series[batch.series[i]] if batch.series[i] >= 0 else None
        topic = world.topics[batch.topics[i]]
        title = make_title(world, batch, i, int(title_lengths[i]), own)
        published = (FIRST_DAY + timedelta(days=float(days[i]))).replace(microsecond=0)
        slug = "-".join(title.lower().split())
        names = [*topic[:8], *(own[:2] if own is not None else ())]
        # The tags of a post are some of the few names its topic goes by.
        chosen = [names[(number * 7 + j * 3) % len(names)] for j in range(n_tags[i])]
        yield {
            "id": f"post-{number:07d}",
            "url": f"/{published:%Y/%m}/{slug}-{number}/",
            "title": title,
            "html": bodies[i],
            "tags": list(dict.fromkeys(world.lexicon.word(each) for each in chosen)),
            "categories": [world.lexicon.word(topic[0]).capitalize()],
            "author": f"{world.lexicon.word(900 + authors[i]).capitalize()} Author",
            "language": "en",
            "published": published.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }


def make_title(world: World, batch: Batch, i: int, n_words: int, own: Draws | None) -> str:
    """A title of words that the post's body has, its series' name in front where there is one."""
    forms = batch.forms[batch.starts[i] : batch.starts[i + 1]]
    content = forms[~world.lexicon.is_function(forms)]
    # Rarer words first, as in a headline: higher forms are rarer lexemes.
    unique, counts = np.unique(content, return_counts=True)
    ranked = unique[np.lexsort((-unique, -counts))][: n_words - 1]
    words = [*world.lexicon.spell(ranked)]
    words.insert(1, "and" if len(words) % 2 else "in")
    if own is not None:
        words[0] = world.lexicon.word(own[0])
    return " ".join(words[:n_words]).capitalize()


# --- from words to a body ---


def punctuate(
    words: NDArray[np.object_],
    starts: Draws,
    random: np.random.Generator,
    markup: Callable[[list[str]], str],
) -> list[str]:
    """The bodies: sentences of about 15 words, paragraphs of about 6 sentences."""
    draws = random.random(len(words))
    ends = draws < 1 / 15
    breaks = draws < 1 / 90
    pauses = (draws > 0.93) & ~ends
    last = starts[1:] - 1
    ends[last] = True
    separators = np.full(len(words), " ", dtype=object)
    separators[pauses] = ", "
    separators[ends] = ". "
    separators[breaks] = ".\n"
    separators[last] = "."
    capital = np.concatenate([[True], ends[:-1]])
    spelt = words.copy()
    spelt[capital] = [word[0].upper() + word[1:] for word in words[capital]]
    pieces = np.empty(2 * len(words), dtype=object)
    pieces[0::2], pieces[1::2] = spelt, separators
    flat = pieces.tolist()
    return [
        markup("".join(flat[2 * a : 2 * b]).split("\n"))
        for a, b in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True)
    ]


def paragraphs(texts: list[str]) -> str:
    """Plain paragraphs."""
    return "\n".join(f"<p>{text.strip()}</p>" for text in texts)


def rich_markup(texts: list[str]) -> str:
    """Paragraphs among headings, links, emphasis, lists, pictures and code."""
    parts = []
    for number, text in enumerate(texts):
        words = text.strip().split(" ")
        kind = (len(words) + number) % 7
        if kind == 0 and len(words) > 12:
            parts.append(f"<h2>{' '.join(words[:5])}</h2>")
        if len(words) > 9:
            words[3] = f'<a href="/about/{len(words)}/">{words[3]}</a>'
            words[7] = f"<em>{words[7]}</em>"
        if kind == 1:
            items = "".join(
                f"<li>{' '.join(words[j : j + 9])}</li>" for j in range(0, len(words), 9)
            )
            parts.append(f"<ul>{items}</ul>")
            continue
        if kind == 2:
            parts.append(
                f'<figure><img src="/pictures/{len(words)}.jpg" alt="{words[0]}" width="640"'
                f' height="360"><figcaption>{words[-1]}</figcaption></figure>'
            )
        if kind == 3:
            parts.append(f"<pre><code>run --{len(words)} &lt; input.txt</code></pre>")
        parts.append(f"<p>{' '.join(words)}</p>")
    return "\n".join(parts)


def write(n: int, place: Path, *, seed: int = 0, html: bool = False) -> int:
    """Write a corpus as JSON Lines.

    Returns:
        Bytes written.
    """
    with place.open("w", encoding="utf-8", newline="\n") as out:
        for post in corpus(n, seed, html=html):
            out.write(json.dumps(post, ensure_ascii=False, separators=(",", ":")) + "\n")
        return out.tell()


def main() -> None:
    """Write a corpus where the command line says."""
    parser = argparse.ArgumentParser(description="Write a synthetic blog as JSON Lines.")
    parser.add_argument("n", type=int, help="number of posts")
    parser.add_argument("out", type=Path, help="file to write")
    parser.add_argument("--html", action="store_true", help="rich markup, not just paragraphs")
    parser.add_argument("--seed", type=int, default=0, help="another corpus of the same kind")
    options = parser.parse_args()
    n_bytes = write(options.n, options.out, seed=options.seed, html=options.html)
    print(f"{options.n} posts, {n_bytes / 1e6:.1f} MB", file=sys.stderr)


if __name__ == "__main__":
    main()
