"""
Indonesian as sellers type it, made even: abbreviations and slang spelled out, marks and capitals gone, so that a rule
is written once.
"""

from __future__ import annotations

import re

# What stands for what; words that are part of longer ones stay as they are.
_SLANG = {
    "tidak": "tdk tdak tidk tak gak ga gk g nggak enggak ngga engga ndak kagak kaga tida",
    "bisa": "bs bsa isa",
    "tidak bisa": "gabisa gakbisa gbisa gkbisa nggabisa nggakbisa",
    "dapat": "dpt dpat",
    "jawab": "jwb jwab",
    "harga": "hrg hrga hargany",
    "barang": "brg brng barangnya brgnya",
    "produk": "prdk produknya product",
    "yang": "yg yng",
    "sudah": "sdh udh udah dah sdah sudh",
    "telah": "tlh",
    "dengan": "dgn dg dngn",
    "untuk": "utk untk",
    "karena": "krn karna krna",
    "jika": "jk jikalau",
    "kalau": "klo kalo klu kalu",
    "bila": "bl bilamana",
    "apabila": "apbila",
    "tanpa": "tnp tanp",
    "harus": "hrs",
    "dari": "dr dri",
    "pada": "pd",
    "oleh": "olh",
    "dalam": "dlm",
    "atau": "atw ato",
    "dan": "n",
    "retur": "return retrun returr reture",
    "refund": "refun reffund refaund",
    "komplain": "komplen komplin complain complaint complaints complein complen komplaint keluhan claim klaim",
    "cancel": "cancle cansel kensel kencel cancell canceled cancelled cancellation",
    "dicancel": "dicansel dicancle",
    "risiko": "resiko",
    "ekspedisi": "expedisi ekspidisi ekspedis ekpedisi expedition",
    "video": "vidio vidieo videonya vidionya",
    "unboxing": "unboxsing unboking unbox unboxingnya",
    "pembeli": "buyer pmbeli customer costumer cust pelanggan konsumen pemesan pengguna klien",
    "penjual": "seller olshop",
    "dp": "dpnya",
    "kami": "kita",
    "tanggungjawab": "tanggungjwb",
    "pengembalian": "pngembalian",
    "dikembalikan": "dkembalikan dibalikin dibalikan dikembaliin",
    "ditukar": "dituker dtukar ditukarkan ditukarin",
    "dibatalkan": "dibatalin dibatalkn",
    "hangus": "angus",
    "apapun": "apa2",
    "pre": "preorder",
    "bukan": "bkn",
    "maksimal": "max maks maksimum",
    "minimal": "min minim minimum",
    "kuota": "quota",
    "stok": "stock stoknya",
    "ongkir": "ongkos-kirim ongkirnya",
    "sebelum": "sblm",
    "setelah": "stlh stelah sesudah",
    "jam": "jm",
    "hari": "hr",
    "tanggal": "tgl",
    "sewaktu-waktu": "sewaktu2 sewaktuwaktu",
}
_SPELLED = {short: long for long, shorts in _SLANG.items() for short in shorts.split()}

# Passive verbs that many write apart: "di kembalikan".
_APART = re.compile(
    r"\bdi[ -](?=(?:kembali|tukar|retur|refund|batal|cancel|beli|pesan|bayar|transfer|terima|proses|layani|tanggapi|ganti|ganggu|"
    r"order|kirim|setor|tindak|buka|ambil|tarik|pakai|cuci|tutup|buat|jahit|sebar|posting|blacklist|kenakan|potong|tanggung|anggap)\w*)"
)
_PHRASES = (
    (re.compile(r"\bongkos kirim\b"), "ongkir"),
    (re.compile(r"\b(?:jasa )?(?:pengiriman|kurir|delivery) (?:barang )?company\b|\bdelivery company\b"), "kurir"),
    (re.compile(r"\btanggung jawab\b"), "tanggungjawab"),
    (re.compile(r"\bbertanggung jawab\b|\bbertanggungjawab\b"), "bertanggungjawab"),
    (re.compile(r"\b(?:uang muka|down payment|uang panjar|tanda jadi|d\.p\.?)(?: atau dp| dp)?(?:nya)?\b"), "dp"),
    (re.compile(r"\bdp atau dp\b|\bdp dp\b"), "dp"),
    (re.compile(r"\bapa pun\b"), "apapun"),
    (re.compile(r"\bsewaktu waktu\b|\bkapan saja\b|\bkapanpun\b|\bkapan pun\b"), "sewaktu-waktu"),
    (re.compile(r"\btindak lanjuti\b"), "tindaklanjuti"),
    (re.compile(r"\bganggu gugat\b"), "ganggugugat"),
    (re.compile(r"\bnon[ -]?refundable\b"), "norefund"),
    (re.compile(r"\bhit (?:and|n|dan|atau) run\b"), "hitandrun"),
    (re.compile(r"\bout of stock\b|\boos\b"), "stok kosong"),
    (re.compile(r"(\d) ?x ?(\d)"), r"\1x\2"),
)
_CROSSES = re.compile(
    "[\N{CROSS MARK}\N{NO ENTRY SIGN}\N{NO ENTRY}\N{HEAVY MULTIPLICATION X}\N{BALLOT X}\N{MULTIPLICATION X}]\ufe0f?"
)
_NO_WORDS = r"(?:no|non|tidak|tdk|gak|ga|dilarang|jangan|tanpa|bukan|stop)\b"
_QUOTED = re.compile('["\u201c\u201d\u00ab\u2018]([^"\u201c\u201d\u00bb\u2019]{3,})["\u201c\u201d\u00bb\u2019]')

