"""A buyer's hands in the browser: filling the order form and pressing its buttons."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page

from preorder.campaign import Campaign
from preorder.order import slots
from tests.journeys.running import RunningShop


def open_campaign(shop: RunningShop) -> Campaign:
    """Give a campaign that is open now, with a line to order."""
    # A campaign that closes in the next minutes would be closed before the test is.
    soon = datetime.now(UTC) + timedelta(minutes=5)
    return next(campaign for campaign in shop.catalogue().campaigns if campaign.schedule.window_at(soon))


def fill_order(page: Page, campaign: Campaign, text: str = "=1+1", **buyer: str) -> None:
    """Fill the order form: two units of the first thing (text for what is written freely), and what a courier needs."""
    first = slots(campaign.products[0])[0]
    page.fill(f'[name="{first.field("qty")}"]', "2" if campaign.limits.max_per_buyer != 1 else "1")
    for option in first.product.options:
        field = f'[name="{first.field("option-" + option.id)}"]'
        if option.choices:
            page.select_option(field, option.choices[0])
        else:
            page.fill(field, text)
    if first.variant is None:
        page.select_option(f'[name="{first.field("variant")}"]', first.product.variants[0].id)
    courier = next((delivery for delivery in campaign.deliveries if delivery.kind == "courier"), campaign.deliveries[0])
    page.check(f'[name="delivery"][value="{courier.id}"]')
    fields = {"name": "=1+1 Ibu Ñur 🎂", "phone": "0812 0000 5678", "street": "Jl. Misal 2", "district": "Coblong", "city": "Bandung",
              "postal_code": "01234", "note": "0042 tas hijau 💚"} | buyer  # fmt: skip
    for name, value in fields.items():
        page.fill(f'[name="{name}"]', value)
    page.select_option('[name="province"]', "Jawa Barat")
    page.check('[name="terms"]')


def press(page: Page, action: str) -> None:
    """Press the button of the form that posts to an address ending with action."""
    page.locator(f'form[action$="{action}"]').last.locator("button").last.click()
