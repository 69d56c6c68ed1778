"""
Leases: which of several processes on one PostgreSQL database does the work that only one may do at a time.

A lease is a row with an owner and an end. Its time is the database's clock: the clocks of machines differ. Holding it is
not a belief: whatever its holder stores goes through LeasedWriter, where each transaction asks for the lease first and
keeps its row locked until COMMIT. So a process that was stopped, or cut off, and then goes on, stores nothing of what it
had begun: its first transaction finds another owner.

On SQLite one process has the ledger for itself, and none of this is used.

Source: docs/operator.md, "Several machines".
"""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import BigInteger, Connection, cast, delete, extract, func, or_, select, update
from sqlalchemy.dialects import postgresql

from intake.ledger.schema import leases
from intake.ledger.writer import LedgerError, Transaction, Writer
from preorder.errors import PreorderError

log = logging.getLogger(__name__)

T = TypeVar("T")

# No lease is asked for longer. An end that lies farther ahead was set before the database's clock was put back, and
# keeps nobody out.
LONGEST_S = 300.0
# From here on an opening or a deadline is noticeably early or late on one of the machines.
CLOCKS_APART_S = 5.0
# How long a try waits for the writer.
_TIMEOUT_S = 5.0

_NOW_MS = cast(func.floor(extract("epoch", func.clock_timestamp()) * 1000), BigInteger)


class LeaseLost(PreorderError):
    """The lease is no longer ours; nothing of the work was stored. Fields: lease (its name)."""

    code = "lease_lost"


class Lease:
    """
    One named lease, as one process sees it. For one thread; kept() adds one of its own.

    Attributes:
        name: of the work that it is for.
        seconds: how long it lasts when it isn't renewed.
        owner: who we are in the ledger, for people who look for the process. Another after each loss, so that what was
            begun under an earlier tenure never counts as ours again.
        tenure: how often we have got it from nobody or from another. With a new one all that was known before must be
            looked at again.
    """

    def __init__(self, writer: Writer, name: str, owner: str, seconds: float) -> None:
        """
        Args:
        owner: a name for this process; see process_name().
        seconds: at most LONGEST_S.
        """
        if not 0 < seconds <= LONGEST_S:
            raise ValueError(f"a lease lasts up to {LONGEST_S} s, not {seconds}")
        self._writer = writer
        self._who = owner
        self.name = name
        self.seconds = seconds
        self.owner = self._fresh_owner()
        self.tenure = 0
        self.is_held = False

    def take(self) -> bool:
        """
        Try once to have it: renew it, or take it where nobody has it or its end has come.

        Returns:
            Whether it is ours now.

        Raises:
            LedgerError: not known; as after a False.
        """
        if self.is_held:
            with contextlib.suppress(LeaseLost):
                self.renew()
                return True
        if self._writer.submit(self._try, timeout_s=_TIMEOUT_S):
            self.tenure += 1
            self.is_held = True
        return self.is_held

    def renew(self, seconds: float | None = None) -> None:
        """
        Have it for at least that long from now; by default its own time. Never shortens it.

        Raises:
            LeaseLost: another has had it meanwhile, or has it.
            LedgerError: not known whether it is renewed.
        """
        owner = self.owner
        with self.noticing_loss(owner):
            self._writer.submit(lambda tx: self.check(tx, owner, seconds), timeout_s=_TIMEOUT_S)

    def release(self) -> None:
        """Give it back, so that another need not wait for its end. Where that fails it ends by itself."""
        mine = (leases.c.name == self.name) & (leases.c.owner == self.owner)
        self.is_held, self.owner = False, self._fresh_owner()
        try:
            self._writer.submit(lambda tx: tx.execute(delete(leases).where(mine)).rowcount, timeout_s=_TIMEOUT_S)
        except LedgerError as error:
            log.info("the lease %s could not be given back, it ends by itself: %s", self.name, error)

    @contextlib.contextmanager
    def kept(self, at_most_s: float) -> Iterator[None]:
        """
        Renew it again and again while the block runs, which may take longer than the lease lasts; but no longer than
        at_most_s, so that a block which hangs doesn't keep others out for ever.

        A process that is stopped stops renewing as well. A loss is noticed by the next work or renewal of the block.
        """
        ended = threading.Event()
        give_up = time.monotonic() + at_most_s

        def keep() -> None:
            while not ended.wait(self.seconds / 4) and time.monotonic() < give_up:
                try:
                    self.renew()
                except LeaseLost:
                    return
                except LedgerError as error:
                    # Whatever the block does with the ledger fails as well, and tells it once.
                    log.debug("the lease %s could not be renewed, it is tried again: %s", self.name, error)

        keeper = threading.Thread(target=keep, name=f"{self.name}-lease", daemon=True)
        keeper.start()
        try:
            yield
        finally:
            ended.set()
            keeper.join()

    def check(self, tx: Transaction, owner: str, seconds: float | None = None) -> None:
        """
        Make sure, within a transaction, that the lease is this owner's; renew it and keep its row locked to the end.

        An end that has passed does no harm where nobody has taken it: then nobody has done anything meanwhile.

        Raises:
            LeaseLost: the transaction must store nothing.
        """
        length_ms = self._length_ms(seconds)
        mine = (leases.c.name == self.name) & (leases.c.owner == owner)
        until = func.greatest(func.least(leases.c.until_ms, _NOW_MS + _LONGEST_MS), _NOW_MS + length_ms)
        if tx.execute(update(leases).where(mine).values(until_ms=until)).rowcount != 1:
            raise LeaseLost(lease=self.name)

    @contextlib.contextmanager
    def noticing_loss(self, owner: str) -> Iterator[None]:
        """Note a LeaseLost of the block that is about this owner's tenure, and let it pass."""
        try:
            yield
        except LeaseLost:
            if owner == self.owner:
                self.is_held, self.owner = False, self._fresh_owner()
            raise

    def _try(self, tx: Transaction) -> bool:
        values = {"owner": self.owner, "until_ms": _NOW_MS + self._length_ms(None)}
        free = select(leases.c.name).where(
            leases.c.name == self.name,
            or_(
                # A COMMIT that was cut off may have given it to us.
                leases.c.owner == self.owner,
                leases.c.until_ms <= _NOW_MS,
                leases.c.until_ms > _NOW_MS + _LONGEST_MS,
            ),
        )
        # Its holder may be in the middle of a work, or stopped there: orders, which this writer stores as well, must
        # not wait for that.
        free = free.with_for_update(skip_locked=True)
        if tx.execute(update(leases).where(leases.c.name.in_(free)).values(values)).rowcount == 1:
            return True
        # Only where there is no row: an INSERT would wait for whoever is changing the one that there is.
        if tx.execute(select(leases.c.name).where(leases.c.name == self.name)).first() is not None:
            return False
        fresh = postgresql.insert(leases).values(name=self.name, **values)
        once = fresh.on_conflict_do_nothing(index_elements=[leases.c.name])
        return tx.execute(once.returning(leases.c.name)).first() is not None

    def _length_ms(self, seconds: float | None) -> int:
        return int(min(seconds or self.seconds, LONGEST_S) * 1000)

    def _fresh_owner(self) -> str:
        return f"{self._who}/{secrets.token_hex(4)}"


