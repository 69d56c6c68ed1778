"""Google's side of a call: who may, and what is answered. No sockets in here."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from tests.sheets_double import batch, metadata, values
from tests.sheets_double.accounts import Accounts, GrantRefused
from tests.sheets_double.calls import Call
from tests.sheets_double.clocks import Clock
from tests.sheets_double.describing import as_answered, book_json
from tests.sheets_double.errors import ApiError, Refused, bad_request, not_found, not_shared, unknown_field
from tests.sheets_double.job import Job
from tests.sheets_double.model import Book, Json, Spreadsheet, Tab
from tests.sheets_double.quotas import Quotas
from tests.sheets_double.tabs import KNOWN_LOCALES
from tests.sheets_double.typing_in import shown_locale
from tests.sheets_double.values import Rendering

WRITERS = frozenset({"owner", "writer"})
VALUES_BODY = frozenset({"values", "range", "majorDimension"})


@dataclass(frozen=True)
class Answer:
    """What goes back: a status and JSON, None for an empty body."""

    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)


class Google:
    """
    Spreadsheets, accounts and quotas; `answer` is one call, done whole.

    Attributes:
        unique_metadata_ids: a developer metadata id that exists is refused, as Google documents it.
        strict_metadata_deletes: deleting developer metadata that isn't there is refused; nobody here knows whether it is.
        missing_metadata_text: what the 404 says of a developer metadata that isn't there.
        changed: is told each spreadsheet that was changed.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.accounts = Accounts(clock)
        self.quotas = Quotas(clock)
        self.spreadsheets: dict[str, Spreadsheet] = {}
        self.unique_metadata_ids = True
        self.strict_metadata_deletes = False
        self.missing_metadata_text = "No developer metadata found with id: {number}"
        self.changed: Callable[[Spreadsheet], None] = lambda _: None
        self._answers: dict[str, Callable[[Call], Json]] = {
            "spreadsheets.create": self._create,
            "spreadsheets.get": self._get,
            "spreadsheets.batchUpdate": self._batch_update,
            "values.get": self._values_get,
            "values.batchGet": self._values_batch_get,
            "values.update": self._values_update,
            "values.batchUpdate": self._values_batch_update,
            "values.append": self._values_append,
            "values.clear": self._values_clear,
            "values.batchClear": self._values_batch_clear,
            "developerMetadata.get": self._metadata_get,
            "developerMetadata.search": self._metadata_search,
        }

    def today(self) -> date:
        """Give the day."""
        return datetime.fromtimestamp(self.clock.now(), UTC).date()

    def answer(self, call: Call, authorization: str) -> Answer:
        """Do a call and give its answer; nothing is raised."""
        return self.admit(call, authorization) or self.perform(call)

    def admit(self, call: Call, authorization: str) -> Answer | None:
        """See who calls, and count the call; the answer where it goes no further."""
        try:
            if not call.name:
                raise ApiError(404, f"Method not found: {call.method} {call.path}")
            if call.kind != "token":
                call.account = self.accounts.account_of(authorization, writing=call.kind == "write")
            if call.kind in {"read", "write"}:
                self.quotas.take(call.kind, call.account)
        except ApiError as error:
            return self._refusal(call, error)
        return None

    def perform(self, call: Call) -> Answer:
        """Do a call that was admitted."""
        if call.kind == "token":
            return self._token(call)
        try:
            body = self._drive(call) if call.kind == "drive" else self._answers[call.name](call)
        except ApiError as error:
            return self._refusal(call, error)
        call.applied = True
        return Answer(200, body)

    @staticmethod
    def _refusal(call: Call, error: ApiError) -> Answer:
        call.message = error.message
        return Answer(error.status, error.body(), error.headers)

    def _token(self, call: Call) -> Answer:
        try:
            answer = Answer(200, self.accounts.grant(call.body if isinstance(call.body, dict) else {}))
        except GrantRefused as refusal:
            return Answer(400, {"error": refusal.code, "error_description": str(refusal)})
        call.applied = True
        return answer

    def find(self, call: Call) -> Spreadsheet:
        """Give the spreadsheet of a call, where its account may do that; raises ApiError."""
        spreadsheet = self.spreadsheets.get(call.spreadsheet)
        if spreadsheet is None:
            raise not_found()
        role = spreadsheet.shares.get(call.account)
        if role is None or (call.kind == "write" and role not in WRITERS):
            raise not_shared()
        return spreadsheet

    def _job(self, call: Call, spreadsheet: Spreadsheet) -> Job:
        is_owner = spreadsheet.shares.get(call.account) == "owner"
        return Job(
            spreadsheet.book.copy(),
            call.account,
            self.today(),
            is_owner,
            self.unique_metadata_ids,
            self.strict_metadata_deletes,
        )

    def commit(self, spreadsheet: Spreadsheet, book: Book) -> None:
        """Put a changed book in place."""
        spreadsheet.commit(book)
        self.changed(spreadsheet)

    def create(self, owner: str, title: str, locale: str = "en_US", time_zone: str = "Etc/GMT") -> Spreadsheet:
        """Make a spreadsheet with one empty tab."""
        locale = shown_locale(locale)
        first = Tab(0, "Lembar1" if locale == "in_ID" else "Sheet1")
        spreadsheet = Spreadsheet(
            secrets.token_urlsafe(33),
            Book(title, locale, time_zone, [first]),
            {owner: "owner"},
            made_at=self.clock.now(),
        )
        self.spreadsheets[spreadsheet.id] = spreadsheet
        self.changed(spreadsheet)
        return spreadsheet

    # -- spreadsheets ----------------------------------------------------------------------------------------------------

    def _create(self, call: Call) -> Json:
        body = _object(call, {"properties", "sheets", "spreadsheetId", "namedRanges", "developerMetadata"})
        told = body.get("properties") or {}
        if told.get("locale", "en_US") not in KNOWN_LOCALES:
            raise bad_request(f"Invalid properties.locale: Unsupported locale: {told['locale']}")
        spreadsheet = self.create(
            call.account,
            told.get("title", "Untitled spreadsheet"),
            told.get("locale", "en_US"),
            told.get("timeZone", "Etc/GMT"),
        )
        if body.get("sheets"):
            job = self._job(call, spreadsheet)
            requests = [{"addSheet": {"properties": each.get("properties") or {}}} for each in body["sheets"]]
            job.book.tabs.clear()
            batch.run(job, requests)
            spreadsheet.book = job.book
            self.changed(spreadsheet)
        return book_json(spreadsheet, spreadsheet.book)

    def _get(self, call: Call) -> Json:
        spreadsheet = self.find(call)
        return book_json(
            spreadsheet,
            spreadsheet.book,
            ranges=call.query.get("ranges", []),
            grid_data_wanted=_is_yes(call.asked("includeGridData")),
            fields=call.asked("fields"),
        )

    def _batch_update(self, call: Call) -> Json:
        requests = batch.check_body(call.body)
        spreadsheet = self.find(call)
        job = self._job(call, spreadsheet)
        replies = batch.run(job, requests)
        self.commit(spreadsheet, job.book)
        answer: Json = {"spreadsheetId": spreadsheet.id, "replies": as_answered(replies)}
        if call.body.get("includeSpreadsheetInResponse"):
            wanted = bool(call.body.get("responseIncludeGridData"))
            ranges = call.body.get("responseRanges") or []
            answer["updatedSpreadsheet"] = book_json(spreadsheet, job.book, ranges=ranges, grid_data_wanted=wanted)
        return answer

    # -- values ----------------------------------------------------------------------------------------------------------

    def _values_get(self, call: Call) -> Json:
        book = self.find(call).book
        return values.value_range(book, call.parameters["range"], Rendering.read(call.asked))

    def _values_batch_get(self, call: Call) -> Json:
        spreadsheet = self.find(call)
        how = Rendering.read(call.asked)
        ranges = call.query.get("ranges", [])
        answer: Json = {"spreadsheetId": spreadsheet.id}
        if ranges:
            answer["valueRanges"] = [values.value_range(spreadsheet.book, text, how) for text in ranges]
        return answer

    def _values_update(self, call: Call) -> Json:
        body = _object(call, VALUES_BODY)
        option = values.check_input(call.asked("valueInputOption"))
        values.check_values(body.get("values"))
        spreadsheet = self.find(call)
        job = self._job(call, spreadsheet)
        told = values.update(job, call.parameters["range"], body, option, _wanted_back(call))
        self.commit(spreadsheet, job.book)
        return {"spreadsheetId": spreadsheet.id} | told

    def _values_batch_update(self, call: Call) -> Json:
        known = {
            "valueInputOption", "data", "includeValuesInResponse", "responseValueRenderOption", "responseDateTimeRenderOption",
        }  # fmt: skip
        body = _object(call, known)
        option = values.check_input(body.get("valueInputOption"))
        spreadsheet = self.find(call)
        job = self._job(call, spreadsheet)
        back = Rendering.read(body.get, "response") if body.get("includeValuesInResponse") else None
        answers: list[Json] = []
        for number, each in enumerate(body.get("data") or []):
            try:
                told = values.update(job, each.get("range", ""), each, option, back)
            except ApiError as error:
                raise ApiError(
                    error.status, f"Invalid data[{number}]: {error.message}", details=error.details
                ) from error
            answers.append({"spreadsheetId": spreadsheet.id} | told)
        self.commit(spreadsheet, job.book)
        totals: Json = {"spreadsheetId": spreadsheet.id}
        areas = [job.book.find(str(each["updatedRange"])) for each in answers if each.get("updatedCells")]
        counts = {
            "totalUpdatedRows": len(
                {(tab.sheet_id, row) for tab, area in areas for row in range(area.top, area.bottom)}
            ),
            "totalUpdatedColumns": len(
                {(tab.sheet_id, c) for tab, area in areas for c in range(area.left, area.right)}
            ),
            "totalUpdatedCells": sum(each.get("updatedCells", 0) for each in answers),
        }
        totals |= {name: count for name, count in counts.items() if count}
        totals["totalUpdatedSheets"] = len({each["updatedRange"].rpartition("!")[0] for each in answers})
        return totals | {"responses": answers}

    def _values_append(self, call: Call) -> Json:
        body = _object(call, VALUES_BODY)
        option = values.check_input(call.asked("valueInputOption"))
        values.check_values(body.get("values"))
        where = call.asked("insertDataOption") or "OVERWRITE"
        if where not in {"OVERWRITE", "INSERT_ROWS"}:
            raise bad_request(f"Invalid value at 'insert_data_option', \"{where}\"")
        spreadsheet = self.find(call)
        job = self._job(call, spreadsheet)
        back = _wanted_back(call)
        told = values.append(job, call.parameters["range"], body, option, where == "INSERT_ROWS", back)
        told["updates"] = {"spreadsheetId": spreadsheet.id} | told["updates"]
        self.commit(spreadsheet, job.book)
        return {"spreadsheetId": spreadsheet.id} | told

    def _values_clear(self, call: Call) -> Json:
        spreadsheet = self.find(call)
        job = self._job(call, spreadsheet)
        cleared = values.clear(job, call.parameters["range"])
        self.commit(spreadsheet, job.book)
        return {"spreadsheetId": spreadsheet.id, "clearedRange": cleared}

    def _values_batch_clear(self, call: Call) -> Json:
        body = _object(call, {"ranges"})
        spreadsheet = self.find(call)
        job = self._job(call, spreadsheet)
        cleared = []
        for number, text in enumerate(body.get("ranges") or []):
            try:
                cleared.append(values.clear(job, text))
            except ApiError as error:
                raise bad_request(f"Invalid range[{number}]: {error.message}") from error
        self.commit(spreadsheet, job.book)
        return {"spreadsheetId": spreadsheet.id, "clearedRanges": cleared}

    # -- developer metadata ----------------------------------------------------------------------------------------------

    def _metadata_get(self, call: Call) -> Json:
        book = self.find(call).book
        text = call.parameters["number"]
        if not text.isascii() or not text.isdigit():
            raise bad_request(f"Invalid value at 'metadata_id' (TYPE_INT32), \"{text}\"")
        if int(text) not in book.metadata:
            raise ApiError(404, self.missing_metadata_text.format(number=text))
        return dict(as_answered(book.metadata[int(text)]))

    def _metadata_search(self, call: Call) -> Json:
        body = _object(call, {"dataFilters"})
        filters = body.get("dataFilters") or []
        try:
            found = metadata.find(self.find(call).book, filters)
        except Refused as refusal:
            raise bad_request(refusal.message) from refusal
        matched = [{"developerMetadata": each, "dataFilters": filters} for each in found]
        return {"matchedDeveloperMetadata": as_answered(matched)} if matched else {}

    # -- the little of Drive that gspread uses -----------------------------------------------------------------------------

    def _drive(self, call: Call) -> Json | None:
        if call.name == "drive.create":
            title = (call.body or {}).get("name", "Untitled spreadsheet") if isinstance(call.body, dict) else ""
            return _file(self.create(call.account, title))
        if call.name == "drive.list":
            mine = [each for each in self.spreadsheets.values() if call.account in each.shares]
            return {"kind": "drive#fileList", "incompleteSearch": False, "files": [_file(each) for each in mine]}
        spreadsheet = self.spreadsheets.get(call.spreadsheet)
        if spreadsheet is None or call.account not in spreadsheet.shares:
            raise ApiError(404, f"File not found: {call.spreadsheet}.")
        if call.name == "drive.delete":
            del self.spreadsheets[spreadsheet.id]
            return None
        return _file(spreadsheet) | {
            "createdTime": "2026-01-01T00:00:00.000Z",
            "modifiedTime": "2026-01-01T00:00:00.000Z",
        }


def _file(spreadsheet: Spreadsheet) -> Json:
    mime = "application/vnd.google-apps.spreadsheet"
    return {"kind": "drive#file", "id": spreadsheet.id, "name": spreadsheet.book.title, "mimeType": mime}


def _object(call: Call, known: set[str] | frozenset[str]) -> Json:
    """Give a call's body, which must be an object of known fields; raises ApiError."""
    if call.body is None:
        return {}
    if not isinstance(call.body, dict):
        raise bad_request("Invalid JSON payload received. Unexpected token.")
    for name in call.body:
        if name not in known:
            raise unknown_field(name, "data" if call.kind == "write" else "")
    return call.body


def _is_yes(text: str | None) -> bool:
    return (text or "").casefold() in {"true", "1"}


def _wanted_back(call: Call) -> Rendering | None:
    if not _is_yes(call.asked("includeValuesInResponse")):
        return None
    asked = {
        "responseValueRenderOption": call.asked("responseValueRenderOption"),
        "responseDateTimeRenderOption": call.asked("responseDateTimeRenderOption"),
    }
    return Rendering.read(asked.get, "response")
