"""Pictures as published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Photo:
    """
    A picture as published.

    Attributes:
        sources: pixel width -> path below the site's root, small to large; all of the same shape.
        width, height: of the largest, in pixels.
        alt: what it shows, for those who don't see it.
    """

    sources: Mapping[int, str]
    width: int
    height: int
    alt: str
