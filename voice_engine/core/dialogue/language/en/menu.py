"""English phone menus."""

import re

from voice_engine.core.dialogue.language.menu import MenuGrammar

_PRESS = r"(?:press(?: or say)?|dial|push|hit|enter|say or press|select|choose)(?: the)?(?: number| key| option)? "
_KEY = r"(?P<key>\d|pound|hash|star)(?: key)?\b"
_STOP = (
    r"(?= [,.;?!]| (?:press|dial|push|hit|select|choose)\b|(?:,? (?:or|and))? (?:\d|pound|star) (?:for|to)\b"
    r"| or (?:press|dial)|$)"
)

MENU = MenuGrammar(
    press=re.compile(rf"\b{_PRESS}{_KEY}"),
    purpose=re.compile(
        r"\b(?:for|to|if)\b(?! (?:calling|holding|choosing|waiting|contacting|our|the following|this))"
    ),
    first=re.compile(
        rf"\b(?P<label>(?:for|to|if) (?:(?!\b{_PRESS}\d)[^.;?!])*?)(?: ,)?(?: please| then"
        rf"| just)* {_PRESS}{_KEY}"
    ),
    then=re.compile(rf"\b{_PRESS}{_KEY}(?: ,)?(?: now)? (?P<label>(?:for|to|if)\b.*?){_STOP}"),
    more=re.compile(rf"(?:,|or|and|\.|[a-z]) (?P<key>\d|pound|star) (?P<label>(?:for|to)\b.*?){_STOP}"),
    lead=re.compile(
        r"^(?:(?:or|and|for|to|if|the|you(?: would| d)? (?:like|want|wish) to|youd like to"
        r"|youre calling (?:about|to)) )+"
    ),
)
