"""What lies and stands around the goods: leaves, plates, jars, sugar that fell."""

from __future__ import annotations

import math
from collections.abc import Callable

from PIL import Image, ImageChops, ImageDraw

from docs.pictures.canvas import SCALE, Scene, blend, blur, rgb, scaled, shifted
from docs.pictures.outlines import bar, oval


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
