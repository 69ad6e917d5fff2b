"""Errors in the shape of WordPress's REST interface."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any


class RestError(Exception):
    """A request that is refused.

    Attributes:
        code: A word that clients compare, such as ``rest_invalid_param``.
        message: What people read.
        status: The HTTP status.
        more: Further members of ``data``, behind the status.
    """

    def __init__(self, code: str, message: str, status: int, **more: Any) -> None:
        super().__init__(message)
        self.code, self.message, self.status, self.more = code, message, status, more

    @property
    def content(self) -> dict[str, Any]:
        """The body."""
        data = {"status": self.status, **self.more}
        return {"code": self.code, "message": self.message, "data": data}


def no_route() -> RestError:
    """No route of this address and method."""
    message = "No route was found matching the URL and request method."
    return RestError("rest_no_route", message, 404)


def invalid_post() -> RestError:
    """No post of this number, as most routes word it."""
    return RestError("rest_post_invalid_id", "Invalid post ID.", 404)


def not_ready() -> RestError:
    """No version that could answer."""
    message = "No version that can answer this is being served; /readyz says more."
    return RestError("rest_not_ready", message, 503)


def broken() -> RestError:
    """A mistake of ours."""
    message = "Something went wrong on our side; the service's log says what."
    return RestError("internal_server_error", message, 500)


def missing(name: str) -> RestError:
    """A parameter that is needed was not given."""
    message = f"Missing parameter(s): {name}"
    return RestError("rest_missing_callback_param", message, 400, params=[name])


def invalid(name: str, code: str, message: str, data: Any = None) -> RestError:
    """A parameter that does not fit.

    Args:
        name: The parameter.
        code: What is wrong with it, in a word.
        message: The same for people.
        data: Evidence, or None.
    """
    return _invalid({name: {"code": code, "message": message, "data": data}})


def all_of(*reads: Callable[[], Any]) -> list[Any]:
    """The values of several parameters, or one refusal that names all that do not fit.

    Raises:
        RestError: Some do not.
    """
    values: list[Any] = []
    details: dict[str, Any] = {}
    for read in reads:
        try:
            values.append(read())
        except RestError as refused:
            details |= refused.more["details"]
    if details:
        raise _invalid(details)
    return values


def _invalid(details: Mapping[str, Mapping[str, Any]]) -> RestError:
    return RestError(
        "rest_invalid_param",
        f"Invalid parameter(s): {', '.join(details)}",
        400,
        params={name: one["message"] for name, one in details.items()},
        details=details,
    )
