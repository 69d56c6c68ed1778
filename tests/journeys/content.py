"""Content of small shops for journeys, written as a seller writes it."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from preorder.schedule import ZONES

SHOP = """---
nama: Dapur Contoh
slogan: Kue kering rumahan
bahasa: {language}
zona: WIB
whatsapp: 0812-0000-1234
email: halo@dapurcontoh.example
kota: Bandung
alamat: Jl. Contoh No. 1, Bandung
sejak: 2019
rekening:
  - jenis: bank
    nama: BCA
    nomor: "0123456789"
    atas_nama: Sari Contoh
  - jenis: ewallet
    nama: GoPay
    nomor: "0812 0000 1234"
    atas_nama: Sari Contoh
---
Dapur kecil di Bandung.
"""

CAMPAIGN = """---
id: nastar-lebaran
judul: Nastar Lebaran
ringkas: Kue kering isi nanas
awalan: NST
jadwal:
  buka: {opens}
  tutup: {closes}
  kirim: 7-10 hari
kuota: {quota}
produk:
  - nama: Nastar
    ringkas: Isi nanas
    varian:
      - nama: Toples 250 g
        harga: 65.000
        berat: 250 g
      - nama: Toples 500 g
        harga: 120.000
        berat: 500 g
  - nama: Gamis
    ringkas: Katun
    harga: 350.000
    pilihan:
      - nama: Warna
        isi: [Sage, Terakota]
      - nama: Nama bordir
        teks: 20
        wajib: tidak
pembayaran:
  skema: dp
  dp: 50%
  tenggat: 24 jam
  tenggang: 12 jam
pengiriman:
  - nama: JNE Reguler
    jenis: kurir
    ongkir: 18.000
  - nama: Ambil di dapur
    jenis: ambil
    ongkir: gratis
    catatan: Sabtu 09.00 sampai 15.00
pembatalan:
  oleh_penjual:
    refund: 100%
    tenggat_hari: 3
  oleh_pembeli:
    - sampai: tutup_po
      refund: 100%
    - sampai: mulai_produksi
      refund: 50% dari dp
  keterlambatan:
    ambang_hari: 14
  tidak_sesuai:
    lapor_hari_kerja: 2
---
Nastar lembut dengan selai nanas.
"""

SLUG = "nastar"
JAR = "nastar--toples-250-g--qty"


def write_shop(
    content: Path, *, quota: int = 1_000, language: str = "id", opened_ago: timedelta = timedelta(days=2)
) -> None:
    """Write a shop with one campaign that opened some time ago and closes a week after that."""
    (content / "campaigns").mkdir(parents=True)
    (content / "shop.md").write_text(SHOP.format(language=language), encoding="utf-8")
    opens = datetime.now(ZONES["WIB"]) - opened_ago
    text = CAMPAIGN.format(opens=opens.date(), closes=(opens + timedelta(days=9)).date(), quota=quota)
    (content / "campaigns" / f"{SLUG}.md").write_text(text, encoding="utf-8")
