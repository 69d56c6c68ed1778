"""
Making an order again from its row in the sheet, where a restored ledger doesn't know it. What the row doesn't say is
taken from what is published now; what can't be read is told and never guessed.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from intake.ledger.recording import NewOrder
from intake.ledger.store import to_ms
from intake.placing import Snapshots, status_token
from intake.sheet import Found, canonical
from intake.sheet.recall import RecalledRow
from preorder.campaign import WHOLE, Campaign
from preorder.catalogue import Catalogue
from preorder.catalogue import canonical as canonical_json
from preorder.codes import HIGHEST_CODE
from preorder.contact import PhoneError, parse_phone
from preorder.errors import PreorderError
from preorder.order import clean_text
from preorder.payment import Account, DoubtfulAmount, check_amount, deposit_of, pay_by_of
from preorder.product import Product, Variant
from preorder.schedule import ZONES, Window
from preorder.status import HOLDING, PAYING, Actor, Status
from preorder.terms import UniqueCode
from preorder.wording import MONTHS, parse_channel, parse_status

RESTORED_EVENT = "restored_from_sheet"

_INSTANT = re.compile(r"(\d{1,2}) (\w+) (\d{4}) (\d{1,2})[.:](\d{2}) (WIB|WITA|WIT)\b")
_MONTHS = {name.casefold(): number for names in MONTHS.values() for number, name in enumerate(names, start=1)}
# What a choice added to the price, as intake.order_rows writes it behind the choice.
_EXTRA = re.compile(r" \(\+Rp[0-9.]+\)$")
_SUMMARY = re.compile(r"(\d{1,3})\N{MULTIPLICATION SIGN} ([^(]+?)(?: \((.*)\))?")
_NOT_IN_IDS = re.compile(r"[^a-z0-9]+")


class NotRebuilt(PreorderError):
    """
    A row from which no order can be made. Fields: reason ("campaign": it belongs to none that is published; "lines":
    what was ordered can't be read).
    """

    code = "order_not_rebuilt"


@dataclass(frozen=True)
class Rebuilt:
    """
    An order as its row tells it.

    Attributes:
        more: columns of orders that a fresh order doesn't have.
        done: position of a line -> units shipped, where there are any.
        received: rupiah.
        balance_code: what the balance's unique code took off; 0 for none. That of the first payment stands in new.due.
        doubts: codes of what did not fit and should be looked at: "total", "item", "placed_at", "phone".
    """

    campaign: Campaign
    round: int
    snapshot: tuple[str, str]
    new: NewOrder
    more: Mapping[str, Any]
    done: Mapping[int, int]
    received: int
    balance_code: int
    doubts: tuple[str, ...]


@dataclass(frozen=True)
class _Line:
    product_id: str
    variant_id: str
    product_name: str
    variant_name: str
    options: Mapping[str, str]
    qty: int
    price: int
    note: str | None
    done: int
    pools: tuple[str, ...]
    known: bool


class Rebuilder:
    """Makes orders from rows, by one catalogue."""

    def __init__(self, catalogue: Catalogue, secret_key: bytes, now: datetime) -> None:
        self._catalogue = catalogue
        self._secret_key = secret_key
        self._now = now
        self._snapshots = Snapshots()

    def rebuild(self, row: RecalledRow) -> Rebuilt:
        """
        Make the order of a row.

        It stands where the row says, as far as the money in it carries that; what doesn't follow from the row alone
        (she typed "paid" a moment before) is left to be carried out like any edit.

        Raises:
            NotRebuilt
        """
        values, doubts = row.values, []
        campaign = self._campaign(row)
        placed_at = parse_instant(values.get("placed_at"))
        if placed_at is None:
            doubts.append("placed_at")
        window = _window(campaign, placed_at or self._now)
        lines = _lines(campaign, row)
        if not all(line.known for line in lines):
            doubts.append("item")
        goods = sum(line.qty * line.price for line in lines)
        shipping = whole(values.get("shipping"))
        total = goods + (shipping or 0)
        if whole(values.get("total")) != total:
            doubts.append("total")
        phone, phone_hmac = self._phone(values)
        if phone is None and canonical(values.get("whatsapp")):
            doubts.append("phone")
        received = _received(campaign, values, goods, total)
        status, deposit, codes = _standing(campaign, values, goods, shipping, received)
        placed_ms = to_ms(placed_at or self._now)
        now_ms = to_ms(self._now)
        pay_by = parse_instant(values.get("pay_by")) or pay_by_of(
            campaign.payment, placed_at or self._now, window.closes_at
        )
        delivery = canonical(values.get("delivery")) or "-"
        snapshot = self._snapshot(campaign, window)
        new = NewOrder(
            row={
                "ref": row.ref,
                "token": status_token(self._secret_key, row.ref),
                "nonce": None,
                "fields_digest": None,
                "campaign_id": campaign.id,
                "round": window.round,
                "revision": self._catalogue.revision,
                "snapshot_hash": snapshot[0],
                "status": status,
                "version": 1,
                "language": self._catalogue.shop.language,
                # What she accepted on the page is not in the sheet, so it can't be called an order of the web.
                "source": "sheet",
                "received_at_ms": placed_ms,
                "placed_at_ms": placed_ms,
                "name": _text(values, "name") or "-",
                "phone": phone,
                "phone_hmac": phone_hmac,
                "address": _text(values, "address"),
                "note": _text(values, "buyer_note"),
                "channel": parse_channel(_text(values, "channel") or "") or None,
                "goods_rp": goods,
                "shipping_rp": shipping,
                "deposit_rp": deposit,
                "delivery_id": next(
                    (each.id for each in campaign.deliveries if _same(each.name, delivery)), _made_id(delivery)
                ),
                "delivery_name": delivery,
                "terms_accepted_at_ms": None,
            },
            lines=[_line_row(position, line) for position, line in enumerate(lines, start=1)],
            held=_held(campaign, lines),
            due={
                "kind": "deposit" if deposit else "full",
                "amount_rp": (deposit or total) - codes[0],
                "unique_code": codes[0],
                "pay_by_ms": to_ms(pay_by),
                "grace_until_ms": to_ms(pay_by + timedelta(hours=campaign.payment.grace_h)),
                "created_at_ms": placed_ms,
            },
            event={"at_ms": now_ms, "actor": Actor.OPERATOR, "event": RESTORED_EVENT, "to_status": status},
        )
        more = {
            "courier": _text(values, "courier"),
            "tracking": _text(values, "tracking"),
            "seller_note": _text(values, "seller_note"),
            "claimed_at_ms": now_ms if status is Status.PAYMENT_CLAIMED else None,
        }
        done = {position: line.done for position, line in enumerate(lines, start=1) if line.done}
        return Rebuilt(campaign, window.round, snapshot, new, more, done, received, codes[1], tuple(doubts))

    def _campaign(self, row: RecalledRow) -> Campaign:
        prefix, title = row.ref.partition("-")[0], canonical(row.values.get("campaign"))
        titled = [each for each in self._catalogue.campaigns if _same(each.title, title)]
        prefixed = [each for each in self._catalogue.campaigns if each.prefix == prefix]
        both = [each for each in prefixed if each in titled]
        # By both, else by the one or the other where only one comes into question: either may have been renamed.
        for found in (both, prefixed, titled):
            if len(found) == 1:
                return found[0]
        raise NotRebuilt(reason="campaign")

    def _phone(self, values: Mapping[str, Found]) -> tuple[str | None, str | None]:
        try:
            phone = parse_phone(canonical(values.get("whatsapp")))
        except PhoneError:
            return None, None
        return phone, phone_digest(self._secret_key, phone)

    def _snapshot(self, campaign: Campaign, window: Window) -> tuple[str, str]:
        _, body = self._snapshots.make(self._catalogue.shop, campaign, window)
        # Nobody can say any more which wording she accepted; this is the present one, and says so.
        flagged = canonical_json(json.loads(body) | {"restored": True})
        return hashlib.sha256(flagged.encode()).hexdigest(), flagged


def phone_digest(secret_key: bytes, phone: str) -> str:
    """Give the digest of a number, as intake.desk.Desk.phone_hmac does."""
    return hmac.new(secret_key, b"phone:" + phone.encode(), hashlib.sha256).hexdigest()


def parse_instant(value: Found) -> datetime | None:
    """Read what preorder.wording.show_instant writes, in either language; None where it is something else."""
    match = _INSTANT.search(canonical(value))
    month = _MONTHS.get(match[2].casefold()) if match else None
    if match is None or month is None:
        return None
    try:
        return datetime(int(match[3]), month, int(match[1]), int(match[4]), int(match[5]), tzinfo=ZONES[match[6]])
    except ValueError:
        return None


def whole(value: Found) -> int | None:
    """Read a cell that holds a whole number of 0 or more; None for anything else."""
    text = canonical(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 12 else None


def carries(account: Account) -> bool:
    """Say whether the money of an order carries its status: "deposit paid" and "paid" need it."""
    if account.status is Status.PAID:
        return account.settled
    if account.status is Status.DEPOSIT_PAID:
        return account.deposit > 0 and not account.deposit_missing
    return True


def _received(campaign: Campaign, values: Mapping[str, Found], goods: int, total: int) -> int:
    """
    Give what has been received; 0 for what the shop would have asked her about, which is left to be asked like any
    edit.
    """
    received = whole(values.get("money_in")) or 0
    if (parse_status(canonical(values.get("status"))) or Status.AWAITING_PAYMENT) in HOLDING:
        try:
            check_amount(received, deposit_of(goods, total, campaign.payment) or total, total)
        except DoubtfulAmount:
            return 0
    return received


def _standing(
    campaign: Campaign, values: Mapping[str, Found], goods: int, shipping: int | None, received: int
) -> tuple[Status, int, tuple[int, int]]:
    """Give status, deposit, and the unique codes of the first payment and of the balance."""
    shown = parse_status(canonical(values.get("status"))) or Status.AWAITING_PAYMENT
    total = goods + (shipping or 0)
    deposit = int(deposit_of(goods, total, campaign.payment))
    due = whole(values.get("due"))
    codes = _codes(campaign.payment.unique_code, deposit, total, received, due)
    if due is not None and deposit and not any(codes):
        # What she was told counts, should the terms have changed since.
        if shown in PAYING and 0 < due + received < total:
            deposit = due + received
        elif shown is Status.DEPOSIT_PAID and 0 < received < deposit and due == total - received:
            deposit = received
    account = Account(goods, shipping, deposit, received, received, shown, sum(codes), codes[0])
    return (shown if carries(account) else Status.AWAITING_PAYMENT), deposit, codes


def _codes(mode: UniqueCode, deposit: int, total: int, received: int, due: int | None) -> tuple[int, int]:
    """
    Give what unique codes have taken off the first payment and off the balance, from what the row says is still due: the
    price, less what came in, less that.
    """

    def is_code(number: int, most: int = HIGHEST_CODE) -> bool:
        return 0 < (-number if mode is UniqueCode.ADD else number) <= most

    if mode is UniqueCode.NONE or due is None:
        return 0, 0
    first = deposit or total
    if is_code(first - received - due):
        return first - received - due, 0
    both = total - received - due
    if not deposit or not is_code(both, 2 * HIGHEST_CODE):
        return 0, 0
    # The deposit came in as it was asked for; else nobody can say how the two share it, and nothing hangs on that.
    code = first - received if is_code(first - received) else max(-HIGHEST_CODE, min(both, HIGHEST_CODE))
    return (code, both - code) if abs(both - code) <= HIGHEST_CODE else (0, 0)


def _window(campaign: Campaign, placed_at: datetime) -> Window:
    schedule = campaign.schedule
    # The sheet shows minutes: an order of the first seconds may seem to come a moment early.
    return (
        schedule.window_at(placed_at)
        or schedule.window_at(placed_at + timedelta(minutes=1))
        or schedule.rule.last_before(placed_at)
        or schedule.shown_window(placed_at)
    )


def _lines(campaign: Campaign, row: RecalledRow) -> list[_Line]:
    read = [_line(campaign, values) for values in row.lines] or _lines_of_summary(campaign, row.values)
    lines = [line for line in read if line is not None]
    if not lines or len(lines) < len(read):
        raise NotRebuilt(reason="lines")
    return lines


def _line(campaign: Campaign, values: Mapping[str, Found]) -> _Line | None:
    qty, price = whole(values.get("qty")), whole(values.get("price"))
    name = canonical(values.get("product"))
    if not qty or price is None or not name:
        return None
    variant_name, chosen = canonical(values.get("variant")), canonical(values.get("options"))
    product = next((each for each in campaign.products if _same(each.name, name)), None)
    found = [each for each in product.variants if _same(each.name, variant_name)] if product else []
    variant = found[0] if found else None
    done = min(whole(values.get("done")) or 0, qty)
    note = _text(values, "note")
    return _made_line(campaign, product, variant, (name, variant_name), chosen, (qty, price, done), note)


def _made_line(
    campaign: Campaign,
    product: Product | None,
    variant: Variant | None,
    names: tuple[str, str],
    chosen: str,
    numbers: tuple[int, int, int],
    note: str | None,
) -> _Line:
    if product is not None and variant is not None:
        ids, pools = (product.id, variant.id), variant.pools
    else:
        # What it draws from nobody knows any more; the whole campaign's capacity it has taken in any case.
        ids = (product.id if product else _made_id(names[0]), _made_id(names[1]) if names[1] else "")
        pools = (WHOLE,) if WHOLE in campaign.pools else ()
    options = _options(chosen, [option.name for option in product.options] if product else [])
    qty, price, done = numbers
    return _Line(*ids, *names, options, qty, price, note, done, pools, known=variant is not None)


def _lines_of_summary(campaign: Campaign, values: Mapping[str, Found]) -> list[_Line | None]:
    """Read what was ordered from the one cell in the order's row; for a book whose lines tab is gone."""
    named = {
        f"{product.name} {variant.name}".strip().casefold(): (product, variant)
        for product in campaign.products
        for variant in product.variants
    }
    lines: list[_Line | None] = []
    for part in canonical(values.get("summary")).split("; "):
        match = _SUMMARY.fullmatch(part)
        found = named.get(match[2].casefold()) if match else None
        if match is None or found is None or not int(match[1]):
            lines.append(None)
            continue
        product, variant = found
        numbers = (int(match[1]), int(variant.price), 0)
        lines.append(
            _made_line(campaign, product, variant, (product.name, variant.name), match[3] or "", numbers, None)
        )
    return lines


def _options(text: str, names: Iterable[str]) -> dict[str, str]:
    """Read "Colour: Sage, Name: Sari"; what is written freely may hold commas and colons itself."""
    if not text:
        return {}
    pattern = "|".join(re.escape(name) for name in names) or "[^:,]+"
    first, *rest = re.split(rf"(?:^|, )({pattern}): ", text)
    if first or not rest:
        return {"-": text}
    return {name: _EXTRA.sub("", text) for name, text in zip(rest[::2], rest[1::2], strict=True)}


def _line_row(position: int, line: _Line) -> dict[str, Any]:
    return {
        "position": position,
        "product_id": line.product_id,
        "variant_id": line.variant_id or None,
        "product_name": line.product_name,
        "variant_name": line.variant_name or None,
        "options": json.dumps(dict(line.options), ensure_ascii=False),
        "qty": line.qty,
        "price_rp": line.price,
    }


def _held(campaign: Campaign, lines: Iterable[_Line]) -> dict[str, int]:
    units: dict[str, int] = {}
    for line in lines:
        for pool in line.pools:
            if pool in campaign.pools:
                units[pool] = units.get(pool, 0) + line.qty
    return dict(sorted(units.items()))


def _text(values: Mapping[str, Found], code: str) -> str | None:
    try:
        return clean_text(canonical(values.get(code))) or None
    except ValueError:
        # Control characters that no form would have taken: whatever it was, it isn't what a buyer wrote.
        return None


def _same(a: str, b: str) -> bool:
    return " ".join(a.split()).casefold() == " ".join(b.split()).casefold()


def _made_id(name: str) -> str:
    return _NOT_IN_IDS.sub("-", name.casefold()).strip("-")[:60] or "unknown"
