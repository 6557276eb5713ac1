"""How long a silence must be to end a turn: from how the text ends, from what was asked, and from the caller.

| the text so far                                              | ending   | wait               |
|--------------------------------------------------------------|----------|--------------------|
| answers the open question completely                         | COMPLETE | `short_wait_ms`    |
| is a question, thanks or takes leave, or a bare yes or no    | SETTLED  | `settled_wait_ms`  |
| that was asked for                                           |          |                    |
| trails off: conjunction, preposition, article, filler, an    | CUED     | `cued_wait_ms`     |
| open slot, a dangling verb, "let me check", missing digits   |          |                    |
| ends with a comma, a dash or dots, or without a full stop    | HESITANT | `hesitant_wait_ms` |
| from a recognizer that sets them                             |          |                    |
| anything else, or not known yet                              | ORDINARY | `wait_ms`          |
| either of these, and the recognizer doubts how it ends       |          | `doubted_wait_ms`  |

The caller's own pace is added to all but the first two (`CallerPace`).
"""

import re
from enum import StrEnum

from .events import ContextChanged, Expecting
from .settings import TurnSettings
from .words import is_yes_or_no, vocabulary, words_of


class Ending(StrEnum):
    """How finished a text looks."""

    COMPLETE = "complete"
    SETTLED = "settled"
    ORDINARY = "ordinary"
    CUED = "cued"
    HESITANT = "hesitant"


