"""What buyers can do where they can't order: waitlist, reminder, request for an offer, and the page of each."""

from __future__ import annotations

from preorder.enquiries import EnquiryStatus
from tests.pages import content
from tests.pages.inventory import Visit, state
from tests.pages.shop import PagesShop
from tests.pages.states_orders import once
from tests.pages.states_shop import sell_all

BOX = {"hampers--kotak-kecil--qty": "1"}
JARS = {"nastar--250g--qty": "40"}
WAITLIST, REMINDER, OFFER = (
    f"/daftar-tunggu/{content.FULL}",
    f"/ingatkan/{content.ANNOUNCED}",
    f"/penawaran/{content.OPEN}",
)


@state("waitlist-form", "enquiry")
def waitlist_form(shop: PagesShop) -> Visit:
    sell_all(shop)
    return Visit(WAITLIST, "#f-accepts_part")


@state("waitlist-form-errors", "enquiry", 422)
def waitlist_errors(shop: PagesShop) -> Visit:
    sell_all(shop)
    return Visit(WAITLIST, "#error-summary", {"name": "", "phone": "0812"})


@state("waitlist-not-needed", "enquiry", 422)
def waitlist_not_needed(shop: PagesShop) -> Visit:
    fields = {"name": "Ibu Contoh", "phone": "0812-0000-5678"} | BOX
    return Visit(f"/daftar-tunggu/{content.READY}", "#still-there", fields)


@state("waitlist-closed", "enquiry")
def waitlist_closed(shop: PagesShop) -> Visit:
    return Visit(f"/daftar-tunggu/{content.CLOSED}", "#no-waitlist")


@state("reminder-form", "enquiry")
def reminder_form(shop: PagesShop) -> Visit:
    return Visit(REMINDER, "#enquiry-form")


@state("reminder-open-now", "enquiry")
def reminder_open_now(shop: PagesShop) -> Visit:
    return Visit(f"/ingatkan/{content.OPEN}", "#open-now")


@state("offer-form", "enquiry")
def offer_form(shop: PagesShop) -> Visit:
    return Visit(OFFER, "#f-company")


@state("offer-form-errors", "enquiry", 422)
def offer_errors(shop: PagesShop) -> Visit:
    wrong = {"name": "Ibu Contoh", "phone": "0812-0000-5678", "needed_by": "kapan-kapan"}
    return Visit(OFFER, "#error-summary", wrong)


@state("waitlist-waiting", "enquiry")
def waiting(shop: PagesShop) -> Visit:
    return Visit(_waiting(shop, "waiting"), "#place")


@state("waitlist-change", "enquiry")
def change(shop: PagesShop) -> Visit:
    hers = _waiting(shop, "waiting")
    return Visit(WAITLIST, "#asker", {"of": hers.rsplit("/", 1)[-1], "action": "change"})


@state("waitlist-left", "enquiry")
def left(shop: PagesShop) -> Visit:
    def prepare() -> str:
        path = _waiting(shop, "leaving", phone="0812-0000-1111")
        assert shop.post(path, {}).status_code == 303
        return path

    return Visit(once(shop, "left", prepare), '#status[data-status="left"]')


@state("reminder-waiting", "enquiry")
def reminder(shop: PagesShop) -> Visit:
    return Visit(once(shop, "reminder", lambda: shop.ask(REMINDER)), '#status[data-status="waiting"]')


@state("reminder-opened", "enquiry")
def reminder_opened(shop: PagesShop) -> Visit:
    path = once(shop, "reminder", lambda: shop.ask(REMINDER))
    opens_at = shop.campaign(content.ANNOUNCED).schedule.next_window(content.NOW)
    assert opens_at is not None
    return Visit(path, "#order-now", during=(shop.at(opens_at.opens_at),))


@state("offer-waiting", "enquiry")
def offer(shop: PagesShop) -> Visit:
    asked = {"company": "CV Contoh", "needed_by": "20/12/2026", "note": "Untuk acara kantor"} | JARS
    return Visit(once(shop, "offer", lambda: shop.ask(OFFER, **asked)), '#status[data-status="waiting"]')


def _answered(name: str, status: EnquiryStatus, phone: str) -> None:
    @state(name, "enquiry")
    def reach(shop: PagesShop) -> Visit:
        def prepare() -> str:
            path = shop.ask(OFFER, phone=phone, **JARS)
            shop.answers(path, status)
            return path

        return Visit(once(shop, name, prepare), f'#status[data-status="{status}"]')


_answered("offer-answered", EnquiryStatus.ANSWERED, "0812-0000-2222")
_answered("offer-declined", EnquiryStatus.DECLINED, "0812-0000-3333")


def _waiting(shop: PagesShop, name: str, **fields: str) -> str:
    sell_all(shop)
    return once(shop, name, lambda: shop.ask(WAITLIST, **(BOX | fields)))
