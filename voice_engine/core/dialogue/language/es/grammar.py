"""Spanish, put together."""

import re

from voice_engine.core.dialogue.language.es.acts import ACTS
from voice_engine.core.dialogue.language.es.codes import CODES
from voice_engine.core.dialogue.language.es.dates import DATES
from voice_engine.core.dialogue.language.es.menu import MENU
from voice_engine.core.dialogue.language.es.names import NAMES
from voice_engine.core.dialogue.language.es.party import PARTY
from voice_engine.core.dialogue.language.es.times import TIMES
from voice_engine.core.dialogue.language.es.words import WORDS
from voice_engine.core.dialogue.language.grammar import Grammar
from voice_engine.core.dialogue.language.repair import RepairGrammar

_TRIGGER = (
    r"(?:no|perdon|disculpe|disculpa|digo|mejor dicho|quiero decir|quise decir|espere|espera|mejor"
    r"|corrijo|rectifico|miento|me equivoque"
    r"|es decir|mas bien|lo siento|ay no|en realidad)"
)
_GLUE = (
    r"(?:a las?|las?|el|los|para|de|del|que|es|son|sea|seria|somos|seremos|eran|una mesa|mesa para|mesa de"
    r"|dia|al|ay|este|esta|a)"
)

SPANISH = Grammar(
    words=WORDS,
    times=TIMES,
    dates=DATES,
    codes=CODES,
    party=PARTY,
    names=NAMES,
    repair=RepairGrammar(
        between=re.compile(
            rf"(?: personas| comensales| noches| horas)?(?: [,.?!-])*(?: {_GLUE})*(?: [,.?!-])*"
            rf" {_TRIGGER}(?:(?: [,.?!-])| {_TRIGGER}| {_GLUE})* "
        ),
        negated=re.compile(r"\b(?:no|en vez de|en lugar de)(?: a las?| el| para| las?)* $"),
        denied_pair=re.compile(
            r"(?: [,.?!-]| sino| no| en vez de| en lugar de| a| las?| el| para| pero| personas| si)* "
        ),
    ),
    acts=ACTS,
    menu=MENU,
    email=re.compile(
        r"\b[a-z0-9][\w.+-]*@[\w-]+(?:\.[\w-]+)+|\b[a-z0-9]+(?: punto [a-z0-9]+)* (?:arroba"
        r"|at) [a-z0-9]+(?: punto [a-z]+)+\b"
    ),
    email_at=frozenset({"arroba", "at"}),
    email_dot=frozenset({"punto"}),
)
