"""A book that holds what openpyxl would drop is refused, and stays byte for byte as it is."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.drawing.image import Image as BookImage
from PIL import Image

from intake.sheet import OrderRow, SheetTooLarge, SheetWouldLose
from intake.sheet import workbook_loss as loss
from intake.sheet.workbook import WorkbookSheet
from intake.sheet.workbook_process import handle

SHEET = "xl/worksheets/sheet1.xml"
EXT = '<extLst><ext uri="{%s}" xmlns:x14="urn:x14"><x14:thing>1</x14:thing></ext></extLst></worksheet>'
ROW = OrderRow("NST-0002", {"status": "Lunas", "name": "Rani Contoh"}, {}, ())


@pytest.fixture
def sheet(tmp_path: Path) -> WorkbookSheet:
    made = WorkbookSheet(
        tmp_path / "orders.xlsx", language="id", status_labels=["Lunas"], status_colours={}, texts={}, run=handle
    )
    made.write([OrderRow("NST-0001", {"status": "Lunas"}, {}, ())])
    return made


def rewrite(path: Path, changes: dict[str, tuple[str, str]], added: dict[str, str]) -> None:
    """Change texts in parts of the book and add parts, as another program would have written it."""
    source = zipfile.ZipFile(io.BytesIO(path.read_bytes()))
    with zipfile.ZipFile(path, "w") as out:
        for name in source.namelist():
            content = source.read(name)
            if name in changes:
                old, new = changes[name]
                assert old.encode() in content
                content = content.replace(old.encode(), new.encode(), 1)
            out.writestr(name, content)
        for name, text in added.items():
            out.writestr(name, text)


DRAWING = '<xdr:wsDr xmlns:xdr="urn:xdr" xmlns:a="urn:a"><xdr:twoCellAnchor><xdr:from/><xdr:to/>%s<xdr:clientData/></xdr:twoCellAnchor></xdr:wsDr>'


@pytest.mark.parametrize(
    ("part", "change", "added"),
    [
        ("sparklines", EXT % "05C60535-1F16-4FD2-B633-F4F36F0B64E0", {}),
        ("new_conditional_formats", EXT % "78C0D931-6437-407d-A8EE-F0AAD7539E65", {}),
        ("new_validations", EXT % "CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF", {}),
        ("slicers", EXT % "A8765BA9-456A-4dab-B4F3-ACF838C121DE", {}),
        ("extensions", EXT % "00000000-0000-0000-0000-000000000000", {}),
        ("controls", "<controls/></worksheet>", {}),
        ("background", '<picture id="x"/></worksheet>', {}),
        ("protected_ranges", "<protectedRanges/></worksheet>", {}),
        ("extensions", "<somethingNew/></worksheet>", {}),
        ("macros", "", {"xl/vbaProject.bin": "x"}),
        ("pivot_tables", "", {"xl/pivotTables/pivotTable1.xml": "<x/>"}),
        ("external_links", "", {"xl/externalLinks/externalLink1.xml": "<x/>"}),
        ("threaded_comments", "", {"xl/threadedComments/threadedComment1.xml": "<x/>"}),
        ("shapes", "", {"xl/media/image1.emf": "x"}),
        ("shapes", "", {"xl/drawings/drawing9.xml": DRAWING % "<xdr:sp/>"}),
        (
            "shapes",
            "",
            {
                "xl/drawings/drawing9.xml": DRAWING
                % '<xdr:graphicFrame><a:graphicData uri="urn:diagram"/></xdr:graphicFrame>'
            },
        ),
        ("unknown_part", "", {"xl/surprise.xml": "<x/>"}),
    ],
)
def test_refused(sheet: WorkbookSheet, part: str, change: str, added: dict[str, str]) -> None:
    """Each kind by its own code; reading goes on."""
    rewrite(sheet.path, {SHEET: ("</worksheet>", change)} if change else {}, added)
    before = sheet.path.read_bytes()
    with pytest.raises(SheetWouldLose) as caught:
        sheet.write([ROW])
    assert caught.value.fields["parts"] == [part]
    assert caught.value.fields["places"] == [next(iter(added), SHEET)]
    assert caught.value.permanent
    assert sheet.path.read_bytes() == before
    assert [row.ref for row in sheet.read().rows] == ["NST-0001"]


def test_dynamic_arrays(sheet: WorkbookSheet) -> None:
    """A formula that spills loses its flag and would show one value: refused."""
    rewrite(sheet.path, {SHEET: ('<c r="A2"', '<c cm="1" r="A2"')}, {"xl/metadata.xml": "<metadata/>"})
    with pytest.raises(SheetWouldLose) as caught:
        sheet.write([ROW])
    assert caught.value.fields["parts"] == ["dynamic_arrays"]


def test_all_at_once(sheet: WorkbookSheet) -> None:
    """One error names everything."""
    rewrite(
        sheet.path,
        {SHEET: ("</worksheet>", "<oleObjects/></worksheet>")},
        {"xl/vbaProject.bin": "x", "xl/slicers/slicer1.xml": "<x/>"},
    )
    with pytest.raises(SheetWouldLose) as caught:
        sheet.write([ROW])
    assert caught.value.fields["parts"] == ["controls", "macros", "slicers"]


@pytest.mark.parametrize(
    "name",
    ["xl/calcChain.xml", "xl/printerSettings/printerSettings1.bin", "customXml/item1.xml", "xl/persons/person.xml"],
)
def test_let_go(sheet: WorkbookSheet, name: str) -> None:
    """What no one can miss does not stop the orders."""
    rewrite(sheet.path, {}, {name: "<x/>"})
    assert sheet.write([ROW]).written == ("NST-0002",)


def test_words_in_cells_are_not_parts(sheet: WorkbookSheet) -> None:
    """A buyer can't stop the sheet by what she types."""
    text = '<sheetData/></sheetData><c cm="1"><controls/><extLst>'
    assert sheet.write([OrderRow("NST-0002", {"name": text}, {}, ())]).written == ("NST-0002",)
    assert sheet.write([OrderRow("NST-0003", {"name": "x"}, {}, ())]).written == ("NST-0003",)


def test_charts_and_pictures_are_kept(sheet: WorkbookSheet) -> None:
    """They are in the book after a write, in their place."""
    picture = io.BytesIO()
    Image.new("RGB", (4, 4), "red").save(picture, "png")
    book = load_workbook(sheet.path)
    page: Any = book.create_sheet("Grafik")
    chart = BarChart()
    chart.add_data(Reference(book["Pesanan"], min_col=7, min_row=2, max_row=3))
    page.add_chart(chart, "B2")
    page.add_image(BookImage(picture), "H2")
    book.save(sheet.path)
    assert sheet.write([ROW]).written == ("NST-0002",)
    page = load_workbook(sheet.path)["Grafik"]
    assert len(page._charts) == 1
    assert len(page._images) == 1
    assert page._charts[0].anchor._from.col == 1
    assert page._images[0].anchor._from.col == 7


def test_unpacked_too_large(sheet: WorkbookSheet, monkeypatch: pytest.MonkeyPatch) -> None:
    """A book that would fill the memory is not loaded."""
    monkeypatch.setattr(loss, "CEILING_BYTES", 1000)
    with pytest.raises(SheetTooLarge) as caught:
        sheet.write([ROW])
    assert caught.value.fields["ceiling"] == 1000
