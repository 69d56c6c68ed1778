"""
What the shop of the page tests sells: the sample shop of the repository, and beside it one campaign for each state that
the sample shop is not in at NOW.
"""

from __future__ import annotations

import re
import shutil
from datetime import datetime
from pathlib import Path

from preorder.schedule import ZONES

CHECKOUT = Path(__file__).resolve().parents[2]
# Of the sample campaigns one is open then, one announced, one between its rounds.
NOW = datetime(2026, 11, 27, 10, 0, tzinfo=ZONES["WIB"])
# When the orders of the round came that has closed since.
EARLIER = datetime(2026, 11, 5, 9, 30, tzinfo=ZONES["WIB"])

OPEN, ANNOUNCED, BETWEEN = "kue-kering-rasa-lebaran", "gamis-bordir-nama", "titip-keramik-jepang"
ALMOST_FULL, FULL, READY, CODED = "hampers-hampir-habis", "hampers-habis", "hampers-siap-kirim", "hampers-berkode"
CLOSED, MADE, SENT, DONE, CANCELLED = (
    "hampers-ditutup", "hampers-dibuat", "hampers-dikirim", "hampers-selesai", "hampers-batal",
)  # fmt: skip
# Its texts say everything that a text can say.
NOT_STARTED = "hampers-segera"
QUOTA = {ALMOST_FULL: 10, FULL: 4}

_SINCE = "{buka: 2026-11-01, tutup: 2026-11-10, kirim: 20-30 hari}"
_NOW = "{buka: 2026-11-20, tutup: 2026-12-05, kirim: 7-10 hari}"
# Slug -> (prefix, title, schedule, what else its header says).
_EXTRA = {
    ALMOST_FULL: ("HHP", "Hampers Hampir Habis", _NOW, "kuota: 10"),
    CODED: ("HBK", "Hampers Berkode", _NOW, "kuota: 40\npembayaran: {skema: dp, dp: 50%, kode_unik: kurang}"),
    FULL: ("HHB", "Hampers Habis", _NOW, "kuota: 4"),
    NOT_STARTED: ("HSG", "Hampers Segera", "{buka: 2026-12-01, tutup: 2026-12-05}", "kuota: 40"),
    READY: (
        "HSK",
        "Hampers Siap Kirim",
        "{buka: 2026-11-20, tutup: 2026-12-05, kirim: 1-2 hari}",
        "kuota: 40\njenis: siap_kirim\npembayaran: {skema: penuh, tenggat: 24 jam, tenggang: 12 jam}",
    ),
    CLOSED: ("HTT", "Hampers Ditutup", _SINCE, "kuota: 40"),
    MADE: ("HBT", "Hampers Dibuat", _SINCE, "kuota: 40\ntahap: produksi"),
    SENT: ("HKR", "Hampers Dikirim", _SINCE, "kuota: 40\ntahap: kirim"),
    DONE: ("HSL", "Hampers Selesai", _SINCE, "kuota: 40\ntahap: selesai"),  # and in the archive, for two weeks are over
    CANCELLED: ("HBL", "Hampers Batal", _NOW, "kuota: 40\ntahap: batal"),
}  # fmt: skip

_CAMPAIGN = """\
---
id: {slug}
judul: {title}
ringkas: Kue kering dan keramik kecil dalam satu kotak
awalan: {prefix}
urutan: 9
jadwal: {schedule}
{more}
produk:
  - nama: Hampers
    ringkas: Dua toples dan satu cangkir
    varian:
      - {{nama: Kotak kecil, harga: 185.000, berat: 900 g}}
      - {{nama: Peti sekantor, harga: 12.500.000, berat: 40 kg}}
---
Dikemas di rumah, dengan pita.
"""


_STORY = """\
Dikemas di rumah, dengan [pita](#pita) dan `benang`.[^pita] Lihat [jadwalnya](#jadwal), [kue keringnya](/kue-kering-rasa-lebaran/), atau [tempat kami belajar](https://keramik.example/).

## Isi tiap kotak

| Kotak | Nastar | Kastengel | Cangkir | Berat bersih | Cocok untuk |
|---|--:|--:|--:|--:|---|
| Kecil | 1 toples | tidak ada | 1 buah | 900 g | tetangga |
| Peti sekantor | 20 toples | 20 toples | 24 buah | 40 kg | seluruh kantor, termasuk satpam dan tamu |

!!! catatan
    Cangkirnya buatan tangan: tiap buah sedikit berbeda.

!!! kiat
    Simpan di tempat kering, jauh dari matahari.

    - Buka satu toples dulu.
    - Tutup rapat.

!!! penting "Tidak untuk semua orang"
    Mengandung **susu** dan *telur*.[^alergi]

!!! peringatan
    Jangan dimasukkan ke [oven](/privasi/).

## Pita

Merah
:   Untuk Lebaran.

Hijau
:   Untuk ulang tahun, dan untuk orang yang namanya panjangsekalitanpaspasisampaiharusdipotong.

> Hadiah paling rapi tahun ini.

    pita = 2 meter

[^pita]: Dari sisa kain penjahit sebelah.
[^alergi]: Juga jejak kacang.
    Tanyakan dulu kalau ragu.
"""
_STORY_TERMS = """\
## Kemasan

Kotak kayu dikembalikan.[^kayu] Caranya ada di [halaman ini](#pembatalan).

| Kotak | Jaminan |
|---|--:|
| Peti sekantor | Rp200.000 |

[^kayu]: Dalam 30 hari.
"""
_STORY_NEWS = """\
## 26 November 2026, pukul 08.00: Kotak kayunya sudah datang

Sudah [kami susun](#produk).[^1]

[^1]: Semalaman.

## 24 November 2026 Cangkir selesai dibakar

| Warna | Jadi |
|---|--:|
| Biru | 12 |

## 20 November 2026 Resep baru

Lebih renyah.

## 20 November 2026 Kami pindah dapur

Masih di kota yang sama.
"""


def _write_story(content: Path) -> None:
    folder = content / "campaigns" / NOT_STARTED
    folder.mkdir()
    single = folder.with_suffix(".md")
    told = single.read_text(encoding="utf-8").replace("Dikemas di rumah, dengan pita.\n", _STORY)
    (folder / "index.md").write_text(told, encoding="utf-8")
    single.unlink()
    (folder / "ketentuan.md").write_text(_STORY_TERMS, encoding="utf-8")
    (folder / "kabar.md").write_text(_STORY_NEWS, encoding="utf-8")
    (folder / "faq.md").write_text(
        "## Bisa dikirim ke mana?\n\nKe mana saja.[^1]\n\n[^1]: Asal ada kurirnya.\n", encoding="utf-8"
    )


def write_content(content: Path, *, every_state: bool = True, theme: str = "") -> None:
    """Write the sample shop, in a theme of another name than its own, and beside it a campaign for every other state."""
    shutil.copytree(CHECKOUT / "content", content)
    if theme:
        shop = content / "shop.md"
        head = re.sub(r"^tema:.*\n", "", shop.read_text(encoding="utf-8"), flags=re.MULTILINE)
        shop.write_text(head.replace("---\n", f"---\ntema: {theme}\n", 1), encoding="utf-8")
    if every_state:
        for slug, (prefix, title, schedule, more) in _EXTRA.items():
            text = _CAMPAIGN.format(slug=slug, title=title, prefix=prefix, schedule=schedule, more=more)
            (content / "campaigns" / f"{slug}.md").write_text(text, encoding="utf-8")
        _write_story(content)
