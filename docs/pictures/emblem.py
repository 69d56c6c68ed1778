"""The picture of the shop itself."""

from __future__ import annotations

from PIL import Image

from docs.pictures.canvas import Scene, blur, rgb, scaled
from docs.pictures.outlines import bar, oval


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
