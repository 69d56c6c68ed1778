"""
Many buyers at once, as their phones do it: each with connections of her own, the two posts of an order, pressing twice,
coming too early, and sending the same again when nobody answers.

One thread with plain sockets: the client shares two processors with the shop that it measures.
"""

from __future__ import annotations

import asyncio
import html
import random
import re
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from tests.journeys.running import order_fields

ANSWER_S = 30.0
# How long she waits at most before she sends again, whatever Retry-After says: storms are short.
LONGEST_WAIT_S = 1.0
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)"')


def run_apart(work: Coroutine[Any, Any, Any]) -> Any:
    """Run it in a thread of its own: the browser of other tests may keep an event loop in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


class Broken(Exception):
    """The connection could not be made, broke, or nobody answered: the buyer does not know what became of her post."""


@dataclass(frozen=True)
class Answer:
    """
    What came back for one post.

    Attributes:
        kind: in one word what it means for her; of anything unforeseen its number.
        headers: with names in lower case.
        page: "" in what is kept of it.
        page_bytes: how large it was.
        sent_at, answered_at: epoch seconds; the shop's clock is the same one.
    """

    step: str
    desk: int
    status: int
    kind: str
    headers: Mapping[str, str]
    page: str
    page_bytes: int
    sent_at: float
    answered_at: float

    @property
    def seconds(self) -> float:
        return self.answered_at - self.sent_at

    @property
    def token(self) -> str:
        """Give the secret of the order that it leads to."""
        return self.headers["location"].rpartition("/")[2]

    def hidden(self, action: str) -> dict[str, str]:
        """Give the hidden fields of its form that posts to an address ending with action."""
        for form in re.findall(r"<form\b.*?</form>", self.page, re.DOTALL):
            target = re.search(r'action="([^"]*)"', form)
            if target and html.unescape(target[1]).endswith(action):
                return {html.unescape(name): html.unescape(value) for name, value in _HIDDEN.findall(form)}
        raise AssertionError(f"no form posts to {action}: {self.page[:2000]}")


def kind_of(status: int, headers: Mapping[str, str], page: str) -> str:
    """Say in one word what an answer means for a buyer; of anything unforeseen give its number."""
    signs = {
        200: (("review", 'id="place-form"'),),
        403: (("not_open_yet", 'data-reason="not_open_yet"'),),
        409: (("sold_out", 'id="sold-out"'), ("review_again", 'id="place-form"')),
        410: (("closed", 'id="closed"'),),
    }
    if status == 303:
        return "confirmed"
    if status == 503 and "retry-after" in headers and 'id="error"' in page:
        return "again_later"
    return next((kind for kind, sign in signs.get(status, ()) if sign in page), str(status))


class _Line(asyncio.Protocol):
    """One connection."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._waiting: asyncio.Future[tuple[int, dict[str, str], bytes]] | None = None
        self._body_at = -1
        self._length = 0
        self._head: tuple[int, dict[str, str]] = (0, {})
        self.transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self._bytes += data
        if self._body_at < 0:
            end = self._bytes.find(b"\r\n\r\n")
            if end < 0:
                return
            first, *lines = self._bytes[:end].decode("latin-1").split("\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
            self._head = int(first.split(" ", 2)[1]), headers
            self._body_at, self._length = end + 4, int(headers.get("content-length", "0"))
        if len(self._bytes) >= self._body_at + self._length and self._waiting is not None:
            body = bytes(self._bytes[self._body_at : self._body_at + self._length])
            self._bytes.clear()
            self._body_at = -1
            waiting, self._waiting = self._waiting, None
            if not waiting.done():
                waiting.set_result((*self._head, body))

    def connection_lost(self, error: Exception | None) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(Broken("the connection broke"))

    def send(self, request: bytes) -> asyncio.Future[tuple[int, dict[str, str], bytes]]:
        self._waiting = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return self._waiting


class Phone:
    """
    A buyer's phone: posts forms to desks, over one connection as long as it holds.

    Attributes:
        answers: all that came back, in order, without the pages.
    """

    def __init__(self, ports: Sequence[int]) -> None:
        self._ports = ports
        self._lines: dict[int, _Line] = {}
        self.answers: list[Answer] = []

    async def post(self, step: str, desk: int, path: str, fields: Mapping[str, str]) -> Answer:
        """
        Post a form and give what comes back.

        Raises:
            Broken.
        """
        body = urlencode(fields).encode()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{self._ports[desk]}\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        sent_at, began = time.time(), time.monotonic()
        line = self._lines.pop(desk, None)
        try:
            async with asyncio.timeout(ANSWER_S):
                if line is None or line.transport.is_closing():
                    line = await self._call(desk)
                status, headers, content = await line.send(head.encode() + body)
        except (OSError, TimeoutError, Broken) as error:
            if line is not None:
                line.transport.abort()
            raise Broken(f"{step}: {type(error).__name__}") from error
        if headers.get("connection", "").lower() == "close":
            line.transport.close()
        else:
            self._lines[desk] = line
        # Durations by the monotonic clock; the wall clock only says where in the window it was.
        answered_at = sent_at + time.monotonic() - began
        page = content.decode()
        kind = kind_of(status, headers, page)
        answer = Answer(step, desk, status, kind, headers, page, len(content), sent_at, answered_at)
        self.answers.append(replace(answer, page=""))
        return answer

    async def _call(self, desk: int) -> _Line:
        _, line = await asyncio.get_running_loop().create_connection(_Line, "127.0.0.1", self._ports[desk])
        return line

    def hang_up(self) -> None:
        for line in self._lines.values():
            line.transport.close()
        self._lines.clear()


@dataclass(frozen=True)
class Buyer:
    """
    What a buyer means to do.

    Attributes:
        basket: form field -> units.
        presses_at: when she sends the form, epoch seconds.
        thinks_s: how long she looks at the review.
        desk: where her posts go; with several desks a second press goes to the next one.
        comes_early: "review" or "place": what she tries before the opening, or "".
        presses: how often she presses the last button, at once.
    """

    number: int
    basket: Mapping[str, int]
    presses_at: float = 0.0
    thinks_s: float = 0.0
    desk: int = 0
    comes_early: str = ""
    presses: int = 1

    @property
    def phone(self) -> str:
        """Give her number as the ledger has it; by it her order is found there."""
        return f"+62812{self.number:08}"

    @property
    def fields(self) -> dict[str, str]:
        """Give what she types."""
        units = {name: str(qty) for name, qty in self.basket.items()}
        return order_fields(phone=f"0812{self.number:08}", name=f"Pembeli {self.number}", note="jangan pedas", **units)


@dataclass
class Outcome:
    """
    What became of a buyer.

    Attributes:
        end: kind of the last answer ("confirmed", "sold_out", "closed", ...), "gave_up" or "contradiction".
        token: of her order, "" without one.
        pressed: what she posted to order.
        broken: how often nobody answered.
    """

    buyer: Buyer
    end: str
    token: str = ""
    answers: list[Answer] = field(default_factory=list)
    pressed: Mapping[str, str] = field(default_factory=dict)
    broken: int = 0

    @property
    def last(self) -> Answer:
        """Give the answer that says how it ended."""
        return next(answer for answer in reversed(self.answers) if answer.kind == self.end)

    def waits(self, step: str = "") -> list[float]:
        """Give the seconds that each of her posts took."""
        return [answer.seconds for answer in self.answers if step in ("", answer.step)]


@dataclass
class Crowd:
    """
    Buyers in front of the desks of one shop.

    Attributes:
        ports: of the desks.
        slug: of the campaign.
        give_up_at: epoch seconds after which nobody tries again.
        hears: called with each confirmed order's token, as soon as the buyer knows of it.
        turned_away: how often somebody was told to come back later.
    """

    ports: Sequence[int]
    slug: str
    give_up_at: float
    hears: Callable[[str], None] = lambda token: None
    turned_away: int = 0

    async def all(self, buyers: Sequence[Buyer], buy: Callable[[Buyer], Awaitable[Outcome]]) -> list[Outcome]:
        """Let all of them buy at the same time."""
        return list(await asyncio.gather(*(buy(buyer) for buyer in buyers)))

    async def buy(self, buyer: Buyer) -> Outcome:
        """Order as a buyer means to, until there is an order or a reason why there is none."""
        phone, outcome = Phone(self.ports), Outcome(buyer, "gave_up")
        outcome.answers = phone.answers
        try:
            if buyer.comes_early:
                await self._come_early(phone, buyer)
            await _sleep_until(buyer.presses_at)
            await self._order(phone, buyer, outcome)
        except Broken:
            pass
        finally:
            phone.hang_up()
        return outcome

    async def press_again(self, outcome: Outcome, desk: int) -> Answer:
        """Post the very same once more, as a reload or a second press does, and give what comes back."""
        phone = Phone(self.ports)
        try:
            place = f"/pesan/{self.slug}/kirim"
            return await self._insist(phone, outcome.buyer, outcome, "again", place, outcome.pressed, desk)
        finally:
            outcome.answers += phone.answers
            phone.hang_up()

    async def _come_early(self, phone: Phone, buyer: Buyer) -> None:
        path = f"/pesan/{self.slug}" + ("/kirim" if buyer.comes_early == "place" else "")
        answer = await phone.post("early", buyer.desk, path, buyer.fields)
        _check_typed(answer, buyer)
        # As patient people do: the connection isn't held until then.
        phone.hang_up()

    async def _order(self, phone: Phone, buyer: Buyer, outcome: Outcome) -> None:
        answer = await self._insist(phone, buyer, outcome, "review", f"/pesan/{self.slug}", buyer.fields, buyer.desk)
        place = f"/pesan/{self.slug}/kirim"
        while answer.kind in {"review", "review_again"}:
            if buyer.thinks_s:
                await asyncio.sleep(buyer.thinks_s)
            hidden = outcome.pressed = answer.hidden(place)
            desks = [(buyer.desk + press) % len(self.ports) for press in range(buyer.presses)]
            phones = [phone, *(Phone(self.ports) for _ in desks[1:])]
            answers = await asyncio.gather(
                *(
                    self._insist(each, buyer, outcome, "place", place, hidden, desk)
                    for each, desk in zip(phones, desks, strict=True)
                )
            )
            for other in phones[1:]:
                outcome.answers += other.answers
                other.hang_up()
            found = {each.token for each in answers if each.kind == "confirmed"}
            # Two presses are two requests: of those around the closing one may be in time and the other late.
            refused = {each.kind for each in answers} - {"confirmed", "closed"}
            if len(found) > 1 or (found and refused):
                outcome.end = "contradiction"
                return
            answer = min(answers, key=lambda each: each.kind != "confirmed")
        outcome.end = answer.kind
        if answer.kind == "confirmed":
            outcome.token = answer.token
        else:
            _check_typed(answer, buyer)

    async def _insist(
        self,
        phone: Phone,
        buyer: Buyer,
        outcome: Outcome,
        step: str,
        path: str,
        fields: Mapping[str, str],
        desk: int,
    ) -> Answer:
        """
        Post until somebody answers with more than "not now". The very same again, so it is one order; at the next desk
        where there are several.
        """
        chance = random.Random(buyer.number)
        while True:
            try:
                answer = await phone.post(step, desk, path, fields)
                if answer.kind == "confirmed":
                    self.hears(answer.token)
                if answer.kind != "again_later":
                    return answer
                self.turned_away += 1
                if step != "review":
                    _check_kept(answer, fields)
                wait_s = min(LONGEST_WAIT_S, float(answer.headers["retry-after"]))
            except Broken:
                outcome.broken += 1
                wait_s = 0.2
            if time.time() > self.give_up_at:
                raise Broken("nobody answers")
            desk = (desk + 1) % len(self.ports)
            await asyncio.sleep(wait_s * chance.uniform(0.2, 1.0))

    async def post_bare(self, buyer: Buyer) -> Outcome:
        """Post twice to the bare application of bench.floors, at the same moments: what this machine can do at best."""
        phone, outcome = Phone(self.ports), Outcome(buyer, "bare")
        outcome.answers = phone.answers
        try:
            await _sleep_until(buyer.presses_at)
            for step, path in (("review", "/page"), ("place", "/form")):
                for _ in range(buyer.presses if step == "place" else 1):
                    answer = await phone.post(step, buyer.desk, path, buyer.fields)
                    if answer.status != 200:
                        raise AssertionError(f"the bare application answered {answer.status}: {answer.page[:500]}")
                if step == "review" and buyer.thinks_s:
                    await asyncio.sleep(buyer.thinks_s)
        finally:
            phone.hang_up()
        return outcome


def _check_typed(answer: Answer, buyer: Buyer) -> None:
    """Make sure that what she typed stands in the page that turns her away, so that she can use it again."""
    for name in ("name", "note", "street"):
        if html.escape(buyer.fields[name], quote=False) not in answer.page:
            raise AssertionError(f"what she typed is gone: {answer.status} {answer.page[:3000]}")


def _check_kept(answer: Answer, fields: Mapping[str, str]) -> None:
    """Make sure that a "not now" has words for her, in her language, and a button that sends the very same again."""
    words = re.search(r'<p class="lead">([^<]{20,})</p>', answer.page)
    if words is None or '<html lang="id"' not in answer.page or 'id="try-again"' not in answer.page:
        raise AssertionError(f"she is not told what to do: {answer.page[:3000]}")
    kept = answer.hidden("/kirim")
    if kept != {name: text for name, text in fields.items() if name in kept} or "token" not in kept:
        raise AssertionError(f"what she typed is not kept: {sorted(kept)} of {sorted(fields)}")
    if lost := [name for name, text in fields.items() if text and name not in kept]:
        raise AssertionError(f"what she typed is lost: {lost}")


async def _sleep_until(instant: float) -> None:
    wait_s = instant - time.time()
    if wait_s > 0:
        await asyncio.sleep(wait_s)
