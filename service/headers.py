"""The header fields that answers share: caching, reading across origins, and entity tags."""

from __future__ import annotations

from collections.abc import Mapping

from service.settings import ServiceSettings

Fields = list[tuple[str, str]]

#: How long a browser may remember a preflight answer.
PREFLIGHT_SECONDS = 86_400
#: How long a cache may keep "no such post": the next version may have it.
UNKNOWN_SECONDS = 60

NOSNIFF = ("X-Content-Type-Options", "nosniff")

#: Methods that change nothing.
READING = frozenset({"GET", "HEAD", "OPTIONS"})
#: Routes whose POST is a question too long for an address: it changes nothing either.
READING_POSTS = ("/v1/related", "/v1/related/batch")

_EXPOSED = ("Access-Control-Expose-Headers", "ETag, X-Related-Posts-Version, X-Request-ID")
_READING_FIELDS = "Content-Type, If-None-Match, X-Request-ID"
_WRITING_FIELDS = f"Authorization, X-Api-Key, {_READING_FIELDS}, If-Match"


class HeaderFields:
    """Header fields that depend on the settings, written once.

    Attributes:
        fixed: Of every successful read, where they do not depend on the request's
            origin; None where they do.
        cache_control: How caches may use a successful answer.
        unknown_cache_control: How caches may use "no such post".
    """

    def __init__(self, settings: ServiceSettings) -> None:
        age, stale = settings.max_age_seconds, settings.stale_seconds
        self.cache_control = (
            f"public, max-age={age}, stale-while-revalidate={stale}, stale-if-error={stale}"
        )
        self.unknown_cache_control = f"public, max-age={min(age, UNKNOWN_SECONDS)}"
        self._origins = frozenset(settings.cors_origins)
        self._writers = frozenset(settings.write_origins)
        self._everyone = "*" in self._origins
        # Who may write may read, rules with a key for one.
        self._readers = self._origins | self._writers
        by_origin = self._readers and not self._everyone
        self.fixed: tuple[tuple[str, str], ...] | None = None if by_origin else tuple(self.read({}))

    def read(self, environ: Mapping[str, object]) -> Fields:
        """Fields of a successful read."""
        return [("Cache-Control", self.cache_control), *self.any(environ)]

    def any(self, environ: Mapping[str, object]) -> Fields:
        """Fields of every answer of the API, errors included."""
        return [*self._cross_origin(environ), NOSNIFF]

    def preflight(self, environ: Mapping[str, object], allowed: str) -> Fields:
        """Fields of the answer to OPTIONS; ``allowed`` are the route's methods."""
        fields = [("Allow", allowed), *self.any(environ)]
        if any(name == "Access-Control-Allow-Origin" for name, _ in fields):
            reads = _is_reading(environ)
            has_key = str(environ.get("HTTP_ORIGIN", "")).lower() in self._writers
            wanted = {method for method in allowed.split(", ") if _is_reading(environ, method)}
            methods = ", ".join(sorted(wanted)) if reads else allowed
            fields += [
                ("Access-Control-Allow-Methods", methods),
                ("Access-Control-Allow-Headers", _WRITING_FIELDS if has_key else _READING_FIELDS),
                ("Access-Control-Max-Age", str(PREFLIGHT_SECONDS)),
            ]
        return fields

    def _cross_origin(self, environ: Mapping[str, object]) -> Fields:
        reads = _is_reading(environ)
        origins = self._readers if reads else self._writers
        if not origins:
            return []
        if reads and self._everyone:
            return [("Access-Control-Allow-Origin", "*"), _EXPOSED]
        # The answer differs by origin, for a cache even where this origin is not listed.
        vary = ("Vary", "Origin")
        origin = str(environ.get("HTTP_ORIGIN", ""))
        if origin.lower() not in origins:
            return [vary]
        return [vary, ("Access-Control-Allow-Origin", origin), _EXPOSED]


def _is_reading(environ: Mapping[str, object], method: str = "") -> bool:
    """Whether a request, or the one that a preflight announces, changes nothing."""
    method = method or str(environ.get("REQUEST_METHOD", "GET"))
    if method == "OPTIONS":
        method = str(environ.get("HTTP_ACCESS_CONTROL_REQUEST_METHOD", "OPTIONS"))
    return method in READING or (method == "POST" and environ.get("PATH_INFO") in READING_POSTS)


def matches(if_none_match: str, etag: str) -> bool:
    """Whether a client already has the representation with this entity tag.

    Compares weakly, as RFC 9110 section 13.1.2 asks, over a list or ``*``.
    Our tags hold no comma, so splitting at commas cuts only foreign tags apart.
    """
    if if_none_match == etag:
        return True
    for part in if_none_match.split(","):
        candidate = part.strip()
        if candidate == "*" or candidate.removeprefix("W/") == etag:
            return True
    return False
