"""The gate before the dial: every documented verdict, its order, and what formatting must not change."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_engine.domains.safety.countries import COUNTRIES
from voice_engine.domains.safety.numbers import SafeNumber, check_number
from voice_engine.errors import InvalidInput, NotAllowed, VoiceEngineError

REFUSED = {
    "missing_phone_number": (None, "   "),
    "emergency_number": (
        "911", "9-1-1", "+1911", "+1 911", "112", "+34112", "+44999", "+34 091", "+911", "tel:+49110",
    ),
    "invalid_phone_number": ("5551234567", "+1555123", "+0123456789", "+1555123456x", "+12345678901234567"),
    "toll_number": (
        "+19005551234", "+12129761234", "+449098790000", "+34806123456", "+34905123456", "+4990012345678",
        "+33899123456", "+979123456789", "+881612345678", "+43900123456",
    ),
    "unsupported_country": ("+18765551234", "+18095551234", "+861012345678", "+78005553535"),
}  # fmt: skip
ACCEPTED = {
    "+15551234567": "US",
    "+15559876543": "US",
    "+14155551234": "US",
    "+12125551234": "US",
    "+14155559876": "US",
    "+1 (415) 555-1234": "US",
    "+18005551234": "US",
    "+12045551234": "CA",
    "+442071838750": "GB",
    "+34600123456": "ES",
    "+34902123456": "ES",
    "+4915112345678": "DE",
}
FORMATTING = " \t-–—.()/\u00a0\u200b\u2060\u00ad\u202a"
KIND = {
    "missing_phone_number": InvalidInput,
    "emergency_number": InvalidInput,
    "invalid_phone_number": InvalidInput,
    "toll_number": InvalidInput,
    "unsupported_country": NotAllowed,
    "country_restriction": NotAllowed,
    "blocked_number": NotAllowed,
    "suppression_violation": NotAllowed,
}


def check(raw: str | None, **changes: object) -> SafeNumber:
    facts: dict[str, object] = {"own_region": "US", "trial": False, "blocked": (), "suppressed": (), **changes}
    return check_number(raw, **facts)  # type: ignore[arg-type]  # the keywords of a test


def verdict(raw: str | None, **changes: object) -> str:
    """The refusal's code, or `ok:REGION`."""
    try:
        return f"ok:{check(raw, **changes).region}"
    except VoiceEngineError as error:
        assert type(error) is KIND[error.code]
        assert error.message
        return error.code


@pytest.mark.parametrize(("code", "raw"), [(code, raw) for code, raws in REFUSED.items() for raw in raws])
def test_a_documented_number_is_refused_with_its_code(code: str, raw: str | None) -> None:
    assert verdict(raw) == code


@pytest.mark.parametrize(("raw", "region"), ACCEPTED.items())
def test_a_documented_number_is_accepted_with_its_region(raw: str, region: str) -> None:
    assert verdict(raw) == f"ok:{region}"


def test_a_trial_account_stays_in_its_own_region() -> None:
    assert verdict("+34910123456", trial=True) == "country_restriction"
    assert verdict("+34910123456", trial=True, own_region="DE") == "ok:ES"
    assert verdict("+12045551234", trial=True) == "ok:CA"
    assert verdict("+14155551234", trial=True, own_region="ES") == "country_restriction"


def test_a_trial_account_of_a_country_outside_calls_nowhere() -> None:
    assert verdict("+14155551234", trial=True, own_region="JP") == "country_restriction"


def test_the_operator_can_add_a_pair_of_regions_for_trials() -> None:
    assert verdict("+34910123456", trial=True, extra_pairs={("US", "ES")}) == "ok:ES"
    assert verdict("+4915112345678", trial=True, extra_pairs={("US", "ES")}) == "country_restriction"


def test_a_blocked_number_is_refused_however_it_is_written() -> None:
    assert verdict("+1 415 555-1234", blocked={"+14155551234"}) == "blocked_number"


def test_a_suppressed_number_is_refused() -> None:
    assert verdict("+14155551234", suppressed={"+14155551234"}) == "suppression_violation"


def test_an_own_target_skips_suppression_and_nothing_else() -> None:
    """Forwarding to oneself is no unasked call; 911 as a transfer target is still 911."""
    assert verdict("+14155551234", suppressed={"+14155551234"}, own_target=True) == "ok:US"
    assert verdict("+14155551234", blocked={"+14155551234"}, own_target=True) == "blocked_number"
    assert verdict("+1911", own_target=True) == "emergency_number"


