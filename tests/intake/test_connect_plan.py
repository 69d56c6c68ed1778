"""What connecting a spreadsheet would do, planned from what is there. No calls."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from intake.connecting import (
    ColumnUnfit,
    ColumnUnknown,
    HeaderUnknown,
    Wish,
    similar,
    wanted_locale,
    wish,
)
from intake.sheet import SheetKeyWrong, SheetTabTwice
from intake.sheet.columns import LINES, ORDERS, find_header
from intake.sheet.connected import KEY, Connected, connected_from, to_text
from intake.sheet.google_access import AddressWrong, look_at_key, parse_address
from intake.sheet.google_headers import our_column
from intake.sheet_report import file_lines
from tests.intake.connect_makers import (
    DRESS,
    HER_TAB,
    HERS,
    cell_json,
    plan_of,
    requests_of,
    survey_of,
    tab_json,
)

HEAD = {language: [column.headers[language] for column in ORDERS.columns] for language in ("id", "en")}
INTO_HERS = Wish(tab="Orderan")
ID = "1AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_abcde"


def columns_touched(layout: Any) -> set[int]:
    """Give the columns (from 1) of the tab 5 that any request writes to or dresses."""
    found: set[int] = set()
    for request in layout.requests:
        [(kind, said)] = request.items()
        text = json.dumps(said)
        if kind in {"addSheet", "createDeveloperMetadata", "deleteDeveloperMetadata", "appendDimension"}:
            continue
        if '"sheetId": 5' not in text or kind == "updateSheetProperties":
            continue
        if kind == "updateCells":
            start = said["start"]["columnIndex"] + 1
            found |= set(range(start, start + max(len(row["values"]) for row in said["rows"])))
            continue
        ranges = [said.get("range") or said.get("protectedRange", {}).get("range")]
        ranges += said.get("rule", {}).get("ranges", [])
        for each in filter(None, ranges):
            first = each.get("startColumnIndex", each.get("startIndex"))
            last = each.get("endColumnIndex", each.get("endIndex"))
            found |= set(range(first + 1, last + 1))
    return found


@pytest.mark.parametrize("language", ["id", "en"])
def test_an_empty_spreadsheet_gets_both_tabs(language: str) -> None:
    """Beside the empty tab of a new spreadsheet stand ours, with every header, in the shop's language."""
    layout = plan_of(survey_of([tab_json("Sheet1")]), language=language)
    made = [each["properties"] for each in requests_of(layout, "addSheet")]
    assert [each["title"] for each in made] == [ORDERS.titles[language], LINES.titles[language]]
    headers = [
        [cell["userEnteredValue"]["stringValue"] for cell in each["rows"][0]["values"]]
        for each in requests_of(layout, "updateCells")
    ]
    assert headers[0] == HEAD[language]
    assert find_header(ORDERS, "x", [headers[0]], language).row == 1
    [rule] = requests_of(layout, "setDataValidation")
    words = [each["userEnteredValue"] for each in rule["rule"]["condition"]["values"]]
    assert tuple(words) == DRESS[language].statuses
    assert rule["rule"]["strict"] and rule["rule"]["showCustomUi"]
    kept = connected_from(
        {"developerMetadata": [requests_of(layout, "createDeveloperMetadata")[0]["developerMetadata"]]}
    )
    assert kept.tabs == {"orders": made[0]["sheetId"], "lines": made[1]["sheetId"]}


def test_the_same_plan_twice_is_done_once() -> None:
    """The number of the note, and those of the tabs, follow from the plan: sent twice, the second is refused whole."""
    first, second = (plan_of(survey_of([tab_json("Sheet1")])) for _ in range(2))
    assert first.requests == second.requests
    other = plan_of(survey_of([tab_json("Sheet1")], locale="en_US"), locale="in_ID")
    notes = [
        requests_of(each, "createDeveloperMetadata")[0]["developerMetadata"]["metadataId"] for each in (first, other)
    ]
    assert notes[0] != notes[1]


