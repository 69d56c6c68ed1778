"""
Draw the pictures of the sample shop: still lifes in the light of a shop window. Nobody's photographs, the same on every machine.

    python docs/pictures.py [content]

Everything is drawn at twice its size and made smaller at the end. Lengths are in pixels of the finished picture, 1600 x 1200.
"""

from __future__ import annotations

import itertools
import math
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageFilter

WIDTH, HEIGHT = 1600, 1200
SCALE = 2
Colour = tuple[int, int, int]
Point = tuple[float, float]


def rgb(code: str) -> Colour:
    """Give "#aabbcc" as numbers."""
    return int(code[1:3], 16), int(code[3:5], 16), int(code[5:7], 16)


def blend(one: Colour, other: Colour, share: float) -> Colour:
    """Give a colour between two; share 0 is the first."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def blur(picture: Image.Image, radius: float) -> Image.Image:
    """Blur by a radius in finished pixels. A wide blur of a small copy looks the same and takes a tenth of the time."""
    radius *= SCALE
    if radius < 16:
        return picture.filter(ImageFilter.GaussianBlur(radius))
    part = 8
    small = picture.resize((max(1, picture.width // part), max(1, picture.height // part)), Image.Resampling.BOX)
    return small.filter(ImageFilter.GaussianBlur(radius / part)).resize(picture.size, Image.Resampling.BICUBIC)


def shifted(mask: Image.Image, dx: float, dy: float) -> Image.Image:
    """Move a mask; what leaves it is lost."""
    moved = Image.new("L", mask.size)
    moved.paste(mask, (round(dx * SCALE), round(dy * SCALE)))
    return moved


def scaled(mask: Image.Image, share: float) -> Image.Image:
    """Make a mask fainter."""
    return mask.point(lambda value: round(value * share))


class Scene:
    """A picture being drawn."""

    def __init__(self, top: str, bottom: str, seed: int) -> None:
        self.random = random.Random(seed)
        self.origin = (0, 0)
        self.picture = Image.new("RGB", (WIDTH * SCALE, HEIGHT * SCALE), rgb(top))
        self.tint(Image.linear_gradient("L").resize(self.size), rgb(bottom))

    @property
    def size(self) -> tuple[int, int]:
        """Give the size of what is being drawn on, in drawn pixels."""
        return self.picture.size

    @contextmanager
    def near(self, x: float, y: float, reach: float) -> Iterator[None]:
        """Draw only around (x, y): many small things on a whole picture would take minutes."""
        whole, origin = self.picture, self.origin
        left, top = (max(0, round((v - reach) * SCALE) - o) for v, o in zip((x, y), origin, strict=True))
        right, bottom = (round((v + reach) * SCALE) - o for v, o in zip((x, y), origin, strict=True))
        box = (
            min(left, whole.width - 2),
            min(top, whole.height - 2),
            max(2, min(right, whole.width)),
            max(2, min(bottom, whole.height)),
        )
        self.picture, self.origin = whole.crop(box), (origin[0] + box[0], origin[1] + box[1])
        yield
        whole.paste(self.picture, box[:2])
        self.picture, self.origin = whole, origin

    def place(self, points: Sequence[Point]) -> list[Point]:
        """Give points of the finished picture in the pixels of what is being drawn on."""
        return [(x * SCALE - self.origin[0], y * SCALE - self.origin[1]) for x, y in points]

    def dot(self, draw: ImageDraw.ImageDraw, x: float, y: float, size: float, **kind: int) -> None:
        """Draw a small disc or ring."""
        draw.ellipse([v for point in self.place([(x - size, y - size), (x + size, y + size)]) for v in point], **kind)

    def tint(self, mask: Image.Image, colour: Colour) -> None:
        """Lay a colour over the picture where the mask is bright."""
        box = mask.getbbox()
        if box:
            self.picture.paste(colour, box, mask.crop(box))

    def mask(self) -> Image.Image:
        """Give an empty mask."""
        return Image.new("L", self.size)

    def shape(self, points: Sequence[Point]) -> Image.Image:
        """Give the mask of a polygon."""
        mask = self.mask()
        ImageDraw.Draw(mask).polygon(self.place(points), fill=255)
        return mask

    def noise(self, width: int, height: int) -> Image.Image:
        """Give grey noise, stretched over the whole picture."""
        grains = Image.frombytes("L", (width, height), self.random.randbytes(width * height))
        return grains.resize(self.size, Image.Resampling.BICUBIC)

    def grain(self, width: int, height: int, colour: str, strength: float) -> None:
        """Give the ground a grain: wood where the noise is narrow and long, paper where it is fine."""
        self.tint(scaled(self.noise(width, height), strength), rgb(colour))

    def weave(self, colour: str, strength: float) -> None:
        """Make the ground a cloth."""
        across, along = self.noise(WIDTH // 2, 90), self.noise(90, HEIGHT // 2)
        self.tint(scaled(ImageChops.screen(scaled(across, 0.5), scaled(along, 0.5)), strength), rgb(colour))

    def shadow(
        self, mask: Image.Image, dx: float, dy: float, soft: float, strength: float, colour: str = "#0b1511"
    ) -> None:
        """Let what the mask shows throw a shadow."""
        self.tint(scaled(blur(shifted(mask, dx, dy), soft), strength), rgb(colour))

    def volume(
        self,
        mask: Image.Image,
        colour: str,
        light: str,
        dark: str,
        depth: float,
        *,
        throws: float = 0.45,
        gloss: float = 0.8,
    ) -> None:
        """
        Draw something round: lit from the upper left, dark at the lower right.

        Args:
            depth: how far light and dark reach into it.
            throws: strength of its shadow on what lies below.
        """
        box = mask.getbbox()
        if box is None:
            return
        reach = round(depth * 3.2 + 24) * SCALE
        box = (
            max(0, box[0] - reach),
            max(0, box[1] - reach),
            min(mask.width, box[2] + reach),
            min(mask.height, box[3] + reach),
        )
        if box != (0, 0, *mask.size):
            whole, self.picture = self.picture, self.picture.crop(box)
            self.volume(mask.crop(box), colour, light, dark, depth, throws=throws, gloss=gloss)
            whole.paste(self.picture, box[:2])
            self.picture = whole
            return
        if throws:
            self.shadow(mask, depth * 0.5, depth * 0.7, depth * 0.6, throws)
            self.shadow(mask, 2, 4, 5, throws * 0.7)
        self.tint(mask, rgb(colour))
        far = ImageChops.multiply(mask, ImageChops.invert(blur(shifted(mask, -depth, -depth), depth * 0.75)))
        near = ImageChops.multiply(mask, ImageChops.invert(blur(shifted(mask, depth, depth), depth * 0.75)))
        self.tint(scaled(far, 0.85), rgb(dark))
        self.tint(scaled(near, gloss), rgb(light))

    def window_light(self, strength: float = 0.34, left: float = 120, colour: str = "#fff3d2") -> None:
        """Let a shop window's light fall over everything: two rows of panes, slanting."""
        mask = self.mask()
        draw = ImageDraw.Draw(mask)
        for row in range(2):
            for column in range(3):
                x, y = left + column * 420 - row * 150, -140 + row * 640
                corners = [(x, y), (x + 370, y), (x + 370 - 145, y + 590), (x - 145, y + 590)]
                draw.polygon([(a * SCALE, b * SCALE) for a, b in corners], fill=255)
        soft = blur(mask, 16)
        warm = ImageChops.multiply(self.picture, Image.new("RGB", self.size, rgb(colour)))
        lit = ImageChops.screen(warm, scaled_rgb(self.picture, 0.5))
        self.picture.paste(lit, (0, 0), scaled(soft, strength))
        shade = ImageChops.multiply(self.picture, Image.new("RGB", self.size, (214, 216, 226)))
        self.picture.paste(shade, (0, 0), scaled(ImageChops.invert(soft), 0.75))

    def finish(self) -> Image.Image:
        """Darken the edges, make it small and give it a fine grain."""
        edge = Image.radial_gradient("L").resize(self.size)
        self.tint(scaled(edge.point(lambda value: max(0, value - 110)), 0.42), (12, 18, 16))
        small = self.picture.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
        grains = Image.frombytes("L", (WIDTH, HEIGHT), self.random.randbytes(WIDTH * HEIGHT)).filter(
            ImageFilter.GaussianBlur(0.7)
        )
        return Image.blend(small, ImageChops.overlay(small, Image.merge("RGB", (grains,) * 3)), 0.06)


