"""English party sizes and nights."""

import re

from voice_engine.core.dialogue.language.parties import CountReader, PartyGrammar, read_count

_NOUN = (
    r"(?:people|persons?|guests?|diners?|pax|ppl|of us|of you|covers|heads?|individuals|patrons|customers|folks"
    r"|participants|attendees"
    r"|players?|passengers?|travell?ers|humans|(?:people|guests|persons) total|in (?:total|all)|in (?:the"
    r"|our|my|your|his|her|their) party"
    r"|at the table|seats?(?! \d)|top)"
)
# After a number that is a clock time or a measure, not a party.
_NOT_TIME = (
    r"(?! ?(?:(?:a|per|each) (?:night|person|day|week|month|head)|each|am\b|pm\b|oclock|:|/|%|\$|€|th\b"
    r"|nights?|days?|weeks?|months?|minutes?|mins?|moments?|secs?\b|seconds?|hours?|years?"
    r"|dollars?|bucks|rooms?|beds?"
    r"|in the (?:morning|afternoon|evening)|at night|tonight (?:at|or)|thirty|to \d|percent|press|hundred"
    r"|more|[0-5]\d\b(?! ?(?:am|pm|oclock|in the|tonight|%))|\d(?! )))"
)
_KIN = (
    r"(?:wife|husband|partner|girlfriend|boyfriend|friend|mother|mom|father|dad|son|daughter|sister"
    r"|brother|boss|colleague|co ?worker|cousin|uncle|aunt|neighbor|roommate"
    r"|fiance|fiancee|date|spouse|client)"
)
_N = r"(?P<n>\d{1,3})"
# "33 restaurants": things that there are, not people.
_NOT_THINGS = (
    r"(?! (?!this\b|adults|persons|guests|kids|diners|seats)(?:(?!for|at|on|in|of|and|this|next|please)[a-z]+ )?"
    r"[a-z]{2,}s\b)"
)
_MEMBER = (
    rf"(?:me|myself|i|(?:my|our) (?:grand)?parents|(?:my|our|a|an|the|1) {_KIN}"
    rf"|(?:my |our |the )?\d (?:{_KIN}s|kids|boys|girls|children))"
)
_FAMILY = (
    rf"\b(?P<v>(?=(?:[a-z0-9,]+ ){{0,9}}(?:me|myself|i)\b){_MEMBER}(?:(?: ,)?(?: and| plus| with)? {_MEMBER}\b)+)"
)
_ONE_MEMBER = re.compile(rf"\b{_MEMBER}\b")


def _fixed(count: int) -> CountReader:
    def read(match: re.Match[str]) -> int | None:
        return count

    return read


def _number(text: str | None) -> int:
    return 0 if not text else int(text) if text.isdigit() else 1


def _sum(match: re.Match[str]) -> int | None:
    return _number(match["n"]) + _number(match["k"])


def _heads(member: str) -> int:
    if member.endswith("parents"):
        return 2
    count = re.search(r"\d", member)
    return int(count.group()) if count else 1


def _family(match: re.Match[str]) -> int | None:
    """Everybody in "me my husband and our 2 kids"; None where the speaker is not among them."""
    members = [member.group() for member in _ONE_MEMBER.finditer(match["v"])]
    if not {"me", "myself", "i"}.intersection(members):
        return None
    return sum(map(_heads, members))


def _couples(match: re.Match[str]) -> int | None:
    return 2 * int(match["n"])


def _and_me(match: re.Match[str]) -> int | None:
    return int(match["n"]) + 1


