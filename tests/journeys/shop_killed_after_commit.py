"""
The shop, but killed by SIGKILL right after the COMMIT that holds the first placed order, before anybody hears of it.
Started by a test.
"""

from __future__ import annotations

import os
import signal
from typing import Any

from intake import placing
from intake.ledger import writer
from intake.ledger.writer import Transaction


def main() -> None:
    """Run the shop with the trap set."""
    placed: list[Any] = []
    place_order = placing.place_order
    store_together = writer.Writer._store_together

    def noting(tx: Transaction, *args: Any) -> Any:
        result = place_order(tx, *args)
        placed.append(result)
        return result

    def trapped(self: writer.Writer, connection: Any, jobs: Any) -> None:
        store_together(self, connection, jobs)
        # Here the COMMIT has returned, and no waiting request has been told.
        if placed:
            os.kill(os.getpid(), signal.SIGKILL)

    placing.place_order = noting
    writer.Writer._store_together = trapped  # type: ignore[method-assign]

    from intake.cli import run_shop
    from intake.settings import read_settings

    run_shop(read_settings())


if __name__ == "__main__":
    main()
