"""
The seller's hands in LibreOffice: a script for the Python that has LibreOffice's `uno`, told what to do line by line (JSON) on its standard input.

`python3 office_seller.py PIPE WORKBOOK`. Each line is [verb, argument, ...]; each answer is "ok". It is no module of the project's tests, for the
project's own Python does not know `uno`.
"""

import json
import sys
import time

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException
from com.sun.star.table import TableSortField


def desktop_of(pipe):
    """Give the running office's desktop; it takes a while to start."""
    context = uno.getComponentContext()
    resolver = context.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", context)
    deadline = time.monotonic() + 60
    while True:
        try:
            remote = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
            return remote.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", remote)
        except NoConnectException:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


class Seller:
    """One open workbook and its orders tab."""

    def __init__(self, desktop, path):
        hidden = PropertyValue("Hidden", 0, True, 0)
        self.document = desktop.loadComponentFromURL(uno.systemPathToFileUrl(path), "_blank", 0, (hidden,))
        self.tab = self.document.Sheets.getByName("Pesanan")

    def used(self):
        """Give the last used row and column."""
        cursor = self.tab.createCursor()
        cursor.gotoEndOfUsedArea(False)
        return cursor.RangeAddress.EndRow, cursor.RangeAddress.EndColumn

    def column(self, header):
        """Give the number of the column under a header."""
        _, last = self.used()
        return next(number for number in range(last + 2) if self.tab.getCellByPosition(number, 0).String == header)

    def row(self, ref):
        """Give the number of an order's row."""
        last, _ = self.used()
        place = self.column("No. Pesanan")
        return next(number for number in range(1, last + 1) if self.tab.getCellByPosition(place, number).String == ref)

    def add_column(self, header, formula):
        """Add a column of hers behind all others; {row} in the formula becomes the row's number. Only rows with a ref get it."""
        last, width = self.used()
        place = self.column("No. Pesanan")
        self.tab.getCellByPosition(width + 1, 0).String = header
        for number in range(1, last + 1):
            if self.tab.getCellByPosition(place, number).String:
                self.tab.getCellByPosition(width + 1, number).Formula = formula.replace("{row}", str(number + 1))

    def sort_by(self, header):
        """Sort the rows below the header, as the menu does."""
        last, width = self.used()
        rows = self.tab.getCellRangeByPosition(0, 0, width, last)
        field = TableSortField()
        field.Field, field.IsAscending = self.column(header), True
        fields = uno.Any("[]com.sun.star.table.TableSortField", (field,))
        rows.sort((PropertyValue("SortFields", 0, fields, 0), PropertyValue("ContainsHeader", 0, True, 0)))

    def hide(self, header):
        """Hide a column."""
        self.tab.Columns.getByIndex(self.column(header)).IsVisible = False

    def set(self, ref, header, value):
        """Type a text or a number."""
        cell = self.tab.getCellByPosition(self.column(header), self.row(ref))
        if isinstance(value, str):
            cell.String = value
        else:
            cell.Value = value

    def save(self):
        """Save in the same format."""
        self.document.store()

    def close(self):
        """Close without saving."""
        self.document.close(True)


def main():
    """Obey."""
    seller = Seller(desktop_of(sys.argv[1]), sys.argv[2])
    print("ok", flush=True)
    for line in sys.stdin:
        verb, *arguments = json.loads(line)
        getattr(seller, verb)(*arguments)
        print("ok", flush=True)
        if verb == "close":
            return


if __name__ == "__main__":
    main()
