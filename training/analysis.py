"""Analysis: the archive's posts to counted terms and shown items, in parallel blocks."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import compress, repeat
from typing import Any, NamedTuple, TypeVar

import joblib
import numpy as np
from numpy.typing import NDArray

from related_posts.addresses import Addressed, at_site
from related_posts.duplicates import Print, print_of
from related_posts.excerpts import excerpt
from related_posts.facets import keys_of
from related_posts.items import item_json
from related_posts.links import hrefs
from related_posts.posts import Post
from related_posts.schema import post_from_bytes
from related_posts.series import Part, part_of
from related_posts.text.analyzer import Analyzer, Fields
from related_posts.text.boilerplate import beginning, distinct, hashes, parts, sentences, without
from related_posts.text.counts import Counts
from related_posts.text.detection import Evidence, examine
from related_posts.text.document import Document
from related_posts.text.html import Prose, prose
from related_posts.text.language import primary
from related_posts.translations import Outline, outline
from related_posts.wordpress.numbers import details_json, number_of
from training.apart import spread

#: Posts a block: enough to be worth the way to another process and back.
BLOCK = 256
#: Fewer posts are analysed here: starting processes would take longer.
FEW_POSTS = 1_000

_Result = TypeVar("_Result")

_SECONDS_A_DAY = 86_400


@dataclass(frozen=True, slots=True)
class FirstLook:
    """What a post says before anything is known of the others.

    Attributes:
        evidence: What it says of its language.
        sentences: Hashes of its distinct sentences, which may turn out to be boilerplate; none
            where nobody asks.
    """

    evidence: Evidence
    sentences: NDArray[np.uint64]


class Dropped(NamedTuple):
    """What was left out of a post, or of several, as boilerplate.

    Attributes:
        posts: Posts that lost something.
        sentences: Distinct sentences that posts lost, summed over the posts.
        of_sentences: Distinct sentences, summed likewise.
        characters: Characters that posts lost.
        of_characters: Characters of all texts.
    """

    posts: int = 0
    sentences: int = 0
    of_sentences: int = 0
    characters: int = 0
    of_characters: int = 0


@dataclass(frozen=True, slots=True)
class Analysed:
    """One block of posts, analysed.

    Attributes:
        counts: Counted terms.
        items: What is shown of each post.
        addresses: What each post can be asked for by; rows count from the block's start.
        facets: Keys of the tags, categories and so on of each post.
        days: Days since 1970 of publication, NaN where undated; shape (n,).
        links: Ids and addresses that each post links to.
        outlines: What tells translations of each post.
        numbers: WordPress's number of each post, or one in its place; shape (n,).
        wordpress: What WordPress says of each post beyond what is shown, as JSON.
        prints: What tells copies of each post.
        parts: Which part of a series each post's title names, or None.
        dropped: What was left out of each post as boilerplate.
    """

    counts: Counts
    items: list[bytes]
    addresses: list[Addressed]
    facets: list[set[bytes]]
    days: NDArray[np.float64]
    links: list[tuple[tuple[str, ...], list[str]]]
    outlines: list[Outline]
    numbers: NDArray[np.int64]
    wordpress: list[bytes]
    prints: list[Print]
    parts: list[Part | None]
    dropped: list[Dropped]


def first_look(
    blocks: Iterable[list[bytes]], n_posts: int, jobs: int, *, boilerplate: bool
) -> Iterator[list[FirstLook]]:
    """Look at each post alone, block by block.

    Args:
        blocks: The archive's posts as canonical JSON.
        n_posts: How many there are, to choose between this process and more.
        jobs: Processes, as in joblib.
        boilerplate: Whether to look for what may be boilerplate.
    """
    return _spread(_look, zip(blocks, repeat(boilerplate)), n_posts, jobs)


def analyse(
    blocks: Iterable[list[bytes]],
    languages: Iterable[list[str]],
    marks: Iterable[list[NDArray[np.bool_]]],
    n_posts: int,
    fields: Fields,
    site: str,
    jobs: int,
    *,
    former: tuple[str, ...] = (),
    translated: bool = False,
) -> Iterator[Analysed]:
    """Analyse the archive's posts, block by block and in order.

    The result does not depend on the number of processes.

    Args:
        blocks: The archive's posts as canonical JSON.
        languages: Language of each post, blocks of the same sizes.
        marks: Whether each of the distinct sentences of each post is boilerplate
            (:mod:`training.repetition`), blocks of the same sizes; no marks leave nothing out.
        n_posts: How many there are, to choose between this process and more.
        fields: How often each field of a post counts.
        site: The blog's address, put before site-relative URLs; may be empty.
        jobs: Processes, as in joblib.
        former: Addresses of the blog before.
        translated: Whether to look for what tells translations beside the source's word.
    """
    work = _Analysis(fields, site, former, secrets.token_hex(8), translated)
    return _spread(work, zip(blocks, languages, marks, strict=True), n_posts, jobs)


def _look(block: list[bytes], boilerplate: bool) -> list[FirstLook]:
    found = []
    for row in block:
        post = post_from_bytes(row)
        named = sentences(prose(post.html).blocks) if boilerplate else []
        found.append(FirstLook(examine(post.title, post.html, post.language), hashes(named)))
    return found


@dataclass(frozen=True, slots=True)
class _Analysis:
    """What a worker is asked to do with a block; travels to it as a value."""

    fields: Fields
    site: str
    former: tuple[str, ...]
    run: str
    translated: bool

    def __call__(
        self, block: list[bytes], languages: list[str], marks: list[NDArray[np.bool_]]
    ) -> Analysed:
        posts = [at_site(post_from_bytes(row), self.site, self.former) for row in block]
        documents: list[Document] = []
        items: list[bytes] = []
        prints: list[Print] = []
        dropped: list[Dropped] = []
        for post, language, marked in zip(posts, languages, marks, strict=True):
            whole = prose(post.html)
            cut = parts(whole.blocks) if marked.any() else None
            repeated = frozenset(compress(distinct(cut), marked.tolist()) if cut else ())
            body = without(whole, repeated, cut)
            dropped.append(_lost(whole, body, len(repeated), len(marked)))
            shown = post.excerpt or excerpt("\n".join(beginning(whole, repeated, cut)))
            stated = post.language if primary(post.language) == language else ""
            items.append(item_json(post, excerpt=shown, language=stated or language))
            tags = [*post.tags, *post.categories]
            prints.append(print_of(post, "\n".join(whole.blocks), language))
            documents.append(Document(post.title, body.blocks, body.headings, tags, language))
        linked = [hrefs(post.html, post.url) for post in posts]
        return Analysed(
            counts=_analyzer(self.run, self.fields).count(documents),
            items=items,
            addresses=[
                Addressed(row, post.id, post.url, post.aliases) for row, post in enumerate(posts)
            ],
            facets=[
                keys_of(post, post.language or language)
                for post, language in zip(posts, languages, strict=True)
            ],
            days=np.array([_day(post) for post in posts], np.float64),
            links=[(post.links, found) for post, found in zip(posts, linked, strict=True)],
            outlines=[
                outline(post, found) if self.translated else Outline(post.translation_group)
                for post, found in zip(posts, linked, strict=True)
            ],
            numbers=np.array([number_of(post) for post in posts], np.int64),
            wordpress=[details_json(post) for post in posts],
            prints=prints,
            parts=[part_of(post.title) for post in posts],
            dropped=dropped,
        )


def _lost(whole: Prose, body: Prose, n_marked: int, n_sentences: int) -> Dropped:
    """What a text lost."""
    n_chars = sum(map(len, whole.blocks))
    return Dropped(
        posts=int(body is not whole),
        sentences=0 if body is whole else n_marked,
        of_sentences=n_sentences,
        characters=n_chars - sum(map(len, body.blocks)),
        of_characters=n_chars,
    )


#: One a process and run: a word is looked into once, and what one archive
#: taught is not shown in another.
_ANALYZERS: dict[str, Analyzer] = {}


def _analyzer(run: str, fields: Fields) -> Analyzer:
    if run not in _ANALYZERS:
        _ANALYZERS.clear()
        _ANALYZERS[run] = Analyzer(fields)
    return _ANALYZERS[run]


def _day(post: Post) -> float:
    return post.published.timestamp() / _SECONDS_A_DAY if post.published else np.nan


def _spread(
    work: Callable[..., _Result],
    blocks: Iterable[tuple[Any, ...]],
    n_posts: int,
    jobs: int,
) -> Iterator[_Result]:
    """Do the work on each block, in order, holding few blocks at a time."""
    processes = min(joblib.effective_n_jobs(jobs), -(-n_posts // BLOCK))
    if n_posts < FEW_POSTS or processes <= 1:
        return (work(*block) for block in blocks)
    return spread(work, blocks, processes)
