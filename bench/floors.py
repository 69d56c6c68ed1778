"""
What cannot be beaten with these parts: a bare group commit in SQLite, and bare Flask + WTForms forms behind the same
server.
"""

from __future__ import annotations

import queue
import sqlite3
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING

from intake.cli import THREADS

if TYPE_CHECKING:
    from wtforms import Form

# The form that this floor has always had, so that its figures can be compared over the years.
TWELVE = (
    "name", "phone", "delivery", "street", "district", "city", "province", "postal_code", "note", "channel", "terms", "qty",
)  # fmt: skip
OPTIONAL = frozenset({"note", "channel", "leave_empty"})

PAGE = """<!doctype html>
<html lang="id"><head><meta charset="utf-8"><title>{{ form.name.data }}</title></head>
<body><main><h1>{{ form.name.data }}</h1>
<ul>{% for field in form if field.data %}<li>{{ field.name }}: {{ field.data }}</li>{% endfor %}</ul>
<form method="post">{% for field in form if field.data %}<input type="hidden" name="{{ field.name }}" value="{{ field.data }}">{% endfor %}</form>
{{ filling }}</main></body></html>
"""


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


def serve_bare(port: int, names: Sequence[str], page_bytes: int) -> None:
    """
    Serve what any shop of Flask and WTForms does at least, behind waitress as the shop runs it: /bare takes a form of
    twelve fields, /form one of as many as the shop's has, both answered in one line; /page takes the latter too, and
    answers with a Jinja page.

    Args:
        names: of the fields of the shop's form.
        page_bytes: about how large the page is.
    """
    from flask import Flask, render_template, request
    from jinja2 import DictLoader
    from waitress import serve

    app = Flask(__name__, static_folder=None)
    app.jinja_loader = DictLoader({"page.html": PAGE})
    twelve, same = _form_class(TWELVE), _form_class(names)
    filling = "x" * page_bytes

    def answer(form: Form) -> tuple[str, int]:
        return ("ok", 200) if form.validate() else (str(form.errors), 422)

    @app.post("/bare")
    def take_twelve() -> tuple[str, int]:
        return answer(twelve(request.form))

    @app.post("/form")
    def take() -> tuple[str, int]:
        return answer(same(request.form))

    @app.post("/page")
    def show() -> tuple[str, int]:
        form = same(request.form)
        if not form.validate():
            return str(form.errors), 422
        return render_template("page.html", form=form, filling=filling), 200

    serve(
        app,
        host="127.0.0.1",
        port=port,
        threads=THREADS,
        connection_limit=500,
        channel_timeout=20,
        ident=None,
        _quiet=True,
    )


def _form_class(names: Sequence[str]) -> type[Form]:
    from wtforms import Form, StringField
    from wtforms.validators import InputRequired, Length, Optional

    needed, not_needed = [InputRequired(), Length(max=300)], [Optional(), Length(max=300)]
    fields = {
        name: StringField(validators=not_needed if name in OPTIONAL or name.endswith("--qty") else needed)
        for name in names
    }
    return type("BareForm", (Form,), fields)


if __name__ == "__main__":
    serve_bare(int(sys.argv[1]), sys.argv[2].split(","), int(sys.argv[3]))
