"""What a shop has kept of the sample that it was made from: above all where money and messages would go to a stranger."""

from __future__ import annotations

from collections.abc import Iterator

from preorder.shop import Shop
from storefront.origin import Origin, Passage
from storefront.problems import Problem
from storefront.reader import Content

# The sample shop's, as content/ of the repository has them.
NAME = "Teras Wulan"
TAGLINE = "baju bordir, dan keramik titipan"
WHATSAPP = "+6281200001234"
EMAIL = "halo@teraswulan.example"
ADDRESS = "Jl. Kenanga Dalam No. 7"
HOLDER = "Ratri Contohwati"
NUMBERS = frozenset({"0123456789", "081200001234"})
QRIS = (
    "00020101021126660014COM.CONTOH.WWW011893600999000001234202150000000000012340303UMI51440014ID.CO.QRIS.WWW"
    "0215ID10200000005070303UMI5204546253033605802ID5911TERAS WULAN6008SALATIGA61055071162070703A0163040D98"
)
TITLES = frozenset({"Gamis Bordir Nama", "Kue Kering Rasa Lebaran", "Titip Keramik Jepang"})
# Stands in its links, and in no other shop's.
HANDLE = "teraswulan"
# Stand in its sentences, and in no other shop's.
MARKS = (NAME, ADDRESS, "bengkel-bengkel kecil yang ia kunjungi", "menunggu di rak")


def find_sample(content: Content) -> Iterator[Problem]:
    """Give what is still the sample's in a shop that goes by another name."""
    shop, origin = content.shop, content.origin
    if shop.name.casefold() == NAME.casefold():
        return
    yield from _money(shop, origin)
    yield from _kept(origin, [*_of_shop(shop, origin), *_marked(content.passages, origin.file)])
    for file in dict.fromkeys(passage.file for passage in content.passages if passage.file != origin.file):
        yield from _kept(Origin(file, origin.header), list(_marked(content.passages, file)))
    for item in content.campaigns:
        found = list(_marked(item.passages, item.origin.file))
        if item.campaign.title in TITLES:
            found.insert(0, (item.campaign.title, item.origin.line("title")))
        yield from _kept(item.origin, found)


def _money(shop: Shop, origin: Origin) -> Iterator[Problem]:
    if shop.whatsapp == WHATSAPP:
        yield Problem(origin.file, origin.line("whatsapp"), "sample_whatsapp", {"key": origin.key("whatsapp")})
    for place, account in enumerate(shop.accounts):
        if account.number in NUMBERS or account.holder == HOLDER:
            name = "number" if account.number in NUMBERS else "holder"
            fields = {"key": origin.key(name), "text": f"{account.provider} {account.number}, {account.holder}"}
            yield Problem(origin.file, origin.line("accounts", place, name), "sample_account", fields)
    if shop.qris is not None and shop.qris.payload == QRIS:
        yield Problem(origin.file, origin.line("qris", "code"), "sample_qris", {"key": origin.key("code")})


def _of_shop(shop: Shop, origin: Origin) -> Iterator[tuple[str, int]]:
    """Give key and line of each part of the header that is the sample's."""
    kept = {
        "tagline": TAGLINE in shop.tagline,
        "email": shop.email == EMAIL,
        "address": shop.address == ADDRESS,
        "avatar": shop.avatar is not None and NAME in shop.avatar.alt,
        "links": any(HANDLE in link.url for link in shop.links),
    }
    for name, is_kept in kept.items():
        if is_kept:
            yield origin.key(name), origin.line(name)


def _marked(passages: tuple[Passage, ...], file: str) -> Iterator[tuple[str, int]]:
    """Give each line of a file that only the sample says, shortened."""
    for passage in passages:
        if passage.file == file:
            for number, line in enumerate(passage.text.split("\n"), passage.line):
                if any(mark in line for mark in MARKS):
                    yield (
                        f"\N{LEFT DOUBLE QUOTATION MARK}{line.strip()[:40]}\N{HORIZONTAL ELLIPSIS}\N{RIGHT DOUBLE QUOTATION MARK}",
                        number,
                    )


def _kept(origin: Origin, found: list[tuple[str, int]]) -> Iterator[Problem]:
    """Give one finding for all of a file, at the first line."""
    if found:
        found.sort(key=lambda kept: kept[1])
        text = ", ".join(f"{shown} (:{line})" for shown, line in found)
        yield Problem(origin.file, found[0][1], "sample_left", {"text": text})
