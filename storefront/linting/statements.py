"""Numbers in the seller's sentences against those that the program reckons with: the page must not say two things."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from preorder.campaign import Campaign
from preorder.money import MoneyError, parse_rupiah
from preorder.pricing import specials_of
from preorder.product import Limits
from storefront.linting import words
from storefront.linting.clauses import BUYER_WITHDRAWS, LOST, NAMED_CANCEL, STAGE, shortened
from storefront.linting.numbers import capacity
from storefront.linting.reading import Sentence
from storefront.problems import Problem

# Two working days are the least, so that anything under two days is too short however it is counted.
_SHORT_TIME = words.compile(
    r"\bbatas (?:waktu )?(?:komplain|retur|penukaran|pengembalian)(?: \S+){0,3}? (?:1x24(?: jam)?|(?P<hours2>\d{1,2}) jam|1 hari)\b",
    r"\b(?:komplain|retur|penukaran|tukar|pengembalian|lapor\w*|pelaporan|garansi|refund)\b(?: \S+){0,8}? (?:maksimal|paling lambat|selambat\S*|hanya|dalam|batas|sebelum|di|langsung|dilakukan)"
    r"(?: \S+){0,3}? (?:1x24(?: jam)?|(?P<hours>\d{1,2}) jam|1 hari|hari yang sama|hari itu juga)\b",
)
_AFTER_RECEIPT = words.compile(r"\b(?:diterima|terima|menerima|sampai|tiba|datang)\b")
_ANSWER = words.compile(
    r"\b(?:dijawab|dibalas|ditanggapi|diproses|jawab|balas|tanggapi|respon\w*|kami proses|kami bantu|selesai)\b"
)

_DEPOSIT = words.compile(r"\bdp\b(?: \S+){0,5}? (?P<percent>\d{1,3}) ?%")
_NO_DEPOSIT_TALK = words.compile(
    r"\b(?:kembali\w*|dikembalikan|refund|hangus|potong\w*|batal\w*|dibatalkan|membatalkan|cancel|tanpa dp|tidak ada dp|% dari dp|sisa|pelunasan \d)\b"
)

_UNITS = r"(?:pcs|pc|buah|box|toples|pack|pak|pasang|unit|botol|loyang|potong|item|set|biji|porsi|lusin)"
_AMOUNT_LIMIT = words.compile(
    r"\b(?P<which>minimal|maksimal) (?:\S+ )?(?:order|pemesanan|pembelian|pesan|memesan|beli|membeli|pesanan)(?:nya)? (?:adalah )?(?P<units>\d{1,4}) ?"
    rf"(?P<unit>{_UNITS})\b",
    r"\b(?:order|pemesanan|pembelian|pesan|memesan|beli) (?P<which2>minimal|maksimal) (?P<units2>\d{1,4}) ?"
    rf"(?P<unit2>{_UNITS})\b",
)
_OTHER_LIMIT = words.compile(
    r"\b(?:reseller|grosir|diskon|gratis|bonus|free|harga|custom|bordir|kloter|batch|produksi|dropship|potongan|hemat|khusus|seragam)\b"
)

_BATCH = words.compile(
    r"\b(?:terkumpul|tercapai|mencapai|memenuhi|kloter|batch|kuota|produksi|jalan|diproduksi)(?: \S+){0,5}? (?:minimal|sedikitnya|paling sedikit)(?: \S+){0,3}? (?P<units>\d{1,5}) ?"
    rf"{_UNITS}\b",
    r"\b(?:minimal|sedikitnya|paling sedikit)(?: \S+){0,3}? (?:terkumpul|kuota|kloter|batch|produksi|total)(?: \S+){0,3}? (?P<units2>\d{1,5}) ?"
    rf"{_UNITS}\b",
    r"\b(?:kuota minimal|minimal kuota|minimal kloter|kloter minimal|minimal produksi|produksi minimal)(?: \S+){0,2}? (?P<units3>\d{1,5})\b(?! ?%)",
)

_PRICE = words.compile(
    r"\bharga(?:nya)?(?: (?:hanya|cuma|mulai|dari|adalah|satuan|satu|per|setiap|toples|pcs|box|kami))* (?:rp ?)?"
    r"(?P<amount>\d{1,3}(?:\.\d{3})+|\d+(?:\.\d+)? ?(?:rb|ribu|jt|juta)|\d{4,9})\b"
)
_OTHER_PRICE = words.compile(
    r"\b(?:coret|normal|promo|diskon|sebelumnya|dulu|luar|lain|ongkir|bahan|pasaran|pasar|naik|ready|reseller|grosir|tambah\w*|plus|hemat|kain|biasa|asli|tidak|mal|mall|setelah|bukan|lalu)\b"
)


_PAY_TIME = words.compile(
    r"\b(?:bayar|dibayar|pembayaran|transfer|ditransfer|membayar|dp)\b(?: \S+){0,6}? (?:maksimal|paling lambat|selambat\S*|dalam|batas)(?: (?:waktu|adalah))*"
    r" (?:(?P<days24>\d)x24(?: jam)?|(?P<hours>\d{1,3}) jam|(?P<days>\d{1,2}) hari)\b(?! kerja)"
)
_OTHER_TIME = words.compile(
    r"\b(?:pelunasan|melunasi|lunas|sisa|refund|kembali\w*|dikembalikan|konfirmasi\w*|verifikasi\w*|kami (?:cek|periksa|proses)|dikirim|sebelum|setelah (?:barang|siap|ready|tiba))\b"
)
_COMPLAINT_DAYS = words.compile(
    r"\b(?:komplain|retur|penukaran|lapor\w*|pelaporan|kabari)\b(?: \S+){0,6}? (?:maksimal|paling lambat|selambat\S*|dalam)(?: waktu)? (?P<days>\d{1,2}) hari\b"
)


def find_short_times(sentences: Iterable[Sentence]) -> Iterator[Problem]:
    """Give a finding for each sentence that leaves less than two days to complain."""
    for sentence in sentences:
        found = _SHORT_TIME.search(sentence.plain)
        if (
            found
            and not sentence.asks
            and int(found["hours"] or found["hours2"] or 24) < 48
            and _AFTER_RECEIPT.search(sentence.plain)
            and not _ANSWER.search(sentence.plain)
        ):
            yield Problem(sentence.file, sentence.line, "complaint_time_short", {"quote": shortened(sentence.shown)})


def find_differences(sentences: Iterable[Sentence], campaigns: Sequence[Campaign]) -> Iterator[Problem]:
    """
    Give a finding for each number that none of these campaigns has.

    Args:
        campaigns: one for its own words, all for the house's.
    """
    for sentence in sentences:
        if sentence.asks or not campaigns:
            continue
        for code, fields in _differences(sentence, campaigns):
            yield Problem(sentence.file, sentence.line, code, {"quote": shortened(sentence.shown), **fields})


def _differences(sentence: Sentence, campaigns: Sequence[Campaign]) -> Iterator[tuple[str, Mapping[str, str | int]]]:
    plain = sentence.plain
    percents = {campaign.payment.deposit_percent for campaign in campaigns}
    found = _DEPOSIT.search(plain)
    if found and not _NO_DEPOSIT_TALK.search(plain) and int(found["percent"]) not in percents:
        yield "deposit_differs", {"said": int(found["percent"]), "set": max(percents)}
    yield from _times(plain, campaigns)
    yield from _limits(plain, [campaign.limits for campaign in campaigns])
    if (
        NAMED_CANCEL.search(plain)
        and BUYER_WITHDRAWS.search(sentence.around)
        and LOST.search(plain)
        and not STAGE.search(sentence.around)
        and any(stage.percent for campaign in campaigns for stage in campaign.policy.stages)
    ):
        yield "refund_differs", {}
    if len(campaigns) == 1:
        yield from _batch(plain, campaigns[0])
        yield from _price(plain, campaigns[0])


def _times(plain: str, campaigns: Sequence[Campaign]) -> Iterator[tuple[str, Mapping[str, str | int]]]:
    hours = {campaign.payment.pay_within_h for campaign in campaigns}
    found = _PAY_TIME.search(plain)
    if found and not _OTHER_TIME.search(plain):
        said = int(found["hours"] or 0) or 24 * int(found["days24"] or found["days"])
        if said not in hours:
            yield "pay_time_differs", {"hours": max(hours)}
    least = min(campaign.policy.complaint_days for campaign in campaigns)
    found = _COMPLAINT_DAYS.search(plain)
    if found and int(found["days"]) < least and _AFTER_RECEIPT.search(plain) and not _ANSWER.search(plain):
        yield "complaint_time_differs", {"days": least}


def _limits(plain: str, limits: Sequence[Limits]) -> Iterator[tuple[str, Mapping[str, str | int]]]:
    found = _AMOUNT_LIMIT.search(plain)
    if not found or _OTHER_LIMIT.search(plain):
        return
    which, unit = found["which"] or found["which2"], found["unit"] or found["unit2"]
    said = int(found["units"] or found["units2"]) * (12 if unit == "lusin" else 1)
    least = {limit.min_per_order for limit in limits}
    most = {most for limit in limits for most in (limit.max_per_order, limit.max_per_buyer)}
    if which == "minimal" and said not in least:
        yield "limit_differs", {"said": said}
    if which == "maksimal" and said not in most:
        yield "limit_differs", {"said": said}


def _batch(plain: str, campaign: Campaign) -> Iterator[tuple[str, Mapping[str, str | int]]]:
    found, most = _BATCH.search(plain), capacity(campaign)
    if not found:
        return
    units = int(next(value for value in found.groupdict().values() if value))
    if most is not None and units > most:
        yield "batch_above_quota", {"said": units, "quota": most}
    elif campaign.batch is not None and units != campaign.batch.minimum:
        yield "batch_differs", {"said": units, "set": campaign.batch.minimum}


def _price(plain: str, campaign: Campaign) -> Iterator[tuple[str, Mapping[str, str | int]]]:
    found = _PRICE.search(plain)
    if not found or _OTHER_PRICE.search(plain):
        return
    try:
        said = parse_rupiah(re.sub(r"(?<=\d)\.(?=\d{1,2} ?(?:rb|ribu|jt|juta))", ",", found["amount"]))
    except MoneyError:
        return
    prices = {variant.price for product in campaign.products for variant in product.variants}
    prices |= {
        special.price
        for product in campaign.products
        for variant in product.variants
        for special in specials_of(product, variant)
    }
    # Twelve of one kind or fewer are a price too: "harga 3 toples".
    if not any(price and said % price == 0 and said // price <= 12 for price in prices):
        yield "price_differs", {"said_amount": said}
