"""Threads that use a writer, and works for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any

from sqlalchemy import Engine, insert, select

from intake.ledger import schema
from intake.ledger.writer import Transaction, Writer

WAIT_S = 20.0
Work = Callable[[Transaction], Any]


class Gate:
    """Stops something until it is opened, and tells when it has been reached."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self._opened = threading.Event()

    def __call__(self, *_: object) -> None:
        self.reached.set()
        assert self._opened.wait(WAIT_S)

    def open(self) -> None:
        self._opened.set()


class Desk:
    """A writer and the threads that use it."""

    def __init__(self, writer: Writer, failures: list[BaseException]) -> None:
        self.writer = writer
        self.failures = failures
        self._threads = ThreadPoolExecutor(64)

    def send(self, work: Work, **options: Any) -> Future[Any]:
        """Submit from a thread of its own."""
        return self._threads.submit(lambda: self.writer.submit(work, **options))

    def queue(self, *works: Work, **options: Any) -> list[Future[Any]]:
        """Submit one after the other, each once the one before stands in the queue: the writer must be busy."""
        answers = []
        for work in works:
            before = self.writer.depth
            answers.append(self.send(work, **options))
            until(partial(lambda depth: self.writer.depth > depth, before))
        return answers

    def queue_items(self, handler: Any, *items: Any) -> list[Future[Any]]:
        """Likewise items for a handler."""
        answers = []
        for item in items:
            before = self.writer.depth
            answers.append(self._threads.submit(self.writer.submit_to, handler, item))
            until(partial(lambda depth: self.writer.depth > depth, before))
        return answers

    def hold(self) -> Gate:
        """Keep the writer busy with one work until the gate is opened."""
        gate = Gate()
        self.send(gate)
        assert gate.reached.wait(WAIT_S)
        return gate

    def end(self) -> None:
        self._threads.shutdown()


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def keep(key: str, value: str = "x") -> Work:
    """Give a work that inserts a row at once and returns its key."""

    def work(tx: Transaction) -> str:
        tx.execute(insert(schema.meta).values(key=key, value=value))
        return key

    return work


def then_fail(work: Work) -> Work:
    def failing(tx: Transaction) -> None:
        work(tx)
        raise LookupError("sold out")

    return failing


def keys(tx: Transaction) -> set[str]:
    """A work: what stands in meta."""
    return set(tx.execute(select(schema.meta.c.key)).scalars())


def stored(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        return set(connection.execute(select(schema.meta.c.key)).scalars())


def keep_all(tx: Transaction, keys_: Sequence[str]) -> list[str | Exception]:
    """
    A handler: insert a row for each key that isn't there yet and give how many were asked for together; "refused" is.
    """
    known = keys(tx)
    outcomes: list[str | Exception] = []
    for key in keys_:
        if key.startswith("refused"):
            outcomes.append(LookupError("sold out"))
            continue
        if key not in known:
            tx.execute(insert(schema.meta).values(key=key, value=None if key.startswith("broken") else "x"))
        outcomes.append(f"{key} of {len(keys_)}")
    return outcomes