def test_text_stays_text_and_money_is_a_number() -> None:
    """
    Columns of text are plain text, so that 0812 keeps its zero; money has its thousands apart. A link is none of both, or
    nobody could follow it.
    """
    layout = plan_of(survey_of([tab_json("Sheet1")]))
    orders = requests_of(layout, "addSheet")[0]["properties"]["sheetId"]
    formats = {
        each["range"]["startColumnIndex"]: each["cell"]["userEnteredFormat"].get("numberFormat", {}).get("type")
        for each in requests_of(layout, "repeatCell")
        if each["range"]["sheetId"] == orders
    }
    for place, column in enumerate(ORDERS.columns):
        assert formats[place] == {"money": "NUMBER", "text": "TEXT", "link": None}[column.kind], column.code


def test_protection_only_warns_and_leaves_her_columns_free() -> None:
    """Every column of ours that is not hers to edit is covered by a warning, and no other is."""
    layout = plan_of(survey_of([tab_json("Sheet1")]))
    orders = requests_of(layout, "addSheet")[0]["properties"]["sheetId"]
    covered: set[int] = set()
    for each in requests_of(layout, "addProtectedRange"):
        assert each["protectedRange"]["warningOnly"] is True
        grid = each["protectedRange"]["range"]
        if grid["sheetId"] == orders:
            covered |= set(range(grid["startColumnIndex"], grid["endColumnIndex"]))
    assert covered == {place for place, column in enumerate(ORDERS.columns) if not column.editable}


def test_her_own_tab_is_left_alone_unless_she_says_so() -> None:
    """A list of hers is offered and not taken: our tabs stand beside it."""
    survey = survey_of([HER_TAB], {5: HERS})
    layout = plan_of(survey)
    assert [tab.made for tab in layout.tabs] == [True, True]
    assert columns_touched(layout) == set()
    assert [tab.title for tab in similar(survey, None)] == ["Orderan"]


def test_in_her_tab_only_columns_to_the_right_are_touched() -> None:
    """What connecting writes or dresses lies right of everything of hers, in a grid made wider where needed."""
    layout = plan_of(survey_of([HER_TAB], {5: HERS}), INTO_HERS)
    tab = layout.tabs[0]
    assert not tab.made
    assert tab.at == 8
    assert min(columns_touched(layout)) == 8
    [wider] = requests_of(layout, "appendDimension")
    assert wider["length"] == 8 + len(tab.added) - 1 - 10


def test_her_headers_are_known_or_kept_hers() -> None:
    """Usual headers are found by themselves; formulas and boxes stay hers, and ours beside them has another name."""
    layout = plan_of(survey_of([HER_TAB], {5: HERS}), INTO_HERS)
    tab = layout.tabs[0]
    assert tab.row == 3
    assert dict(tab.taken) == {
        "Nama Pemesan": "Nama",
        "No HP": "WhatsApp",
        "Isi Pesanan": "Pesanan",
        "Ket": "Catatan Penjual",
    }
    assert [(each.code, each.reason) for each in tab.unfit] == [("total", "formulas")]
    assert "Total (Etalase)" in tab.added
    assert set(tab.left) == {"Tgl", "Total", "Lunas?"}
    assert layout.connected.headers["orders"]["total"] == "Total (Etalase)"
    # And each of our columns is found again by what is kept, hers not among them.
    head = [*HERS[2], *tab.added]
    found = find_header(ORDERS, "Orderan", [[], [], head], "id", layout.connected.headers["orders"])
    assert found.places["whatsapp"] == 3
    assert found.places["total"] == head.index("Total (Etalase)") + 1


def test_rows_that_stood_there_are_marked() -> None:
    """Each row of hers in which a column is used gets a mark in our ref column, so that it is no order typed by hand."""
    layout = plan_of(survey_of([HER_TAB], {5: HERS}), INTO_HERS)
    tab = layout.tabs[0]
    assert tab.marked == 2
    ref = tab.at + tab.added.index("No. Pesanan")
    marks = [each for each in requests_of(layout, "updateCells") if each["start"]["rowIndex"] >= 3]
    [marks] = marks
    assert (marks["start"]["rowIndex"], marks["start"]["columnIndex"]) == (3, ref - 1)
    texts = [row["values"][0]["userEnteredValue"]["stringValue"] for row in marks["rows"]]
    assert texts == ["earlier 1", "earlier 2"]


