"""``sources.toml``: what the worker reads, and how often."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from related_posts.errors import ConfigError
from related_posts.status import SOURCES_FILE
from related_posts.toml_file import read_toml
from training.settings import TrainingSettings
from training.sources import DATABASE_FORMATS, FORMATS, WEB_FORMATS

_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_INTERVAL = re.compile(r"([0-9]{1,6})\s*([smhd])", re.ASCII)
#: No source is asked more often, whatever the file says.
LEAST_SECONDS = 10


def _seconds(value: object) -> int:
    matched = _INTERVAL.fullmatch(value.strip()) if isinstance(value, str) else None
    seconds = int(matched[1]) * _UNITS[matched[2]] if matched else 0
    if seconds < LEAST_SECONDS:
        raise ValueError(f'it must be a time of at least {LEAST_SECONDS}s, such as "15m" or "1d"')
    return seconds


class Scheduled(BaseModel):
    """One source of the file.

    Attributes:
        url: Its address; or
        path: its file or folder, from the data folder on where it is relative.
        format: Its format; empty to detect it.
        interval: Seconds between two reads; written as a number and s, m, h or d.
        incremental: Whether only changes are asked for, where the source can tell.
        generator: As the setting of this name, for this source.
        url_template: As the setting of this name, for this source.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    url: Annotated[str, Field(pattern=r"^[a-z][a-z0-9+.-]*://[^\s]+$")] = ""
    path: str = ""
    format: str = ""
    interval: Annotated[int, BeforeValidator(_seconds)] = 3_600
    incremental: bool = True
    generator: str = ""
    url_template: str = ""

    @model_validator(mode="after")
    def _whole(self) -> Scheduled:
        if bool(self.url) == bool(self.path):
            raise ValueError("give either url or path")
        known = sorted({*FORMATS, *WEB_FORMATS, *DATABASE_FORMATS})
        if self.format and self.format not in known:
            raise ValueError(f"format is {self.format!r}; known are {', '.join(known)}")
        return self

    def place(self, data: Path) -> str:
        """What training is told to read."""
        return self.url or str(data / Path(self.path).expanduser())

    @property
    def shown(self) -> str:
        """Its name in messages: without a user or a password."""
        return re.sub(r"//[^/@\s]*@", "//", self.url or self.path)

    def settings(self, settings: TrainingSettings) -> TrainingSettings:
        """The settings with what this source says otherwise.

        Raises:
            ConfigError: A value does not fit.
        """
        own = {"generator": self.generator, "url_template": self.url_template}
        values = {**settings.model_dump(), **{name: value for name, value in own.items() if value}}
        try:
            return TrainingSettings(**values)
        except ValidationError as mistake:
            name = str(mistake.errors()[0]["loc"][0])
            raise ConfigError(
                f"{name} of {self.shown} in {SOURCES_FILE}", own.get(name), "it does not fit"
            ) from None


def read_sources_file(data: Path) -> tuple[Scheduled, ...]:
    """The sources of a data folder; none where there is no file.

    Raises:
        ConfigError: The file is not TOML, holds a name nobody knows, or a value that does
            not fit.
    """
    path = data / SOURCES_FILE
    file = read_toml(path)
    if file is None:
        return ()
    listed = file.values.get("source", [])
    others = [name for name in file.values if name != "source"]
    if others or not isinstance(listed, list):
        name = next(iter(others), "source")
        said = "the file holds tables [[source]] alone"
        raise ConfigError(f"{file.place(name)}: {name}", None, said)
    found = tuple(_scheduled(number, each, path) for number, each in enumerate(listed, start=1))
    places = [source.place(data) for source in found]
    for number, place in enumerate(places, start=1):
        if place in places[: number - 1]:
            raise ConfigError(f"source {number} in {path}", None, "it is listed twice")
    return found


def _scheduled(number: int, values: Any, path: Path) -> Scheduled:
    try:
        return Scheduled.model_validate(values)
    except ValidationError as mistake:
        first = mistake.errors(include_url=False)[0]
        name = ".".join(map(str, first["loc"])) or "source"
        if first["type"] == "extra_forbidden":
            said = f"no such name; known are {', '.join(Scheduled.model_fields)}"
        else:
            said = str(first["msg"]).removeprefix("Value error, ")
        # No value is shown: an address may hold a password.
        raise ConfigError(f"{name} of source {number} in {path}", None, said) from None
