"""How an order is shown in its row of the sheet, and in the rows of its lines."""

from __future__ import annotations

import gettext
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from intake import sentences
from intake.commands import Bounced
from intake.ledger.outbox import SheetRecord
from intake.ledger.store import StoredLine, StoredOrder
from intake.sheet import Cell, OrderRow
from preorder.contact import show_phone, whatsapp_link
from preorder.pricing import accepted_extra
from preorder.wording import PAYMENT_LABELS, STATUS_LABELS, show_channel, show_instant, show_rupiah


@dataclass(frozen=True)
class Wording:
    """How rows are worded: the shop's language and zone."""

    language: str
    zone: str
    translation: gettext.NullTranslations


def order_row(record: SheetRecord, order: StoredOrder, wording: Wording) -> OrderRow:
    """Give an order as its row in the sheet should look. Text stays text; counts and money are numbers."""
    money, language = order.money, wording.language
    # Nothing that she did: it lasts as long as the amount does.
    message = record.message or (Bounced("amount_shared").message() if order.shares_amount else None)
    values: dict[str, Any] = {
        "ref": order.ref,
        "status": STATUS_LABELS[language][order.status],
        "name": order.name,
        "whatsapp": show_phone(order.phone) if order.phone else None,
        "summary": "; ".join(_line_text(line) for line in order.lines),
        "buyer_note": order.note,
        "total": money.total,
        "due": money.due,
        "pay_by": _shown(order.open_due.pay_by, wording) if order.open_due else None,
        "money_in": order.received or None,
        "payment": PAYMENT_LABELS[language][money.state],
        "delivery": order.delivery_name,
        "shipping": order.shipping,
        "address": order.address,
        "courier": order.courier,
        "tracking": order.tracking,
        "seller_note": order.seller_note,
        "chat": _chat(order, wording),
        "campaign": order.snapshot["campaign"]["title"],
        "placed_at": _shown(order.placed_at, wording),
        "channel": show_channel(order.channel, language) if order.channel else None,
        "message": sentences.explain(message, wording.translation, language, wording.zone) if message else None,
    }
    return OrderRow(
        ref=order.ref,
        values=values,
        seen=record.seen,
        lines=tuple(_line_row(order, line, language) for line in order.lines),
        insert=not record.written,
        final=record.erased,
    )


def _line_text(line: StoredLine) -> str:
    chosen = ", ".join(f"{name}: {text}" for name, text in line.options.items())
    return f"{line.qty}\N{MULTIPLICATION SIGN} {line.name}" + (f" ({chosen})" if chosen else "")


def _line_row(order: StoredOrder, line: StoredLine, language: str) -> dict[str, Cell]:
    return {
        "ref": order.ref,
        "product": line.product_name,
        "variant": line.variant_name,
        "options": _options_text(order, line) or None,
        "qty": line.qty,
        "price": line.price,
        "subtotal": line.qty * line.price,
        "note": line.note,
        "done": line.qty_done,
        "status": STATUS_LABELS[language][order.status],
    }


def _options_text(order: StoredOrder, line: StoredLine) -> str:
    """Give what the buyer decided about a line, with what it added to the price: "Ukuran: XL (+Rp15.000)"."""
    products = order.snapshot["campaign"]["products"]
    parts = []
    for name, text in line.options.items():
        extra = accepted_extra(products, line.product_name, name, text)
        parts.append(f"{name}: {text}" + (f" (+{show_rupiah(extra)})" if extra else ""))
    return ", ".join(parts)


def _chat(order: StoredOrder, wording: Wording) -> str | None:
    if not order.phone:
        return None
    _ = wording.translation.gettext
    draft = _("Hello %(name)s, about your order %(ref)s: ") % {"name": order.name, "ref": order.ref}
    return whatsapp_link(order.phone, draft)


def _shown(instant: datetime | None, wording: Wording) -> str | None:
    return show_instant(instant, wording.zone, wording.language) if instant else None