# What the patterns of the rules abbreviate.
_MACROS = {
    "<few>": r"(?:\S+ ){0,4}?",
    "<some>": r"(?:\S+ ){0,9}?",
    "<can>": r"(?:dapat|bisa|boleh|mungkin|diperkenankan|diizinkan|diperbolehkan)",
    "<cannot>": r"(?:tidak(?: akan| lagi)? (?:dapat|bisa|boleh|diperkenankan|diizinkan|diperbolehkan)(?: lagi| untuk)*|dilarang)",
    "<goods>": r"(?:barang|produk|pesanan|item|paket|order|orderan|belanjaan|kue|baju|pakaian|belanja)",
    "<buyer>": r"(?:pembeli|anda|kakak|kak|kamu|bunda|sis|agan|kalian)",
    "<seller>": r"(?:kami|penjual|admin|owner|pihak toko|pihak kami|toko)",
    "<dp>": r"(?:dp|booking fee)",
    "<money>": r"(?:uang|dana|pembayaran|transferan|duit)",
    "<courier>": r"(?:ekspedisi|kurir|pengiriman|perjalanan|jasa kirim|jasa pengiriman|di jalan|pengantaran)",
    "<notours>": re.compile(
        r"(?:(?:bukan|di ?luar|tidak menjadi|lepas dari)(?: \S+){0,3}? tanggungjawab|bukan (?:\S+ )?(?:salah|kesalahan|urusan)(?= (?:kami|penjual|admin|toko)))"
    ).pattern,
    "<anyreason>": r"(?:tanpa (?:ter|di|pe)?(?:ke)?cuali(?:an)?|tanpa pengecualian|alasan apapun|(?:keadaan|kondisi|hal|bentuk|situasi) apapun|apapun alasan\w*|"
    r"apapun yang terjadi|mutlak)",
}


def even(text: str) -> str:
    """
    Give a sentence with slang spelled out, in small letters, without marks; words are parted by one blank.

    >>> even("Brg yg sdh dibeli TDK bs di kembalikan!!")
    'barang yang sudah dibeli tidak bisa dikembalikan'
    """
    plain = _CROSSES.sub(" no ", text.lower())
    plain = re.sub(rf"\bno (?=no\b|{_NO_WORDS})", " ", re.sub(r"\s+", " ", plain))
    plain = re.sub(r"\s*[/&+|]\s*", " atau ", plain)
    plain = (
        re.sub(r"(\w)\1{2,}", r"\1", plain)
        if not re.search(r"\d{3,}", plain)
        else re.sub(r"([a-z])\1{2,}", r"\1", plain)
    )
    plain = re.sub(r"(?<=\d)[.,](?=\d)", "\u00b7", plain)
    plain = re.sub(r"[^\w%\u00b7-]+|(?<!\w)-|-(?!\w)", " ", plain).replace("\u00b7", ".")
    words = (_SPELLED.get(word, word) for word in plain.split())
    plain = " ".join(words)
    for pattern, spelled in _PHRASES:
        plain = pattern.sub(spelled, plain)
    return _APART.sub("di", plain).replace("di-", "di")


def unquoted(text: str) -> str:
    """Give a text without what stands between quotation marks."""
    return _QUOTED.sub(" ", text)


def compile(*patterns: str) -> re.Pattern[str]:  # noqa: A001  named as the module's callers read it: words.compile()
    """Give a pattern that finds any of these in a text of even(); <buyer> and its like stand for their words."""
    joined = "|".join(f"(?:{pattern})" for pattern in patterns)
    for name, meaning in _MACROS.items():
        joined = joined.replace(name, meaning)
    return re.compile(joined)