def test_her_filter_that_ends_before_our_columns_is_told() -> None:
    """A filter sorts only its own columns: she is told that ours lie beyond it; the filter is not touched."""
    layout = plan_of(survey_of([HER_TAB], {5: HERS}), INTO_HERS)
    assert layout.tabs[0].filter_short
    assert "basicFilter" not in json.dumps(layout.requests)


def test_what_she_says_counts_first() -> None:
    """--map takes a column by any header, and keeps one hers."""
    said = wish("Orderan", ["Tgl=Waktu Pesan", "Ket="], beside=False)
    layout = plan_of(survey_of([HER_TAB], {5: HERS}), said)
    headers = layout.connected.headers["orders"]
    assert headers["placed_at"] == "Tgl"
    assert "seller_note" not in headers
    assert "Ket" in layout.tabs[0].left
    assert "Catatan Penjual" in layout.tabs[0].added


@pytest.mark.parametrize(
    ("column", "reason"),
    [
        ([cell_json("=A1")], "formulas"),
        ([cell_json(None, dataValidation={"condition": {"type": "BOOLEAN"}})], "boxes"),
        ([cell_json(True)], "boxes"),
        ([cell_json("sudah")], "words"),
        (
            [
                cell_json(
                    None,
                    dataValidation={
                        "condition": {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "beres"}]},
                    },
                )
            ],
            "choices",
        ),
    ],
)
def test_a_column_that_cant_be_the_status(column: list[dict[str, Any]], reason: str) -> None:
    """A column of hers is not used where our words would spoil it or hers would be commands; asked for, it is refused."""
    rows = [[cell_json("Nama"), cell_json("Status")], *([cell_json("Sari Contoh"), each] for each in column)]
    survey = survey_of([tab_json("Orderan", 5)], {5: rows})
    layout = plan_of(survey, INTO_HERS)
    assert [(each.code, each.reason) for each in layout.tabs[0].unfit] == [("status", reason)]
    assert "Status (Etalase)" in layout.tabs[0].added
    with pytest.raises(ColumnUnfit) as refused:
        plan_of(survey, wish("Orderan", ["Status=Status"], beside=False))
    assert refused.value.fields["reason"] == reason


def test_her_status_column_with_our_words_is_used() -> None:
    """A status column that holds nothing but our labels, in either language, is used and not dressed."""
    rows = [["Nama", "Status"], ["Sari Contoh", "Lunas"], ["Budi Contoh", "paid"]]
    layout = plan_of(survey_of([tab_json("Orderan", 5)], {5: rows}), INTO_HERS)
    assert ("Status", "Status") in layout.tabs[0].taken
    assert requests_of(layout, "setDataValidation") == []


def test_her_own_order_numbers_stay_hers() -> None:
    """Numbers of her own are no refs of ours: ours get a column of their own."""
    rows = [["No. Pesanan", "Nama"], ["001", "Sari Contoh"]]
    layout = plan_of(survey_of([tab_json("Orderan", 5)], {5: rows}), INTO_HERS)
    assert [each.reason for each in layout.tabs[0].unfit] == ["numbers"]
    assert "No. Pesanan (Etalase)" in layout.tabs[0].added


def test_a_header_that_stands_twice_is_not_guessed() -> None:
    """Of two columns with one header none is used."""
    rows = [["Nama", "Nama", "Alamat"], ["a", "b", "c"]]
    layout = plan_of(survey_of([tab_json("Orderan", 5)], {5: rows}), INTO_HERS)
    assert [(each.code, each.reason) for each in layout.tabs[0].unfit] == [("name", "twice")]
    assert "Nama (Etalase)" in layout.tabs[0].added


def test_a_title_that_is_taken() -> None:
    """A tab of hers with our title stays hers."""
    layout = plan_of(survey_of([tab_json("pesanan", 5)], {5: [["belanja"], ["tepung"]]}))
    assert layout.tabs[0].title == "Pesanan (Etalase)"


