"""The build: from the archive to the arrays of one version."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from related_posts import facets, lookup
from related_posts.adding import postings_of
from related_posts.addresses import lookup_entries
from related_posts.archive import Archive
from related_posts.document_frequency import by_language
from related_posts.duplicates import groups as copies_of
from related_posts.duplicates import templates_of
from related_posts.errors import EmptyArchiveError
from related_posts.index import Index
from related_posts.items import with_series
from related_posts.links import other_hosts, resolve
from related_posts.ranking import to_scores
from related_posts.series import groups as series_of
from related_posts.series import named
from related_posts.text.analyzer import Analyzer
from related_posts.translations import common_things, groups
from related_posts.weighting import inverse_document_frequency, title_shares, weigh
from training import packing
from training.analysis import Dropped
from training.frozen import FULL, TAKEN, Frozen, frozen, libraries
from training.gathering import Gathered, gather
from training.increment import Increment, increment
from training.memory import give_back
from training.neighbours.lists import Posts, lists
from training.neighbours.updated import Kept, updated
from training.repetition import N_TOLD
from training.settings import TrainingSettings
from training.smoothing import either_way, smooth
from training.ties import Marked, Ties, marks_of

#: Newest posts whose links tell where the blog was before, and links below which they do not.
LOOKED_AT, FEW_LINKS = 20_000, 5


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
        base: The version that it was built upon, or empty.
        shared: Arrays that are those of that version.
    """

    arrays: dict[str, NDArray[Any]]
    details: dict[str, Any]
    base: str = ""
    shared: frozenset[str] = frozenset()


