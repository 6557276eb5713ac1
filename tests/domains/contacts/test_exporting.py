"""Contacts as vCards: what is written is what the import reads."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from voice_engine.domains.contacts.exporting import MOST_OCTETS, write_vcards
from voice_engine.domains.contacts.models import Contact
from voice_engine.domains.contacts.vcard import read_vcards

TEXT = st.text(st.characters(blacklist_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=120)


def contact(**fields: Any) -> Contact:
    """Somebody."""
    return Contact(**{"name": "Ana López", "phone_number": "+12125550177", "is_vip": False, **fields})


def test_a_card_has_what_is_known() -> None:
    text = "".join(write_vcards([contact(email="ana@example.com", notes="a, b; c\nd", is_vip=True)]))

    assert text.split("\r\n") == [
        "BEGIN:VCARD",
        "VERSION:3.0",
        "FN:Ana López",
        "N:;Ana López;;;",
        "TEL;TYPE=VOICE:+12125550177",
        "EMAIL:ana@example.com",
        "NOTE:a\\, b\\; c\\nd",
        "CATEGORIES:VIP",
        "END:VCARD",
        "",
    ]


@given(name=TEXT.filter(str.strip), notes=TEXT.filter(str.strip))
def test_what_is_exported_can_be_imported(name: str, notes: str) -> None:
    """Separators, backslashes, emoji, and lines that must be folded."""
    text = "".join(write_vcards([contact(name=name, notes=notes), contact(name="Bob")]))

    first, second = (row.person for row in read_vcards(text))

    assert all(len(line.encode()) <= MOST_OCTETS for line in text.split("\r\n"))
    assert first is not None and second is not None
    assert (first.name, first.notes, first.numbers) == (name.strip(), notes.strip(), ("+12125550177",))
    assert second.name == "Bob"