def test_a_new_tab_by_name() -> None:
    """--tab with a name that no tab has makes one."""
    layout = plan_of(survey_of([tab_json("Sheet1")]), Wish(tab="Orders 2026"))
    assert [tab.title for tab in layout.tabs] == ["Orders 2026", "Rincian"]
    assert layout.tabs[0].made


def test_an_empty_tab_by_name_is_used() -> None:
    """--tab with an empty tab writes the headers there, from its first cell on, and dresses it."""
    layout = plan_of(survey_of([tab_json("Sheet1", 5)]), Wish(tab="sheet1"))
    tab = layout.tabs[0]
    assert (tab.made, tab.at, tab.row, tab.added) == (False, 1, 1, HEAD["id"])
    assert {"formats", "list", "colours", "warning", "frozen"} <= set(tab.dressed)


def test_a_tab_without_any_header_of_orders_is_refused() -> None:
    """A tab of hers in which nothing looks like a header is not written to by guess."""
    with pytest.raises(HeaderUnknown):
        plan_of(survey_of([tab_json("Belanja", 5)], {5: [["tepung", 3]]}), Wish(tab="Belanja"))


def test_tabs_are_told_apart() -> None:
    """Several tabs with all our headers and other titles: she has to say which."""
    tabs = [tab_json("A", 5), tab_json("B", 6)]
    with pytest.raises(SheetTabTwice):
        plan_of(survey_of(tabs, {5: [HEAD["id"]], 6: [HEAD["id"]]}))
    layout = plan_of(survey_of(tabs, {5: [HEAD["id"]], 6: [HEAD["id"]]}), Wish(tab="B"))
    assert layout.connected.tabs["orders"] == 6


@pytest.mark.parametrize("said", [["Nope=WhatsApp"], ["No HP=Nope"], ["=WhatsApp"], ["No HP"]])
def test_a_column_that_is_not_there(said: list[str]) -> None:
    """A header that she mistyped is told, and nothing is planned."""
    survey = survey_of([HER_TAB], {5: HERS})
    with pytest.raises(ColumnUnknown):
        plan_of(survey, wish("Orderan", said, beside=False))


def test_map_alone_finds_the_tab() -> None:
    """With --map and without --tab the one tab that has these headers is meant."""
    survey = survey_of([tab_json("Sheet1"), HER_TAB], {5: HERS})
    layout = plan_of(survey, wish("", ["No HP=WhatsApp"], beside=False))
    assert layout.connected.tabs["orders"] == 5
    with pytest.raises(ColumnUnknown):
        plan_of(survey, wish("", ["Nomor Rahasia=WhatsApp"], beside=False))


def test_a_connected_tab_with_nothing_lacking_is_not_touched() -> None:
    """What an earlier connect left, as it stands, calls for nothing."""
    kept = Connected({"orders": 5, "lines": 6}, {"orders": {"whatsapp": "No HP"}}, {"orders": ("whatsapp",)})
    texts, number = {"numberFormat": {"type": "TEXT"}}, {"numberFormat": {"type": "NUMBER"}}
    statuses = [{"userEnteredValue": each} for each in DRESS["id"].statuses]
    rule = {"condition": {"type": "ONE_OF_LIST", "values": statuses}}
    head = ["No HP" if column.code == "whatsapp" else column.headers["id"] for column in ORDERS.columns]
    cells = [
        cell_json(
            "lama 1" if column.code == "ref" else None,
            userEnteredFormat=number if column.kind == "money" else texts,
            **({"dataValidation": rule} if column.code == "status" else {}),
        )
        for column in ORDERS.columns
    ]
    lines = [cell_json(None, userEnteredFormat=texts) for _ in LINES.columns]
    lines_head = [column.headers["id"] for column in LINES.columns]

    def colours(place: int, sheet: int) -> list[dict[str, Any]]:
        over = [{"sheetId": sheet, "startColumnIndex": place, "endColumnIndex": place + 1}]
        return [
            {
                "ranges": over,
                "booleanRule": {"condition": {"type": "TEXT_EQ", "values": [{"userEnteredValue": label}]}},
            }
            for label in DRESS["id"].colours
        ]

    orders_status = [column.code for column in ORDERS.columns].index("status")
    lines_status = [column.code for column in LINES.columns].index("status")
    whole = [{"range": {}, "warningOnly": True}]
    tabs = [
        tab_json("PO", 5, frozen=1, conditionalFormats=colours(orders_status, 5), protectedRanges=whole),
        tab_json("Isi", 6, frozen=1, conditionalFormats=colours(lines_status, 6), protectedRanges=whole),
    ]
    survey = survey_of(tabs, {5: [head, cells], 6: [lines_head, lines]}, connected=kept)
    assert plan_of(survey).requests == []