class _Clock:
    """Seconds of each stage, by name."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - start, 3)


def build(
    archive: Archive,
    settings: TrainingSettings,
    progress: Progress = no_progress,
    cache: Path | None = None,
    base: Index | None = None,
) -> Build:
    """Build a version of everything the archive holds.

    Upon an earlier version, statistics of all posts are kept as they are and only lists that
    change are found anew, as long as few posts have changed (:mod:`training.frozen`).

    The same archive and settings give the same arrays, for any number of jobs and whatever the
    cache knows; but that a word may be shown in a form that only a post had which has gone.

    Args:
        archive: What the blog says now.
        settings: How to build.
        progress: Told how far each stage is.
        cache: File of what earlier builds found out about each post; None for none.
        base: The version to build upon, if it fits; None builds in full.

    Raises:
        EmptyArchiveError: The archive holds no post.
        ArchiveError: It cannot be read.
        StorageError: Not even a temporary file could be written.
    """
    clock = _Clock()
    with archive.snapshot() as snapshot:
        n = snapshot.count()
        if not n:
            raise EmptyArchiveError([archive.place])
        ids, contents = snapshot.contents()
        kept = "" if base is None else frozen(base, settings)
        if isinstance(kept, Frozen):
            origins = kept.origins(contents)
            n_changed = kept.changes(ids, origins)
            kept = kept.too_far(n_changed, settings.refresh_share) or kept
        if isinstance(kept, Frozen) and not n_changed:
            return _again(kept, clock.seconds)
        if isinstance(kept, Frozen):
            with clock.stage("increment"):
                small = increment(snapshot, ids, contents, kept, origins, settings)
            if small is not None:
                progress("neighbours", n, n)
                return _upon(kept, small, n_changed, settings, clock.seconds)
            known, usage = kept.index.boilerplate, kept.usage
        else:
            known, usage = None, None
        posts = gather(snapshot, n, settings, cache, progress, clock.stage, known, usage)
    found, boilerplate = posts.languages, posts.boilerplate
    codes, inverse = np.unique(np.array(found, dtype=object), return_inverse=True)
    numbers: NDArray[np.int16] = inverse.astype(np.int16)
    with clock.stage("vectors"):
        if isinstance(kept, Frozen):
            vocabulary, frequencies, idf = kept.vocabulary, kept.frequencies, kept.idf
            counts, titled = posts.tally.seal_under(vocabulary)
        else:
            sealed = posts.tally.seal(settings.min_df)
            vocabulary = sealed.vocabulary
            frequencies = by_language(sealed.counts, numbers, sealed.document_frequency)
            counts, titled = sealed.counts, sealed.titles
            idf = inverse_document_frequency(frequencies, n)
            del sealed
        weighed = idf**settings.idf_power
        vectors = weigh(counts, weighed, settings.tf_power)
        titles = title_shares(titled, weighed)
        del counts, titled  # they are not needed any more, and many
    entries = lookup_entries(posts.addresses, site=settings.site, former=settings.former_sites)
    keys = lookup.first_of_each(entries)
    with clock.stage("links"):
        links = _links(posts, keys)
        both = either_way(links["links_indices"], links["links_indptr"])
        vectors, borrowed = smooth(vectors, both, settings.link_weight)
        del both
    give_back()
    days = np.array(posts.days, np.float64)
    if isinstance(kept, Frozen):
        templates, common = (kept.index.array(each) for each in ("templates", "common_things"))
    else:
        templates, common = templates_of(posts.prints), common_things(posts.outlines)
    with clock.stage("translations"):
        translations = groups(posts.outlines, found, common)
    with clock.stage("duplicates"):
        duplicates = copies_of(posts.prints, templates)
    with clock.stage("ties"):
        marked = map(
            Marked, posts.addresses, posts.links, posts.outlines, posts.prints, posts.parts, found
        )
        marks = marks_of(
            list(marked), templates, common, site=settings.site, former=settings.former_sites
        )
        ties = Ties.of(marks, range(n))
    with clock.stage("series"):
        series, parts = series_of(posts.parts, days, found)
        items = with_series(posts.items, named(posts.parts, series))
    none = np.full(n, -1, np.int32)
    with clock.stage("neighbours"):
        progress("neighbours", 0, n)
        together = np.zeros(n, np.int16) if settings.cross_language else numbers
        to_list = Posts(
            vectors,
            titles,
            days,
            together,
            none if settings.translations else translations,
            none if settings.duplicates else duplicates,
            borrowed,
        )
        if isinstance(kept, Frozen):
            same = kept.unchanged(to_list, translations, duplicates, found, origins)
            best = updated(to_list, settings.rules, kept.lists(), same, kept.usual, settings.jobs)
            full = _since(kept, n_changed, len(best.found))
            progress("neighbours", n, n)
        else:
            made = lists(
                to_list,
                settings.rules,
                jobs=settings.jobs,
                progress=partial(progress, "neighbours"),
            )
            best = Kept(
                made.best.rows,
                made.best.similarities,
                to_scores(made.best.finals),
                made.damping,
                np.arange(n),
            )
            full = {
                "posts": n,
                "changed": 0,
                "usual": made.usual,
                "languages": dict(posts.usage.frequencies),
                "falsely": sorted(posts.usage.false),
                "reason": kept,
            }
    arrays: dict[str, NDArray[Any]] = {
        "neighbours": best.rows,
        "similarities": best.similarities,
        "scores": best.scores,
        "damping": best.damping,
        "idf": idf.astype(np.float32),
        "frequencies": frequencies.astype(np.int32),
        "days": days,
        "languages": numbers,
        "translations": translations,
        "numbers": np.array(posts.numbers, np.int64),
        "duplicates": duplicates,
        "series": series,
        "part": parts,
        "boilerplate": boilerplate.hashes,
        "templates": templates,
        "common_things": common,
        "ties": ties.hashes,
        "ties_owners": ties.owners,
        "contents": contents,
        **lookup.build(keys.items()),
        **facets.build(posts.facets),
        **links,
        **packing.matrix("vectors", vectors),
        **packing.matrix("postings", postings_of(vectors)),
        **packing.matrix("titles", titles),
        **packing.pattern("borrowed", borrowed),
        **packing.vocabulary(vocabulary),
        **packing.strings("wordpress", posts.wordpress),
        **packing.strings("items", items),
    }
    details = {
        "site": settings.site,
        "languages": [str(code) for code in codes],
        "analyzer": {"fingerprint": Analyzer(settings.fields).fingerprint},
        "settings": settings.build,
        "libraries": dict(libraries()),
        "counts": {
            "posts": n,
            FULL: full,
            "analysed": posts.n_analysed,
            "words": len(vocabulary.words),
            "pairs": len(vocabulary.pairs),
            "weights": int(vectors.nnz),
            "links": len(links["links_indices"]),
            "duplicates": int((duplicates >= 0).sum()),
            "other_hosts": _other_hosts(posts, keys),
            "series": int(series.max(initial=-1)) + 1,
            "empty_lists": int((best.rows[:, :1] < 0).sum()),
            "boilerplate": _told(posts),
        },
        "seconds": clock.seconds,
    }
    if isinstance(kept, Frozen):
        arrays |= {name: kept.index.array(name) for name in TAKEN}
        return Build(arrays, details, kept.index.version, frozenset(TAKEN))
    return Build(arrays, details)


def _again(kept: Frozen, seconds: dict[str, float]) -> Build:
    """The build of a version that says what the archive says: itself."""
    before = kept.index.manifest
    arrays = {name: kept.index.array(name) for name in before.files}
    details = {
        "site": before.site,
        "languages": before.languages,
        "analyzer": before.analyzer,
        "settings": before.settings,
        "libraries": before.libraries,
        "counts": {**before.counts, FULL: _since(kept, 0, 0), "analysed": 0},
        "seconds": seconds,
    }
    return Build(arrays, details, kept.index.version, frozenset(arrays))


def _upon(
    kept: Frozen,
    small: Increment,
    n_changed: int,
    settings: TrainingSettings,
    seconds: dict[str, float],
) -> Build:
    """The build that an increment is."""
    before, arrays = kept.index.manifest, small.arrays
    details = {
        "site": settings.site,
        "languages": small.codes,
        "analyzer": before.analyzer,
        "settings": settings.build,
        "libraries": before.libraries,
        "counts": {
            # What is told of boilerplate is that of the last build that looked at every post.
            **before.counts,
            "posts": len(arrays["days"]),
            FULL: _since(kept, n_changed, small.n_found),
            "analysed": small.n_seen,
            "weights": small.n_weights,
            "links": len(arrays["links_indices"]),
            "duplicates": int((arrays["duplicates"] >= 0).sum()),
            "series": int(arrays["series"].max(initial=-1)) + 1,
            "empty_lists": small.n_empty,
        },
        "seconds": seconds,
    }
    return Build(arrays, details, kept.index.version, small.shared)


def _since(kept: Frozen, n_changed: int, n_lists: int) -> dict[str, Any]:
    """What a version says of the full build whose statistics it keeps."""
    return {
        "posts": kept.n_posts,
        "changed": kept.n_changed + n_changed,
        "usual": kept.usual,
        "languages": dict(kept.usage.frequencies),
        "falsely": sorted(kept.usage.false),
        "base": kept.index.version,
        "lists": n_lists,
    }


def _told(posts: Gathered) -> dict[str, Any]:
    """What a version says of the boilerplate in its posts."""
    boilerplate = posts.boilerplate
    dropped = Dropped(*map(sum, zip(*posts.dropped, strict=True)))
    found = list(zip(boilerplate.n_posts.tolist(), posts.boilerplate_texts, strict=True))
    # "For example" stands in more posts than any footer, and tells nobody anything.
    found.sort(key=lambda each: (-each[0] * len(each[1]), each[1]))
    return {
        **dropped._asdict(),
        "different": len(boilerplate.hashes),
        "most_repeated": [{"posts": n_posts, "text": text} for n_posts, text in found[:N_TOLD]],
    }


def _other_hosts(posts: Gathered, keys: Mapping[bytes, int]) -> dict[str, int]:
    """Hosts at which the blog seems to have been, by the links of its newest posts."""
    named = (hrefs for _, hrefs in posts.links[:LOOKED_AT])
    found = other_hosts(keys.get, named).items()
    return dict([(host, count) for host, count in found if count >= FEW_LINKS][:3])


def _links(posts: Gathered, keys: Mapping[bytes, int]) -> dict[str, NDArray[Any]]:
    """Which posts each post links to, ascending."""
    found = [resolve(keys.get, row, *named) for row, named in enumerate(posts.links)]
    return {
        "links_indices": np.fromiter(chain.from_iterable(found), np.int32),
        "links_indptr": np.cumsum([0, *map(len, found)], dtype=np.int64),
    }


__all__ = ["Build", "Progress", "build", "no_progress"]
