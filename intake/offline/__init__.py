"""
Orders that came by chat or at the door: rows that she types into the orders tab without a ref.

Such a row is placed by the same rules and from the same quota as an order of the web, once, whatever is cut off in
between and whatever she does to it meanwhile:

1. It is left alone until it has rested: she may still be typing.
2. It gets a mark, which stands at the end of its system message: the one cell of her row that is ours. From then on
   the row is known wherever she moves it. A mark in the wrong row of hers does no harm, for it means nothing yet.
3. What a row with a mark asks for is placed; the mark is the order's nonce, so a second time finds the first.
4. Its ref is written into the row that carries the mark. Until then no fresh row is made for the order (held); when
   the row has gone, one is.
A row that asks for just what a typed order already has, without being known as its row, is asked about; only her words
make another order of it. The same where she overtyped a row after it was placed.
Everything is worked out anew from sheet and ledger in each look; what is kept in memory is only since when rows rest.
"""

from __future__ import annotations

import contextlib
import dataclasses
import gettext
import logging
import secrets
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import Engine

from intake import sentences
from intake.commands import Bounced
from intake.ledger import outbox, recording, store
from intake.ledger.leases import LeasedWriter
from intake.ledger.store import to_ms
from intake.ledger.writer import Transaction, Writer
from intake.offline.placing import Taker
from intake.offline.rows import MARK_CHARACTERS, MARK_LENGTH, Wish, content_of, looks_like_order, mark_in, read_row
from intake.placing import CatalogueBehind, ShopPaused
from intake.published import CatalogueSource
from intake.sheet import HandRow, SheetView, canonical
from intake.sheet.hands import HandMark, HandSheet
from preorder.order import CampaignCancelled, OrderRefused
from preorder.status import ENDED

log = logging.getLogger(__name__)

# How long a complete row is left alone after her last change, and how long one that lacks something.
REST = timedelta(seconds=5)
ANSWER_AFTER = timedelta(seconds=30)
# How often a row is tried again that could not be had: quota, window and catalogue change without the sheet.
AGAIN_AFTER = timedelta(seconds=60)
# How often a ref is tried to be written into a row; after that the order gets a row of its own.
TRIES = 5
# How far back an order is taken for the one that a row without a mark asks for.
TWINS_WITHIN = timedelta(days=30)
_MOST_TWINS = 20_000


class Wording(Protocol):
    """How she is spoken to: the shop's language and zone."""

    @property
    def language(self) -> str:
        """Give "id" or "en"."""
        ...

    @property
    def zone(self) -> str:
        """Give "WIB", "WITA" or "WIT"."""
        ...

    @property
    def translation(self) -> gettext.NullTranslations:
        """Give the translations of that language."""
        ...


@dataclasses.dataclass
class _Look:
    """
    One look at the sheet.

    Attributes:
        standing: refs that have a row.
        refs: nonce -> ref, of the marks that are placed.
        digests: ref -> digest, of the orders of late; None until they are needed.
        given: ref -> its row, of the orders whose typed row gets its ref now.
        marks: what is to be written, each with the ref it brings or the mark it carries.
    """

    now: datetime
    standing: set[str]
    refs: dict[str, str]
    digests: dict[str, str] | None = None
    used: set[str] = dataclasses.field(default_factory=set)
    given: dict[str, HandRow] = dataclasses.field(default_factory=dict)
    marks: list[tuple[HandMark, str, str]] = dataclasses.field(default_factory=list)
    next_at: list[datetime] = dataclasses.field(default_factory=list)
    placed: int = 0


