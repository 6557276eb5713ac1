"""vCard text into people: versions 2.1 (quoted-printable), 3.0 (RFC 2426) and 4.0 (RFC 6350). Pure.

A parser of what address books really write: folded lines, groups (`item1.TEL`), several numbers a person, old and
new parameters, other character sets. What cannot be read is told by its place and left out.
"""

import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from voice_engine.ports.contacts import Person

_PROPERTY = re.compile(r"(?:[A-Za-z0-9-]+\.)?(?P<name>[A-Za-z0-9-]+)(?P<parameters>(?:;(?:[^:\";]|\"[^\"]*\")*)*):")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_TEXT = {"n": "\n", "N": "\n"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One entry of a file, from 1. `person` None: it could not be read, and `fault` says why."""

    number: int
    person: Person | None
    fault: str | None = None


@dataclass(slots=True)
class _Card:
    """A card while its lines come."""

    names: dict[str, str] = field(default_factory=dict)
    numbers: list[tuple[bool, str]] = field(default_factory=list)
    email: str | None = None
    notes: str | None = None


def read_vcards(text: str) -> Iterator[Row]:
    """The people of a file, in its order."""
    card: _Card | None = None
    number = 0
    for line in _unfold(text):
        word = line.strip().upper().replace(" ", "")
        if word == "BEGIN:VCARD":
            if card is not None:
                yield Row(number=number, person=None, fault="the card before this one has no end")
            card, number = _Card(), number + 1
        elif word == "END:VCARD":
            if card is not None:
                yield Row(number=number, person=_person(card, number))
            card = None
        elif card is not None:
            _take(card, line)
    if card is not None:
        yield Row(number=number, person=None, fault="the file ends within this card")


def _unfold(text: str) -> Iterator[str]:
    """Logical lines: a line that begins with a blank goes on with the one before (RFC 6350, 3.2); in
    quoted-printable one that ends in "=" does (RFC 2045, 6.7)."""
    line = ""
    for physical in re.split(r"\r\n|\n|\r", text.removeprefix("\ufeff")):
        if physical[:1] in {" ", "\t"}:
            line += physical[1:]
        elif line.endswith("=") and "QUOTED-PRINTABLE" in line.partition(":")[0].upper():
            line = line[:-1] + physical
        else:
            if line:
                yield line
            line = physical
    if line:
        yield line


def _take(card: _Card, line: str) -> None:
    match = _PROPERTY.match(line)
    if match is None:
        return
    name, parameters = match["name"].upper(), match["parameters"].upper()
    value = _decoded(line[match.end() :], match["parameters"])
    match name:
        case "FN" | "ORG" | "NICKNAME":
            card.names.setdefault(name, _text(value.split(";")[0] if name == "ORG" else value))
        case "N":
            parts = [_text(part) for part in _split(value)]
            card.names.setdefault("N", " ".join(part for part in (*parts[1:3], *parts[:1]) if part))
        case "TEL":
            card.numbers.append(("PREF" in parameters, _text(value).removeprefix("tel:").partition(";")[0].strip()))
        case "EMAIL":
            card.email = card.email or _text(value).strip() or None
        case "NOTE":
            card.notes = card.notes or _text(value).strip() or None


def _decoded(value: str, parameters: str) -> str:
    """A value out of its transfer encoding and character set."""
    upper = parameters.upper()
    if "QUOTED-PRINTABLE" not in upper:
        return value
    found = re.search(r"CHARSET=\"?([A-Z0-9_-]+)", upper)
    raw = quopri.decodestring(value.encode("utf-8", "surrogatepass"))
    try:
        return raw.decode(found[1] if found else "utf-8", "replace")
    except LookupError:
        return raw.decode("utf-8", "replace")


def _split(value: str) -> list[str]:
    """The parts of a structured value, at semicolons that are not escaped."""
    return re.split(r"(?<!\\);", value)


def _text(value: str) -> str:
    """A text without its escapes (RFC 6350, 3.4)."""
    return _ESCAPE.sub(lambda found: _TEXT.get(found[1], found[1]), value)


def _person(card: _Card, number: int) -> Person:
    name = next((card.names[key].strip() for key in ("FN", "N", "NICKNAME", "ORG") if card.names.get(key)), "")
    best_first = sorted(card.numbers, key=lambda one: not one[0])
    numbers = tuple(dict.fromkeys(text for _, text in best_first if text))
    return Person(id=str(number), name=name, numbers=numbers, email=card.email, notes=card.notes)
