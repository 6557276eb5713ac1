"""Contacts as a vCard 3.0 file (RFC 2426), which every address book reads, our own import included. Pure."""

from collections.abc import Iterable, Iterator

from voice_engine.domains.contacts.models import Contact

VIP = "VIP"
"""The category of contacts with a star."""

MOST_OCTETS = 75
"""Of a line without its end (RFC 2426, section 2.6): longer ones go on in the next, after a blank."""

_ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": None})


def write_vcards(contacts: Iterable[Contact]) -> Iterator[str]:
    """One card after the other, lines ended by CRLF."""
    for contact in contacts:
        yield "".join(f"{_fold(line)}\r\n" for line in _card(contact))


def _card(contact: Contact) -> Iterator[str]:
    name = _escape(contact.name)
    yield "BEGIN:VCARD"
    yield "VERSION:3.0"
    yield f"FN:{name}"
    yield f"N:;{name};;;"
    yield f"TEL;TYPE=VOICE:{contact.phone_number}"
    if contact.email:
        yield f"EMAIL:{_escape(contact.email)}"
    if contact.notes:
        yield f"NOTE:{_escape(contact.notes)}"
    if contact.is_vip:
        yield f"CATEGORIES:{VIP}"
    yield "END:VCARD"


def _escape(text: str) -> str:
    return text.replace("\r\n", "\n").translate(_ESCAPES)


def _fold(line: str) -> str:
    """A line of any length as lines that no reader cuts; no character is torn apart."""
    parts, part, size = [], "", 0
    for letter in line:
        octets = len(letter.encode("utf-8", "surrogatepass"))
        if size + octets > MOST_OCTETS:
            parts.append(part)
            part, size = " ", 1
        part, size = part + letter, size + octets
    return "\r\n".join([*parts, part])
