"""English cues for codes and phone numbers, and its spelling alphabets."""

import re

from voice_engine.core.dialogue.language.digits import CodeGrammar

_NATO = (
    "alpha bravo charlie delta echo foxtrot golf hotel india juliett kilo lima mike november"
    " oscar papa quebec romeo "
    "sierra tango uniform victor whiskey xray yankee zulu"
)
# How recognisers write the names of letters.
_NAMES = {
    "bee": "b", "be": "b", "see": "c", "cee": "c", "sea": "c", "dee": "d", "gee": "g", "jay": "j", "kay": "k",
    "el": "l", "ell": "l", "em": "m", "en": "n", "pee": "p", "cue": "q", "queue": "q", "are": "r", "ess": "s",
    "tee": "t", "tea": "t", "you": "u", "vee": "v", "ex": "x", "why": "y", "zee": "z", "zed": "z", "aitch": "h",
}  # fmt: skip
LETTERS = {word: word[0] for word in _NATO.split()} | {"alfa": "a", "juliet": "j"}
LETTER_NAMES = _NAMES

CODES = CodeGrammar(
    cue=re.compile(
        r"\b(?:confirmation|reference|booking|reservation|record|case|ticket|tracking|order)(?: (?:number"
        r"|code|id|no|locator|is))*"
        r"(?: (?:for (?:you|that|this|it)|today|there|then))?(?: (?:is|its|was|will be|would be|here is"
        r"|thats|of))*(?: :| ,| \.)?(?: (?:it is|its|thats))?(?: #)? "
        r"|(?<!area )(?<!zip )(?<!dress )(?<!promo )(?<!country )(?<!postal )\bcode(?: for you)?(?: is"
        r"| will be)?(?: ,| :)? "
    ),
    phone_cue=re.compile(r"\b(?:phone|number|call|reach|cell|mobile|callback|telephone|digits)\b"),
    letters=LETTERS,
    such_as=(("as", "in"), ("like", "in"), ("is", "in"), ("like",), ("for",), ("as",)),
    skip=frozenset({",", "-", ".", "dash", "hyphen", "then", "space"}),
)
