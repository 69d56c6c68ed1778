"""
The double of the Google Sheets API keeps what is known of the real one: each test is a promise that our own code leans on,
asked through gspread or over plain HTTP. What becomes of cells and rows stands in tests/sheets_double/test_cells.py.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import gspread
import pytest
import requests
from google.auth.exceptions import RefreshError
from gspread.exceptions import APIError, SpreadsheetNotFound
from gspread.utils import ValidationConditionType

from tests.sheets_double import ACCOUNT, Rejected, Seller, SheetsDouble, VirtualClock, faults
from tests.sheets_double.clients import Caller, client_for, credentials_from, fence, insert_rows, message, read, write
from tests.sheets_double.faults import Fault

TAB = "Pesanan"
GUEST = "tamu@toko-lain.iam.gserviceaccount.com"


@pytest.fixture
def clock() -> VirtualClock:
    """A clock that stands still."""
    return VirtualClock()


@pytest.fixture
def double(clock: VirtualClock) -> Iterator[SheetsDouble]:
    """A double of its own for each test."""
    with SheetsDouble(clock=clock) as made:
        yield made


@pytest.fixture
def seller(double: SheetsDouble) -> Seller:
    """A spreadsheet of hers in Indonesian with one tab."""
    return double.create(tabs=[TAB])


@pytest.fixture
def caller(double: SheetsDouble) -> Caller:
    """Calls over plain HTTP."""
    return Caller(double)


@pytest.fixture
def sheet(double: SheetsDouble, seller: Seller) -> gspread.Worksheet:
    """Her tab as gspread holds it."""
    return client_for(double).open_by_key(seller.id).sheet1


# -- limits and errors ---------------------------------------------------------------------------------------------------


def test_sixty_reads_and_sixty_writes_in_any_minute(
    double: SheetsDouble, seller: Seller, caller: Caller, clock: VirtualClock
) -> None:
    """Reads and writes are counted apart, over a sliding minute; a batch counts as one, whatever it holds."""
    for _ in range(60):
        assert caller.batch(seller.id, *[write(["a"])] * 5).status_code == 200
    assert caller.batch(seller.id, write(["b"])).status_code == 429
    assert caller.get(seller.id).status_code == 200
    clock.advance(59)
    assert caller.batch(seller.id, write(["b"])).status_code == 429
    clock.advance(1.5)
    assert caller.batch(seller.id, write(["b"])).status_code == 200
    assert double.quotas.used("write", ACCOUNT) == 1


def test_three_hundred_in_a_project(double: SheetsDouble, seller: Seller) -> None:
    """All accounts of a project share another quota."""
    double.quotas.per_project = 3
    accounts = [f"akun{number}@satu-proyek.iam.gserviceaccount.com" for number in range(4)]
    for account in accounts:
        seller.share(account)
    statuses = [Caller(double, account).get(seller.id).status_code for account in accounts]
    assert statuses == [200, 200, 200, 429]


def test_too_many_requests(double: SheetsDouble, seller: Seller, caller: Caller) -> None:
    """A 429 is JSON with RESOURCE_EXHAUSTED and without Retry-After, and nothing was written."""
    double.quotas.per_account = 0
    answer = caller.batch(seller.id, write(["a"]))
    assert answer.status_code == 429
    assert answer.json()["error"]["status"] == "RESOURCE_EXHAUSTED"
    assert "Retry-After" not in answer.headers
    assert seller.values(TAB) == []


def test_a_cell_holds_fifty_thousand_characters(seller: Seller, caller: Caller) -> None:
    """One more is refused, whichever call writes it."""
    assert caller.batch(seller.id, write(["x" * 50_000])).status_code == 200
    refused = caller.batch(seller.id, write(["x" * 50_001]))
    assert refused.status_code == 400 and "50000" in message(refused)
    body = {"values": [["x" * 50_001]]}
    assert caller.put(f"{seller.id}/values/A2", body, valueInputOption="RAW").status_code == 400
    assert seller.value(TAB, "A2") is None


@pytest.mark.parametrize("applied", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(
    "make",
    [
        lambda applied: faults.server_error(500, html=False, applied=applied),
        lambda applied: faults.server_error(502, html=True, applied=applied),
        lambda applied: faults.server_error(503, html=True, applied=applied),
        lambda applied: faults.reset(applied=applied),
        lambda applied: faults.truncated(applied=applied),
        lambda applied: faults.garbage(applied=applied),
    ],
    ids=["500 json", "502 html", "503 html", "reset", "truncated", "garbage"],
)
def test_a_write_without_a_clear_answer(
    double: SheetsDouble, seller: Seller, caller: Caller, make: Callable[[bool], Fault], applied: bool
) -> None:
    """After a 5xx, a cut connection or an unreadable answer the write may have been done, or not."""
    double.plant(make(applied), "write")
    try:
        answer = caller.batch(seller.id, write(["a"]))
        assert answer.status_code >= 500 or _unreadable(answer)
    except requests.RequestException:
        pass
    assert seller.value(TAB, "A1") == ("a" if applied else None)
    assert caller.batch(seller.id, write(["b"])).status_code == 200


def _unreadable(answer: requests.Response) -> bool:
    try:
        answer.json()
    except requests.exceptions.JSONDecodeError:
        return True
    return False


def test_a_write_that_never_answers(double: SheetsDouble, seller: Seller) -> None:
    """A hanging call ends in the client's own timeout; what it asked for may have been done."""
    planted = double.plant(faults.hang(applied=True), "write")
    hasty = Caller(double, timeout=0.2)
    with pytest.raises(requests.ReadTimeout):
        hasty.batch(seller.id, write(["a"]))
    assert planted.reached.is_set() and seller.value(TAB, "A1") == "a"
    planted.release()


