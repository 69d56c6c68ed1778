"""Enquiries in the ledger: what buyers ask for where they can't order."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, func, insert, select, update

from intake.ledger.locks import lock_named
from intake.ledger.schema import enquiries, enquiry_events
from intake.ledger.store import from_ms
from intake.ledger.writer import Transaction
from preorder.enquiries import MOST_WAITING, Enquiry, EnquiryKind, EnquiryLine, EnquiryStatus, TooManyEnquiries
from preorder.status import Actor

_IS_WAITING = enquiries.c.status == EnquiryStatus.WAITING


@dataclass(frozen=True)
class StoredEnquiry:
    """
    An enquiry as it stands. name and phone are None after an erasure.

    Attributes:
        title: of the campaign, as she read it.
        asked_at: decides about the place in the line.
        consent, consented_at: the sentence under which she left her number, and when; later than asked_at where she
            has changed what she asks for.
        seen: column code -> cell of the seller's row, as last written or read.
        message: code with its values (JSON) of what the seller is told in her row; None for nothing.
    """

    enquiry_id: int
    ref: str
    token: str
    kind: EnquiryKind
    campaign_id: str
    round: int
    title: str
    status: EnquiryStatus
    version: int
    asked_at: datetime
    name: str | None
    phone: str | None
    lines: tuple[EnquiryLine, ...]
    units: int
    accepts_part: bool
    company: str
    needed_by: date | None
    note: str
    consent: str
    consented_at: datetime
    seller_note: str | None
    seen: Mapping[str, Any]
    message: str | None


@dataclass(frozen=True)
class NewEnquiry:
    """
    An enquiry to be stored.

    Attributes:
        fields_digest: of what was posted, with the slip of the form that it came with.
        consent: the sentence under which she left her number.
    """

    enquiry: Enquiry
    title: str
    language: str
    fields_digest: str
    phone_hmac: str
    consent: str
    asked_at_ms: int


def find_same(connection: Connection, fields_digest: str) -> tuple[str, str] | None:
    """Give ref and token of what was asked with exactly these fields, unless the asker has left."""
    found = (
        select(enquiries.c.ref, enquiries.c.token)
        .where(enquiries.c.fields_digest == fields_digest)
        .order_by(enquiries.c.enquiry_id.desc())
        .limit(1)
    )
    row = connection.execute(found).first()
    return (row.ref, row.token) if row else None


def is_taken(connection: Connection, ref: str) -> bool:
    """Say whether an enquiry has this ref."""
    return connection.execute(select(enquiries.c.enquiry_id).where(enquiries.c.ref == ref)).first() is not None


def add(tx: Transaction, new: NewEnquiry, ref: str, token: str) -> None:
    """
    Store an enquiry under a ref that nobody has.

    Raises:
        TooManyEnquiries: her number waits for the same thing often enough.
    """
    asked = new.enquiry
    waiting = (
        select(func.count())
        .select_from(enquiries)
        .where(
            enquiries.c.campaign_id == asked.campaign_id,
            enquiries.c.round == asked.round,
            enquiries.c.kind == asked.kind,
            enquiries.c.phone_hmac == new.phone_hmac,
            _IS_WAITING,
        )
    )
    if tx.execute(waiting).scalar_one() >= MOST_WAITING:
        raise TooManyEnquiries(most=MOST_WAITING)
    row = {
        "ref": ref,
        "token": token,
        "kind": asked.kind,
        "campaign_id": asked.campaign_id,
        "round": asked.round,
        "status": EnquiryStatus.WAITING,
        "asked_at_ms": new.asked_at_ms,
        "changed_at_ms": new.asked_at_ms,
        "fields_digest": new.fields_digest,
        "name": asked.name,
        "phone": asked.phone,
        "phone_hmac": new.phone_hmac,
    }
    row |= _said(new)
    tx.execute(insert(enquiries), row)
    enquiry_id = tx.execute(select(enquiries.c.enquiry_id).where(enquiries.c.ref == ref)).scalar_one()
    _add_event(
        tx, enquiry_id, "asked", Actor.BUYER, new.asked_at_ms, target=EnquiryStatus.WAITING, data={"units": asked.units}
    )


def change_wish(tx: Transaction, enquiry: StoredEnquiry, new: NewEnquiry) -> None:
    """
    Put what is asked for now in the place of what was: all that she says is as she says it now, her place stays, and
    the press that had asked at first still leads here.

    Args:
        enquiry: read with lock in the same transaction.
    """
    asked = new.enquiry
    if _wish(asked) == _wish(enquiry):
        return
    change(tx, enquiry, new.asked_at_ms, event="changed", actor=Actor.BUYER, data={"units": asked.units}, **_said(new))


def _said(new: NewEnquiry) -> dict[str, Any]:
    """Give the columns of what an asker says, and under which words."""
    return _wish(new.enquiry) | {
        "title": new.title,
        "language": new.language,
        "consent": new.consent,
        "consented_at_ms": new.asked_at_ms,
    }


def _wish(of: Enquiry | StoredEnquiry) -> dict[str, Any]:
    """Give the columns of what is wished for."""
    return {
        "lines": _lines_text(of.lines),
        "units": of.units,
        "accepts_part": int(of.accepts_part),
        "company": of.company or None,
        "needed_by": of.needed_by.isoformat() if of.needed_by else None,
        "note": of.note or None,
    }


def lock_asker(tx: Transaction, phone_hmac: str) -> None:
    """Keep others from asking with the same number until the transaction ends."""
    lock_named(tx, "asker", phone_hmac)


def by_token(connection: Connection, token: str, *, lock: bool = False) -> StoredEnquiry | None:
    """
    Give the enquiry of a page.

    Args:
        lock: nobody else changes it until the transaction ends. Who goes on to change it asks for this: on PostgreSQL
            the asker may leave while the seller answers.
    """
    return _one(connection, select(enquiries).where(enquiries.c.token == token), lock)


def by_ref(connection: Connection, ref: str, *, lock: bool = False) -> StoredEnquiry | None:
    """Give the enquiry of a row. lock: as for by_token."""
    return _one(connection, select(enquiries).where(enquiries.c.ref == ref), lock)


def _one(connection: Connection, found: Select[Any], lock: bool) -> StoredEnquiry | None:
    row = connection.execute(found.with_for_update(key_share=True) if lock else found).mappings().first()
    return _stored(row) if row else None


def place_in_line(connection: Connection, enquiry: StoredEnquiry) -> int:
    """Give how many wait for the same round on the waitlist up to this one, itself included."""
    found = (
        select(func.count())
        .select_from(enquiries)
        .where(
            enquiries.c.campaign_id == enquiry.campaign_id,
            enquiries.c.round == enquiry.round,
            enquiries.c.kind == enquiry.kind,
            enquiries.c.enquiry_id <= enquiry.enquiry_id,
            _IS_WAITING,
        )
    )
    return int(connection.execute(found).scalar_one())


def newest(connection: Connection, kinds: Sequence[EnquiryKind], most: int) -> list[StoredEnquiry]:
    """Give the newest enquiries of these kinds, oldest first."""
    found = select(enquiries).where(enquiries.c.kind.in_(kinds)).order_by(enquiries.c.enquiry_id.desc()).limit(most)
    return [_stored(row) for row in connection.execute(found).mappings()][::-1]


def waiting_counts(connection: Connection) -> dict[tuple[str, int, EnquiryKind], int]:
    """Give (campaign id, round, kind) -> how many wait."""
    found = (
        select(enquiries.c.campaign_id, enquiries.c.round, enquiries.c.kind, func.count().label("number"))
        .where(_IS_WAITING)
        .group_by(enquiries.c.campaign_id, enquiries.c.round, enquiries.c.kind)
    )
    return {(row.campaign_id, row.round, EnquiryKind(row.kind)): row.number for row in connection.execute(found)}


def change(
    tx: Transaction,
    enquiry: StoredEnquiry,
    now_ms: int,
    *,
    event: str = "",
    actor: Actor = Actor.SELLER,
    data: Mapping[str, int] | None = None,
    **values: Any,
) -> None:
    """
    Change columns of an enquiry, raise its version, and append to its history.

    Args:
        enquiry: read with lock in the same transaction.
        event: what the history calls it; "moved" or, where the status stays, "noted" if not said.
    """
    tx.execute(
        update(enquiries)
        .where(enquiries.c.enquiry_id == enquiry.enquiry_id)
        .values(version=enquiries.c.version + 1, changed_at_ms=now_ms, **values)
    )
    target = values.get("status")
    event = event or ("noted" if target is None else "moved")
    _add_event(tx, enquiry.enquiry_id, event, actor, now_ms, source=enquiry.status, target=target, data=data)


def refs_of(connection: Connection, phone_hmac: str) -> list[str]:
    """Give the refs of all enquiries with this number, oldest first."""
    found = select(enquiries.c.ref).where(enquiries.c.phone_hmac == phone_hmac).order_by(enquiries.c.enquiry_id)
    return list(connection.execute(found).scalars())


def unchanged_since(connection: Connection, before_ms: int, limit: int) -> list[str]:
    """Give the refs of enquiries that nothing has happened to since then, and whose askers' data is still there."""
    found = (
        select(enquiries.c.ref)
        .where(enquiries.c.erased_at_ms.is_(None), enquiries.c.changed_at_ms < before_ms)
        .order_by(enquiries.c.enquiry_id)
        .limit(limit)
    )
    return list(connection.execute(found).scalars())


