"""Whether digits are an emergency number, alone or behind a country's code.

libphonenumber's own test knows neither `+1911` nor Spain's 061, 062, 091 and 092, the United Kingdom's 101 and 111
or the 988 line; the table of `countries` stands beside it.
"""

import re

import phonenumbers

from .countries import COUNTRIES

UNIVERSAL = frozenset({"112", "911", "999", "000", "110", "118", "119", "988"})
"""Networks answer or forward these outside the country that names them (3GPP TS 22.101, 10.1), or people know them
worldwide."""

_LISTED = UNIVERSAL.union(*(country.emergency_numbers for country in COUNTRIES.values()))

_EXIT_CODES = ("00", "011")
"""International prefixes of Europe (ITU-T E.123) and of North America, as people type them."""

_LONGEST = 6
"""No emergency number is longer (libphonenumber's short number metadata); Sweden's 90000 has five digits."""

_DIALS_911 = re.compile(r"1?911\d{7}")
"""`911` in place of an area code: a switch that reads digits one by one connects at the third."""


def is_emergency(digits: str) -> bool:
    """Whether `digits` (no plus sign, no formatting) reach an emergency service.

    Example: `911`, `1911`, `34091`, `0044999`, `49110`, `19115551234`.
    """
    if _DIALS_911.fullmatch(digits):
        return True
    forms = [digits, *(digits.removeprefix(code) for code in _EXIT_CODES if digits.startswith(code))]
    return any(_is_local(form) or _is_behind_code(form) for form in forms)


def _is_local(digits: str) -> bool:
    return digits in _LISTED or any(_is_known(digits, region) for region in COUNTRIES)


def _is_behind_code(digits: str) -> bool:
    return any(
        _is_national(digits[size:], phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(digits[:size]), ()))
        for size in (1, 2, 3)
        if len(digits) > size and digits[0] != "0"
    )


def _is_national(rest: str, regions: tuple[str, ...]) -> bool:
    """`rest` follows the code of `regions`, perhaps behind a trunk zero."""
    forms = {rest, rest.removeprefix("0")}
    return any(
        form in UNIVERSAL
        or (region in COUNTRIES and form in COUNTRIES[region].emergency_numbers)
        or _is_known(form, region)
        for form in forms
        for region in regions
    )


def _is_known(digits: str, region: str) -> bool:
    return 0 < len(digits) <= _LONGEST and phonenumbers.is_emergency_number(digits, region)
