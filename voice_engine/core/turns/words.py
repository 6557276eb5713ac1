"""Classes of words that turn-taking knows, in English and Spanish. Not understanding: only who may go on speaking.

`classify` tells what an utterance over the engine's speech is; the ends of a text are `endpointing`'s.
"""

import math
import re
import unicodedata
from enum import StrEnum

_NOT_WORD = re.compile(r"[^\w'\s-]|_")


def vocabulary(words: str) -> frozenset[str]:
    """Words separated by blanks, as a set; a phrase of several words is joined by hyphens."""
    return frozenset(words.split())


class Kind(StrEnum):
    """What an utterance is, heard over the engine's speech."""

    NOTHING = "nothing"
    BACKCHANNEL = "backchannel"
    OPENING = "opening"
    """One short word with which backchannels begin, and other things too: "de", "en", "muy"."""
    STOP = "stop"
    SPEECH = "speech"


_BACKCHANNELS: dict[str, frozenset[str]] = {
    "en": vocabulary(
        "mm hm hmm mhm mmhm mm-hm mm-hmm mmm uh-huh uhuh huh uh um ah aha ahh oh ooh yeah yep yup yes ok okay okey "
        "right sure alright cool great good fine perfect nice wow really gotcha absolutely exactly true "
        "i-see got-it all-right of-course uh-oh sounds-good very-good very-well thank-you thanks "
        "understood i-understand i-know makes-sense for-sure interesting that's-right that's-good that's-true"
    ),
    "es": vocabulary(
        "mm hm hmm mhm mmhm mm-hm mmm ajá aja ah aha eh oh sí si ya vale claro bien bueno bien okay ok okey "
        "correcto exacto perfecto entiendo comprendo cierto genial estupendo desde-luego por-supuesto muy-bien "
        "de-acuerdo está-bien esta-bien eso-es así-es ya-veo claro-que-sí gracias "
        "ah-ya qué-bien qué-bueno está-claro lo-entiendo lo-sé ya-sé cómo-no interesante entendido seguro"
    ),
}
_HUM = re.compile(r"m+[ahm-]*|[aeu]h?-?h[aeu]h?[mn]?|h+[mua]+h*|u[hm]+|a(?:j|ch)[aá]")
"""How recognizers spell a hum: "mama", "eh-ha", "hum" for "mm-hm" and "uh-huh" (Moonshine tiny, Whisper base)."""
_LETTER = re.compile(r"[b-df-hj-np-tv-xz]")
"""A lone consonant is how Whisper spells a short syllable: "T, C." for "sí, sí"."""
_NOISE_WORDS: dict[str, frozenset[str]] = {
    # What recognizers make of a cough or a breath: seen with Moonshine tiny and Whisper base.
    "en": vocabulary("you uh huh hmm mm ah oh"),
    "es": vocabulary("y a e o eh ah mm hm u que adiós suscríbete"),
}
_STOPS: dict[str, frozenset[str]] = {
    "en": vocabulary(
        "wait stop no nope hold-on hang-on sorry excuse-me pardon actually hello hey listen "
        "one-second one-moment just-a-second just-a-moment what who"
    ),
    "es": vocabulary(
        "espere espera esperen perdón perdone perdona disculpe disculpa no pare para alto oiga oye pero un-momento "
        "un-segundo un-momentito momento escuche hola qué cómo quién diga dígame dónde donde cuándo cuando cuánto "
        "cuánta cuál puedo puede podría quiero quisiera necesito tengo tiene"
    ),
}
_STOP_STEMS = ("esper", "perdon", "diskulp", "eskuch", "pare", "oiga")
"""Sounds with which Spanish stop words begin, in whatever form the recognizer writes them ("espero", "paré")."""
_YES_NO: dict[str, frozenset[str]] = {
    "en": vocabulary(
        "yes yeah yep yup no nope sure okay ok correct right exactly absolutely perfect great fine "
        "of-course that's-right that-is-right that's-correct that-is-correct that's-fine that-works "
        "sounds-good not-really no-problem yes-please no-thanks no-thank-you yes-it-is no-it-isn't "
        "thank-you thanks"
    ),
    "es": vocabulary(
        "sí si no claro correcto vale exacto exactamente perfecto bien bueno de-acuerdo por-supuesto está-bien "
        "esta-bien así-es eso-es claro-que-sí muy-bien desde-luego sí-señor sí-señora no-gracias sí-gracias "
        "gracias ok okay"
    ),
}
_SAME_SOUNDS = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"qu(?=[ei])|c(?![eihy])", "k"), (r"c(?=[eiy])|z|x", "s"), (r"ll", "y"), (r"v", "b"), (r"g(?=[ei])", "j"),
        (r"(?<!c)h", ""), (r"m(?=[pbv])", "n"),
    )
)  # fmt: skip
"""Spelling to sound, as most Spanish speakers have it (seseo and yeísmo included)."""
_LEAST_ALIKE = 4
"""Shorter words have too many neighbours."""
_LEAST_BEGUN = 5
"""Sounds from its start on that make a beginning of a backchannel; fewer begin too many other words."""
_LEAST_SOUND = 3
"""Sounds that make a beginning when nothing follows them: "con" for "com…"."""
_MOST_GUESSED = 3
"""Recognizers complete a word cut short, into a longer one too: "comprensible" of "compren…"."""
_MOST_PHRASE = 3
_PREFIXED = vocabulary("y e a")
"""What Whisper hears in the breath before a word: "Y sí." for "sí"."""
_LETTER_MS = 80
"""Slow speech: twelve letters a second."""
LONGEST_COUGH_MS = 500
"""A cough's or a breath's voiced frames; a word that coughs are taken for counts as one beyond it."""


