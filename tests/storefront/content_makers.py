"""Makers of content folders and templates for tests. All names, numbers and addresses are invented."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from PIL import Image

from preorder.schedule import ZONES
from storefront.builder import Job

CHECKOUT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 27, 10, 0, tzinfo=ZONES["WIB"])

SHOP = """\
---
nama: Dapur Contoh
slogan: Kue kering rumahan
bahasa: id
zona: WIB
whatsapp: 0813-0000-5678
email: halo@dapurcontoh.example
kota: Bandung
alamat: Jl. Contoh No. 1
sejak: 2019
rekening:
  - jenis: bank
    nama: BCA
    nomor: 1234098765
    atas_nama: Sari Contoh
tautan:
  - jenis: instagram
    label: "@dapurcontoh"
    url: https://www.instagram.com/dapurcontoh/
pembayaran:
  skema: dp
  dp: 50%
  tenggat: 24 jam
pengiriman:
  - nama: JNE Reguler
    jenis: kurir
    ongkir: 18.000
  - nama: Ambil di dapur
    jenis: ambil
    catatan: Jl. Contoh No. 1, setiap hari pukul 09.00-17.00
pembatalan:
  oleh_penjual: {refund: 100%, tenggat_hari: 3}
  oleh_pembeli:
    - {sampai: tutup_po, refund: 100%}
    - {sampai: mulai_produksi, refund: 50% dari dp}
---
Dapur kecil di **Bandung**.
"""

TERMS = """\
## Kemasan

Kemasan kaca dikembalikan.

## Asal barang

Semua kue kami buat sendiri.

## Keluhan

Keluhan kami jawab paling lambat satu hari kerja.
"""

CAMPAIGN = """\
---
id: nastar-lebaran
judul: Nastar Lebaran
ringkas: Isi nanas asli
awalan: NST
foto:
  - berkas: nastar.png
    alt: Setoples nastar
jadwal:
  buka: 2026-11-25
  tutup: 2026-12-10
  kirim: 7-10 hari setelah tutup
produk:
  - nama: Nastar
    varian:
      - nama: Toples 250 g
        harga: 65.000
        kuota: 40
      - nama: Toples 500 g
        harga: 120rb
  - nama: Kastengel
    harga: 70000
    kuota: 30
    pilihan:
      - nama: Pita
        isi: [Merah, Hijau]
      - nama: Ucapan
        teks: 40
        wajib: tidak
kuota: 100
batas:
  min_per_pesanan: 1
  maks_per_pesanan: 20
catatan_internal: Margin rahasia 41 persen
---
Nastar **lembut**.
"""


def make_picture(width: int = 600, height: int = 400, kind: str = "PNG") -> bytes:
    """Give a picture file with a gradient."""
    stream = BytesIO()
    Image.linear_gradient("L").resize((width, height)).convert("RGB").save(stream, kind)
    return stream.getvalue()


def write(path: Path, content: str | bytes) -> Path:
    """Write a file and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def make_content(root: Path) -> Path:
    """Give a content folder that builds: a shop, house rules, one campaign with a photo."""
    content = root / "content"
    write(content / "shop.md", SHOP)
    write(content / "terms.md", TERMS)
    write(content / "cancellation.md", "Untuk membatalkan, kirim nomor pesanan lewat WhatsApp.\n")
    write(content / "faq.md", "## Tahan berapa lama?\n\nDua bulan.\n")
    write(content / "campaigns" / "nastar" / "index.md", CAMPAIGN)
    write(content / "campaigns" / "nastar" / "nastar.png", make_picture())
    return content


def edit(path: Path, old: str, new: str) -> None:
    """Replace text in a file, which must hold it once."""
    text = path.read_text("utf-8")
    assert text.count(old) == 1, (old, text.count(old))
    path.write_text(text.replace(old, new), "utf-8")


def line_of(path: Path, part: str) -> int:
    """Give the line on which a text stands first."""
    text = path.read_text("utf-8")
    return text[: text.index(part)].count("\n") + 1


def make_templates(root: Path) -> Path:
    """Give templates that show just what the tests look at."""
    templates = root / "templates"
    write(templates / "partials" / "policy.html", "<p>{{ campaign.policy.stages|length }} tahap</p>\n")
    write(
        templates / "storefront" / "home.html",
        '<link href="{{ asset("style.css") }}">{% for card in cards %}<p id="{{ card.campaign.slug }}">{{ card.phase }} {{ card.url }}'
        " {{ card.from_price|rupiah }}</p>{% endfor %}{{ about_html }}",
    )
    write(
        templates / "storefront" / "campaign.html",
        '<h1>{{ campaign.title }}</h1><p id="phase">{{ phase }}</p><p id="closes">{{ window.closes_at|end }}</p>'
        "{{ description_html }}{{ terms_html }}{% for question, answer in faq %}<h4>{{ question }}</h4>{{ answer }}{% endfor %}"
        '<form action="{{ intake_url }}/pesan/{{ campaign.slug }}"></form>{% for photo in campaign.photos %}'
        '{% for path in photo.sources.values() %}<img src="{{ path }}">{% endfor %}{% endfor %}',
    )
    write(templates / "storefront" / "404.html", "<p>404</p>")
    write(
        templates / "storefront" / "archive.html",
        '{% for card in cards %}<p id="{{ card.campaign.slug }}"></p>{% endfor %}',
    )
    write(templates / "storefront" / "privacy.html", "<p>{{ shop.keep_months }}</p>")
    write(
        templates / "storefront" / "terms.html",
        '{% for campaign in campaigns %}<p id="{{ campaign.slug }}">{{ contract_of(campaign) }}</p>{% endfor %}',
    )
    write(templates / "assets" / "style.css", "p { margin: 0 }\n")
    stream = BytesIO()
    write_mo(stream, Catalog("id"))
    write(templates / "translations" / "id" / "LC_MESSAGES" / "etalase.mo", stream.getvalue())
    return templates


def make_job(root: Path, **changes: str) -> Job:
    """Give a job on a fresh content folder with the small templates."""
    return Job(make_content(root), root / "site", make_templates(root), **changes)


def snapshot(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Give time stamp and content of every file below a folder."""
    return {
        path.relative_to(folder).as_posix(): (path.stat().st_mtime_ns, path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
