"""Clauses on what is sold and on what paying costs: copies of brands, and a surcharge on QRIS. Only told, for words alone can't prove them."""

from __future__ import annotations

from storefront.linting import words
from storefront.linting.clauses import Clause

# Goods of which copies are sold.
_COPIED = (
    r"(?:tas|sepatu|sandal|jam tangan|dompet|parfum|kacamata|kaos|baju|kemeja|jaket|topi|jersey|hijab|kerudung|mukena|"
    r"skincare|kosmetik|lipstik|headset|earphone|charger|barang|produk|merek|merk|brand|branded)"
)
_FEE = r"(?:biaya(?! (?:kirim|pengiriman|antar|packing|kemasan|transfer))|admin|fee|charge|mdr|potongan|surcharge|tambahan(?! ongkir))"
_BORNE = r"(?:ditanggung|dibebankan|tanggungan|dibayar|dikenakan|beban|dipotong)"

DEALINGS: tuple[Clause, ...] = (
    Clause(
        "surcharge_on_qris",
        words.compile(
            rf"\bmdr\b(?: \S+){{0,6}}? {_BORNE}(?: \S+){{0,3}}? <buyer>",
            rf"\b{_FEE}\b(?: \S+){{0,4}}? qris\b(?: \S+){{0,4}}? {_BORNE}(?: \S+){{0,3}}? <buyer>",
            rf"\bqris\b(?: \S+){{0,5}}? (?:ditambah|tambah|menambah|kena|dikenakan|dikenai|terkena|plus|dibebani|ada)(?: \S+){{0,2}}? {_FEE}\b",
            r"\bqris\b(?: \S+){0,3}? (?:ditambah|tambah|plus|naik|kena|atau) (?:\S+ )?\d+(?:\.\d+)? ?%",
            r"\bqris\b(?: \S+){0,3}? (?:ditambah|tambah|plus|naik|kena) (?:\S+ )?(?:rp ?)?(?:\d{3,}|\d+\.\d{3}|\d+ ?(?:rb|ribu|perak))\b",
            rf"\b{_FEE}(?: (?:admin|layanan|penanganan|tambahan|transaksi|mdr|sebesar|untuk|pembayaran|bayar|dengan|lewat|via|pakai|metode))* qris\b(?: \S+){{0,3}}? (?:rp ?)?\d",
            rf"<buyer>(?: \S+){{0,2}}? (?:menanggung|membayar|menambah\w*)(?: \S+){{0,4}}? (?:mdr\b|{_FEE}(?: \S+){{0,2}}? qris\b)",
            r"\bqris (?:fee|surcharge)\b(?: \S+){0,6}? (?:added|charged|borne|paid by)\b",
        ),
        unless=words.compile(
            rf"\b(?:tidak|tanpa|bebas|gratis|free|nol|0%|no|not|without)\b(?: \S+){{0,5}}? (?:{_FEE}|{_BORNE}|kena|added|charged)\b",
            r"\b(?:ditanggung|tanggungan|dibayar|beban)(?: \S+){0,2}? <seller>|<seller>(?: \S+){0,3}? (?:tanggung|menanggung|bayar|membayar)\b",
            r"\bkode unik\b",
        ),
    ),
    Clause(
        "counterfeit",
        words.compile(
            rf"\b(?:{_COPIED}|kualitas|versi|grade)(?: (?!toko|oleh|dari|di|nama)\S+){{0,2}}? kw\b",
            r"(?<!\d )\bkw ?(?:super|premium|ori|original|mirror|grade|import|aa+)\b",
            r"(?<!\d )\bkw ?[123]\b",
            r"\bsuper mirip\b",
            r"\bmirip (?:\S+ ){0,2}?(?:ori|original)(?:nya)?\b",
            rf"\b{_COPIED}\b(?: \S+){{0,4}}? mirip (?:\S+ ){{0,2}}?asli(?:nya)?\b",
            rf"\b(?:kualitas|grade|versi|{_COPIED}) mirror\b|\bmirror (?:quality|kualitas|grade|ori\w*|premium|1 1)\b",
            r"\bgrade ori(?:ginal)?\b",
            rf"\b{_COPIED}\b(?: \S+){{0,2}}? (?:replika|tiruan|bajakan|palsu)\b|\b(?:replika|tiruan) {_COPIED}\b",
        ),
        unless=words.compile(
            r"\b(?:bukan|tidak|anti|tanpa|no|jangan|awas|hati-hati|waspada|dilarang|dibanding|daripada|selain|not|never)\b(?: \S+){0,5}? (?:kw|mirip|mirror|tiruan|replika|bajakan|palsu|ori)\b",
            # The letters of a name, kilowatts, and grades of wood and tiles.
            r"\b(?:inisial|singkatan|huruf|monogram|kilowatt|watt|listrik|daya|kayu|keramik|ubin|granit|genteng|lantai|rotan|beras)\b",
            # What is made after a thing that is the buyer's.
            r"\b(?:foto|wajah|peliharaan|kucing|anjing|bunga|gambar|rasa\w*|sketsa|cermin|kaca)\b",
        ),
    ),
)  # fmt: skip

# What goods can't be called either.
COPIES = tuple(clause for clause in DEALINGS if clause.code == "counterfeit")
