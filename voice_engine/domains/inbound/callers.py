"""Who calls: the carrier's word for a number as E.164, or withheld. Pure."""

from dataclasses import dataclass

import phonenumbers

WITHHELD = frozenset(
    {"", "anonymous", "restricted", "blocked", "unknown", "unavailable", "private", "withheld"}
    | {"266696687", "7378742833", "2562533", "8656696", "86282452253"}
)
"""Words that stand for no number, and the same spelt on a telephone's keys with a plus sign in front (Twilio, "How
to handle anonymous, restricted, or unknown callers": +266696687 is ANONYMOUS)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerNumber:
    """A number that was shown. `country` is ISO 3166-1 alpha-2, None where the code belongs to no country."""

    e164: str
    country: str | None


def read_caller(word: str, *, region: str) -> CallerNumber | None:
    """The caller's number; None when it is withheld, or no telephone number at all (a SIP name).

    Args:
        word: what the carrier says, such as "+14155551234", "anonymous", "sip:+14155551234@example.com".
        region: where a number without a country code is meant, ISO 3166-1 alpha-2.
    """
    plain = word.strip().removeprefix("tel:").removeprefix("sip:").partition("@")[0].partition(";")[0]
    if plain.lower().lstrip("+") in WITHHELD:
        return None
    number = parse_number(plain, region=region)
    return None if number is None else number


def parse_number(text: str, *, region: str | None) -> CallerNumber | None:
    """A telephone number however it is written; None when it is none. `region` None: it must name its country."""
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    country = phonenumbers.region_code_for_number(number)
    if country is None and number.country_code is not None:
        country = phonenumbers.region_code_for_country_code(number.country_code)
    return CallerNumber(e164=e164, country=None if country in {"001", "ZZ", None} else country)
