"""Words of the account's pages."""

from voice_engine.web.dashboard.words import Words

_EN = {
    "home_title": "Home",
    "home_lead": "{organization} on the phone.",
}
_ES = {
    "home_title": "Inicio",
    "home_lead": "{organization} al teléfono.",
}
WORDS: Words = {"en": _EN, "es": _ES}