def test_html_has_no_code(double: SheetsDouble, sheet: gspread.Worksheet) -> None:
    """A page of HTML makes gspread's code -1; the response holds the status."""
    double.plant(faults.server_error(503, html=True), "write")
    with pytest.raises(APIError) as caught:
        sheet.update([["a"]], "A1")
    assert caught.value.code == -1 and caught.value.response.status_code == 503
    assert caught.value.response.headers["Content-Type"].startswith("text/html")


def test_what_opening_raises(double: SheetsDouble, seller: Seller) -> None:
    """An unknown id is SpreadsheetNotFound, one that isn't shared the builtin PermissionError."""
    client = client_for(double)
    with pytest.raises(SpreadsheetNotFound):
        client.open_by_key("1" + "x" * 43)
    seller.unshare(ACCOUNT)
    with pytest.raises(PermissionError):
        client.open_by_key(seller.id)


def test_a_revoked_key(double: SheetsDouble, seller: Seller, sheet: gspread.Worksheet) -> None:
    """A key that was deleted gets no token any more: invalid_grant, which google-auth raises as RefreshError."""
    double.accounts.revoke(ACCOUNT)
    with pytest.raises(RefreshError, match="invalid_grant"):
        sheet.get("A1")
    with pytest.raises(RefreshError, match="invalid_grant"):
        client_for(double).open_by_key(seller.id)


def test_tokens_end_after_an_hour(double: SheetsDouble, seller: Seller, caller: Caller, clock: VirtualClock) -> None:
    """A token that is missing, unknown or an hour old is a 401 with Google's body; google-auth then gets another."""
    address = f"{double.url}/v4/spreadsheets/{seller.id}"
    for headers in ({}, {"Authorization": "Bearer made-up"}):
        answer = requests.get(address, headers=headers, timeout=5)
        assert answer.status_code == 401 and answer.json()["error"]["status"] == "UNAUTHENTICATED"
    assert caller.get(seller.id).status_code == 200
    clock.advance(3_601)
    assert caller.get(seller.id).status_code == 200
    assert [call.status for call in double.made("read")][-2:] == [401, 200]
    assert double.count("token") == 2


def test_a_tab_that_was_renamed(seller: Seller, sheet: gspread.Worksheet, caller: Caller) -> None:
    """gspread keeps the title: 400 "Unable to parse range" from then on; the sheetId finds the tab again."""
    seller.rename_tab(TAB, "Order 2026")
    with pytest.raises(APIError) as caught:
        sheet.get("A1")
    assert caught.value.code == 400 and "Unable to parse range: 'Pesanan'!A1" in str(caught.value)
    fields = "sheets.properties(sheetId,title,gridProperties)"
    properties = caller.get(seller.id, fields=fields).json()["sheets"][0]["properties"]
    assert properties == {
        "sheetId": sheet.id,
        "title": "Order 2026",
        "gridProperties": {"rowCount": 1000, "columnCount": 26},
    }


