"""What can go wrong between a program and the service.

::

    ClientError
    ├─ UnreachableError      no answer at all, or not in time
    ├─ AnswerError           an answer that is not of this service
    └─ RefusedError          a problem document (RFC 9457)
       ├─ NoSuchPostError    404 unknown-post
       ├─ ChangedError       412 precondition-failed
       └─ KeyRefusedError    401 or 403
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from related_posts.errors import RelatedPostsError

_PREFIX = "urn:related-posts:problem:"


class ClientError(RelatedPostsError):
    """The service gave no answer that can be used."""


class UnreachableError(ClientError):
    """Nobody answered, or not in time, however often it was tried."""


class AnswerError(ClientError):
    """What answered is not this service: a proxy's page, or a body cut short."""


class RefusedError(ClientError):
    """The service refused, and said why.

    Attributes:
        kind: What is stable about the problem, such as ``invalid-parameter``.
        status: The answer's status.
        title: The kind in words.
        detail: What is wrong in this case, and what to do.
        request_id: The request's id, which is in the service's log.
        retry_after: Seconds after which to ask again; None where that was not said.
        problem: The whole document.
    """

    def __init__(
        self, problem: Mapping[str, Any], request_id: str = "", retry_after: float | None = None
    ) -> None:
        self.kind = str(problem.get("type", "")).removeprefix(_PREFIX)
        self.status = int(problem.get("status", 0))
        self.title = str(problem.get("title", ""))
        self.detail = str(problem.get("detail", ""))
        self.request_id = request_id
        self.retry_after = retry_after
        self.problem = dict(problem)
        super().__init__(f"{self.status} {self.kind}: {self.detail or self.title}")


class NoSuchPostError(RefusedError):
    """There is no such post."""


class ChangedError(RefusedError):
    """The post is not in the state that the write was meant for."""


class KeyRefusedError(RefusedError):
    """The key is missing, wrong, over, or does not cover this."""


def refusal(
    problem: Mapping[str, Any], request_id: str = "", retry_after: float | None = None
) -> RefusedError:
    """The error of a problem document."""
    made: type[RefusedError] = RefusedError
    if problem.get("type") == f"{_PREFIX}unknown-post":
        made = NoSuchPostError
    elif problem.get("type") == f"{_PREFIX}precondition-failed":
        made = ChangedError
    elif problem.get("status") in (401, 403):
        made = KeyRefusedError
    return made(problem, request_id, retry_after)
