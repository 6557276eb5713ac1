"""vCard text of three versions, as address books really write it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_engine.domains.contacts.vcard import Row, read_vcards


def cards(*bodies: str) -> str:
    return "".join(f"BEGIN:VCARD\r\n{body}\r\nEND:VCARD\r\n" for body in bodies)


def only(text: str) -> Row:
    (row,) = read_vcards(text)
    return row


@pytest.mark.parametrize(
    ("body", "name", "numbers"),
    [
        ("VERSION:3.0\r\nFN:John Smith\r\nTEL;TYPE=CELL:+14155551234", "John Smith", ("+14155551234",)),
        ("VERSION:3.0\r\nFN:Jo\r\n hn\r\nTEL:+1415\r\n\t5551234", "John", ("+14155551234",)),
        ("VERSION:3.0\r\nN:Smith;John;Q.;;\r\nTEL:1", "John Q. Smith", ("1",)),
        ("VERSION:3.0\r\nN:O\\;Brien;Ana;;;\r\nTEL:1", "Ana O;Brien", ("1",)),
        ("VERSION:3.0\r\nFN:Smith\\, John\\nJr\r\nTEL:1", "Smith, John\nJr", ("1",)),
        ("VERSION:4.0\r\nFN:Ana\r\nTEL;VALUE=uri;PREF=1:tel:+34-600-123-456;ext=5", "Ana", ("+34-600-123-456",)),
        ("VERSION:3.0\r\nitem1.FN:Ana\r\nitem1.TEL;type=pref:1", "Ana", ("1",)),
        ("VERSION:3.0\r\nFN:A\r\nTEL:1\r\nTEL;TYPE=PREF:2\r\nTEL:1", "A", ("2", "1")),
        ("VERSION:3.0\r\nORG:Nobu;Kitchen\r\nTEL:1", "Nobu", ("1",)),
        ('VERSION:3.0\r\nFN:A\r\nX-ODD;X="a:b":c\r\nTEL:1', "A", ("1",)),
        ("VERSION:2.1\r\nFN;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:Jos=C3=A9\r\nTEL;CELL:1", "José", ("1",)),
        ("VERSION:2.1\r\nN;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:L=F3pez;Ana\r\nTEL:1", "Ana López", ("1",)),
        ("VERSION:2.1\r\nFN;ENCODING=QUOTED-PRINTABLE:Jo=\r\nhn\r\nTEL:1", "John", ("1",)),
        ("VERSION:2.1\r\nFN;CHARSET=KLINGON;ENCODING=QUOTED-PRINTABLE:=41\r\nTEL:1", "A", ("1",)),
    ],
)
def test_a_card_is_a_person(body: str, name: str, numbers: tuple[str, ...]) -> None:
    """Folded lines, groups, escapes, preferred numbers, old encodings."""
    person = only(cards(body)).person

    assert person is not None
    assert (person.name, person.numbers) == (name, numbers)


def test_notes_and_address_come_along() -> None:
    """The first of each."""
    row = only(cards("VERSION:3.0\r\nFN:A\r\nEMAIL:a@example.com\r\nEMAIL:b@example.com\r\nNOTE:Key\\nclient"))

    assert row.person is not None
    assert (row.person.email, row.person.notes) == ("a@example.com", "Key\nclient")


def test_cards_are_counted_and_broken_ones_told() -> None:
    """A card without an end does not take the next one with it."""
    text = "BEGIN:VCARD\r\nFN:A\r\n" + cards("FN:B\r\nTEL:1") + "BEGIN:VCARD\r\nFN:C\r\n"

    rows = list(read_vcards("\ufeff" + text))

    assert [(row.number, row.person.name if row.person else row.fault) for row in rows] == [
        (1, "the card before this one has no end"),
        (2, "B"),
        (3, "the file ends within this card"),
    ]


@given(st.text(alphabet=st.sampled_from(list('BEGIN:VCARDENFTL;=\\\r\n \t."+1é0A')), max_size=300))
def test_any_text_is_read_without_a_fault(text: str) -> None:
    """A parser that raises would lose the rest of the file."""
    for row in read_vcards(f"BEGIN:VCARD\n{text}\nEND:VCARD\n"):
        assert (row.person is None) != (row.fault is None)
