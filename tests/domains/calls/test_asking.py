"""A request's fields, judged: languages and dates have codes of their own."""

import pytest

from tests.fakes.calls import CALLEE, new_call
from voice_engine.errors import InvalidInput


@pytest.mark.parametrize(
    ("given", "language", "call_language"),
    [({}, "en", "en"), ({"language": "es"}, "es", "es"), ({"language": "es", "call_language": "en"}, "es", "en")],
)
def test_the_spoken_language_follows_the_owners(given: dict[str, str], language: str, call_language: str) -> None:
    """Unless it is named."""
    submission = new_call(**given).asked.judge(CALLEE)

    assert (submission.language, submission.call_language) == (language, call_language)


@pytest.mark.parametrize("value", ["fr", "EN", "", "en-US", 1, [], {"a": 1}, True])
@pytest.mark.parametrize("field", ["language", "call_language"])
def test_other_languages_are_not_spoken(field: str, value: object) -> None:
    """Whatever JSON it is."""
    with pytest.raises(InvalidInput) as refused:
        new_call(**{field: value}).asked.judge(CALLEE)

    assert refused.value.code == "unsupported_language"


def test_language_is_judged_before_dates() -> None:
    """The contract's order."""
    with pytest.raises(InvalidInput) as refused:
        new_call(language="fr", appointment_date="never").asked.judge(CALLEE)

    assert refused.value.code == "unsupported_language"


@pytest.mark.parametrize("value", [None, 14155551234, ["+14155551234"], True])
def test_what_is_no_text_is_no_number(value: object) -> None:
    """It counts as missing."""
    assert new_call(respondent_phone=value).asked.number is None