def scaled_rgb(picture: Image.Image, share: float) -> Image.Image:
    """Make a picture darker."""
    return picture.point(lambda value: round(value * share))


# --- outlines -------------------------------------------------------------------------------------------------------------------------------


def oval(x: float, y: float, rx: float, ry: float, turn: float = 0, steps: int = 160) -> list[Point]:
    """Give the outline of an ellipse around (x, y), turned by degrees."""
    angle = math.radians(turn)
    cos, sin = math.cos(angle), math.sin(angle)
    found = []
    for step in range(steps):
        a = 2 * math.pi * step / steps
        px, py = rx * math.cos(a), ry * math.sin(a)
        found.append((x + px * cos - py * sin, y + px * sin + py * cos))
    return found


def wavy(x: float, y: float, radius: float, lobes: int, swing: float, turn: float = 0) -> list[Point]:
    """Give a circle whose edge swings in and out."""
    found = []
    for step in range(360):
        a = math.radians(step)
        r = radius * (1 + swing * math.cos(lobes * (a - math.radians(turn))))
        found.append((x + r * math.cos(a), y + r * math.sin(a)))
    return found


def bar(x: float, y: float, length: float, width: float, turn: float, corner: float) -> list[Point]:
    """Give a rounded bar around (x, y)."""
    angle = math.radians(turn)
    cos, sin = math.cos(angle), math.sin(angle)
    found = []
    for cx, cy, start in ((1, 1, 0), (-1, 1, 90), (-1, -1, 180), (1, -1, 270)):
        for step in range(0, 91, 9):
            a = math.radians(start + step)
            px = cx * (length / 2 - corner) + corner * math.cos(a)
            py = cy * (width / 2 - corner) + corner * math.sin(a)
            found.append((x + px * cos - py * sin, y + px * sin + py * cos))
    return found


def crescent(x: float, y: float, radius: float, turn: float) -> list[Point]:
    """Give a half moon with rounded ends, as the cookie is formed: a roll, bent."""
    outer, inner = [], []
    thick = radius * 0.43
    for step in range(-100, 101, 4):
        a = math.radians(step)
        swell = thick * math.sqrt(max(0.0, 1 - (abs(step) / 104) ** 4))
        for found, side in ((outer, 1), (inner, -1)):
            r = radius * 0.62 + side * swell
            found.append((r * math.cos(a), r * math.sin(a)))
    angle = math.radians(turn)
    cos, sin = math.cos(angle), math.sin(angle)
    return [(x + px * cos - py * sin, y + px * sin + py * cos) for px, py in outer + inner[::-1]]