def test_the_first_failing_check_is_the_one_told() -> None:
    lists = {"blocked": {"+34910123456", "+19005551234"}, "suppressed": {"+34910123456"}}

    assert verdict("+19005551234", **lists) == "toll_number"
    assert verdict("+34910123456", trial=True, **lists) == "country_restriction"
    assert verdict("+34910123456", **lists) == "blocked_number"


@pytest.mark.parametrize(
    "raw",
    [
        "0044999", "011 911", "00 34 112", "+390112", "+44 (0)999", "+1 988", "+34 061", "+44 101", "+4690000",
        "+1 911 555 1234", "911;phone-context=+1", "٩١١", "９１１", "TEL:911", "9\u200b1\u200b1", "+33 15",
    ],
)  # fmt: skip
def test_an_emergency_number_does_not_slip_through_in_disguise(raw: str) -> None:
    assert verdict(raw) == "emergency_number"


@pytest.mark.parametrize(
    "raw",
    ["+15551234", "+49 89", "+1 123 456 7890", "+12115551234", "call me", "+", "++14155551234",
     "+14155551234;ext=5", "+1415555123４5", "1+4155551234", "*67+14155551234", "+14155551234#",
     "+999123456789", "+1-800-FLOWERS"],
)  # fmt: skip
def test_what_cannot_be_dialled_from_abroad_is_invalid(raw: str) -> None:
    assert verdict(raw) == "invalid_phone_number"


@pytest.mark.parametrize(
    ("raw", "region"), [("+35818123456", "FI"), ("+4779021234", "NO"), ("+44 (0)20 7183 8750", "GB")]
)
def test_parts_of_a_country_and_trunk_zeros_are_read(raw: str, region: str) -> None:
    assert verdict(raw) == f"ok:{region}"


@pytest.mark.parametrize("raw", ["+17875551234", "+80012345678", "+247 40000", "+447781123456"])
def test_a_territory_with_a_plan_of_its_own_is_not_its_neighbour(raw: str) -> None:
    """Puerto Rico, international freephone, Ascension, Guernsey."""
    assert verdict(raw) == "unsupported_country"


def test_the_number_comes_back_as_e164() -> None:
    assert check("tel:+1 (415) 555-1234").e164 == "+14155551234"
    assert check("+39 06 4321 1234").e164 == "+390643211234"


KNOWN = [raw for raws in REFUSED.values() for raw in raws if raw and raw.strip()] + list(ACCEPTED)


@given(raw=st.sampled_from(KNOWN), data=st.data())
def test_formatting_never_changes_the_verdict(raw: str, data: st.DataObject) -> None:
    written = raw.removeprefix("tel:")
    gaps = data.draw(
        st.lists(st.text(FORMATTING, max_size=3), min_size=len(written) + 1, max_size=len(written) + 1)
    )
    spread = "".join(gap + char for gap, char in zip(gaps, written, strict=False)) + gaps[-1]

    assert verdict(spread) == verdict(raw)
    assert verdict(f"tel:{spread}") == verdict(raw)


@given(st.text(max_size=40))
def test_any_text_gets_a_verdict(raw: str) -> None:
    """Nothing but our own errors leaves the gate, and what passes is E.164 of a known country."""
    try:
        number = check(raw)
    except (InvalidInput, NotAllowed):
        return
    assert number.e164.startswith("+") and number.e164[1:].isdigit()
    assert number.region in COUNTRIES


@given(st.from_regex(r"\+(1[2-9]|3[0-9]|4[0-9])[0-9]{7,9}", fullmatch=True))
def test_what_passes_passes_again_unchanged(raw: str) -> None:
    """The dial checks the stored number anew: the second verdict may not differ from the first."""
    if not verdict(raw).startswith("ok:"):
        return
    number = check(raw)
    assert check(number.e164) == number


@pytest.mark.parametrize("region", COUNTRIES)
def test_ordinary_numbers_of_every_supported_country_pass(region: str) -> None:
    """A prefix too short in the toll table would close part of a country."""
    kinds = (phonenumbers.PhoneNumberType.FIXED_LINE, phonenumbers.PhoneNumberType.MOBILE)
    for kind in kinds:
        example = phonenumbers.example_number_for_type(region, kind)
        assert example is not None
        e164 = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
        assert verdict(e164) == f"ok:{region}"
