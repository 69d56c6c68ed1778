"""
What the sheet's tabs for enquiries know and the ledger doesn't, as after a restore: who asked since the backup, and who
has left since.

Enquiries are not made again from their rows, as orders are: under which words somebody left her number stands in no
row, and without them nobody may be written to by the shop. The rows stay, and with them name, number and chat.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from intake.erasing import erase
from intake.ledger import enquiries
from intake.ledger.schema import enquiries as enquiry_table
from intake.ledger.writer import Transaction
from intake.sheet import canonical
from intake.sheet.recall import RecalledEnquiries, RecalledRow
from preorder.enquiries import LETTERS, EnquiryStatus
from preorder.ref import ALPHABET
from preorder.status import Actor
from preorder.wording import ENQUIRY_LABELS

# Refs that are asked for at a time.
CHUNK = 500
_REF = re.compile(rf"[{''.join(LETTERS.values())}]-[{ALPHABET}]{{4,}}")
_LABELS = {label.casefold(): status for labels in ENQUIRY_LABELS.values() for status, label in labels.items()}
# What tells of whom an enquiry is: empty once she has left or was erased.
_HERS = ("name", "whatsapp", "note", "chat")


def unknown_waiting(connection: Connection, recalled: RecalledEnquiries) -> dict[str, list[str]]:
    """
    Give code of a tab -> refs of its rows that the ledger doesn't know, from the top; without those that are answered,
    declined or withdrawn by what the row says.
    """
    found: dict[str, list[str]] = {}
    for code, rows in recalled.rows.items():
        waiting = [row.ref for row in rows if _is_ours(row) and _status(row) in {None, EnquiryStatus.WAITING}]
        known = _known(connection, waiting)
        if unknown := [ref for ref in dict.fromkeys(waiting) if ref not in known]:
            found[code] = unknown
    return found


def erase_again(tx: Transaction, recalled: RecalledEnquiries, now: datetime) -> list[str]:
    """
    Take out again whose enquiries those were that have left, or were erased, since the backup: their row says nothing
    of a person any more. Gives their refs.
    """
    done = []
    for row in _rows(recalled):
        values = row.values
        if not _is_ours(row) or not all(code in values and not canonical(values[code]).strip() for code in _HERS):
            continue
        stored = enquiries.by_ref(tx.connection, row.ref)
        if stored is None or stored.name is None:
            continue
        # As whoever it was that did it, as far as the row tells.
        actor = Actor.BUYER if _status(row) is EnquiryStatus.LEFT else Actor.OPERATOR
        erase(tx, row.ref, now, actor)
        done.append(row.ref)
    return done


def _rows(recalled: RecalledEnquiries) -> Iterator[RecalledRow]:
    for rows in recalled.rows.values():
        yield from rows


def _is_ours(row: RecalledRow) -> bool:
    return _REF.fullmatch(row.ref) is not None


def _status(row: RecalledRow) -> EnquiryStatus | None:
    return _LABELS.get(canonical(row.values.get("status")).strip().casefold())


def _known(connection: Connection, refs: Sequence[str]) -> set[str]:
    known: set[str] = set()
    for start in range(0, len(refs), CHUNK):
        part = refs[start : start + CHUNK]
        known.update(connection.execute(select(enquiry_table.c.ref).where(enquiry_table.c.ref.in_(part))).scalars())
    return known
