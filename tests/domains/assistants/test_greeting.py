"""Greetings disclose that a machine speaks, and are otherwise the owner's words."""

import pytest

from voice_engine.domains.assistants.greeting import DEFAULTS, default_greeting, disclosed, discloses
from voice_engine.ports.call import Language


@pytest.mark.parametrize("language", ["en", "es"])
def test_our_own_greetings_disclose(language: Language) -> None:
    assert discloses(default_greeting(business="Acme", name="Alex", language=language), language)
    assert set(DEFAULTS) == {"en", "es"}


@pytest.mark.parametrize(
    ("greeting", "language"),
    [
        ("Hi, this is Alex, an AI.", "en"),
        ("Acme's AI receptionist speaking!", "en"),
        ("I'm Acme's virtual assistant. How can I help?", "en"),
        ("You've reached our automated line.", "en"),
        ("I am a bot, ask away.", "en"),
        ("Soy Alex, la IA de Acme.", "es"),
        ("Le atiende el asistente virtual de Acme.", "es"),
        ("Está hablando con un asistente de inteligencia artificial.", "es"),
    ],
)
def test_a_greeting_that_discloses_is_said_word_for_word(greeting: str, language: Language) -> None:
    assert disclosed(greeting, language) == greeting


@pytest.mark.parametrize(
    ("greeting", "language"),
    [
        ("Hi! Thanks for calling Acme Corp. How can I help you today?", "en"),
        ("Thanks for calling Bright Air, paid parking is around the corner.", "en"),
        ("Thanks for calling the robotics lab.", "en"),
        ("Academia Iris, dígame.", "es"),
        ("Está hablando con María.", "es"),
    ],
)
def test_any_other_greeting_is_followed_by_the_disclosure(greeting: str, language: Language) -> None:
    said = disclosed(greeting, language)

    assert said.startswith(f"{greeting} ")
    assert discloses(said, language)
