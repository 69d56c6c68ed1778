"""
The client: connections that post orders one after the other and note how long each took. Run as a process of its own,
so that it has its own GIL.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import random
import re
import sys
import threading
import time
from functools import partial
from html import unescape
from typing import Any
from urllib.parse import urlencode

HEADERS = {"Content-Type": "application/x-www-form-urlencoded"}
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)"')


def post(
    connection: http.client.HTTPConnection, path: str, fields: dict[str, str] | list[tuple[str, str]]
) -> tuple[int, str]:
    """Post a form and give status and body."""
    connection.request("POST", path, urlencode(fields), HEADERS)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def one_order(connection: http.client.HTTPConnection, slug: str, fields: dict[str, str]) -> tuple[float, float]:
    """Order with both posts; give the seconds of the review and of the placing."""
    fields = fields | {"phone": f"0812{random.randrange(10**8):08}"}
    began = time.perf_counter()
    status, page = post(connection, f"/pesan/{slug}", fields)
    reviewed = time.perf_counter()
    if status != 200:
        raise RuntimeError(f"the review answered {status}: {page[:500]}")
    # The first form of the page is the one that places the order.
    form = page[page.index("/kirim") :]
    form = form[: form.index("</form>")]
    hidden = [(unescape(name), unescape(value)) for name, value in _HIDDEN.findall(form)]
    status, page = post(connection, f"/pesan/{slug}/kirim", hidden)
    if status != 303:
        raise RuntimeError(f"placing answered {status}: {page[:500]}")
    return reviewed - began, time.perf_counter() - reviewed


# What is posted where, instead of the review and the placing, to the bare application.
BARE = {"bare": ("/bare", "/bare"), "form": ("/form", "/form"), "page": ("/page", "/form")}


def bare_posts(
    paths: tuple[str, str], connection: http.client.HTTPConnection, _slug: str, fields: dict[str, str]
) -> tuple[float, float]:
    """Post the same form to the bare application, twice as an order does."""
    times = [time.perf_counter()]
    for path in paths:
        status, page = post(connection, path, fields)
        if status != 200:
            raise RuntimeError(f"the bare form answered {status}: {page[:500]}")
        times.append(time.perf_counter())
    return times[1] - times[0], times[2] - times[1]


def run(task: dict[str, Any]) -> dict[str, Any]:
    """
    Keep connections busy for some seconds.

    Args:
        task: ports (of servers that share the connections), slug, fields, connections, seconds, kind ("orders", or one
            of BARE).

    Returns:
        orders (count), seconds, and lists of seconds: reviews, placings.
    """
    work = one_order if task["kind"] == "orders" else partial(bare_posts, BARE[task["kind"]])
    barrier = threading.Barrier(task["connections"] + 1)
    reviews: list[float] = []
    placings: list[float] = []
    failures: list[str] = []

    def keep_busy(port: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            work(connection, task["slug"], task["fields"])
        except (RuntimeError, OSError) as error:
            failures.append(str(error))
            barrier.abort()
            return
        try:
            barrier.wait()
        except threading.BrokenBarrierError:
            return
        until = time.perf_counter() + task["seconds"]
        while time.perf_counter() < until:
            try:
                review, placing = work(connection, task["slug"], task["fields"])
            except (RuntimeError, OSError) as error:
                failures.append(str(error))
                return
            reviews.append(review)
            placings.append(placing)
        connection.close()

    ports = task["ports"]
    threads = [
        threading.Thread(target=keep_busy, args=(ports[number % len(ports)],)) for number in range(task["connections"])
    ]
    for thread in threads:
        thread.start()
    with contextlib.suppress(threading.BrokenBarrierError):
        barrier.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    if failures:
        raise RuntimeError(failures[0])
    return {"orders": len(placings), "seconds": time.perf_counter() - began, "reviews": reviews, "placings": placings}


if __name__ == "__main__":
    print(json.dumps(run(json.load(sys.stdin))))
