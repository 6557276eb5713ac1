"""Spanish phone menus."""

import re

from voice_engine.core.dialogue.language.menu import MenuGrammar

_PRESS = (
    r"(?:marque|oprima|pulse|presione|digite|teclee|marca|pulsa|presiona|oprime|diga o marque)(?: el| la)?"
    r"(?: numero| tecla| opcion)? "
)
_KEY = r"(?P<key>\d|almohadilla|gato|numeral|asterisco|estrella)\b"
_STOP = (
    r"(?= [,.;?!]| (?:marque|oprima|pulse|presione|digite|teclee)\b|(?:,? (?:o|y))? (?:el )?(?:\d"
    r"|asterisco) para\b|$)"
)

MENU = MenuGrammar(
    press=re.compile(rf"\b{_PRESS}{_KEY}"),
    purpose=re.compile(r"\b(?:para|si)\b(?! (?:nosotros|su comodidad|mejorar))"),
    first=re.compile(
        rf"\b(?P<label>(?:para|si) (?:(?!\b{_PRESS}\d)[^.;?!])*?)(?: ,)?(?: por favor)? {_PRESS}{_KEY}"
    ),
    then=re.compile(rf"\b{_PRESS}{_KEY}(?: ,)? (?P<label>(?:para|si|por)\b.*?){_STOP}"),
    more=re.compile(rf"(?:,|o|y|\.|[a-z]) (?:el )?(?P<key>\d|asterisco|almohadilla) (?P<label>para\b.*?){_STOP}"),
    lead=re.compile(r"^(?:(?:o|y|para|si|desea|quiere|necesita) )+(?=\w)"),
)