_TRAILING: dict[str, frozenset[str]] = {
    "en": vocabulary(
        "and or but because cause if when while which than as like with without for from to at in on of by "
        "about before after since although unless whether including so ah eh till until around between into "
        "near per plus the a an my his our your their its be would just very um umm uh uhh er erm hmm mm let's "
        "let i'm i'd i'll i've we're we'd we'll we've he's she's they're you're that's there's what's it's "
        "it'll it'd double triple under every each may might"
    ),
    "es": vocabulary(
        "y e o u pero porque pues si cuando mientras que quien como con sin para por de del desde a al hasta "
        "en entre sobre hacia según tras ante contra el la los las lo él un una unos unas ni mi mis tu tus su sus "
        "nuestro nuestra son soy estoy quiero quisiera quería necesito sería ser muy eh ehh em mmm este "
        "digamos doble cada algún alguna me te se nos le les he ha hemos"
    ),
}
_TRAILING_PHRASES: dict[str, re.Pattern[str]] = {
    "en": re.compile(
        r"(?:\blet me (?:check|see|look|think|have a look|ask)(?: (?:on )?(?:that|it|here))?(?: for you)?"
        r"|\b(?:i|we) can (?:do|offer|give you)|\b(?:i|we) (?:only have|want|need|got)|\bhow about"
        r"|\bwhat about|\bgive me|\bhold on|\bone (?:moment|second|sec)|\bjust a (?:moment|second|sec|minute)"
        r"|\bi (?:guess|mean)|\byou know|\b(?:your|the|a) confirmation (?:number|code)|\ba table|\blooking for"
        r"|\bsomething like"
        r"|\b(?:can|could|would) you tell me|(?<!sorry )\babout that|-end"
        r"|\b(?:tell|told|say|said|know|knew|think|thought|heard|hope|sure|see|mean|ask|asked)"
        r"(?: (?:me|you|him|her|them|us))? that"
        # Moonshine's spelling of a lone "and": "a check up end".
        r"|\b(?!(?:the|an|this|that|each|my|far|dead|back|front|year|month|to|will|it) )\w+ end"
        r"|\b(?:name|number|code|time|date|address|price|this) (?:is|was|would be))$"
    ),
    "es": re.compile(
        r"(?:\ba la|\bdéjeme (?:ver|mirar|comprobar|consultar|pensar)|\bdeje que (?:mire|compruebe|consulte)"
        r"|\bvamos a ver|\ba ver|\bpodemos (?:ofrecerle|darle|hacer)|\b(?:le|te) puedo (?:ofrecer|dar)|\bqué tal"
        r"|\bun (?:momento|segundo|momentito)|\b(?:nombre|número|teléfono|código|precio|dirección|hora) es"
        r"|\bme llamo|\bcreo que|\bo sea|\buna mesa|\balgo como|\bpara (?:la|una)|\ben la|\bde la|\by la"
        r"|\b(?!(?:para|a|por|sin) )\w+ mí|\bpor qué"
        # A lone "o", "a", "a la" that Whisper joins to the word before: "el luneso", "puede mandara", "irala".
        r"|\b(?:lunes|martes|miércoles|jueves|viernes|sábado|domingo)(?:on?|[aeiy])"
        r"|\b(?:pued[oe]n?|podrían?|quier[oe]n?|quisiera|tengo que|hay que) \w+[aei]ra|\w*[aei]ralas?"
        # Its spellings of a lone "y": "una limpieza ahí".
        r"|\b(?!(?:está|están|estoy|estás|por|de|desde|que|qué|no|si|lo) )\w+ (?:ahí|ay|hay|i|ah))$"
    ),
}
_COMPLETE_ENDS: dict[str, re.Pattern[str]] = {
    # Sentences that do end in a word which otherwise trails off.
    "en": re.compile(
        r"(?:\d ?am|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirty|fifteen) am"
        r"|\b(?:check|come|go|walk|drop|move|stop|log) in|\blove to|\bhappy to|\bto be|\bas well"
        r"|\b(?:think|hope|guess|say|said|do|suppose|and) so|\b(?:long|ever|day|never) (?:before|after|since)"
        r"|(?:\bbeen|'ve|\bdid|\bwas|\bwere)\b.* before"
        r"|\b(?:log|logged|go|going|come|early|later|from now) on"
        # "What name is it under": the preposition belongs to the word that asks.
        r"|\b(?:what|who|which|where)\b.* (?:is|was|are|put|book|hold|make) (?:it|that|this|them|they|you|he|she)"
        r" (?:for|under|at|to|from|with|about))$"
    ),
    "es": re.compile(
        r"(?:\b(?:así|eso|esto|ésa|ése) (?:es|son)|\ba la una|\b(?:no|sí|yo) lo"
        r"|\bno (?:quiero|puedo|tengo|estoy|soy|sé))$"
    ),
}
_CODE_HINT = re.compile(r"\b(?:confirmation|code|reference|booking|confirmación|código|referencia|localizador)\b")
_CODE_SAID = re.compile(r"\b(?:confirmation|code|reference|código|referencia|localizador)(?: number)? (?:is|es)\b")
_NUMBER_HINT = re.compile(r"\b(?:number|phone|call|reach|cell|mobile|número|teléfono|móvil|llame|llamar)\b")
_DIGIT_WORDS: dict[str, frozenset[str]] = {
    "en": vocabulary("zero oh o one two three four five six seven eight nine double triple"),
    "es": vocabulary("cero uno una dos tres cuatro cinco seis siete ocho nueve doble triple"),
}
_NUMBER_WORDS: dict[str, frozenset[str]] = {
    "en": _DIGIT_WORDS["en"]
    | vocabulary(
        "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty forty "
        "fifty sixty seventy eighty ninety hundred thousand"
    ),
    "es": _DIGIT_WORDS["es"]
    | vocabulary(
        "diez once doce trece catorce quince dieciséis diecisiete dieciocho diecinueve veinte veintiuno "
        "veintidós veintitrés veinticuatro veinticinco veintiséis veintisiete veintiocho veintinueve treinta "
        "cuarenta cincuenta sesenta setenta ochenta noventa cien ciento mil"
    ),
}
_YES_OR_NO_ASKED = (Expecting.CONFIRM, Expecting.QUESTION, Expecting.TIME)
_FULL_PHONE = {"en": 10, "es": 9}
"""Digits of a whole number: North American plan 10, Spain 9."""
_WHOLE_NUMBERS = {"en": (7, 10, 11), "es": (9, 11)}
"""The same of numbers nobody asked for: also local, and with the country's code. Recognizers fill up broken-off
numbers ("212 555" came out with thirteen digits), so more is not whole either."""
_NAUGHTS = re.compile(r"0\d")
_FULL_CODE = 4
"""Confirmation codes have at least four characters in nearly all booking systems."""

