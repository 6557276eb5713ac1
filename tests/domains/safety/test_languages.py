"""Which languages calls are held in."""

import pytest

from voice_engine.domains.safety.languages import check_language
from voice_engine.errors import InvalidInput


def test_english_and_spanish_are_spoken() -> None:
    assert [check_language(language) for language in ("en", "es")] == ["en", "es"]


@pytest.mark.parametrize("language", ["", "EN", "en-US", "de", "english"])
def test_anything_else_is_refused(language: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_language(language)
    assert caught.value.code == "unsupported_language"
