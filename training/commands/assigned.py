"""``--set NAME=VALUE``: any setting of training, for the commands that build."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from related_posts.errors import ConfigError
from related_posts.layered import FILE_NAME
from related_posts.setting_names import PREFIX, SERVICE, nearest
from training.settings import TrainingSettings

_Command = TypeVar("_Command", bound=Callable[..., Any])


def set_option(command: _Command) -> _Command:
    """Add the repeatable option; the command gets ``assignments``."""
    return click.option(
        "--set",
        "assignments",
        multiple=True,
        metavar="NAME=VALUE",
        help="Any setting of training, such as time_weight=3; repeatable.",
    )(command)


def assigned(assignments: tuple[str, ...]) -> dict[str, Any]:
    """``NAME=VALUE`` pairs by name; of two for one name the last counts.

    Raises:
        ConfigError: One is not such a pair, or names no setting of training.
    """
    values: dict[str, Any] = {}
    for assignment in assignments:
        written, equals, value = assignment.partition("=")
        name = written.strip().lower().replace("-", "_")
        shown = f"--set {written.strip()[:80]}"
        if not equals or not name:
            said = "it must be NAME=VALUE, such as time_weight=3"
            raise ConfigError(f"--set {assignment[:80]}", None, said)
        if name in SERVICE:
            variable = PREFIX + name.upper()
            said = (
                f"only `related-posts serve` reads it; set {variable} in its environment "
                f"or {name} in {FILE_NAME}"
            )
            raise ConfigError(shown, None, said)
        if name not in TrainingSettings.model_fields:
            hint = nearest(name, TrainingSettings.model_fields)
            raise ConfigError(shown, None, f"there is no such setting; {hint}")
        values[name] = value.strip()
    return values
