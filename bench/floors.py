"""
What cannot be beaten with these parts: a bare group commit in SQLite, and a bare Flask + WTForms form behind the same
server.
"""

from __future__ import annotations

import queue
import sqlite3
import sys
import threading
import time
from concurrent.futures import Future
from pathlib import Path

FIELDS = (
    "name",
    "phone",
    "delivery",
    "street",
    "district",
    "city",
    "province",
    "postal_code",
    "note",
    "channel",
    "terms",
    "qty",
)


def group_commit(folder: Path, threads: int, seconds: float) -> tuple[float, list[float]]:
    """
    Store bare orders (quota UPDATE, order row, outbox row) through one thread that commits in groups; plain sqlite3,
    WAL, synchronous FULL.

    Returns:
        Orders a second, and the seconds that each waited.
    """
    path = folder / "floor.sqlite3"
    path.unlink(missing_ok=True)
    waiting: queue.SimpleQueue[Future[None] | None] = queue.SimpleQueue()

    def write() -> None:
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE pool (sold INT, quota INT)")
        connection.execute("INSERT INTO pool VALUES (0, 1000000000)")
        connection.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, ref TEXT UNIQUE, body TEXT)")
        connection.execute("CREATE TABLE outbox (id INTEGER PRIMARY KEY, state TEXT)")
        number = 0
        while (first := waiting.get()) is not None:
            group = [first]
            while len(group) < 100 and not waiting.empty():
                following = waiting.get()
                if following is None:
                    waiting.put(None)
                    break
                group.append(following)
            connection.execute("BEGIN IMMEDIATE")
            for _ in group:
                number += 1
                connection.execute("SAVEPOINT work")
                connection.execute("UPDATE pool SET sold = sold + 1 WHERE sold + 1 <= quota")
                connection.execute("INSERT INTO orders VALUES (?, ?, ?)", (number, f"NST-{number}", "x" * 400))
                connection.execute("INSERT INTO outbox VALUES (?, 'pending')", (number,))
                connection.execute("RELEASE work")
            connection.execute("COMMIT")
            for each in group:
                each.set_result(None)
        connection.close()

    waits: list[float] = []
    until = time.perf_counter() + seconds

    def order() -> None:
        while time.perf_counter() < until:
            began = time.perf_counter()
            done: Future[None] = Future()
            waiting.put(done)
            done.result()
            waits.append(time.perf_counter() - began)

    writer = threading.Thread(target=write)
    writer.start()
    buyers = [threading.Thread(target=order) for _ in range(threads)]
    for buyer in buyers:
        buyer.start()
    for buyer in buyers:
        buyer.join()
    waiting.put(None)
    writer.join()
    return len(waits) / seconds, waits


def serve_bare(port: int) -> None:
    """
    Serve one form of as many fields as an order has, validated by WTForms, answered in one line; waitress as the shop
    runs it.
    """
    from flask import Flask, request
    from waitress import serve
    from wtforms import Form, StringField
    from wtforms.validators import InputRequired, Length, Optional

    fields = {
        name: StringField(validators=[Optional() if name in {"note", "channel"} else InputRequired(), Length(max=300)])
        for name in FIELDS
    }
    bare_form = type("BareForm", (Form,), fields)
    app = Flask(__name__, static_folder=None)

    @app.post("/bare")
    def take() -> tuple[str, int]:
        form = bare_form(request.form)
        return ("ok", 200) if form.validate() else (str(form.errors), 422)

    serve(app, host="127.0.0.1", port=port, threads=32, connection_limit=500, ident=None, _quiet=True)


if __name__ == "__main__":
    serve_bare(int(sys.argv[1]))
