"""
What buyers can do where they can't order: the pages under /daftar-tunggu, /ingatkan and /penawaran, and the page of what
they have asked, /d/<token>.
"""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from flask import Flask, Response, request
from werkzeug.exceptions import NotFound

from intake.enquiring import Needed, NoSuchEnquiry
from intake.ledger.enquiries import StoredEnquiry
from intake.ledger.writer import LedgerError
from intake.placing import ShopPaused
from intake.published import CatalogueUnavailable
from intake.web import errors
from intake.web.arrival import arrived_at
from intake.web.enquiry_forms import OF, SLIP, EnquiryForm, EnquiryForms, wish_fields
from intake.web.fields import Problem
from intake.web.forms import ACTION, error_list, worded
from intake.web.front import Front
from intake.web.posted import read_fields
from intake.web.rendering import send_to
from preorder.campaign import WHOLE, Campaign
from preorder.contact import mask_phone, whatsapp_link
from preorder.enquiries import EnquiryKind, EnquiryStatus, NotChangeable, StillThere, TooManyEnquiries
from preorder.schedule import ZONES, Phase
from preorder.shop import Shop
from preorder.slugs import is_slug
from preorder.wording import ENQUIRY_LABELS, show_date

log = logging.getLogger(__name__)

PATHS: Mapping[EnquiryKind, str] = {
    EnquiryKind.WAITLIST: "daftar-tunggu",
    EnquiryKind.INTEREST: "ingatkan",
    EnquiryKind.QUOTATION: "penawaran",
}
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")
_SLIP_BYTES = 16


@dataclass(frozen=True)
class _Visit:
    """
    One request for one campaign's enquiries.

    Attributes:
        now: when it had come.
        slip: what makes this press another than everybody else's, of the page that it comes with or for the page that
            it goes to. Without it, whoever knows a name and a number could press as if for the second time, and be
            led to the page of the first.
        own: what she wants to change; None where she asks for something new.
    """

    shop: Shop
    campaign: Campaign
    now: datetime
    slip: str = ""
    own: StoredEnquiry | None = None

    @property
    def round(self) -> int:
        """Give the round for which something is asked."""
        return self.own.round if self.own else self.campaign.schedule.shown_window(self.now).round

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """Give what a page carries along that no buyer has typed."""
        return [(SLIP, self.slip), *([(OF, self.own.token)] if self.own else [])]

    @property
    def is_open(self) -> bool:
        """Say whether orders are taken now."""
        return self.campaign.schedule.phase(self.now) is Phase.OPEN


