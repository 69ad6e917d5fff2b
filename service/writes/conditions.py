"""Conditional writes: ``If-Match`` and ``If-None-Match`` of RFC 9110, section 13.1.

A post's state is told by the beginning of its content hash, which ends the entity tag of
every answer that shows the post: as the archive keeps it, and as a version has it. So a tag
holds for as long as the post says the same, however many versions are published meanwhile.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.writes.refusals import PRECONDITION_FAILED, RefusedError

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

#: Hexadecimal digits of a content hash that a tag holds: as many as a version keeps.
STATE_DIGITS = 32

# The state ends a tag, but for the coding of the answer that it came with.
_TAG = re.compile(r'(W/)?"(?:[^"]*\.)?([0-9a-f]{32})(?:-[a-z]+)?"')


def stored_tag(content_hash: str) -> str:
    """The entity tag of a post as the archive keeps it."""
    return f'"post.{content_hash[:STATE_DIGITS]}"'


@dataclass(frozen=True, slots=True)
class Condition:
    """What a write demands of the post as it is kept; of nothing where both are None.

    Attributes:
        match: ``If-Match`` as it was sent: tags of which one must be the post's, or ``*``
            for any post; None where it was not sent.
        none_match: ``If-None-Match``: tags of which none may be the post's, or ``*``.
    """

    match: str | None = None
    none_match: str | None = None

    @classmethod
    def of(cls, environ: WSGIEnvironment) -> Condition:
        """That of a request."""
        return cls(environ.get("HTTP_IF_MATCH"), environ.get("HTTP_IF_NONE_MATCH"))

    def check(self, before: str | None, *, is_done: bool) -> None:
        """Refuse a write whose condition does not hold.

        Args:
            before: Content hash of the post before it; None where there was none.
            is_done: Whether the write changed nothing: what it asks for is so already, as
                after an answer that was lost. That meets ``If-Match`` (section 13.1.1).

        Raises:
            RefusedError: It does not hold.
        """
        state = before and before[:STATE_DIGITS]
        if self.match is not None and not is_done and not _names(self.match, state, weak=False):
            if state is None:
                detail = "If-Match asks for a post that is kept, and there is none under this id."
            elif any(not tag[1] for tag in _TAG.finditer(self.match)):
                detail = (
                    "If-Match names another state of the post than the one that is kept: it was "
                    "changed meanwhile. Read it at /v1/posts/{id}/stored, and decide anew."
                )
            else:
                detail = (
                    "If-Match holds no tag of a post. Send the ETag of an answer as it is, with "
                    "its quotation marks; one that a proxy made weak (W/) does not serve."
                )
            raise RefusedError(PRECONDITION_FAILED, detail)
        if self.none_match is not None and _names(self.none_match, state, weak=True):
            detail = "If-None-Match asks for a post that is not kept as it is; it is there already."
            raise RefusedError(PRECONDITION_FAILED, detail)


#: What a write without conditions demands.
NOTHING = Condition()


def _names(field: str, state: str | None, *, weak: bool) -> bool:
    """Whether a list of tags, or ``*``, names a state; None is the state of no post."""
    if state is None:
        return False
    if field.strip() == "*":
        return True
    return any(tag[2] == state and (weak or not tag[1]) for tag in _TAG.finditer(field))
