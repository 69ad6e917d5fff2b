"""Who may write: a key in a header, looked up anew for every request."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from related_posts.errors import KeysError
from related_posts.keys import Key, Keys
from service.api import parameters
from service.writes.refusals import (
    KEY_IN_ADDRESS,
    KEY_NEEDED,
    NO_KEYS,
    NOT_KEPT,
    SCOPE_MISSING,
    RefusedError,
)

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

log = logging.getLogger(__name__)

#: Parameters under which people try to send a key.
_CARRIERS = frozenset(
    {"key", "api_key", "apikey", "api-key", "token", "access_token", "secret", "x-api-key"}
)
_CHALLENGE = 'Bearer realm="related-posts"'


class Access:
    """Lets those write who have a key.

    Args:
        keys: The keys of the data folder.
        clock: Tells the aware present.
    """

    def __init__(self, keys: Keys, clock: Callable[[], datetime]) -> None:
        self._keys = keys
        self._clock = clock

    def check(self, environ: WSGIEnvironment, scope: str) -> Key:
        """The key that a request carries, if it covers the scope.

        Raises:
            RefusedError: It carries none, a wrong one, one that expired or does not cover
                the scope, or one in its address; or there is no key at all.
        """
        self.check_address(environ)
        self.check_any()
        token = token_of(environ)
        if not token:
            detail = "Send it as `Authorization: Bearer KEY`, or as `X-Api-Key: KEY`."
            raise RefusedError(KEY_NEEDED, detail, [("WWW-Authenticate", _CHALLENGE)])
        key = self._find(token)
        if key is None or key.is_expired(self._clock()):
            what = "This key has expired" if key else "There is no such key, or it was revoked"
            challenge = f'{_CHALLENGE}, error="invalid_token"'
            detail = f"{what}; `related-posts keys create` makes a new one."
            raise RefusedError(KEY_NEEDED, detail, [("WWW-Authenticate", challenge)])
        if not key.may(scope):
            detail = (
                f"This takes a key with the scope {scope}, this one has "
                f"{', '.join(key.scopes)}; make one with `related-posts keys create --scope "
                f"{scope}`."
            )
            challenge = f'{_CHALLENGE}, error="insufficient_scope", scope="{scope}"'
            raise RefusedError(SCOPE_MISSING, detail, [("WWW-Authenticate", challenge)])
        return key

    def check_any(self) -> None:
        """Refuse as long as nobody has made a key."""
        try:
            there = bool(self._keys.all())
        except KeysError as mistake:
            raise _unreadable(mistake) from None
        if not there:
            detail = "Make one on the server: `related-posts keys create --scope write`."
            raise RefusedError(NO_KEYS, detail)

    @staticmethod
    def check_address(environ: WSGIEnvironment) -> None:
        """Refuse a key in an address, which stands in logs by now, and any other parameter.

        Raises:
            RefusedError: There is a key in it.
            InvalidQueryError: There is something else in it: no write takes parameters.
        """
        query = environ.get("QUERY_STRING", "")
        names = {name.lower() for name, _ in parse_qsl(query, keep_blank_values=True)}
        if names & _CARRIERS:
            detail = (
                "Addresses end up in logs, so no key is taken from one: send it as "
                "`Authorization: Bearer KEY`. If it was a real key, revoke it."
            )
            raise RefusedError(KEY_IN_ADDRESS, detail)
        parameters.read(query, ())

    def _find(self, token: str) -> Key | None:
        try:
            return self._keys.find(token)
        except KeysError as mistake:
            raise _unreadable(mistake) from None


def token_of(environ: WSGIEnvironment) -> str:
    """What a request presents as its key; empty where it presents none."""
    scheme, _, rest = str(environ.get("HTTP_AUTHORIZATION", "")).partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip()
    return str(environ.get("HTTP_X_API_KEY", "")).strip()


def _unreadable(mistake: KeysError) -> RefusedError:
    log.error("nobody can write: %s", mistake)
    return RefusedError(NOT_KEPT, "The keys cannot be read; the service's log says why.")