PARTY = PartyGrammar(
    strong=tuple(
        (re.compile(pattern), reader)
        for pattern, reader in (
            (rf"\b(?P<v>{_N} couples)\b", _couples),
            (
                rf"\b(?P<v>{_N} (?:adults?|grown ups|people|of us)(?: ,)?(?: and| plus| with)? (?P<k>\d|a"
                rf"|an) (?:small "
                r"|little |young )?"
                r"(?:kids?|child(?:ren)?|babies|baby|toddlers?|infants?))\b",
                _sum,
            ),
            (_FAMILY, _family),
            (rf"\b(?:me|myself|i) plus (?P<v>{_N})\b(?! (?:or|of))", _and_me),
            (rf"\b(?P<v>{_N} kids? and (?P<k>\d) adults?)\b", _sum),
            (
                rf"\b(?:me and|myself and|myself plus|me plus) (?P<v>{_N} (?:others?|friends?|other people"
                r"|guests?|more|people|colleagues|kids))\b",
                _and_me,
            ),
            (
                rf"\b(?P<v>{_N} (?:others|friends|other people|more people|colleagues) (?:and|plus) (?:me"
                r"|myself))\b",
                _and_me,
            ),
            (r"\b(?P<v>half 12)(?= (?:of us|people|guests|persons))", _fixed(6)),
            (
                r"(?<![:/$] )(?:(?<!\d )|(?<=:\d\d ))(?<![\d:/$])(?!(?<!just )(?<!only )1 of )"
                rf"\b(?P<v>{_N}) {_NOUN}\b",
                read_count,
            ),
            (
                rf"% (?:people|persons|guests|of us)(?: ,)? (?:or|maybe|possibly|perhaps) (?P<v>{_N})\b{_NOT_TIME}",
                read_count,
            ),
            (rf"\b(?P<v>{_N}) adults?\b", read_count),
            (rf"\b(?:for|of) (?:fewer|less|more) than (?P<v>{_N})\b{_NOT_TIME}", read_count),
            (rf"\b(?:squeeze|fit|get|take) (?P<v>{_N}) (?:of you |more )?in\b(?! \d)", read_count),
            (
                r"(?<![\d:/$])\b(?P<v>(?P<n>\d{1,2}))(?=(?: (?:or|(?<=between \d )and|(?<=between \d\d )and|to"
                r"|maybe|no|sorry|wait|actually|i mean"
                r"|make that|possibly|,))+ %)",
                read_count,
            ),
            (
                r"\b(?:party|table(?= of| for| is"
                r"| \d{1,2} (?:at|on|for|to|tonight|tomorrow|this|next)\b)|group|reservation|booking|family"
                r"|spot|seating|seats|crowd|total"
                rf"|parties)(?: size)?(?: of| for| is)? (?P<v>{_N})\b{_NOT_TIME}",
                read_count,
            ),
            (
                r"\b(?:there (?:will|would) be|therell be|there are|we are|well be|we will be|we would be"
                rf"|theres|were) (?!1 (?:at|on|in|left|open|available|more|of"
                rf"|that)\b)(?P<v>{_N})\b{_NOT_TIME}{_NOT_THINGS}",
                read_count,
            ),
            (
                rf"\b(?:can|could|to|you|we|cannot|cant|only|please) seat (?P<v>{_N})\b{_NOT_TIME}{_NOT_THINGS}",
                read_count,
            ),
            (
                r"\b(?P<v>just (?:me|myself)|only (?:me|myself)|by myself|for myself|for me alone|only 1 of us)\b",
                _fixed(1),
            ),
            (
                rf"\b(?P<v>(?:me|myself) and (?:my |a |1 )?{_KIN}|my {_KIN} and (?:i|me|myself)"
                r"|the 2 of us|both of us|a couple of people"
                rf"|for (?:a|the) couple)\b(?! and)",
                _fixed(2),
            ),
            (r"\b(?P<v>a (?:single|lone) (?:person|diner|guest))\b", _fixed(1)),
        )
    ),
    weak=(
        (
            re.compile(
                r"(?:(?<!down )|(?<=down )(?=for \d+ [^#]*#))\bfor (?:just |about |only |around |exactly |all "
                rf"|the )?(?P<v>{_N})\b(?<!\b2 for 1){_NOT_TIME}(?! (?:of the|reservations|bookings|th)\b)"
            ),
            read_count,
        ),
        (
            re.compile(
                rf"(?<![#\d:/$&] )(?<!at )(?<!of )(?<!suite )(?<!room )(?<!number )(?<!train )(?<!flight )"
                rf"(?<!route )(?<!bus )\b(?P<v>(?P<n>\d{{1,2}}))(?= (?:(?:at|around|on|by|about"
                rf"|for) )*(?:the )?[#~])(?<!the \d)(?<!the \d\d){_NOT_TIME}"
            ),
            read_count,
        ),
        (
            re.compile(
                r"%(?: (?:people|persons|guests|or|no|sorry|wait|actually|i mean|make (?:that|it)"
                rf"|,))+ (?P<v>{_N})\b{_NOT_TIME}"
            ),
            read_count,
        ),
    ),
    bare=re.compile(rf"(?<![\d:/$])(?<!\d )\b(?P<v>{_N})\b{_NOT_TIME}"),
    nights=(
        (
            re.compile(
                r"\b(?P<v>(?P<n>\d{1,2}) nights?|(?<=for )a (?:single )?night|(?<=just )(?:a"
                r"|the) (?:single )?night)\b(?! (?:before|club|out))"
            ),
            read_count,
        ),
    ),
)
