"""The one gate between a number that somebody gave and a number that is dialled.

Every path passes it: requests, transfer and forwarding targets, numbers that a plan found, and each dial anew,
since the lists change while a call waits. The order of the checks is part of the contract: the first that fails is
told.
"""

import re
from collections.abc import Collection, Container
from dataclasses import dataclass, field

import phonenumbers

from voice_engine.errors import InvalidInput, NotAllowed

from .countries import Area, country_of
from .digits import bare_digits, strip_formatting
from .emergency import is_emergency
from .toll import costs_extra

_E164 = re.compile(r"\+[1-9]\d{1,14}")
"""ITU-T E.164: at most fifteen digits, none of them a leading zero."""

_NANP_UNASSIGNABLE = re.compile(r"\+1(?:[01]|\d11)")
"""No area code begins with 0 or 1 or ends in 11 (North American Numbering Plan, ATIS-0300051)."""

_LONGEST_SHOWN = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class SafeNumber:
    """A number that may be dialled: `e164` with its plus sign, `region` ISO 3166-1 alpha-2."""

    e164: str
    region: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Which countries an account may call.

    Attributes:
        own_region: ISO 3166-1 alpha-2 of the account.
        trial: a trial account calls its own area only, North America or Europe.
        extra_pairs: (own region, called region) that the operator allows beyond that.
    """

    own_region: str
    trial: bool = False
    extra_pairs: Collection[tuple[str, str]] = field(default=frozenset())


def check_number(
    raw: str | None,
    *,
    own_region: str,
    trial: bool,
    blocked: Container[str],
    suppressed: Container[str],
    extra_pairs: Collection[tuple[str, str]] = frozenset(),
    own_target: bool = False,
) -> SafeNumber:
    """`raw` as a number that may be called.

    Args:
        raw: as given; formatting characters and `tel:` do not matter. None or blank: no number was given.
        own_region: the account's country, ISO 3166-1 alpha-2.
        trial: whether the account is on trial.
        blocked: E.164 numbers on the operator's fraud list.
        suppressed: E.164 numbers of those who asked not to be called.
        extra_pairs: see `Reach`.
        own_target: the number is the account's own forwarding or transfer target: nobody is called unasked there.

    Raises:
        InvalidInput: `missing_phone_number`, `emergency_number`, `invalid_phone_number`, `toll_number`.
        NotAllowed: `unsupported_country`, `country_restriction`, `blocked_number`, `suppression_violation`.
    """
    number = screen_number(raw, Reach(own_region=own_region, trial=trial, extra_pairs=extra_pairs))
    if number.e164 in blocked:
        raise blocked_number()
    if number.e164 in suppressed and not own_target:
        raise suppression_violation()
    return number


def screen_number(raw: str | None, reach: Reach) -> SafeNumber:
    """The checks of `check_number` that need no list, in its order, with its errors."""
    text = strip_formatting(raw or "")
    if not text:
        raise InvalidInput("missing_phone_number", "give the phone number to call, such as +14155551234")
    if is_emergency(bare_digits(text)):
        raise InvalidInput(
            "emergency_number", "emergency numbers are never dialled; call the emergency service yourself"
        )
    number = _parse(text)
    if costs_extra(number):
        raise InvalidInput("toll_number", "premium-rate, personal and satellite numbers are never dialled")
    return SafeNumber(e164=_e164(number), region=_reachable(_region(number), reach))


def blocked_number() -> NotAllowed:
    """The refusal of a number on the operator's list."""
    return NotAllowed("blocked_number", "this number is blocked by the operator of this service")


def suppression_violation() -> NotAllowed:
    """The refusal of a number whose owner wants no calls."""
    return NotAllowed("suppression_violation", "the owner of this number asked not to be called")


def _parse(text: str) -> phonenumbers.PhoneNumber:
    refusal = InvalidInput(
        "invalid_phone_number",
        f"{text[:_LONGEST_SHOWN]!r} is no phone number; write it with its country code, such as +14155551234",
    )
    if not _E164.fullmatch(text) or _NANP_UNASSIGNABLE.match(text):
        raise refusal
    try:
        number = phonenumbers.parse(text)
    except phonenumbers.NumberParseException as error:
        raise refusal from error
    # "Possible" is a matter of length. Not "valid": documents and tests use numbers that nobody was assigned.
    if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
        raise refusal
    if phonenumbers.parse(_e164(number)) != number:  # zeros behind a trunk zero: no number that could be dialled
        raise refusal
    return number


def _e164(number: phonenumbers.PhoneNumber) -> str:
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _region(number: phonenumbers.PhoneNumber) -> str:
    """The number's own region (+1 876 is Jamaica), else the main one of its country code."""
    own = phonenumbers.region_code_for_number(number)
    assert number.country_code is not None, "a parsed number has its country code"
    return own or phonenumbers.region_code_for_country_code(number.country_code)


def _reachable(region: str, reach: Reach) -> str:
    country = country_of(region)
    if country is None:
        raise NotAllowed(
            "unsupported_country",
            f"numbers of {_shown(region)} are not called; see the list of supported countries",
        )
    at_home = country.area is _area(reach.own_region)
    if reach.trial and not at_home and (reach.own_region, country.code) not in reach.extra_pairs:
        raise NotAllowed(
            "country_restriction",
            f"a trial account calls numbers of its own region only, not of {country.name}; choose a plan",
        )
    return country.code


def _area(region: str) -> Area | None:
    country = country_of(region)
    return None if country is None else country.area


def _shown(region: str) -> str:
    return "this country code" if region in {"001", "ZZ"} else region
