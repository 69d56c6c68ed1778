"""Ordering with the keyboard alone, from the first page to the button that says "I have transferred"."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.pages import content
from tests.pages.states import STATES
from tests.pages.window import Window

# No page has so many stops.
MOST = 250


def tab_to(window: Window, selector: str) -> None:
    """Press Tab until this has the focus. On the way nothing that sticks to an edge may lie over what has it."""
    page = window.page
    for _ in range(MOST):
        page.keyboard.press("Tab")
        # What the focus has scrolled to is where it stays once the next picture is drawn.
        found = page.evaluate(
            "async (selector) => { await new Promise(requestAnimationFrame);"
            " return [document.activeElement.matches(selector), document.activeElement === document.body ? '' : probe.covered()]; }",
            selector,
        )
        assert found[1] == ""
        if found[0]:
            return
    raise AssertionError(f"Tab never reaches {selector}")


def type_into(window: Window, **texts: str) -> None:
    """Type into the fields of these names, in the order of the page."""
    for name, text in texts.items():
        tab_to(window, f'[name="{name.replace("__", "--")}"]')
        window.page.keyboard.type(text)


def press_button(window: Window, selector: str, key: str = "Enter") -> Page:
    """Go to a button or link and press it; give the page that follows."""
    tab_to(window, selector)
    with window.page.expect_navigation():
        window.page.keyboard.press(key)
    return window.page


def test_a_whole_order_by_keyboard(window: Window) -> None:
    """Open the shop, choose a campaign, fill in and send the form, order, say that it is paid: Tab, letters, Space and Enter."""
    before = window.shop.world.orders()
    with window.opened(STATES["home"]) as page:
        press_button(window, f'a[href$="/{content.OPEN}/"]')
        type_into(window, nastar__250g__qty="2", name="Ibu Ketik", phone="081200005678")
        tab_to(window, '[name="delivery"]')
        page.keyboard.press("Space")
        type_into(
            window, street="Jl. Misal 2", district="Coblong", city="Bandung", province="Jawa Barat", postal_code="40132"
        )
        tab_to(window, '[name="terms"]')
        page.keyboard.press("Space")
        press_button(window, "#check-order")
        press_button(window, "#place-order")
        assert window.shop.world.orders() == before + 1
        press_button(window, "#claim", "Space")
        assert page.locator("#status").get_attribute("data-status") == "payment_claimed"
