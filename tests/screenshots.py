"""The pictures of docs/screenshots: the sample shop as buyers see it. `make screenshots` makes them anew."""

from __future__ import annotations

import io
import shutil
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from tests.browser import find_chromium, flags
from tests.journeys.buying import fill_order, open_campaign, press
from tests.journeys.running import CHECKOUT, RunningShop, build

TARGET = CHECKOUT / "docs" / "screenshots"
# Width of the window -> its height and pixels for each of its points. A phone's picture is twice as sharp.
WINDOWS = {360: (740, 2), 1280: (900, 1)}
# A campaign page is long; its first screens tell what it looks like.
LONGEST = {360: 2_400, 1280: 1_800}


def take(page: Page, name: str, width: int) -> None:
    """Save what the page shows, in few colours so that the repository stays small."""
    whole = page.locator("html").bounding_box()
    assert whole is not None
    height = WINDOWS[width][0]
    # A window as high as the page: what sticks to its lower edge then stands where the page ends.
    page.set_viewport_size({"width": width, "height": min(int(whole["height"]), LONGEST[width])})
    page.wait_for_load_state("networkidle")
    shot = Image.open(io.BytesIO(page.screenshot(animations="disabled")))
    shot.convert("RGB").quantize(192, dither=Image.Dither.NONE).save(TARGET / f"{name}-{width}.png", optimize=True)
    page.set_viewport_size({"width": width, "height": height})


def walk(page: Page, shop: RunningShop, width: int) -> None:
    """Go the buyer's way and take a picture of each page."""
    campaign = open_campaign(shop)
    page.goto(shop.base + "/")
    take(page, "home", width)
    page.goto(f"{shop.base}/{campaign.slug}/")
    take(page, "campaign", width)
    fill_order(page, campaign, "Ayu", name="", phone="0812", note="", postal_code="4013")
    press(page, f"/pesan/{campaign.slug}")
    take(page, "form-errors", width)
    fill_order(
        page,
        campaign,
        "Ayu",
        name="Ibu Contoh",
        note="Tolong dibungkus kado",
        street="Jl. Misal 2 RT 01/02",
        postal_code="40132",
    )
    press(page, f"/pesan/{campaign.slug}")
    take(page, "review", width)
    press(page, f"/pesan/{campaign.slug}/kirim")
    take(page, "status", width)


def main() -> None:
    """Build the sample shop, run it, take the pictures."""
    TARGET.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        shop = RunningShop(Path(folder))
        shutil.copytree(CHECKOUT / "content", shop.content)
        build(shop.content, shop.site)
        shop.start()
        chromium = playwright.chromium.launch(executable_path=find_chromium(), args=flags())
        try:
            for width, (height, sharpness) in WINDOWS.items():
                context = chromium.new_context(
                    viewport={"width": width, "height": height},
                    device_scale_factor=sharpness,
                    java_script_enabled=False,
                )
                walk(context.new_page(), shop, width)
                context.close()
        finally:
            chromium.close()
            shop.end()


if __name__ == "__main__":
    main()
