"""Gathering: the analysis of every post in row order, from the cache where it is known.

A post is looked into once. What is found goes into the cache (:mod:`training.cache`) and is
read back from there, so a build from the cache and a cold one are one way and give the same.
An entry's key is a digest of everything that decides its value: the post itself, what the rest
of the blog decided about it, the settings, and the code that analyses.
"""

from __future__ import annotations

import sys
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from functools import cache as once
from hashlib import blake2b
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

import related_posts
from related_posts.archive.snapshot import Snapshot
from related_posts.errors import StorageError
from related_posts.schema import post_from_bytes
from related_posts.tally import Tally
from related_posts.text.detection import Evidence, Usage, settle, usage_of
from related_posts.text.html import prose
from training import analysis, records
from training.analysis import BLOCK, analyse, first_look
from training.cache import LOOKS, POSTS, AnalysisCache, CacheError, discard
from training.records import DamagedRecordError, Facts, decode, decode_look, encode, encode_look
from training.repetition import Repeated, Sentences, counted, repeated, text_of
from training.settings import TrainingSettings

#: Libraries that decide what an analysis comes to.
LIBRARIES = ("numpy", "orjson", "py3langid", "pystemmer", "selectolax")
#: Blocks of posts between two moments at which the cache is made to last.
_LASTING = 16

#: The cache begins anew where it numbers so many times the words that posts have, and more.
_MOST_UNUSED, _FEW_TERMS = 2, 100_000

Report = Callable[[str, int, int], None]


@dataclass(slots=True)
class Gathered(Facts):
    """What analysis says about every post, in row order.

    Attributes:
        tally: The posts' terms.
        languages: Language of each post, a primary code.
        boilerplate: Sentences that are left out.
        boilerplate_texts: How the newest post writes each of those that stand in most posts.
        usage: What decided the languages.
        n_analysed: Posts that were analysed now; the others were known.
    """

    tally: Tally
    languages: list[str]
    boilerplate: Repeated
    boilerplate_texts: list[str]
    usage: Usage
    n_analysed: int = 0


