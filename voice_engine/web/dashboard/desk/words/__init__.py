"""Words of the desk's pages, a module for each."""

from voice_engine.web.dashboard.desk.words import contacts, messages, numbers, rules
from voice_engine.web.dashboard.words import LANGUAGES, Words

WORDS: Words = {
    language: {
        key: text for page in (numbers, rules, contacts, messages) for key, text in page.WORDS[language].items()
    }
    for language in LANGUAGES
}
