"""Every refusal and failure as a page of ours: code -> status, heading, message."""

from __future__ import annotations

import html
import logging
import traceback
from collections.abc import Callable, Sequence

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from intake.web.front import Front
from intake.web.rendering import CONTENT_TYPES
from preorder.contact import whatsapp_link
from preorder.errors import PreorderError
from preorder.shop import Shop

log = logging.getLogger(__name__)

STATUS_CODES = {
    "malformed": 400,
    "bad_encoding": 400,
    "repeated_field": 400,
    "unknown_host": 400,
    "foreign_origin": 403,
    "forbidden": 403,
    "not_found": 404,
    "no_such_order": 404,
    "no_such_enquiry": 404,
    "wrong_method": 405,
    "not_claimable": 409,
    "consent_changed": 409,
    "has_left": 409,
    "gone": 410,
    "too_large": 413,
    "too_many_fields": 413,
    "wrong_type": 415,
    "unprocessable": 422,
    "too_many_requests": 429,
    "internal": 500,
    "catalogue_unavailable": 503,
    "ledger_busy": 503,
    "ledger_uncertain": 503,
    "ledger_failed": 503,
    "ledger_closed": 503,
    "ledger_full": 503,
    "ledger_unreachable": 503,
    "shop_paused": 503,
    "shop_resting": 503,
    "disk_nearly_full": 503,
    "claim_ledger_busy": 503,
    "claim_ledger_uncertain": 503,
    "claim_ledger_failed": 503,
    "claim_ledger_closed": 503,
    "claim_ledger_full": 503,
    "claim_ledger_unreachable": 503,
    "ask_ledger_busy": 503,
    "ask_ledger_uncertain": 503,
    "ask_ledger_failed": 503,
    "ask_ledger_closed": 503,
    "ask_ledger_full": 503,
    "ask_ledger_unreachable": 503,
    "unavailable": 503,
}
# Seconds after which sending again makes sense.
RETRY_AFTER_S = {
    "too_many_requests": 60,
    "catalogue_unavailable": 30,
    "ledger_busy": 2,
    "ledger_uncertain": 2,
    "ledger_failed": 10,
    "ledger_closed": 10,
    "ledger_full": 300,
    "ledger_unreachable": 5,
    "shop_paused": 300,
    "shop_resting": 300,
    "disk_nearly_full": 300,
    "claim_ledger_busy": 2,
    "claim_ledger_uncertain": 2,
    "claim_ledger_failed": 10,
    "claim_ledger_closed": 10,
    "claim_ledger_full": 300,
    "claim_ledger_unreachable": 5,
    "ask_ledger_busy": 2,
    "ask_ledger_uncertain": 2,
    "ask_ledger_failed": 10,
    "ask_ledger_closed": 10,
    "ask_ledger_full": 300,
    "ask_ledger_unreachable": 5,
    "unavailable": 30,
}
_BY_STATUS = {
    400: "malformed", 403: "forbidden", 404: "not_found", 405: "wrong_method", 410: "gone", 413: "too_large", 415: "wrong_type",
    422: "unprocessable", 429: "too_many_requests", 503: "unavailable",
}  # fmt: skip


