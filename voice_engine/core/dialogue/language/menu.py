"""Phone menus: which key is for what, whether the key is named before its purpose or after it."""

import re
from dataclasses import dataclass

from voice_engine.core.dialogue.commands import Menu

_KEYS = {
    "pound": "#", "hash": "#", "numeral": "#", "almohadilla": "#", "gato": "#", "star": "*", "asterisco": "*",
    "estrella": "*",
}  # fmt: skip
_SENTENCE = re.compile(r"[.?!;,]")


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuGrammar:
    """One language's menus.

    Attributes:
        press: "press one", with the key as group `key`.
        purpose: What opens a purpose ("for", "to") in the words before the first key, courtesies excepted.
        first: The purpose before its key: groups `label`, `key`.
        then: The purpose after its key: groups `key`, `label`.
        more: A further choice without the verb, after a `then`: groups `key`, `label`.
        lead: What is cut from the beginning of a label.
    """

    press: re.Pattern[str]
    purpose: re.Pattern[str]
    first: re.Pattern[str]
    then: re.Pattern[str]
    more: re.Pattern[str]
    lead: re.Pattern[str]


def find_menu(text: str, grammar: MenuGrammar) -> Menu | None:
    """The menu in canonical text, key → purpose in spoken order, or None when no key is to be pressed."""
    opening = grammar.press.search(text)
    if opening is None:
        return None
    before = _SENTENCE.split(text[: opening.start()].rstrip(" ,"))[-1]
    options: dict[str, str] = {}
    found = []
    if grammar.purpose.search(before):
        found = list(grammar.first.finditer(text))
    if not found:
        found = sorted(
            [*grammar.then.finditer(text), *grammar.more.finditer(text)], key=lambda match: match.start()
        )
    for match in found:
        label = grammar.lead.sub("", match["label"].strip(" ,.")).strip(" ,.")
        options.setdefault(_KEYS.get(match["key"], match["key"]), label)
    return Menu(options=options) if options else None
