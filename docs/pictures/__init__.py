"""The pictures of the sample shop: still lifes in the light of a shop window. Nobody's photographs, the same on every machine."""

from __future__ import annotations

from collections.abc import Callable

from PIL import Image

from docs.pictures import ceramics, cloth, cookies, emblem

COOKIES, ROBE, CERAMICS = (
    "campaigns/kue-kering-rasa-lebaran",
    "campaigns/gamis-bordir-nama",
    "campaigns/titip-keramik-jepang",
)
# What draws each picture, by its path in the content folder.
PICTURES: dict[str, Callable[[], Image.Image]] = {
    "foto/teras-wulan.jpg": emblem.emblem,
    f"{COOKIES}/tiga-toples.jpg": cookies.three_jars,
    f"{COOKIES}/nastar.jpg": cookies.nastar_plate,
    f"{COOKIES}/kastengel.jpg": cookies.kastengel_board,
    f"{COOKIES}/putri-salju.jpg": cookies.putri_salju_plate,
    f"{ROBE}/gamis-lipat.jpg": cloth.folded_cloth,
    f"{ROBE}/bordir.jpg": cloth.embroidery,
    f"{ROBE}/warna.jpg": cloth.swatches,
    f"{CERAMICS}/cangkir.jpg": ceramics.cups,
    f"{CERAMICS}/mangkuk.jpg": ceramics.tea_bowl,
    f"{CERAMICS}/piring-bunga.jpg": ceramics.flower_plates,
}
