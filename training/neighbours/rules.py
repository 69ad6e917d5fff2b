"""What decides the lists beside the vectors."""

from __future__ import annotations

from typing import NamedTuple

from related_posts.ranking import Factors


class Rules(NamedTuple):
    """What decides the lists beside the vectors.

    Attributes:
        factors: What raises a score beyond the cosine.
        k: Length of each list, at least 1.
        hub_power: See :func:`hubs.scaling`.
        hub_share: Share of the lists that one post may stand on, see :func:`hubs.cap`.
        min_score: Score below which a post is not related, in [0, 1).
    """

    factors: Factors
    k: int
    hub_power: float = 0.0
    hub_share: float = 1.0
    min_score: float = 0.0
