"""The build: from the archive to the arrays of one version."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version
from itertools import chain
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from related_posts import blobs, facets, lookup
from related_posts.addresses import Addressed, lookup_entries
from related_posts.archive import Archive
from related_posts.archive.snapshot import Snapshot
from related_posts.duplicates import Print
from related_posts.duplicates import groups as copies_of
from related_posts.errors import EmptyArchiveError
from related_posts.items import with_series
from related_posts.links import resolve
from related_posts.ranking import to_scores
from related_posts.scoring import postings_of
from related_posts.series import Part, named
from related_posts.series import groups as series_of
from related_posts.tally import Tally
from related_posts.text.analyzer import Analyzer
from related_posts.text.detection import Evidence, settle
from related_posts.translations import Outline, groups
from related_posts.vocabulary import Vocabulary
from related_posts.weighting import inverse_document_frequency, title_shares, weigh
from training.analysis import BLOCK, Dropped, analyse, first_look
from training.memory import give_back
from training.neighbours.lists import Posts, lists
from training.repetition import DROPPED, N_TOLD, Repeated, Sentences, repeated
from training.settings import TrainingSettings
from training.smoothing import smooth

#: Libraries that decide what a build comes to.
LIBRARIES = ("numba", "numpy", "py3langid", "pystemmer", "scikit-learn", "scipy", "selectolax")


class Progress(Protocol):
    """Told how far a stage is."""

    def __call__(self, stage: str, done: int, total: int) -> None:
        """``done`` of ``total`` posts; called with 0 when the stage begins."""


def no_progress(stage: str, done: int, total: int) -> None:
    """A progress callback that tells nobody."""


@dataclass(slots=True)
class Build:
    """The arrays of a version, and what the version says about itself.

    Attributes:
        arrays: By the names of ``related_posts.layout``.
        details: By the names of ``related_posts.manifest.DETAILS``.
    """

    arrays: dict[str, NDArray[Any]]
    details: dict[str, Any]


@dataclass(slots=True)
class _Posts:
    """What analysis says about every post, in row order."""

    tally: Tally = field(default_factory=Tally)
    items: list[bytes] = field(default_factory=list)
    addresses: list[Addressed] = field(default_factory=list)
    facets: list[set[bytes]] = field(default_factory=list)
    days: list[NDArray[np.float64]] = field(default_factory=list)
    links: list[tuple[tuple[str, ...], list[str]]] = field(default_factory=list)
    outlines: list[Outline] = field(default_factory=list)
    numbers: list[NDArray[np.int64]] = field(default_factory=list)
    wordpress: list[bytes] = field(default_factory=list)
    prints: list[Print] = field(default_factory=list)
    parts: list[Part | None] = field(default_factory=list)
    dropped: Dropped = field(default_factory=Dropped)


class _Clock:
    """Seconds of each stage, by name."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - start, 3)


def build(archive: Archive, settings: TrainingSettings, progress: Progress = no_progress) -> Build:
    """Build a version of everything the archive holds.

    The same archive and settings give the same arrays, for any number of jobs.

    Args:
        archive: What the blog says now.
        settings: How to build.
        progress: Told how far each stage is.

    Raises:
        EmptyArchiveError: The archive holds no post.
        ArchiveError: It cannot be read.
    """
    clock = _Clock()
    with archive.snapshot() as snapshot:
        n = snapshot.count()
        if not n:
            raise EmptyArchiveError([archive.place])
        with clock.stage("languages"):
            found, sentences = _first_look(snapshot, n, settings, progress)
        with clock.stage("boilerplate"):
            boilerplate = repeated(sentences, found, max(settings.boilerplate_posts, 1))
        with clock.stage("analysis"):
            marks = map(boilerplate.marks, sentences) if sentences else None
            posts = _analyse(snapshot, found, marks, n, settings, progress)
            del sentences
    with clock.stage("vectors"):
        sealed = posts.tally.seal(settings.min_df)
        idf = inverse_document_frequency(sealed.document_frequency, n)
        weighed = idf**settings.idf_power
        vectors = weigh(sealed.counts, weighed, settings.tf_power)
        titles = title_shares(sealed.titles, weighed)
        vocabulary = sealed.vocabulary
        del sealed  # the counts are not needed any more, and many
    keys = lookup.first_of_each(lookup_entries(posts.addresses))
    with clock.stage("links"):
        links = _links(posts, keys)
        vectors = smooth(
            vectors, links["links_indices"], links["links_indptr"], settings.link_weight
        )
    give_back()
    codes, inverse = np.unique(np.array(found, dtype=object), return_inverse=True)
    numbers: NDArray[np.int16] = inverse.astype(np.int16)
    days = np.concatenate(posts.days)
    with clock.stage("translations"):
        translations = groups(posts.outlines, found)
    with clock.stage("duplicates"):
        duplicates = copies_of(posts.prints)
    with clock.stage("series"):
        series, parts = series_of(posts.parts, days, found)
        items = with_series(posts.items, named(posts.parts, series))
    none = np.full(n, -1, np.int32)
    with clock.stage("neighbours"):
        progress("neighbours", 0, n)
        together = np.zeros(n, np.int16) if settings.cross_language else numbers
        best, damping = lists(
            Posts(
                vectors,
                titles,
                days,
                together,
                none if settings.translations else translations,
                none if settings.duplicates else duplicates,
            ),
            settings.rules,
            jobs=settings.jobs,
            progress=partial(progress, "neighbours"),
        )
    arrays: dict[str, NDArray[Any]] = {
        "neighbours": best.rows,
        "similarities": best.similarities,
        "scores": to_scores(best.finals),
        "damping": damping,
        "idf": idf.astype(np.float32),
        "days": days,
        "languages": numbers,
        "translations": translations,
        "numbers": np.concatenate(posts.numbers),
        "duplicates": duplicates,
        "series": series,
        "part": parts,
        "boilerplate": boilerplate.hashes,
        **lookup.build(keys.items()),
        **facets.build(posts.facets),
        **links,
        **_matrix("vectors", vectors),
        **_matrix("postings", postings_of(vectors)),
        **_matrix("titles", titles),
        **_vocabulary(vocabulary),
        **_strings("wordpress", posts.wordpress),
        **_strings("items", items),
    }
    details = {
        "site": settings.site,
        "languages": [str(code) for code in codes],
        "analyzer": {"fingerprint": Analyzer(settings.fields).fingerprint},
        "settings": settings.build,
        "libraries": {name: version(name) for name in LIBRARIES},
        "counts": {
            "posts": n,
            "words": len(vocabulary.words),
            "pairs": len(vocabulary.pairs),
            "weights": int(vectors.nnz),
            "links": len(links["links_indices"]),
            "duplicates": int((duplicates >= 0).sum()),
            "series": int(series.max(initial=-1)) + 1,
            "empty_lists": int((best.rows[:, :1] < 0).sum()),
            "boilerplate": _told(boilerplate, posts.dropped),
        },
        "seconds": clock.seconds,
    }
    return Build(arrays, details)


