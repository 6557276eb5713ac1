"""CSV text, as address books export it."""

import pytest

from voice_engine.domains.contacts.table import read_table
from voice_engine.errors import InvalidInput

GOOGLE = (
    "First Name,Middle Name,Last Name,Organization Name,Notes,E-mail 1 - Label,E-mail 1 - Value,"
    "Phone 1 - Label,Phone 1 - Value,Phone 2 - Value\n"
    'Ana,,López,Nobu,"Key, client",Home,ana@example.com,Mobile,+34 600 123 456 ::: +34 600 123 457,'
    "+1 415 555 1234\n"
)


@pytest.mark.parametrize(
    ("text", "name", "numbers"),
    [
        ("Name,Phone\nJohn Smith,+14155551234\n", "John Smith", ("+14155551234",)),
        ("\ufeffname;telefono\r\nAna;600123456\r\n", "Ana", ("600123456",)),
        ("Given Name\tFamily Name\tMobile Phone\nAna\tLópez\t1\n", "Ana López", ("1",)),
        ("Company,Business Phone,Business Fax\nNobu,1,2\n", "Nobu", ("1",)),
        (GOOGLE, "Ana López", ("+34 600 123 456", "+34 600 123 457", "+1 415 555 1234")),
        ("Name,Phone\nAna\n", "Ana", ()),
        ('Name,Phone\n"Smith, John",1\n', "Smith, John", ("1",)),
    ],
)
def test_a_row_is_a_person(text: str, name: str, numbers: tuple[str, ...]) -> None:
    """Google's and Outlook's columns, plain ones, other delimiters, short rows."""
    (row,) = read_table(text)

    assert row.person is not None
    assert (row.person.name, row.person.numbers) == (name, numbers)


def test_address_and_notes_come_along_and_blank_rows_do_not() -> None:
    """Rows are numbered as a spreadsheet without its header numbers them."""
    rows = list(read_table(GOOGLE + "\n,,\nX,,,,,,,,7\n"))

    first = rows[0].person
    assert first is not None and (first.email, first.notes) == ("ana@example.com", "Key, client")
    assert [row.number for row in rows] == [1, 4]


@pytest.mark.parametrize("text", ["", "Name,Town\nAna,Rome\n", f"Phone\n{'x' * 200_000}\n"])
def test_a_file_without_numbers_is_refused(text: str) -> None:
    """So is one that no CSV reader takes."""
    with pytest.raises(InvalidInput) as refusal:
        list(read_table(text))

    assert refusal.value.code == "validation_error"
