"""Ordering in two posts: the form, answered by "check your order", and the order itself."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Flask, Response, request
from werkzeug.exceptions import NotFound

from intake.desk import DiskNearlyFull
from intake.ledger.writer import LedgerError, LedgerFailed
from intake.placing import Placed, Placement, ShopPaused
from intake.published import CatalogueUnavailable
from intake.web import errors
from intake.web.arrival import arrived_at
from intake.web.fields import Problem
from intake.web.forms import ACTION, TOKEN, Forms, OrderForm, error_list, refusal_problems, worded
from intake.web.front import Front
from intake.web.news import news_text
from intake.web.posted import read_fields
from intake.web.rendering import send_to
from intake.web.token import Review
from intake.web.views import contract
from preorder.campaign import WHOLE, Campaign
from preorder.catalogue import Catalogue
from preorder.consent import ConsentText
from preorder.contact import whatsapp_link
from preorder.order import (
    CampaignCancelled,
    NotOpenYet,
    OrderRefused,
    OrderRequest,
    Quotation,
    SoldOut,
    WindowClosed,
    accept,
    check_window,
)
from preorder.quota import items_in_pool, units_by_pool
from preorder.schedule import Phase
from preorder.shop import Shop
from preorder.slugs import is_slug

log = logging.getLogger(__name__)

# However far away the opening is, nobody's program should sleep longer than this.
LONGEST_RETRY_S = 3600
# For so long an order with the very same fields is taken for a second press on another way: back, reload, the form again.
SAME_WITHIN = timedelta(hours=12)


@dataclass(frozen=True)
class Visit:
    """
    One request for one campaign.

    Attributes:
        received_at: when it had come; decides about the window, however long anything takes after it.
    """

    catalogue: Catalogue
    campaign: Campaign
    received_at: datetime

    @property
    def shop(self) -> Shop:
        """Give who sells."""
        return self.catalogue.shop


@dataclass(frozen=True)
class _Accepted:
    """An order that its campaign takes, and what it comes to."""

    request: OrderRequest
    quotation: Quotation
    consents: tuple[ConsentText, ...] = ()


class OrderPages:
    """The pages under /pesan/<slug>."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self._forms = Forms()

    def register(self, app: Flask) -> None:
        """Give the app these pages."""
        app.add_url_rule("/pesan/<slug>", "order_form", self.show_form, methods=["GET"])
        app.add_url_rule("/pesan/<slug>", "order_review", self.review, methods=["POST"])
        app.add_url_rule("/pesan/<slug>/kirim", "order_back", self.back_to_form, methods=["GET"])
        app.add_url_rule("/pesan/<slug>/kirim", "order_place", self.place, methods=["POST"])

    def show_form(self, slug: str) -> Response:
        """GET: the empty form, or why there is none now."""
        visit = self._visit(slug)
        form = self._forms.form(visit.shop, visit.campaign, {})
        try:
            check_window(visit.campaign, visit.received_at)
        except (NotOpenYet, WindowClosed) as refusal:
            return self._closed(visit, form, refusal)
        if self._front.desk.paused():
            return errors.error_page(self._front, visit.shop, "shop_resting")
        return self._form_page(visit, form, {}, 200)

    def back_to_form(self, slug: str) -> Response:
        """GET of an address that is only posted to: an in-app browser hands it over like that with "open in Chrome"."""
        visit = self._visit(slug)
        return send_to(f"{self._front.settings.intake_url}/pesan/{visit.campaign.slug}")

    def review(self, slug: str) -> Response:
        """
        POST: what it comes to, with a token; or the form again, with what is wrong; or as it was, when she wants to
        change it.
        """
        visit = self._visit(slug)
        fields = self._read(visit)
        form = self._forms.form(visit.shop, visit.campaign, fields)
        try:
            check_window(visit.campaign, visit.received_at)
        except (NotOpenYet, WindowClosed) as refusal:
            return self._closed(visit, form, refusal)
        if fields.get(ACTION) == "change":
            return self._form_page(visit, form, {}, 200)
        if self._front.desk.paused():
            action_url = f"{self._front.settings.intake_url}/pesan/{visit.campaign.slug}"
            return errors.error_page(
                self._front, visit.shop, "shop_paused", hidden=form.hidden(), action_url=action_url
            )
        try:
            accepted = self._accept(visit, form)
        except _Answered as answered:
            return answered.response
        return self._review_page(visit, form, accepted, status=200)

    def place(self, slug: str) -> Response:
        """
        POST: the order.

        1. Window and fields, as at the review.
        2. Another token, or another content than reviewed, an old one, other terms: the review again, nothing lost.
        3. One transaction at the desk; then off to the order's own page.

        A token of ours whose order is stored already leads to it, whatever else holds now: the transaction looks for it
        first, and so does every way that would end without one.
        """
        received_at = arrived_at(request.environ, self._front.clock)
        try:
            visit = self._visit(slug, received_at)
        except (NotFound, CatalogueUnavailable):
            # The campaign has gone or moved since: an order that is stored is found all the same.
            review = self._front.tokens.read(read_fields(request, {TOKEN}).get(TOKEN, ""))
            if review is None or (placed := self._front.desk.find_by_nonce(review.nonce)) is None:
                raise
            return self._to_order(placed)
        fields = self._read(visit)
        review = self._front.tokens.read(fields.get(TOKEN, ""))
        form = self._forms.form(visit.shop, visit.campaign, fields)
        try:
            accepted = self._accept(visit, form)
        except _Answered as answered:
            # Sold out, perhaps, to her own first press.
            placed = self._placed_before(review)
            return answered.response if placed is None else self._to_order(placed)
        same = review is not None and review.fields_digest == form.fields_digest()
        # A new revision alone changes nothing for her: only what she accepts counts, and what it comes to. An early price
        # may have ended since.
        changed = review is not None and review.terms_hash != _agreed(visit.campaign, accepted)
        expired = review is not None and review.expired(received_at)
        if review is None or not same or changed or expired:
            if (placed := self._placed_before(review)) is not None:
                return self._to_order(placed)
            log.info("order not placed: reviewed content %s, terms changed %s, expired %s", same, changed, expired)
            return self._review_page(
                visit, form, accepted, status=409, changed=same and changed, expired=same and expired
            )
        placement = Placement(
            campaign=visit.campaign,
            shop=visit.shop,
            revision=visit.catalogue.revision,
            request=accepted.request,
            quotation=accepted.quotation,
            nonce=review.nonce,
            fields_digest=review.fields_digest,
            received_at=received_at,
            language=visit.shop.language,
            consents=accepted.consents,
        )
        return self._store(visit, form, placement, fields[TOKEN])

    def _placed_before(self, review: Review | None) -> Placed | None:
        if review is None:
            return None
        # Her first press may still wait for the ledger while this one is about to be refused.
        return self._stored(review.nonce, self._front.desk.find_in_line)

    def _stored(self, nonce: str, find: Callable[[str], Placed | None]) -> Placed | None:
        """
        Give the order that is stored under a nonce; None also where the ledger doesn't say, for what she typed is kept
        in any case.
        """
        try:
            placed = find(nonce)
        except LedgerError as error:
            log.warning("whether it is stored already can't be found out: %s", error)
            return None
        if placed is not None:
            log.info("order %s repeated", placed.ref)
        return placed

    def _store(self, visit: Visit, form: OrderForm, placement: Placement, token: str) -> Response:
        try:
            placed = self._front.desk.place(placement)
        except SoldOut as refusal:
            return self._sold_out(visit, form, refusal.fields["items"], refusal.fields["left"])
        except (NotOpenYet, WindowClosed) as refusal:
            # By a catalogue that was published in this moment.
            return self._closed(visit, form, refusal)
        except OrderRefused as refusal:
            return self._refused(visit, form, refusal)
        except (LedgerError, DiskNearlyFull, ShopPaused) as failure:
            # What a reader sees is committed. Only after a failed COMMIT nobody can say what the disk has.
            stored = (
                None
                if isinstance(failure, LedgerFailed)
                else self._stored(placement.nonce, self._front.desk.find_by_nonce)
            )
            if stored is not None:
                return self._to_order(stored)
            code = errors.code_of(failure)
            log.warning("order not confirmed: %s", code)
            action_url = f"{self._front.settings.intake_url}/pesan/{visit.campaign.slug}/kirim"
            return errors.error_page(
                self._front, visit.shop, code, hidden=[*form.hidden(), (TOKEN, token)], action_url=action_url
            )
        return self._to_order(placed)

    def _visit(self, slug: str, received_at: datetime | None = None) -> Visit:
        received_at = received_at or arrived_at(request.environ, self._front.clock)
        catalogue = self._front.catalogue.current()
        campaign = catalogue.by_slug(slug) if is_slug(slug) else None
        if campaign is None:
            raise NotFound
        return Visit(catalogue, campaign, received_at)

    def _read(self, visit: Visit) -> dict[str, str]:
        return read_fields(request, self._forms.known(visit.shop, visit.campaign))

    def _accept(self, visit: Visit, form: OrderForm) -> _Accepted:
        """
        Give the order, and what it comes to.

        Raises:
            _Answered: with the page that says why not.
        """
        try:
            check_window(visit.campaign, visit.received_at)
        except (NotOpenYet, WindowClosed) as refusal:
            raise _Answered(self._closed(visit, form, refusal)) from None
        if not form.validate():
            raise _Answered(self._form_page(visit, form, form.problems(), 422))
        request = form.to_request()
        try:
            quotation = accept(visit.campaign, request, visit.received_at)
        except OrderRefused as refusal:
            raise _Answered(self._refused(visit, form, refusal)) from None
        left = self._front.desk.units_left_in(visit.campaign, quotation.window.round)
        # Perhaps a second old: good enough to say no early. Only the transaction says yes.
        for pool, units in units_by_pool(quotation.lines).items():
            if units > left.get(pool, units):
                items = () if pool == WHOLE else items_in_pool(quotation.lines, pool)
                raise _Answered(self._sold_out(visit, form, items, left[pool]))
        news = (news_text(visit.shop, self._front.pages.gettext(visit.shop)),) if form.allows_news else ()
        return _Accepted(request, quotation, news)

    def _refused(self, visit: Visit, form: OrderForm, refusal: OrderRefused) -> Response:
        log.info("order refused: %s", refusal.code)
        return self._form_page(visit, form, refusal_problems(form, refusal), 422, refused=refusal.code)

    def _form_page(
        self, visit: Visit, form: OrderForm, problems: Mapping[str, Problem], status: int, *, refused: str = ""
    ) -> Response:
        wrong = worded(problems, self._front.pages.gettext(visit.shop))
        return self._front.pages.respond(
            visit.shop,
            "intake/order.html",
            status,
            campaign=visit.campaign,
            terms_html=contract(visit.campaign.terms_html),
            phase=visit.campaign.phase(visit.received_at),
            left=self._front.desk.units_left_in(
                visit.campaign, visit.campaign.schedule.shown_window(visit.received_at).round
            ),
            window=visit.campaign.schedule.shown_window(visit.received_at),
            now=visit.received_at,
            refused=refused,
            hidden=form.hidden(),
            values=form.values(),
            errors=wrong,
            error_list=error_list(wrong),
        )

    def _review_page(
        self,
        visit: Visit,
        form: OrderForm,
        accepted: _Accepted,
        *,
        status: int,
        changed: bool = False,
        expired: bool = False,
    ) -> Response:
        fields_digest = form.fields_digest()
        token = self._front.tokens.issue(
            visit.received_at,
            visit.catalogue.revision,
            fields_digest,
            _agreed(visit.campaign, accepted),
        )
        return self._front.pages.respond_framed(
            visit.shop,
            "review",
            status,
            campaign=visit.campaign,
            terms_html=contract(visit.campaign.terms_html),
            quotation=accepted.quotation,
            buyer=accepted.request.buyer,
            consents=accepted.consents,
            hidden=form.hidden(),
            token=token,
            changed=changed,
            expired=expired,
            again=status == 409,
            # Two equal orders are legal, but mostly the second is meant to be the first.
            same_ref=self._front.desk.find_same(fields_digest, visit.received_at - SAME_WITHIN),
        )

    def _closed(self, visit: Visit, form: OrderForm, refusal: NotOpenYet | WindowClosed) -> Response:
        _ = self._front.pages.gettext(visit.shop)
        opens_at: datetime | None = refusal.fields["opens_at"]
        # Between the rounds of a monthly campaign the next one may be announced already: then that is the news.
        coming = opens_at is not None and visit.campaign.phase(visit.received_at) is Phase.ANNOUNCED
        response = self._front.pages.respond(
            visit.shop,
            "intake/closed.html",
            403 if coming else 410,
            campaign=visit.campaign,
            reason="not_open_yet" if coming else "cancelled" if isinstance(refusal, CampaignCancelled) else "closed",
            opens_at=opens_at,
            closed_at=refusal.fields.get("closed_at"),
            kept=form.kept(_),
            hidden=form.hidden(),
            chat_url=self._chat(visit, _("Hello, I'd like to order from %(title)s. Can I still?")),
        )
        if coming and opens_at is not None:
            wait_s = int((opens_at - visit.received_at).total_seconds()) + 1
            response.headers["Retry-After"] = str(min(LONGEST_RETRY_S, wait_s))
        return response

    def _sold_out(self, visit: Visit, form: OrderForm, items: tuple[str, ...], left: int) -> Response:
        _ = self._front.pages.gettext(visit.shop)
        log.info("order refused: sold_out")
        return self._front.pages.respond(
            visit.shop,
            "intake/sold_out.html",
            409,
            campaign=visit.campaign,
            items=items,
            left=left,
            kept=form.kept(_),
            hidden=form.hidden(),
            chat_url=self._chat(
                visit, _("Hello, I wanted to order from %(title)s, but there isn't enough left. Will there be more?")
            ),
        )

    def _chat(self, visit: Visit, draft: str) -> str:
        return whatsapp_link(visit.shop.whatsapp, draft % {"title": visit.campaign.title})

    def _to_order(self, placed: Placed) -> Response:
        # 303: whoever reloads what follows asks for the page and does not order again.
        response = send_to(f"{self._front.settings.intake_url}/s/{placed.token}")
        response.headers["Referrer-Policy"] = "no-referrer"
        return response


def _agreed(campaign: Campaign, accepted: _Accepted) -> str:
    """
    Give the mark of what a reviewed order agrees to: the terms, the price of each unit, and the words of what it allows
    beside. Hex, 64 digits.
    """
    prices = ",".join(str(line.price) for line in accepted.quotation.lines)
    allowed = " ".join(text.hash for text in accepted.consents)
    return hashlib.sha256(f"{campaign.terms_hash} {prices} {allowed}".encode()).hexdigest()


class _Answered(Exception):
    """The order can't go on; this page says why."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response
