"""Settings in layers: defaults, then the data folder's file, the environment, the flags.

Each side has one model of its own; this is what the two have in common. The
core reads no environment: a side hands over its own.
"""

from __future__ import annotations

import tomllib
from collections.abc import Container, Mapping
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from related_posts.errors import ConfigError
from related_posts.setting_names import PREFIX, check_names

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
    def layered(cls, flags: Mapping[str, Any], environment: Mapping[str, str]) -> Self:
        """Settings from all their places.

        Args:
            flags: Values given on the command line; None counts as not given.
            environment: Every variable; those with our prefix are looked at,
                an empty one counts as not set.

        Raises:
            ConfigError: A name nobody knows, a value that does not fit, or a
                settings file that is not TOML.
        """
        own = cls.model_fields
        given = {name: value for name, value in flags.items() if value is not None}
        variables = {
            name[len(PREFIX) :].lower(): value
            for name, value in environment.items()
            if name.upper().startswith(PREFIX)
        }
        check_names(variables, "the environment")
        variables = {name: value for name, value in variables.items() if value and name in own}
        data = given.get("data") or variables.get("data") or DEFAULT_DATA
        in_file = _read(Path(data), own)
        try:
            return cls(**{**in_file, **variables, **given})
        except ValidationError as mistake:
            raise cls._refusal(mistake, given, variables) from None

    @classmethod
    def _refusal(
        cls, mistake: ValidationError, given: Container[str], variables: Container[str]
    ) -> ConfigError:
        """The error for a value that does not fit, naming the setting as the user wrote it."""
        first = mistake.errors(include_url=False)[0]
        name = str(first["loc"][0])
        if name in given:
            shown = "--" + name.replace("_", "-")
        elif name in variables:
            shown = PREFIX + name.upper()
        else:
            shown = f"{name} in {FILE_NAME}"
        extra = cls.model_fields[name].json_schema_extra
        extra = extra if isinstance(extra, dict) else {"allowed": "something else"}
        allowed = extra["allowed"]
        value = None if extra.get("secret") else first["input"]
        value = str(value) if isinstance(value, Path) else value
        return ConfigError(shown, value, f"it must be {allowed}")


def _read(data: Path, own: Container[str]) -> dict[str, Any]:
    """One side's settings in the data folder's file; empty where there is none."""
    place = data / FILE_NAME
    try:
        values = tomllib.loads(place.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as mistake:
        raise ConfigError(str(place), None, f"it could not be read as TOML: {mistake}") from None
    check_names(values, str(place))
    # The file cannot move the folder it lies in.
    return {name: value for name, value in values.items() if name in own and name != "data"}