def test_a_deleted_column_is_added_again_at_the_right() -> None:
    """A header of ours that is gone from a connected tab comes back at the right end, and nothing else moves."""
    kept = Connected({"orders": 5}, {}, {})
    head = [header for header in HEAD["id"] if header != "Resi"]
    layout = plan_of(survey_of([tab_json("PO", 5)], {5: [head]}, connected=kept))
    assert (layout.tabs[0].added, layout.tabs[0].at) == (["Resi"], len(head) + 1)


def test_a_header_of_hers_that_she_renamed_is_found_again() -> None:
    """A header that was decided on and is gone is looked for as at first; what can't hold ours is still not taken."""
    kept = Connected(
        {"orders": 5}, {"orders": {"whatsapp": "No HP", "total": "Total (Etalase)"}}, {"orders": ("whatsapp",)}
    )
    head = [header for header in HEAD["id"] if header not in {"WhatsApp", "Total"}]
    rows = [[*head, "Nomor HP", "Total"], [*[None] * len(head), "081200001234", "=1*2"]]
    layout = plan_of(survey_of([tab_json("PO", 5)], {5: rows}, connected=kept))
    assert layout.connected.headers["orders"] == {"whatsapp": "Nomor HP", "total": "Total (Etalase)"}
    assert layout.tabs[0].added == ["Total (Etalase)"]


def test_the_note_is_replaced_not_piled() -> None:
    """A decision that changes takes the place of the one before, in the same batch."""
    kept = Connected({"orders": 5}, {}, {})
    layout = plan_of(survey_of([tab_json("PO", 5)], {5: [HEAD["id"]]}, connected=kept))
    [gone] = requests_of(layout, "deleteDeveloperMetadata")
    assert gone["dataFilter"]["developerMetadataLookup"] == {"metadataId": 77}


def test_the_decision_is_read_as_it_was_kept() -> None:
    """What is kept in the spreadsheet comes back; what somebody else wrote there under our key counts as nothing."""
    kept = Connected(
        {"orders": 5}, {"orders": {"name": "Nama Pemesan \N{PARTY POPPER}"}}, {"orders": ("name",)}, "refused"
    )
    data = {"developerMetadata": [{"metadataId": 9, "metadataKey": KEY, "metadataValue": to_text(kept)}]}
    assert connected_from(data).same_as(kept)
    assert connected_from(data).number == 9
    for value in ("", "[]", "{", '{"tabs": 3}', '{"tabs": {"orders": "x"}}'):
        broken = {"developerMetadata": [{"metadataId": 9, "metadataKey": KEY, "metadataValue": value}]}
        assert connected_from(broken).tabs == {}


@pytest.mark.parametrize(
    ("locale", "language", "wanted"),
    [("en_US", "id", "in_ID"), ("in_ID", "id", ""), ("de_DE", "id", ""), ("en_US", "en", ""), ("in_ID", "en", "")],
)
def test_the_locale_that_is_offered(locale: str, language: str, wanted: str) -> None:
    """Indonesia is offered where an Indonesian shop's 150.000 would be read as 150."""
    assert wanted_locale(survey_of([tab_json("Sheet1")], locale=locale), language) == wanted