class EnquiryPages:
    """The pages of enquiries."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self._forms = EnquiryForms()

    def register(self, app: Flask) -> None:
        """Give the app these pages."""
        for kind, path in PATHS.items():
            app.add_url_rule(f"/{path}/<slug>", f"{kind}_form", partial(self.show_form, kind), methods=["GET"])
            app.add_url_rule(f"/{path}/<slug>", f"{kind}_ask", partial(self.ask, kind), methods=["POST"])
        app.add_url_rule("/d/<token>", "enquiry", self.show, methods=["GET"])
        app.add_url_rule("/d/<token>", "enquiry_leave", self.leave, methods=["POST"])

    def show_form(self, kind: EnquiryKind, slug: str) -> Response:
        """GET: the empty form, or what can be done instead now."""
        visit = self._visit(kind, slug)
        visit = replace(visit, slip=secrets.token_urlsafe(_SLIP_BYTES))
        kind, refused = self._possible(kind, visit)
        return self._form_page(
            visit, self._forms.form(kind, visit.shop, visit.campaign, {}), {}, {}, 200, refused=refused
        )

    def ask(self, kind: EnquiryKind, slug: str) -> Response:
        """
        POST: the enquiry, then off to its own page; or the form, with what is wrong, or as it was when she comes from
        another page of ours.
        """
        visit = self._visit(kind, slug)
        fields = read_fields(request, self._forms.known(kind, visit.shop, visit.campaign))
        visit = replace(visit, slip=fields.get(SLIP) or secrets.token_urlsafe(_SLIP_BYTES))
        possible, refused = self._possible(kind, visit)
        if token := fields.get(OF):
            own = self._front.desk.enquiries.find(_checked(token)).stored
            if own.kind is not kind or not _is_changeable(own, visit.campaign, visit.now):
                # Her page says why not.
                return self._to_page(token)
            visit = replace(visit, own=own)
            asked_for = wish_fields(visit.campaign, own) if fields.get(ACTION) == "change" else fields
            fields = {**asked_for, ACTION: fields.get(ACTION, ""), "name": own.name or "", "phone": own.phone or ""}
        form = self._forms.form(possible, visit.shop, visit.campaign, fields)
        carried = {name: text for name, text in fields.items() if name in form.carried and text}
        if fields.get(ACTION) == "change" or possible is not kind:
            status = 200 if possible is kind else 409
            return self._form_page(visit, form, carried, {}, status, refused=refused)
        if refused:
            return self._form_page(visit, form, carried, {}, 409, refused=refused)
        problems = {} if form.validate() else form.problems()
        if problems := problems or self._look_closer(visit, form):
            return self._form_page(visit, form, carried, problems, 422)
        try:
            token = self._store(visit, form)
        except NotChangeable:
            assert visit.own is not None
            return self._to_page(visit.own.token)
        except (TooManyEnquiries, StillThere) as refusal:
            name = "phone" if isinstance(refusal, TooManyEnquiries) else form.lines[0].field("qty")
            refusals = {name: Problem(refusal.code, refusal.fields)}
            return self._form_page(visit, form, carried, refusals, 422)
        except ShopPaused:
            return errors.error_page(
                self._front,
                visit.shop,
                "shop_resting",
                hidden=[*_typed(visit, form), *carried.items(), *visit.hidden],
                action_url=self._url(visit, kind),
            )
        except LedgerError as failure:
            code = errors.code_of(failure)
            log.warning("enquiry not confirmed: %s", code)
            return errors.error_page(
                self._front,
                visit.shop,
                f"ask_{code}",
                hidden=[*_typed(visit, form), *carried.items(), *visit.hidden],
                action_url=self._url(visit, kind),
            )
        return self._to_page(token)

    def _store(self, visit: _Visit, form: EnquiryForm) -> str:
        """Store what is asked for, or change it; give the token of its page."""
        enquiries, said = self._front.desk.enquiries, form.to_enquiry(visit.round)
        title, language = visit.campaign.title, visit.shop.language
        consent = _consent(self._front.pages.gettext(visit.shop), visit.shop)
        needed = _needed(form) if form.kind is EnquiryKind.WAITLIST else None
        if visit.own:
            enquiries.change(visit.own.token, said, title, language, consent, visit.now, needed)
            return visit.own.token
        digest = form.press_digest(visit.slip)
        return enquiries.ask(said, title, language, digest, consent, visit.now, needed).token

    def show(self, token: str) -> Response:
        """GET: what was asked, and where it stands."""
        shown = self._front.desk.enquiries.find(_checked(token))
        stored = shown.stored
        try:
            catalogue = self._front.catalogue.current()
            shop, campaign = catalogue.shop, catalogue.by_id(stored.campaign_id)
        except CatalogueUnavailable:
            shop, campaign = self._front.shop(), None
        _ = self._front.pages.gettext(shop)
        draft = _("Hello, about %(ref)s for %(title)s: ") % {"ref": stored.ref, "title": stored.title}
        return self._front.pages.respond(
            shop,
            "intake/enquiry.html",
            enquiry=stored,
            place=shown.place,
            status_label=ENQUIRY_LABELS[shop.language][stored.status],
            needed_by=show_date(stored.needed_by, shop.language) if stored.needed_by else "",
            campaign_slug=campaign.slug if campaign else "",
            is_open=campaign is not None and campaign.schedule.phase(self._front.clock()) is Phase.OPEN,
            phone_masked=mask_phone(stored.phone) if stored.phone else "",
            chat_url=whatsapp_link(shop.whatsapp, draft) if shop.whatsapp else "",
            leave_url=f"{self._front.settings.intake_url}/d/{token}",
            change_url=f"{self._front.settings.intake_url}/{PATHS[stored.kind]}/{campaign.slug}"
            if campaign and _is_changeable(stored, campaign, self._front.clock())
            else "",
        )

    def leave(self, token: str) -> Response:
        """POST: she waits no longer. Saying it again changes nothing."""
        read_fields(request, ())
        try:
            self._front.desk.enquiries.leave(_checked(token), self._front.clock())
        except LedgerError as failure:
            code = errors.code_of(failure)
            url = f"{self._front.settings.intake_url}/d/{token}"
            return errors.error_page(self._front, self._front.shop(), f"ask_{code}", action_url=url)
        return self._to_page(token)

    def _visit(self, kind: EnquiryKind, slug: str) -> _Visit:
        now = arrived_at(request.environ, self._front.clock)
        catalogue = self._front.catalogue.current()
        campaign = catalogue.by_slug(slug) if is_slug(slug) else None
        if campaign is None or campaign.schedule.phase(now) is Phase.CANCELLED:
            raise NotFound
        if kind is EnquiryKind.QUOTATION and campaign.quotation_from is None:
            raise NotFound
        return _Visit(catalogue.shop, campaign, now)

    def _possible(self, kind: EnquiryKind, visit: _Visit) -> tuple[EnquiryKind, str]:
        """Give what can be asked for now in place of a kind, and why, as a word of the page; "" where nothing is in the way."""
        if kind is EnquiryKind.WAITLIST and not visit.is_open:
            return EnquiryKind.INTEREST, "closed"
        if kind is EnquiryKind.INTEREST and visit.is_open:
            return kind, "open_now"
        return kind, ""

    def _look_closer(self, visit: _Visit, form: EnquiryForm) -> dict[str, Problem]:
        """Give what is wrong with fields that are right by themselves."""
        enquiry = form.to_enquiry(1)
        first = form.lines[0].field("qty") if form.lines else ""
        if form.lines and not enquiry.lines:
            return {first: Problem("nothing_ordered")}
        if enquiry.needed_by is not None and enquiry.needed_by < visit.now.astimezone(ZONES[visit.shop.zone]).date():
            return {"needed_by": Problem("past_date")}
        return {}

    def _form_page(
        self,
        visit: _Visit,
        form: EnquiryForm,
        carried: Mapping[str, str],
        problems: Mapping[str, Problem],
        status: int,
        *,
        refused: str = "",
    ) -> Response:
        _ = self._front.pages.gettext(visit.shop)
        wrong = worded(problems, _)
        schedule = visit.campaign.schedule
        upcoming = schedule.next_window(visit.now)
        return self._front.pages.respond(
            visit.shop,
            "intake/enquiry_form.html",
            status,
            kind=form.kind,
            campaign=visit.campaign,
            left=self._front.desk.units_left_in(visit.campaign, schedule.shown_window(visit.now).round),
            window=schedule.shown_window(visit.now),
            now=visit.now,
            opens_at=upcoming.opens_at if upcoming else None,
            action_url=self._url(visit, form.kind),
            refused=refused
            or next((problem.code for problem in problems.values() if problem.code == "still_there"), ""),
            consent=_consent(_, visit.shop),
            hidden=[*carried.items(), *visit.hidden],
            own=visit.own,
            phone_masked=mask_phone(visit.own.phone) if visit.own and visit.own.phone else "",
            order_hidden=[*_typed(visit, form), *carried.items()],
            values=form.values(),
            errors=wrong,
            error_list=error_list(wrong),
        )

    def _url(self, visit: _Visit, kind: EnquiryKind) -> str:
        return f"{self._front.settings.intake_url}/{PATHS[kind]}/{visit.campaign.slug}"

    def _to_page(self, token: str) -> Response:
        response = send_to(f"{self._front.settings.intake_url}/d/{token}")
        response.headers["Referrer-Policy"] = "no-referrer"
        return response


def _typed(visit: _Visit, form: EnquiryForm) -> list[tuple[str, str]]:
    """Give what she typed. Her own page shows no whole number, so none stands in what it leads to."""
    return [(name, text) for name, text in form.hidden() if not (visit.own and name == "phone")]


def _is_changeable(own: StoredEnquiry, campaign: Campaign, now: datetime) -> bool:
    """Say whether she who has asked for this can ask for something else instead, from its page."""
    if own.status is not EnquiryStatus.WAITING or own.campaign_id != campaign.id:
        return False
    phase = campaign.schedule.phase(now)
    if own.kind is EnquiryKind.WAITLIST:
        return phase is Phase.OPEN and own.round == campaign.schedule.shown_window(now).round
    return own.kind is EnquiryKind.QUOTATION and campaign.quotation_from is not None and phase is not Phase.CANCELLED


def _needed(form: EnquiryForm) -> Needed:
    """Give what the lines of a form would take of the pools that have a quota."""
    quotas = form.campaign.pools
    units: dict[str, int] = {}
    for line in form.line_requests():
        product = form.campaign.product(line.product_id)
        variant = product.variant(line.variant_id) if product else None
        for pool in {*(variant.pools if variant else ()), WHOLE} & quotas.keys():
            units[pool] = units.get(pool, 0) + line.qty
    return Needed(units, dict(quotas))


def _checked(token: str) -> str:
    if not (token.isascii() and _TOKEN.fullmatch(token)):
        raise NoSuchEnquiry
    return token


def _consent(_: Callable[[str], str], shop: Shop) -> str:
    """Give the sentence under which somebody leaves her number."""
    return _(
        "%(shop)s keeps your name and number only to write to you about this. As soon as you leave the list they are deleted."
    ) % {"shop": shop.name}
