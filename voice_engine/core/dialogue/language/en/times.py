"""English times of day as patterns over canonical text."""

import re

from voice_engine.core.dialogue.language.clock import DayPart, Reader, TimeGrammar, read_hour

# What makes a number something else than an hour.
COUNTED = (
    r"(?! ?(?:[a-z]+ (?:street|st|avenue|ave|road|rd|drive|boulevard|blvd|lane|way)\b|people|persons?"
    r"|guests?|adults?|kids?|child|children|diners?|pax|of us|other|others|more"
    r"|a (?:night|day|week|month|head|person|piece|ticket)\b|minutes?|mins?|hours?"
    r"|hrs?|seconds?|dollars?|bucks|cents|euros?|pounds|percent|%|/|\$|€|th\b|nights?|days?|weeks?"
    r"|months?|years?|rooms?|beds?"
    r"|bedrooms?|tables?|seats?|spots?|top|stars?|thirds?|friends?|colleagues|tickets?|times?|blocks?|miles?"
    r"|street|st\b|avenue|ave\b"
    r"|road|east|west|north|south|of (?:them|these|those|our|the|you|us)|point|hundred|thousand|# ?#|\d"
    r"|for [a-z]+ing|star|different"
    r"|options?|available tables?|or \d{1,2} (?:people|persons?|guests?|nights?|days?|minutes?|hours?"
    r"|weeks?|seats?)))"
)
_H = r"(?P<h>1[0-2]|0?[1-9])"
_H24 = r"(?P<h>2[0-4]|1\d|0?\d)"
_PART = (
    r"(?:(?: ,)? (?:ish )?(?P<part>am|pm|in the (?:early |late )?(?:mornings?|afternoons?|evenings?)|at night"
    r"|(?:this|that|tomorrow|monday|tuesday|wednesday|thursday|friday|saturday|sunday) (?:morning"
    r"|afternoon|evening|night)"
    r"|tonight|(?:early )?morning|afternoon|evening|for (?:lunch|dinner|breakfast|brunch)))?"
)
_MONEY = r"(?! ?(?:pounds?|dollars?|euros?|bucks|usd|gbp|percent|%|€|per|each|a (?:night|person|head|ticket))\b)"
_END = r"(?! ?[:/]| \d|\d)"
_STOP = (
    r"(?=$| [,.?!;]| (?:or|and|on|instead|is|works?|are|available|open|free|ok|okay|fine|good|if|for"
    r"|please|then|but|would|that|today"
    r"|inside|outside|indoors|outdoors|upstairs|downstairs|by|tonight|tomorrow|every|to|until|in|at|with|a|no|yes|we|i|oclock|sharp|maybe|actually|this|next"
    r"|monday|tuesday"
    r"|wednesday|thursday|friday|saturday"
    r"|sunday|#+)\b| #)"
)


def _read_compact(match: re.Match[str]) -> tuple[int, int] | None:
    digits = match["hm"]
    return int(digits[:-2]), int(digits[-2:])


def _read_past(match: re.Match[str]) -> tuple[int, int] | None:
    spoken = match["by"]
    minutes = 30 if spoken == "half" else 15 if "quarter" in spoken else int(re.sub(r"\D", "", spoken))
    hour = int(match["h"])
    if match["side"] in ("past", "after"):
        return hour, minutes
    return (hour - 1 if hour > 1 else 12), 60 - minutes


def _read_half(match: re.Match[str]) -> tuple[int, int] | None:
    return int(match["h"]), 30


def _read_word(match: re.Match[str]) -> tuple[int, int] | None:
    return (0, 0) if match["exact"].endswith("midnight") else (12, 0)


def _ahead_minutes(match: re.Match[str]) -> int:
    if match["n"]:
        return int(match["n"])
    if match["half"]:
        return 30
    hours = int(match["hour"]) if match["hour"].isdigit() else 1
    return hours * 60 + (30 if match["more"] else 0)


_CUE = (
    r"\b(?:at|around|about|by|for|from|until|till|til|after|before|to|between|past|or|is|approximately|near"
    r"|toward|towards|say)"
)

