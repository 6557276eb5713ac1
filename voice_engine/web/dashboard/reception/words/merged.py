"""The words of all pages in one table."""

from voice_engine.web.dashboard.reception.words import assistant, business, knowledge, overview, prompt
from voice_engine.web.dashboard.words import Language, Words

_PAGES: tuple[Words, ...] = (overview.WORDS, assistant.WORDS, business.WORDS, prompt.WORDS, knowledge.WORDS)


def _merged(language: Language) -> dict[str, str]:
    return {key: text for page in _PAGES for key, text in page[language].items()}


WORDS: Words = {"en": _merged("en"), "es": _merged("es")}
