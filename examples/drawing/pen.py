"""What every motif of the demo pictures is drawn with: dice, colours and a few SVG elements."""

from __future__ import annotations

import colorsys
import hashlib
import math
from collections.abc import Iterator

WIDTH, HEIGHT = 800, 450
GROUND = 360  # y of the table, street or horizon on which most things stand


class Dice:
    """An endless, repeatable stream of small choices made from one slug."""

    def __init__(self, slug: str) -> None:
        self._bytes = self._stream(slug)

    @staticmethod
    def _stream(slug: str) -> Iterator[int]:
        block = hashlib.sha256(slug.encode()).digest()
        while True:
            yield from block
            block = hashlib.sha256(block).digest()

    def between(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return low + (next(self._bytes) * 256 + next(self._bytes)) % (high - low + 1)


class Paint:
    """The colours of one picture: a hue and the tints that go with it."""

    def __init__(self, hue: int, accent: int, *, night: bool = False) -> None:
        self.sky = tint(hue, 38, 19) if night else tint(hue, 52, 91)
        self.glow = tint(hue, 36, 25) if night else tint(hue, 58, 83)
        self.ground = tint(hue, 34, 12) if night else tint(hue, 34, 74)
        self.main = tint(hue, 46, 52)
        self.dark = tint(hue, 36, 26)
        self.soft = tint(hue, 42, 66)
        self.pale = tint(hue, 60, 95)
        self.accent = tint(accent, 62, 58)
        self.warm = tint(38, 74, 70)
        self.steel = tint(hue + 180, 16, 66)


def tint(hue: int, saturation: int, lightness: int) -> str:
    """``#rrggbb`` of a hue in degrees and two percentages."""
    rgb = colorsys.hls_to_rgb(hue % 360 / 360, lightness / 100, saturation / 100)
    return "#" + "".join(f"{math.floor(part * 255 + 0.5):02x}" for part in rgb)


def tag(name: str, /, **attributes: object) -> str:
    """One empty SVG element; ``stroke_width`` becomes ``stroke-width``."""
    text = "".join(f' {key.replace("_", "-")}="{value}"' for key, value in attributes.items())
    return f"<{name}{text}/>"


def disc(x: int, y: int, r: int, fill: str, **more: object) -> str:
    """A filled circle."""
    return tag("circle", cx=x, cy=y, r=r, fill=fill, **more)


def box(x: int, y: int, width: int, height: int, fill: str, r: int = 0, **more: object) -> str:
    """A filled rectangle with corners of radius r."""
    rounded = {"rx": r} if r else {}
    return tag("rect", x=x, y=y, width=width, height=height, **rounded, fill=fill, **more)


def shape(d: str, fill: str, **more: object) -> str:
    """A filled path."""
    return tag("path", d=d, fill=fill, **more)


def line(d: str, stroke: str, width: int = 6, **more: object) -> str:
    """A path drawn with a round pen."""
    return tag(
        "path",
        d=d,
        fill="none",
        stroke=stroke,
        stroke_width=width,
        stroke_linecap="round",
        stroke_linejoin="round",
        **more,
    )


def turn(inside: str, degrees: int, x: int, y: int) -> str:
    """A group turned clockwise round a point."""
    return f'<g transform="rotate({degrees} {x} {y})">{inside}</g>'


def polar(x: int, y: int, r: float, degrees: float) -> str:
    """``x y`` of the point at a distance and an angle, to the nearest unit."""
    angle = math.radians(degrees)
    return (
        f"{x + math.floor(r * math.cos(angle) + 0.5)} {y + math.floor(r * math.sin(angle) + 0.5)}"
    )
