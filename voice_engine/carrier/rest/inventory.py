"""The numbers that the carrier has for sale: made up from each country's numbering plan, never somebody's.

North American ones are of the range that is reserved for fiction (NXX-555-0100 to 0199); elsewhere they are the
plan's example number with other last digits. Who buys one can be called on this carrier only.
"""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

import phonenumbers
from phonenumbers import PhoneNumberType

Kind = Literal["Local", "Mobile", "TollFree"]

KINDS: Final[dict[Kind, int]] = {
    "Local": PhoneNumberType.FIXED_LINE,
    "Mobile": PhoneNumberType.MOBILE,
    "TollFree": PhoneNumberType.TOLL_FREE,
}

AREAS: Final[dict[str, tuple[str, str, str]]] = {
    "415": ("US", "CA", "San Francisco"),
    "212": ("US", "NY", "New York"),
    "213": ("US", "CA", "Los Angeles"),
    "305": ("US", "FL", "Miami"),
    "312": ("US", "IL", "Chicago"),
    "512": ("US", "TX", "Austin"),
    "617": ("US", "MA", "Boston"),
    "206": ("US", "WA", "Seattle"),
    "303": ("US", "CO", "Denver"),
    "404": ("US", "GA", "Atlanta"),
    "503": ("US", "OR", "Portland"),
    "702": ("US", "NV", "Las Vegas"),
    "202": ("US", "DC", "Washington"),
    "416": ("CA", "ON", "Toronto"),
    "514": ("CA", "QC", "Montreal"),
    "604": ("CA", "BC", "Vancouver"),
}
"""Area codes that are on the shelf by themselves; any other one can be asked for by number."""

TOLL_FREE_AREAS = ("800", "833", "844", "855", "866", "877", "888")
FICTION = range(100, 200)
"""555-0100 to 555-0199: NANPA keeps these for film and print."""

_NANP = frozenset({"US", "CA"})
_AREA = re.compile(r"[2-9][0-9]{2}", re.ASCII)
_LETTERS = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999")


@dataclass(frozen=True, slots=True, kw_only=True)
class ForSale:
    """One number on the shelf."""

    e164: str
    country: str
    kind: Kind
    region: str | None = None
    locality: str | None = None


def sold(country: str, kind: Kind) -> bool:
    """Whether such numbers are sold there."""
    if country in _NANP:
        return kind != "Mobile"
    return _example(country, kind) is not None


def shelf(country: str, kind: Kind, *, area_code: str | None = None) -> Iterator[ForSale]:
    """Every number of a kind, in a fixed order; empty when it is not sold."""
    if not sold(country, kind):
        return
    if country in _NANP:
        yield from _american(country, kind, area_code)
        return
    example = _example(country, kind)
    assert example is not None, "sold"
    stem = example[:-3]
    for last in range(1000):
        yield ForSale(e164=f"{stem}{last:03d}", country=country, kind=kind)


def find(e164: str) -> ForSale | None:
    """The number if the carrier sells it."""
    if american := re.fullmatch(r"\+1([2-9][0-9]{2})55501[0-9]{2}", e164, re.ASCII):
        area = american.group(1)
        if area in TOLL_FREE_AREAS:
            return ForSale(e164=e164, country="US", kind="TollFree")
        home, region, locality = _area(area, "US")
        return ForSale(e164=e164, country=home, kind="Local", region=region, locality=locality)
    try:
        country = phonenumbers.region_code_for_number(phonenumbers.parse(e164))
    except phonenumbers.NumberParseException:
        return None
    if country is None or country in _NANP:
        return None
    kinds = (kind for kind in KINDS if (example := _example(country, kind)) and e164.startswith(example[:-3]))
    kind = next(kinds, None)
    on_shelf = kind is not None and len(e164) == len(_example(country, kind) or "")
    return ForSale(e164=e164, country=country, kind=kind) if on_shelf and kind else None


def matches(number: str, contains: str) -> bool:
    """Twilio's `Contains`: digits, `*` for any one digit, letters by their key; anywhere in the number."""
    wanted = contains.upper().translate(_LETTERS).removeprefix("+")
    pattern = "".join("[0-9]" if char == "*" else re.escape(char) for char in wanted)
    return re.search(pattern, number) is not None


def _american(country: str, kind: Kind, area_code: str | None) -> Iterator[ForSale]:
    if kind == "TollFree":
        areas: list[tuple[str, str | None, str | None]] = [(area, None, None) for area in TOLL_FREE_AREAS]
    elif area_code is not None and _AREA.fullmatch(area_code) and area_code not in TOLL_FREE_AREAS:
        home, region, locality = _area(area_code, country)
        areas = [(area_code, region, locality)] if home == country else []
    else:
        areas = [(area, region, city) for area, (home, region, city) in AREAS.items() if home == country]
    for last, (area, region, locality) in itertools.product(FICTION, areas):
        if area_code is None or area_code == area:
            yield ForSale(
                e164=f"+1{area}555{last:04d}", country=country, kind=kind, region=region, locality=locality
            )


def _area(area: str, otherwise: str) -> tuple[str, str | None, str | None]:
    """(country, region, locality) of an area code; one that is not listed is in country `otherwise`."""
    return AREAS.get(area, (otherwise, None, None))


def _example(country: str, kind: Kind) -> str | None:
    if country not in phonenumbers.SUPPORTED_REGIONS:
        return None
    number = phonenumbers.example_number_for_type(country, KINDS[kind])
    return None if number is None else phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