def curve(points: Sequence[Point], steps: int = 14) -> list[Point]:
    """Give a smooth line through points (Catmull-Rom)."""
    padded = [points[0], *points, points[-1]]
    found = []
    for one, two, three, four in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        for step in range(steps):
            t = step / steps
            found.append(
                tuple(
                    0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * t**3)
                    for a, b, c, d in zip(one, two, three, four, strict=True)
                )
            )
    return [*found, points[-1]]  # type: ignore[list-item]


def strewn(around: random.Random, x: float, y: float, radius: float, gap: float, most: int) -> list[Point]:
    """Give places in a circle that keep a distance from each other, from the middle outwards as they come."""
    found: list[Point] = []
    for _ in range(4_000):
        a, r = around.uniform(0, 2 * math.pi), radius * math.sqrt(around.random())
        place = (x + r * math.cos(a), y + r * math.sin(a))
        if all(math.dist(place, other) >= gap for other in found):
            found.append(place)
            if len(found) == most:
                break
    return found


# --- cookies --------------------------------------------------------------------------------------------------------------------------------


def nastar(scene: Scene, x: float, y: float, radius: float) -> None:
    """A ball of pastry with egg glaze and a clove."""
    with scene.near(x, y, radius * 1.9):
        brown = scene.random.uniform(-0.2, 0.35)
        colour = blend(rgb("#e2a336"), rgb("#b9701f"), max(0.0, brown))
        ball = scene.shape(wavy(x, y, radius, 5, 0.012, scene.random.uniform(0, 90)))
        scene.volume(ball, "#{:02x}{:02x}{:02x}".format(*colour), "#ffdf86", "#8a4410", radius * 0.42, throws=0.5)
        glaze = scene.shape(oval(x - radius * 0.1, y - radius * 0.12, radius * 0.66, radius * 0.6))
        scene.tint(scaled(blur(glaze, radius * 0.14), 0.5), rgb("#c7791c"))
        shine = scene.shape(oval(x - radius * 0.32, y - radius * 0.4, radius * 0.26, radius * 0.13, -35))
        scene.tint(scaled(blur(shine, radius * 0.05), 0.92), rgb("#fff6dc"))
        stem = scene.random.uniform(0, 90)
        for turn in (stem, stem + 90):
            scene.volume(
                scene.shape(bar(x + radius * 0.06, y + radius * 0.05, radius * 0.34, radius * 0.09, turn, radius * 0.04)),
                "#45230f", "#7b4a25", "#1f0d04", radius * 0.05, throws=0.35,
            )  # fmt: skip
        scene.volume(
            scene.shape(oval(x + radius * 0.06, y + radius * 0.05, radius * 0.09, radius * 0.09)),
            "#5b3015",
            "#97633a",
            "#2a1206",
            4,
            throws=0,
        )


def kastengel(scene: Scene, x: float, y: float, length: float, turn: float) -> None:
    """A stick of cheese pastry with grated cheese baked on."""
    with scene.near(x, y, length * 0.85):
        width = length * 0.25
        stick = scene.shape(bar(x, y, length, width, turn, width * 0.3))
        shade = scene.random.choice(["#e0a54b", "#dc9c40", "#e5b05a"])
        scene.volume(stick, shade, "#ffe2a0", "#99561a", width * 0.34, throws=0.5)
        angle = math.radians(turn)
        for _ in range(26):
            along, across = scene.random.uniform(-0.44, 0.44) * length, scene.random.uniform(-0.34, 0.34) * width
            px, py = (
                x + along * math.cos(angle) - across * math.sin(angle),
                y + along * math.sin(angle) + across * math.cos(angle),
            )
            crumb = scene.shape(
                bar(
                    px,
                    py,
                    width * scene.random.uniform(0.2, 0.5),
                    width * 0.1,
                    scene.random.uniform(0, 180),
                    width * 0.04,
                )
            )
            colour, light = scene.random.choice(
                [("#c9812c", "#f6c668"), ("#f2c467", "#fff0c4"), ("#b56a20", "#e6a64d")]
            )
            scene.tint(scaled(shifted(crumb, 2, 2), 0.3), rgb("#6d3a0e"))
            scene.tint(crumb, rgb(colour))
            scene.tint(scaled(ImageChops.multiply(crumb, shifted(crumb, -2, -2)), 0.5), rgb(light))


def putri_salju(scene: Scene, x: float, y: float, radius: float, turn: float) -> None:
    """A crescent under powdered sugar."""
    with scene.near(x, y, radius * 1.8):
        moon = scene.shape(crescent(x, y, radius, turn))
        scene.volume(moon, "#efe6d8", "#ffffff", "#b7a486", radius * 0.24, throws=0.42, gloss=1.0)
        speckle = scene.mask()
        draw = ImageDraw.Draw(speckle)
        for _ in range(70):
            a, r = math.radians(turn + scene.random.uniform(-95, 95)), radius * scene.random.uniform(0.3, 0.95)
            px, py, size = x + r * math.cos(a), y + r * math.sin(a), scene.random.uniform(1.5, 4.5)
            scene.dot(draw, px, py, size, fill=scene.random.randint(120, 255))
        scene.tint(ImageChops.multiply(blur(speckle, 0.8), moon), (255, 255, 255))


