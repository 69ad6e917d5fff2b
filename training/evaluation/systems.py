"""The systems that are measured side by side, ours first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from training.evaluation.baselines.more_like_this import more_like_this
from training.evaluation.baselines.scikit import scikit_defaults
from training.evaluation.baselines.simple import at_random, most_recent, same_label
from training.evaluation.baselines.yarpp import yarpp
from training.evaluation.blog import Blog
from training.evaluation.lists import Lists


@dataclass(frozen=True, slots=True)
class Baseline:
    """What our lists are compared with.

    Attributes:
        name: Its key in the JSON report.
        title: What people read in a table.
        about: One sentence that says what it is.
        lists: Makes its lists of a blog, of a length at most.
    """

    name: str
    title: str
    about: str
    lists: Callable[[Blog, int], Lists]


OURS = "related-posts"

BASELINES = (
    Baseline(
        "random",
        "random",
        "Other posts at random.",
        at_random,
    ),
    Baseline(
        "most-recent",
        "most recent",
        "The blog's newest posts under every post.",
        most_recent,
    ),
    Baseline(
        "same-label",
        "same label, newest",
        "The newest earlier posts that share a tag or a category.",
        same_label,
    ),
    Baseline(
        "scikit-learn",
        "scikit-learn",
        "TfidfVectorizer with its defaults over title and body, and the cosine.",
        scikit_defaults,
    ),
    Baseline(
        "yarpp",
        "YARPP",
        "An emulation of the WordPress plugin's best settings: title, body and terms.",
        yarpp,
    ),
    Baseline(
        "more-like-this",
        "more_like_this",
        "An emulation of Elasticsearch's more_like_this: 25 terms, BM25.",
        more_like_this,
    ),
)
