"""What a buyer has to be told before she orders and is not: the contract's items, complaints, who sells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from preorder.campaign import Campaign
from preorder.product import Product
from preorder.shop import Shop
from preorder.terms import DeliveryKind, Scheme
from storefront.linting import words
from storefront.linting.numbers import Places
from storefront.linting.reading import Sentence
from storefront.origin import Origin, Part
from storefront.problems import Problem

# Shorter words of a product's name ("kue", "set") stand in any text.
_TELLING = 4

_LEGAL = words.compile(
    r"\b(?:p-?irt|bpom|halal|nonhalal|sni|nib|izin|berizin|legal|legalitas|resmi|sah|bea masuk|pajak|cukai|terdaftar|tiruan|bajakan|kw|(?:barang|produk|dijamin|garansi|100 ?%) (?:asli|original|ori)|\w*(?:buat|bikin|jahit|masak|panggang|produksi)\w* sendiri|"
    r"buatan tangan|lisensi|hak cipta|larangan|licen[cs]ed|permit\w*|genuine|lawful\w*|customs|taxes)\b"
)
_COMPLAINT = words.compile(
    r"\b(?:komplain|pengaduan|aduan|mengadu|kecewa|tidak puas|kendala|bermasalah|ada masalah|rusak|cacat|remuk|pecah|salah kirim|tidak sesuai|broken|damaged|wrong item)\b"
)
_ANSWERED = words.compile(
    r"\b(?:komplain|pengaduan|aduan)\b(?:.{0,160})\b(?:\d+x24|\d+ (?:hari|jam|days?|hours?|menit)|hari yang sama|(?:satu|dua|tiga|lima|tujuh) hari|one day|two days|working days?)\b",
    r"\b(?:kami|we) (?:\S+ ){0,3}?(?:(?:men)?jawab|(?:mem)?balas|(?:men)?tanggapi|menanggapi|(?:me)?respons?|answer|reply)\b(?:.{0,80})\b(?:\d+x24|\d+ (?:hari|jam|days?|hours?)|hari yang sama|(?:satu|dua|tiga) hari|one day|two days|working days?)\b",
)
_IDENTITY = words.compile(r"\b(?:ktp|nik|kartu keluarga|nama ibu|npwp)\b")


def find_missing_in_shop(
    shop: Shop, origin: Origin, about: str, sentences: Sequence[Sentence], now: datetime
) -> Iterator[Problem]:
    """
    Give what the shop's file does not say.

    Args:
        about: the Markdown below its header.
        sentences: of all house texts.
    """

    def problem(code: str, name: str, **fields: str | int) -> Problem:
        return Problem(origin.file, origin.line(name), code, {"key": origin.key(name), **fields})

    if not any(character.isdigit() for character in shop.address) and len(shop.address.split()) < 4:
        yield problem("address_vague", "address", text=shop.address)
    if not shop.email:
        yield problem("email_missing", "email")
    if not about.strip():
        yield problem("about_missing", "tagline")
    if not shop.links:
        yield problem("links_missing", "links")
    if shop.since is not None and shop.since > now.year:
        yield problem("since_in_future", "since", value=shop.since)
    if shop.qris is not None:
        yield from (
            Problem(origin.file, origin.line("qris", "code"), fault.code, {"key": origin.key("code")})
            for fault in shop.qris.source.warnings
        )
    holders = {" ".join(account.holder.casefold().split()): account.holder for account in shop.accounts}
    named = " ".join(sentence.plain for sentence in sentences)
    strangers = [
        holder
        for plain, holder in holders.items()
        if not any(word in named for word in plain.split() if len(word) >= _TELLING)
    ]
    if len(holders) > 1 and strangers and not _share_a_word(list(holders)):
        yield problem("holders_differ", "accounts", text=strangers[0])


def find_missing_in_words(
    origin: Origin, sentences: Sequence[Sentence], *, cancelling_explained: bool
) -> Iterator[Problem]:
    """Give what neither the house texts nor a campaign's own say: how to cancel, and how to complain."""
    if not cancelling_explained:
        yield Problem(origin.file, origin.line("cancellation"), "cancelling_unexplained", {})
    told = [sentence for sentence in sentences if sentence.part is not Part.HEADER]
    if not any(_COMPLAINT.search(f"{sentence.question} {sentence.plain}") for sentence in told):
        yield Problem(origin.file, origin.line("whatsapp"), "complaint_unexplained", {})
    elif not any(_ANSWERED.search(f"{sentence.question} {sentence.around}") for sentence in told):
        yield Problem(origin.file, origin.line("whatsapp"), "complaint_answer_missing", {})


def find_missing_in_campaign(
    campaign: Campaign, places: Places, sentences: Sequence[Sentence], *, house: Sequence[Sentence]
) -> Iterator[Problem]:
    """
    Give what a campaign does not say.

    Args:
        sentences: its own.
        house: those of all campaigns.
    """
    own = " ".join(
        f"{sentence.question} {sentence.plain}" for sentence in sentences if sentence.part is not Part.HEADER
    )
    for number, product in enumerate(campaign.products):
        if not _is_specified(product, own):
            yield places.problem("specification_missing", "products", number, "name", text=product.name)
        for at, option in enumerate(product.options):
            if _IDENTITY.search(words.even(option.name)):
                found = places.problem("identity_demanded", "products", number, "options", at, "name")
                yield Problem(found.file, found.line, found.code, {"quote": option.name})
    if not any(_LEGAL.search(sentence.plain) for sentence in (*sentences, *house)):
        yield places.problem("legality_missing", "products")
    if campaign.schedule.ships_after is None:
        yield places.problem("ship_time_missing", "schedule", "ships")
    for number, delivery in enumerate(campaign.deliveries):
        if delivery.kind is DeliveryKind.PICKUP and not (delivery.note or delivery.times):
            yield places.problem("pickup_unclear", "delivery", number, "note", text=delivery.name)
        elif delivery.everywhere and delivery.fee is None and not delivery.note:
            yield places.problem("fee_unexplained", "delivery", number, "fee", text=delivery.name)
    stages = campaign.policy.stages
    if campaign.payment.scheme is Scheme.FULL and not any(stage.percent for stage in stages):
        yield places.problem("nothing_back", "cancellation", "by_buyer")


def _is_specified(product: Product, text: str) -> bool:
    if product.summary or product.options or any(variant.name or variant.weight_g for variant in product.variants):
        return True
    # A word that begins like the name's: "kastengelnya", "mugs".
    stems = [word[: max(_TELLING, len(word) - 1)] for word in words.even(product.name).split() if len(word) >= _TELLING]
    return any(stem in text for stem in stems or [words.even(product.name)])


def _share_a_word(names: Sequence[str]) -> bool:
    common = set(names[0].split())
    for name in names[1:]:
        common &= set(name.split())
    return bool(common)
