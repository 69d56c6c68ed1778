"""What the linter finds when it compares headers, words and the calendar: each at its line, and honest shops left alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest

from storefront.builder import Job, build
from storefront.linting import is_error, lint, sample
from storefront.linting.rules import RULES, Subject
from storefront.problems import ContentErrors, Problem
from storefront.reader import read_catalogue
from tests.preorder.qris_makers import V1, usual
from tests.storefront.content_makers import NOW, edit, line_of, write

SHOP = "shop.md"
NASTAR = "campaigns/nastar/index.md"
WORDS = "Nastar **lembut**."


@dataclass(frozen=True)
class Case:
    """
    One change of an honest shop.

    Attributes:
        file: that is changed, below the content folder.
        old, new: what is replaced; old "" writes the whole file, new None deletes it.
        code: of the finding expected, "" for none.
        at: a text on the line expected, or its number.
        found_in: the file expected, where it is another one.
        first: changes that are made before, of the same form (file, old, new).
    """

    name: str
    file: str
    old: str
    new: str | None
    code: str
    at: str | int = ""
    found_in: str = ""
    first: tuple[tuple[str, str, str], ...] = ()


def shop(
    name: str, old: str, new: str, code: str, at: str | int = "", first: tuple[tuple[str, str, str], ...] = ()
) -> Case:
    return Case(name, SHOP, old, new, code, at or new, first=first)


def nastar(
    name: str, old: str, new: str, code: str, at: str | int = "", first: tuple[tuple[str, str, str], ...] = ()
) -> Case:
    return Case(name, NASTAR, old, new, code, at or new, first=first)


def says(name: str, text: str, code: str, first: tuple[tuple[str, str, str], ...] = ()) -> Case:
    """A sentence in the campaign's description."""
    return Case(name, NASTAR, WORDS, text, code, text.split("\n", maxsplit=1)[0], first=first)


MONTHLY = (NASTAR, "buka: 2026-11-25\n  tutup: 2026-12-10", "ulang: tiap bulan, tanggal 25 s.d. 10")
FULL = (SHOP, "skema: dp\n  dp: 50%", "skema: penuh")
READY = (
    FULL,
    (NASTAR, "jadwal:\n", "jenis: siap_kirim\njadwal:\n"),
    (NASTAR, "kirim: 7-10 hari setelah tutup", "kirim: 1-2 hari"),
)
BATCH = "kloter: {minimum: %s, bila_tidak_tercapai: refund_penuh}\n"
BATCH_TOLD = "kuota: 100\nkloter:\n  minimum: 12\n  bila_tidak_tercapai: perpanjang\n  diumumkan: %s hari\n"
TWELVE = (NASTAR, "kuota: 100", BATCH % "12" + "kuota: 100")
MADE = ((NASTAR, "  kirim: 7-10", "  produksi: 5-7 hari\n  kirim: 7-10"),)
UNTIL_SENT = (SHOP, "sampai: mulai_produksi, refund: 50% dari dp", "sampai: kirim, refund: 50%")
WHOLE_PRICE = "refund: 50% dari dp"
STAGES = "    - {sampai: tutup_po, refund: 100%}\n    - {sampai: mulai_produksi, refund: 50% dari dp}"
PLAIN_STAGES = (SHOP, WHOLE_PRICE, "refund: 50%")
TWO_HOLDERS = "    atas_nama: Sari Contoh\n  - {jenis: bank, nama: BRI, nomor: 9876543210, atas_nama: Budi Misalnya}"

