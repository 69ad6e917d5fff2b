"""A trial: a version built for the evaluation alone, beside the judgements it never saw."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from related_posts.addresses import at_site
from related_posts.archive import Archive
from related_posts.errors import EmptyArchiveError
from related_posts.index import Index
from related_posts.posts import Post
from related_posts.storage import Store
from training.build import Progress, build, no_progress
from training.evaluation.blog import Blog
from training.evaluation.finder import Finder
from training.evaluation.judgements import Judgements, Pair, read
from training.evaluation.own_links import hidden, own_links, part
from training.settings import TrainingSettings


@dataclass(frozen=True, slots=True)
class Trial:
    """What is judged, and by what.

    Attributes:
        blog: The posts as the version knows them: without their links, where the blog's
            own links are the judgements.
        index: The version.
        judgements: All links found or given.
        judged: Those the lists are judged by.
        known: Those the build was told of: they judge nothing, and are left out of the lists
            that are judged.
        finder: Leads to the posts, for further files of links.
        own: Whether the judgements are the blog's own links.
        n_seen: Judged links that the build can see: they stand in the texts, or their
            source states them. What it learned of these flatters it.
    """

    blog: Blog
    index: Index
    judgements: Judgements
    judged: frozenset[Pair]
    known: frozenset[Pair]
    finder: Finder
    own: bool
    n_seen: int


@contextmanager
def trial(
    archive: Archive,
    settings: TrainingSettings,
    *,
    judgements: Path | None = None,
    hide_links: bool = False,
    known_share: float = 0.0,
    seed: int = 0,
    progress: Progress = no_progress,
    scratch: Path | None = None,
    cache: Path | None = None,
) -> Iterator[Trial]:
    """Build a version of what an archive holds, to be judged and thrown away.

    Neither the archive nor any version in the data folder is touched: the posts are
    copied into a scratch folder, which is removed at the end.

    Args:
        archive: What the blog says now.
        settings: How to build.
        judgements: A file of links; texts are then taken as they are. Without one, the
            blog's own links are the judgements, and are taken out of its texts.
        hide_links: Take the blog's own links out of the texts in either case.
        known_share: Share of the links that the build is told of, and that judge nothing;
            from 0 to below 1.
        seed: Decides which.
        progress: Told how far each stage is.
        scratch: Where the scratch folder is made; None for among the system's temporary files.
        cache: File of what earlier trials found out about each post, for trials of many
            settings; None for none.

    Raises:
        EmptyArchiveError: The archive holds no post.
        EvaluationError: There are no judgements.
        ArchiveError: The archive cannot be read.
        StorageError: The scratch folder cannot be written.
    """
    site, former = settings.site, settings.former_sites
    posts = [at_site(post, site, former) for post in archive.posts()]
    if not posts:
        raise EmptyArchiveError([archive.place])
    finder = Finder(posts, site=site, former=former)
    given = own_links(posts, finder) if judgements is None else read(judgements, finder.row)
    halves = part(given.pairs, known_share, seed)
    n_seen = 0
    if judgements is None or hide_links:
        posts = [hidden(post, row, finder) for row, post in enumerate(posts)]
    else:
        n_seen = len(_seen(posts, finder, halves.judged))
    posts = _told(posts, halves.known)
    with (
        tempfile.TemporaryDirectory(prefix="related-posts-evaluate-", dir=scratch) as folder,
        _built(posts, settings, Path(folder), progress, cache) as index,
    ):
        yield Trial(
            blog=Blog.of(posts, index),
            index=index,
            judgements=given,
            judged=halves.judged,
            known=halves.known,
            finder=finder,
            own=judgements is None,
            n_seen=n_seen,
        )


def _seen(posts: Sequence[Post], finder: Finder, judged: frozenset[Pair]) -> set[Pair]:
    """Judged links that stand in the posts, in either direction."""
    linked = {(row, other) for row, post in enumerate(posts) for other in finder.links(row, post)}
    return {(a, b) for a, b in judged if (a, b) in linked or (b, a) in linked}


def _told(posts: Sequence[Post], known: Iterable[Pair]) -> list[Post]:
    """Posts that name the known links as their source would, without any text for them."""
    targets: dict[int, list[str]] = defaultdict(list)
    for source, target in sorted(known):
        targets[source].append(posts[target].id)
    return [
        replace(post, links=(*post.links, *targets[row])) if row in targets else post
        for row, post in enumerate(posts)
    ]


@contextmanager
def _built(
    posts: Sequence[Post],
    settings: TrainingSettings,
    scratch: Path,
    progress: Progress,
    cache: Path | None,
) -> Iterator[Index]:
    """A version of some posts in a folder of its own."""
    now = datetime.now(UTC)
    with Archive(scratch) as copy:
        copy.update("evaluation", posts, complete=True, now=now)
        built = build(copy, settings, progress, cache)
    store = Store(scratch)
    with store.open(store.write(built.arrays, built.details, now=now)) as index:
        yield index
