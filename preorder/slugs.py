"""Names that may stand in addresses and field names."""

from __future__ import annotations

import re

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

# First segments of addresses that belong to the shop itself.
RESERVED_SLUGS = frozenset({
    "pesan", "s", "d", "ingatkan", "daftar-tunggu", "penawaran", "arsip", "ketentuan", "privasi", "assets", "healthz", "readyz", "metrics",
    "sisa", "catalogue", "sitemap", "robots", "feed", "index", "static", "404",
})  # fmt: skip


def is_slug(text: str) -> bool:
    """Say whether text may stand in an address or a field name: a-z, 0-9 and single hyphens, at most 64."""
    return len(text) <= 64 and bool(_SLUG.fullmatch(text))
