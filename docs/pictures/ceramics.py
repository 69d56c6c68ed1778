"""Cups, bowls and plates, and the pictures of their campaign."""

from __future__ import annotations

import math

from PIL import Image, ImageChops, ImageDraw

from docs.pictures.canvas import HEIGHT, SCALE, WIDTH, Scene, blend, blur, rgb, scaled, shifted
from docs.pictures.cookies import nastar, putri_salju
from docs.pictures.outlines import bar, curve, oval, wavy
from docs.pictures.props import leaf, powder


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