_TIME: dict[str, re.Pattern[str]] = {
    "en": re.compile(
        r"^(?:(?:at|for|around|about|maybe|yes|yeah|ok|okay|sure|let's say|how about|make it) )*"
        r"(?:\d{1,2}[: ]\d{2}(?: ?[ap]\.? ?m\.?)?|\d{1,2} ?(?:[ap]\.? ?m\.?|o'?clock)|noon|midnight"
        r"|(?:half past|quarter (?:past|to)|a quarter (?:past|to)|ten (?:past|to)|twenty (?:past|to)) \w+"
        r"|(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve) "
        r"(?:o'?clock|thirty|fifteen|forty-?five|forty five|[ap]\.? ?m\.?|in the (?:morning|evening|afternoon)))"
        r"(?: (?:[ap]\.? ?m\.?|please|works|is fine|would be (?:great|fine|good|perfect)|tonight|tomorrow))*$"
    ),
    "es": re.compile(
        r"^(?:(?:a|sobre|para|hacia|sí|si|vale|bueno|mejor) )*(?:las? )?"
        r"(?:\d{1,2}[:. ]\d{2}(?: horas)?|\d{1,2} (?:y (?:media|cuarto)|menos cuarto|en punto|horas)"
        r"|(?:una|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|doce) "
        r"(?:y (?:media|cuarto|diez|veinte)|menos (?:cuarto|diez|veinte)|en punto|treinta|quince)"
        r"(?: de la (?:mañana|tarde|noche))?"
        r"|(?:una|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|doce|\d{1,2}) de la (?:mañana|tarde|noche)"
        r"|mediodía)(?: (?:de la (?:mañana|tarde|noche)|por favor|está bien|perfecto))*$"
    ),
}
_NAME: dict[str, re.Pattern[str]] = {
    "en": re.compile(r"^(?:(?:my name is|it's|it is|this is|i'm|under|the name is|name's) )?\w[\w'-]+ \w[\w'-]+$"),
    "es": re.compile(r"^(?:(?:me llamo|mi nombre es|soy|a nombre de|es) )?\w[\w'-]+ \w[\w'-]+(?: \w[\w'-]+)?$"),
}
_PARTY: dict[str, re.Pattern[str]] = {
    "en": re.compile(
        r"^(?:(?:for|we are|we're|there will be|a|yes|just|party of|a party of|table for) )*(?:\d{1,2}|[a-z]+) "
        r"(?:people|persons|guests|adults|of us)(?: please)?$"
    ),
    "es": re.compile(
        r"^(?:(?:para|somos|seremos|sí|una mesa para) )*(?:\d{1,2}|[a-zé]+) (?:personas|adultos|comensales)"
        r"(?: por favor)?$"
    ),
}
_HESITANT = re.compile(r"(?:\.\.\.|…|-|—|,)$")
_SETTLED = re.compile(
    r"(?:\?|\b(?:thank you|thanks|(?:good)?bye|have a (?:good|great|nice) (?:day|one|evening|night|weekend)"
    r"|gracias|adiós|hasta luego|buen día|buenas noches))$"
)


def ends_sentence(text: str) -> bool:
    """Whether the recognizer put a full stop, a question mark or an exclamation mark at the end."""
    return text.rstrip(" \"'»")[-1:] in tuple(".?!") and not text.endswith("...")


def ending_of(text: str, language: str, expecting: Expecting | None, *, punctuates: bool = False) -> Ending:
    """Judge how finished `text` (a turn so far, as a recognizer wrote it) looks.

    `punctuates`: this recognizer is known to end sentences with a mark; without one, the sentence goes on.
    """
    words = words_of(text)
    if not words:
        return Ending.ORDINARY
    plain = " ".join(words)
    if _digits_missing(words, language, expecting):
        return Ending.CUED
    hesitant = bool(_HESITANT.search(text.rstrip(" \"'"))) or (punctuates and not ends_sentence(text))
    if not hesitant and _is_answer(plain, language, expecting):
        return Ending.COMPLETE
    if _trails_off(words, plain, language) and not text.rstrip().endswith("por qué?"):
        return Ending.CUED
    if hesitant:
        return Ending.HESITANT
    settled = _SETTLED.search(text.rstrip(" .!").lower()) or (
        expecting in _YES_OR_NO_ASKED and is_yes_or_no(text, language)
    )
    return Ending.SETTLED if settled else Ending.ORDINARY


def _trails_off(words: list[str], plain: str, language: str) -> bool:
    last = words[-1].rpartition("-")[2] if words[-1] not in _TRAILING[language] else words[-1]
    trails = last in _TRAILING[language] or _TRAILING_PHRASES[language].search(plain)
    return bool(trails) and not _COMPLETE_ENDS[language].search(plain)


def _is_answer(plain: str, language: str, expecting: Expecting | None) -> bool:
    match expecting:
        case Expecting.TIME:
            # The recognizer may write "8:30" or "8.30"; `plain` has lost the colon.
            return bool(_TIME[language].match(plain))
        case Expecting.PARTY_SIZE:
            return bool(_PARTY[language].match(plain))
        case Expecting.NAME:
            complete = _NAME[language].match(plain)
            return bool(complete) and plain.rsplit(" ", 1)[-1] not in _TRAILING[language]
        case Expecting.PHONE:
            return _count_digits(plain.split(), language) >= _FULL_PHONE[language]
        case _:
            return False


