"""
Draw the pictures of the sample shop, from the folder of the checkout:

    python -m docs.pictures [content] [word ...]
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from docs.pictures import PICTURES


def main(arguments: Sequence[str]) -> None:
    """Draw all pictures into a content folder, or those whose path holds one of the further words."""
    folder = Path(arguments[0]) if arguments else Path(__file__).parents[2] / "content"
    wanted = arguments[1:]
    for path, draw in PICTURES.items():
        if wanted and not any(word in path for word in wanted):
            continue
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        draw().save(target, "JPEG", quality=76, optimize=True, progressive=True)
        print(f"{target} {target.stat().st_size // 1024} KB")


if __name__ == "__main__":
    main(sys.argv[1:])
