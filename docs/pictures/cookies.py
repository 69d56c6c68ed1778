"""Cookies, one by one and as the pictures of their campaign."""

from __future__ import annotations

import math

from PIL import Image, ImageChops, ImageDraw

from docs.pictures.canvas import SCALE, Scene, blend, blur, rgb, scaled, shifted
from docs.pictures.outlines import bar, crescent, oval, strewn, wavy
from docs.pictures.props import jar, leaf, plate, powder


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
