"""The rows of the tabs for enquiries, and what the seller answers there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from intake import sentences
from intake.commands import Bounced
from intake.commands.texts import TEXT_LIMITS, read_text
from intake.commands.words import bare, is_error
from intake.ledger import enquiries
from intake.ledger.enquiries import StoredEnquiry
from intake.ledger.store import to_ms
from intake.ledger.writer import Transaction
from intake.order_rows import Wording
from intake.sheet import Cell, Found, same_value
from intake.sheet.tabs import QUOTATIONS, WAITLIST, TabRow
from preorder.catalogue import Catalogue
from preorder.contact import show_phone, whatsapp_link
from preorder.enquiries import SELLER_SETS, EnquiryKind, EnquiryStatus
from preorder.wording import ENQUIRY_LABELS, show_date, show_instant

# Columns that she may edit, with what is in them now.
_EDITABLE = ("status", "seller_note")
# Beside the labels of both languages.
_WORDS: Mapping[EnquiryStatus, tuple[str, ...]] = {
    EnquiryStatus.WAITING: ("belum", "belum dijawab", "tunggu", "open", "not yet"),
    EnquiryStatus.ANSWERED: ("sudah dijawab", "sudah", "jawab", "ditawarkan", "ditawari", "answer", "replied", "done"),
    EnquiryStatus.DECLINED: ("tidak", "tidak sanggup", "ditolak", "tolak", "batal", "no", "decline", "refused"),
}
_STATUSES = {
    bare(text): status
    for status in EnquiryStatus
    for text in (*(labels[status] for labels in ENQUIRY_LABELS.values()), *_WORDS.get(status, ()))
}


def waitlist_rows(connection: Connection, catalogue: Catalogue, wording: Wording, now: datetime) -> list[TabRow]:  # noqa: ARG001  as all that give rows
    """Give a row for each who waits or has waited for something to be free, or for the next opening."""
    kinds = (EnquiryKind.WAITLIST, EnquiryKind.INTEREST)
    return [_waiting_row(each, wording) for each in enquiries.newest(connection, kinds, WAITLIST.ceiling)]


def quotation_rows(connection: Connection, catalogue: Catalogue, wording: Wording, now: datetime) -> list[TabRow]:  # noqa: ARG001
    """Give a row for each request for an offer."""
    found = enquiries.newest(connection, (EnquiryKind.QUOTATION,), QUOTATIONS.ceiling)
    return [_quotation_row(each, wording) for each in found]


def _waiting_row(each: StoredEnquiry, wording: Wording) -> TabRow:
    _ = wording.translation.gettext
    in_line = each.kind is EnquiryKind.WAITLIST
    return TabRow(
        each.ref,
        _common(each, wording)
        | {
            "kind": _("Something to be free") if in_line else _("Orders to open"),
            "units": each.units if in_line else None,
            "part": (_("yes") if each.accepts_part else _("no")) if in_line else None,
        },
    )


def _quotation_row(each: StoredEnquiry, wording: Wording) -> TabRow:
    message = each.message
    values = _common(each, wording) | {
        "units": each.units,
        "needed_by": show_date(each.needed_by, wording.language) if each.needed_by else None,
        "company": each.company or None,
        "seller_note": each.seller_note,
        "message": sentences.explain(message, wording.translation, wording.language, wording.zone) if message else None,
    }
    return TabRow(each.ref, values, {code: each.seen.get(code, []) for code in _EDITABLE})


def _common(each: StoredEnquiry, wording: Wording) -> dict[str, Cell]:
    _ = wording.translation.gettext
    draft = _("Hello %(name)s, about %(title)s: ") % {"name": each.name, "title": each.title}
    return {
        "status": ENQUIRY_LABELS[wording.language][each.status],
        "asked_at": show_instant(each.asked_at, wording.zone, wording.language),
        "campaign": each.title,
        "wanted": "; ".join(
            f"{line.qty}\N{MULTIPLICATION SIGN} {line.name}"
            + (f" ({', '.join(f'{name}: {text}' for name, text in line.options.items())})" if line.options else "")
            for line in each.lines
        )
        or None,
        "name": each.name,
        "whatsapp": show_phone(each.phone) if each.phone else None,
        "note": each.note or None,
        "chat": whatsapp_link(each.phone, draft) if each.phone else None,
    }


def note_intended(tx: Transaction, rows: Sequence[TabRow]) -> None:
    """Remember what is about to be written into cells that she may edit: it is ours, whether the write lands or not."""
    for row in rows:
        new = {
            code: [*row.ours[code], row.values[code]] for code in row.ours if not _has(row.ours[code], row.values[code])
        }
        if new and (stored := enquiries.by_ref(tx.connection, row.ref)) is not None:
            enquiries.note_row(tx, stored.enquiry_id, seen=dict(row.ours) | new)


def _has(ours: Sequence[Cell], value: Cell) -> bool:
    return any(same_value(each, value) for each in ours)


def carry_out(tx: Transaction, rows: Sequence[TabRow], edits: Mapping[str, Mapping[str, Found]], now: datetime) -> None:
    """
    Carry out what she has typed beside requests for an offer, or say in the row why not.

    Args:
        rows: as they were shown. What stands in a cell is remembered, so that each edit is carried out once.
    """
    for row in rows:
        typed = edits.get(row.ref, {})
        seen = {code: [typed.get(code, row.values[code])] for code in row.ours}
        if not typed and all(len(ours) == 1 for ours in row.ours.values()):
            continue
        stored = enquiries.by_ref(tx.connection, row.ref, lock=True)
        if stored is None:
            continue
        message = None
        for code, value in typed.items():
            try:
                _edit(tx, stored, code, value, now)
            except Bounced as refusal:
                message = refusal.message()
        kept = {"seen": seen} | ({"message": message} if typed else {})
        enquiries.note_row(tx, stored.enquiry_id, **kept)


def _edit(tx: Transaction, stored: StoredEnquiry, code: str, value: Found, now: datetime) -> None:
    if code == "seller_note":
        enquiries.change(tx, stored, to_ms(now), seller_note=read_text(value, TEXT_LIMITS["seller_note"]))
        return
    if isinstance(value, str) and is_error(value):
        raise Bounced("error_value", value=value.strip()[:40])
    target = _STATUSES.get(bare(value)) if isinstance(value, str) else None
    if target is stored.status:
        return
    if target is None or target not in SELLER_SETS[stored.status]:
        kind = "enquiry_left" if stored.status is EnquiryStatus.LEFT else "unknown_answer"
        raise Bounced(kind, value=str(value or "").strip()[:40])
    enquiries.change(tx, stored, to_ms(now), status=target)
