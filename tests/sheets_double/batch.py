"""spreadsheets.batchUpdate: all requests or none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.sheets_double import cells, metadata, pasting, rules, tabs
from tests.sheets_double.errors import Refused, bad_request, unknown_field
from tests.sheets_double.job import Job
from tests.sheets_double.model import Json
from tests.sheets_double.working_out import work_out

Handler = tuple[Callable[[Job, Json], Json], set[str]]
HANDLERS: dict[str, Handler] = {
    **cells.HANDLERS,
    **pasting.HANDLERS,
    **tabs.HANDLERS,
    **rules.HANDLERS,
    **metadata.HANDLERS,
}
BODY = {"requests", "includeSpreadsheetInResponse", "responseRanges", "responseIncludeGridData"}


def check_body(body: Any) -> list[Json]:
    """
    See that a body is one of batchUpdate, before anything is done.

    Returns:
        Its requests.

    Raises:
        ApiError
    """
    if not isinstance(body, dict):
        raise bad_request("Invalid JSON payload received. Root element must be a message.")
    for name in body:
        if name not in BODY:
            raise unknown_field(name, "")
    requests = without_null(body).get("requests") or []
    if not isinstance(requests, list) or not all(isinstance(each, dict) for each in requests):
        raise bad_request("Invalid value at 'requests'")
    if not requests:
        raise bad_request("Must specify at least one request.")
    for number, request in enumerate(requests):
        _check_request(number, request)
    return requests


def without_null(thing: Any) -> Any:
    """Give JSON as protobuf reads it: a field that is null isn't there."""
    if isinstance(thing, list):
        return [without_null(each) for each in thing]
    if isinstance(thing, dict):
        return {name: without_null(value) for name, value in thing.items() if value is not None}
    return thing


def _check_request(number: int, request: Json) -> None:
    for name, held in request.items():
        if name not in HANDLERS:
            raise unknown_field(name, f"requests[{number}]")
        if not isinstance(held, dict):
            raise bad_request(f"Invalid value at 'requests[{number}].{name}'")
        for field in held:
            if field not in HANDLERS[name][1]:
                raise unknown_field(field, f"requests[{number}].{name}")
    if len(request) > 1:
        second = list(request)[1]
        raise bad_request(
            f"Invalid value at 'requests[{number}]' (oneof), oneof field 'kind' is already set. Cannot set '{second}'"
        )


def run(job: Job, requests: list[Json]) -> list[Json]:
    """
    Do requests one after the other to the job's book, which is of no use after a failure.

    Returns:
        What is answered to each.

    Raises:
        ApiError
    """
    replies = []
    for number, request in enumerate(requests):
        if not request:
            raise bad_request(f"Invalid requests[{number}]: No request set.")
        [(name, held)] = request.items()
        try:
            replies.append(HANDLERS[name][0](job, held))
        except Refused as refusal:
            raise bad_request(f"Invalid requests[{number}].{name}: {refusal.message}") from refusal
    work_out(job.book)
    return replies
