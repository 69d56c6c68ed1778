"""The buyer's own page, /s/<token>: what she ordered, what to pay, where it stands. It reads the ledger alone."""

from __future__ import annotations

import logging
import re
from dataclasses import replace

from flask import Flask, Response, request
from werkzeug.exceptions import NotFound

from intake.desk import NoSuchOrder
from intake.ledger.store import StoredOrder
from intake.ledger.writer import LedgerError
from intake.published import CatalogueUnavailable
from intake.web import errors
from intake.web.front import NAMELESS, Front
from intake.web.news import NewsView, news_text
from intake.web.posted import UnreadablePost, read_fields
from intake.web.qr import draw_png
from intake.web.rendering import CONTENT_TYPES, send_to
from intake.web.views import OrderView, QrisView, view_changes, view_order, view_qris
from preorder.consent import Purpose
from preorder.contact import whatsapp_link
from preorder.errors import PreorderError
from preorder.salutation import Salutation
from preorder.shop import Shop
from preorder.wording import show_rupiah

log = logging.getLogger(__name__)

_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")


class ConsentChanged(PreorderError):
    """The sentence that she pressed the button under is not the one that stands there now."""

    code = "consent_changed"


class StatusPages:
    """The pages under /s/<token>."""

    def __init__(self, front: Front) -> None:
        self._front = front

    def register(self, app: Flask) -> None:
        """Give the app these pages."""
        app.add_url_rule("/s/<token>", "status", self.show, methods=["GET"])
        app.add_url_rule("/s/<token>/qris.png", "qris_picture", self.qris_picture, methods=["GET"])
        app.add_url_rule("/s/<token>/sudah-transfer", "claim_back", self.back, methods=["GET"])
        app.add_url_rule("/s/<token>/sudah-transfer", "claim", self.claim, methods=["POST"])
        app.add_url_rule("/s/<token>/ubah", "change_back", self.back, methods=["GET"])
        app.add_url_rule("/s/<token>/ubah", "change", self.change, methods=["POST"])

    def show(self, token: str) -> Response:
        """GET: the order."""
        order = self._find(token)
        shop = self._shop(order)
        try:
            campaign = self._front.catalogue.current().by_id(order.campaign_id)
        except CatalogueUnavailable:
            campaign = None
        view = self._view(order, shop, campaign.slug if campaign else "")
        news = NewsView(
            self._front.desk.consent_of(order, Purpose.NEWS),
            news_text(shop, self._front.pages.gettext(shop)),
            self._url(token, "/ubah"),
        )
        changes = view_changes(order, campaign, shop)
        return self._front.pages.respond(shop, "intake/status.html", order=view, news=news, changes=changes)

    def qris_picture(self, token: str) -> Response:
        """
        GET: the code to pay with as a file, for who can't scan her own screen.

        It is made of the shop's own payload and of what the ledger says is due; nothing of it comes from the request.

        Raises:
            NoSuchOrder: nobody has this token.
            NotFound: nothing is due, more than QRIS takes at once, or the shop has no QRIS.
            CatalogueUnavailable.
        """
        order = self._find(token)
        qris = self._front.catalogue.current().shop.qris
        code = qris.code_for(order.money.due) if qris else None
        if code is None:
            raise NotFound
        headers = {
            "Content-Type": CONTENT_TYPES[".png"],
            # Shown and not only saved: a browser within another app, such as Instagram's, drops downloads, and there
            # she keeps the picture by pressing on it.
            "Content-Disposition": f'inline; filename="qris-{order.ref}.png"',
            "X-Robots-Tag": "noindex",
        }
        return Response(draw_png(code.payload), headers=headers)

    def claim(self, token: str) -> Response:
        """POST: "I have transferred". The expiry clock stops; saying it again changes nothing."""
        read_fields(request, ())
        order = self._find(token)
        try:
            self._front.desk.claim_payment(token, self._front.clock())
        except LedgerError as failure:
            code = errors.code_of(failure)
            log.warning("claim for %s not stored: %s", order.ref, code)
            return errors.error_page(
                self._front, self._front.shop(), f"claim_{code}", action_url=self._url(token, "/sudah-transfer")
            )
        log.info("order %s payment claimed", order.ref)
        return send_to(self._url(token))

    def change(self, token: str) -> Response:
        """
        POST: "you may tell me of the next pre-orders" (with the version of the sentence that she read), or "no longer".
        Saying it again changes nothing.

        Raises:
            ConsentChanged: the page that she pressed the button of is an old one.
        """
        fields = read_fields(request, ("news", "text"))
        order = self._find(token)
        wanted = fields.get("news")
        if wanted not in {"yes", "no"}:
            raise UnreadablePost
        shop = self._shop(order)
        text = news_text(shop, self._front.pages.gettext(shop))
        if wanted == "yes" and fields.get("text") != text.mark:
            raise ConsentChanged
        try:
            if wanted == "yes":
                self._front.desk.give_consent(token, text, self._front.clock())
            else:
                self._front.desk.take_consent_back(token, Purpose.NEWS, self._front.clock())
        except LedgerError as failure:
            code = errors.code_of(failure)
            log.warning("consent for %s not stored: %s", order.ref, code)
            return errors.error_page(
                self._front, shop, f"claim_{code}", hidden=list(fields.items()), action_url=self._url(token, "/ubah")
            )
        log.info("order %s news %s", order.ref, wanted)
        return send_to(self._url(token, "#news"))

    def back(self, token: str) -> Response:
        """GET of an address that is only posted to: to the order."""
        self._find(token)
        return send_to(self._url(token))

    def _find(self, token: str) -> StoredOrder:
        order = self._front.desk.order_by_token(token) if token.isascii() and _TOKEN.fullmatch(token) else None
        if order is None:
            raise NoSuchOrder
        return order

    def _shop(self, order: StoredOrder) -> Shop:
        try:
            return self._front.catalogue.current().shop
        except CatalogueUnavailable:
            # Then the shop is who it was when she ordered. Where to pay to is only known once something is published
            # again.
            party = order.snapshot["shop"]
            called = Salutation(party.get("salutation", Salutation.KAKAK))
            return replace(NAMELESS, **(party | {"salutation": called}))

    def _url(self, token: str, rest: str = "") -> str:
        return f"{self._front.settings.intake_url}/s/{token}{rest}"

    def _view(self, order: StoredOrder, shop: Shop, campaign_slug: str) -> OrderView:
        _ = self._front.pages.gettext(shop)
        draft = (
            _("Hello, I have transferred %(amount)s for order %(ref)s.")
            if order.money.due
            else _("Hello, I have a question about order %(ref)s.")
        )
        return view_order(
            order,
            shop,
            campaign_slug=campaign_slug,
            chat_url=whatsapp_link(shop.whatsapp, draft % {"ref": order.ref, "amount": show_rupiah(order.money.due)}),
            claim_url=self._url(order.token, "/sudah-transfer"),
            now=self._front.clock(),
            qris=self._qris(order, shop),
        )

    def _qris(self, order: StoredOrder, shop: Shop) -> QrisView | None:
        if shop.qris is None or not order.money.due:
            return None
        _ = self._front.pages.gettext(shop)
        label = _("QRIS code of %(merchant)s for paying %(amount)s") % {
            "merchant": shop.qris.merchant_name,
            "amount": show_rupiah(order.money.due),
        }
        return view_qris(shop.qris, order.money.due, label, self._url(order.token, "/qris.png"))
