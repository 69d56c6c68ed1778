"""A photo within a text, as templates/partials/bits.html shows one elsewhere."""

from __future__ import annotations

from html import escape

from preorder.photo import Photo

SIZES = "(min-width: 40rem) 36rem, calc(100vw - 2rem)"


def picture(photo: Photo, site_url: str) -> str:
    """
    Give the HTML of a photo that is fetched when it comes near.

    Args:
        site_url: where the site is, "" where its pages are.
    """
    sources = ", ".join(f"{site_url}{path} {width}w" for width, path in sorted(photo.webp.items()))
    fallback = f"{site_url}{photo.sources[max(photo.sources)]}"
    return (
        f'<picture><source type="image/webp" srcset="{escape(sources)}" sizes="{SIZES}"><img src="{escape(fallback)}"'
        f' width="{photo.width}" height="{photo.height}" alt="{escape(photo.alt)}" loading="lazy" decoding="async"></picture>'
    )
