"""The precomputed neighbours of every post.

- ``blocks``: the public function; blocks, threads. ``groups``: what they search.
- ``kernel``: the compiled search, with ``postings`` (what it searches), ``memory`` (what it works
  in), ``heap`` and ``compiling``.
- ``product``: the plain search of small groups.
- ``lists``: the lists of a version, with ``hubs``, ``translations`` and ``copies``; ``undamped``
  chooses them among what one search found.
- ``updated``, ``merged``, ``matching`` and ``fitting``: those of few posts, after few changes.

Both searches give what :func:`related_posts.ranking.exact_neighbours` gives, to the last bit.
"""

from related_posts.ranking import Neighbours
from training.neighbours.blocks import neighbours, search

__all__ = ["Neighbours", "neighbours", "search"]
