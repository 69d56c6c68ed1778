"""A shop whose pages can be looked at in every state: content, site, ledger and clock of its own, behind a real server."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from waitress import create_server, wasyncore
from werkzeug.test import TestResponse

from intake.clock import expire_unpaid
from intake.commands import apply_edits
from intake.desk import _Seen
from intake.ledger import enquiries, outbox
from intake.ledger.schema import orders
from intake.sheet.columns import EDITABLE
from preorder.campaign import Campaign
from preorder.catalogue import Catalogue, from_json
from preorder.enquiries import EnquiryStatus
from preorder.order import slots
from preorder.status import Status
from storefront.builder import Job, build
from tests.intake.web.page import Page
from tests.intake.web.world import World, open_world
from tests.pages.content import CHECKOUT, NOW, write_content

# What a buyer fills in beside her lines.
BUYER: Mapping[str, str] = {
    "name": "Ibu Contoh", "phone": "0812-0000-5678", "delivery": "jne", "street": "Jl. Misal No. 2 RT 01/RW 02\nKelurahan Umpama",
    "district": "Coblong", "city": "Bandung", "province": "Jawa Barat", "postal_code": "40132", "note": "", "channel": "", "terms": "yes",
    "leave_empty": "",
}  # fmt: skip


@dataclass
class PagesShop:
    """
    The shop.

    Attributes:
        base: "http://127.0.0.1:<port>".
        paths: what has been prepared once (an order, an enquiry): name -> address of its page.
    """

    world: World
    base: str = ""
    paths: dict[str, str] = field(default_factory=dict)

    @property
    def catalogue(self) -> Catalogue:
        """Give what is published."""
        return self.world.counter.catalogue.current()

    def campaign(self, slug: str) -> Campaign:
        """Give a campaign that is published."""
        found = self.catalogue.by_slug(slug)
        assert found is not None, slug
        return found

    def order_fields(self, slug: str, *, qty: int = 1, line: int = 0, **changes: str) -> dict[str, str]:
        """Give the fields of an order: so many of one line of the first product; the other lines stay empty."""
        product = self.campaign(slug).products[0]
        lines = {slot.field("qty"): "" for slot in slots(product)} if not product.options else {}
        slot = slots(product)[line]
        chosen = {slot.field("option-" + option.id): option.choices[0] for option in product.options if option.choices}
        return dict(BUYER) | lines | chosen | {slot.field("qty"): str(qty)} | changes

    def post(self, path: str, fields: Mapping[str, str]) -> TestResponse:
        """Post a form without a server between: for preparing."""
        return self.world.client.post(path, data=dict(fields))

    def reviewed(self, slug: str, fields: Mapping[str, str]) -> dict[str, str]:
        """Give what the button of the review posts."""
        answer = self.post(f"/pesan/{slug}", fields)
        assert answer.status_code == 200, Page(answer.text).title
        return Page(answer.text).form("/kirim").fields

    def order(self, slug: str, at: datetime = NOW, *, qty: int = 1, line: int = 0, **changes: str) -> str:
        """Place an order at an instant and give the address of its page."""
        with self.at(at):
            fields = self.reviewed(slug, self.order_fields(slug, qty=qty, line=line, **changes))
            answer = self.post(f"/pesan/{slug}/kirim", fields)
        assert answer.status_code == 303, Page(answer.text).title
        return answer.headers["Location"]

    def ask(self, path: str, at: datetime = NOW, **fields: str) -> str:
        """Send an enquiry and give the address of its page."""
        with self.at(at):
            answer = self.post(path, {"name": "Ibu Contoh", "phone": "0812-0000-5678"} | fields)
        assert answer.status_code == 303, Page(answer.text).title
        return answer.headers["Location"]

    def sells(self, path: str, at: datetime = NOW, **edits: str | int) -> None:
        """Have the seller edit cells of an order's row, one after the other."""
        ref = self.world.order_at(path).ref
        for column, value in edits.items():
            assert column in EDITABLE
            with self.world.counter.reader.begin() as connection:
                record = outbox.sheet_records(connection, [ref])[ref]
            edit = {column: value}
            self.world.counter.writer.submit(
                lambda tx, record=record, edit=edit: apply_edits(tx, record, edit, edit, at)
            )

    def answers(self, path: str, status: EnquiryStatus) -> None:
        """Have the seller answer an enquiry."""
        stored = self.world.counter.desk.enquiries.find(path.rsplit("/", 1)[-1]).stored
        self.world.counter.writer.submit(lambda tx: enquiries.change(tx, stored, stored.enquiry_id, status=status))

    def put(self, path: str, status: Status) -> None:
        """Put an order into a state that no transition leads to yet, in the ledger itself."""
        wanted = self.world.order_at(path).order_id
        change = orders.update().where(orders.c.order_id == wanted).values(status=status)
        self.world.counter.writer.submit(lambda tx: tx.connection.execute(change))

    def forget_units(self) -> None:
        """Have the desk look anew at how many units are left, which it else does once in a moment."""
        self.world.counter.desk._seen = _Seen(float("-inf"), {}, None)

    def expire(self, now: datetime) -> None:
        """Let the clock look for orders that nobody has paid."""
        expire_unpaid(self.world.counter.writer, self.world.counter.reader, now)

    @contextlib.contextmanager
    def at(self, now: datetime) -> Iterator[None]:
        """Set the shop's clock meanwhile."""
        clock = self.world.counter.clock
        before, clock.now = clock.now, now
        try:
            yield
        finally:
            clock.now = before

    @contextlib.contextmanager
    def publishing(self, catalogue: Catalogue) -> Iterator[None]:
        """Have the order desk know this catalogue meanwhile."""
        source = self.world.counter.catalogue
        before, source.catalogue = source.catalogue, catalogue
        try:
            yield
        finally:
            source.catalogue = before

    @contextlib.contextmanager
    def failing(self, error: Exception) -> Iterator[None]:
        """Have the ledger fail meanwhile, whatever is to be stored."""
        self.world.desk.before = error
        try:
            yield
        finally:
            self.world.desk.before = None

    def with_campaign(self, slug: str, **changes: object) -> Catalogue:
        """Give the catalogue with a campaign changed, under a higher revision."""
        changed = dataclasses.replace(self.campaign(slug), **changes)  # type: ignore[arg-type]
        campaigns = tuple(changed if each.slug == slug else each for each in self.catalogue.campaigns)
        return dataclasses.replace(self.catalogue, revision=self.catalogue.revision + 1, campaigns=campaigns)


