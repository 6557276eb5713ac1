"""English number words, fillers, and the words recognisers confuse with numbers."""

from voice_engine.core.dialogue.language.numbers import NumberWords

_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
    " fifteen sixteen seventeen eighteen nineteen"
)
SMALL = {word: value for value, word in enumerate(_UNITS.split())} | {"nil": 0, "fourty": 40}
TENS = {
    word: 10 * value
    for value, word in enumerate(
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], start=2
    )
}
_ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
    "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
)
ORDINALS = {word: value for value, word in enumerate(_ORDINALS.split(), start=1)} | {"thirtieth": 30}
MONTHS = {
    word: value
    for value, words in enumerate(
        [
            "january jan",
            "february feb febuary",
            "march mar",
            "april apr",
            "may",
            "june jun",
            "july jul",
            "august aug",
            "september sept sep",
            "october oct",
            "november nov",
            "december dec",
        ],
        start=1,
    )
    for word in words.split()
}
_PEOPLE = frozenset(["people", "persons", "person", "guests", "adults", "diners", "pax"])
_BEFORE_PEOPLE = frozenset(
    ["for", "of", "table", "party", "just", "only", "about", "group", "and", "be", "are", "were"]
)
_BEFORE_TIME = frozenset(
    ["at", "by", "around", "about", "until", "till", "after", "before", "for", "do", "or", "of"]
)
_SOUNDS = {"for": "four", "to": "two", "too": "two", "ate": "eight", "won": "one", "fore": "four"}
_FINAL = frozenset({"please", "people", "pm", "am", "oclock", ".", ",", "?", "!"})


def _is_ordinal(before: str, after: str) -> bool:
    return before in MONTHS or before == "the" or (after == "of" and before != "a")


# "that one", "the second one": a thing, not a number.
_POINTING = frozenset(["that", "this", "which", "other", "another", "each", "every", "any", "last", "next", "same"])
_COUNTING = _PEOPLE | {"pm", "am", "oclock", "oh", "o", "or", "hundred", "is", ":"}


def _is_article(before: str, after: str) -> bool:
    if after in _COUNTING or after in TENS or SMALL.get(after, 0) > 12 or (len(after) == 2 and after.isdigit()):
        return False
    return before in _POINTING or before.endswith("th") or (before == "and" and after == "at")


def homophones(words: list[str], expecting: str | None) -> None:
    """Replace, in place, words that stand where only a number can stand ("table for for", "at ate")."""
    for index, word in enumerate(words):
        if word not in _SOUNDS:
            continue
        before = words[index - 1] if index else ""
        after = words[index + 1] if index + 1 < len(words) else ""
        if _sounds_like_number(word, before, after, expecting):
            words[index] = _SOUNDS[word]
    if expecting in ("time", "party_size") and words and words[0] in _SOUNDS and set(words[1:]) <= _FINAL:
        words[0] = _SOUNDS[words[0]]


def _sounds_like_number(word: str, before: str, after: str, expecting: str | None) -> bool:
    if after in _PEOPLE and (before in _BEFORE_PEOPLE or not before):
        return True
    if word in ("ate", "too", "won", "fore") and before in _BEFORE_TIME and after not in ("much", "many", "long"):
        return True
    if word in ("for", "to") and before in ("for", "of", "at") and not _is_digits(after):
        return after in ("", ".", ",", "?", "!", "at", "on", "tonight", "tomorrow", "pm", "am", "please")
    return expecting in ("phone", "code") and _is_digits(before) and (_is_digits(after) or after in ("", *_SOUNDS))


def _is_digits(word: str) -> bool:
    return word.isdigit() or word in SMALL or word in TENS or word == "oh"


WORDS = NumberWords(
    small=SMALL,
    tens=TENS,
    tens_link="",
    hundreds={},
    hundred="hundred",
    thousand="thousand",
    ordinals=ORDINALS,
    shy_ordinals=frozenset({"first", "second", "third"}),
    is_ordinal=_is_ordinal,
    fillers=frozenset(["uh", "um", "uhm", "er", "erm", "hmm", "hm", "mm", "ah", "uhh", "umm", "ehm", "eh"]),
    joins={
        ("p", "m"): "pm",
        ("a", "m"): "am",
        ("o", "clock"): "oclock",
        ("uh", "huh"): "uhhuh",
        ("mm", "hm"): "mmhm",
        ("mm", "hmm"): "mmhm",
        ("mid", "night"): "midnight",
        ("mid", "day"): "midday",
        ("a", "dozen"): "twelve",
    },
    zero_words=frozenset({"oh", "o"}),
    article_ones=frozenset({"one"}),
    is_article=_is_article,
    repeats={"double": 2, "triple": 3},
    homophones=homophones,
    vague_ending="ish",
)
