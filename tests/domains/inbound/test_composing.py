"""What the engine is told about a call that comes in."""

import datetime as dt
from typing import Any

import pytest

from voice_engine.domains.inbound.composing import House, Wishes, read_wishes, receptionist, voicemail_greeting
from voice_engine.domains.inbound.models import ReceptionSettings
from voice_engine.ports.call import CallSpec

AT = dt.datetime(2026, 2, 13, 2, 30, tzinfo=dt.UTC)


def house(**facts: Any) -> House:
    stated: dict[str, Any] = {
        "name": "Ada",
        "timezone": "America/New_York",
        "locale": "en",
        "settings": None,
        **facts,
    }
    return House(**stated)


def settings(**columns: Any) -> ReceptionSettings:
    stated: dict[str, Any] = {
        "business_name": "Clínica Sol",
        "business_type": "clinic",
        "address": "Calle Mayor 1",
        "services": ["Cleaning"],
        "knowledge": [{"key": "parking", "text": "Behind the house."}],
        "hours": {"monday": {"open": "09:00", "close": "17:00"}, "sunday": None},
        "transfer_targets": {"doctor": "+14155551234"},
        "slot_minutes": 45,
        "record": False,
        **columns,
    }
    return ReceptionSettings(**stated)


def told(house: House, wishes: Wishes | None = None) -> CallSpec:
    return receptionist(house, wishes or Wishes(), call_id="c1", caller="+12125550199", at=AT, max_seconds=240)


def test_a_person_without_settings_has_a_receptionist_all_the_same() -> None:
    """It answers in their name, says that it is a machine, books nothing, and knows what day it is there."""
    spec = told(house())

    assert spec.assistant is not None and spec.assistant.greeting is not None
    assert "Ada's AI assistant" in spec.assistant.greeting
    assert (spec.assistant.hours, spec.assistant.transfer_targets, spec.assistant.knowledge) == ({}, {}, ())
    assert spec.answered_at.date() == dt.date(2026, 2, 12)
    assert (spec.limits.max_seconds, spec.record, spec.language) == (240, True, "en")


def test_an_account_without_a_name_is_not_called_by_its_address() -> None:
    """Callers hear the engine's own greeting."""
    spec = told(house(name=None))

    assert spec.assistant is not None
    assert (spec.assistant.greeting, spec.assistant.business.name) == (None, "this number")


def test_settings_reach_the_engine() -> None:
    """Every one of them."""
    spec = told(house(settings=settings(voice="clara", prompt="Be brief.", assistant_name="Clara")))

    assistant = spec.assistant
    assert assistant is not None
    assert (assistant.name, assistant.business.name, assistant.business.services) == (
        "Clara",
        "Clínica Sol",
        ("Cleaning",),
    )
    assert assistant.hours["monday"].open == dt.time(9) and "sunday" not in assistant.hours
    assert [fact.key for fact in assistant.knowledge] == ["parking"]
    assert (assistant.transfer_targets, assistant.slot_minutes) == ({"doctor": "+14155551234"}, 45)
    assert (spec.voice, spec.prompt, spec.record) == ("clara", "Be brief.", False)


@pytest.mark.parametrize(
    ("rule", "kept", "locale", "expected"),
    [
        ("es", "en", "en", "es"),
        (None, "es", "en", "es"),
        (None, None, "es-MX", "es"),
        (None, None, "de", "en"),
        (None, "de", "es", "es"),
    ],
)
def test_the_nearest_language_that_we_speak_is_spoken(
    rule: str | None, kept: str | None, locale: str, expected: str
) -> None:
    """A rule's, the settings', the account's, English."""
    config = {} if rule is None else {"language": rule}

    spec = told(house(locale=locale, settings=settings(language=kept)), read_wishes(config))

    assert spec.language == expected


def test_a_rules_words_come_before_the_settings() -> None:
    """Its greeting instead of theirs, its instructions beside theirs."""
    wishes = read_wishes({"greeting": "Ada's AI assistant speaking.", "instructions": "Ask for the order number."})

    spec = told(house(settings=settings(greeting="Hi.", prompt="Be brief.")), wishes)

    assert spec.assistant is not None
    assert spec.assistant.greeting == "Ada's AI assistant speaking."
    assert spec.prompt == "Be brief.\n\nAsk for the order number."


@pytest.mark.parametrize(
    ("language", "greeting", "expected"),
    [
        (
            "en",
            "Hello, this is Ada's office.",
            "Hello, this is Ada's office. You're speaking with an AI assistant.",
        ),
        ("en", "Hi, I'm the virtual assistant.", "Hi, I'm the virtual assistant."),
        ("es", "Hola.", "Hola. Está hablando con un asistente de inteligencia artificial."),
        ("es", "Hola, soy una IA de Ada.", "Hola, soy una IA de Ada."),
    ],
)
def test_an_owners_greeting_never_hides_the_machine(language: str, greeting: str, expected: str) -> None:
    """A disclosure is added where it has none."""
    spec = told(house(), read_wishes({"greeting": greeting, "language": language}))

    assert spec.assistant is not None and spec.assistant.greeting == expected


def test_a_voicemail_greets_in_the_houses_words() -> None:
    """A rule's, the settings', ours."""
    assert voicemail_greeting(house(), read_wishes({"greeting": "Beep."})) == ("Beep.", "en")
    assert voicemail_greeting(house(settings=settings(voicemail_greeting="Bye.")), Wishes()) == ("Bye.", "en")
    greeting, language = voicemail_greeting(house(locale="es"), Wishes())
    assert language == "es" and "Ada" in greeting