def test_writes_past_the_grid(seller: Seller, caller: Caller) -> None:
    """They are refused, by values as by batches, and so is a read that begins beyond; one that ends beyond is clipped."""
    answer = caller.put(f"{seller.id}/values/A1001", {"values": [["a"]]}, valueInputOption="RAW")
    assert answer.status_code == 400
    assert message(answer) == "Range (Pesanan!A1001) exceeds grid limits. Max rows: 1000, max columns: 26"
    answer = caller.batch(seller.id, write(["a"], row=1000))
    assert answer.status_code == 400 and "exceeds grid limits" in message(answer)
    answer = caller.batch(seller.id, write(["a"], ["b"], row=999))
    assert answer.status_code == 400 and message(answer).startswith("Invalid requests[0].updateCells: ")
    answer = caller.get(f"{seller.id}/values/A1001:B1002")
    assert answer.status_code == 400 and "exceeds grid limits" in message(answer)
    assert caller.get(f"{seller.id}/values/A999:AB2000").json()["range"] == "Pesanan!A999:Z1000"


def test_ranges_of_batches(seller: Seller, caller: Caller) -> None:
    """One that begins in the grid and ends beyond is clipped, and the grid stays; one that begins beyond is refused."""

    def bold(**place: int) -> requests.Response:
        cell = {"userEnteredFormat": {"textFormat": {"bold": True}}}
        area = {"sheetId": 0, "startColumnIndex": 0, "endColumnIndex": 2} | place
        return caller.batch(seller.id, {"repeatCell": {"range": area, "cell": cell, "fields": "userEnteredFormat"}})

    assert bold(startRowIndex=998, endRowIndex=1005).status_code == 200
    assert seller.tab(TAB).row_count == 1000 and seller.cell(TAB, "B1000").fmt
    assert bold(startRowIndex=3, endRowIndex=3).status_code == 200
    refused = bold(startRowIndex=1000)
    assert refused.status_code == 400
    assert message(refused).endswith(
        "repeatCell: Range (Pesanan!A1001:B) exceeds grid limits. Max rows: 1000, max columns: 26"
    )
    assert "Range (Pesanan!A1001:B1001)" in message(bold(startRowIndex=1000, endRowIndex=1001))


def test_one_protected_cell_refuses_the_whole_batch(seller: Seller, caller: Caller) -> None:
    """400 "You are trying to edit a protected cell"; with a mere warning everything is done."""
    seller.protect(TAB, "B2")
    refused = caller.batch(seller.id, write(["a"]), write(["b"], row=1, column=1))
    assert refused.status_code == 400
    assert message(refused).startswith("Invalid requests[1].updateCells: You are trying to edit a protected cell")
    assert seller.values(TAB) == []
    seller.unprotect(TAB)
    seller.protect(TAB, "B2", warning=True)
    assert caller.batch(seller.id, write(["a"]), write(["b"], row=1, column=1)).status_code == 200


def test_protection_lets_editors_in(seller: Seller, caller: Caller) -> None:
    """Who is named in it may edit; nobody else, also not by inserting or deleting rows within."""
    seller.protect(TAB, editors=[ACCOUNT])
    assert caller.batch(seller.id, write(["a"]), insert_rows(1)).status_code == 200
    seller.unprotect(TAB)
    seller.protect(TAB, "A1:C10")
    assert caller.batch(seller.id, insert_rows(5)).status_code == 400
    assert caller.batch(seller.id, insert_rows(10)).status_code == 200
    lines = {"sheetId": 0, "dimension": "ROWS", "startIndex": 3, "endIndex": 4}
    assert caller.batch(seller.id, {"deleteDimension": {"range": lines}}).status_code == 400


def test_shared_for_reading_only(seller: Seller, caller: Caller) -> None:
    """Reading goes on, writing is a 403."""
    seller.share(ACCOUNT, "reader")
    assert caller.get(seller.id).status_code == 200
    answer = caller.batch(seller.id, write(["a"]))
    assert answer.status_code == 403
    assert answer.json()["error"] == {
        "code": 403,
        "message": "The caller does not have permission",
        "status": "PERMISSION_DENIED",
    }


def test_a_batch_is_all_or_nothing(seller: Seller, caller: Caller) -> None:
    """One request that can't be done undoes those before it, and is named by its place."""
    before = seller.version()
    answer = caller.batch(seller.id, write(["a"]), insert_rows(1, 3), write(["b"], sheet=99))
    assert answer.status_code == 400 and message(answer) == "Invalid requests[2].updateCells: No grid with id: 99"
    assert seller.version() is before


