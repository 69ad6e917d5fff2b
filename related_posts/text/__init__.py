"""Text analysis: from a post's HTML to the terms that stand for it.

Used at training time and for queries, so that both see the same terms.
"""
