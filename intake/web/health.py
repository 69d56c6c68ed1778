"""For supervisors and scripts: is the process there, is it ready, what is left."""

from __future__ import annotations

from flask import Flask, Response, jsonify

from intake.published import CatalogueUnavailable
from intake.web.front import Front

# As often as the desk itself looks at the ledger.
LEFT_MAX_AGE_S = 1


class HealthPages:
    """/healthz, /readyz and /sisa.json."""

    def __init__(self, front: Front) -> None:
        self._front = front

    def register(self, app: Flask) -> None:
        """Give the app these pages."""
        app.add_url_rule("/healthz", "healthz", self.healthz, methods=["GET"])
        app.add_url_rule("/readyz", "readyz", self.readyz, methods=["GET"])
        app.add_url_rule("/sisa.json", "left", self.left, methods=["GET"])

    def healthz(self) -> Response:
        """The process answers."""
        return jsonify(status="ok")

    def readyz(self) -> tuple[Response, int]:
        """Orders can be taken: 200, or 503; each check with whether it holds."""
        checks = dict(self._front.desk.ready())
        try:
            self._front.catalogue.current()
            checks["catalogue"] = True
        except CatalogueUnavailable:
            checks["catalogue"] = False
        ready = all(holds is True for holds in checks.values())
        return jsonify(status="ready" if ready else "not ready", checks=checks), 200 if ready else 503

    def left(self) -> Response:
        """
        Units left: campaign id -> pool id -> units; and "taken", the units ordered, where a page says how far a target or a
        minimum is reached. For scripts on any origin; a hint, the order itself decides.
        """
        desk = self._front.desk
        taken = {id_: {"taken": units} for id_, units in desk.units_taken().items()}
        # A product may be called like that: buyers must never be told that more is left than there is.
        response = jsonify({id_: taken.get(id_, {}) | dict(pools) for id_, pools in desk.units_left().items()})
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Cache-Control"] = f"public, max-age={LEFT_MAX_AGE_S}"
        return response
