"""An order as its buyer reads it: everything that status.html shows, from the ledger."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup

from intake.ledger.store import StoredLine, StoredOrder
from intake.web.course import course_of_order, steps_of_order
from intake.web.qr import draw_svg
from preorder.campaign import Campaign
from preorder.changes import Change, Ordered, OrderedLine, find_changes
from preorder.contact import PROVINCES, mask_phone
from preorder.money import Rupiah
from preorder.payment import DueKind, PaymentState
from preorder.pricing import accepted_extra, accepted_usual
from preorder.qris import Qris
from preorder.schedule import Method
from preorder.shop import Account, QrisAccount, Shop
from preorder.status import ENDED, HOLDING, Status
from preorder.terms import DeliveryKind
from preorder.timeline import Course, Step
from preorder.wording import PAYMENT_LABELS, STATUS_LABELS

S = Status

# Where couriers show what became of a parcel. Public code disagrees on addresses that carry the number, so these are
# the plain pages.
TRACKING_PAGES = {
    "jne": "https://www.jne.co.id/tracking-package",
    "j&t": "https://jet.co.id/track",
    "jnt": "https://jet.co.id/track",
    "sicepat": "https://www.sicepat.com/checkAwb",
    "anteraja": "https://anteraja.id/tracking",
    "pos": "https://www.posindonesia.co.id/id/tracking",
    "id express": "https://idexpress.com/lacak-paket",
    "idexpress": "https://idexpress.com/lacak-paket",
}

# What an order passes through when all goes well; what comes after the present state is still to do.
_COURIER_PATH = (S.AWAITING_PAYMENT, S.PAID, S.IN_PRODUCTION, S.READY, S.SHIPPED, S.COMPLETED)
_PICKUP_PATH = (S.AWAITING_PAYMENT, S.PAID, S.IN_PRODUCTION, S.READY, S.READY_FOR_PICKUP, S.COMPLETED)
# States beside the path stand where these do.
_BESIDE = {
    S.WAITLISTED: S.AWAITING_PAYMENT, S.OFFERED: S.AWAITING_PAYMENT, S.PAYMENT_CLAIMED: S.AWAITING_PAYMENT,
    S.DEPOSIT_PAID: S.AWAITING_PAYMENT, S.PARTLY_SHIPPED: S.READY,
}  # fmt: skip

# Letters of the street that stay readable on a page whose link may be passed on: enough for its owner to know it.
_STREET_SHOWN = 12


@dataclass(frozen=True)
class LineView:
    """
    A line. Money in rupiah.

    Attributes:
        options: (name, text, what it adds to the price of one unit).
        price: of one unit, with what the options add.
        usual: what one unit would have cost without an early price or one for many; None where the terms don't say.
        bonus: what comes with it only in this pre-order; may be empty.
    """

    name: str
    options: tuple[tuple[str, str, int], ...]
    qty: int
    price: int
    subtotal: int
    usual: int | None = None
    bonus: str = ""


@dataclass(frozen=True)
class StepView:
    """One step of the time line. state: "done", "current" or "todo"; at: when it happened, as far as known."""

    label: str
    state: str
    at: datetime | None


@dataclass(frozen=True)
class QrisView:
    """
    The code of the shop's QRIS for what is due.

    Attributes:
        merchant: the recipient that the payer's app must show.
        ceiling: rupiah, the most that QRIS takes at once.
        picture: the code as SVG; None where more is due than the ceiling.
        plain_picture: beside a picture that holds the amount, the shop's own code without one, for apps that refuse the
            other; else None.
        png_url: the same picture as a file.
    """

    merchant: str
    ceiling: int
    picture: Markup | None
    plain_picture: Markup | None
    png_url: str


def contract(terms_html: str) -> Markup:
    """Give a campaign's contract as a page shows it: the build has made it, from the shop's own content, of safe parts."""
    return Markup(terms_html)  # noqa: S704


@dataclass(frozen=True)
class OrderView:
    """
    What status.html shows. Money in rupiah.

    Attributes:
        campaign_slug: "" once the campaign is no longer published.
        shipping: None while it is settled later.
        due: what is asked for now; refund_due: what goes back to her.
        asked_as: what it is asked for as; None while nothing is.
        code: what its unique code takes off (below 0: adds); discount: what all codes of the order do.
        shared_amount: its amount should be unlike every other, and could not be made so.
        pay_by: the deadline while its payment is waited for, else None.
        accounts: where to pay to, while something is due.
        qris: likewise, where the shop has one.
        refund_days: in how many days a refund is paid.
        course, schedule: when what happens, by the terms that she has accepted.
        claim_url: where "I have transferred" posts to, while that says anything new.
        bonus: what comes with the order only in this pre-order; may be empty.
        zone: the region that has decided about the shipping fee; may be empty.
        terms_html: the contract as she accepted it.
        accepted_at: when that was; None where she has not, for the order came by chat, or nobody knows it any more.
        restored: whether it was made again from the sheet: then the contract is the one of that time.
    """

    ref: str
    status: Status
    status_label: str
    campaign_title: str
    campaign_slug: str
    placed_at: datetime
    lines: tuple[LineView, ...]
    goods: int
    shipping: int | None
    total: int
    deposit: int
    received: int
    due: int
    asked_as: DueKind | None
    code: int
    discount: int
    shared_amount: bool
    refund_due: int
    payment_state: PaymentState
    payment_label: str
    pay_by: datetime | None
    accounts: tuple[Account, ...]
    qris: QrisView | None
    steps: tuple[StepView, ...]
    delivery_name: str
    pickup_note: str
    courier: str | None
    tracking: str | None
    tracking_url: str | None
    name: str
    phone_masked: str
    address: str
    note: str
    chat_url: str
    claim_url: str | None
    terms_html: Markup
    terms_hash_short: str
    course: Course
    refund_days: int
    schedule: tuple[Step, ...]
    bonus: str = ""
    zone: str = ""
    accepted_at: datetime | None = None
    restored: bool = False


def view_order(
    order: StoredOrder,
    shop: Shop,
    *,
    campaign_slug: str,
    chat_url: str,
    claim_url: str,
    now: datetime,
    qris: QrisView | None = None,
) -> OrderView:
    """
    Give an order as its buyer reads it.

    Args:
        shop: gives language, zone and the accounts; everything else is as it was accepted.
        claim_url: used only while a payment is waited for.
        qris: of view_qris, for what is due now.
    """
    money, asked, snapshot = order.money, order.open_due, order.snapshot
    course = course_of_order(order)
    # A late rest of the first payment is asked for without a date: the seller decides about such an order.
    dated = asked is not None and (order.status is S.AWAITING_PAYMENT or asked.kind is DueKind.BALANCE)
    pay_by = asked.pay_by if asked is not None and dated else None
    return OrderView(
        ref=order.ref,
        status=order.status,
        status_label=STATUS_LABELS[shop.language][order.status],
        campaign_title=snapshot["campaign"]["title"],
        campaign_slug=campaign_slug,
        placed_at=order.placed_at,
        lines=tuple(_line(line, snapshot["campaign"]["products"]) for line in order.lines),
        goods=order.goods,
        shipping=order.shipping,
        total=money.total,
        deposit=order.deposit,
        received=order.received,
        due=money.due,
        asked_as=money.asked_as,
        code=asked.code if asked else 0,
        discount=order.discount,
        shared_amount=order.shares_amount,
        refund_due=money.refund_due,
        payment_state=money.state,
        payment_label=PAYMENT_LABELS[shop.language][money.state],
        pay_by=pay_by,
        accounts=shop.accounts if money.due else (),
        qris=qris if money.due else None,
        steps=time_line(order, shop.language),
        delivery_name=order.delivery_name,
        pickup_note=_pickup_note(order),
        courier=order.courier,
        tracking=order.tracking,
        tracking_url=tracking_page(order.courier),
        name=order.name or "",
        phone_masked=mask_phone(order.phone) if order.phone else "",
        address=mask_address(order.address or ""),
        note=order.note or "",
        chat_url=chat_url,
        claim_url=claim_url if money.due and order.status is S.AWAITING_PAYMENT else None,
        # Made by our own templates at the build, from Markdown without raw HTML.
        terms_html=contract(snapshot["terms_html"]),
        terms_hash_short=snapshot["terms_hash"][:12],
        course=course,
        refund_days=int(snapshot["campaign"]["policy"]["refund_within_days"]),
        schedule=steps_of_order(order, course, pay_by, now),
        bonus=snapshot["campaign"].get("bonus", ""),
        zone=_zone(order),
        accepted_at=order.accepted_at,
        restored=bool(snapshot.get("restored")),
    )


def _line(line: StoredLine, products: Sequence[Mapping[str, Any]]) -> LineView:
    """Give a line with what the accepted terms say about it; those of an older program say less."""
    chosen = tuple(
        (name, text, int(accepted_extra(products, line.product_name, name, text)))
        for name, text in line.options.items()
    )
    usual = accepted_usual(products, line.product_name, line.variant_name or "")
    product = next((each for each in products if each["name"] == line.product_name), {})
    return LineView(
        name=line.name,
        options=chosen,
        qty=line.qty,
        price=line.price,
        subtotal=line.qty * line.price,
        usual=None if usual is None else usual + sum(extra for _, _, extra in chosen),
        bonus=product.get("bonus", ""),
    )


def view_qris(qris: QrisAccount, due: Rupiah, label: str, png_url: str) -> QrisView:
    """
    Give the code to pay what is due with, drawn.

    Args:
        due: above 0.
        label: what a screen reader says in place of the code.
    """
    code = qris.code_for(due)
    made = code is not None and code != qris.source
    return QrisView(
        merchant=qris.merchant_name,
        ceiling=qris.ceiling,
        picture=_drawn(code, label) if code is not None else None,
        plain_picture=_drawn(qris.source, label) if made else None,
        png_url=png_url,
    )


def _drawn(code: Qris, label: str) -> Markup:
    return Markup(draw_svg(code.payload, label))  # noqa: S704  draw_svg escapes the label and makes the rest


def time_line(order: StoredOrder, language: str) -> tuple[StepView, ...]:
    """Give what happened, where the order stands, and, while it is alive, what comes next."""
    labels = STATUS_LABELS[language]
    times = {move.to_status: move.at for move in order.moves if move.to_status is not None}
    steps = [StepView(labels[status], "done", at) for status, at in times.items() if status is not order.status]
    state = "done" if order.status is S.COMPLETED else "current"
    steps.append(StepView(labels[order.status], state, times.get(order.status)))
    return (*steps, *(StepView(labels[status], "todo", None) for status in _to_come(order)))


def _to_come(order: StoredOrder) -> tuple[Status, ...]:
    if order.status in ENDED or order.status not in HOLDING | {S.WAITLISTED}:
        return ()
    path: tuple[Status, ...] = _PICKUP_PATH if _delivery(order).get("kind") == DeliveryKind.PICKUP else _COURIER_PATH
    if order.snapshot["campaign"]["schedule"].get("method") == Method.READY:
        path = tuple(status for status in path if status is not S.IN_PRODUCTION)
    here = _BESIDE.get(order.status, order.status)
    if here not in path:
        return (S.COMPLETED,)
    rest = path[path.index(here) + 1 :]
    if order.deposit and order.status in {S.AWAITING_PAYMENT, S.PAYMENT_CLAIMED, S.OFFERED, S.WAITLISTED}:
        rest = (S.DEPOSIT_PAID, *rest)
    if order.deposit and _terms(order).get("production_needs") == "deposit":
        # Then the balance may come before or after production; the payment part of the page says when.
        rest = tuple(status for status in rest if status is not S.PAID)
    return rest


def tracking_page(courier: str | None) -> str | None:
    """Give the page where a courier shows parcels; None for one that we don't know."""
    name = " ".join((courier or "").casefold().split())
    for known, page in TRACKING_PAGES.items():
        if re.search(rf"(?<![a-z]){re.escape(known)}(?![a-z])", name):
            return page
    return None


