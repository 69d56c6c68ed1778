"""
What a workbook holds that openpyxl would not write back. Looked for in the parts of the ZIP before anything is written.

A list of what is kept, not of what is lost: a part or element that is not known here is refused rather than dropped.
Let go without a word is only what no one can miss: caches, printer memories, sizes of comment boxes, remembered sorts.
"""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from xml.etree import ElementTree as ET

from intake.sheet import SheetTooLarge, SheetUnreadable, SheetWouldLose

# Whole book, unpacked. A book of 5,000 orders has about 15 MB; formats drawn down a million rows make hundreds.
CEILING_BYTES = 150_000_000

_KEPT_PARTS = re.compile(
    r"""
    \[Content_Types\]\.xml | _rels/\.rels | docProps/(app|core|custom)\.xml
    | xl/workbook\.xml | xl/_rels/workbook\.xml\.rels | xl/styles\.xml | xl/sharedStrings\.xml | xl/theme/theme\d*\.xml
    | xl/(worksheets|chartsheets)/[^/]+\.xml | xl/(worksheets|chartsheets)/_rels/[^/]+\.rels
    | xl/tables/[^/]+\.xml | xl/(comments/)?comments?\d*\.xml
    | xl/drawings/[^/]+\.(xml|vml) | xl/drawings/_rels/[^/]+\.rels | xl/media/[^/]+\.(png|jpe?g|gif|bmp|tiff?)
    | xl/charts/chart\d*\.xml
    """,
    re.VERBOSE | re.IGNORECASE,
)
_LET_GO_PARTS = re.compile(
    # calcChain and metadata are rebuilt (cells that need metadata are refused below); chart styles repeat what the
    # chart itself says.
    r"xl/calcChain\.xml|xl/metadata\.xml|xl/persons/.*|xl/printerSettings/.*|docProps/thumbnail\.\w+|customXml/.*|docMetadata/.*"
    r"|xl/charts/(style|colors)\d*\.xml|xl/charts/_rels/.*|xl/theme/_rels/.*|.*/",
    re.IGNORECASE,
)
_LOST_PARTS = (
    ("macros", re.compile(r"vba|macrosheets|dialogsheets|customUI", re.IGNORECASE)),
    ("pivot_tables", re.compile(r"pivot", re.IGNORECASE)),
    ("slicers", re.compile(r"slicer|timeline", re.IGNORECASE)),
    ("external_links", re.compile(r"externalLink|connections\.xml|queryTable|xl/model", re.IGNORECASE)),
    ("threaded_comments", re.compile(r"threadedComment", re.IGNORECASE)),
    ("controls", re.compile(r"ctrlProps|activeX|embeddings", re.IGNORECASE)),
    ("shapes", re.compile(r"diagrams|/ink/|\.(emf|wmf|svg)$|chartEx|/drawings/chart", re.IGNORECASE)),
    ("rich_values", re.compile(r"richData", re.IGNORECASE)),
)

_KEPT_OF_SHEET = frozenset({
    "sheetPr", "dimension", "sheetViews", "sheetFormatPr", "cols", "sheetData", "sheetProtection", "scenarios", "autoFilter", "mergeCells",
    "conditionalFormatting", "dataValidations", "hyperlinks", "printOptions", "pageMargins", "pageSetup", "headerFooter", "rowBreaks",
    "colBreaks", "drawing", "legacyDrawing", "tableParts",
})  # fmt: skip
_LET_GO_OF_SHEET = frozenset({"sheetCalcPr", "phoneticPr", "ignoredErrors", "sortState", "cellWatches"})
_LOST_OF_SHEET = {
    "customSheetViews": "custom_views",
    "protectedRanges": "protected_ranges",
    "picture": "background",
    "legacyDrawingHF": "header_pictures",
    "drawingHF": "header_pictures",
    "oleObjects": "controls",
    "controls": "controls",
}
# By the uri of an <ext> of a sheet; anything else is "extensions".
_LOST_EXTENSIONS = {
    "{05C60535-1F16-4FD2-B633-F4F36F0B64E0}": "sparklines",
    "{78C0D931-6437-407D-A8EE-F0AAD7539E65}": "new_conditional_formats",
    "{CCE6A557-97BC-4B89-ADB6-D9C93CAAB3DF}": "new_validations",
    "{A8765BA9-456A-4DAB-B4F3-ACF838C121DE}": "slicers",
    "{3A4CF648-6AED-40F4-86FF-DC5316D8AED3}": "slicers",
    "{7E03D99C-DC04-49D9-9315-930204A7B6E9}": "slicers",
}
# Whether Excel on a Mac last showed the sheet as pages: let go.
_LET_GO_EXTENSIONS = frozenset({"{64002731-A6B0-56B0-2670-7721B7C09600}"})
_DATA = re.compile(rb"<(?:\w+:)?sheetData(?:\s[^>]*)?(?:/>|>)")
_DATA_END = re.compile(rb"</(?:\w+:)?sheetData>")
# Cells of dynamic arrays and of linked data types point into xl/metadata.xml.
_FLAGGED_CELL = re.compile(rb"<(?:\w+:)?c\s[^>]*\b[cv]m=\"[1-9]")
_CUSTOM_TABLE_STYLE = re.compile(rb"<(?:\w+:)?tableStyle\s")
_VML_OBJECT = re.compile(rb"ObjectType=\"(?!Note\")")
_ANCHORS = frozenset({"twoCellAnchor", "oneCellAnchor", "absoluteAnchor"})
_IN_ANCHOR = frozenset({"from", "to", "ext", "pos", "pic", "graphicFrame", "clientData"})
_CHART_URI = "http://schemas.openxmlformats.org/drawingml/2006/chart"


