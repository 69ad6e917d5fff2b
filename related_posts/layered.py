"""Settings in layers: defaults, then the data folder's file, the environment, the flags.

Each side has one model of its own; this is what the two have in common. The
core reads no environment: a side hands over its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from related_posts.errors import ConfigError
from related_posts.setting_names import PREFIX, check_names
from related_posts.toml_file import read_toml

#: The optional settings file inside the data folder.
FILE_NAME = "related-posts.toml"

#: The data folder where none is named.
DEFAULT_DATA = Path("data")


def setting(
    default: Any, help_text: str, allowed: str, *, secret: bool = False, **limits: Any
) -> Any:
    """A field of a settings model.

    Args:
        default: Its value where nobody gives one.
        help_text: One line that says what it does.
        allowed: The values it may have, in words.
        secret: Whether its value is never shown, in errors neither.
        limits: As for ``pydantic.Field``.
    """
    extra: dict[str, Any] = {"allowed": allowed, "secret": secret}
    return Field(default, description=help_text, json_schema_extra=extra, repr=not secret, **limits)


class LayeredSettings(BaseModel):
    """One side's settings; read once, then passed on as a value."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    data: Path = setting(
        DEFAULT_DATA, "Folder with the archive and the published versions.", "a folder"
    )

    @classmethod
    def layered(
        cls,
        flags: Mapping[str, Any],
        environment: Mapping[str, str],
        assigned: Mapping[str, Any] | None = None,
    ) -> Self:
        """Settings from all their places.

        Args:
            flags: Values given on the command line; None counts as not given.
            environment: Every variable; those with our prefix are looked at,
                an empty one counts as not set.
            assigned: Values given on the command line as ``--set NAME=VALUE``; a flag of
                its own wins.

        Raises:
            ConfigError: A name nobody knows, a value that does not fit, or a
                settings file that is not TOML.
        """
        own = cls.model_fields
        given = {name: value for name, value in flags.items() if value is not None}
        shown = {name: "--" + name.replace("_", "-") for name in given}
        given = {**(assigned or {}), **given}
        shown = {name: f"--set {name}" for name in assigned or {}} | shown
        variables, written = _variables(environment)
        check_names(variables, written.__getitem__, lambda name: PREFIX + name.upper())
        variables = {name: value for name, value in variables.items() if value and name in own}
        shown = {name: written[name] for name in variables} | shown
        data = given.get("data") or variables.get("data") or DEFAULT_DATA
        file = read_toml(Path(data) / FILE_NAME)
        in_file: dict[str, Any] = {}
        if file is not None:
            check_names(file.values, lambda name: f"{file.place(name)}: {name}")
            # The file cannot move the folder it lies in.
            in_file = {name: file.values[name] for name in file.values if name in own}
            in_file.pop("data", None)
        try:
            return cls(**{**in_file, **variables, **given})
        except ValidationError as mistake:
            first = mistake.errors(include_url=False)[0]
            name = str(first["loc"][0])
            if name not in shown and file is not None:
                shown[name] = f"{file.place(name)}: {name}"
            raise cls._refusal(name, first["input"], shown[name]) from None

    @classmethod
    def _refusal(cls, name: str, value: Any, shown: str) -> ConfigError:
        """The error for a value that does not fit, naming the setting as the user wrote it."""
        extra = cls.model_fields[name].json_schema_extra
        extra = extra if isinstance(extra, dict) else {"allowed": "something else"}
        value = None if extra.get("secret") else value
        value = str(value) if isinstance(value, Path) else value
        return ConfigError(shown, value, f"it must be {extra['allowed']}")


def _variables(environment: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """The value of each setting in the environment, and the variable it stands in.

    Raises:
        ConfigError: Two variables that differ in case alone have different values.
    """
    values: dict[str, str] = {}
    written: dict[str, str] = {}
    for variable, value in environment.items():
        if not variable.upper().startswith(PREFIX):
            continue
        name = variable[len(PREFIX) :].lower()
        if values.get(name, value) != value:
            said = f"{written[name]} is set too, to another value; keep one of the two"
            raise ConfigError(variable, None, said)
        values[name], written[name] = value, variable
    return values, written
