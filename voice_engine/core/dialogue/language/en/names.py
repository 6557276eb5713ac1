"""English cues of names and the words that are none."""

import re

from voice_engine.core.dialogue.language.names import NameGrammar

# Function words and words of the trade that follow name cues without being names ("this is the", "I am sorry").
_NOT_NAMES = (
    "a an the this that these those it its is are was were be been am im id ill ive i you your youre "
    "he she they them we us our my me mine and or but so if then than for from to of on in at by with "
    "without about under over as not no yes yeah yep nope ok okay sure please thanks thank hi hello "
    "hey good great fine well very really just only also too right correct sorry afraid calling call "
    "caller speaking looking trying going gonna here there where when what which who why how can "
    "could would will shall may might do does did dont didnt have has had get got need want like know "
    "think see say said tell give take make made let lets put check wait hold moment minute second "
    "one two morning afternoon evening night today tonight tomorrow monday tuesday wednesday thursday "
    "friday saturday sunday january february march april may june july august september october "
    "november december table tables party reservation reservations booking appointment room rooms "
    "name names last first number phone full booked busy closed open available unavailable free ready "
    "able new existing old patient guest client customer member manager doctor office restaurant "
    "hotel clinic front desk reception machine robot computer recording assistant automated person "
    "people someone somebody anyone anybody nobody everything nothing something anything everyone "
    "time date day week month year interested aware happy glad all any some every each more most less "
    "much many lot bit little out off up down back again still already yet now later soon before "
    "after because since until while during spell spelled spelling spelt regarding dot com wrong got "
    "that thats whats perfect wonderful awesome excellent lovely alright mister actually maybe "
    "perhaps probably confirm confirmed confirming set"
)

NAMES = NameGrammar(
    cue=re.compile(
        r"\b(?:(?:my|the|his|her|first|last|full|sur|family|patients|guests|customers) ?(?:full |first "
        r"|last )?name(?: is| would be| will be|s)(?: ,)?"
        r"|name of|under the names?(?: of)?|call me|surname is|in the name of|name is|(?:reservation"
        r"|booking|appointment) (?:is |was )?under"
        r"|put it under|its under|make it under|with (?:dr|doctor|mr|mrs|ms|miss|mister)|(?:mr|mrs|ms"
        r"|miss|mister)) "
    ),
    soft_cue=re.compile(
        r"\b(?:this is|i am|im|its|speaking with|it is|(?:table|reservation|booking) for|name|under|thats"
        r"|that is|for) "
    ),
    not_names=frozenset(_NOT_NAMES.split()),
    particles=frozenset(["de", "la", "del", "van", "von", "der", "den", "da", "di", "bin", "el", "al", "st"]),
    answer_lead=re.compile(
        r"(?:(?:its|it is|yes|yeah|sure|ok|okay|uh|oh|of course|thats|that is|that would be|thatd be"
        r"|it would be|under|name|the|my|name is|im|i am|this is|for|put"
        r"|,|\.) )*"
    ),
    soft_end=re.compile(r" (?:speaking|calling|from [a-z]+|on the line|here)\b|(?= &)"),
)