@pytest.mark.parametrize(
    "text",
    [
        f"https://docs.google.com/spreadsheets/d/{ID}/edit#gid=0",
        f"https://docs.google.com/spreadsheets/d/{ID}/edit?usp=sharing",
        f"docs.google.com/spreadsheets/d/{ID}",
        f"https://docs.google.com/spreadsheets/u/1/d/{ID}/edit",
        f"google:{ID}",
        f" {ID} ",
    ],
)
def test_an_address_is_understood(text: str) -> None:
    """However she copies it, the id is found."""
    assert parse_address(text) == ID


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("https://docs.google.com/spreadsheets/d/e/2PACX-1vRabc/pubhtml", "published"),
        ("https://docs.google.com/forms/d/e/1FAIpQLSabc/viewform", "form"),
        ("https://forms.gle/abcdef", "form"),
        ("https://docs.google.com/document/d/1abcdefghijklmnop/edit", "document"),
        ("https://drive.google.com/drive/folders/1abcdefghijklmnop", "drive"),
        ("https://drive.google.com/file/d/1abcdefghijklmnop/view", "drive"),
        ("https://bit.ly/3abcde", "short"),
        ("buku po saya", "other"),
        ("https://example.com/spreadsheets", "other"),
    ],
)
def test_a_wrong_address_is_told_apart(text: str, reason: str) -> None:
    """Each usual mistake has its own answer."""
    with pytest.raises(AddressWrong) as wrong:
        parse_address(text)
    assert wrong.value.fields["reason"] == reason


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "missing"),
        (b"not json", "not_json"),
        (b"\xff\xfe\x00", "not_json"),
        (b"[]", "other"),
        (b'{"installed": {"client_id": "x"}}', "client"),
        (b'{"type": "authorized_user"}', "user"),
        (b'{"type": "service_account"}', "other"),
    ],
)
def test_a_wrong_key_is_told_apart(tmp_path: Any, content: bytes | None, reason: str) -> None:
    """Each usual mistake with the key's file has its own answer."""
    path = tmp_path / "key.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SheetKeyWrong) as wrong:
        look_at_key(str(path))
    assert wrong.value.fields["reason"] == reason


def test_no_key_at_all() -> None:
    """Without a setting that is what is told."""
    with pytest.raises(SheetKeyWrong) as wrong:
        look_at_key("")
    assert wrong.value.fields["reason"] == "unset"


def test_a_key_that_others_can_read(tmp_path: Any) -> None:
    """A key with open rights can be used, and its mode is told."""
    path = tmp_path / "key.json"
    said = {"type": "service_account", "client_email": "toko@proyek.iam.gserviceaccount.com", "private_key": "x"}
    path.write_text(json.dumps(said), "utf-8")
    path.chmod(0o644)
    assert look_at_key(str(path)).mode == "0644"
    path.chmod(0o600)
    assert look_at_key(str(path)).mode == ""
    assert look_at_key(str(path)).account == "toko@proyek.iam.gserviceaccount.com"


def test_our_columns_are_named_in_any_way() -> None:
    """In --map ours may be written in either language, by a synonym, or by its code."""
    assert {our_column(text) for text in ("WhatsApp", "no. wa", "whatsapp")} == {"whatsapp"}
    assert our_column("Money Received") == our_column("uang masuk") == "money_in"


@pytest.mark.parametrize(
    ("theirs", "ours", "mark"),
    [
        ("Asia/Jakarta", "WIB", "ok"),
        ("Asia/Pontianak", "WIB", "ok"),
        ("Asia/Makassar", "WITA", "ok"),
        ("Asia/Jayapura", "WIT", "ok"),
        ("Asia/Jayapura", "WIB", "--"),
        ("America/New_York", "WIB", "--"),
        ("Atlantis/Capital", "WIB", "--"),
    ],
)
def test_the_time_zone_is_named_by_its_hours(theirs: str, ours: str, mark: str) -> None:
    """Google's name of a zone and ours are different words; only other hours are worth a word to her."""
    survey = dataclasses.replace(survey_of([tab_json("Orderan", 5)]), zone=theirs)
    marks = {line: mark for mark, line in file_lines(survey, "id", ours, lambda text: text)}
    assert [said for line, said in marks.items() if theirs in line] == [mark]
