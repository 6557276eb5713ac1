"""CSV for people's spreadsheets: no cell of it is ever a formula, whoever wrote what is in it."""

import csv
import io
import re
from collections.abc import Sequence

BYTE_ORDER_MARK = "\ufeff"
"""Without it Excel reads UTF-8 as the machine's old code page."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a spreadsheet takes for the beginning of a formula (OWASP, "CSV Injection"), the full-width signs too."""

_HARMLESS = re.compile(r"\+\d{3,15}", re.ASCII)
"""A number with its plus sign: no formula can be made of digits alone."""


def guarded(cell: str) -> str:
    """The cell, with an apostrophe before what could be a formula."""
    if cell.lstrip(" ").startswith(_FORMULA) and not _HARMLESS.fullmatch(cell):
        return f"'{cell}"
    return cell


def csv_line(cells: Sequence[str]) -> str:
    """One line, its cells guarded and quoted (RFC 4180)."""
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerow([guarded(cell) for cell in cells])
    return written.getvalue()
