"""
The shop in another world: its clock, and the room on its disk, are as a file says that the test may change at any time.

Started as `flask --app tests.storms.elsewhere run-shop`, with ETALASE_WORLD naming the file: JSON with `offset_s`
(seconds that its clocks are ahead) and `free` (bytes, null for what the disk really has).
"""

from __future__ import annotations

import json
import os
import shutil
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask


def create_app() -> Flask:
    """Give the shop's app, with every clock of the wall and every look at the disk turned."""
    from intake import cli, create_app, workers

    world = Path(os.environ["ETALASE_WORLD"])
    seconds, nanoseconds, disk_usage = time.time, time.time_ns, shutil.disk_usage

    def read(name: str) -> Any:
        return json.loads(world.read_bytes())[name]

    def now() -> datetime:
        return datetime.fromtimestamp(seconds(), UTC) + timedelta(seconds=read("offset_s"))

    def usage(path: Any) -> Any:
        real, free = disk_usage(path), read("free")
        return real if free is None else real._replace(free=free)

    cli.now_utc = workers.now_utc = now
    time.time = lambda: seconds() + read("offset_s")
    time.time_ns = lambda: nanoseconds() + read("offset_s") * 1_000_000_000
    shutil.disk_usage = usage
    return create_app()
