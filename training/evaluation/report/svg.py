"""The few pieces of SVG that the plots are drawn from.

Colours come from the page's style sheet by class, so that plots follow it into the dark.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape


def drawing(width: float, height: float, label: str, parts: Iterable[str]) -> str:
    """A whole plot that scales with its place, and that a screen reader can name."""
    return (
        f'<svg viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{escape(label)}">'
        f"{''.join(parts)}</svg>"
    )


def line(x1: float, y1: float, x2: float, y2: float, style: str) -> str:
    """A straight line."""
    return f'<line class="{style}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def dot(x: float, y: float, style: str, tip: str, radius: float = 4.0) -> str:
    """A dot that says its value when pointed at."""
    return (
        f'<circle class="{style}" cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}">'
        f"<title>{escape(tip)}</title></circle>"
    )


def path(points: Iterable[tuple[float, float]], style: str, tip: str) -> str:
    """A line through points, in their order."""
    places = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline class="{style}" points="{places}"><title>{escape(tip)}</title></polyline>'


def text(x: float, y: float, content: str, anchor: str = "start", style: str = "") -> str:
    """Words at a place: its start, middle or end."""
    return (
        f'<text class="{style}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">'
        f"{escape(content)}</text>"
    )
