"""What an assistant says first: the owner's words or ours, and that a machine speaks."""

import re
from collections.abc import Mapping

from voice_engine.ports.call import Language

DEFAULTS: Mapping[Language, str] = {
    "en": "Thanks for calling {business}. This is {name}, the AI assistant. How can I help you?",
    "es": "Gracias por llamar a {business}. Soy {name}, asistente de inteligencia artificial. ¿En qué le ayudo?",
}

_DISCLOSURES: Mapping[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"\bAI\b|\bA\.I\.|(?i:\bartificial\b|\b(?:virtual|digital|automated|automatic) \w*\s?"
        r"(?:assistant|receptionist|agent|attendant|system|service)\b|\bautomated\b|\b(?:ro|chat|voice)?bot\b)"
    ),
    "es": re.compile(
        r"\bIA\b|\bI\.A\.|(?i:\bartificial\b|\b(?:asistente|recepcionista|agente|operadora?) (?:virtual|digital)\b"
        r"|\bautom[aá]tic[oa]\b|\bautomatizad[oa]\b|\b(?:ro|chat)?bot\b)"
    ),
}
"""Words by which a greeting says that a machine speaks."""

DISCLOSED: Mapping[Language, str] = {
    "en": "{greeting} You're speaking with an AI assistant.",
    "es": "{greeting} Está hablando con un asistente de inteligencia artificial.",
}


def default_greeting(*, business: str, name: str, language: Language) -> str:
    """The greeting of an assistant whose owner wrote none."""
    return DEFAULTS[language].format(business=business, name=name)


def discloses(greeting: str, language: Language) -> bool:
    """Whether whoever hears it knows that a machine speaks."""
    return _DISCLOSURES[language].search(greeting) is not None


def disclosed(greeting: str, language: Language) -> str:
    """An owner's greeting as it may be said: word for word, with a sentence more where it does not disclose."""
    return greeting if discloses(greeting, language) else DISCLOSED[language].format(greeting=greeting.strip())
