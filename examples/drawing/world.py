"""Motifs of things seen, heard and connected: film, networks, the night sky and languages.

Each function draws one motif in the middle of a picture and returns its SVG elements.
"""

from __future__ import annotations

from drawing.pen import GROUND, WIDTH, Dice, Paint, box, disc, line, polar, shape, tag, turn

# --- film photography -------------------------------------------------------------------------


def aperture(p: Paint, dice: Dice) -> str:
    """An aperture with six blades."""
    start, hole = dice.between(0, 59), dice.between(34, 84)
    edges = "".join(
        f"M{polar(400, 208, hole, start + i * 60)}L{polar(400, 208, 148, start + i * 60 + 78)}"
        for i in range(6)
    )
    corners = "L".join(polar(400, 208, hole, start + i * 60) for i in range(6))
    return (
        disc(400, 208, 170, p.dark)
        + disc(400, 208, 150, p.main)
        + line(edges, p.dark, 4)
        + shape(f"M{corners}z", p.warm, stroke=p.dark, stroke_width=4)
    )


def film_strip(p: Paint, dice: Dice) -> str:
    """A strip of film with hills in every frame."""
    frames = ""
    for i in range(5):
        x, hill = i * 172 - 20, dice.between(-16, 16)
        frames += (
            box(x, 150, 152, 130, p.soft, 6)
            + disc(x + dice.between(34, 116), 192 + hill // 2, dice.between(10, 20), p.warm)
            + shape(
                f"M{x} 258Q{x + 40} {214 - hill} {x + 76} 246T{x + 152} {238 + hill // 2}"
                f"V274q0 6-6 6H{x + 6}q-6 0-6-6z",
                p.main,
            )
        )
    perforation = line("M-30 124H830M-30 306H830", p.sky, 16, stroke_dasharray="1 33")
    return turn(
        box(-60, 100, 920, 230, p.dark) + perforation + frames, dice.between(-9, 9), 400, 215
    )


def camera(p: Paint, dice: Dice) -> str:
    """An old camera seen from the front."""
    lens = dice.between(66, 84)
    return (
        box(318, 96, 164, 60, p.dark, 14)
        + box(206, 104, 60, 34, p.accent, 8)
        + box(180, 130, 440, 226, p.main, 26)
        + box(180, 186, 440, 112, p.dark)
        + disc(400, 242, lens + 26, p.pale)
        + disc(400, 242, lens + 8, p.dark)
        + disc(400, 242, lens - 16, p.soft)
        + disc(400, 242, lens // 3, p.dark)
        + disc(376, 218, 12, p.pale)
        + box(540, 146, 50, 26, p.warm, 5)
    )


# --- home network -----------------------------------------------------------------------------


def nodes(p: Paint, dice: Dice) -> str:
    """Round nodes joined by cables."""
    places = [
        (x + dice.between(-34, 34), y + dice.between(-26, 26))
        for x, y in ((170, 120), (330, 300), (410, 70), (560, 290), (640, 120), (160, 292))
    ]
    centre = (400, 205)
    cables = "".join(f"M{centre[0]} {centre[1]}L{x} {y}" for x, y in places)
    ring = "M" + "L".join(f"{x} {y}" for x, y in (places[0], places[2], places[4]))
    dots = "".join(
        disc(
            x,
            y,
            dice.between(22, 34),
            p.accent if i % 3 == 0 else p.soft,
            stroke=p.dark,
            stroke_width=6,
        )
        for i, (x, y) in enumerate(places)
    )
    return (
        line(cables, p.dark, 6)
        + line(ring, p.main, 4, stroke_dasharray="2 14")
        + dots
        + disc(*centre, 54, p.main, stroke=p.dark, stroke_width=8)
        + box(376, 190, 48, 10, p.pale, 5)
        + box(376, 210, 48, 10, p.pale, 5)
    )


def server(p: Paint, dice: Dice) -> str:
    """A small server with three units and lamps."""
    units = ""
    for i in range(3):
        y = 98 + i * 88
        lamps = "".join(
            disc(300 + n * 26, y + 38, 7, p.warm if dice.between(0, 3) else p.accent)
            for n in range(dice.between(2, 4))
        )
        units += (
            box(256, y, 288, 76, p.main, 12)
            + lamps
            + line(f"M440 {y + 28}h74M440 {y + 48}h74", p.dark, 7)
        )
    return (
        box(232, 78, 336, GROUND - 72, p.dark, 18)
        + units
        + line(f"M568 316q70 0 70 60t{dice.between(60, 120)} 60", p.dark, 8)
    )


def waves(p: Paint, dice: Dice) -> str:
    """A router sending out waves."""
    tilt = dice.between(-16, 16)
    arcs = "".join(
        line(f"M{polar(400, 262, r, 222)}A{r} {r} 0 0 1 {polar(400, 262, r, 318)}", colour, 17)
        for r, colour in ((64, p.accent), (116, p.main), (168, p.soft), (220, p.glow))
    )
    return (
        turn(arcs, tilt // 2, 400, 262)
        + line("M322 322l-32-96M478 322l32-96", p.dark, 10)
        + box(250, 312, 300, 58, p.dark, 16)
        + "".join(
            disc(290 + i * 34, 341, 8, p.warm if dice.between(0, 2) else p.accent) for i in range(4)
        )
    )


# --- night sky --------------------------------------------------------------------------------


def stars(dice: Dice, n: int = 26) -> str:
    """A sky of n small stars."""
    dots = "".join(
        tag("circle", cx=dice.between(14, 786), cy=dice.between(10, 300), r=dice.between(1, 3))
        for _ in range(n)
    )
    return f'<g fill="#fdf6dc">{dots}</g>'


def hill(p: Paint, dice: Dice) -> str:
    """A dark hill along the lower edge."""
    a, b = dice.between(300, 350), dice.between(330, 390)
    return shape(f"M0 {a + 40}Q220 {a - 40} 430 {b}T800 {a + 10}V450H0z", p.ground)


def telescope(p: Paint, dice: Dice) -> str:
    """A telescope on a hill under the stars."""
    tube = (
        box(300, 196, 230, 52, p.soft, 8)
        + box(516, 186, 40, 72, p.main, 8)
        + box(268, 206, 40, 32, p.warm, 6)
    )
    return (
        stars(dice)
        + disc(dice.between(560, 690), dice.between(70, 120), dice.between(20, 34), p.warm)
        + hill(p, dice)
        + line("M400 240L340 400M400 240L460 400M400 240V396", p.main, 11)
        + turn(tube, -dice.between(24, 42), 400, 222)
        + disc(400, 226, 15, p.accent)
    )


def moon(p: Paint, dice: Dice) -> str:
    """The Moon with craters over a dark hill."""
    x, y, r = dice.between(330, 470), 186, dice.between(110, 136)
    craters = "".join(
        disc(x + dice.between(-60, 46), y + dice.between(-70, 70), dice.between(8, 24), "#d9c99a")
        for _ in range(7)
    )
    bite = dice.between(40, 80)
    night = f"M{x} {y - r}A{r} {r} 0 0 1 {x} {y + r}A{r + bite} {r + bite} 0 0 0 {x} {y - r}z"
    return (
        stars(dice, 22)
        + disc(x, y, r, "#f2e6bd")
        + craters
        + shape(night, p.sky, opacity=0.82)
        + hill(p, dice)
    )


def roofs(p: Paint, dice: Dice) -> str:
    """Dark roofs along the lower edge, with two lit windows."""
    houses = "".join(
        box(60 + i * 130, 350 - dice.between(0, 34), 96, 110, p.ground) for i in range(6)
    )
    windows = box(dice.between(100, 130), 372, 14, 16, p.warm) + box(
        dice.between(470, 510), 380, 14, 16, p.warm
    )
    return houses + box(0, 386, WIDTH, 64, p.ground) + windows


def meteors(p: Paint, dice: Dice) -> str:
    """Meteors over dark roofs."""
    trails = ""
    for _ in range(dice.between(3, 5)):
        x, y, long = dice.between(120, 640), dice.between(60, 200), dice.between(70, 150)
        trail = f"M{x} {y}l{long} {-long // 2}l{-long + 6} {long // 2 + 8}z"
        trails += shape(trail, p.warm, opacity=0.85) + disc(x + 3, y + 4, 6, "#fff")
    return stars(dice) + trails + roofs(p, dice)


def comet(p: Paint, dice: Dice) -> str:
    """A comet with a broad tail and a thin one over dark roofs."""
    x, y = dice.between(320, 400), dice.between(250, 280)
    dust = (
        f"M{x - 13} {y + 2}Q{x + 30} {y - 130} {x + 190} {y - 230}"
        f"Q{x + 90} {y - 90} {x + 13} {y + 3}z"
    )
    return (
        stars(dice)
        + shape(dust, p.warm, opacity=0.45)
        + line(f"M{x} {y}L{x + 96} {y - 226}", p.soft, 5)
        + disc(x, y, 24, p.warm, opacity=0.35)
        + disc(x, y, 13, "#fff")
        + roofs(p, dice)
    )


def planets(p: Paint, dice: Dice) -> str:
    """A banded planet and a ringed one over a hill."""
    x, y = dice.between(250, 310), dice.between(190, 240)
    sx, sy = x + dice.between(230, 280), y - dice.between(40, 90)
    ring = tag("ellipse", cx=sx, cy=sy, rx=112, ry=26, fill="none", stroke=p.soft, stroke_width=11)
    front = line(f"M{sx - 112} {sy}A112 26 0 0 0 {sx + 112} {sy}", p.soft, 11)
    bands = line(f"M{x - 76} {y - 26}h152M{x - 80} {y + 14}h160", p.accent, 13, opacity=0.6)
    return (
        stars(dice)
        + disc(x, y, 86, p.warm)
        + bands
        + turn(ring + disc(sx, sy, 58, "#ecd9a0") + front, -18, sx, sy)
        + hill(p, dice)
    )


# --- languages --------------------------------------------------------------------------------


def bubble(x: int, y: int, width: int, height: int, fill: str, tail: int) -> str:
    """A speech bubble; its tail leans left for -1 and right for 1."""
    foot = x + (width * 3 // 4 if tail > 0 else width // 4)
    return box(x, y, width, height, fill, 34) + shape(
        f"M{foot - 26} {y + height - 4}l{26 + tail * 34} 56l{26 - tail * 34}-56z", fill
    )


def lines_of_text(x: int, y: int, dice: Dice, n: int, widest: int) -> str:
    """A path of n lines of different lengths, as if written."""
    return "".join(f"M{x} {y + i * 36}h{dice.between(widest * 2 // 5, widest)}" for i in range(n))


def bubbles(p: Paint, dice: Dice) -> str:
    """Two speech bubbles with lines of text."""
    x, y = dice.between(120, 160), dice.between(64, 84)
    return (
        bubble(x, y, 300, 164, p.main, -1)
        + line(lines_of_text(x + 44, y + 46, dice, 3, 210), p.pale, 12)
        + bubble(x + 210, y + 112, 310, 160, p.accent, 1)
        + line(lines_of_text(x + 256, y + 160, dice, 3, 210), p.pale, 12)
    )


def open_book(p: Paint, dice: Dice) -> str:
    """A speech bubble over an open book."""
    return (
        bubble(dice.between(300, 380), 48, 200, 104, p.accent, -1)
        + shape("M400 210q-90-44-220-20v160q130-24 220 20z", p.pale)
        + shape("M400 210q90-44 220-20v160q-130-24-220 20z", p.soft)
        + line(lines_of_text(214, 226, dice, 3, 140), p.main, 9)
        + line(lines_of_text(440, 226, dice, 3, 140), p.dark, 9)
        + line("M172 358q134-22 228 20q94-42 228-20", p.dark, 11)
    )


def cards(p: Paint, dice: Dice) -> str:
    """Coloured cards in a wooden box."""
    body = ""
    for i, colour in enumerate((p.soft, p.accent, p.warm, p.pale)):
        x, y = 214 + i * 62, 118 + i * 26
        body += turn(box(x, y, 220, 150, colour, 14), dice.between(-9, 9), x + 110, y + 75)
    return (
        body
        + line(lines_of_text(434, 242, dice, 3, 150), p.dark, 10)
        + shape(f"M170 {GROUND - 44}h460l-26 84H196z", p.main)
        + box(160, GROUND - 56, 480, 24, p.dark, 8)
    )