class Gatherer:
    """Looks into the posts of one snapshot, as far as the cache does not know them.

    Args:
        snapshot: The archive.
        n: Posts in it.
        settings: How to build.
        cache: What is known.
        report: Told the stage, and how many of how many posts are done.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        n: int,
        settings: TrainingSettings,
        cache: AnalysisCache,
        report: Report,
    ) -> None:
        self._snapshot, self._n, self._settings = snapshot, n, settings
        self._cache, self._report = cache, report

    def first_look(self, usage: Usage | None) -> tuple[Usage, list[str], list[Sentences]]:
        """Language of every post, from what each says and from all together, and its sentences.

        Args:
            usage: What all together say of languages; None to find it.

        Raises:
            CacheError: The cache failed.
        """
        wanted = self._settings.boilerplate_posts > 0
        keys = [_key(b"look", bytes([wanted]), post) for post in self._posts()]
        missing = set(keys) - self._cache.known(LOOKS, keys)
        done = self._n - len(missing)
        self._report("languages", done, self._n)
        if missing:
            is_missing = [key in missing for key in keys]
            asked = _chosen(keys, is_missing)
            unknown = _blocks(_chosen(self._posts(), is_missing))
            for block in first_look(unknown, len(missing), self._settings.jobs, boilerplate=wanted):
                looks = map(encode_look, block)
                self._cache.put(LOOKS, dict(zip(islice(asked, len(block)), looks, strict=True)))
                done += len(block)
                self._report("languages", done, self._n)
            self._cache.flush()
        evidence: list[Evidence] = []
        sentences: list[Sentences] = []
        for some in _blocks(keys):
            known = self._cache.get(LOOKS, some)
            try:
                found = [decode_look(known[key]) for key in some]
            except (KeyError, DamagedRecordError) as error:
                raise CacheError("a first look is missing or damaged") from error
            evidence += [look.evidence for look in found]
            sentences.append(Sentences.joined([look.sentences for look in found]))
        self._cache.keep_only(LOOKS, keys)
        usage = usage_of(evidence) if usage is None else usage
        return usage, settle(evidence, usage), sentences

    def posts(
        self,
        usage: Usage,
        languages: list[str],
        sentences: list[Sentences],
        boilerplate: Repeated,
    ) -> Gathered:
        """The analysis of every post.

        Args:
            usage: What decided the languages.
            languages: Language of each.
            sentences: Sentences of each.
            boilerplate: Those that are left out.

        Raises:
            CacheError: The cache failed.
        """
        decisive = self._decisive(languages)
        marks = [each for block in sentences for each in boilerplate.marks(block)]
        named: dict[int, list[int]] = defaultdict(list)
        for place, row in enumerate(boilerplate.newest(sentences).tolist()):
            named[row].append(place)
        texts = [""] * len(boilerplate.top)
        keys = []
        for row, (post, language) in enumerate(zip(self._posts(), languages, strict=True)):
            keys.append(_key(decisive, language.encode(), np.packbits(marks[row]).tobytes(), post))
            if row in named:
                body = prose(post_from_bytes(post).html)
                for place in named[row]:
                    texts[place] = text_of(body, int(boilerplate.top[place]))
        missing = set(keys) - self._cache.known(POSTS, keys)
        if len(missing) == len(keys):
            # Words of posts that are all gone are not carried along.
            self._cache.clear_terms()
        tally = Tally(self._cache.terms())
        self._report("analysis", self._n - len(missing), self._n)
        if missing:
            self._analyse(keys, missing, languages, marks, tally)
        gathered = Gathered(tally, languages, boilerplate, texts, usage, len(missing))
        used = np.zeros(len(tally), bool)
        for start in range(0, len(keys), BLOCK):
            used[self._read(keys[start : start + BLOCK], gathered)] = True
        self._cache.keep_only(POSTS, keys)
        if used.sum() * _MOST_UNUSED + _FEW_TERMS < len(used):
            self._cache.clear_terms()
        self._cache.flush()
        return gathered

    def _analyse(
        self,
        keys: list[bytes],
        missing: set[bytes],
        languages: list[str],
        marks: list[NDArray[np.bool_]],
        tally: Tally,
    ) -> None:
        """Analyse the posts that are missing, and keep what is found."""
        is_missing = [key in missing for key in keys]
        asked = list(_chosen(keys, is_missing))
        analysed = analyse(
            _blocks(_chosen(self._posts(), is_missing)),
            _blocks(_chosen(languages, is_missing)),
            _blocks(_chosen(marks, is_missing)),
            len(asked),
            self._settings.fields,
            self._settings.site,
            self._settings.jobs,
            former=self._settings.former_sites,
            translated=len(set(languages)) > 1,
        )
        done = 0
        for number, block in enumerate(analysed, start=1):
            numbers = tally.number(block.counts)
            named = asked[done : done + len(block.items)]
            self._cache.put(POSTS, dict(zip(named, encode(block, numbers), strict=True)))
            done += len(named)
            if number % _LASTING == 0 or done == len(asked):
                self._cache.put_terms(tally.changed())
                self._cache.flush()
            self._report("analysis", self._n - len(asked) + done, self._n)

    def _read(self, keys: list[bytes], gathered: Gathered) -> NDArray[np.int32] | NDArray[np.int64]:
        """Add the next posts, as the cache knows them; the numbers of their words."""
        known = self._cache.get(POSTS, keys)
        try:
            block = decode([known[key] for key in keys])
        except (KeyError, DamagedRecordError) as error:
            raise CacheError("an analysis is missing or damaged") from error
        if block.words.keys.max(initial=-1) >= len(gathered.tally):
            raise CacheError("a term is missing")
        gathered.tally.add_numbered(block.words, block.pairs, block.titles)
        gathered.extend(block)
        return block.words.keys

    def _decisive(self, languages: list[str]) -> bytes:
        """What decides the analysis of any post, beside the post and its language."""
        settings = self._settings
        translated = len(set(languages)) > 1
        return orjson.dumps(
            [asdict(settings.fields), settings.site, settings.former_sites, translated]
        )

    def _posts(self) -> Iterator[bytes]:
        for block in self._snapshot.blocks(BLOCK):
            yield from block


def gather(
    snapshot: Snapshot,
    n: int,
    settings: TrainingSettings,
    path: Path | None,
    report: Report,
    stage: Callable[[str], Any],
    known: NDArray[np.uint64] | None = None,
    usage: Usage | None = None,
) -> Gathered:
    """Analyse every post of a snapshot, or take what the cache knows.

    A cache that fails is begun anew, and if that fails too the build goes on without a file.

    Args:
        snapshot: The archive.
        n: Posts in it, at least 1.
        settings: How to build.
        path: The cache's file; None for none.
        report: Told the stage, and how many of how many posts are done.
        stage: Context in which a stage of that name is timed.
        known: Hashes of the sentences that are boilerplate, ascending; None to find them.
        usage: What all posts say of the blog's languages; None to find it.

    Raises:
        StorageError: Not even a temporary file could be written.
    """
    failure: CacheError | None = None
    for place in (path, path, None):
        try:
            cache = AnalysisCache(place)
        except CacheError as error:
            failure = error
            if place is not None:
                discard(place)
            continue
        with cache:
            try:
                gatherer = Gatherer(snapshot, n, settings, cache, report)
                with stage("languages"):
                    used, found, sentences = gatherer.first_look(usage)
                with stage("boilerplate"):
                    least = max(settings.boilerplate_posts, 1)
                    boilerplate = (
                        repeated(sentences, found, least)
                        if known is None
                        else counted(sentences, np.array(known))
                    )
                with stage("analysis"):
                    return gatherer.posts(used, found, sentences, boilerplate)
            except CacheError as error:
                failure = error
                cache.discard()
    raise StorageError(f"the analysis cannot be kept while it is used ({failure})")


def _blocks(values: Iterable[Any]) -> Iterator[list[Any]]:
    rest = iter(values)
    while block := list(islice(rest, BLOCK)):
        yield block


def _chosen(values: Iterable[Any], chosen: Iterable[bool]) -> Iterator[Any]:
    return (value for value, is_chosen in zip(values, chosen, strict=True) if is_chosen)


def _key(*parts: bytes) -> bytes:
    digest = blake2b(_code(), digest_size=16)
    for part in parts:
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(part)
    return digest.digest()


@once
def _code() -> bytes:
    """Digest of the code and the libraries that analyse: another release may find other things."""
    digest = blake2b(digest_size=16)
    home = Path(related_posts.__file__).parent
    ours = [*sorted(home.rglob("*.py")), Path(analysis.__file__), Path(records.__file__)]
    for path in ours:
        digest.update(path.name.encode() + path.read_bytes())
    facts = [(name, version(name)) for name in LIBRARIES]
    facts += [("python", sys.version), ("unicode", unicodedata.unidata_version)]
    digest.update(repr(facts).encode())
    return digest.digest()
