"""Which country's numbers a call speaks of when somebody says one without its country code."""

import phonenumbers

from voice_engine.ports.call import CallSpec

DEFAULT_REGION = "US"

_ZONES = {
    "Europe/Madrid": "ES",
    "Atlantic/Canary": "ES",
    "Africa/Ceuta": "ES",
    "Europe/London": "GB",
    "Europe/Dublin": "IE",
    "Europe/Paris": "FR",
    "Europe/Berlin": "DE",
    "Europe/Rome": "IT",
    "Europe/Lisbon": "PT",
    "America/Mexico_City": "MX",
}
"""Zones that belong to one country outside North America (tz database, zone.tab); the others tell nothing here."""


def region_of(spec: CallSpec) -> str:
    """ISO 3166 region: the respondent's, else the business's zone, else its own numbers', else the default."""
    if spec.submission is not None:
        return _of_number(spec.submission.respondent_phone) or DEFAULT_REGION
    assert spec.assistant is not None, "a call has a submission or an assistant"
    by_zone = _ZONES.get(spec.assistant.business.timezone)
    if by_zone is not None:
        return by_zone
    known = (_of_number(number) for number in spec.assistant.transfer_targets.values())
    return next((region for region in known if region), DEFAULT_REGION)


def _of_number(number: str) -> str | None:
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return None
    region = phonenumbers.region_code_for_number(parsed)
    if region is None and parsed.country_code is not None:
        region = phonenumbers.region_code_for_country_code(parsed.country_code)
    return None if region in {None, "ZZ", "001"} else region