def powder(scene: Scene, x: float, y: float, radius: float, count: int) -> None:
    """Sugar that fell beside it."""
    dust = scene.mask()
    draw = ImageDraw.Draw(dust)
    for _ in range(count):
        a, r = scene.random.uniform(0, 2 * math.pi), radius * abs(scene.random.gauss(0, 0.5))
        px, py, size = x + r * math.cos(a), y + r * math.sin(a), scene.random.uniform(0.8, 2.6)
        scene.dot(draw, px, py, size, fill=scene.random.randint(60, 230))
    scene.tint(dust, (255, 255, 255))


def jar(scene: Scene, x: float, y: float, radius: float, fill: Callable[[Scene], None]) -> None:
    """An open glass jar seen from above: a thick rim, what is in it, and the light on the glass."""
    rim, mouth = scene.shape(oval(x, y, radius, radius)), scene.shape(oval(x, y, radius * 0.9, radius * 0.9))
    scene.shadow(rim, 46, 62, 46, 0.55)
    scene.shadow(rim, 10, 14, 12, 0.5)
    scene.tint(rim, rgb("#c3d6cd"))
    scene.tint(mouth, rgb("#5a3b1c"))
    outside = scene.picture.copy()
    fill(scene)
    depth = ImageChops.multiply(mouth, ImageChops.invert(blur(shifted(mouth, 16, 20), 22)))
    scene.tint(scaled(depth, 0.7), rgb("#20120a"))
    scene.picture = Image.composite(scene.picture, outside, mouth)
    ring = ImageChops.subtract(rim, mouth)
    for turn, span, strength in ((205, 70, 0.95), (20, 46, 0.6), (110, 16, 0.5)):
        arc = scene.mask()
        box = [v * SCALE for v in (x - radius * 0.955, y - radius * 0.955, x + radius * 0.955, y + radius * 0.955)]
        ImageDraw.Draw(arc).arc(box, turn, turn + span, fill=255, width=round(radius * 0.045 * SCALE))
        scene.tint(scaled(ImageChops.multiply(blur(arc, 2.5), ring), strength), (255, 255, 255))
    for share, colour in ((0.995, "#8ba89b"), (0.905, "#e9f4ee")):
        line = scene.mask()
        box = [v * SCALE for v in (x - radius * share, y - radius * share, x + radius * share, y + radius * share)]
        ImageDraw.Draw(line).ellipse(box, outline=220, width=round(3.5 * SCALE))
        scene.tint(blur(line, 0.6), rgb(colour))


def plate(scene: Scene, x: float, y: float, radius: float, colour: str, light: str, dark: str) -> None:
    """A flat plate seen from above."""
    scene.shadow(scene.shape(oval(x, y, radius, radius)), 30, 44, 34, 0.5)
    scene.volume(scene.shape(oval(x, y, radius, radius)), colour, light, dark, 16, throws=0.3)
    inner = scene.shape(oval(x, y, radius * 0.78, radius * 0.78))
    scene.tint(scaled(ImageChops.multiply(inner, ImageChops.invert(blur(shifted(inner, 14, 14), 14))), 0.5), rgb(dark))
    scene.tint(
        scaled(ImageChops.multiply(inner, ImageChops.invert(blur(shifted(inner, -14, -14), 14))), 0.7), rgb(light)
    )


def leaf(scene: Scene, x: float, y: float, length: float, turn: float, colour: str = "#3f7d4e") -> None:
    """A leaf with its vein."""
    with scene.near(x, y, length * 1.3):
        angle = math.radians(turn)
        cos, sin = math.cos(angle), math.sin(angle)
        side = [(t / 20 * length, math.sin(math.pi * (t / 20) ** 0.8) * length * 0.2) for t in range(21)]
        outline = side + [(px, -py) for px, py in reversed(side)]
        base = rgb(colour)
        placed = [(x + px * cos - py * sin, y + px * sin + py * cos) for px, py in outline]
        light, dark = blend(base, (230, 255, 200), 0.45), blend(base, (0, 20, 10), 0.5)
        scene.volume(
            scene.shape(placed),
            colour,
            "#{:02x}{:02x}{:02x}".format(*light),
            "#{:02x}{:02x}{:02x}".format(*dark),
            length * 0.06,
            throws=0.4,
        )
        vein = scene.shape(bar(x + length * 0.47 * cos, y + length * 0.47 * sin, length * 0.86, 3, turn, 1))
        scene.tint(scaled(vein, 0.5), light)