def test_what_the_body_must_be(seller: Seller, caller: Caller) -> None:
    """Names that there aren't, and bodies that are no JSON, are a 400 that says which."""
    answer = caller.batch(seller.id, {"insertRow": {}})
    assert answer.status_code == 400 and "Unknown name \"insertRow\" at 'requests[0]'" in message(answer)
    answer = caller.batch(seller.id, {"insertDimension": {"ranges": {}}})
    assert answer.status_code == 400 and 'Unknown name "ranges"' in message(answer)
    answer = caller.batch(seller.id, {"updateCells": {"start": {"sheetId": 0}, "rows": []}})
    assert answer.status_code == 400 and "'fields'" in message(answer)
    assert caller.post(f"{seller.id}:batchUpdate", {"requests": []}).status_code == 400
    assert caller.get(seller.id, fields="sheets.colour").status_code == 400


# -- gspread -------------------------------------------------------------------------------------------------------------


def test_which_calls_of_gspread_parse(sheet: gspread.Worksheet, seller: Seller) -> None:
    """update_cell and update_acell are USER_ENTERED; update, batch_update, append_rows and update_cells are RAW."""
    sheet.update_cell(1, 1, "0812")
    sheet.update_acell("A2", "=1+1")
    sheet.update([["0812"]], "A3")
    sheet.batch_update([{"range": "A4", "values": [["=1+1"]]}])
    sheet.append_rows([["=1+1"]], table_range="A1")
    sheet.update_cells([gspread.Cell(6, 1, "0812")])
    assert [line[0] for line in seller.values(TAB)] == [812, 2, "0812", "=1+1", "=1+1", "0812"]


def test_get_all_records_guesses(sheet: gspread.Worksheet) -> None:
    """The double gives the text as it stands; gspread makes numbers of it."""
    sheet.update([["telepon", "harga", "berat"], ["0812", "15.000", "7000,5"]], "A1")
    assert sheet.get("A2:C2") == [["0812", "15.000", "7000,5"]]
    assert sheet.get_all_records() == [{"telepon": 812, "harga": 15.0, "berat": 70005}]


def test_what_opening_costs(double: SheetsDouble, seller: Seller) -> None:
    """open_by_key, worksheet() and sheet1 are a read each; open() by its title asks Drive as well."""
    client = client_for(double)
    book = client.open_by_key(seller.id)
    assert double.count("read") == 1
    assert book.worksheet(TAB).id == book.sheet1.id == 0
    assert double.count("read") == 3
    assert client.open("Toko Contoh").id == seller.id
    assert double.count("drive") == 1


def test_validation_by_gspread_lets_everything_in(sheet: gspread.Worksheet, seller: Seller) -> None:
    """add_validation is neither strict nor shows a list unless told; a strict one takes nothing else from her hands."""
    sheet.add_validation("A1", ValidationConditionType.one_of_list, ["Lunas", "Batal"])
    assert seller.cell(TAB, "A1").validation == {
        "condition": {
            "type": "ONE_OF_LIST",
            "values": [{"userEnteredValue": "Lunas"}, {"userEnteredValue": "Batal"}],
        }
    }
    seller.type(TAB, "A1", "Entah")
    sheet.add_validation("A2", ValidationConditionType.one_of_list, ["Lunas", "Batal"], strict=True, showCustomUi=True)
    with pytest.raises(Rejected):
        seller.type(TAB, "A2", "Entah")
    seller.type(TAB, "A2", "Batal")
    # The API itself does not look at it.
    sheet.update([["Entah"]], "A2")
    assert seller.value(TAB, "A2") == "Entah"


# -- exactly once --------------------------------------------------------------------------------------------------------


def test_a_metadata_id_stands_once(seller: Seller, caller: Caller) -> None:
    """A batch with an id that stands in the spreadsheet is refused as a whole, also in one and the same batch."""
    assert caller.batch(seller.id, fence(7), write(["a"])).status_code == 200
    assert caller.batch(seller.id, fence(7), write(["b"])).status_code == 400
    assert caller.batch(seller.id, write(["c"]), fence(8), fence(8)).status_code == 400
    assert seller.values(TAB) == [["a"]]


