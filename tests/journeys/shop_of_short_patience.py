"""The shop, but two seconds are the longest that it waits for Google. Started by a test."""

from __future__ import annotations

from intake.settings import Settings
from intake.sheet import opening
from intake.sheet.google_http import GoogleClient


def main() -> None:
    """Run the shop so."""

    def open_client(settings: Settings) -> GoogleClient:
        return GoogleClient(
            settings.google_sheet, settings.google_key, base_url=settings.sheets_api, timeout=(2.0, 2.0)
        )

    opening.open_client = open_client

    from intake.cli import run_shop
    from intake.settings import read_settings

    run_shop(read_settings())


if __name__ == "__main__":
    main()
