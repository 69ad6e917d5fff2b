"""Draw the pictures of the demo blog: one calm SVG of 800 x 450 for every post.

    python examples/draw.py            draw blog/images/ anew
    python examples/draw.py --check    say which pictures differ, change nothing

A picture depends only on the post's slug and category. The category chooses the hue and a
handful of motifs; a word of the slug, else its SHA-256, chooses one of them, and the same hash
places the details. Nothing is random and only the standard library is used, so everybody draws
the same bytes.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path

from drawing.home import (
    bench_tools,
    bicycle,
    cup,
    cups,
    flask,
    herbs,
    kettle,
    loaf,
    plane,
    plant,
    road,
    saw,
    slice_of_bread,
    starter_jar,
    tomatoes,
    wheel,
)
from drawing.pen import GROUND, HEIGHT, WIDTH, Dice, Paint, box, disc
from drawing.world import (
    aperture,
    bubbles,
    camera,
    cards,
    comet,
    film_strip,
    meteors,
    moon,
    nodes,
    open_book,
    planets,
    server,
    telescope,
    waves,
)

BLOG = Path(__file__).parent / "blog"

Motif = Callable[[Paint, Dice], str]

#: Category -> hue and accent hue in degrees, then motifs, each with the slug words that want it.
TOPICS: dict[str, tuple[int, int, list[tuple[Motif, str]]]] = {
    "Bread": (30, 200, [
        (loaf, "loaf rye roggenmischbrot timetable"),
        (slice_of_bread, "crumb salt focaccia"),
        (starter_jar, "starter levain pancakes"),
    ]),
    "Bicycles": (196, 14, [
        (wheel, "wheel puncture platten dynamo chain"),
        (bicycle, "squeaking packing behind"),
        (road, "ride canal"),
    ]),
    "Balcony": (122, 16, [
        (plant, "worms eimer"), (tomatoes, "tomatoes"), (herbs, "herbs balcon frost watering"),
    ]),
    "Film photography": (344, 190, [
        (aperture, "sunny regle pinhole"),
        (film_strip, "developing scanning film pictures"),
        (camera, "leak camera"),
    ]),
    "Home network": (214, 158, [
        (nodes, "names wires photos files"),
        (server, "server disk copies"),
        (waves, "wlan calls"),
    ]),
    "Night sky": (232, 20, [
        (telescope, "reflector collimating dew ville"),
        (moon, "moon"),
        (meteors, "perseids binoculars"),
        (comet, "comet"),
        (planets, "planets"),
    ]),
    "Languages": (266, 168, [
        (bubbles, "false tandem shadowing"), (open_book, "book words"), (cards, "cards der"),
    ]),
    "Workshop": (24, 172, [
        (saw, "board pallet"),
        (plane, "chair schublade oil"),
        (bench_tools, "chisel glue repair kettle"),
    ]),
    "Tea and coffee": (168, 12, [
        (cup, "pour balcony night grinder"), (cups, "five"), (kettle, "water"), (flask, "flask"),
    ]),
}  # fmt: skip


def motif(slug: str, topic: str, dice: Dice) -> Motif:
    """The motif that a word of the slug asks for, else the one that the hash chooses."""
    motifs = TOPICS[topic][2]
    words = slug.split("-")
    for draw_it, wanted in motifs:
        if not set(words).isdisjoint(wanted.split()):
            return draw_it
    return motifs[dice.between(0, len(motifs) - 1)][0]


def draw(slug: str, topic: str) -> str:
    """The whole SVG of a post, ending in a newline.

    Args:
        slug: The post's slug; the same slug and topic always give the same text.
        topic: The post's category, a key of ``TOPICS``.

    Raises:
        KeyError: The topic has no motif.
    """
    dice = Dice(slug)
    hue, accent, _ = TOPICS[topic]
    night = topic == "Night sky" or "night" in slug.split("-")
    paint = Paint(hue + dice.between(-14, 14), accent + dice.between(-16, 16), night=night)
    draw_it = motif(slug, topic, dice)
    halo = disc(dice.between(180, 620), dice.between(120, 220), dice.between(130, 200), paint.glow)
    floor = "" if topic == "Night sky" else box(0, GROUND, WIDTH, HEIGHT - GROUND, paint.ground)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}">{box(0, 0, WIDTH, HEIGHT, paint.sky)}{halo}{floor}'
        f"{draw_it(paint, dice)}</svg>\n"
    )


def pictures(blog: Path = BLOG) -> dict[str, str]:
    """Every post's picture: file name in ``images/`` -> SVG text."""
    drawn = {}
    for path in sorted((blog / "_posts").glob("*.md")):
        slug = path.stem[len("2016-02-21-") :]
        topic = re.search(r"^categories: \[(.+)\]$", path.read_text(encoding="utf-8"), re.MULTILINE)
        if topic is None:
            raise SystemExit(f"{path}: no line `categories: [Name]` in the front matter; add one")
        drawn[f"{slug}.svg"] = draw(slug, topic[1])
    return drawn


def main(arguments: list[str]) -> int:
    """Write or check the pictures; returns the exit code."""
    folder, drawn = BLOG / "images", pictures()
    old = {path.name: path.read_bytes() for path in folder.glob("*.svg")}
    different = sorted(
        name for name in drawn.keys() | old.keys() if drawn.get(name, "").encode() != old.get(name)
    )
    if "--check" in arguments:
        print("\n".join(different) or "all pictures are as drawn")
        return 1 if different else 0
    folder.mkdir(exist_ok=True)
    for name in different:
        if name in drawn:
            (folder / name).write_bytes(drawn[name].encode())
        else:
            (folder / name).unlink()
    print(f"{len(drawn)} pictures, {len(different)} of them changed")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