def _digits_missing(words: list[str], language: str, expecting: Expecting | None) -> bool:
    """Whether the text ends inside a string of digits."""
    run = _digit_run(words, language)
    if expecting is Expecting.PHONE:
        total = _count_digits(words, language)
        return bool(run) and total < _FULL_PHONE[language]
    if expecting is Expecting.CODE:
        return bool(run) and _count_digits(words, language) < _FULL_CODE
    # Nobody asked for digits: three and more single ones in a row are a number being read out, two are without any
    # other word (the recognizer lost what introduced them), and so is what begins with a naught.
    count = _count_digits(run, language)
    least = 2 if expecting is None and len(run) == len(words) else 3
    spelled = len(run) >= least and all(word in _DIGIT_WORDS[language] or len(word) == 1 for word in run)
    spelled = spelled or bool(run and _NAUGHTS.match(run[0]))
    announced = bool(_NUMBER_HINT.search(" ".join(words))) and _is_digits(words[-1])
    if _CODE_HINT.search(" ".join(words)):
        said = bool(run and _CODE_SAID.search(" ".join(words)))
        return (spelled or announced or said) and count < _FULL_CODE
    return (spelled or announced) and count not in _WHOLE_NUMBERS[language]


def _digit_run(words: list[str], language: str) -> list[str]:
    """The words at the end that are digits or number words."""
    start = len(words)
    while start and (_is_digits(words[start - 1]) or words[start - 1] in _NUMBER_WORDS[language]):
        start -= 1
    return words[start:]


def _is_digits(word: str) -> bool:
    return word.replace("-", "").isdecimal()


def _count_digits(words: list[str], language: str) -> int:
    """Digits said, also as number words; "double" counts for one more."""
    count = 0
    for word in words:
        if _is_digits(word):
            count += sum(character.isdecimal() for character in word)
        elif word in _DIGIT_WORDS[language]:
            count += 2 if word == "triple" else 1
        elif word in _NUMBER_WORDS[language]:
            count += 2
    return count


class CallerPace:
    """Widens the wait for a caller who goes on soon after being ended, and lets it shrink again."""

    __slots__ = ("_settings", "extra_ms")

    def __init__(self, settings: TurnSettings, extra_ms: float = 0.0) -> None:
        self._settings = settings
        self.extra_ms = extra_ms

    def turn_was_cut(self) -> None:
        """The caller went on after their turn had been ended."""
        self.extra_ms = min(self._settings.adapt_most_ms, self.extra_ms + self._settings.adapt_cut_ms)

    def turn_was_whole(self) -> None:
        """The caller let the reply come."""
        self.extra_ms *= self._settings.adapt_decay
        if self.extra_ms < 1.0:
            self.extra_ms = 0.0


def is_doubtful(
    settings: TurnSettings, language: str, sureness: float | None, alternatives: tuple[tuple[str, float], ...]
) -> bool:
    """Whether a text's end is not to be trusted: unstressed "y", "o", "con" at the end of a breath are misheard.

    `sureness` and `alternatives` as in `HypothesisHeard`.
    """
    if sureness is not None and sureness < settings.doubted_sureness:
        return True
    trailing = sum(share for text, share in alternatives if ending_of(text, language, None) is Ending.CUED)
    return trailing >= settings.doubted_trailing


def required_wait_ms(
    settings: TurnSettings,
    text: str,
    *,
    language: str,
    context: ContextChanged,
    extra_ms: float,
    punctuates: bool = False,
    doubtful: bool = False,
) -> float:
    """Silence after which a turn with this text is over; `text` "" when it is not known yet.

    `doubtful`: how the text ends is not sure (`is_doubtful`).
    """
    if settings.endpointing_fixed_ms is not None:
        return settings.endpointing_fixed_ms
    if context.listening_to_menu:
        return settings.menu_wait_ms
    match ending_of(text, language, context.expecting, punctuates=punctuates):
        case Ending.COMPLETE:
            return settings.short_wait_ms
        case Ending.SETTLED:
            return settings.settled_wait_ms
        case Ending.CUED:
            return settings.cued_wait_ms + extra_ms
        case Ending.HESITANT:
            return (settings.doubted_wait_ms if doubtful else settings.hesitant_wait_ms) + extra_ms
        case Ending.ORDINARY:
            return (settings.doubted_wait_ms if doubtful else settings.wait_ms) + extra_ms
