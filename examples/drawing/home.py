"""Motifs of things made and mended at home: bread, bicycles, plants, tools and cups.

Each function draws one motif in the middle of a picture and returns its SVG elements.
"""

from __future__ import annotations

from drawing.pen import GROUND, Dice, Paint, box, disc, line, polar, shape, tag, tint, turn

# --- bread ------------------------------------------------------------------------------------


def loaf(p: Paint, dice: Dice) -> str:
    """A round loaf with pale cuts on a board."""
    cuts = dice.between(3, 5)
    left, step = 400 - (cuts - 1) * 35, 70
    slashes = "".join(f"M{left + i * step - 26} 282q34-20 40-72" for i in range(cuts))
    return (
        box(170, GROUND - 8, 460, 24, p.dark, 12)
        + shape(f"M205 {GROUND - 8}q-22-170 195-178q217 8 195 178z", p.main)
        + shape(f"M222 {GROUND - 8}q-14-60 8-92q60 66 170 68q110-2 170-68q22 32 8 92z", p.soft)
        + line(slashes, p.pale, 11)
    )


def slice_of_bread(p: Paint, dice: Dice) -> str:
    """A slice of bread full of holes."""
    holes = ""
    for row in range(3):
        for column in range(5):
            x, y = 304 + column * 48 + dice.between(-14, 14), 200 + row * 52 + dice.between(-14, 14)
            rx = dice.between(6, 17)
            holes += tag("ellipse", cx=x, cy=y, rx=rx, ry=rx * 2 // 3 + 1)
    outline = "M252 356q-14-90-10-132q-40-70 62-88h192q102 18 62 88q4 42-10 132q-148 14-296 0z"
    inner = "M276 336q-10-80-8-116q-30-50 46-62h172q76 12 46 62q2 36-8 116q-124 10-248 0z"
    return box(170, GROUND - 8, 460, 24, p.dark, 12) + turn(
        shape(outline, p.main) + shape(inner, p.pale) + f'<g fill="{p.soft}">{holes}</g>',
        dice.between(-7, 7),
        400,
        350,
    )


def starter_jar(p: Paint, dice: Dice) -> str:
    """A jar of bubbling starter with a band marking its level."""
    level = dice.between(196, 240)
    bubbles = "".join(
        disc(dice.between(318, 482), dice.between(level + 24, 336), dice.between(4, 13), p.pale)
        for _ in range(14)
    )
    return (
        box(290, 128, 220, GROUND - 128, p.pale, 26, opacity=0.75)
        + shape(
            f"M296 {level}q52-26 104 0t104 0v{GROUND - 30 - level}q0 24-24 24h-160q-24 0-24-24z",
            p.soft,
        )
        + bubbles
        + box(284, level + 8, 232, 9, p.accent, 4)
        + box(278, 104, 244, 34, p.dark, 10)
        + line("M318 166v120", "#fff", 9, opacity=0.6)
    )


# --- bicycles ---------------------------------------------------------------------------------


def wheel_at(p: Paint, x: int, y: int, r: int, spokes: int, first: int, pen: int) -> str:
    """A wheel of radius r whose first spoke points at an angle in degrees."""
    rays = "".join(
        f"M{polar(x, y, 8, first + i * 360 / spokes + (40 if i % 2 else -40))}"
        f"L{polar(x, y, r - pen, first + i * 360 / spokes)}"
        for i in range(spokes)
    )
    return (
        line(rays, p.soft, 2)
        + disc(x, y, r, "none", stroke=p.dark, stroke_width=pen)
        + disc(x, y, r - pen, "none", stroke=p.accent, stroke_width=max(3, pen // 3))
        + disc(x, y, max(8, r // 11), p.dark)
    )


def wheel(p: Paint, dice: Dice) -> str:
    """A bicycle wheel with many spokes."""
    valve = dice.between(0, 359)
    return wheel_at(p, 400, 212, 152, dice.between(12, 18) * 2, valve, 18) + line(
        f"M{polar(400, 212, 134, valve)}L{polar(400, 212, 112, valve)}", p.dark, 6
    )


def bicycle(p: Paint, dice: Dice) -> str:
    """A bicycle seen from the side."""
    spokes, turned = dice.between(8, 10) * 2, dice.between(0, 40)
    bags = box(196, 196, 78, 74, p.accent, 14) if dice.between(0, 1) else ""
    return (
        wheel_at(p, 262, 268, 92, spokes, turned, 10)
        + wheel_at(p, 538, 268, 92, spokes, turned, 10)
        + bags
        + line("M262 268L352 160H488L380 268ZM380 268L340 140M538 268L478 130", p.main, 12)
        + line("M312 138h58M478 130q-6-22 22-22h30q18 2 14 22", p.dark, 13)
        + disc(380, 268, 22, "none", stroke=p.dark, stroke_width=9)
        + line("M380 268l26 34h22", p.dark, 8)
    )


def road(p: Paint, dice: Dice) -> str:
    """A bicycle beside a path winding over hills."""
    far, near = dice.between(-40, 40), dice.between(-50, 50)
    return (
        shape(f"M0 290Q{200 + far} 170 420 270T800 230V450H0z", p.soft)
        + shape(f"M0 340Q{260 + near} 250 520 330T800 320V450H0z", p.main)
        + line(f"M{470 + near} 312q-60 30-140 50t20 100", p.pale, 26)
        + wheel_at(p, 590, 300, 44, 16, far, 7)
        + wheel_at(p, 706, 300, 44, 16, far, 7)
        + line(
            "M590 300l38-52h58l-46 52zM640 300l-18-62M706 300l-26-70M608 238h28M680 230h22",
            p.dark,
            7,
        )
    )


# --- balcony ----------------------------------------------------------------------------------


def pot(p: Paint, x: int, top: int, width: int) -> str:
    """A clay pot with its rim at a height, standing on the ground."""
    half, low = width // 2, GROUND + 6
    return (
        shape(
            f"M{x - half} {top}h{width}l{-width // 7} {low - top}h{-width + 2 * (width // 7)}z",
            p.accent,
        )
        + box(x - half - 10, top - 12, width + 20, 34, p.accent, 6)
        + box(x - half - 10, top + 14, width + 20, 8, p.dark, opacity=0.18)
    )


def leaf(x: int, y: int, length: int, degrees: int, fill: str) -> str:
    """A pointed leaf that grows from a point in a direction."""
    third = length // 3
    return turn(
        shape(f"M{x} {y}q{third}-{third} {length} 0q-{length - third} {third}-{length} 0z", fill),
        degrees,
        x,
        y,
    )


def plant(p: Paint, dice: Dice) -> str:
    """A leafy plant in a clay pot."""
    leaves = ""
    for i in range(9):
        y = 236 - i * 20
        leaves += leaf(
            400,
            y,
            dice.between(84, 130) - i * 5,
            -12 - dice.between(0, 24) - 180 * (i % 2) + 48 * (i % 2),
            p.main if i % 3 else p.soft,
        )
    return line("M400 250V62", p.dark, 8) + leaves + pot(p, 400, 240, 190)


def tomatoes(p: Paint, dice: Dice) -> str:
    """A tomato plant with red fruit in a pot."""
    body = line(
        "M400 250q-14-90 6-196M396 190q-50-4-86 22M400 140q54 0 92 34M402 96q-40-6-70 16", p.dark, 7
    )
    for x, y in ((312, 206), (490, 172), (336, 110), (404, 60)):
        body += leaf(x, y, 74, dice.between(-60, -20), p.main) + leaf(
            x, y, 74, dice.between(190, 230), p.soft
        )
    red = tint(8 + dice.between(0, 14), 68, 56)
    for x, y in ((318, 232), (352, 226), (488, 200), (452, 190), (342, 138))[: dice.between(3, 5)]:
        body += disc(x, y, dice.between(20, 25), red) + line(
            f"M{x - 8} {y - 21}l8 6l9-6", p.dark, 5
        )
    return body + pot(p, 400, 250, 176)


def herbs(p: Paint, dice: Dice) -> str:
    """Three pots of herbs in a row."""
    body = ""
    for x in (206, 400, 594):
        lean, stems, colour = dice.between(-26, 30), "", p.main if dice.between(0, 1) else p.soft
        for i in range(-3, 4):
            tip = dice.between(100, 160)
            stems += f"M{x + i * 12} 262Q{x + i * 16} 210 {x + i * 24 + lean} {tip}"
        body += line(stems, colour, 9) + line(stems, p.dark, 2) + pot(p, x, 258, 130)
    return body


# --- workshop ---------------------------------------------------------------------------------


def saw(p: Paint, dice: Dice) -> str:
    """A saw over a wooden board."""
    teeth = "M250 262" + "l11 15l11-15" * 15
    blade = shape("M250 262V208L600 176V240L580 262z", p.steel) + shape(teeth + "z", p.steel)
    handle = shape("M250 186h-84q-28 0-26 34l8 40q6 22 32 22h70z", p.accent) + box(
        176, 214, 44, 36, p.sky, 16
    )
    return (
        box(130, 306, 540, 70, p.main, 6)
        + line("M150 326h360M220 348h420", p.dark, 3, opacity=0.4)
        + turn(blade + handle, dice.between(-14, 2), 400, 240)
    )


def plane(p: Paint, dice: Dice) -> str:
    """A hand plane on a board with curls of wood."""
    curls = "".join(
        line(
            f"M{x} {y}a{r} {r} 0 1 1-{r}-{r}a{r * 2 // 3} {r * 2 // 3} 0 1 1 {r // 2} {r}",
            p.warm,
            9,
        )
        for x, y, r in (
            (dice.between(356, 376), 186, 34),
            (dice.between(160, 190), 312, 24),
            (dice.between(620, 660), 312, 20),
        )
    )
    return (
        box(90, 316, 620, 60, p.soft, 6)
        + line("M110 334h420M200 356h480", p.main, 3)
        + shape("M376 250l52-124h44l-44 124z", p.steel)
        + box(210, 246, 360, 70, p.main, 12)
        + box(210, 300, 360, 16, p.dark)
        + shape("M500 250q-8-84 34-90q40 4 26 90z", p.accent)
        + disc(268, 222, 30, p.accent)
        + box(258, 226, 20, 30, p.accent)
        + curls
    )


def bench_tools(p: Paint, dice: Dice) -> str:
    """Five hand tools hanging on a wall."""
    kinds = []
    for i, x in enumerate((210, 306, 402, 498, 594)):
        long, width = dice.between(96, 150), dice.between(14, 26)
        kinds.append(
            box(x - 20, 112, 40, 84, p.accent if (i + long) % 2 else p.main, 16)
            + box(x - width // 2, 190, width, long, p.steel, 3)
            + disc(x, 98, 7, p.dark)
        )
    return box(140, 82, 520, 34, p.dark, 8) + "".join(kinds)


# --- tea and coffee ---------------------------------------------------------------------------


def cup_at(p: Paint, x: int, y: int, size: int, fill: str, steam: int) -> str:
    """A cup with its rim at a point, and steam that sways."""
    half, third = size // 2, size // 3
    wisps = "".join(
        f"M{x + dx} {y - 16}q{-steam} {-third // 2} 0 {-third}t0 {-third}"
        for dx in (-size // 4, 0, size // 4)
    )
    return (
        line(wisps, p.pale, max(5, size // 24))
        + disc(x + half, y + third, size // 5, "none", stroke=fill, stroke_width=max(8, size // 13))
        + shape(f"M{x - half} {y}h{size}v{third}q0 {half}-{half} {half}t-{half}-{half}z", fill)
        + tag("ellipse", cx=x, cy=y, rx=half, ry=max(7, size // 14), fill=p.dark)
    )


def cup(p: Paint, dice: Dice) -> str:
    """A steaming cup."""
    size = dice.between(190, 230)
    return tag("ellipse", cx=400, cy=GROUND + 12, rx=196, ry=22, fill=p.pale) + cup_at(
        p,
        390,
        GROUND - size * 5 // 6 + 12,
        size,
        p.accent if dice.between(0, 1) else p.main,
        dice.between(14, 30),
    )


def cups(p: Paint, dice: Dice) -> str:
    """Five steaming cups in a row."""
    return "".join(
        cup_at(
            p,
            x,
            GROUND - 76,
            92,
            (p.main, p.accent, p.soft)[(i + dice.between(0, 2)) % 3],
            6 + i * 4,
        )
        for i, x in enumerate((120, 258, 396, 534, 672))
    )


def kettle(p: Paint, dice: Dice) -> str:
    """A kettle letting off steam."""
    steam = dice.between(12, 26)
    return (
        line("M318 150q82-96 164 0", p.dark, 16)
        + shape("M506 214q70-2 100-62l28 12q-20 102-112 122z", p.main)
        + shape(f"M270 {GROUND + 4}q-30-190 70-210h120q100 20 70 210z", p.main)
        + box(330, 138, 140, 20, p.dark, 10)
        + disc(400, 130, 14, p.accent)
        + line(f"M300 {GROUND - 28}h200", p.soft, 12)
        + line(f"M632 134q{-steam}-22 0-44t0-44M662 142q{-steam}-22 0-44t0-36", p.pale, 8)
    )


def flask(p: Paint, dice: Dice) -> str:
    """A flask with a steaming cup beside it."""
    return (
        box(296, 92, 88, 62, p.dark, 12)
        + box(278, 140, 124, GROUND - 130, p.main, 24)
        + box(278, 200, 124, dice.between(24, 60), p.accent)
        + box(296, 160, 12, 150, p.pale, 6, opacity=0.6)
        + cup_at(p, 520, GROUND - 82, 112, p.soft, dice.between(8, 20))
    )