def three_jars() -> Image.Image:
    """Three jars of cookies from above, on green cloth."""
    scene = Scene("#2b6a57", "#1c4d3f", 1)
    scene.weave("#3f8a71", 0.55)
    leaf(scene, 1330, 180, 260, 150)
    leaf(scene, 1395, 130, 250, 105, "#4d8f58")

    def balls(inside: Scene) -> None:
        for px, py in strewn(inside.random, 500, 450, 330, 100, 60) + strewn(inside.random, 500, 440, 300, 96, 60):
            nastar(inside, px, py, 62)

    def sticks(inside: Scene) -> None:
        for px, py in strewn(inside.random, 1160, 510, 290, 66, 60) + strewn(inside.random, 1170, 500, 270, 66, 60):
            kastengel(inside, px, py, 190, inside.random.choice([20, 30, 115, 125, 70]) + inside.random.uniform(-8, 8))

    def moons(inside: Scene) -> None:
        for px, py in strewn(inside.random, 795, 1015, 260, 80, 60) + strewn(inside.random, 800, 1015, 230, 84, 60):
            putri_salju(inside, px, py, 74, inside.random.uniform(0, 360))
        powder(inside, 790, 1010, 300, 500)

    jar(scene, 500, 440, 345, balls)
    jar(scene, 1170, 500, 300, sticks)
    jar(scene, 800, 1020, 275, moons)
    nastar(scene, 250, 905, 62)
    nastar(scene, 372, 985, 60)
    putri_salju(scene, 1215, 985, 78, 200)
    powder(scene, 1200, 985, 120, 160)
    kastengel(scene, 1400, 890, 200, 65)
    scene.window_light(0.5, left=200)
    return scene.finish()


def nastar_plate() -> Image.Image:
    """Nastar on a plate, one of them cut."""
    scene = Scene("#f0e3c8", "#d9c39b", 2)
    scene.weave("#fff8e6", 0.6)
    plate(scene, 830, 620, 510, "#2f6f5c", "#7fbfa6", "#123c30")
    for px, py in [(620, 470), (820, 400), (1020, 480), (690, 680), (900, 610), (1110, 690)]:
        nastar(scene, px, py, 112)
    # The cut one: pastry around a heart of jam.
    for x, y, turn in ((800, 860, -14), (1010, 885, 20)):
        half = scene.shape(oval(x, y, 112, 104, turn))
        scene.volume(half, "#e9bd6b", "#ffe9b0", "#a2641f", 20, throws=0.5)
        scene.tint(scaled(scene.shape(oval(x, y, 100, 92, turn)), 1), rgb("#f4d99a"))
        scene.volume(scene.shape(wavy(x, y, 66, 7, 0.03, turn)), "#c2730f", "#f0b23c", "#7a3c04", 16, throws=0.2)
        for _ in range(26):
            a, r = scene.random.uniform(0, 6.28), 56 * math.sqrt(scene.random.random())
            thread = scene.shape(bar(x + r * math.cos(a), y + r * math.sin(a), 22, 5, scene.random.uniform(0, 180), 2))
            scene.tint(scaled(thread, 0.7), rgb(scene.random.choice(["#e59a22", "#a9600b", "#f5c456"])))
    nastar(scene, 215, 330, 104)
    nastar(scene, 1440, 960, 108)
    leaf(scene, 210, 960, 330, -40)
    leaf(scene, 160, 1010, 300, -8, "#4d8f58")
    scene.window_light(0.42, left=260)
    return scene.finish()


def kastengel_board() -> Image.Image:
    """Kastengel stacked crosswise on a board."""
    scene = Scene("#d8a13c", "#c3862a", 3)
    scene.weave("#eec06a", 0.5)
    board = scene.shape(bar(800, 620, 1240, 830, -4, 60))
    scene.shadow(board, 26, 40, 34, 0.55)
    scene.volume(board, "#8a5630", "#c48b58", "#4a2811", 18, throws=0.3)
    lines = scene.mask()
    draw = ImageDraw.Draw(lines)
    for _ in range(190):
        y = scene.random.uniform(180, 1060)
        x = scene.random.uniform(150, 1200)
        draw.line(
            [v * SCALE for v in (x, y, x + scene.random.uniform(120, 560), y - 30)],
            fill=scene.random.randint(30, 120),
            width=round(scene.random.uniform(1, 4) * SCALE),
        )
    scene.tint(scaled(ImageChops.multiply(blur(lines, 1.2), board), 0.6), rgb("#5a3217"))
    for layer in range(4):
        for place in range(4):
            shift = (place - 1.5) * 128
            if layer % 2:
                kastengel(scene, 790 + layer * 5, 600 + shift - layer * 16, 500, 2 + scene.random.uniform(-3, 3))
            else:
                kastengel(scene, 790 + shift + layer * 5, 600 - layer * 16, 500, 92 + scene.random.uniform(-3, 3))
    for x, y, turn in ((1265, 880, 40), (1230, 330, 110), (330, 905, -30)):
        kastengel(scene, x, y, 300, turn)
    # A wedge of old edam, with its red wax.
    wax = scene.shape([(150, 250), (470, 150), (500, 205), (180, 395)])
    scene.volume(wax, "#a92a20", "#e8786a", "#5e0f0a", 14, throws=0.5)
    scene.volume(
        scene.shape([(182, 268), (480, 172), (500, 205), (180, 380)]), "#f3c34e", "#ffe9a3", "#b17a17", 18, throws=0
    )
    for x, y, r in ((280, 300, 14), (350, 240, 10), (420, 225, 12), (240, 335, 8)):
        scene.volume(scene.shape(oval(x, y, r, r * 0.8)), "#d9a02c", "#b17a17", "#ffe28c", 5, throws=0)
    scene.window_light(0.42, left=180)
    return scene.finish()


