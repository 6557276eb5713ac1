"""The words of all pages in one table."""

from voice_engine.web.dashboard.settings.words import account, audit, doctor, hooks, providers, tokens
from voice_engine.web.dashboard.words import Language, Words

_PAGES: tuple[Words, ...] = (account.WORDS, providers.WORDS, hooks.WORDS, tokens.WORDS, audit.WORDS, doctor.WORDS)


def _merged(language: Language) -> dict[str, str]:
    return {key: text for page in _PAGES for key, text in page[language].items()}


WORDS: Words = {"en": _merged("en"), "es": _merged("es")}
