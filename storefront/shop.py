"""Reading shop.md: who sells, and the house rules."""

from __future__ import annotations

import re
from dataclasses import dataclass

from preorder.photo import Photo
from preorder.qris import CEILING, parse_source
from preorder.qris_elements import QrisError
from preorder.salutation import Salutation
from preorder.shop import CHANNELS, QRIS_ID, Account, AccountKind, Link, QrisAccount, Shop
from storefront.album import Album
from storefront.deliveries import read_regions
from storefront.fields import Block
from storefront.frontmatter import Items, Text
from storefront.ids import Ids
from storefront.terms import BLOCKS, Terms, read_terms
from storefront.theme import read_theme
from storefront.vocabulary import find_choice

KEYS = (
    "name", "tagline", "language", "zone", "whatsapp", "email", "city", "address", "since", "avatar", "accounts", "qris", "links", "regions", "privacy", "channels", "theme", "salutation", "html", *BLOCKS,
    "internal_notes",
)  # fmt: skip

_NUMBER = re.compile(r"[0-9][0-9 .\-]{3,38}[0-9]")
# Nobody sets a lower ceiling on purpose: such a number is thousands with the zeros left out.
_LEAST_CEILING = 1_000
MOST_MONTHS = 120
# More answers than that nobody reads through; longer ones don't fit on a phone.
_MOST_CHANNELS = 20
_LONGEST_CHANNEL = 40
_MONTHS = re.compile(r"([0-9]{1,3})\s*(bulan|tahun|months?|years?)", re.IGNORECASE)
_LINK_KIND = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True)
class House:
    """
    What shop.md says.

    Attributes:
        shop: None where something in it is wrong, which has been reported.
        language, zone: as far as they could be read.
        html: whether texts may hold HTML.
    """

    shop: Shop | None
    terms: Terms
    language: str
    zone: str
    html: bool = False


def read_shop(block: Block, album: Album) -> House:
    """Read the header of shop.md; problems go to its source."""
    before = len(block.source.problems)
    block.require("name", "whatsapp", "city", "address", "accounts")
    language = block.choice("language", "language") or "id"
    zone = block.choice("zone", "zone") or "WIB"
    name, tagline = block.name_text("name"), block.text("tagline", 160)
    whatsapp = block.phone("whatsapp")
    email = block.email("email")
    city, address = block.name_text("city"), block.name_text("address", 300)
    since = block.count("since", 1900, 2100)
    avatar: Photo | None = None
    if inner := block.block("avatar", ("file", "alt")):
        avatar = album.photo(inner)
    accounts, qris, links = _accounts(block), _qris(block), _links(block)
    keep_months = _keep_months(block)
    channels = _channels(block)
    theme = read_theme(block)
    salutation = Salutation(block.choice("salutation", "salutation") or Salutation.KAKAK)
    html = block.yes("html", default=False)
    terms = read_terms(block, read_regions(block))
    shop = None
    if len(block.source.problems) == before and name and whatsapp and city and address:
        shop = Shop(
            name=name, tagline=tagline or "", language=language, zone=zone, whatsapp=whatsapp, email=email or "", city=city,
            address=address, since=since, accounts=accounts, links=links, avatar=avatar, qris=qris,
            keep_months=keep_months, channels=channels, theme=theme, salutation=salutation,
        )  # fmt: skip
    return House(shop, terms, language, zone, html)


def _keep_months(block: Block) -> int | None:
    inner = block.block("privacy", ("keep",))
    if inner is None:
        return None
    inner.require("keep")
    text = inner.matching("keep", _MONTHS, "not_months")
    found = _MONTHS.fullmatch(text) if text else None
    if found is None:
        return None
    months = int(found[1]) * (12 if found[2].lower()[0] in "ty" else 1)
    if not 1 <= months <= MOST_MONTHS:
        inner.report("keep", "not_months", text=text)
        return None
    return months


def _channels(block: Block) -> tuple[str, ...]:
    node = block.raw("channels")
    if node is None:
        return CHANNELS
    if isinstance(node, Items) and node.items:
        return block.words("channels", _MOST_CHANNELS, _LONGEST_CHANNEL) or ()
    asked = find_choice("yes_no", node.text) if isinstance(node, Text) else None
    if asked is None:
        block.report("channels", "not_channels")
    return CHANNELS if asked == "yes" else ()


def _accounts(block: Block) -> tuple[Account, ...]:
    seen = Ids(block.source)
    accounts = []
    items = block.blocks("accounts", ("id", "kind", "name", "number", "holder", "url"), most=20)
    if items == []:
        block.report("accounts", "empty_list")
    for item in items or ():
        item.require("kind", "name", "number", "holder")
        provider = item.name_text("name", 40) or ""
        kind = item.choice("kind", "account_kind") or "bank"
        number = item.matching("number", _NUMBER, "not_account_number") or ""
        holder = item.name_text("holder") or ""
        account_id = seen.id_of(item, provider)
        if account_id == QRIS_ID:
            name = "id" if item.has("id") else "name"
            item.report(
                name, "qris_as_account", text=account_id, qris=item.source.word("qris"), inner=item.source.word("code")
            )
        url = item.https_url("url") or ""
        accounts.append(Account(account_id, AccountKind(kind), provider, re.sub(r"[ .\-]", "", number), holder, url))
    return tuple(accounts)


def _qris(block: Block) -> QrisAccount | None:
    inner = block.block("qris", ("code", "dynamic", "most"))
    if inner is None:
        return None
    inner.require("code")
    dynamic = inner.yes("dynamic", default=False)
    most = inner.rupiah("most", least=_LEAST_CEILING)
    # Every blank counts in it: lengths are part of the text.
    pasted = inner.verbatim("code")
    if pasted is None:
        return None
    try:
        source = parse_source(pasted.text)
    except QrisError as error:
        for fault in error.faults:
            block.source.report(pasted.line, fault.code, key=inner.key("code"), **fault.fields)
        return None
    return QrisAccount(source.payload, dynamic, CEILING if most is None else most)


def _links(block: Block) -> tuple[Link, ...]:
    links = []
    for item in block.blocks("links", ("kind", "label", "url"), most=40) or ():
        item.require("kind", "url")
        kind = item.matching("kind", _LINK_KIND, "not_link_kind") or ""
        label = item.text("label", 60) or kind.capitalize()
        links.append(Link(kind, label, item.https_url("url") or ""))
    return tuple(links)
