"""What a number's digits say about it, by its country's numbering plan. Pure."""

import re

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from voice_engine.domains.safety.digits import strip_formatting
from voice_engine.errors import InvalidInput
from voice_engine.ports.telephony import NumberKind

NORTH_AMERICA = "+1"
TOLL_FREE_AREAS = frozenset({"800", "833", "844", "855", "866", "877", "888"})
"""North American numbers of these areas cost their callers nothing (FCC, toll-free numbers)."""

_E164 = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
_AREA = re.compile(r"\d{1,5}", re.ASCII)
_AREA_AMERICAN = re.compile(r"[2-9]\d{2}", re.ASCII)


def read_e164(raw: object) -> str | None:
    """A number that somebody wrote, as it is stored; None when it is none. No check whether it may be called."""
    text = strip_formatting(raw) if isinstance(raw, str) else ""
    return text if _E164.fullmatch(text) else None


def friendly(e164: str) -> str:
    """The number as people of its country write it: (415) 555-1234."""
    return phonenumbers.format_number(phonenumbers.parse(e164), PhoneNumberFormat.NATIONAL)


def area_code(e164: str) -> str | None:
    """The area code; None where the plan has none (mobile numbers, small countries)."""
    if e164.startswith(NORTH_AMERICA):
        return e164[2:5]
    number = phonenumbers.parse(e164)
    digits = phonenumbers.length_of_geographical_area_code(number)
    return phonenumbers.national_significant_number(number)[:digits] or None


def kind(e164: str) -> NumberKind:
    """On which of the carrier's shelves the number stands; "local" where the plan does not tell."""
    if e164.startswith(NORTH_AMERICA):
        return "toll_free" if e164[2:5] in TOLL_FREE_AREAS else "local"
    try:
        number = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:  # no such country code
        return "local"
    match phonenumbers.number_type(number):
        case PhoneNumberType.MOBILE:
            return "mobile"
        case PhoneNumberType.TOLL_FREE:
            return "toll_free"
        case _:
            return "local"


def check_area_code(dial_code: str | None, text: str | None) -> str | None:
    """The area code that was asked for; None: any. `dial_code` None: of a country that is not known here.

    Raises:
        InvalidInput: `validation_error`.
    """
    if text is None:
        return None
    american = dial_code == NORTH_AMERICA
    if not (_AREA_AMERICAN if american else _AREA).fullmatch(text):
        example = "three digits such as 415" if american else "one to five digits"
        raise field_fault("area_code", f"must be an area code: {example}")
    return text


def field_fault(field: str, message: str) -> InvalidInput:
    """`validation_error` of one field, found where only the domain can see it."""
    return InvalidInput(
        "validation_error", f"{field} {message}", details={"fields": [{"field": field, "message": message}]}
    )