def mask_address(address: str) -> str:
    """Shorten the street; whoever is passed the link learns the district but not the door."""
    street, separator, area = address.partition("\n")
    if separator and area.count("\n") > 1:
        # The street itself has several lines; only the last two are district and province.
        area = "\n".join(area.rsplit("\n", 2)[-2:])
    shown = street[: min(_STREET_SHOWN, len(street) // 2)].rstrip() + "\N{HORIZONTAL ELLIPSIS}" if street else ""
    return f"{shown}\n{area}" if area else shown


def _delivery(order: StoredOrder) -> Mapping[str, Any]:
    deliveries = order.snapshot["campaign"]["deliveries"]
    return next((delivery for delivery in deliveries if delivery["id"] == order.delivery_id), {})


def _pickup_note(order: StoredOrder) -> str:
    delivery = _delivery(order)
    told = (str(delivery.get(name, "")) for name in ("note", "times"))
    return ". ".join(filter(None, told)) if delivery.get("kind") == DeliveryKind.PICKUP else ""


def view_changes(order: StoredOrder, campaign: Campaign | None, shop: Shop) -> tuple[Change, ...]:
    """
    Give what has changed since an order was agreed on, to be told on its page; nothing once it has ended, and where its
    campaign isn't published any more.
    """
    if campaign is None or order.status in ENDED or order.status not in HOLDING | {S.WAITLISTED}:
        return ()
    lines = (OrderedLine(line.product_name, line.variant_name or "", line.qty, line.options) for line in order.lines)
    ordered = Ordered(tuple(lines), order.delivery_id, _province(order), order.received_at)
    return find_changes(order.snapshot, ordered, campaign, shop)


def _province(order: StoredOrder) -> str:
    """Give the province of an address that was filled in on a form; "" where it is none of those."""
    # "Jawa Barat 40123": the last line, as OrderForm._address writes it.
    province = (order.address or "").rpartition("\n")[2].rpartition(" ")[0]
    return province if province in PROVINCES else ""


def _zone(order: StoredOrder) -> str:
    """Give the region of the accepted terms that an order's province lies in; "" where none has decided about its fee."""
    province = _province(order)
    zones: Sequence[Mapping[str, Any]] = _delivery(order).get("zones", ())
    return next((str(zone["name"]) for zone in zones if province in zone["provinces"]), "")


def _terms(order: StoredOrder) -> Mapping[str, object]:
    terms: Mapping[str, object] = order.snapshot["campaign"]["payment"]
    return terms
