"""Header fields that keep browsers from doing more with an answer than was meant."""

from __future__ import annotations

from service.settings import ServiceSettings

Fields = tuple[tuple[str, str], ...]

#: What a page without a policy of its own may load: its own files, and pictures.
PAGE_POLICY = (
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'; style-src 'self' 'unsafe-inline'; img-src * data:"
)


class SecurityFields:
    """The fields of every answer, and those of pages besides.

    Attributes:
        everywhere: Of every answer.
        pages: Of an HTML answer besides.
    """

    def __init__(self, settings: ServiceSettings) -> None:
        # Whoever may read an answer by CORS may also embed it.
        scope = "cross-origin" if settings.cors_origins else "same-origin"
        fields = [
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "no-referrer"),
            ("Cross-Origin-Resource-Policy", scope),
        ]
        if settings.hsts_seconds:
            fields.append(("Strict-Transport-Security", f"max-age={settings.hsts_seconds}"))
        self.everywhere: Fields = tuple(fields)
        self.pages: Fields = (("Content-Security-Policy", PAGE_POLICY),)