def erase(tx: Transaction, enquiry: StoredEnquiry, now_ms: int, actor: Actor) -> None:
    """
    Take out whose enquiry it was and all that she wrote; what was asked for stays, to be counted. Nobody waits then.

    Args:
        enquiry: read with lock in the same transaction.
    """
    waits = enquiry.status is EnquiryStatus.WAITING
    values = {"status": EnquiryStatus.LEFT} if waits else {}
    event = "left" if actor is Actor.BUYER else "erased"
    lines = [replace(line, options={}) for line in enquiry.lines]
    nobody = dict.fromkeys(("name", "phone", "phone_hmac", "fields_digest", "company", "note", "seller_note"))
    gone: dict[str, Any] = {"erased_at_ms": now_ms, "lines": _lines_text(lines), **values, **nobody}
    change(tx, enquiry, now_ms, event=event, actor=actor, **gone)


def _add_event(
    tx: Transaction,
    enquiry_id: int,
    event: str,
    actor: Actor,
    now_ms: int,
    *,
    source: EnquiryStatus | None = None,
    target: EnquiryStatus | None = None,
    data: Mapping[str, int] | None = None,
) -> None:
    row = {
        "enquiry_id": enquiry_id,
        "at_ms": now_ms,
        "actor": actor,
        "event": event,
        "from_status": source if target is not None else None,
        "to_status": target,
        "data": json.dumps(data or {}, sort_keys=True),
    }
    tx.execute(insert(enquiry_events), row)


