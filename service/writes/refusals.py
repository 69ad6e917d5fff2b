"""What keeps a write from being accepted, as problem documents of the service's one shape."""

from __future__ import annotations

from flask import Flask, Response, request

from service.errors import BY_STATUS, PROBLEM_JSON, Kind, document, instance_of
from service.headers import Fields, HeaderFields

KEY_IN_ADDRESS = Kind("key-in-address", "A key does not belong in an address", 400)
INVALID_POST = Kind("invalid-post", "The post does not fit", 400)
KEY_NEEDED = Kind("key-needed", "A key is needed", 401)
BAD_SIGNATURE = Kind("bad-signature", "The message is not signed as it should be", 401)
NO_KEYS = Kind("no-keys", "Writing needs a key, and none was made yet", 403)
SCOPE_MISSING = Kind("scope-missing", "The key does not cover this", 403)
UNKNOWN_RULE = Kind("unknown-rule", "No such rule", 404)
PRECONDITION_FAILED = Kind("precondition-failed", "The post is not as the request demands", 412)
TOO_LONG = BY_STATUS[413]
MEDIA_TYPE = Kind("unsupported-media-type", "The body is of another type", 415)
WRITES_OFF = Kind("writes-off", "Writing is off", 503)
NOT_KEPT = Kind("not-kept", "The write could not be kept", 503)

#: Every kind of this module, for the documentation.
KINDS = (
    KEY_IN_ADDRESS,
    INVALID_POST,
    KEY_NEEDED,
    BAD_SIGNATURE,
    NO_KEYS,
    SCOPE_MISSING,
    UNKNOWN_RULE,
    PRECONDITION_FAILED,
    MEDIA_TYPE,
    WRITES_OFF,
    NOT_KEPT,
)

#: Seconds after which a write that could not be kept may be sent again.
RETRY_SECONDS = 5


class RefusedError(Exception):
    """A write that is not accepted.

    Attributes:
        kind: The kind of problem.
        detail: What is wrong and what to do; nothing that must stay secret.
        fields: Header fields of the answer.
    """

    def __init__(self, kind: Kind, detail: str, fields: Fields | None = None) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.fields = fields or []


def register(app: Flask, shared: HeaderFields) -> None:
    """Let an application answer refusals as problem documents."""

    def answer(refusal: RefusedError) -> Response:
        environ = request.environ
        fields = [("Cache-Control", "no-store"), *refusal.fields, *shared.any(environ)]
        if refusal.kind.status == 503:
            fields.append(("Retry-After", str(RETRY_SECONDS)))
        content = document(refusal.kind, refusal.detail, instance_of(environ))
        return Response(content, refusal.kind.status, fields, content_type=PROBLEM_JSON)

    app.register_error_handler(RefusedError, answer)