_PATTERNS: tuple[tuple[str, Reader], ...] = (
    (r"\b(?P<v>(?:12 )?(?P<exact>noon|midday|(?:12 )?midnight))\b", _read_word),
    (rf"(?<![\d$])(?P<v>{_H24}:(?P<m>[0-5]\d){_PART})(?!\d){_MONEY}", read_hour),
    (rf"\b(?P<v>(?P<by>half) past {_H}(?P<side>past)?{_PART})\b", _read_half),
    (
        rf"\b(?P<v>(?P<by>(?:a )?quarter|\d{{1,2}}(?: minutes| mins)(?! before)) (?P<side>past|after|to|til|till"
        rf"|of|before) {_H}{_PART})\b" + _END,
        _read_past,
    ),
    (rf"\b(?P<v>(?P<by>5|10|20|25) (?P<side>past|after) {_H}{_PART})\b{_END}", _read_past),
    (
        r"(?:\b(?:at|around|about|make it|say|(?<!days )its|(?<!days )is|by) |^)"
        r"(?P<v>(?P<by>5|10|20|25) (?P<side>to|til|till|of"
        rf"|before) {_H}{_PART})\b{_END}",
        _read_past,
    ),
    (rf"\b(?P<v>(?P<by>20|25) (?P<side>to|til|till) {_H}{_PART})\b{_END}", _read_past),
    (rf"(?<!and )(?<!a )\b(?P<v>half {_H}{_PART})\b{COUNTED}", _read_half),
    (
        rf"(?<![\d$] )(?<![\d$/])(?<!\bin )\b(?P<v>{_H24} (?P<m>[0-5]\d|0 [1-9]){_PART})\b(?! \d| ?[:/]){COUNTED}",
        read_hour,
    ),
    (
        r"(?:^|[,.?!;] |\b(?:but|so|because|and|or|no|okay|ok|yes|do|have|offer|about"
        r"|it) )(?P<v>(?P<hm>[1-9][0-5][05]|1[0-2][0-5][05])"
        rf"{_PART})\b{COUNTED}{_STOP}",
        _read_compact,
    ),
    (
        rf"{_CUE} (?P<v>(?P<hm>[1-9][0-5]\d|1[0-9][0-5]\d|0\d[0-5]\d|2[0-3][0-5]\d){_PART})\b{COUNTED}",
        _read_compact,
    ),
    (r"\b(?P<v>(?P<hm>0?[1-9][0-5]\d|1[0-2][0-5]\d) (?P<part>am|pm))\b", _read_compact),
    (r"\b(?P<v>(?P<hm>0?[1-9][0-5]\d|1\d[0-5]\d|2[0-3][0-5]\d) hours)\b", _read_compact),
    (rf"(?<![\d$] )(?<![\d$/:])\b(?P<v>{_H24} (?P<part>am|pm))\b", read_hour),
    (rf"(?<![\d$/:])\b(?P<v>{_H} (?:oclock|ish){_PART})\b", read_hour),
    (
        rf"(?<![\d$] )(?<![\d$/:])\b(?P<v>{_H} (?:ish )?(?P<part>in the (?:early |late )?(?:morning"
        r"|afternoon|evening)|at night"
        r"|(?:this|tomorrow) (?:morning|afternoon|evening|night)|tonight))\b",
        read_hour,
    ),
    (
        r"\b(?:morning|afternoon|evening|night|tonight|lunch|dinner|breakfast|brunch)(?: ,)?(?: at"
        r"| around| about| by)?"
        rf" (?P<v>{_H})\b{_END}{COUNTED}",
        read_hour,
    ),
    (
        r"\b(?:at|around|about|until|till|til|after|before|from|since|between|by|past|approximately"
        r"|(?:move|moved|moving|push|pushed|switch|forward|back) to)"
        rf"(?: about| around| exactly| like| maybe| say)? (?P<v>{_H24}{_PART})\b{_END}{COUNTED}(?! (?:th\b"
        r"|press|to \d+ (?:people|persons)))",
        read_hour,
    ),
    (
        r"\b(?:do|about|make|make it|was that|say|said|meant|mean|have|has|got|get you|offer|offer you"
        r"|give you|is|be|was"
        r"|you in|come in|it to|prefer|not|rather|perhaps|maybe|take|try|open|free|available|than|only|or) "
        rf"(?P<v>(?P<h>1[0-2]|0?[2-9]){_PART})\b{_END}{COUNTED}{_STOP}",
        read_hour,
    ),
    (
        rf"(?<![\d$] )(?<![\d$/:])\b(?P<v>{_H})(?= (?:to|until|till|-) (?:1[0-2]"
        rf"|[1-9])\b{_END}{COUNTED}(?! (?:on a scale)))",
        read_hour,
    ),
    (
        r"(?:^|[,.?!;] |\b(?:but|so|because|and|then|is|would|does|will|no|okay|ok|yes|sorry|sure|yeah|perfect"
        r"|unfortunately|sadly"
        rf"|afraid|think|great|well|if|actually) )(?!(?<=no )1 )(?P<v>{_H})"
        r"(?= (?:it is|is|isnt|works?|would|wouldnt|wont|will|was|doesnt|ok|okay|sounds|itself|available|fine"
        r"|instead|possible)\b)",
        read_hour,
    ),
)

