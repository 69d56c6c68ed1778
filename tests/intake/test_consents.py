"""What buyers allow beside their orders: stored with its words and time, taken back for the number, kept by backups."""

from __future__ import annotations

import csv
import dataclasses
import io
from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from intake.desk import NoSuchOrder
from intake.exporting import export_orders
from intake.language import translations
from intake.ledger.schema import consents, snapshots
from intake.ledger.writer import Transaction
from intake.order_rows import Wording
from intake.settings import Settings
from preorder.consent import ConsentText, Purpose
from tests.intake.conftest import Counter
from tests.intake.test_reconcile import World, either  # noqa: F401  a fixture
from tests.makers import NOW, make_request

TEXT = ConsentText(Purpose.NEWS, "id", "Boleh, Dapur Contoh mengabari saya.")
LATER = ConsentText(Purpose.NEWS, "id", "Boleh, Dapur Contoh mengabari saya lewat WhatsApp.")
WORDING = Wording("id", "WIB", translations(Settings.templates, "id"))


def place(counter: Counter, *texts: ConsentText, phone: str = "+6281200005678") -> tuple[str, str]:
    """Place an order in which these are allowed, and give its ref and token."""
    placement = dataclasses.replace(counter.placement(make_request(phone=phone)), consents=texts)
    placed = counter.desk.place(placement)
    return placed.ref, placed.token


def said(counter: Counter, ref: str) -> tuple[bool, str] | None:
    """Give what an order's buyer has said last, and in which words."""
    consent = counter.desk.consent_of(counter.order(ref), Purpose.NEWS)
    return (consent.given, consent.text) if consent else None


def test_a_tick_is_stored_with_its_words_and_time(counter: Counter) -> None:
    """In the order's own transaction; who ticks nothing allows nothing; many orders share one text."""
    refs = [place(counter, TEXT)[0], place(counter)[0], place(counter, TEXT, phone="+6281200001111")[0]]
    assert [said(counter, ref) for ref in refs] == [(True, TEXT.text), None, (True, TEXT.text)]
    consent = counter.desk.consent_of(counter.order(refs[0]), Purpose.NEWS)
    assert consent is not None and (consent.at, consent.mark) == (NOW, TEXT.hash[:12])
    assert counter.order(refs[0]).accepted_at == NOW
    with counter.reader.begin() as connection:
        kept = connection.execute(select(snapshots.c.body).where(snapshots.c.hash == TEXT.hash)).scalars().all()
    assert kept == [TEXT.body]


def test_the_words_are_stored_again_where_a_restore_has_lost_them(counter: Counter) -> None:
    """The desk remembers what is stored; a ledger that was brought back meanwhile may not have it."""
    place(counter, TEXT)

    def forget(tx: Transaction) -> None:
        # As a backup from before would have it.
        off = (
            "ALTER TABLE consents DISABLE TRIGGER USER"
            if tx.is_postgres
            else "DROP TRIGGER consents_append_only_delete"
        )
        tx.connection.exec_driver_sql(off)
        tx.execute(delete(consents))
        tx.execute(delete(snapshots).where(snapshots.c.hash == TEXT.hash))

    counter.writer.submit(forget)
    ref, _ = place(counter, TEXT)
    assert said(counter, ref) == (True, TEXT.text)


def test_taken_back_for_the_number_and_given_again(counter: Counter) -> None:
    """
    The number is what nobody may write to: all of its orders follow, another buyer's doesn't. Nothing is overwritten,
    so what she had allowed, and when, can be shown.
    """
    (first, token), (second, _), (other, _) = (
        place(counter, TEXT),
        place(counter, LATER),
        place(counter, TEXT, phone="+6281200001111"),
    )
    nothing, empty_token = place(counter)
    for _ in range(2):
        counter.desk.take_consent_back(token, Purpose.NEWS, NOW + timedelta(days=1))
    assert [said(counter, ref) for ref in (first, second, other, nothing)] == [
        (False, TEXT.text), (False, LATER.text), (True, TEXT.text), None,
    ]  # fmt: skip
    for _ in range(2):
        counter.desk.give_consent(empty_token, LATER, NOW + timedelta(days=2))
    assert [said(counter, ref) for ref in (first, nothing)] == [(False, TEXT.text), (True, LATER.text)]
    with counter.reader.begin() as connection:
        found = select(consents.c.given, consents.c.at_ms).order_by(consents.c.consent_id)
        rows = [(row.given, row.at_ms - int(NOW.timestamp() * 1000)) for row in connection.execute(found)]
    day = 86_400_000
    assert rows == [(1, 0), (1, 0), (1, 0), (0, day), (0, day), (1, 2 * day)]


def test_a_link_of_nobody_changes_nothing(counter: Counter) -> None:
    """Neither giving nor taking back."""
    place(counter, TEXT)
    with pytest.raises(NoSuchOrder):
        counter.desk.take_consent_back("x" * 22, Purpose.NEWS, NOW)
    with pytest.raises(NoSuchOrder):
        counter.desk.give_consent("x" * 22, TEXT, NOW)


def test_the_export_says_whom_she_may_tell(counter: Counter) -> None:
    """The last column: since when; empty where it was never allowed, or taken back."""
    refs = [place(counter, TEXT), place(counter), place(counter, TEXT, phone="+6281200001111")]
    counter.desk.take_consent_back(refs[0][1], Purpose.NEWS, NOW)
    out = io.StringIO()
    with counter.reader.begin() as connection:
        export_orders(connection, WORDING, out)
    rows = list(csv.reader(io.StringIO(out.getvalue().removeprefix("\ufeff"))))
    assert {row[0]: row[-1] for row in rows[1:]} == {
        refs[0][0]: "", refs[1][0]: "", refs[2][0]: "Senin, 23 November 2026 10.00 WIB",
    }  # fmt: skip


def test_a_backup_holds_consents_and_a_rebuilt_order_has_none(either: World) -> None:  # noqa: F811
    """On either database; what only the sheet knows is not said to have been allowed, nor agreed to."""
    with either.open() as counter:
        kept, token = place(counter, TEXT)
        counter.desk.take_consent_back(token, Purpose.NEWS, NOW)
        counter.desk.give_consent(token, LATER, NOW)
    backup = either.back_up()
    with either.open() as counter:
        lost, _ = place(counter, TEXT, phone="+6281200001111")
        either.sync(counter)
    assert either.restore(backup).is_open
    with either.open() as counter:
        assert said(counter, kept) == (True, LATER.text)
        assert said(counter, lost) is None and counter.order(lost).accepted_at is None
        # The numbers that the database gives go on behind those of the backup.
        counter.desk.give_consent(counter.order(lost).token, TEXT, NOW)
        assert said(counter, lost) == (True, TEXT.text)
