"""CSV text into people, as address books export it: Google's and Outlook's columns, and plain ones. Pure."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence

from voice_engine.domains.contacts.vcard import Row
from voice_engine.errors import InvalidInput
from voice_engine.ports.contacts import Person

_SEVERAL = re.compile(r"\s*:::\s*")
"""How Google's export writes several values in one cell."""

WHOLE_NAMES = ("name", "full name", "display name", "nombre completo", "file as")
GIVEN_NAMES = ("first name", "given name", "nombre")
MIDDLE_NAMES = ("middle name", "additional name")
FAMILY_NAMES = ("last name", "family name", "surname", "apellidos", "apellido")
COMPANIES = ("company", "organization name", "organization 1 - name", "empresa")
EMAILS = ("email", "e-mail", "e-mail address", "email address", "e-mail 1 - value", "correo")
NOTES = ("notes", "note", "notas")
NOT_NUMBERS = ("type", "label", "fax")
NUMBER_WORDS = ("phone", "mobile", "telephone", "tel", "cell", "teléfono", "telefono", "móvil", "movil")


def read_table(text: str) -> Iterator[Row]:
    """The people of a file, in its order; its first line names the columns.

    Raises:
        InvalidInput: `validation_error`: no column of numbers.
    """
    plain = text.removeprefix("\ufeff")
    rows = csv.reader(io.StringIO(plain, newline=""), delimiter=_delimiter(plain))
    try:
        header = [cell.strip().lower() for cell in next(rows, [])]
        numbers = [place for place, cell in enumerate(header) if _is_number_column(cell)]
        if not numbers:
            raise _no_numbers()
        for number, cells in enumerate(rows, start=1):
            if any(cell.strip() for cell in cells):
                yield Row(number=number, person=_person(number, header, cells, numbers))
    except csv.Error as error:
        raise _unreadable() from error


def _person(number: int, header: Sequence[str], cells: Sequence[str], numbers: Sequence[int]) -> Person:
    values = {column: cell.strip() for column, cell in zip(header, cells, strict=False)}
    found = [part for place in numbers if place < len(cells) for part in _SEVERAL.split(cells[place].strip())]
    return Person(
        id=str(number),
        name=_name(values),
        numbers=tuple(dict.fromkeys(part for part in found if part)),
        email=_first(values, EMAILS),
        notes=_first(values, NOTES),
    )


def _name(values: Mapping[str, str]) -> str:
    given, middle, family = (_first(values, columns) for columns in (GIVEN_NAMES, MIDDLE_NAMES, FAMILY_NAMES))
    parts = " ".join(part for part in (given, middle, family) if part)
    return _first(values, WHOLE_NAMES) or parts or _first(values, COMPANIES) or ""


def _first(values: Mapping[str, str], columns: Sequence[str]) -> str | None:
    return next((values[column] for column in columns if values.get(column)), None)


def _is_number_column(column: str) -> bool:
    words = re.split(r"[\s_\-]+", column)
    return any(word in NUMBER_WORDS for word in words) and not any(word in NOT_NUMBERS for word in words)


def _delimiter(text: str) -> str:
    """Spreadsheets of half the world write semicolons."""
    head = text.partition("\n")[0]
    return max((",", ";", "\t"), key=head.count)


def _no_numbers() -> InvalidInput:
    message = "has no column of phone numbers; name one Phone in the first line"
    return InvalidInput(
        "validation_error", f"data {message}", details={"fields": [{"field": "data", "message": message}]}
    )


def _unreadable() -> InvalidInput:
    message = "cannot be read as CSV: a quote is open, or a cell is too long"
    return InvalidInput(
        "validation_error", f"data {message}", details={"fields": [{"field": "data", "message": message}]}
    )