class OfflineOrders:
    """
    Takes typed rows up. One instance, used by the thread that delivers to the sheet.

    Attributes:
        held: refs of orders whose typed row has not got its ref yet: nobody may make a fresh row for them.
    """

    def __init__(
        self,
        sheet: HandSheet,
        writer: Writer | LeasedWriter,
        reader: Engine,
        catalogue: CatalogueSource,
        wording: Callable[[], Wording],
        clock: Callable[[], datetime],
        *,
        phone_hmac: Callable[[str], str],
        status_token: Callable[[str], str],
    ) -> None:
        self._sheet = sheet
        self._writer = writer
        self._reader = reader
        self._catalogue = catalogue
        self._wording = wording
        self._clock = clock
        self._taker = Taker(writer, catalogue, clock, phone_hmac, status_token)
        # Which row it is -> what stood there, and since when.
        self._resting: dict[tuple[str, ...], tuple[tuple[str, ...], datetime]] = {}
        self._tries: dict[str, int] = defaultdict(int)
        self._look_at: datetime | None = None
        self.held: Collection[str] = frozenset()

    def due(self) -> bool:
        """Say whether the sheet is to be read again although nothing in it has changed."""
        return self._look_at is not None and self._clock() >= self._look_at

    def take(self, view: SheetView) -> int:
        """
        Take up the typed rows of a fresh read; give how many were placed.

        Raises:
            SheetError, LedgerError: the next look goes on where this one ended.
        """
        self._look_at = None
        catalogue = self._catalogue.current()
        rows = [row for row in view.hand_rows if mark_in(row.values) or looks_like_order(row.values, catalogue)]
        if view.doubtful:
            # What stands in a row may be ours, and in the wrong place: after the next read it is right again.
            self._look_at = self._clock()
            return 0
        look = self._begin(view, rows)
        self._rest(look, rows)
        for row in rows:
            self._give_known(look, row)
        for row in rows:
            if not any(row is given for given in look.given.values()):
                self._take_row(look, row)
        # Before anything is written: whoever is cut off here has orders without a row.
        self.held = frozenset(look.given)
        for ref, row in look.given.items():
            look.marks.append((HandMark(row, {"ref": ref}), ref, ""))
        if look.marks:
            self._write(look)
        self._look_at = min(look.next_at, default=None)
        return look.placed

    def _begin(self, view: SheetView, rows: Sequence[HandRow]) -> _Look:
        now = self._clock()
        standing = {row.ref for row in view.rows} | set(view.duplicates)
        nonces = [_nonce(mark) for mark in {mark_in(row.values) for row in rows} if mark]
        look = _Look(now, standing, {})
        if nonces:
            with self._reader.begin() as connection:
                look.refs = {nonce: ref for nonce, (ref, _) in store.find_nonces(connection, nonces).items()}
        return look

    def _digests(self, look: _Look) -> dict[str, str]:
        if look.digests is None:
            since_ms = to_ms(look.now - TWINS_WITHIN)
            with self._reader.begin() as connection:
                found = store.newest_digests(connection, 0, since_ms, _MOST_TWINS)
            look.digests = {row.ref: row.fields_digest for row in found}
        return look.digests

    def _rest(self, look: _Look, rows: Sequence[HandRow]) -> None:
        """Remember since when each row is as it is."""
        known, self._resting = self._resting, {}
        for key, row in _keyed(rows):
            content = content_of(row.values)
            before = known.get(key)
            # A clock that was set back begins anew.
            same = before is not None and before[0] == content and before[1] <= look.now
            self._resting[key] = before if same and before is not None else (content, look.now)
        self._keys = {id(row): key for key, row in _keyed(rows)}

    def _rested(self, look: _Look, row: HandRow, long: timedelta) -> bool:
        since = self._resting[self._keys[id(row)]][1]
        if look.now - since >= long:
            return True
        look.next_at.append(since + long)
        return False

    def _give_known(self, look: _Look, row: HandRow) -> None:
        """Give a row back to the order that was placed from it."""
        if (mark := mark_in(row.values)) and (ref := look.refs.get(_nonce(mark))) is not None:
            with contextlib.suppress(Bounced):
                self._give(look, row, ref, read_row(row.values, self._catalogue.current(), look.now))
                look.used.add(mark)

    def _take_row(self, look: _Look, row: HandRow) -> None:
        mark = mark_in(row.values)
        if not any(content_of(row.values)):
            # She has emptied the row: what we said in it goes as well.
            look.marks.append((HandMark(row, {"message": None}), "", ""))
            return
        placed = look.refs.get(_nonce(mark)) if mark else None
        if mark in look.used and (placed is None or placed in look.given):
            # A copy that she made before the row was placed or had its ref. At once, while it can be told from a row that
            # she edited after it was placed.
            self._answer(look, row, Bounced("hand_taken"), "")
            look.next_at.append(look.now)
            return
        look.used.add(mark)
        try:
            wish = read_row(row.values, self._catalogue.current(), look.now)
        except Bounced as refusal:
            if self._rested(look, row, ANSWER_AFTER):
                # Of one that is placed nobody can say any more what it asks for: the order gets a row of its own.
                self._answer(look, row, Bounced("hand_began", ref=placed) if placed else refusal, mark)
            return
        if wish.another:
            self._take_wish(look, row, "" if placed else mark, wish)
        elif (ref := placed or self._twin(look, wish)) is None:
            self._take_wish(look, row, mark, wish)
        elif not self._give(look, row, ref, wish) and self._rested(look, row, REST):
            self._answer(look, row, Bounced("hand_began" if placed else "hand_twin", ref=ref), mark)

    def _take_wish(self, look: _Look, row: HandRow, mark: str, wish: Wish) -> None:
        """Give a row its mark, or place what it asks for, once it has rested."""
        if not self._rested(look, row, REST):
            return
        if mark:
            self._place(look, row, mark, wish)
        else:
            self._answer(look, row, Bounced("hand_taken"), "")
            look.next_at.append(look.now)

    def _give(self, look: _Look, row: HandRow, ref: str, wish: Wish) -> bool:
        """Give a row the ref of the order that it asks for, if that order has no row yet."""
        if ref in look.standing or ref in look.given or self._digests(look).get(ref) != wish.digest:
            return False
        if self._tries[ref] >= TRIES:
            return False
        look.given[ref] = row
        return True

    def _twin(self, look: _Look, wish: Wish) -> str | None:
        """Give the typed order that asks for the same: one without a row first."""
        alike = [ref for ref, digest in self._digests(look).items() if digest == wish.digest]
        if not alike:
            return None
        with self._reader.begin() as connection:
            records = outbox.sheet_records(connection, alike)
            orders = store.orders_by_ids(connection, [record.order_id for record in records.values()])
        live = [order.ref for order in orders.values() if order.status not in ENDED]
        return min(live, key=lambda ref: (ref in look.standing or ref in look.given, ref), default=None)

    def _place(self, look: _Look, row: HandRow, mark: str, wish: Wish) -> None:
        try:
            ref = self._taker.place(wish, _nonce(mark), row.values, look.now)
        except (CatalogueBehind, ShopPaused) as error:
            log.info("a typed row waits: %s", error.code)
            look.next_at.append(look.now + AGAIN_AFTER)
            return
        except OrderRefused as refusal:
            # What she has cancelled herself she takes back there, and not order by order.
            liftable = not isinstance(refusal, CampaignCancelled)
            self._answer(look, row, Bounced(refusal.code, liftable=liftable, **refusal.fields), mark)
            look.next_at.append(look.now + AGAIN_AFTER)
            return
        log.info("order %s: taken from a typed row", ref)
        look.placed += 1
        self._digests(look)[ref] = wish.digest
        look.refs[_nonce(mark)] = ref
        if ref not in look.standing:
            look.given[ref] = row

    def _answer(self, look: _Look, row: HandRow, answer: Bounced, mark: str) -> None:
        """Have the row say something, and carry this mark, or a fresh one."""
        wording = self._wording()
        mark = mark or self._new_mark(look)
        told = sentences.explain(answer.message(), wording.translation, wording.language, wording.zone)
        text = f"{told} #{mark}"
        if canonical(row.values.get("message")) != canonical(text):
            log.info("row %s of the sheet is hers: %s", row.row, answer.kind)
            look.marks.append((HandMark(row, {"message": text}), "", mark))

    def _new_mark(self, look: _Look) -> str:
        while True:
            mark = "".join(secrets.choice(MARK_CHARACTERS) for _ in range(MARK_LENGTH))
            with self._reader.begin() as connection:
                taken = bool(store.find_nonces(connection, [_nonce(mark)]))
            if not taken and mark not in look.used:
                look.used.add(mark)
                return mark

    def _write(self, look: _Look) -> None:
        with self._reader.begin() as connection:
            known = outbox.sheet_editions(connection).known
        edition = outbox.new_edition(look.now)
        self._note_edition(edition, landed=False)
        report = self._sheet.mark([mark for mark, _, _ in look.marks], edition=edition, known=known)
        self._note_edition(report.edition, landed=True)
        self._sheet.confirm()
        held = set(look.given)
        for place, (mark, ref, new) in enumerate(look.marks):
            if place in report.marked:
                held.discard(ref)
                self._tries.pop(ref, None)
                if new:
                    # It rests since before: what she typed has not changed.
                    self._resting[(new,)] = self._resting[self._keys[id(mark.row)]]
            elif ref:
                log.warning("order %s: its typed row was not there as it was read", ref)
                self._tries[ref] += 1
                look.next_at.append(look.now)
            else:
                look.next_at.append(look.now + REST)
        self.held = frozenset(held)

    def _note_edition(self, edition: str, *, landed: bool) -> None:
        if edition:

            def note(tx: Transaction) -> None:
                recording.note_edition(tx, edition, landed=landed)

            self._writer.submit(note)


def _nonce(mark: str) -> str:
    return f"sheet:{mark}"


def _keyed(rows: Iterable[HandRow]) -> list[tuple[tuple[str, ...], HandRow]]:
    """Give each row the key under which it is known from one look to the next: its mark, else what stands in it."""
    seen: dict[tuple[str, ...], int] = defaultdict(int)
    keyed = []
    for row in rows:
        mark = mark_in(row.values)
        key = (mark,) if mark else ("", *content_of(row.values))
        seen[key] += 1
        keyed.append(((*key, str(seen[key])) if seen[key] > 1 else key, row))
    return keyed


__all__ = ["OfflineOrders", "Wording"]
