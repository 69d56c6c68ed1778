"""gspread and plain requests, pointed at the double."""

from __future__ import annotations

from typing import Any

import gspread
import requests
from google.auth.transport.requests import AuthorizedSession
from google.oauth2.service_account import Credentials

from tests.sheets_double.accounts import SCOPES
from tests.sheets_double.double import SheetsDouble
from tests.sheets_double.model import Json

GOOGLE = ("https://sheets.googleapis.com", "https://www.googleapis.com")


class LocalCredentials(Credentials):
    """A service account's, without google-auth's own question to the real Google where it may be used."""

    def _is_regional_access_boundary_lookup_required(self) -> bool:
        return False


def credentials_from(key: dict[str, str]) -> Credentials:
    """Give credentials from what a key file holds."""
    found: Credentials = LocalCredentials.from_service_account_info(key, scopes=list(SCOPES))  # type: ignore[no-untyped-call]
    return found


def client_for(double: SheetsDouble, account: str = "", *, timeout: tuple[float, float] = (5.0, 5.0)) -> gspread.Client:
    """Give gspread's client, as an account that the double knows."""

    class Pointed(gspread.HTTPClient):
        """gspread's own way over HTTP, to another host."""

        def request(self, method: str, endpoint: str, *args: Any, **more: Any) -> requests.Response:
            for host in GOOGLE:
                if endpoint.startswith(host):
                    endpoint = double.url + endpoint.removeprefix(host)
            return super().request(method, endpoint, *args, **more)

    client = gspread.Client(auth=credentials_from(double.key_data(account)), http_client=Pointed)
    client.http_client.set_timeout(timeout)
    return client


class Caller:
    """Calls as they go over the wire, each answered with the response whatever its status."""

    def __init__(self, double: SheetsDouble, account: str = "", timeout: float = 5.0) -> None:
        self.session: requests.Session = AuthorizedSession(credentials_from(double.key_data(account)))  # type: ignore[no-untyped-call]
        self._base = f"{double.url}/v4/spreadsheets"
        self._timeout = timeout

    def get(self, path: str, **params: Any) -> requests.Response:
        """GET below /v4/spreadsheets."""
        return self.session.get(f"{self._base}/{path}", params=params, timeout=self._timeout)

    def post(self, path: str, body: Json, **params: Any) -> requests.Response:
        """POST likewise."""
        return self.session.post(f"{self._base}/{path}", json=body, params=params, timeout=self._timeout)

    def put(self, path: str, body: Json, **params: Any) -> requests.Response:
        """PUT likewise."""
        return self.session.put(f"{self._base}/{path}", json=body, params=params, timeout=self._timeout)

    def batch(self, spreadsheet: str, *requests_: Json) -> requests.Response:
        """Do a batchUpdate."""
        return self.post(f"{spreadsheet}:batchUpdate", {"requests": list(requests_)})


def write(*rows: list[Any], row: int = 0, column: int = 0, sheet: int = 0) -> Json:
    """Give the request that writes values from a cell on: texts as texts, None and "" as empty cells."""

    def cell(value: Any) -> Json:
        if value in {None, ""}:
            return {}
        kinds = {bool: "boolValue", int: "numberValue", float: "numberValue", str: "stringValue"}
        return {"userEnteredValue": {kinds[type(value)]: value}}

    start = {"sheetId": sheet, "rowIndex": row, "columnIndex": column}
    cells = [{"values": [cell(value) for value in each]} for each in rows]
    return {"updateCells": {"start": start, "rows": cells, "fields": "userEnteredValue"}}


def insert_rows(at: int, count: int = 1, *, inherit: bool = True, sheet: int = 0) -> Json:
    """Give the request that inserts rows before one, counted from 0."""
    place = {"sheetId": sheet, "dimension": "ROWS", "startIndex": at, "endIndex": at + count}
    return {"insertDimension": {"range": place, "inheritFromBefore": inherit}}


def fence(number: int) -> Json:
    """Give the request that can be done only once with this number."""
    metadata = {
        "metadataId": number,
        "metadataKey": "test",
        "visibility": "PROJECT",
        "location": {"spreadsheet": True},
    }
    return {"createDeveloperMetadata": {"developerMetadata": metadata}}


def message(answer: requests.Response) -> str:
    """Give Google's sentence."""
    return str(answer.json()["error"]["message"])


def read(caller: Caller, spreadsheet: str, area: str, **params: Any) -> list[list[Any]] | None:
    """Read values, unformatted unless told; None where the answer has none."""
    answer = caller.get(f"{spreadsheet}/values/{area}", **({"valueRenderOption": "UNFORMATTED_VALUE"} | params))
    assert answer.status_code == 200, answer.text
    found: list[list[Any]] | None = answer.json().get("values")
    return found