def words_of(text: str) -> list[str]:
    """Lower-case words without punctuation; hyphens and apostrophes stay inside words."""
    normal = unicodedata.normalize("NFC", text).lower().replace("’", "'")
    return [word for word in (raw.strip("-'") for raw in _NOT_WORD.sub(" ", normal).split()) if word]


def only_of(words: list[str], phrases: frozenset[str]) -> bool:
    """Whether the words are nothing but phrases of the set (phrases of several words are joined by hyphens)."""
    at = 0
    while at < len(words):
        for length in range(min(_MOST_PHRASE, len(words) - at), 0, -1):
            if "-".join(words[at : at + length]) in phrases:
                at += length
                break
        else:
            return False
    return bool(words)


def is_backchannel(text: str, language: str) -> bool:
    """Whether the text is only a listener's "I am listening", also if slightly misheard."""
    return only_of([_as_backchannel(word, language) for word in words_of(text)], _BACKCHANNELS[language])


def _as_backchannel(word: str, language: str) -> str:
    """The backchannel that sounds like the word, or the word itself; "mm" for hums and lone consonants."""
    if _HUM.fullmatch(word) or _LETTER.fullmatch(word):
        return "mm"
    if language != "es" or word in _BACKCHANNELS["es"] or len(word) < _LEAST_ALIKE:
        return word
    sound = spanish_sound(word)
    return next((known for known, heard in _BACKCHANNEL_SOUNDS if _nearly(sound, heard)), word)


def spanish_sound(word: str) -> str:
    """How a Spanish word sounds, roughly: letters that are said alike are written alike, accents are dropped."""
    plain = "".join(c for c in unicodedata.normalize("NFD", word.lower()) if not unicodedata.combining(c))
    for pattern, sound in _SAME_SOUNDS:
        plain = pattern.sub(sound, plain)
    return plain


def _nearly(one: str, other: str) -> bool:
    """Whether they differ by one letter at most: another, a missing or an additional one."""
    if abs(len(one) - len(other)) > 1:
        return False
    shorter, longer = sorted((one, other), key=len)
    same = next((at for at, (a, b) in enumerate(zip(shorter, longer, strict=False)) if a != b), len(shorter))
    rest = shorter[same:] if len(shorter) < len(longer) else shorter[same + 1 :]
    return rest == longer[same + 1 :]


def is_yes_or_no(text: str, language: str) -> bool:
    """Whether the text is a bare yes or no: complete as an answer to a question that asks for one."""
    return only_of(words_of(text), _YES_NO[language])


def classify(text: str, language: str, voiced_ms: float) -> Kind:
    """Judge an utterance of `voiced_ms` that was heard while the engine spoke.

    More words than can be said in the time were made up by the recognizer, as is a single function word.
    """
    words = words_of(text)
    if not words or len(words) > 2 + voiced_ms / 90:
        return Kind.NOTHING
    words = _without_echo(words)
    if language == "es" and len(words) > 1 and words[0] in _PREFIXED:
        words = words[1:] if is_backchannel(" ".join(words[1:]), language) else words
    if is_backchannel(" ".join(words), language):
        return Kind.BACKCHANNEL
    if len(words) == 1 and words[0] in _NOISE_WORDS[language] and voiced_ms < LONGEST_COUGH_MS:
        return Kind.NOTHING
    if _is_stop(words, language):
        return Kind.STOP
    return Kind.OPENING if _is_opening(words, language) else Kind.SPEECH


def _without_echo(words: list[str]) -> list[str]:
    """Without the repetitions, and their broken-off end, that recognizers add: "got it, got it, g"."""
    for length in range(1, len(words) // 2 + 1):
        first = words[:length]
        again = [words[at : at + length] for at in range(length, len(words), length)]
        *whole, last = again
        if all(part == first for part in whole) and " ".join(first).startswith(" ".join(last)):
            return first
    return words


def _is_opening(words: list[str], language: str) -> bool:
    """Whether a backchannel begins so: the recognizer heard only its beginning.

    Spanish ones also as they sound: "en tiendas" and "comprensible" began "entiendo" and "comprendo".
    """
    opening = "-".join(words)
    if any(phrase.startswith(opening) for phrase in _BACKCHANNELS[language]):
        return True
    sound = spanish_sound("".join(words))
    if language != "es":
        return False
    return any(
        (len(sound) >= _LEAST_SOUND and phrase.startswith(sound))
        or (sound[:_LEAST_BEGUN] == phrase[:_LEAST_BEGUN] and len(sound) <= len(phrase) + _MOST_GUESSED)
        for phrase in _BACKCHANNEL_PHRASES
    )


def slowest_ms(text: str) -> float:
    """How long the text's words last when said slowly; hums have no length of their own."""
    words = words_of(text)
    hums = any(_HUM.fullmatch(word) for word in words)
    return math.inf if hums else _LETTER_MS * sum(map(len, words))


def _is_stop(words: list[str], language: str) -> bool:
    """Whether they begin with a word or phrase that takes the floor; Spanish ones also as they sound."""
    if any("-".join(words[:length]) in _STOPS[language] for length in range(1, _MOST_PHRASE + 1)):
        return True
    return language == "es" and spanish_sound(words[0]).startswith(_STOP_STEMS)


_BACKCHANNEL_SOUNDS = tuple(
    (word, spanish_sound(word))
    for word in sorted(_BACKCHANNELS["es"])
    if "-" not in word and len(word) >= _LEAST_ALIKE
)
_BACKCHANNEL_PHRASES = tuple(
    sound
    for phrase in sorted(_BACKCHANNELS["es"])
    if len(sound := spanish_sound(phrase.replace("-", ""))) >= _LEAST_BEGUN
)
