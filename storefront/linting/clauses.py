"""
Clauses that law or sense forbid, in the wording found on Indonesian shops' pages, and what makes the same words
harmless.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from storefront.linting import words
from storefront.linting.reading import Sentence
from storefront.problems import Problem


@dataclass(frozen=True)
class Clause:
    """
    One way to break a rule.

    Attributes:
        code: of the rule.
        says: what the sentence says; looked for in Sentence.plain.
        also: what must stand in it or around it besides; None where nothing.
        unless: what makes it harmless; looked for in Sentence.around.
    """

    code: str
    says: re.Pattern[str]
    also: re.Pattern[str] | None = None
    unless: re.Pattern[str] | None = None


# What is said about such a clause, not by it: "kami tidak memakai aturan ...", "toko lain yang menulis ...".
_BEFORE_HARMLESS = words.compile(
    r"\b(?:tidak|bukan|takkan|tanpa)(?: \S+){0,2} (?:istilah|aturan|berlaku|memakai|pakai|menerapkan|terapkan|mengenal|kenal|benar|berarti|"
    r"menganut|menulis|mencantumkan|seperti|percaya)\b",
    r"\b(?:toko|penjual|olshop) (?:lain|sebelah|yang (?:menulis|mencantumkan|bilang|mengatakan|berkata))\b",
    r"\b(?:melarang|dilarang undang-undang|mitos|katanya)\b",
)
_AFTER_HARMLESS = words.compile(
    r"^\W*(?:\S+ ){0,3}?tidak (?:berlaku|kami (?:pakai|terapkan)|ada di sini|benar)\b",
    r"^\W*(?:\S+ ){0,2}?(?:dilarang|melanggar)\b",
)

_EXCEPTION = words.compile(
    r"(?<!tanpa )(?<!tidak )(?<!tiada )\b(?:ter|di)?kecuali\b|\bpengecualian\b(?<!tanpa pengecualian)|\bexcept\b|\bunless\b|\bselain (?:karena )?(?:cacat|rusak|salah)"
).pattern
_MENDED = words.compile(
    r"(?<!tidak )\b(?:rusak|cacat|salah kirim|salah barang|tidak sesuai|reject|kesalahan (?:dari )?(?:pihak )?<seller>)\b(?: \S+){0,8}? "
    r"(?<!tidak )(?<!tidak bisa )(?<!tidak dapat )\b(?:kami ganti|diganti|ditukar|dikembalikan|kembali|refund|retur|kami kirim|kirim ulang|boleh|bisa|dapat)\b"
).pattern
_CHANGED_MIND = words.compile(
    r"\b(?:berubah pikiran|berubah selera|tidak cocok|kurang cocok|tidak suka|kurang suka|salah (?:pilih|pesan|order|ukur|ukuran)|kekecilan|"
    r"kebesaran|alasan pribadi|selera|(?:salah|kesalahan) (?:penggunaan|pemakaian|pakai)|kelalaian (?:dari )?(?:pihak )?<buyer>|kesalahan (?:dari )?(?:pihak )?<buyer>)\b"
).pattern
_USED = words.compile(
    r"\b(?:dipakai|dicuci|digunakan|dipotong|dicoba|dimakan|dimodifikasi|segel|terpakai|kotor|label)\b"
).pattern
_LATE = words.compile(
    r"\b(?:lewat|lebih|melewati|melebihi|telah lewat|setelah)(?: dari)? (?:batas|masa|waktu|tenggat|\d+)|\bmasa (?:retur|tukar|garansi) (?:habis|lewat)|"
    r"\bdi luar (?:batas|masa)|\b(?:batal|pembatalan|cancel|dibatalkan)(?: \S+){0,6}? (?:setelah|sebelum|kurang dari|h-)"
).pattern
_STAGE = words.compile(
    r"\b(?:setelah|sejak|begitu|kalau sudah|bila sudah|jika sudah|apabila sudah|yang sudah|yang telah|saat|ketika|sudah dalam)(?: \S+){0,4}? "
    r"(?:tutup|ditutup|produksi|diproduksi|dibuat|dijahit|dikerjakan|diproses|proses|dikirim|dibelanjakan|dibelikan|dipotong|closing|close|"
    r"dipanggang|dimasak|dicetak|dijadwalkan|pengiriman)\b"
).pattern
_BUYER_WITHDRAWS = words.compile(
    r"<buyer>(?: \S+){0,3}? (?:membatalkan|batal|cancel|mundur|mengundurkan|batalkan)\b|"
    r"\b(?:pembatalan|cancel|dibatalkan|batal|batalkan|mundur)(?: \S+){0,4}? (?:oleh|dari|pihak|atas permintaan)(?: pihak)? <buyer>|"
    r"\b(?:tidak|belum)(?! <can>)(?: \S+){0,3}? (?:jadi|melunasi|dilunasi|pelunasan|lunas|membayar|dibayar|diambil|mengambil|transfer|ditransfer)\b|"
    r"\b(?:batal|tidak jadi)(?: atau batal)? (?:order|diorder|beli|membeli|dibeli|pesan|memesan|ambil)\b|"
    r"\b(?:hitandrun|lalai|wanprestasi|tanpa kabar|atas kemauan|keinginan <buyer>|telat (?:bayar|pelunasan|melunasi)|terlambat (?:bayar|pelunasan|melunasi))\b"
).pattern
_NAMED_CANCEL = words.compile(
    r"\b(?:batal|pembatalan|cancel|dicancel|dibatalkan|membatalkan|batalkan|mundur)\b"
).pattern
_FORCE_MAJEURE = words.compile(r"\b(?:bencana|force majeure|kahar|gempa|banjir|kerusuhan|kebakaran|pandemi)\b").pattern
_OUR_FAULT = words.compile(
    r"\bstok(?: \S+){0,2}? (?:habis|kosong)|\b<goods>(?: \S+){0,2}? (?:kosong|habis|tidak tersedia|tidak ada|gagal)|\b(?:supplier|pemasok|vendor|pabrik|distributor)\b|"
    r"<seller>(?: \S+){0,2}? (?:membatalkan|batal|batalkan|cancel)\b|\b(?:dibatalkan|batal|pembatalan|cancel)(?: \S+){0,2}? (?:oleh|dari|pihak)(?: pihak)? <seller>|"
    r"\b(?:kuota|kloter|target|minimal)(?: \S+){0,4}? tidak (?:terpenuhi|tercapai|penuh|cukup)|\bgagal produksi\b|\btidak (?:jadi|bisa|dapat) (?:kami )?(?:produksi|diproduksi)\b"
).pattern
_SUPPLIER = r"(?:supplier|suplier|pemasok|vendor|pabrik|distributor|agen|produsen|konveksi|pengrajin)"
_LOST = words.compile(
    r"(?:(?<!tidak )(?<!tidak akan )(?<!tidak pernah )(?<!tidak langsung )\b(?:hangus|dihanguskan|gugur)\b|menjadi (?:hak )?milik <seller>|"
    r"<cannot> (?:\S+ )?(?:kembali|balik|dikembalikan|kembalikan|direfund|refund|ditarik|diambil|diminta|diuangkan|cair)\w*|"
    r"tidak (?:akan )?(?:kami )?(?:kembali|dikembalikan|kembalikan|direfund|refund)\b|\bno ?refund\b)"
).pattern
_DEPOSIT_LOST = words.compile(rf"\b<dp>\b(?: \S+){{0,9}}? {_LOST}").pattern
_FULL_BACK = words.compile(r"\b(?:100 ?%|seratus persen|penuh|utuh|seluruh\w*|sepenuhnya|semua\w*)").pattern

_UNTOUCHED_ORDERS = words.compile(
    r"\b(?:pesanan|order|harga|pembeli|yang) (?:\S+ ){0,4}?(?:sudah|telah) (?:masuk|dibayar|memesan|dipesan|diterima|dp|bayar|dikonfirmasi)\b(?: \S+){0,6}? "
    r"(?:tetap|tidak (?:berubah|naik|terpengaruh|ikut)|sesuai|memakai|mengikuti)|"
    r"\bharga(?: \S+){0,3}? (?:berlaku|mengikat|dipakai|anda bayar)(?: \S+){0,3}? (?:harga|saat|pada saat|ketika|waktu)\b|\b(?:hanya|baru) (?:berlaku )?untuk (?:pesanan|po|periode|order) (?:baru|berikut\w*)|"
    r"\b(?:untuk|di|pada) (?:po|periode|batch|kloter|musim|tahun) (?:berikut\w*|depan|selanjutnya)|\bsebelum (?:po dibuka|<buyer> memesan|pesanan masuk)\b|\bpesanan (?:lama|yang ada) tetap\b"
).pattern
_UNILATERAL = words.compile(
    r"(?:sewaktu-waktu|tanpa (?:\S+ ){0,2}?(?:pemberitahuan|konfirmasi|persetujuan|kabar|info\w*)|sepihak|setiap saat|tiap saat|mengikuti kurs|ikut kurs)"
).pattern

BUYER_WITHDRAWS = words.compile(_BUYER_WITHDRAWS)
NAMED_CANCEL = words.compile(_NAMED_CANCEL)
LOST = words.compile(rf"\b(?:<dp>|<money>)\b(?: \S+){{0,9}}? {_LOST}")
STAGE = words.compile(_STAGE, _LATE)

CLAUSES: tuple[Clause, ...] = (
    Clause(
        "no_returns",
        words.compile(
            r"\b(?:semua |segala |setiap )?<goods>(?: (?:yang |kami )?(?:sudah|telah|yang|kami|terjual|dibeli|dipesan|dibayar|diterima|dikirim|atau|dan|dijual|keluar|kirim|beli|pesan|jual|terima|bayar))* "
            r"(?<!yang )<cannot> (?:\S+ ){0,3}?(?:ditukar|dikembalikan|diretur|retur|direturn|ditukarkan|kembali|dikembalikan)\b",
            r"\b(?:pesanan|barang|produk) <buyer> <cannot> (?:\S+ )?(?:dikembalikan|ditukar|diretur|dikemblikan)\b",
            r"\b(?:no|non) (?:retur|tukar|exchange|penukaran)\b|\bno refund (?:atau |dan )?(?:retur|tukar)\b",
            r"\btidak (?:ada|menerima|melayani|terima|bisa|dapat|menyediakan) (?:\S+ )?(?:retur|penukaran|tukar barang|pengembalian (?:barang|produk))\b",
            r"\bretur (?:barang )?tidak (?:diterima|dilayani|ada|berlaku|bisa)\b",
            r"\ball sales (?:are )?final\b",
        ),
        unless=words.compile(_EXCEPTION, _MENDED, _CHANGED_MIND, _USED, _LATE, r"\buang tunai\b", r"\b(?:jika|bila|apabila|kalau) (?:tidak|tanpa) (?:ada|menyertakan|membawa)"),
    ),
    Clause(
        "no_refund",
        words.compile(
            r"\b<money>\b(?: \S+){0,6}? (?:<cannot> (?:\S+ )?(?:kembali|balik|dikembalikan|kembalikan|direfund|refund|ditarik|diminta)|tidak (?:akan )?(?:kami )?(?:kembali|balik|dikembalikan|kembalikan))\w*",
            r"\btidak (?:ada|menerima|melayani|terima|menyediakan) (?:\S+ ){0,2}?(?:refund|pengembalian (?:dana|uang)|uang kembali)\b",
            r"\b(?:no|non) ?refund\b|\bnorefund\b",
            r"\brefund (?:uang )?tidak (?:diterima|dilayani|ada|bisa|berlaku|tersedia)\b|\btanpa (?:berlakunya )?(?:sistem )?refund\b",
            r"\b<money>\b(?: \S+){0,4}? (?:dianggap )?(?:hangus)\b",
            r"\b(?:payments?|deposits?) (?:is|are) (?:not|never) (?:refunded|refundable)\b",
        ),
        unless=words.compile(
            _EXCEPTION, _BUYER_WITHDRAWS, _CHANGED_MIND, _LATE, _STAGE, _FORCE_MAJEURE, rf"\b<dp>\b(?: \S+){{0,9}}? {_LOST}", r"\btidak (?:akan )?hangus\b",
            r"\bongkir\b(?: \S+){0,4}? tidak", r"\bbank atau admin\w*|\bbiaya (?:admin|transfer)",
        ),
    ),
    Clause(
        "no_cancelling",
        words.compile(
            r"<buyer> <cannot> (?:\S+ )?(?:membatalkan|batal|cancel|batalkan|dibatalkan)\b",
            r"\b(?:semua |setiap |segala )?(?:pesanan|order|orderan|pre-order|po|pembelian|transaksi)\b(?: \S+){0,6}? <cannot> (?:\S+ )?(?:dibatalkan|dicancel|cancel|batal|direvisi|dibatal)\b",
            r"\b(?:no|non) (?:cancel|batal|pembatalan)\b",
            r"\btidak (?:ada|menerima|melayani|terima) (?:\S+ )?(?:pembatalan|cancel)\b",
            r"^(?:\S+ ){0,2}?<cannot> (?:cancel|membatalkan|batal|dicancel|dibatalkan)\b",
        ),
        unless=words.compile(_EXCEPTION, _STAGE, r"\bsepihak\b", r"^<seller> <cannot>", _LATE, r"\b(?:lewat|melalui|via) (?:telepon|telpon|dm|sms|chat|email|telp)\b", r"\b(?:tanpa|dengan) (?:biaya|denda|potongan)\b"),
    ),
    Clause(
        "deposit_always_lost",
        words.compile(rf"{_DEPOSIT_LOST}(?: \S+){{0,4}}? (?:dengan |karena |untuk |dalam )?<anyreason>", rf"<anyreason>(?: \S+){{0,6}}? {_DEPOSIT_LOST}"),
        unless=words.compile(_EXCEPTION),
    ),
    Clause(
        "deposit_lost_by_seller",
        words.compile(_DEPOSIT_LOST, r"\bhangus(?: \S+){0,4}? <dp>\b"),
        also=words.compile(_OUR_FAULT),
        unless=words.compile(_EXCEPTION, r"\btidak (?:akan )?hangus\b", _FULL_BACK),
    ),
    Clause(
        "deposit_lost",
        words.compile(_DEPOSIT_LOST),
        unless=words.compile(_EXCEPTION, _NAMED_CANCEL, _BUYER_WITHDRAWS, _STAGE, _CHANGED_MIND, _LATE, r"\btidak (?:akan )?hangus\b", _OUR_FAULT, r"<anyreason>"),
    ),
    Clause(
        "deposit_lost_by_whom",
        words.compile(_DEPOSIT_LOST),
        also=words.compile(_NAMED_CANCEL),
        unless=words.compile(_EXCEPTION, _BUYER_WITHDRAWS, _STAGE, _LATE, _CHANGED_MIND, _OUR_FAULT, r"<anyreason>", r"\btidak (?:akan )?hangus\b"),
    ),
    Clause(
        "refund_short",
        words.compile(
            r"\b(?:dipotong|potongan|dikurangi|dikenakan|terpotong)\b(?: \S+){0,5}? (?:biaya|admin\w*|\d+ ?%|jasa|fee|rp)",
            r"\b(?:refund|kembali\w*|dikembalikan|pengembalian)\b(?: \S+){0,5}? (?:[1-9]|[1-9]\d)(?:\.\d+)?%",
            r"\b(?:refund|diganti|dikembalikan|kembali)\b(?: \S+){0,4}? (?:voucher|saldo|poin|barang lain|produk lain|po berikut\w*)\b",
            r"\b(?:dialihkan|dipindahkan)\b(?: \S+){0,4}? (?:barang lain|produk lain|po berikut\w*|batch berikut\w*)",
        ),
        also=words.compile(_OUR_FAULT),
        unless=words.compile(
            _EXCEPTION, r"\b100 ?%", r"\b(?:utuh|tanpa potongan|seluruhnya|sepenuhnya|penuh)\b", r"\b(?:boleh|bisa|dapat) (?:memilih|pilih|minta)|\bpilih(?:an)?\b|\batau (?:uang|refund|dana)|"
            r"\b(?:jika|bila|kalau|apabila) <buyer> (?:mau|setuju|ingin|bersedia)", r"<buyer> (?:\S+ )?(?:membatalkan|batal)\b",
        ),
    ),
    Clause(
        "price_may_change",
        words.compile(
            rf"\bharga\w*(?: \S+){{0,8}}? (?:<can> )?(?:berubah|naik|berubah-ubah|menyesuaikan)(?: \S+){{0,4}}? {_UNILATERAL}",
            rf"\bharga\w*(?: \S+){{0,3}}? {_UNILATERAL}(?: \S+){{0,2}}? <can> (?:berubah|naik)\b",
            rf"\bperubahan harga(?: \S+){{0,6}}? {_UNILATERAL}",
            rf"<seller>(?: \S+){{0,2}}? (?:berhak|dapat|bisa)(?: \S+){{0,2}}? (?:mengubah|merubah|menaikkan|menaikan|ubah)(?: \S+){{0,2}}? harga\b(?: \S+){{0,6}}? {_UNILATERAL}",
            rf"{_UNILATERAL}(?: \S+){{0,3}}? harga\b(?: \S+){{0,3}}? <can> (?:berubah|naik)",
            r"\b(?:jika|bila|apabila|kalau)\b(?: \S+){0,3}? kenaikan harga\b(?: \S+){0,6}? (?:membayar|bayar|menambah|nambah|ditanggung|mengikuti)\b",
            r"\bharga(?: \S+){0,3}? tidak mengikat\b",
            r"\bselisih (?:kurs|harga)\b(?: \S+){0,4}? (?:ditanggung|dibayar|dibebankan|tanggungan)(?: \S+){0,2}? <buyer>",
            r"\bharga\b(?: \S+){0,3}? (?:mengikuti|sesuai|ikut) (?:harga |kurs )?(?:\S+ )?(?:saat|ketika|waktu|pas) (?:barang|pelunasan|ready|datang|tiba)",
            r"\bprices?\b(?: \S+){0,4}? (?:subject to change|change at any time|change without)",
        ),
        unless=words.compile(_UNTOUCHED_ORDERS, r"\btidak (?:akan )?(?:berubah|naik)\b", r"\bharga (?:pasar|bahan|emas|pesaing)\b(?: \S+){0,8}? harga (?:kami )?tetap"),
    ),
    Clause(
        "terms_may_change",
        words.compile(
            rf"\b(?:mengubah|merubah|memperbarui|mengganti|menambah|memodifikasi|perubahan|ubah)\b(?: \S+){{0,6}}? (?:ketentuan|syarat|aturan|peraturan|kebijakan|s atau k|snk)\b(?: \S+){{0,8}}? {_UNILATERAL}",
            rf"\b(?:ketentuan|syarat|aturan|peraturan|kebijakan|snk|s atau k)\b(?: \S+){{0,5}}? (?:<can> )?(?:(?:kami |<seller> )?ubah|berubah|diubah|dirubah|diganti|diperbarui)(?: \S+){{0,6}}? {_UNILATERAL}",
            rf"{_UNILATERAL}(?: \S+){{0,4}}? (?:mengubah|merubah)(?: \S+){{0,3}}? (?:ketentuan|syarat|aturan|kebijakan)",
            r"\b(?:setuju|menyetujui|tunduk|terikat|mengikuti)\b(?: \S+){0,5}? (?:semua |segala |setiap )?perubahan\b",
        ),
        unless=words.compile(_UNTOUCHED_ORDERS, r"\btidak (?:akan|pernah|dapat|bisa)(?: \S+){0,2}? (?:mengubah|merubah|berubah|diubah)\b", r"\byang tidak setuju\b|\bboleh membatalkan\b"),
    ),
    Clause(
        "seller_cancels_at_will",
        words.compile(
            r"<seller>(?: \S+){0,3}? (?:berhak|dapat|bisa|boleh)(?: \S+){0,2}? (?:membatalkan|menolak|batalkan|cancel)(?: \S+){0,6}? (?:sewaktu-waktu|sepihak|tanpa (?:\S+ ){0,2}?(?:alasan|pemberitahuan|konfirmasi))",
            r"<goods>(?: \S+){0,2}? <can> (?:dibatalkan|dicancel|cancel)(?: \S+){0,2}? (?:sewaktu-waktu|sepihak)(?: \S+){0,2}?(?: oleh)?(?: \S+){0,2}? <seller>",
        ),
        unless=words.compile(_FULL_BACK, r"<seller> tidak (?:akan|pernah|boleh|bisa|dapat)"),
    ),
    Clause(
        "courier_blamed",
        words.compile(
            r"\b(?:kerusakan|kehilangan|rusak\w*|hilang\w*|kerugian|risiko|kesalahan|cacat|remuk|pecah|penyok|kelalaian)\b(?: \S+){0,10}? <courier>(?: \S+){0,8}? <notours>",
            r"<courier>(?: \S+){0,5}? (?:kerusakan|kehilangan|rusak|hilang|pecah|remuk)\b(?: \S+){0,5}? <notours>",
            r"\b<notours> <seller>(?: \S+){0,8}? (?:kerusakan|kehilangan|rusak|hilang)\b(?: \S+){0,8}? <courier>",
            r"\btidak (?:\S+ ){0,2}?bertanggungjawab\b(?: \S+){0,6}? (?:kerusakan|kehilangan|kerugian|hilang\w*|rusak\w*|pecah\w*)\b(?: \S+){0,8}? <courier>",
            r"\b(?:risiko|kerusakan|kehilangan)\b(?: \S+){0,8}? (?:ditanggung|tanggungjawab|tanggungan|beralih|dialihkan|berpindah)(?: \S+){0,3}? <buyer>",
            r"\bretur tidak diterima\b(?: \S+){0,8}? <courier>",
            r"\b(?:paket|kiriman|barang|pesanan)\b(?: \S+){0,2}? (?:hilang|rusak|pecah)\b(?: \S+){0,5}? <notours> <seller>",
            r"\btidak (?:\S+ ){0,2}?bertanggungjawab\b(?: \S+){0,4}? (?:paket|kiriman)(?: \S+)? (?:hilang|rusak|pecah)\b",
        ),
        unless=words.compile(
            r"\b(?:salah alamat|alamat(?: \S+){0,4}? (?:salah|tidak lengkap|keliru))|\b(?:kesalahan|kelalaian|ulah) (?:\S+ )?(?:oleh |dari |pihak )?<buyer>|\boleh <buyer>|\bakibat (?:salah )?pemakaian|\bsalah alamat",
            r"\bkami (?:tetap |akan |tetap akan )?(?:ganti|gantikan|mengganti|kirim ulang|kembalikan|tanggung|bertanggungjawab)\b|\btetap(?: \S+){0,2}? tanggungjawab kami\b",
            r"\bkecuali(?: \S+){0,4}? (?:kemasan|kesalahan|kelalaian)", r"\b(?:pembayaran|transfer|rekening|bank)\b", _FORCE_MAJEURE,
            r"\btidak (?:dibebankan|ditanggung|menjadi tanggungan)(?: \S+){0,3}? <buyer>",
        ),
    ),
    Clause(
        "delay_disclaimed",
        words.compile(
            r"\b(?:keterlambatan|terlambat\w*|telat\w*|molor|delay|mundur\w*)\b(?: \S+){0,12}? <notours>",
            r"\btidak (?:\S+ ){0,2}?bertanggungjawab\b(?: \S+){0,14}? (?:keterlambatan|terlambat\w*|delay|perkiraan (?:tanggal|waktu))\b",
            r"\b(?:keterlambatan|delay)\b(?: \S+){0,6}? (?:tidak (?:dapat|bisa|boleh)(?: \S+)?) (?:dijadikan alasan|menjadi alasan|refund|dikomplain|komplain|cancel|membatalkan)",
        ),
        unless=words.compile(_FORCE_MAJEURE, r"\b(?:pembayaran|transfer|pelunasan|bayar|rekening)\b", r"<buyer> (?:terlambat|telat)|keterlambatan <buyer>|\balamat\b", r"\bkami (?:tetap|akan) (?:\S+ )?(?:mengembalikan|kembalikan|mengganti|bertanggungjawab)"),
    ),
    Clause(
        "supplier_blamed",
        words.compile(
            rf"\b{_SUPPLIER}\b(?: \S+){{0,8}}? <notours>",
            rf"<notours>(?: \S+){{0,8}}? {_SUPPLIER}\b",
            rf"\btidak (?:\S+ ){{0,2}}?bertanggungjawab\b(?: \S+){{0,8}}? {_SUPPLIER}\b",
            rf"\b{_SUPPLIER}\b(?: \S+){{0,6}}? <seller> tidak (?:\S+ ){{0,2}}?(?:bertanggungjawab|menanggung)\b",
        ),
        unless=words.compile(_EXCEPTION, _FORCE_MAJEURE, r"\b(?:tetap|tetapi)(?: \S+){0,2}? <seller>|<seller> (?:tetap|akan)\b", r"\btanggungjawab <buyer>", r"\b(?:penipu\w*|mengaku|mengatasnamakan)\b"),
    ),
    Clause(
        "no_complaints",
        words.compile(
            r"\b(?:no|non) komplain\b",
            r"\btidak (?:menerima|melayani|terima|menanggapi|ada) (?:\S+ )?(?:komplain|protes|pengaduan)\b",
            r"\bkomplain(?: \S+){0,3}? (?:tidak|tidak akan) (?:kami )?(?:diterima|dilayani|ditanggapi|layani|diproses)\b",
            r"\bdilarang (?:komplain|protes)\b",
            r"\b(?:dibebaskan|bebas|lepas) dari (?:segala |semua |setiap )?(?:tuntutan|gugatan)\b|\b(?:pembeli|anda) (?:\S+ )?tidak (?:dapat|bisa|berhak|boleh) (?:menuntut|menggugat)\b",
        ),
        unless=words.compile(_EXCEPTION, _LATE, r"\b(?:tanpa|jika tidak ada|bila tidak ada|tidak disertai|tidak menyertakan)\b(?: \S+){0,5}? (?:video|foto|bukti)", r"\bvideo\b", _USED, _CHANGED_MIND, r"\b(?:di|lewat|melalui) (?:dm|kolom komentar|marketplace)\b", r"\bmaksimal\b"),
    ),
    Clause(
        "no_video_no_complaint",
        words.compile(
            r"\b(?:no|tanpa|tidak ada|tidak disertai|tidak menyertakan)\b(?: \S+){0,4}? (?:video|unboxing)\b(?: \S+){0,8}? (?:no komplain|no retur|no refund|(?:tidak|tidak akan|tidak bisa|tidak dapat)(?: \S+)? (?:terima|diterima|dilayani|layani|diproses|proses|ditanggapi|ditindaklanjuti|berlaku|bisa)|dianggap (?:tidak sah|hangus|batal)|ditolak|hangus)",
            r"\b(?:no komplain|tidak (?:menerima|melayani|terima|ada) (?:\S+ )?(?:komplain|retur|refund)|komplain(?: \S+){0,3}? (?:tidak|hanya)(?: \S+)? (?:diterima|dilayani|ditanggapi|diproses|berlaku)|retur(?: \S+){0,2}? (?:tidak|hanya)(?: \S+)? (?:diterima|dilayani))\b(?: \S+){0,5}? (?:tanpa|jika tidak|bila tidak|kalau tidak|apabila tidak|dengan|jika|apabila)(?: \S+){0,4}? (?:video|unboxing)",
            r"\btidak ada(?: \S+){0,14}? maka(?: \S+){0,4}? komplain(?: \S+){0,4}? (?:tidak|dianggap)(?: \S+)? (?:ditindaklanjuti|sah|diproses|diterima)",
        ),
        unless=words.compile(_EXCEPTION, r"\batau foto\b|\bfoto (?:\S+ )?(?:juga|pun)\b|\b(?:tetap|masih) (?:kami )?(?:layani|terima|bantu|boleh|bisa|periksa|proses)"),
    ),
    Clause(
        "video_demanded",
        words.compile(
            r"\b(?:wajib|harus|diwajibkan|diharuskan)\b(?: \S+){0,5}? (?:video (?:\S+ )?unboxing|unboxing|video (?:saat |ketika |pada saat )?(?:membuka|buka|pembukaan))",
            r"\bvideo (?:\S+ )?unboxing\b(?: \S+){0,3}? (?:wajib|harus|diwajibkan)\b",
        ),
        unless=words.compile(
            r"\btidak (?:wajib|harus|diwajibkan)\b", r"\batau foto\b|\bfoto atau (?:\S+ )?video\b|\bfoto (?:juga|pun)\b", r"\bno komplain\b|\btidak(?: \S+){0,2} (?:dilayani|diterima|diproses|ditanggapi)\b",
        ),
    ),
    Clause(
        "seller_decides_alone",
        words.compile(
            r"\bkeputusan (?:\S+ ){0,3}?(?:<seller>|toko|akhir)?(?: \S+){0,3}? (?:mutlak|final|tidak (?:dapat|bisa) (?:diganggugugat|diganggu|dibantah|ditawar)|tidak diganggugugat)",
            r"\b(?:dianggap benar|selalu benar)\b(?: \S+){0,3}? <seller>|\b<seller> selalu benar\b",
        ),
        unless=words.compile(r"\bkeputusan (?:\S+ )?(?:<buyer>|bpsk|pengadilan|juri|hakim|mediator)\b", r"\btidak (?:bersifat )?(?:mutlak|final)\b", r"\b(?:lomba|giveaway|undian|kuis)\b"),
    ),
    Clause(
        "goods_may_change",
        words.compile(
            rf"\b(?:spesifikasi|model|warna|isi|bahan|desain|motif|<goods>)\b(?: \S+){{0,3}}? <can> (?:berubah|diganti|diubah|berbeda)(?: \S+){{0,3}}? {_UNILATERAL}",
            rf"<seller>(?: \S+){{0,2}}? (?:berhak|dapat|bisa)(?: \S+){{0,2}}? (?:mengganti|mengubah|mengirim|menukar)(?: \S+){{0,2}}? (?:<goods>|warna|model|motif|spesifikasi|isi|varian)(?: \S+){{0,6}}? {_UNILATERAL}",
            r"\b(?:jika|bila|kalau|apabila)(?: \S+){0,5}? (?:habis|kosong)(?: \S+){0,3}? (?:dikirim|kirim|diganti|ganti)(?: \S+){0,2}? (?:random|acak|warna lain|motif lain|barang lain|apa adanya)",
        ),
        unless=words.compile(r"\b(?:konfirmasi|kabari|tanya|tanyakan|hubungi|persetujuan) (?:\S+ ){0,2}?(?:dulu|dahulu|lebih dulu|<buyer>)|\bsetelah (?:disetujui|<buyer> setuju)|\bharga\b|\bstok\b|\b(?:syarat|ketentuan)\b", r"\btidak (?:akan )?(?:berubah|kami ganti|diganti)\b"),
    ),
    Clause(
        "price_typo_excuse",
        words.compile(r"\b(?:kesalahan|salah) (?:ketik|tulis|penulisan|pencantuman|cetak|harga)\b(?: \S+){0,8}? (?:harga|informasi)?(?: \S+){0,6}? (?:tidak berlaku|tidak mengikat|dianggap batal|batal|bukan tanggungjawab)"),
        unless=words.compile(_FULL_BACK, r"\buang (?:\S+ ){0,3}?(?:kembali|dikembalikan)"),
    ),
    Clause(
        "price_on_request",
        words.compile(
            r"\b(?:info |untuk |cek |tanya )?harga\b(?: \S+){0,2}? (?:dm|pm|japri|inbox|chat|wa|whatsapp|hubungi)\b(?: \S+){0,2}?(?:$| (?:admin|saja|aja|dulu|kami|ya))",
            r"\b(?:dm|pm|japri|inbox|chat) (?:\S+ ){0,2}?(?:for price|untuk harga|tanya harga)\b|\bprice on request\b",
        ),
        unless=words.compile(r"\b(?:jumlah besar|partai|grosir|reseller|lebih dari \d+|borongan|custom|khusus|seragam|hampers|corporate)\b"),
    ),
    Clause(
        "cost_unclear",
        words.compile(
            r"\b(?:biaya|charge|denda|potongan|pajak|bea masuk|bea cukai)\b(?: \S+){0,4}? (?:menyusul|menyesuaikan|akan (?:diinformasikan|ditentukan|diberitahukan)|yang besarnya telah ditentukan|sesuai kesepakatan|tergantung (?:situasi|kondisi)|kebijakan <seller>)",
            r"\b(?:pajak|bea masuk|bea cukai|cukai)\b(?: \S+){0,4}? (?:ditanggung|tanggungan|dibebankan|dibayar)(?: \S+){0,2}? <buyer>",
            r"\bbelum termasuk (?:biaya )?(?:pajak|admin|packing|kemasan|jasa|handling|asuransi|ppn)\b",
        ),
        unless=words.compile(r"\brp\b|\d{4,}|\d+ ?(?:rb|ribu|%)|\b\d+\.\d{3}\b", r"\bongkir\b|\bbiaya (?:kirim|pengiriman|antar)\b", r"\b(?:opsional|bila <buyer> mau|jika <buyer> (?:mau|ingin|minta))\b"),
    ),
    Clause(
        "buyers_exposed",
        words.compile(
            r"\b(?:hitandrun|phpin|php|pembeli|penipu|yang (?:\S+ ){0,4}?(?:kabur|batal|cancel))\b(?: \S+){0,8}? (?:disebar\w*|sebar\w*|viralkan|diviralkan|diekspos|ekspos|expose|diexpose|dipublikasikan|dipajang|dipermalukan|diumumkan di|diposting|posting|diupload)",
            r"\b(?:data|foto|nomor|alamat|identitas|ktp)(?:nya)?\b(?: \S+){0,4}? (?:disebar\w*|sebarkan|viralkan|diviralkan|diekspos|diexpose|dipajang|dipublikasikan|diposting)\b",
        ),
        unless=words.compile(r"\btidak(?: akan| pernah| boleh)*(?: kami)? (?:disebar\w*|sebar\w*|menyebar\w*|dipublikasikan|diposting|diviralkan|dipajang|diekspos)", r"\b(?:izin|persetujuan|seizin|setuju)\b", r"\bfoto (?:produk|barang|testimoni|asli)\b"),
    ),
    Clause(
        "consent_bundled",
        words.compile(
            r"\b(?:dengan|otomatis|setiap)\b(?: \S+){0,8}? (?:setuju|bersedia|menyetujui|otomatis|dianggap|dimasukkan|masuk)(?: \S+){0,8}? (?:promo\w*|broadcast|newsletter|iklan|penawaran|marketing)\b",
            r"\bpembeli (?:setuju|bersedia)(?: \S+){0,6}? (?:newsletter|promo\w*|broadcast|iklan)\b",
        ),
        unless=words.compile(r"\btidak (?:otomatis|akan|pernah|wajib|harus|dianggap)\b", r"\b(?:bila|kalau|jika|apabila|hanya) (?:\S+ ){0,3}?(?:mencentang|centang|mau|minta|memilih|setuju|izin)", r"\bharga promo\b|\bkode promo\b|\bsyarat promo\b"),
    ),
    Clause(
        "data_shared",
        words.compile(
            r"\b(?:data|nomor|informasi|alamat)(?:nya)?\b(?: \S+){0,5}? (?:dibagikan|dipakai|dijual|diberikan|disampaikan|digunakan|dibagi)(?: \S+){0,4}? (?:pihak ketiga|pihak lain|mitra|partner|rekanan|sponsor|promosi|iklan|pemasaran)\b",
            r"<seller>(?: \S+){0,2}? (?:dapat|bisa|berhak|akan|boleh) (?:membagikan|menjual|memberikan|menggunakan)(?: \S+){0,4}? data\b(?: \S+){0,6}? (?:pihak ketiga|pihak lain|mitra|partner|promosi|iklan|pemasaran)",
        ),
        unless=words.compile(r"\btidak\b(?: \S+){0,4}? (?:dibagikan|dijual|diberikan|membagikan|menjual|memberikan|kami|digunakan|menggunakan)\b|\btanpa\b", r"\b(?:kurir|ekspedisi|pengiriman)\b", r"\b(?:izin|persetujuan|mencentang|seizin)\b"),
    ),
    Clause(
        "buyers_published",
        words.compile(r"\b(?:chat|testimoni|testi|ulasan|foto (?:pembeli|kakak|anda)|screenshot)\b(?: \S+){0,4}? (?:akan|dapat|boleh|berhak|bisa|otomatis)(?: \S+){0,3}? (?:posting|diposting|unggah|diunggah|upload|diupload|publikasikan|dipublikasikan|dibagikan|pakai untuk promosi|tayangkan)"),
        unless=words.compile(r"\b(?:izin|persetujuan|seizin|setuju|disensor|sensor|tanya|bertanya|tanpa nama)\b", r"\btidak (?:akan|pernah|kami)\b"),
    ),
    Clause(
        "identity_demanded",
        words.compile(r"\b(?:kirim\w*|foto|selfie|lampirkan|melampirkan|upload|unggah|sertakan|menyertakan|wajib|isi|mengisi)\b(?: \S+){0,4}? (?:ktp|kartu keluarga|nik|kk|nama ibu kandung)\b"),
        unless=words.compile(r"\btidak (?:\S+ )?(?:perlu|usah|wajib|harus|meminta|pernah|minta|menyimpan|simpan|mengumpulkan)\b|\bjangan\b|\btanpa\b"),
    ),
)  # fmt: skip


def find_clauses(sentences: Iterable[Sentence], clauses: Sequence[Clause] = CLAUSES) -> Iterator[Problem]:
    """Give a finding for each sentence and rule that it breaks."""
    for sentence in sentences:
        if not sentence.asks:
            codes = dict.fromkeys(clause.code for clause in clauses if breaks(clause, sentence))
            for code in _without_weaker(codes):
                yield Problem(sentence.file, sentence.line, code, {"quote": shortened(sentence.shown)})


def breaks(clause: Clause, sentence: Sentence) -> bool:
    """Say whether a sentence breaks a rule in this way."""
    found = clause.says.search(sentence.plain)
    if found is None:
        return False
    if clause.also is not None and not clause.also.search(sentence.around):
        return False
    if clause.unless is not None and clause.unless.search(sentence.around):
        return False
    if _BEFORE_HARMLESS.search(sentence.plain[: found.start()]) or _AFTER_HARMLESS.search(
        sentence.plain[found.end() :]
    ):
        return False
    # Somebody else's words, quoted to be spoken about.
    outside = words.even(words.unquoted(sentence.shown))
    return bool(clause.says.search(outside)) or len(outside.split()) < 3 or outside == words.even(sentence.shown)


def shortened(text: str) -> str:
    """Give a sentence as the report quotes it."""
    plain = " ".join(text.split())
    return plain if len(plain) <= 90 else plain[:88].rsplit(" ", 1)[0] + " \N{HORIZONTAL ELLIPSIS}"


# One sentence, one remedy: where the first is found the second says nothing new.
_STRONGER = (
    ("no_video_no_complaint", "no_complaints"),
    ("no_video_no_complaint", "video_demanded"),
    ("deposit_always_lost", "no_refund"),
    ("deposit_lost", "no_refund"),
    ("deposit_lost_by_seller", "no_refund"),
    ("deposit_lost_by_seller", "refund_short"),
    ("deposit_always_lost", "deposit_lost_by_seller"),
    ("delay_disclaimed", "courier_blamed"),
    ("delay_disclaimed", "supplier_blamed"),
    ("courier_blamed", "no_returns"),
    ("courier_blamed", "no_complaints"),
    ("buyers_exposed", "data_shared"),
    ("buyers_exposed", "buyers_published"),
    ("price_may_change", "goods_may_change"),
)


def _without_weaker(codes: Iterable[str]) -> list[str]:
    there = set(codes)
    weaker = {second for first, second in _STRONGER if first in there}
    return [code for code in codes if code not in weaker]
