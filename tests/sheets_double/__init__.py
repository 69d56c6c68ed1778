"""
A double of the Google Sheets API, for tests and for trying things by hand.

It speaks HTTP as Google does, keeps Google's rules as far as they are known, goes wrong in all the ways that Google does,
and lets tests play the seller's hands between any two calls.

How near it is to the truth: the calls that gspread's authors recorded from the real one (1,375 of them) were sent to it, and
gspread's own tests were run against it, while it was made; tests/contracts/test_gspread_cases.py holds what they showed.

What nobody here knows of the real one, so that our code must do with either; the switches play the other way:
- what a duplicate developer metadata id is called in its 400, and a missing one in its 404 (`google.missing_metadata_text`);
  whether the duplicate is refused at all, as its documentation says (`google.unique_metadata_ids`);
- whether deleting developer metadata that isn't there is refused (`google.strict_metadata_deletes`);
- whether what is written under a merge is kept until the cells are parted; here it is thrown away;
- whether protection goes along when a tab is duplicated; here it doesn't.

Left out: charts, pivot tables, banding, slicers, tables, data sources, comments, filters by colour, data filters other than
for developer metadata, most functions (a formula that isn't known shows #NAME?, or what a test says it gives), the limit of
ten million cells, Drive but for making, listing and deleting a file.
"""

from tests.sheets_double.clocks import RealClock, VirtualClock
from tests.sheets_double.double import ACCOUNT, SELLER, SheetsDouble
from tests.sheets_double.hands import Rejected, Seller

__all__ = ["ACCOUNT", "SELLER", "RealClock", "Rejected", "Seller", "SheetsDouble", "VirtualClock"]