def test_metadata_can_be_read_by_its_id(seller: Seller, caller: Caller) -> None:
    """By GET, by search, and with the spreadsheet; what isn't there is a 404 or nothing."""
    caller.batch(seller.id, fence(7))
    kept = {
        "metadataId": 7,
        "metadataKey": "test",
        "location": {"locationType": "SPREADSHEET", "spreadsheet": True},
        "visibility": "PROJECT",
    }
    assert caller.get(f"{seller.id}/developerMetadata/7").json() == kept
    assert caller.get(f"{seller.id}/developerMetadata/8").status_code == 404
    lookup = {"dataFilters": [{"developerMetadataLookup": {"metadataKey": "test"}}]}
    found = caller.post(f"{seller.id}/developerMetadata:search", lookup).json()["matchedDeveloperMetadata"]
    assert [each["developerMetadata"] for each in found] == [kept]
    lookup = {"dataFilters": [{"developerMetadataLookup": {"metadataId": 8}}]}
    assert caller.post(f"{seller.id}/developerMetadata:search", lookup).json() == {}
    assert caller.get(seller.id, fields="developerMetadata").json() == {"developerMetadata": [kept]}


def test_metadata_goes_along_with_its_row(seller: Seller, caller: Caller) -> None:
    """It stays with its row when others are inserted above, and goes with it."""
    place = {"sheetId": 0, "dimension": "ROWS", "startIndex": 4, "endIndex": 5}
    metadata = {"metadataId": 9, "metadataKey": "k", "visibility": "DOCUMENT", "location": {"dimensionRange": place}}
    assert caller.batch(seller.id, {"createDeveloperMetadata": {"developerMetadata": metadata}}).status_code == 200
    seller.insert_rows(TAB, 2, 3)
    assert seller.metadata("k")[0]["location"]["dimensionRange"]["startIndex"] == 7
    seller.delete_rows(TAB, 8)
    assert caller.get(f"{seller.id}/developerMetadata/9").status_code == 404


def test_metadata_is_changed_and_deleted(seller: Seller, caller: Caller) -> None:
    """updateDeveloperMetadata changes what the fields name, deleteDeveloperMetadata frees the id."""
    caller.batch(seller.id, fence(7))
    which = {"developerMetadataLookup": {"metadataId": 7}}
    change = {"dataFilters": [which], "developerMetadata": {"metadataValue": "baru"}, "fields": "metadataValue"}
    assert caller.batch(seller.id, {"updateDeveloperMetadata": change}).status_code == 200
    assert caller.get(f"{seller.id}/developerMetadata/7").json()["metadataValue"] == "baru"
    answer = caller.batch(seller.id, {"deleteDeveloperMetadata": {"dataFilter": which}}, fence(7))
    assert answer.status_code == 200
    assert "metadataValue" not in caller.get(f"{seller.id}/developerMetadata/7").json()


def test_deleting_metadata_that_is_not_there(double: SheetsDouble, seller: Seller, caller: Caller) -> None:
    """Whether the real one refuses that is not known: the double plays both."""
    delete = {"deleteDeveloperMetadata": {"dataFilter": {"developerMetadataLookup": {"metadataId": 7}}}}
    assert caller.batch(seller.id, delete).json()["replies"] == [{"deleteDeveloperMetadata": {}}]
    double.google.strict_metadata_deletes = True
    assert caller.batch(seller.id, write(["a"]), delete).status_code == 400
    assert seller.values(TAB) == []


def test_a_late_write_is_done_or_refused_as_it_lands(
    double: SheetsDouble, seller: Seller, caller: Caller, clock: VirtualClock
) -> None:
    """A write that lands after the client has gone is refused where its id stands by then, and done where not."""
    first = double.plant(faults.late(40, way="reset"), "write")
    with pytest.raises(requests.ConnectionError):
        caller.batch(seller.id, fence(7), insert_rows(1), write(["lambat"], row=1))
    assert caller.batch(seller.id, fence(7), insert_rows(1), write(["segera"], row=1)).status_code == 200
    clock.advance(41)
    assert first.landed_status == 400
    second = double.plant(faults.late(40, way="reset"), "write")
    with pytest.raises(requests.ConnectionError):
        caller.batch(seller.id, fence(8), insert_rows(1), write(["lambat"], row=1))
    clock.advance(39)
    assert second.landed_status is None
    clock.advance(2)
    assert second.landed_status == 200
    assert seller.values(TAB) == [[], ["lambat"], ["segera"]]


