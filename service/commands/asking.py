"""Options of commands that ask as requests do: made of the same table, read by the same code."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from related_posts.errors import InvalidQueryError
from service.api import parameters
from service.api.parameters import FILTERS, Parameter
from service.api.query import options_of

#: What the lists of a command may be asked for with.
ASKING = (
    *(parameters.EXCLUDE, parameters.EXCLUDE_LINKED),
    *(*FILTERS, parameters.PAST_ONLY, parameters.SAME_AUTHOR),
    *(parameters.MIN_SCORE, parameters.DIVERSITY, parameters.FALLBACK),
)


def asking(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command an option for each parameter of ``ASKING``.

    The command gets them as ``options``, the :class:`~service.api.query.Options` of a request.
    """

    @wraps(command)
    def asked(**given: Any) -> Any:
        values = {each.name: given.pop(each.name) for each in ASKING}
        return command(options=options_of(values), **given)

    decorated: Callable[..., Any] = asked
    for each in reversed(ASKING):
        decorated = _option(each)(decorated)
    return decorated


def _option(parameter: Parameter) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The option of a parameter; it is read, and refused, as that of a request is."""

    def read(_: click.Context, __: click.Parameter, given: Any) -> Any:
        if isinstance(given, bool):
            return given
        texts = given if parameter.repeatable else () if given is None else (given,)
        try:
            return parameter.read(texts)
        except InvalidQueryError as mistake:
            raise click.BadParameter(
                f"{mistake.value!r} is not allowed; it must be {mistake.allowed}"
            ) from None

    flag = f"--{parameter.name.replace('_', '-')}"
    help_text = parameter.help.replace("`", "")
    if parameter.kind.schema["type"] == "boolean":
        return click.option(flag, parameter.name, is_flag=True, callback=read, help=help_text)
    if parameter.repeatable:
        help_text += " May be given more than once."
    return click.option(
        flag,
        parameter.name,
        type=str,
        multiple=parameter.repeatable,
        callback=read,
        metavar="NUMBER" if parameter.kind.schema["type"] == "number" else "TEXT",
        help=f"{help_text}  [{parameter.kind.allowed}]",
    )