def note_row(tx: Transaction, enquiry_id: int, **values: Any) -> None:
    """Remember something about an enquiry's row in the sheet (seen as a mapping, message); nothing of it changes."""
    kept = {name: json.dumps(value, sort_keys=True) if name == "seen" else value for name, value in values.items()}
    tx.execute(update(enquiries).where(enquiries.c.enquiry_id == enquiry_id).values(**kept))


def _lines_text(lines: Sequence[EnquiryLine]) -> str:
    return json.dumps(
        [
            {
                "product_id": line.product_id,
                "variant_id": line.variant_id,
                "name": line.name,
                "options": dict(line.options),
                "qty": line.qty,
            }
            for line in lines
        ],
        ensure_ascii=False,
    )


def _stored(row: RowMapping) -> StoredEnquiry:
    return StoredEnquiry(
        enquiry_id=row["enquiry_id"],
        ref=row["ref"],
        token=row["token"],
        kind=EnquiryKind(row["kind"]),
        campaign_id=row["campaign_id"],
        round=row["round"],
        title=row["title"],
        status=EnquiryStatus(row["status"]),
        version=row["version"],
        asked_at=from_ms(row["asked_at_ms"]),
        name=row["name"],
        phone=row["phone"],
        lines=tuple(EnquiryLine(**line) for line in json.loads(row["lines"])),
        units=row["units"],
        accepts_part=bool(row["accepts_part"]),
        company=row["company"] or "",
        needed_by=date.fromisoformat(row["needed_by"]) if row["needed_by"] else None,
        note=row["note"] or "",
        consent=row["consent"],
        consented_at=from_ms(row["consented_at_ms"]),
        seller_note=row["seller_note"],
        seen=json.loads(row["seen"]),
        message=row["message"],
    )
