"""
The canvas: colours, masks, and the scene that is drawn, with its light, its shadows and its ground.

Everything is drawn at SCALE times its size and made smaller at the end. Lengths are in pixels of the finished picture, WIDTH x HEIGHT.
A mask is a grey picture: what is drawn with it shows where it is bright.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

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