def _first_look(
    snapshot: Snapshot, n: int, settings: TrainingSettings, progress: Progress
) -> tuple[list[str], list[Sentences]]:
    """Language of every post, from what each says and from all together, and its sentences."""
    found: list[Evidence] = []
    kept: list[Sentences] = []
    progress("languages", 0, n)
    wanted = settings.boilerplate_posts > 0
    for block in first_look(snapshot.blocks(BLOCK), n, settings.jobs, boilerplate=wanted):
        found += block.evidence
        if block.sentences is not None:
            kept.append(block.sentences)
        progress("languages", len(found), n)
    return settle(found), kept


def _analyse(
    snapshot: Snapshot,
    found: list[str],
    marks: Iterable[list[NDArray[np.uint8]]] | None,
    n: int,
    settings: TrainingSettings,
    progress: Progress,
) -> _Posts:
    posts = _Posts()
    progress("analysis", 0, n)
    by_block = [found[start : start + BLOCK] for start in range(0, n, BLOCK)]
    analysed = analyse(
        snapshot.blocks(BLOCK),
        by_block,
        [[]] * len(by_block) if marks is None else marks,
        n,
        settings.fields,
        settings.site,
        settings.jobs,
        translated=len(set(found)) > 1,
    )
    for block in analysed:
        first = len(posts.items)
        posts.tally.add(block.counts)
        posts.items += block.items
        posts.addresses += [
            address._replace(row=first + address.row) for address in block.addresses
        ]
        posts.facets += block.facets
        posts.days.append(block.days)
        posts.links += block.links
        posts.outlines += block.outlines
        posts.numbers.append(block.numbers)
        posts.wordpress += block.wordpress
        posts.prints += block.prints
        posts.parts += block.parts
        posts.dropped += block.dropped
        progress("analysis", len(posts.items), n)
    return posts


def _told(boilerplate: Repeated, dropped: Dropped) -> dict[str, Any]:
    """What a version says of the boilerplate in its posts."""
    found = [
        (n_posts, dropped.texts.get(mark, ""))
        for mark, n_posts in enumerate(boilerplate.n_posts.tolist(), DROPPED + 1)
    ]
    # "For example" stands in more posts than any footer, and tells nobody anything.
    found.sort(key=lambda each: (-each[0] * len(each[1]), each[1]))
    return {
        "posts": dropped.posts,
        "sentences": dropped.sentences,
        "of_sentences": dropped.of_sentences,
        "characters": dropped.characters,
        "of_characters": dropped.of_characters,
        "different": len(boilerplate.hashes),
        "most_repeated": [{"posts": n_posts, "text": text} for n_posts, text in found[:N_TOLD]],
    }


def _links(posts: _Posts, keys: Mapping[bytes, int]) -> dict[str, NDArray[Any]]:
    """Which posts each post links to, ascending."""
    found = [resolve(keys.get, row, *named) for row, named in enumerate(posts.links)]
    return {
        "links_indices": np.fromiter(chain.from_iterable(found), np.int32),
        "links_indptr": np.cumsum([0, *map(len, found)], dtype=np.int64),
    }


def _matrix(name: str, matrix: csr_array) -> dict[str, NDArray[Any]]:
    return {
        f"{name}_data": matrix.data,
        f"{name}_indices": matrix.indices.astype(np.int32, copy=False),
        f"{name}_indptr": matrix.indptr.astype(np.int64, copy=False),
    }


def _strings(name: str, strings: list[bytes] | list[str]) -> dict[str, NDArray[Any]]:
    data, offsets = blobs.pack(strings)
    return {name: data, f"{name}_offsets": offsets}


def _vocabulary(words: Vocabulary) -> dict[str, NDArray[Any]]:
    return {
        **_strings("terms", words.words),
        **_strings("readable", words.readable),
        "pairs": words.pairs,
    }


__all__ = ["Build", "Progress", "build", "no_progress"]
