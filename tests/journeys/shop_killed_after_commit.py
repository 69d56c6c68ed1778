"""
The shop, but killed by SIGKILL right after the COMMIT that holds the first placed order, before anybody hears of it.
Started by a test.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from typing import Any

from intake import desk
from intake.ledger.writer import Transaction, Writer


def main() -> None:
    """Run the shop with the trap set."""
    placed: list[Any] = []
    place_orders = desk.place_orders
    commit = Writer._commit

    def noting(tx: Transaction, wanted: Sequence[Any]) -> Any:
        outcomes = place_orders(tx, wanted)
        placed.extend(outcomes)
        return outcomes

    def trapped(self: Writer, transaction: Any) -> None:
        commit(self, transaction)
        # Here the COMMIT has returned, and no waiting request has been told.
        if placed:
            os.kill(os.getpid(), signal.SIGKILL)

    desk.place_orders = noting  # type: ignore[assignment]
    Writer._commit = trapped  # type: ignore[method-assign]

    from intake.cli import run_shop
    from intake.settings import read_settings

    run_shop(read_settings())


if __name__ == "__main__":
    main()
