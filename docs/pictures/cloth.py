"""Cloth, thread and embroidery, and the pictures of their campaign."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

from PIL import Image, ImageChops, ImageDraw

from docs.pictures.canvas import HEIGHT, SCALE, WIDTH, Point, Scene, blend, blur, rgb, scaled, shifted
from docs.pictures.outlines import bar, curve, oval

SAGE, TERRACOTTA, INDIGO = (
    ("#9db197", "#d4e2ca", "#5c7158"),
    ("#c4704f", "#eeb094", "#7c3a22"),
    ("#4a5b96", "#93a4d8", "#232f5e"),
)


def folded(
    scene: Scene, x: float, y: float, width: float, height: float, colours: tuple[str, str, str], turns: int
) -> None:
    """A folded piece of cloth seen from the side: layers that end in rounded folds."""
    colour, light, dark = colours
    each = height / turns
    for turn in range(turns):
        top = y + turn * each
        inset = scene.random.uniform(-10, 10)
        layer = scene.shape(
            bar(
                x + width / 2 + inset,
                top + each / 2,
                width + inset,
                each * 1.04,
                scene.random.uniform(-0.4, 0.4),
                each * 0.5,
            )
        )
        scene.volume(layer, colour, light, dark, each * 0.34, throws=0.35, gloss=0.65)
        for _ in range(3):
            start = x + scene.random.uniform(0.05, 0.7) * width
            crease = [
                (start, top + each * 0.5),
                (start + 130, top + each * scene.random.uniform(0.3, 0.7)),
                (start + 320, top + each * 0.55),
            ]
            line = scene.mask()
            ImageDraw.Draw(line).line([(a * SCALE, b * SCALE) for a, b in curve(crease)], fill=110, width=5 * SCALE)
            scene.tint(scaled(ImageChops.multiply(blur(line, 4), layer), 0.6), rgb(dark))


def stitches(scene: Scene, line: Sequence[Point], colour: str, width: float, slant: float) -> None:
    """Satin stitch along a line: short threads beside each other, each with its light."""
    base = rgb(colour)
    run: list[Point] = []
    left = 0.0
    for one, two in itertools.pairwise(line):
        gap = math.dist(one, two)
        while left < gap:
            share = left / gap if gap else 0
            run.append((one[0] + (two[0] - one[0]) * share, one[1] + (two[1] - one[1]) * share))
            left += 4.2
        left -= gap
    for x, y in run:
        turn = slant + scene.random.uniform(-5, 5)
        thread = bar(x, y, width, 4.4, turn, 2)
        low, high = scene_box(thread)
        local = Image.new("L", (high[0] - low[0], high[1] - low[1]))
        ImageDraw.Draw(local).polygon([(a * SCALE - low[0], b * SCALE - low[1]) for a, b in thread], fill=255)
        scene.picture.paste(blend(base, (10, 10, 20), 0.55), (low[0] + 2, low[1] + 4), scaled(local, 0.6))
        scene.picture.paste(blend(base, (255, 255, 255), scene.random.uniform(0, 0.3)), low, local)


def scene_box(points: Sequence[Point]) -> tuple[tuple[int, int], tuple[int, int]]:
    """Give the corners of what holds these points, in drawn pixels."""
    xs, ys = [x * SCALE for x, _ in points], [y * SCALE for _, y in points]
    return (math.floor(min(xs)) - 1, math.floor(min(ys)) - 1), (math.ceil(max(xs)) + 2, math.ceil(max(ys)) + 2)


def petals(
    scene: Scene, x: float, y: float, length: float, colours: Sequence[str], count: int = 6, turn: float = 0
) -> None:
    """An embroidered flower: each petal filled with stitches that run to its heart."""
    for number in range(count):
        angle = math.radians(turn + 360 / count * number)
        cos, sin = math.cos(angle), math.sin(angle)
        for step in range(30):
            share = step / 29
            along, wide = length * (0.16 + 0.84 * share), math.sin(math.pi * share**0.75) * length * 0.56
            place = (x + along * cos, y + along * sin)
            stitches(
                scene,
                [place, (place[0] + 0.1, place[1])],
                colours[number % len(colours)],
                max(8, wide),
                math.degrees(angle) + 90,
            )
    for _ in range(26):
        a, r = scene.random.uniform(0, 6.28), length * 0.16 * math.sqrt(scene.random.random())
        scene.volume(
            scene.shape(oval(x + r * math.cos(a), y + r * math.sin(a), 7, 7)),
            "#eeb53c",
            "#fff0b8",
            "#9a6410",
            3,
            throws=0.3,
        )


def hoop(scene: Scene, x: float, y: float, radius: float, cloth: tuple[str, str, str]) -> None:
    """A wooden embroidery hoop with cloth stretched in it."""
    ring = scene.shape(oval(x, y, radius, radius))
    scene.shadow(ring, 30, 42, 30, 0.5)
    scene.volume(scene.shape(bar(x, y - radius - 16, 84, 40, 0, 12)), "#c9a25a", "#ffe7ad", "#7a5620", 8, throws=0.4)
    scene.volume(ring, "#cf9c5f", "#f7d9a6", "#83552a", 15, throws=0.3)
    line = scene.mask()
    ImageDraw.Draw(line).ellipse(
        [v * SCALE for v in (x - radius * 0.955, y - radius * 0.955, x + radius * 0.955, y + radius * 0.955)],
        outline=255,
        width=4 * SCALE,
    )
    scene.tint(scaled(line, 0.55), rgb("#6b421c"))
    inner = scene.shape(oval(x, y, radius * 0.91, radius * 0.91))
    scene.tint(inner, rgb(cloth[0]))
    threads = ImageChops.screen(scaled(scene.noise(WIDTH, 200), 0.5), scaled(scene.noise(200, HEIGHT), 0.5))
    scene.tint(scaled(ImageChops.multiply(threads, inner), 0.22), rgb(cloth[1]))
    scene.tint(
        scaled(ImageChops.multiply(inner, ImageChops.invert(blur(shifted(inner, 14, 16), 16))), 0.55), rgb(cloth[2])
    )


# "Lila" in one thread, each letter a line through points; units of a letter's height.
_LILA: tuple[tuple[Point, ...], ...] = (
    ((-0.15, 0.15), (0.12, -0.25), (0.42, -0.85), (0.3, -1.05), (0.14, -0.8), (0.14, -0.3), (0.1, -0.02), (-0.06, 0.03), (-0.02, -0.12), (0.2, -0.04), (0.46, 0.02), (0.66, -0.12), (0.8, -0.42), (0.78, -0.1), (0.88, 0.0), (1.06, -0.16), (1.28, -0.7), (1.3, -1.0), (1.16, -0.98), (1.1, -0.5), (1.14, -0.08), (1.28, 0.0), (1.46, -0.16), (1.62, -0.4), (1.86, -0.46), (1.64, -0.42), (1.5, -0.16), (1.6, 0.0), (1.78, -0.12), (1.9, -0.44), (1.87, -0.12), (1.96, 0.0), (2.2, -0.12), (2.45, -0.3)),
    ((0.86, -0.72), (0.88, -0.69)),
)  # fmt: skip


def name(scene: Scene, x: float, y: float, height: float, colour: str) -> None:
    """The name, embroidered."""
    for part in _LILA:
        stitches(scene, curve([(x + px * height, y + py * height) for px, py in part], 20), colour, height * 0.075, -58)


def folded_cloth() -> Image.Image:
    """Three folded cloths and a hoop."""
    scene = Scene("#efe6d6", "#e2d4bd", 5)
    scene.weave("#fffaf0", 0.5)
    table = scene.shape([(0, 930), (WIDTH, 930), (WIDTH, HEIGHT), (0, HEIGHT)])
    scene.tint(table, rgb("#b98a5c"))
    grain = scaled(scene.noise(60, 260), 0.3)
    scene.tint(ImageChops.multiply(grain, table), rgb("#7c5230"))
    scene.shadow(scene.shape(bar(760, 940, 980, 30, 0, 14)), 20, 14, 22, 0.6)
    for y, colours, turns in ((740, INDIGO, 2), (540, TERRACOTTA, 2), (340, SAGE, 2)):
        folded(scene, 260 + scene.random.uniform(-16, 16), y, 960, 200, colours, turns)
    hoop(scene, 1180, 560, 290, ("#f6efe2", "#ffffff", "#b8a98c"))
    for dx, dy, size, colours, turn in (
        (-70, -70, 96, ("#c4704f", "#d98a69"), 10),
        (85, 30, 78, ("#4a5b96", "#6b7dbb"), 40),
    ):
        petals(scene, 1180 + dx, 560 + dy, size, colours, 6, turn)
    stitches(scene, curve([(1040, 700), (1110, 650), (1180, 665), (1290, 640)]), "#5c7158", 13, 40)
    for x, y, turn in ((1080, 668, 60), (1150, 655, -70), (1235, 655, 55)):
        stitches(
            scene,
            curve([(x, y), (x + 34 * math.cos(math.radians(turn)), y + 34 * math.sin(math.radians(turn)))]),
            "#7c9a70",
            20,
            turn + 45,
        )
    for x, colours in ((360, TERRACOTTA), (520, SAGE)):
        scene.volume(scene.shape(bar(x, 1030, 88, 110, 0, 8)), *colours, 20, throws=0.45)
        for y in (975, 1085):
            scene.volume(scene.shape(bar(x, y, 116, 22, 0, 10)), "#d6aa72", "#f8deb4", "#8a5f31", 6, throws=0.4)
        for line in range(990, 1075, 9):
            scene.tint(scaled(scene.shape(bar(x, line, 86, 2, 3, 1)), 0.4), rgb(colours[2]))
    scene.window_light(0.36, left=160)
    return scene.finish()


def embroidery() -> Image.Image:
    """A hoop with flowers and a name."""
    scene = Scene("#a9bca1", "#8ea286", 6)
    scene.weave("#c9d8c0", 0.55)
    hoop(scene, 800, 610, 500, ("#faf4e8", "#ffffff", "#b7a98d"))
    stems = (
        [(520, 560), (610, 470), (740, 430), (880, 440), (1010, 480), (1090, 560)],
        [(600, 480), (560, 400), (570, 330)],
        [(960, 460), (1020, 390), (1030, 320)],
    )
    for stem in stems:
        stitches(scene, curve(stem), "#5c7f57", 13, 35)
    for x, y, turn in (
        (560, 520, 200),
        (650, 450, 250),
        (690, 445, 80),
        (920, 445, 100),
        (1050, 520, -20),
        (575, 400, 170),
        (1015, 395, 10),
    ):
        for step in range(12):
            share = step / 11
            place = (x + 52 * share * math.cos(math.radians(turn)), y + 52 * share * math.sin(math.radians(turn)))
            stitches(
                scene, [place, (place[0] + 0.1, place[1])], "#7fa274", max(6, math.sin(math.pi * share) * 32), turn + 70
            )
    petals(scene, 800, 400, 118, ("#c4704f", "#d98a69"), 7, 8)
    petals(scene, 570, 320, 74, ("#4a5b96", "#6b7dbb"), 6, 20)
    petals(scene, 1035, 315, 74, ("#e3b04a", "#eec571"), 6, 0)
    petals(scene, 505, 585, 52, ("#d98a69", "#e9ad94"), 5, 15)
    petals(scene, 1105, 585, 52, ("#6b7dbb", "#93a4d8"), 5, 40)
    name(scene, 500, 850, 250, "#3d4e8a")
    # The needle, still on its thread.
    thread = scene.mask()
    ImageDraw.Draw(thread).line(
        [(a * SCALE, b * SCALE) for a, b in curve([(1112, 775), (1200, 830), (1270, 960), (1400, 1000), (1465, 930)])],
        fill=255,
        width=5 * SCALE,
    )
    scene.shadow(thread, 5, 8, 4, 0.5)
    scene.tint(thread, rgb("#3d4e8a"))
    scene.volume(scene.shape(bar(1475, 835, 8, 220, 8, 4)), "#cfd4d6", "#ffffff", "#6d767a", 3, throws=0.5)
    scene.window_light(0.36, left=240)
    return scene.finish()


def swatches() -> Image.Image:
    """Three colours of cloth with thread and buttons."""
    scene = Scene("#f3ebdd", "#e3d6c1", 7)
    scene.weave("#ffffff", 0.5)
    for number, (colours, x) in enumerate(((SAGE, 330), (TERRACOTTA, 800), (INDIGO, 1270))):
        for step in range(3):
            piece = scene.shape(
                bar(x + step * 10, 470 + step * 16, 400 - step * 8, 640, (number - 1) * 3 + step * 1.4, 14)
            )
            scene.volume(piece, *colours, 16, throws=0.4, gloss=0.5)
        folds = scene.mask()
        draw = ImageDraw.Draw(folds)
        for step in range(7):
            start = x - 150 + step * 52
            wave = curve([(start, 190), (start + 26, 380), (start - 18, 580), (start + 20, 780)])
            draw.line([(a * SCALE, b * SCALE) for a, b in wave], fill=170, width=16 * SCALE)
        scene.tint(scaled(ImageChops.multiply(blur(folds, 15), piece), 0.55), rgb(colours[2]))
        scene.tint(scaled(ImageChops.multiply(blur(shifted(folds, -22, 0), 13), piece), 0.5), rgb(colours[1]))
        spool_x = x - 90
        scene.volume(scene.shape(bar(spool_x, 985, 120, 150, 0, 10)), *colours, 28, throws=0.5)
        for y in (905, 1065):
            scene.volume(scene.shape(bar(spool_x, y, 160, 28, 0, 13)), "#d6aa72", "#f8deb4", "#8a5f31", 8, throws=0.45)
        for line in range(926, 1050, 8):
            scene.tint(scaled(scene.shape(bar(spool_x, line, 118, 2, 3, 1)), 0.45), rgb(colours[2]))
        for dx, dy in ((60, 940), (140, 1040), (40, 1070)):
            scene.volume(scene.shape(oval(x + dx, dy, 38, 38)), "#f1e6d2", "#ffffff", "#a8977a", 8, throws=0.5)
            scene.volume(scene.shape(oval(x + dx, dy, 25, 25)), "#e6d8bf", "#bfae90", "#ffffff", 5, throws=0)
            for hole_x, hole_y in ((-8, -8), (8, -8), (-8, 8), (8, 8)):
                scene.tint(scene.shape(oval(x + dx + hole_x, dy + hole_y, 4.5, 4.5)), rgb("#6e5d42"))
    scene.window_light(0.36, left=120)
    return scene.finish()
