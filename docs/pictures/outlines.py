"""Outlines and lines as points of the finished picture, and places for many things."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

from docs.pictures.canvas import Point


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
