"""``--set NAME=VALUE``: any setting of training, for the commands that build."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from related_posts.errors import ConfigError
from training.settings import TrainingSettings

_Command = TypeVar("_Command", bound=Callable[..., Any])


def set_option(command: _Command) -> _Command:
    """Add the repeatable option; the command gets ``assignments``."""
    return click.option(
        "--set",
        "assignments",
        multiple=True,
        metavar="NAME=VALUE",
        help="Any other setting, such as time_weight=3; repeatable.",
    )(command)


def assigned(assignments: tuple[str, ...]) -> dict[str, Any]:
    """``NAME=VALUE`` pairs as flags.

    Raises:
        ConfigError: One is not such a pair, or names no setting.
    """
    values: dict[str, Any] = {}
    for assignment in assignments:
        name, equals, value = assignment.partition("=")
        name = name.strip().lower().replace("-", "_")
        if not equals or name not in TrainingSettings.model_fields:
            known = ", ".join(sorted(TrainingSettings.model_fields))
            raise ConfigError("--set", assignment, f"it must be NAME=VALUE; names are {known}")
        values[name] = value.strip()
    return values