def test_a_google_that_does_not_refuse(double: SheetsDouble, seller: Seller, caller: Caller) -> None:
    """The double can play one for which an id may stand twice, for whoever does not trust the fence."""
    double.google.unique_metadata_ids = False
    for text in ("a", "b"):
        assert caller.batch(seller.id, fence(7), write([text])).status_code == 200
    assert seller.values(TAB) == [["b"]]


# -- over HTTP -----------------------------------------------------------------------------------------------------------


def test_answers_are_compressed(double: SheetsDouble, seller: Seller, caller: Caller) -> None:
    """For who takes gzip; the log counts the bytes that went over the wire."""
    seller.type_rows(TAB, "A1", [["Menunggu pembayaran"] * 10] * 100)
    answer = caller.get(f"{seller.id}/values/A1:J100")
    assert answer.headers["Content-Encoding"] == "gzip"
    assert double.calls[-1].response_bytes == int(answer.headers["Content-Length"]) < len(answer.content) / 10


def test_a_slow_answer_is_whole(double: SheetsDouble, seller: Seller, caller: Caller) -> None:
    """It comes a few bytes at a time, and is right."""
    seller.type(TAB, "A1", "a")
    planted = double.plant(faults.trickle(chunk=8, pause_s=0.001), "read")
    assert read(caller, seller.id, "A1") == [["a"]]
    assert planted.is_over


@pytest.mark.parametrize(
    ("fault", "status", "word"),
    [
        (faults.too_many(), 429, "RESOURCE_EXHAUSTED"),
        (faults.not_shared(), 403, "PERMISSION_DENIED"),
        (faults.gone(), 404, "NOT_FOUND"),
        (faults.api_off(), 403, "PERMISSION_DENIED"),
        (faults.office_file(), 400, "FAILED_PRECONDITION"),
        (faults.server_error(500, html=False), 500, "INTERNAL"),
    ],
    ids=["429", "403", "404", "api off", "office file", "500"],
)
def test_planted_refusals_read_like_googles(
    double: SheetsDouble, seller: Seller, caller: Caller, fault: Fault, status: int, word: str
) -> None:
    """Each is JSON with code, message and status, and nothing was done."""
    double.plant(fault, "write")
    answer = caller.batch(seller.id, write(["a"]))
    assert answer.status_code == status
    error = answer.json()["error"]
    assert (error["code"], error["status"]) == (status, word) and error["message"]
    assert seller.values(TAB) == []


def test_an_address_has_an_end(seller: Seller, caller: Caller) -> None:
    """A read of very many ranges does not go through."""
    few = [f"A{row}:Z{row}" for row in range(1, 300)]
    assert caller.get(f"{seller.id}/values:batchGet", ranges=few).status_code == 200
    assert caller.get(f"{seller.id}/values:batchGet", ranges=few * 5).status_code == 414


def test_retry_after_where_asked(double: SheetsDouble, seller: Seller, caller: Caller) -> None:
    """It comes with a 429 only where a test asks for it."""
    double.plant(faults.too_many(retry_after_s=30), "write")
    assert caller.batch(seller.id, write(["a"])).headers["Retry-After"] == "30"


def test_the_token_endpoint_takes_only_its_own(double: SheetsDouble) -> None:
    """A forged, stale or foreign assertion gets no token, in OAuth's words."""
    url = f"{double.url}/token"
    grant = "urn:ietf:params:oauth:grant-type:jwt-bearer"
    answer = requests.post(url, data={"grant_type": grant, "assertion": "a.b.c"}, timeout=5)
    assert answer.status_code == 400 and answer.json()["error"] == "invalid_grant"
    answer = requests.post(url, data={"grant_type": "password"}, timeout=5)
    assert answer.status_code == 400 and answer.json()["error"] == "unsupported_grant_type"
    stranger = double.key_data(GUEST)
    del double.accounts.by_email[GUEST]
    client = gspread.Client(auth=credentials_from(stranger))
    with pytest.raises(RefreshError, match="account not found"):
        client.http_client.request("get", f"{double.url}/v4/spreadsheets/x")


def test_a_key_file_is_whole(double: SheetsDouble, tmp_path: Any) -> None:
    """It holds what google-auth asks for, points to the double, and only its owner may read it."""
    path = double.write_key(tmp_path / "key.json")
    held = json.loads(path.read_text())
    assert held["client_email"] == ACCOUNT and held["token_uri"] == f"{double.url}/token"
    assert path.stat().st_mode & 0o077 == 0