def check_nothing_lost(book: zipfile.ZipFile) -> None:
    """Refuse a workbook that openpyxl can't write back whole.

    Raises:
        SheetWouldLose: naming every kind of thing that would be lost and the parts of the file where it is.
        SheetTooLarge: unpacked it is larger than CEILING_BYTES.
        SheetUnreadable: not a workbook, or damaged.

    """
    size = sum(each.file_size for each in book.infolist())
    if size > CEILING_BYTES:
        raise SheetTooLarge(size=size, ceiling=CEILING_BYTES)
    lost: Counter[tuple[str, str]] = Counter()
    try:
        for name in book.namelist():
            lost.update((kind, name) for kind in _lost_in(book, name))
    except (ET.ParseError, zipfile.BadZipFile, EOFError) as error:
        raise SheetUnreadable(reason="damaged") from error
    if lost:
        raise SheetWouldLose(parts=sorted({kind for kind, _ in lost}), places=sorted({place for _, place in lost}))


def _lost_in(book: zipfile.ZipFile, name: str) -> Iterator[str]:
    if _LET_GO_PARTS.fullmatch(name):
        return
    if not _KEPT_PARTS.fullmatch(name):
        yield next((kind for kind, pattern in _LOST_PARTS if pattern.search(name)), "unknown_part")
    elif name.startswith("xl/worksheets/") and name.endswith(".xml"):
        yield from _lost_in_sheet(book.read(name))
    elif name.startswith("xl/drawings/") and name.endswith(".xml"):
        yield from _lost_in_drawing(book.read(name))
    elif name.endswith(".vml"):
        if _VML_OBJECT.search(book.read(name)):
            yield "controls"
    elif name == "xl/styles.xml" and _CUSTOM_TABLE_STYLE.search(book.read(name)):
        yield "table_styles"


def _lost_in_sheet(content: bytes) -> Iterator[str]:
    start = _DATA.search(content)
    if start is None:
        raise SheetUnreadable(reason="damaged")
    end = next((m for m in _DATA_END.finditer(content, start.end())), None)
    if end is not None:
        if _FLAGGED_CELL.search(content, start.end(), end.start()):
            yield "dynamic_arrays"
        # Without its rows a sheet is small, and the rows hold nothing but cells.
        opening = start.group(0)
        content = content[: start.start()] + opening + content[end.start() :]
    for element in ET.fromstring(content):  # noqa: S314  the seller's own file, of limited size
        tag = _plain(element.tag)
        if tag == "extLst":
            for extension in element:
                uri = extension.get("uri", "").upper()
                if len(extension) and uri not in _LET_GO_EXTENSIONS:
                    yield _LOST_EXTENSIONS.get(uri, "extensions")
        elif tag not in _KEPT_OF_SHEET and tag not in _LET_GO_OF_SHEET:
            yield _LOST_OF_SHEET.get(tag, "extensions")


def _lost_in_drawing(content: bytes) -> Iterator[str]:
    for anchor in ET.fromstring(content):  # noqa: S314  likewise
        if _plain(anchor.tag) not in _ANCHORS:
            yield "shapes"
            continue
        for element in anchor:
            tag = _plain(element.tag)
            if tag not in _IN_ANCHOR:
                yield "shapes"
            elif tag == "graphicFrame":
                kinds = {data.get("uri") for data in element.iter() if _plain(data.tag) == "graphicData"}
                if kinds != {_CHART_URI}:
                    yield "shapes"


def _plain(tag: str) -> str:
    return tag.rpartition("}")[2]
