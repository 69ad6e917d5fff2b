"""What measures and readings are called in tables, wherever these are shown."""

from __future__ import annotations

from training.evaluation.metrics import DEPTH, SHOWN

#: Measures by the names of ``Relevance``.
MEASURES = {
    "ndcg": f"nDCG@{DEPTH}",
    "recall": f"recall@{SHOWN}",
    "hit": f"hit@{SHOWN}",
    "mrr": "MRR",
}

#: Readings of the judgements.
READINGS = {
    "symmetric": "symmetric",
    "directed": "directed",
    "symmetric_without_listed": "without listed",
    "directed_without_listed": "the same, directed",
    "symmetric_same_language": "same language",
    "directed_same_language": "the same, directed",
}