_PART_HOURS: tuple[tuple[str, DayPart], ...] = (
    ("first thing", (5, 12)),
    ("morning", (0, 12)),
    ("breakfast", (5, 12)),
    ("brunch", (9, 15)),
    ("lunch", (11, 16)),
    ("afternoon", (12, 19)),
    ("dinner", (16, 24)),
    ("supper", (16, 24)),
    ("evening", (16, 24)),
    ("night", (17, 28)),
)


def _part_of(text: str) -> DayPart:
    return next((hours for word, hours in _PART_HOURS if word in text), (0, 24))


TIMES = TimeGrammar(
    not_after=re.compile(
        r"\b(?:room|suite|apartment|apt|unit|numbers?|floor|flight|version|extension|ext|option|line|gate|bus|route"
        r"|highway|page|level|zone|step|address|located at|terminal|exit|channel|age|code|aged|press"
        r"|dial|(?:son|daughter|child|kid|baby|boy|girl|he|she) is|(?:son|daughter|baby|shes|hes))(?: is)? $"
    ),
    patterns=tuple((re.compile(pattern), reader) for pattern, reader in _PATTERNS),
    parts=re.compile(
        r"\b(?:first thing|morning|breakfast|brunch|lunch|lunchtime|afternoon|dinner|supper|evening|night"
        r"|tonight)\b"
    ),
    part_of=_part_of,
    range_link=re.compile(r" (?:and|to|until|till|through|-) "),
    list_link=re.compile(r" (?:and|,) "),
    between=re.compile(r"\bbetween (?:the hours of )?$"),
    chain_after=re.compile(
        r"#(?: ,)?(?: ,| or| and| to| until| till| through| -| &| no| wait| sorry| actually| i mean| make that"
        r"| rather| excuse me| then)+(?: even| maybe| at| around| about| its"
        rf"| an?)* (?P<v>{_H}{_PART})\b{_END}{COUNTED}{_STOP}"
    ),
    chain_before=re.compile(
        rf"(?<!\d )(?<![\d$/:])\b(?P<v>{_H})(?=(?: (?:or|and|to|,|-|not|no|wait|sorry|actually|i mean|make that))+"
        r"(?: even| maybe| at| around| then| until)? #)"
    ),
    bare=re.compile(rf"(?<![\d$/:])(?<!\d )\b(?P<v>{_H24}(?P<m>[0-5]\d)?{_PART})\b{_END}{COUNTED}"),
    around=re.compile(r"(?<!how )(?<!what )\b(?:around|about|approximately|roughly|near|ish|like)\b"),
    closing=re.compile(r"\b(?:close|closes|closing|until|till|to)\b(?: at)? $"),
    closes=re.compile(
        r"\b(?:close|closes|closing(?: time)?|open(?: late)? (?:until|till|til)"
        r"|stops? (?:seating|serving)|last (?:seating|orders?|call|table)(?: \w+)?)(?: is| at)* $"
    ),
    ahead=re.compile(
        r"\b(?:can|could|able to|have|has|free|available|open|come|what about|how about)(?: (?!call|phone|ring|text"
        r"|email|get back|back|confirm|check|wait|ready|be there|told|to)[a-z0-9%]+){0,5}? (?P<v>in (?:about "
        r"|around )?"
        r"(?:(?P<half>half an hour|a half hour)|(?P<hour>an|1|\d) hours?(?P<more> and a half)?"
        r"|(?P<n>\d{1,2}) (?:minutes|mins)))\b"
        r"(?! (?:advance|or less|early|earlier|late|before|beforehand|prior|ahead))"
    ),
    ahead_minutes=_ahead_minutes,
    ahead_units=("hour", "minutes", "mins"),
    greeting=re.compile(r"\bgood (?:morning|afternoon|evening|night)\b|\bhave a (?:good|great|nice|lovely) \w+"),
)