def _sentences(_: Callable[[str], str]) -> dict[str, tuple[str, str]]:
    form_again = _("Go back, check the form and send it again.")
    busy = _("The shop is very busy")
    later = _("The shop can't take orders right now")
    claim_again = _("What you told the seller isn't stored yet. Press the button to send it again.")
    ask_again = _("It isn't stored yet. Press the button to send it again; everything you typed is kept.")
    return {
        "malformed": (_("That could not be read"), form_again),
        "bad_encoding": (
            _("That could not be read"),
            _("The text holds broken characters. Go back, type it again instead of pasting it."),
        ),
        "repeated_field": (_("That could not be read"), form_again),
        "unknown_host": (_("Wrong address"), _("Open the shop by its own address.")),
        "foreign_origin": (_("This form isn't from our shop"), _("Open the shop's own page and order there.")),
        "forbidden": (_("This isn't allowed"), _("Open the shop's own page and order there.")),
        "not_found": (_("There is nothing here"), _("The address may be mistyped, or the page has moved.")),
        "no_such_order": (
            _("There is no such order"),
            _("Check whether the link is complete. If it is, ask the seller."),
        ),
        "no_such_enquiry": (
            _("There is no such page"),
            _("Check whether the link is complete. If it is, ask the seller."),
        ),
        "has_left": (
            _("This has been answered already"),
            _("Look at its page: the seller has answered. If something is wrong with it, write to her."),
        ),
        "wrong_method": (_("This page can't be opened like that"), _("Open the shop's own page and order there.")),
        "not_claimable": (
            _("This order isn't waiting for a payment"),
            _("Look at the order's page: its status has changed. If you have transferred money, tell the seller."),
        ),
        "consent_changed": (
            _("The wording has changed meanwhile"),
            _("Open your order's page again, read it once more and press the button there. Nothing was changed."),
        ),
        "gone": (_("This is no longer here"), _("The address may be mistyped, or the page has moved.")),
        "too_large": (
            _("That is too much"),
            _("The order is larger than the shop can take. Shorten the note and send it again."),
        ),
        "too_many_fields": (
            _("That is too much"),
            _("The order is larger than the shop can take. Shorten the note and send it again."),
        ),
        "wrong_type": (_("That could not be read"), _("Only the shop's own form can be sent here, without files.")),
        "unprocessable": (_("That could not be read"), form_again),
        "too_many_requests": (busy, _("Too many requests came from here. Wait a minute and try again.")),
        "internal": (
            _("Something went wrong on our side"),
            _("It isn't your fault. Try again in a moment, or ask the seller."),
        ),
        "catalogue_unavailable": (
            _("The shop isn't open yet"),
            _("Nothing has been published here yet. Come back in a while."),
        ),
        "ledger_busy": (
            busy,
            _("Your order isn't stored yet. Press the button to send it again; everything you typed is kept."),
        ),
        "ledger_uncertain": (
            busy,
            _("Your order may be stored already. Sending it again is safe: it becomes one order only."),
        ),
        "ledger_failed": (
            later,
            _("Your order isn't confirmed. Wait a moment and send it again: it becomes one order only."),
        ),
        "ledger_closed": (
            later,
            _("Your order isn't stored yet. Press the button to send it again; everything you typed is kept."),
        ),
        "ledger_full": (
            later,
            _("Your order isn't stored yet. Please tell the seller; everything you typed is kept."),
        ),
        "ledger_unreachable": (
            later,
            _("Your order isn't stored yet. Press the button to send it again; everything you typed is kept."),
        ),
        "shop_paused": (
            _("The shop is taking a short break"),
            _("Your order isn't stored yet. Try again in a few minutes; everything you typed is kept."),
        ),
        "shop_resting": (_("The shop is taking a short break"), _("Try again in a few minutes.")),
        "claim_ledger_busy": (busy, claim_again),
        "claim_ledger_uncertain": (busy, claim_again),
        "claim_ledger_failed": (later, claim_again),
        "claim_ledger_closed": (later, claim_again),
        "claim_ledger_full": (later, claim_again),
        "claim_ledger_unreachable": (later, claim_again),
        "ask_ledger_busy": (busy, ask_again),
        "ask_ledger_uncertain": (busy, ask_again),
        "ask_ledger_failed": (later, ask_again),
        "ask_ledger_closed": (later, ask_again),
        "ask_ledger_full": (later, ask_again),
        "ask_ledger_unreachable": (later, ask_again),
        "disk_nearly_full": (
            later,
            _("Your order isn't stored yet. Please tell the seller; everything you typed is kept."),
        ),
        "unavailable": (later, _("Try again in a moment.")),
    }


def code_of(error: Exception) -> str:
    """Give the code of the page that answers an error; "internal" for whatever isn't foreseen."""
    if isinstance(error, PreorderError):
        return error.code if error.code in STATUS_CODES else "internal"
    if isinstance(error, HTTPException):
        return _BY_STATUS.get(error.code or 500, "malformed" if 400 <= (error.code or 500) < 500 else "internal")
    return "internal"


def error_page(
    front: Front, shop: Shop, code: str, *, hidden: Sequence[tuple[str, str]] = (), action_url: str | None = None
) -> Response:
    """
    Give the page for a code.

    Args:
        hidden, action_url: what its "try again" button posts, and where to; no button without an address.
    """
    status = STATUS_CODES[code]
    heading, message = _sentences(front.pages.gettext(shop))[code]
    retry_after = RETRY_AFTER_S.get(code)
    response = front.pages.respond(
        shop,
        "intake/error.html",
        status,
        status_code=status,
        heading=heading,
        message=message,
        retry_after=retry_after,
        hidden=list(hidden),
        action_url=action_url,
        chat_url=whatsapp_link(shop.whatsapp) if shop.whatsapp else None,
    )
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response


def register(app: Flask, front: Front) -> None:
    """
    Have every error answered by a page of ours. The log gets its kind and place, never its message: that may quote a
    buyer.
    """

    def answer(error: Exception) -> Response:
        if isinstance(error, HTTPException) and error.response is not None and isinstance(error.response, Response):
            return error.response
        code = code_of(error)
        if request.method in {"GET", "HEAD"} and code.startswith("ledger_"):
            # She has sent nothing: no word about an order that isn't stored.
            code = "unavailable"
        if code == "internal":
            where = "".join(traceback.format_tb(error.__traceback__))
            log.error("%s %s failed: %s\n%s", request.method, request.endpoint, type(error).__name__, where)
        else:
            log.info("%s %s refused: %s", request.method, request.endpoint, code)
        try:
            response = error_page(front, front.shop(), code)
        except Exception as second:  # noqa: BLE001  nothing may come after this
            # The templates themselves are broken: the buyer still gets a page.
            log.error(
                "the error page failed: %s\n%s",
                type(second).__name__,
                "".join(traceback.format_tb(second.__traceback__)),
            )
            response = _bare_page(STATUS_CODES[code])
        if isinstance(error, HTTPException):
            if error.code and code == "malformed":
                response.status_code = error.code
            for name, value in error.get_headers():
                if name in {"Allow", "Retry-After"}:
                    response.headers[name] = value
        return response

    app.register_error_handler(Exception, answer)


def _bare_page(status: int) -> Response:
    # No words: without templates there is no language either.
    body = f"<!doctype html><meta charset=utf-8><title>{status}</title><h1 id=error>{html.escape(str(status))}</h1>"
    return Response(body, status, content_type=CONTENT_TYPES[".html"])
