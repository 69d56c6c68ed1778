"""Each state under an address that is only opened, for checkers that post nothing and take a 422 for a broken page."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import requests
from waitress import create_server, wasyncore

from intake.web.packing import PAGE_LEVEL, pack
from tests.pages.asking import ask
from tests.pages.shop import PagesShop
from tests.pages.states import STATES

_HOP = {"connection", "transfer-encoding", "date", "server"}


@contextmanager
def opened_by_get(shop: PagesShop) -> Iterator[str]:
    """
    Serve each state under <given address>/-/<name>; bytes and headers are the shop's, which also answers everything else.
    With ?spoiled an id stands twice on the page: so one sees whether a checker sees anything.
    """

    def relay(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        asked = {"Accept-Encoding": environ.get("HTTP_ACCEPT_ENCODING", "identity")}
        path = environ["PATH_INFO"]
        if path.startswith("/-/"):
            answer = ask(shop, STATES[path[3:]], asked)
            page = answer.content
            if environ["QUERY_STRING"] == "spoiled":
                page = page.replace(b'<main id="main"', b'<main id="foot-terms"')
            # As it came: what the answer held was unpacked on the way.
            content = pack(page, PAGE_LEVEL) if "Content-Encoding" in answer.headers else page
            status, dropped = "200 OK", _HOP | {"content-length"}
        else:
            answer = requests.get(shop.base + path, headers=asked, stream=True, timeout=20)
            content = answer.raw.read(decode_content=False)
            status, dropped = f"{answer.status_code} {answer.reason}", _HOP
        start(status, [(name, text) for name, text in answer.headers.items() if name.lower() not in dropped])
        return [content]

    sockets: dict[int, object] = {}
    server = create_server(relay, map=sockets, host="127.0.0.1", port=0, threads=8)
    stop = threading.Event()

    def serve() -> None:
        while not stop.is_set():
            wasyncore.loop(timeout=0.05, map=sockets, use_poll=True, count=1)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        stop.set()
        thread.join(10)
        server.task_dispatcher.shutdown(timeout=5)
        wasyncore.close_all(sockets)