CASES = [
    # The contract's items
    shop("address is a city", "alamat: Jl. Contoh No. 1", "alamat: Bandung", "address_vague"),
    shop("address without a number but long", "alamat: Jl. Contoh No. 1", "alamat: Kios Sari lantai dasar Pasar Contoh", ""),
    nastar("a product without a word", "  - nama: Kastengel", "  - nama: Putri Salju\n    harga: 60.000\n  - nama: Kastengel", "specification_missing", "Putri Salju"),
    nastar("a product that the text speaks of", "  - nama: Kastengel", "  - nama: Lembut\n    harga: 60.000\n  - nama: Kastengel", ""),
    nastar("a product with a summary", "  - nama: Kastengel", "  - nama: Sagu\n    ringkas: Sagu keju\n    harga: 60.000\n  - nama: Kastengel", ""),
    Case("origin unknown", "terms.md", "Semua kue kami buat sendiri.", "Semua kue enak.", "legality_missing", "produk:", NASTAR),
    nastar("a permit in the text is enough", WORDS, "Nastar P-IRT.", "", first=(("terms.md", "Semua kue kami buat sendiri.", "Enak."),)),
    shop("fee later without a word", "ongkir: 18.000", "ongkir: nanti", "fee_unexplained"),
    shop("fee later and how", "ongkir: 18.000", "ongkir: nanti\n    catatan: Kami kabari sebelum pelunasan", ""),
    shop("pickup nowhere", "    catatan: Jl. Contoh No. 1, setiap hari pukul 09.00-17.00\n", "", "pickup_unclear", "nama: Ambil"),
    shop("a QRIS without the national element", "tautan:\n", f"qris: {{kode: '{usual(e51=None)}'}}\ntautan:\n", "qris_no_national", "qris:"),
    shop("a QRIS with it", "tautan:\n", f"qris: {{kode: '{V1}'}}\ntautan:\n", ""),
    Case("nobody says how to cancel", "cancellation.md", "", None, "cancelling_unexplained", "pembatalan:", SHOP),
    Case("the campaign says how to cancel", "campaigns/nastar/pembatalan.md", "", "Kirim pesan WhatsApp.", ""),
    nastar("no time of shipping", "  kirim: 7-10 hari setelah tutup\n", "", "ship_time_missing", "jadwal:"),
    Case("all at once and nothing back", SHOP, STAGES, "    []", "nothing_back", "oleh_pembeli", first=(FULL,)),
    Case("a deposit and nothing back", SHOP, STAGES, "    []", ""),
    # Complaints
    Case("no word on complaints", "terms.md", "## Keluhan\n\nKeluhan kami jawab paling lambat satu hari kerja.", "Terima kasih.", "complaint_unexplained", "whatsapp:", SHOP),
    Case("complaints without an answer", "terms.md", "Keluhan kami jawab paling lambat satu hari kerja.", "Keluhan lewat WhatsApp.", "complaint_answer_missing", "whatsapp:", SHOP),
    Case("complaints and then the answer", "terms.md", "Keluhan kami jawab paling lambat satu hari kerja.", "Keluhan lewat WhatsApp.\nKami menjawab paling lama satu hari kerja.", ""),
    Case("complaints in the FAQ", "faq.md", "Dua bulan.", "Dua bulan.\n\n## Kalau ada komplain?\n\nKami balas dalam 2 hari.", "",
         first=(("terms.md", "## Keluhan\n\nKeluhan kami jawab paling lambat satu hari kerja.", "Terima kasih."),)),
    says("a day to complain", "Komplain maksimal 1x24 jam setelah barang diterima.", "complaint_time_short"),
    says("two days to complain", "Komplain maksimal 2x24 jam setelah barang diterima.", ""),
    says("a day to answer", "Komplain kami balas maksimal 24 jam setelah kami terima.", ""),
    # Trust
    shop("no e-mail", "email: halo@dapurcontoh.example\n", "", "email_missing", 2),
    shop("no word about the shop", "Dapur kecil di **Bandung**.\n", "", "about_missing", "slogan"),
    shop("no links", "tautan:\n  - jenis: instagram\n    label: \"@dapurcontoh\"\n    url: https://www.instagram.com/dapurcontoh/\n", "", "links_missing", 2),
    shop("two strangers", "    atas_nama: Sari Contoh", TWO_HOLDERS, "holders_differ", "rekening:"),
    Case("two people who are introduced", SHOP, "Dapur kecil di **Bandung**.", "Sari memanggang, Budi mengirim.", "", first=((SHOP, "    atas_nama: Sari Contoh", TWO_HOLDERS),)),
    shop("one family", "    atas_nama: Sari Contoh", TWO_HOLDERS.replace("Budi Misalnya", "Budi Contoh"), ""),
    shop("the sample's WhatsApp", "whatsapp: 0813-0000-5678", "whatsapp: +62 812-0000-1234", "sample_whatsapp"),
    shop("the sample's account", "nomor: 1234098765", "nomor: 0123456789", "sample_account"),
    shop("the sample's account holder", "atas_nama: Sari Contoh", "atas_nama: Ratri Contohwati", "sample_account"),
    shop("the sample's QRIS", "tautan:\n", f"qris: {{kode: '{sample.QRIS}'}}\ntautan:\n", "sample_qris", "qris:"),
    shop("the sample's words about itself", "Dapur kecil di **Bandung**.", "Dapur kecil.\nTeras Wulan adalah teras rumah kami.", "sample_left", "Teras Wulan"),
    Case("the sample's own name", SHOP, "nomor: 1234098765", "nomor: 0123456789", "", first=((SHOP, "nama: Dapur Contoh", "nama: Teras Wulan"),)),
    nastar("a photo called photo", "alt: Setoples nastar", "alt: Foto", "alt_empty_words"),
    nastar("a photo called photo of the product", "alt: Setoples nastar", "alt: gambar produk 2", "alt_empty_words"),
    nastar("a photo called as its file", "alt: Setoples nastar", "alt: nastar.png", "alt_empty_words"),
    nastar("a photo called as cameras do", "alt: Setoples nastar", "alt: IMG_20261120_081500", "alt_empty_words"),
    nastar("a photo called by a sign", "alt: Setoples nastar", 'alt: "-"', "alt_empty_words"),
    nastar("a photo called after what it shows", "alt: Setoples nastar", "alt: Nastar", ""),
    nastar("a photo of somebody", "alt: Setoples nastar", "alt: Foto Ibu di dapur", ""),
    says("a photo in the text called picture", "![gambar](nastar.png)", "alt_empty_words"),
    says("a photo in the text that is described", "![Nastar di piring](nastar.png)", ""),
    Case("a photo of the shop called photo", SHOP, "Dapur kecil di **Bandung**.", "Dapur.\n\n![Foto](campaigns/nastar/nastar.png)", "alt_empty_words", "![Foto]"),
    # Privacy
    nastar("identity card as an option", "      - nama: Ucapan", "      - nama: Nomor KTP", "identity_demanded"),
    # Names
    nastar("a product that is called a copy", "  - nama: Kastengel", "  - nama: Tas KW super\n    ringkas: Kulit sintetis\n    harga: 60.000\n  - nama: Kastengel", "counterfeit", "Tas KW super"),
    nastar("a variant that is called a copy", "nama: Toples 500 g", "nama: Mirror quality", "counterfeit", "Mirror quality"),
    nastar("a campaign that is called a copy", "judul: Nastar Lebaran", "judul: Tas mirip ori", "counterfeit", "judul:"),
    nastar("a choice of letters", "      - nama: Ucapan", "      - nama: Inisial, misalnya KW", ""),
    # Times in the header
    shop("time to pay beyond shipping", "tenggat: 24 jam", "tenggat: 11 hari", "deadline_after_shipping"),
    shop("the rest beyond shipping", "tenggat: 24 jam", "tenggat: 24 jam\n  pelunasan: 90 hari setelah tutup", "balance_after_shipping", "pelunasan:"),
    shop("the rest as the advice says", "tenggat: 24 jam", "tenggat: 24 jam\n  pelunasan: sebelum kirim", ""),
    shop("time to pay near shipping", "tenggat: 24 jam", "tenggat: 8 hari", "deadline_near_shipping"),
    shop("time to pay before shipping", "tenggat: 24 jam", "tenggat: 7 hari", ""),
    nastar("open for more than a year", "buka: 2026-11-25", "buka: 2025-11-25", "window_very_long", "tutup:"),
    nastar("opens in a year that was not meant", "buka: 2026-11-25\n  tutup: 2026-12-10", "buka: 2028-11-25\n  tutup: 2028-12-10", "window_far", "buka: 2028"),
    nastar("closes more than a year ahead", "buka: 2026-11-25\n  tutup: 2026-12-10", "buka: 2027-05-25\n  tutup: 2027-12-10", "window_far", "tutup: 2027"),
    nastar("extended into a year that was not meant", "buka: 2026-11-25\n  tutup: 2026-12-10", "buka: 2027-05-25\n  tutup: 2027-06-10\n  perpanjang: 2028-02-10", "window_far", "perpanjang"),
    nastar("opens next year", "buka: 2026-11-25\n  tutup: 2026-12-10", "buka: 2027-11-01\n  tutup: 2027-11-20", ""),
    nastar("a round far ahead is otherwise", "ulang: tiap bulan, tanggal 25 s.d. 10", "ulang: tiap bulan, tanggal 25 s.d. 10\n  putaran:\n    - {buka: 2026-12-27}\n    - {buka: 2028-12-27}", "window_far", "buka: 2028", first=(MONTHLY,)),
    nastar("a round far ahead is left out", "ulang: tiap bulan, tanggal 25 s.d. 10", "ulang: tiap bulan, tanggal 25 s.d. 10\n  putaran:\n    - {buka: 2028-12-25, libur: ya}", "window_far", "buka: 2028", first=(MONTHLY,)),
    nastar("a round of this year is left out", "ulang: tiap bulan, tanggal 25 s.d. 10", "ulang: tiap bulan, tanggal 25 s.d. 10\n  putaran:\n    - {buka: 2026-12-25, libur: ya}", "", first=(MONTHLY,)),
    nastar("open in every month from its first day to its last", "buka: 2026-11-25\n  tutup: 2026-12-10", "ulang: tiap bulan, tanggal 1 s.d. 31", ""),
    shop("paid after making has begun", "tenggat: 24 jam", "tenggat: 24 jam\n  batas_akhir: 1 hari setelah tutup", "deadline_after_production", "batas_akhir", first=((NASTAR, "  kirim: 7-10", "  produksi: 5-7 hari\n  kirim: 7-10"),)),
    shop("paid for three days while it is made", "tenggat: 24 jam", "tenggat: 3 hari", "deadline_in_production", "tenggat: 3", first=((NASTAR, "  kirim: 7-10", "  produksi: 5-7 hari\n  kirim: 7-10"),)),
    shop("paid until all is made", "tenggat: 24 jam", "tenggat: 8 hari", "deadline_after_production", "tenggat: 8", first=((NASTAR, "  kirim: 7-10", "  produksi: 5-7 hari\n  kirim: 8-10"),)),
    shop("paid until the closing", "tenggat: 24 jam", "tenggat: 3 hari\n  batas_akhir: tutup", "", first=((NASTAR, "  kirim: 7-10", "  produksi: 5-7 hari\n  kirim: 7-10"),)),
    shop("paid within a day", "tenggat: 24 jam", "tenggat: 1 hari", "", first=((NASTAR, "  kirim: 7-10", "  produksi: 5-7 hari\n  kirim: 7-10"),)),
    shop("paid late, nothing is made", "tenggat: 24 jam", "tenggat: 24 jam\n  batas_akhir: 1 hari setelah tutup", ""),
    nastar("sent before it is made", "  kirim: 7-10", "  produksi: 8-9 hari\n  kirim: 7-10", "shipping_before_production", "kirim:"),
    nastar("all sent before all is made", "  kirim: 7-10", "  produksi: 5-12 hari\n  kirim: 7-10", "shipping_before_production", "kirim:"),
    nastar("sent on the day on which it is made", "  kirim: 7-10", "  produksi: 7-10 hari\n  kirim: 7-10", ""),
    says("ready before making begins", "Siap tanggal 16 Desember. Produksi mulai 17 Desember.", "dates_out_of_order"),
    says("ready before the header's making begins", "Siap kirim. Pesanan siap tanggal 11 Desember.", "dates_out_of_order", first=((NASTAR, "  kirim: 7-10", "  produksi: 5-7 hari\n  kirim: 7-10"), (NASTAR, "tutup: 2026-12-10", "tutup: 2026-12-11"))),
    nastar("told after sending begins", "kuota: 100", BATCH_TOLD % "8", "batch_told_late", "diumumkan"),
    nastar("told by default after sending begins", "kuota: 100", BATCH % "12" + "kuota: 100", "batch_told_late", "kloter", first=((NASTAR, "kirim: 7-10", "kirim: 1-10"),)),
    nastar("told when sending begins", "kuota: 100", BATCH_TOLD % "7", ""),
    nastar("told when all is made", "kuota: 100", BATCH_TOLD % "7", "batch_told_after_production", "diumumkan", first=MADE),
    nastar("told a day before all is made", "kuota: 100", BATCH_TOLD % "6", "", first=MADE),
    nastar("told when all is made in any case", "kuota: 100", BATCH_TOLD.replace("perpanjang", "lanjut") % "7", "", first=MADE),
    nastar("told while orders may lapse", "kuota: 100", BATCH_TOLD % "1", "batch_told_unpaid", "diumumkan"),
    nastar("told while orders may lapse, but all is made", "kuota: 100", BATCH_TOLD.replace("perpanjang", "lanjut") % "1", ""),
    nastar("told when all is paid", "kuota: 100", BATCH_TOLD % "0", "", first=((SHOP, "tenggat: 24 jam", "tenggat: 24 jam\n  tenggang: 0 jam\n  batas_akhir: tutup"),)),
    shop("paid while it is awaited whether it is made", "tenggat: 24 jam", "tenggat: 36 jam", "", first=(*MADE, TWELVE)),
    shop("a refund until what is there is made", "refund: 50% dari dp", "refund: 50%", "stage_without_production", "sampai: mulai_produksi", first=READY),
    shop("a refund until it is sent", "sampai: mulai_produksi, refund: 50% dari dp", "sampai: kirim, refund: 50%", "", first=READY),
    nastar("ready stock without a quota", "kuota: 100\n", "", "stock_without_quota", 2, first=(*READY, UNTIL_SENT)),
    nastar("ready stock with a quota for each", "kuota: 100\n", "", "", first=(*READY, UNTIL_SENT, (NASTAR, "        harga: 120rb", "        harga: 120rb\n        kuota: 5"))),
    nastar("ready stock paid for long", "kuota: 100", "kuota: 90", "", first=(*READY, UNTIL_SENT, (SHOP, "tenggat: 24 jam", "tenggat: 11 hari"))),
    says("ready stock sent while it is on sale", "Pesanan dikirim mulai 5 Desember.", "", first=(*READY, UNTIL_SENT)),
    nastar("made while orders are taken", "kuota: 100", "tahap: produksi\nkuota: 100", "stage_too_early", "tahap"),
    nastar("cancelled while orders are taken", "kuota: 100", "tahap: batal\nkuota: 100", ""),
    nastar("sent after it has closed", "kuota: 100", "tahap: kirim\nkuota: 100", "", first=((NASTAR, "tutup: 2026-12-10", "tutup: 2026-11-26"),)),
    nastar("sent before it opens", "kuota: 100", "tahap: kirim\nkuota: 100", "stage_too_early", "tahap", first=((NASTAR, "buka: 2026-11-25", "buka: 2026-11-30"),)),
    shop("founded tomorrow", "sejak: 2019", "sejak: 2091", "since_in_future"),
    shop("two months of delay", "pembatalan:", "pembatalan:\n  keterlambatan: {ambang_hari: 60}", "delay_too_long", "keterlambatan"),
    shop("two weeks of delay", "pembatalan:", "pembatalan:\n  keterlambatan: {ambang_hari: 14}", ""),
    shop("a month to refund", "tenggat_hari: 3", "tenggat_hari: 30", "refund_slow", "oleh_penjual"),
    # Dates in words
    says("sent before it closes", "Pesanan dikirim mulai 5 Desember.", "dates_out_of_order"),
    says("sent after it closes", "Pesanan dikirim mulai 17 Desember.", ""),
    says("collected before it is ready", "Siap tanggal 20 Desember. Bisa diambil 18 Desember.", "dates_out_of_order"),
    says("collected when it is ready", "Siap tanggal 18 Desember. Bisa diambil 18 Desember.", ""),
    says("balance after sending", "Pelunasan paling lambat 28 Desember 2026.", "dates_out_of_order"),
    says("balance before sending", "Pelunasan paling lambat 15 Desember 2026.", ""),
    says("payment after production", "Produksi mulai 11 Desember. DP dibayar paling lambat 13 Desember.", "dates_out_of_order"),
    says("closes on another day", "PO ditutup 12 Desember.", "date_differs"),
    says("closes on the day", "PO ditutup 10 Desember 2026.", ""),
    says("a date of last year", "Pengiriman mulai 20 Desember 2025.", "date_past"),
    says("news of last year", "Tahun lalu kami mengirim sampai 20 Desember 2025.", ""),
    says("a date that is nothing", "Ibu lahir 3 Maret 1960.", ""),
    says("another day of the month", "PO ditutup setiap tanggal 12.", "date_differs", first=(MONTHLY,)),
    says("the day of the month", "PO ditutup setiap tanggal 10.", "", first=(MONTHLY,)),
    says("a month has no dates of its own", "Pesanan dikirim mulai 5 Desember.", "", first=(MONTHLY,)),
    # Numbers
    says("a batch that never fills", "Produksi jalan bila terkumpul minimal 150 pcs.", "batch_above_quota"),
    says("a batch that may fill", "Produksi jalan bila terkumpul minimal 50 pcs.", ""),
    nastar("a minimum above all", "kuota: 100", BATCH % "101" + "kuota: 100", "batch_above_quota", "kloter"),
    nastar("a minimum of all", "kuota: 100", BATCH % "100" + "kuota: 100", ""),
    nastar("a minimum above all products", "kuota: 100", BATCH % "71", "batch_above_quota", "kloter", first=((NASTAR, "        harga: 120rb", "        harga: 120rb\n        kuota: 0"),)),
    nastar("a minimum without a quota", "kuota: 100", BATCH % "4000", ""),
    says("another minimum of the round", "Produksi jalan bila terkumpul minimal 50 pcs.", "batch_differs", first=(TWELVE,)),
    says("a minimum in words beside none", "Kloter jalan bila terkumpul minimal 12 pcs.", ""),
    says("the minimum of the round", "Kloter jalan bila terkumpul minimal 12 pcs.", "", first=(TWELVE,)),
    says("another minimum without a quota", "Kuota minimal 50.", "batch_differs", first=((NASTAR, "kuota: 100", BATCH % "12"),)),
    nastar("an order above all", "min_per_pesanan: 1\n  maks_per_pesanan: 20", "min_per_pesanan: 120", "minimum_above_quota"),
    nastar("nothing to sell", "kuota: 100", "kuota: 0", "nothing_to_sell"),
    nastar("more of one than of all", "    kuota: 30", "    kuota: 300", "quota_never_reached"),
    nastar("more in an order than there is", "maks_per_pesanan: 20", "maks_per_pesanan: 200", "limit_above_quota"),
    nastar("more in an order than for a buyer", "maks_per_pesanan: 20", "maks_per_pesanan: 20\n  maks_per_pembeli: 10", "limit_never_reached", "maks_per_pesanan"),
    nastar("as much in an order as for a buyer", "maks_per_pesanan: 20", "maks_per_pesanan: 20\n  maks_per_pembeli: 20", ""),
    nastar("a zero too many", "harga: 120rb", "harga: 650.000", "price_factor_ten"),
    nastar("more units, dearer", "harga: 120rb", "harga: 120rb\n        harga_jumlah: [{mulai: 5, harga: 110.000}, {mulai: 10, harga: 115.000}]", "tier_price_rises", "harga_jumlah"),
    nastar("many as dear as one", "harga: 120rb", "harga: 120rb\n        harga_jumlah: [{mulai: 5, harga: 120.000}]", "tier_price_rises", "harga_jumlah"),
    nastar("more units of a product, dearer", "harga: 70000", "harga: 70000\n    harga_jumlah: [{mulai: 5, harga: 75.000}]", "tier_price_rises", "harga_jumlah"),
    nastar("more units, cheaper", "harga: 120rb", "harga: 120rb\n        harga_jumlah: [{mulai: 5, harga: 110.000}, {mulai: 10, harga: 100.000}]", ""),
    nastar("thousands of an early price forgotten", "harga: 120rb", "harga: 120rb\n        harga_awal: {harga: 110, hari_pertama: 3}", "amount_tiny", "harga_awal"),
    nastar("an early price for longer than the round", "harga: 120rb", "harga: 120rb\n        harga_awal: {harga: 110.000, hari_pertama: 17}", "early_always", "harga_awal"),
    nastar("an early price for the whole round", "harga: 70000", "harga: 70000\n    harga_awal: {harga: 60.000, hari_pertama: 16}", "early_always", "harga_awal"),
    nastar("an early price until the last day but one", "harga: 120rb", "harga: 120rb\n        harga_awal: {harga: 110.000, hari_pertama: 15}", ""),
    nastar("an early price until the closing", "harga: 120rb", "harga: 120rb\n        harga_awal: {harga: 110.000, sampai: 2026-12-10}", "early_always", "harga_awal"),
    nastar("an early price until next year", "harga: 120rb", "harga: 120rb\n        harga_awal: {harga: 110.000, sampai: 2027-11-28}", "early_always", "harga_awal"),
    nastar("an early price that has ended", "harga: 120rb", "harga: 120rb\n        harga_awal: {harga: 110.000, sampai: 2026-11-25}", ""),
    nastar("an early price of a round that she has closed early", "harga: 120rb", "harga: 120rb\n        harga_awal: {harga: 110.000, sampai: 2026-12-05}", "", first=((NASTAR, "tutup: 2026-12-10", "tutup: 2026-12-10\n  tutup_awal: 2026-12-01"),)),
    nastar("an early price of the last round", "harga: 120rb", "harga: 120rb\n        harga_awal: {harga: 110.000, sampai: 2026-11-01}", "early_over", "harga_awal", first=(MONTHLY,)),
    nastar("an early price of this round", "harga: 120rb", "harga: 120rb\n        harga_awal: {harga: 110.000, sampai: 2026-11-26}", "", first=(MONTHLY,)),
    nastar("an early price for several rounds", "harga: 120rb", "harga: 120rb\n        harga_awal: {harga: 110.000, sampai: 2027-03-01}", "", first=(MONTHLY,)),
    nastar("an early price for longer than any round", "harga: 120rb", "harga: 120rb\n        harga_awal: {harga: 110.000, hari_pertama: 20}", "early_always", "harga_awal", first=(MONTHLY,)),
    nastar("twice the price", "harga: 120rb", "harga: 130.000", ""),
    nastar("heavier and cheaper", "harga: 120rb", "harga: 60.000\n        berat: 500 g", "heavier_but_cheaper", "harga: 65.000",
           first=((NASTAR, "harga: 65.000", "harga: 65.000\n        berat: 250 g"),)),
    nastar("thousands forgotten", "harga: 70000", "harga: 700", "amount_tiny"),
    shop("thousands of the fee forgotten", "ongkir: 18.000", "ongkir: 180", "amount_tiny"),
    shop("deposit of all", "dp: 50%", "dp: 100%", "deposit_is_all"),
    shop("deposit rounded to all", "dp: 50%", "dp: 50%\n  pembulatan_dp: 100.000", "deposit_is_all", "pembulatan_dp"),
    shop("later is better", STAGES, STAGES.replace("refund: 100%", "refund: 40%").replace("50% dari dp", "60%"), "refund_rises", "mulai_produksi"),
    Case("half of no deposit", SHOP, *FULL[1:], "refund_of_no_deposit", "mulai_produksi"),
    # Numbers in words
    says("another price", "Harga mulai Rp 55.000 saja.", "price_differs"),
    says("an early price", "Harga Rp 60.000 saja.", "", first=((NASTAR, "harga: 65.000", "harga: 65.000\n        harga_awal: {harga: 60.000, hari_pertama: 3}"),)),
    says("the price", "Harga mulai Rp 65.000 saja.", ""),
    says("the price of three", "Harga 3 toples Rp 195.000.", ""),
    says("the price of others", "Harga di mal Rp 150.000.", ""),
    says("another deposit", "DP 30% saat memesan.", "deposit_differs"),
    says("the deposit", "DP 50% saat memesan.", ""),
    says("a share of the deposit", "Bila batal setelah PO ditutup, kembali 30% dari DP.", ""),
    says("another minimum", "Minimal order 5 toples.", "limit_differs"),
    says("the minimum of a discount", "Minimal order 5 toples untuk harga reseller.", ""),
    says("the maximum", "Maksimal pesan 20 toples.", ""),
    says("another time to pay", "DP ditransfer paling lambat 2x24 jam.", "pay_time_differs"),
    says("the time to pay", "Pembayaran paling lambat 1 hari setelah memesan.", ""),
    says("the time to pay the balance", "Pelunasan dibayar paling lambat 3 hari.", ""),
    says("less time to complain", "Keluhan paling lambat 2 hari setelah barang diterima.", "complaint_time_differs",
         first=((SHOP, "pembatalan:", "pembatalan:\n  tidak_sesuai: {lapor_hari_kerja: 3}"),)),
    says("more time to complain", "Keluhan paling lambat 7 hari setelah barang diterima.", ""),
    says("lost although the table pays", "Bila Kakak membatalkan, DP hangus.", "refund_differs"),
    says("lost after production began", "Bila Kakak membatalkan setelah produksi dimulai, DP hangus.", ""),
]  # fmt: skip


