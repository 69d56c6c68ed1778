"""Pictures as published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Photo:
    """
    A picture as published.

    Attributes:
        sources: pixel width -> path below the site's root of a JPEG, small to large; all of the same shape.
        width, height: of the largest, in pixels.
        alt: what it shows, for those who don't see it.
        webp: likewise in WebP, lighter; nothing where it was published by an older program.
    """

    sources: Mapping[int, str]
    width: int
    height: int
    alt: str
    webp: Mapping[int, str] = field(default_factory=dict)
