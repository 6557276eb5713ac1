"""English, put together."""

import re

from voice_engine.core.dialogue.language.en.acts import ACTS
from voice_engine.core.dialogue.language.en.codes import CODES
from voice_engine.core.dialogue.language.en.dates import DATES
from voice_engine.core.dialogue.language.en.menu import MENU
from voice_engine.core.dialogue.language.en.names import NAMES
from voice_engine.core.dialogue.language.en.party import PARTY
from voice_engine.core.dialogue.language.en.times import TIMES
from voice_engine.core.dialogue.language.en.words import WORDS
from voice_engine.core.dialogue.language.grammar import Grammar
from voice_engine.core.dialogue.language.repair import RepairGrammar

_TRIGGER = (
    r"(?:no|nope|sorry|actually|i mean|i meant|wait|or rather|rather|scratch that|make that|make it"
    r"|correction|excuse me|oops|my mistake|not that"
    r"|let me correct that|i misspoke|pardon|apologies|strike that|change that"
    r")"
)
_GLUE = (
    r"(?:at|on|for|the|its|it is|thats|that is|that should be|it should be|we have|a table|a party of"
    r"|party of|of|around|about|well|to|uh|lets say|say|oh|i|my|that|is|should be|with|table for)"
)

ENGLISH = Grammar(
    words=WORDS,
    times=TIMES,
    dates=DATES,
    codes=CODES,
    party=PARTY,
    names=NAMES,
    repair=RepairGrammar(
        between=re.compile(
            r"(?: people| persons| guests| of us| nights| tonight"
            rf"| oclock)?(?: [,.?!-])*(?: {_GLUE})*(?: [,.?!-])* {_TRIGGER}(?:(?: [,.?!-])| {_TRIGGER}"
            rf"| {_GLUE})* "
        ),
        negated=re.compile(r"\b(?:not|instead of|rather than)(?: at| on| for| the)* $"),
        denied_pair=re.compile(
            r"(?: [,.?!-]| but| not| instead of| rather than| at| on| for| the| its| it is| rather"
            r"| instead| people| persons| and)* "
        ),
    ),
    acts=ACTS,
    menu=MENU,
    email=re.compile(
        r"\b[a-z0-9][\w.+-]*@[\w-]+(?:\.[\w-]+)+|\b[a-z0-9]+(?: dot [a-z0-9]+)* at [a-z0-9]+(?: dot [a-z]+)+\b"
    ),
    email_at=frozenset({"at"}),
    email_dot=frozenset({"dot"}),
)
