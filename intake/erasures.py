"""
Erasing on somebody's wish: what concerns her is found, and done by the running shop or, where none runs, here.

Source: docs/operator.md, "Erasing a buyer's data".
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from intake import hatch
from intake.comparing import reading, writing
from intake.erasing import Candidate, Obstacle, erase, look, refs_of
from intake.ledger.folder import DataFolder
from intake.ledger.writer import Transaction
from intake.rebuilding import phone_digest
from intake.settings import Settings
from preorder.contact import parse_phone
from preorder.errors import PreorderError
from preorder.status import Actor

# Refs that the shop is asked for at a time: buyers' orders go in between.
_PART = 50


class OrderUnknown(PreorderError):
    """No order has one of these refs. Fields: refs."""

    code = "order_unknown"


class NumberUnknown(PreorderError):
    """No order has this number, or none has it any more. Fields: none, for a number must not reach a log."""

    code = "number_unknown"


class NothingToErase(PreorderError):
    """Neither a ref nor a number was given."""

    code = "nothing_to_erase"


def find(settings: Settings, refs: Sequence[str], phone: str) -> list[Candidate]:
    """
    Give the orders of these refs, and of this number, with what stands in the way of erasing each.

    Args:
        phone: as people write it; "" for none.

    Raises:
        OrderUnknown, NumberUnknown, NothingToErase
        preorder.contact.PhoneError: that is no number.
        LedgerMissing, LedgerOutdated, SecretKeyBroken, DatabaseAway, ...
    """
    if not refs and not phone:
        raise NothingToErase
    wanted = list(dict.fromkeys(ref.strip().upper() for ref in refs))
    with reading(settings) as connection:
        if phone:
            key = (settings.secret_key or DataFolder(settings.data).secret_key()).encode()
            of_number = refs_of(connection, phone_digest(key, parse_phone(phone)))
            if not of_number:
                raise NumberUnknown
            wanted += [ref for ref in of_number if ref not in wanted]
        found = look(connection, wanted)
    if unknown := [ref for ref in wanted if ref not in {each.ref for each in found}]:
        raise OrderUnknown(refs=unknown)
    return found


def erase_all(settings: Settings, found: Sequence[Candidate], now: datetime) -> list[str]:
    """
    Erase those that nothing stands in the way of; give their refs. One that has changed meanwhile is left.

    Raises:
        HatchClosed: the shop runs and did not answer; ask what stands there, and try again.
        FolderInUse, LedgerInUse: it runs, and there is no way to ask it.
    """
    refs = [each.ref for each in found if each.obstacle is None]
    done: list[str] = []
    for start in range(0, len(refs), _PART):
        done += _erase_part(settings, refs[start : start + _PART], now)
    return done


def _erase_part(settings: Settings, refs: Sequence[str], now: datetime) -> list[str]:
    if not settings.shares_ledger:
        answer = hatch.ask(settings.data.absolute(), {"do": "erase", "refs": list(refs)})
        if answer is not None:
            if "error" in answer:
                raise hatch.HatchClosed(path=str(settings.data / hatch.NAME), reason=answer["error"])
            return [str(ref) for ref in answer["erased"]]
    done = []
    with writing(settings) as engine:
        for ref in refs:
            # A transaction for each: on PostgreSQL a shop goes on beside it.
            with engine.begin() as connection:
                erased = erase(Transaction(connection), ref, now, Actor.OPERATOR)
            if erased is not None and erased.obstacle is None:
                done.append(ref)
    return done


__all__ = ["Candidate", "NothingToErase", "NumberUnknown", "Obstacle", "OrderUnknown", "erase_all", "find"]
