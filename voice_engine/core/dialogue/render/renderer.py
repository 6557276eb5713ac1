"""From an act and its slots to a spoken sentence: one of the act's templates with its values put into words."""

import re
from collections.abc import Mapping
from typing import Any

from voice_engine.core.dialogue.render.en import ENGLISH
from voice_engine.core.dialogue.render.en_desk import ENGLISH_DESK
from voice_engine.core.dialogue.render.es import SPANISH
from voice_engine.core.dialogue.render.es_desk import SPANISH_DESK
from voice_engine.core.dialogue.render.phrases import Phrases
from voice_engine.core.dialogue.render.phrases_en import EnglishPhrases
from voice_engine.core.dialogue.render.phrases_es import SpanishPhrases
from voice_engine.ports.call import Language

_DOUBLED_STOP = re.compile(r"\.\s*\.")

TEMPLATES: Mapping[Language, Mapping[str, tuple[str, ...]]] = {
    "en": {**ENGLISH, **ENGLISH_DESK},
    "es": {**SPANISH, **SPANISH_DESK},
}


class Renderer:
    """Renders acts in one language. Stateless; which variant is spoken is the caller's choice."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self.phrases: Phrases = EnglishPhrases() if language == "en" else SpanishPhrases()
        self._templates = TEMPLATES[language]

    def count(self, act: str) -> int:
        """How many variants the act has, at least three.

        Raises:
            KeyError: the act has no templates: a mistake in a policy.
        """
        return len(self._templates[act])

    def render(self, act: str, variant: int, slots: Mapping[str, Any]) -> str:
        """The sentence; slot values are dates, times, numbers or strings and come out as words.

        Raises:
            KeyError: a slot that the template names is missing: a mistake in a policy.
        """
        words = {name: self.phrases.words(name, value) for name, value in slots.items()}
        text = self._templates[act][variant].format(**words)
        return tidy(text)


def tidy(text: str) -> str:
    """One space between words, no doubled full stop after "p.m.", a capital at the start."""
    text = _DOUBLED_STOP.sub(".", " ".join(text.split()))
    return text[:1].upper() + text[1:]