def putri_salju_plate() -> Image.Image:
    """Crescents under sugar, on a blue plate."""
    scene = Scene("#31456f", "#22335a", 4)
    scene.weave("#4d6496", 0.5)
    plate(scene, 790, 610, 500, "#e8b7a5", "#ffe3d8", "#a56a58")
    for px, py in strewn(scene.random, 790, 610, 330, 118, 26):
        putri_salju(scene, px, py, 128, scene.random.uniform(0, 360))
    powder(scene, 790, 610, 430, 2600)
    for x, y, turn in ((1380, 300, 130), (220, 960, 300), (1360, 1010, 200)):
        putri_salju(scene, x, y, 128, turn)
        powder(scene, x, y, 190, 500)
    for x, y in ((1340, 640), (1425, 690), (1400, 590), (190, 320), (270, 270)):
        scene.volume(
            scene.shape(crescent(x, y, 48, scene.random.uniform(0, 360))),
            "#dca864",
            "#ffe5b4",
            "#8d5c24",
            10,
            throws=0.45,
        )
    scene.window_light(0.4, left=220)
    return scene.finish()


# --- cloth and thread -----------------------------------------------------------------------------------------------------------------------

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


# --- ceramics -------------------------------------------------------------------------------------------------------------------------------


def cup(
    scene: Scene,
    x: float,
    y: float,
    width: float,
    height: float,
    clay: str,
    glaze: str,
    inside: str,
    *,
    dip: float = 0.62,
) -> None:
    """A cup without handle, seen from slightly above, dipped into glaze."""
    top, foot, flat = width / 2, width * 0.36, width * 0.13
    sides = [(x - top + (top - foot) * (t / 20) ** 2.2, y + height * t / 20) for t in range(21)]
    base = [
        (x + foot * math.cos(math.radians(a)), y + height + flat * 0.8 * math.sin(math.radians(a)))
        for a in range(180, -1, -10)
    ]
    body = scene.shape([*sides, *base, *[(2 * x - px, py) for px, py in reversed(sides)]])
    rim = scene.shape(oval(x, y, top, flat))
    whole = ImageChops.lighter(body, rim)
    base_colour = rgb(clay)
    light, dark = (
        "#{:02x}{:02x}{:02x}".format(*blend(base_colour, (255, 240, 220), 0.5)),
        "#{:02x}{:02x}{:02x}".format(*blend(base_colour, (20, 8, 4), 0.6)),
    )
    scene.shadow(scene.shape(oval(x + 40, y + height + 8, foot * 1.5, flat * 1.1)), 20, 8, 20, 0.6)
    scene.volume(whole, clay, light, dark, width * 0.16, throws=0)
    edge = [(x - width, y - height)]
    for step in range(41):
        px = x - width / 2 - 10 + (width + 20) * step / 40
        drip = math.sin(step * 0.9 + x) * 9 + math.sin(step * 0.37 + x) * 14
        bow = flat * math.sqrt(max(0.0, 1 - ((px - x) / (top + 11)) ** 2))
        edge.append((px, y + height * dip + bow + drip))
    edge.append((x + width, y - height))
    glazed = ImageChops.multiply(scene.shape(edge), whole)
    colour = rgb(glaze)
    lit, deep = (
        "#{:02x}{:02x}{:02x}".format(*blend(colour, (255, 255, 255), 0.6)),
        "#{:02x}{:02x}{:02x}".format(*blend(colour, (5, 10, 30), 0.6)),
    )
    scene.tint(scaled(shifted(glazed, 0, 5), 0.45), rgb(dark))
    scene.tint(glazed, colour)
    sheen = ImageChops.multiply(glazed, ImageChops.invert(blur(shifted(whole, width * 0.14, 0), width * 0.1)))
    gloom = ImageChops.multiply(glazed, ImageChops.invert(blur(shifted(whole, -width * 0.2, -6), width * 0.14)))
    scene.tint(scaled(gloom, 0.9), rgb(deep))
    scene.tint(scaled(sheen, 0.55), rgb(lit))
    strip = scene.shape(bar(x - top * 0.52, y + height * 0.36, width * 0.05, height * 0.38, 4, width * 0.02))
    scene.tint(scaled(ImageChops.multiply(blur(strip, 5), glazed), 0.75), (255, 255, 255))
    specks = scene.mask()
    draw = ImageDraw.Draw(specks)
    for _ in range(90):
        px, py, size = (
            x + scene.random.uniform(-top, top),
            y + scene.random.uniform(0, height),
            scene.random.uniform(0.8, 2.6),
        )
        scene.dot(draw, px, py, size, fill=170)
    scene.tint(scaled(ImageChops.multiply(specks, whole), 0.6), rgb(dark))
    scene.volume(rim, glaze, lit, deep, 4, throws=0)
    mouth = scene.shape(oval(x, y + 2, top * 0.92, flat * 0.84))
    scene.tint(mouth, rgb(inside))
    scene.tint(
        scaled(ImageChops.multiply(mouth, ImageChops.invert(blur(shifted(mouth, 10, 16), 14))), 0.75), (12, 14, 20)
    )


def ledge(scene: Scene, y: float, colour: str, light: str) -> None:
    """A table's top, and its soft line against the wall."""
    table = scene.shape([(0, y), (WIDTH, y), (WIDTH, HEIGHT), (0, HEIGHT)])
    scene.tint(table, rgb(colour))
    fade = Image.linear_gradient("L").resize(scene.size)
    scene.tint(scaled(ImageChops.multiply(fade, table), 0.5), rgb(light))
    scene.shadow(scene.shape(bar(WIDTH / 2, y, WIDTH * 1.2, 10, 0, 2)), 0, 6, 8, 0.35)


