"""A shop that is too busy for a moment: the buyer's page sends her order again by itself."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import BrowserContext
from werkzeug.serving import make_server

from intake.ledger.writer import LedgerBusy
from tests.intake.web.world import fields, open_world


def test_an_order_that_was_turned_away_for_a_moment_is_sent_again(
    tmp_path: Path, phone: Callable[..., BrowserContext]
) -> None:
    """503 of a full queue: she presses nothing, reads that she is in the queue, and ends on her order's page; once."""
    with open_world(tmp_path) as world:
        server = make_server("127.0.0.1", 0, world.app, threaded=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            page = phone(java_script_enabled=True).new_page()
            page.goto(f"http://127.0.0.1:{server.port}/pesan/nastar")
            for name, text in fields(delivery=None, province=None, channel=None, terms=None, leave_empty=None).items():
                page.fill(f'[name="{name}"]', text)
            page.check('[name="delivery"][value="jne"]')
            page.select_option('[name="province"]', "Jawa Barat")
            page.check('[name="terms"]')
            page.click("#check-order")
            world.desk.before = LedgerBusy(waiting=256)
            page.click("#place-order")
            page.wait_for_selector("form[data-again]")
            words = page.get_attribute("form[data-again]", "data-queue-word")
            assert page.inner_text("#wait") == words
            world.desk.before = None
            page.wait_for_url("**/s/*", timeout=20_000)
            assert world.orders() == 1
        finally:
            server.shutdown()
            thread.join()