def prepared(job: Job, case: Case) -> None:
    for file, old, new in case.first:
        edit(job.content / file, old, new)
    path = job.content / case.file
    if case.new is None:
        path.unlink()
    elif case.old:
        edit(path, case.old, case.new)
    else:
        write(path, case.new)


def found(job: Job) -> list[Problem]:
    try:
        return list(build(job, NOW, check_only=True).warnings)
    except ContentErrors as errors:
        return [*errors.problems, *errors.warnings]


def test_an_honest_shop_has_no_finding(job: Job) -> None:
    """The shop that every case below changes is right."""
    assert found(job) == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_change_is_found_at_its_line(case: Case, job: Job) -> None:
    """Exactly the rule named is found, at the line of the key or sentence; of an honest change nothing is."""
    prepared(job, case)
    findings = found(job)
    assert [finding.code for finding in findings] == ([case.code] if case.code else [])
    if case.code:
        path = job.content / (case.found_in or case.file)
        line = case.at if isinstance(case.at, int) else line_of(path, case.at.strip())
        assert (findings[0].file, findings[0].line) == (path.as_posix(), line)


def test_every_rule_has_a_case() -> None:
    """No rule is without a change that breaks it."""
    elsewhere = {"window_past"}
    cases = {case.code for case in CASES} | elsewhere
    about = {code for code, rule in RULES.items() if rule.subject not in {Subject.CLAUSES, Subject.PRIVACY}}
    assert about <= cases
    assert len([case for case in CASES if not case.code]) >= 25


@pytest.mark.parametrize("case", [case for case in CASES if RULES.get(case.code)], ids=lambda case: case.name)
def test_no_error_comes_with_time(case: Case, job: Job) -> None:
    """What could be published on one day can be on any other: the clock alone never stops a rebuild."""
    prepared(job, case)
    content = read_catalogue(job.content, job.cache / "photos")
    today = list(filter(is_error, lint(content, NOW)))
    for days in (-900, -30, 10, 45, 400, 1500):
        assert list(filter(is_error, lint(content, NOW + timedelta(days=days)))) == today


def test_a_new_campaign_that_is_over_is_doubted(job: Job) -> None:
    """A year mistyped in a new campaign is told; one that was published while it was open is an archive."""
    assert build(job, NOW).warnings == ()
    edit(job.content / NASTAR, "buka: 2026-11-25\n  tutup: 2026-12-10", "buka: 2025-11-25\n  tutup: 2025-12-10")
    assert build(job, NOW).warnings == ()
    edit(job.content / NASTAR, "id: nastar-lebaran", "id: nastar-baru")
    told = {finding.code: is_error(finding) for finding in build(job, NOW).warnings if finding.code != "campaign_gone"}
    assert told == {"window_past": False}