def cups() -> Image.Image:
    """Stacked cups in blue and white."""
    scene = Scene("#e8ad3f", "#d9962a", 8)
    scene.grain(WIDTH // 3, HEIGHT // 3, "#f6cd7a", 0.22)
    ledge(scene, 840, "#7b4b33", "#a26a49")
    clay, blue, milk = "#8a5a40", "#2f5796", "#efe9dc"
    cup(scene, 560, 620, 370, 380, clay, blue, "#1f3d70")
    cup(scene, 560, 300, 360, 360, clay, milk, "#cfc6b4", dip=0.55)
    cup(scene, 1010, 660, 370, 380, clay, milk, "#cfc6b4", dip=0.7)
    cup(scene, 1330, 760, 300, 320, "#6f4632", blue, "#1f3d70", dip=0.5)
    # A twig in the standing cup.
    twig = curve([(1010, 660), (1030, 500), (1000, 360), (1060, 200)])
    line = scene.mask()
    ImageDraw.Draw(line).line([(a * SCALE, b * SCALE) for a, b in twig], fill=255, width=9 * SCALE)
    scene.tint(line, rgb("#4f3a22"))
    for x, y, turn, size in (
        (1022, 470, -150, 130),
        (1008, 400, -20, 140),
        (1015, 320, -165, 120),
        (1050, 225, -40, 130),
        (1058, 205, -110, 110),
    ):
        leaf(scene, x, y, size, turn, "#3d7350")
    scene.window_light(0.42, left=80)
    return scene.finish()


def tea_bowl() -> Image.Image:
    """A black bowl of matcha and its whisk, from above."""
    scene = Scene("#c9d3c2", "#aebba7", 9)
    scene.weave("#e3eadd", 0.5)
    tray = scene.shape(bar(760, 640, 1180, 900, -3, 46))
    scene.shadow(tray, 24, 36, 30, 0.5)
    scene.volume(tray, "#6b3f2a", "#a06a49", "#38200f", 16, throws=0.3)
    scene.tint(scaled(ImageChops.multiply(scene.noise(40, 420), tray), 0.28), rgb("#2f190c"))
    bowl = scene.shape(wavy(680, 620, 400, 3, 0.008))
    scene.shadow(bowl, 40, 54, 36, 0.65)
    scene.volume(bowl, "#1f2224", "#80888b", "#050606", 34, throws=0.3)
    ring = scene.mask()
    ImageDraw.Draw(ring).ellipse([v * SCALE for v in (292, 232, 1068, 1008)], outline=255, width=9 * SCALE)
    scene.tint(scaled(blur(ring, 1.4), 0.85), rgb("#b5713f"))
    well = scene.shape(oval(680, 624, 352, 352))
    scene.tint(well, rgb("#101213"))
    tea = scene.shape(oval(690, 640, 312, 310))
    scene.volume(tea, "#86ab3f", "#b9d670", "#4d7220", 40, throws=0)
    foam = scene.mask()
    draw = ImageDraw.Draw(foam)
    for _ in range(1500):
        a, r = scene.random.uniform(0, 6.28), 292 * math.sqrt(scene.random.random())
        px, py, size = 690 + r * math.cos(a), 640 + r * math.sin(a), abs(scene.random.gauss(0, 4)) + 1.2
        scene.dot(draw, px, py, size, outline=scene.random.randint(90, 235), width=2)
    scene.tint(scaled(ImageChops.multiply(foam, tea), 0.75), rgb("#e2f0b4"))
    scene.tint(
        scaled(ImageChops.multiply(well, ImageChops.invert(blur(shifted(well, 26, 34), 28))), 0.8), rgb("#050807")
    )
    # The whisk: a handle, and tines that spread.
    for step in range(34):
        share = step / 33
        tip = (1165 + share * 190, 780 + math.sin(math.pi * share) * 60)
        tine = curve([(1236 + share * 48, 560), (1205 + share * 110, 660), tip])
        line = scene.mask()
        ImageDraw.Draw(line).line([(a * SCALE, b * SCALE) for a, b in tine], fill=255, width=round(4.5 * SCALE))
        scene.tint(scaled(shifted(line, 7, 9), 0.3), rgb("#1d0f06"))
        scene.tint(line, rgb(scene.random.choice(["#e6cd97", "#d9bb7e", "#f0dcae"])))
    scene.volume(scene.shape(bar(1260, 420, 84, 300, 0, 16)), "#d8ba7c", "#fbecc4", "#8f6d35", 20, throws=0.5)
    for y in (548, 566, 584):
        scene.tint(scaled(scene.shape(bar(1260, y, 100, 7, 0, 3)), 0.9), rgb("#2b2320"))
    leaf(scene, 1480, 1080, 270, 200, "#5b8a4f")
    scene.window_light(0.4, left=240)
    return scene.finish()


def flower_plates() -> Image.Image:
    """Three small plates in the shape of a flower."""
    scene = Scene("#3b4a5e", "#2a3646", 10)
    scene.weave("#566880", 0.5)
    for x, y, radius, turn, (colour, light, dark) in (
        (520, 460, 350, 10, ("#e9a9a4", "#ffe0da", "#a85e5c")),
        (1110, 540, 330, 40, ("#f1ece0", "#ffffff", "#a8a08c")),
        (730, 930, 300, 0, ("#9fbd9c", "#dcefd6", "#55775a")),
    ):
        outline = scene.shape(wavy(x, y, radius, 5, 0.11, turn))
        scene.shadow(outline, 34, 48, 34, 0.6)
        scene.volume(outline, colour, light, dark, 26, throws=0.4)
        well = scene.shape(wavy(x, y, radius * 0.74, 5, 0.1, turn))
        scene.tint(
            scaled(ImageChops.multiply(well, ImageChops.invert(blur(shifted(well, 16, 18), 16))), 0.6), rgb(dark)
        )
        scene.tint(
            scaled(ImageChops.multiply(well, ImageChops.invert(blur(shifted(well, -16, -18), 14))), 0.8), rgb(light)
        )
        for number in range(5):
            a = math.radians(turn + 36 + 72 * number)
            groove = scene.shape(
                bar(
                    x + radius * 0.5 * math.cos(a), y + radius * 0.5 * math.sin(a), radius * 0.62, 7, math.degrees(a), 3
                )
            )
            scene.tint(scaled(blur(groove, 4), 0.5), rgb(dark))
            scene.tint(scaled(blur(shifted(groove, 5, 5), 4), 0.55), rgb(light))
        for _ in range(40):
            a, r = scene.random.uniform(0, 6.28), radius * 0.11 * math.sqrt(scene.random.random())
            scene.tint(scaled(scene.shape(oval(x + r * math.cos(a), y + r * math.sin(a), 4, 4)), 0.8), rgb("#b98a3e"))
        crackle = scene.mask()
        draw = ImageDraw.Draw(crackle)
        for _ in range(26):
            px, py = x + scene.random.uniform(-1, 1) * radius, y + scene.random.uniform(-1, 1) * radius
            line = [(px, py)]
            for _ in range(4):
                px, py = px + scene.random.uniform(-60, 60), py + scene.random.uniform(-60, 60)
                line.append((px, py))
            draw.line([(a * SCALE, b * SCALE) for a, b in line], fill=90, width=SCALE)
        scene.tint(scaled(ImageChops.multiply(crackle, outline), 0.45), rgb(dark))
    nastar(scene, 500, 450, 66)
    nastar(scene, 590, 520, 62)
    for x, y, turn in ((1080, 520, 20), (1160, 590, 200)):
        putri_salju(scene, x, y, 78, turn)
    powder(scene, 1110, 550, 140, 260)
    leaf(scene, 1420, 1060, 260, 215, "#5b8a4f")
    leaf(scene, 1470, 1010, 230, 255, "#6d9b5c")
    scene.window_light(0.4, left=200)
    return scene.finish()


def emblem() -> Image.Image:
    """The shop's sign: a moon over the roof of a terrace."""
    scene = Scene("#1c5c4a", "#0f3d31", 11)
    scene.weave("#2d7761", 0.4)
    moon = scene.shape(oval(800, 470, 270, 270))
    scene.tint(scaled(blur(moon, 70), 0.6), rgb("#f4b942"))
    scene.volume(moon, "#f7c757", "#fff0bd", "#d08f1f", 60, throws=0)
    for x, y, r in ((720, 400, 40), (880, 520, 56), (760, 580, 26)):
        scene.tint(scaled(blur(scene.shape(oval(x, y, r, r * 0.9)), 6), 0.35), rgb("#d79a2f"))
    roof = scene.shape([(360, 830), (800, 570), (1240, 830), (1190, 880), (800, 650), (410, 880)])
    scene.volume(roof, "#f4efe2", "#ffffff", "#b9ad94", 16, throws=0.6)
    for x in (480, 690, 910, 1120):
        scene.volume(scene.shape(bar(x, 960, 30, 220, 0, 8)), "#f4efe2", "#ffffff", "#b9ad94", 8, throws=0.5)
    scene.volume(scene.shape(bar(800, 1070, 840, 34, 0, 12)), "#f4efe2", "#ffffff", "#b9ad94", 8, throws=0.5)
    return scene.finish().crop((200, 100, 1300, 1200)).resize((600, 600), Image.Resampling.LANCZOS)


COOKIES, ROBE, CERAMICS = (
    "campaigns/kue-kering-rasa-lebaran",
    "campaigns/gamis-bordir-nama",
    "campaigns/titip-keramik-jepang",
)
PICTURES: dict[str, Callable[[], Image.Image]] = {
    "foto/teras-wulan.jpg": emblem,
    f"{COOKIES}/tiga-toples.jpg": three_jars,
    f"{COOKIES}/nastar.jpg": nastar_plate,
    f"{COOKIES}/kastengel.jpg": kastengel_board,
    f"{COOKIES}/putri-salju.jpg": putri_salju_plate,
    f"{ROBE}/gamis-lipat.jpg": folded_cloth,
    f"{ROBE}/bordir.jpg": embroidery,
    f"{ROBE}/warna.jpg": swatches,
    f"{CERAMICS}/cangkir.jpg": cups,
    f"{CERAMICS}/mangkuk.jpg": tea_bowl,
    f"{CERAMICS}/piring-bunga.jpg": flower_plates,
}


def main(arguments: Sequence[str]) -> None:
    """Draw all pictures into a content folder, or those whose path holds one of the further words."""
    folder = Path(arguments[0]) if arguments else Path(__file__).parent.parent / "content"
    wanted = arguments[1:]
    for path, draw in PICTURES.items():
        if wanted and not any(word in path for word in wanted):
            continue
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        draw().save(target, "JPEG", quality=76, optimize=True, progressive=True)
        print(f"{target} {target.stat().st_size // 1024} KB")


if __name__ == "__main__":
    main(sys.argv[1:])