_LONGEST_MS = int(LONGEST_S * 1000)


class LeasedWriter:
    """The Writer as the holder of a lease may use it: each work is stored only while the lease is its own."""

    def __init__(self, writer: Writer, lease: Lease) -> None:
        self._writer = writer
        self._lease = lease

    def submit(self, work: Callable[[Transaction], T], *, timeout_s: float = 10.0) -> T:
        """
        Run a work as Writer.submit does, after making sure in its own transaction that the lease is still ours.

        Raises:
            LeaseLost: nothing was stored.
            LedgerError: as Writer.submit.
        """
        lease, owner = self._lease, self._lease.owner

        def checked(tx: Transaction) -> T:
            lease.check(tx, owner)
            return work(tx)

        with lease.noticing_loss(owner):
            return self._writer.submit(checked, timeout_s=timeout_s)


@dataclass(frozen=True)
class Holder:
    """
    Who has a lease.

    Attributes:
        left_s: seconds until it ends if it isn't renewed, by the database's clock; 0 or less: it has ended.
    """

    name: str
    owner: str
    left_s: float


def holders(connection: Connection) -> list[Holder]:
    """Give who has which lease, by name (PostgreSQL; on SQLite there are none)."""
    if connection.dialect.name != "postgresql":
        return []
    found = select(leases.c.name, leases.c.owner, (leases.c.until_ms - _NOW_MS).label("left_ms")).order_by(
        leases.c.name
    )
    return [Holder(row.name, row.owner, row.left_ms / 1000) for row in connection.execute(found)]


def clock_ahead_s(connection: Connection) -> float:
    """
    Give by how many seconds this machine's clock is ahead of the database's (PostgreSQL; elsewhere there is one clock).
    Behind: negative. Includes the time of one question and answer.
    """
    if connection.dialect.name != "postgresql":
        return 0.0
    theirs: int = connection.execute(select(_NOW_MS)).scalar_one()
    return time.time() - theirs / 1000


def process_name() -> str:
    """Name this process for people: machine and process id."""
    return f"{socket.gethostname()}/{os.getpid()}"