@contextlib.contextmanager
def open_shop(folder: Path, *, every_state: bool = True, theme: str = "") -> Iterator[PagesShop]:
    """Open the shop in a folder and serve it, in a theme of another name than its own."""
    folder.mkdir(exist_ok=True)
    write_content(folder / "content", every_state=every_state, theme=theme)
    with open_world(folder) as world:
        build(Job(folder / "content", folder / "site", CHECKOUT / "templates"), NOW)
        world.counter.catalogue.catalogue = from_json(json.loads((folder / "site" / "catalogue.json").read_bytes()))
        world.counter.clock.now = NOW
        with serving(world) as base:
            yield PagesShop(world, base)


@contextlib.contextmanager
def serving(world: World) -> Iterator[str]:
    """Serve a shop with the server that run-shop uses; give its address."""
    sockets: dict[int, object] = {}
    server = create_server(
        world.app, map=sockets, host="127.0.0.1", port=0, threads=8, max_request_body_size=16 * 1024 * 1024, ident=None
    )
    stop = threading.Event()

    def serve() -> None:
        while not stop.is_set():
            wasyncore.loop(timeout=0.05, map=sockets, use_poll=True, count=1)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        stop.set()
        thread.join(10)
        server.task_dispatcher.shutdown(timeout=5)
        wasyncore.close_all(sockets)
    assert not thread.is_alive()
