"""Speech acts recognised by their words: what a model may never do, and what only with the policy's licence."""

import re
from collections.abc import Mapping

from voice_engine.ports.call import Direction, Language


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(rf"(?:{pattern})" for pattern in patterns), re.IGNORECASE)


FORBIDDEN: Mapping[str, re.Pattern[str]] = {
    "denies_ai": _any(
        r"\bnot (?:a |an |really a )?(?:robot|bot|machine|ai|computer|recording|automated)\b",
        r"\b(?:i'm|i am|i’m|this is|speaking (?:to|with)|talking (?:to|with)) (?:a |an )?(?:real |actual |live )?"
        r"(?:human|person)\b",
        r"\b(?:no soy|no está hablando con) (?:un |una )?(?:robot|bot|máquina|ia|inteligencia|grabación|ordenador)",
        r"\b(?:soy|habla con|hablando con) (?:un |una )?(?:ser human|human[oa]\b|persona\b)",
    ),
    "names_address": _any(r"https?:|www\.", r"\b\w+\.(?:com|org|net|io|es|ai|co)\b", r"\w@\w"),
    "not_speech": _any(
        r"[{}<>\[\]*_#|`~^\\=]", r"(?:^|[.!?,\n])\s*(?:assistant|ai|human|user|caller|system|asistente)\s*:"
    ),
    "breaks_character": _any(
        r"\blanguage model\b|\bsystem prompt\b|\bmy (?:instructions|prompt|programming)\b|\bas an ai\b|\bchatgpt\b",
        r"\bi (?:can't|cannot|can’t|am unable to|'m unable to) (?:help|assist|comply|do that)\b",
        r"\bmodelo de lenguaje\b|\bmis instrucciones\b|\bcomo (?:una )?ia\b|\bno puedo (?:ayudar|asistir)",
    ),
}
"""Whatever the policy wanted, words like these are not spoken."""

SWAPPED: Mapping[Direction, re.Pattern[str]] = {
    "outbound": _any(
        r"\bhow (?:can|may) (?:i|we) (?:help|assist)\b|\bthank(?:s| you) for calling\b|\bwelcome to\b",
        r"(?<!could )(?<!can )(?<!may )\bwe(?: do)? have (?:a |an )?(?:table|room|opening|slot|availability)",
        r"\ben qué (?:puedo|le puedo|podemos) (?:ayudar|servir)|\bgracias por llamar\b|\bbienvenid",
        r"\b(?:sí )?tenemos (?:una |un )?(?:mesa|habitaci|hueco|disponib)",
    ),
    "inbound": _any(r"\bi(?:'m|’m| am) calling (?:to|about|for)\b|\b(?:llamo|estoy llamando) (?:para|de parte)"),
}
"""Words of the other side of the line: small models change places with the person they talk to."""

LICENSED: Mapping[str, re.Pattern[str]] = {
    "booked": _any(
        r"\b(?:booked|reserved|confirmed|all set|scheduled|cancell?ed|rescheduled|moved)\b",
        r"\bmade (?:a|the|your|that) (?:reservation|booking|appointment)\b|\bis set\b|\bdone\b",
        r"\b(?:reservad|confirmad|agendad|apuntad|cancelad|anotad)[oa]s?\b|\btodo listo\b",
        r"\bqued[aó] (?:hech|list)[oa]\b|\bhe (?:hecho|apuntado|cambiado)\b",
    ),
    "accepts": _any(
        r"\bworks\b|\bsounds (?:good|great|perfect)\b|\b(?:we|i)(?:'ll|’ll| will) take\b",
        r"(?:'s|’s|\bis|\bare|\bbe) (?:just |all )?(?:fine|good|perfect|great|okay)\b",
        r"\b(?:me|nos|le) (?:sirve|va (?:muy )?bien|viene (?:muy )?bien|va perfecto|quedamos)\b",
        r"\bde acuerdo\b|\best(?:á|aría) bien\b|\bperfecto\b",
    ),
    "declines": _any(
        r"\bno,? thank|\b(?:doesn't|doesn’t|does not|won't|won’t|will not|wouldn't) work\b",
        r"\bnever ?mind\b|\bnot interested\b|\bwe(?:'ll|’ll| will) pass\b|\bforget (?:it|about)\b",
        r"\bno,? gracias\b|\bno (?:me|nos|le) (?:sirve|va|viene|funciona)\b|\bno (?:me|nos) interesa\b",
    ),
    "farewell": _any(
        r"\b(?:good ?bye|bye)\b|\bhave a (?:great|nice|good|lovely|wonderful)\b",
        r"\badi[óo]s\b|\bhasta (?:luego|pronto|la vista)\b|\bque (?:tenga|pase)\b",
    ),
    "transfers": _any(
        r"\btransfer|\bconnect(?:ing)? you\b|\bput(?:ting)? you through\b",
        r"\btransfi?er|\ble (?:paso|comunico|pongo)\b",
    ),
    "promises_call": _any(
        r"\bcall(?:s)? you (?:back)?|\b(?:will|'ll|’ll) (?:call|get back)\b|\bget back to you\b",
        r"\b(?:le|te) (?:llamar|devolver)(?:á|án|emos|é)\b|\bvolver(?:emos|é|án) a llamar",
    ),
    "waives": _any(
        r"(?<!anything )(?<!nothing )(?<!something )(?<!be )\bfree\b",  # those speak of times, not of money
        r"\bno charge\b|\bdiscount|\brefund|\bgratis\b|\bdescuento\b|\breembols",
    ),
    "advises": _any(r"\byou should (?:take|stop)\b|\bdosage\b|\bdiagnos|\bdeber[íi]a tomar\b|\bdosis\b"),
}
"""Spoken only when the policy's own sentence does the same."""

DISCLOSURES: Mapping[str, re.Pattern[str]] = {
    "ai": _any(
        r"\b(?:ai|virtual|automated|digital)\b|\bartificial intelligence\b|\brobot\b",
        r"\b(?:ia|virtual|automátic[oa])\b|\binteligencia artificial\b",
    ),
    "recorded": _any(r"\brecord", r"\bgrab"),
}
"""What people are owed: a model may say it at any time, and may not leave it out."""

_BINDING = frozenset({"booked", "farewell", "transfers", "promises_call"})

ACTS_OF_TEMPLATE: Mapping[str, frozenset[str]] = {
    "accept": frozenset({"accepts"}),
    "accept_switch": frozenset({"accepts"}),
    "that_is_right": frozenset({"accepts"}),
    "no_preference": frozenset({"accepts"}),
    "booked": frozenset({"accepts", "booked"}),
    "thanks_booked": frozenset({"accepts", "booked"}),
    "counter": frozenset({"declines"}),
    "counter_again": frozenset({"declines"}),
    "counter_exact": frozenset({"declines"}),
    "correct": frozenset({"declines"}),
    "booked_inbound": frozenset({"accepts", "booked"}),
    "moved": frozenset({"booked"}),
    "cancelled": frozenset({"booked"}),
}
"""What an act does, however its variants are worded; the words of the variant spoken are licensed besides."""

_FUNCTION_WORDS: Mapping[Language, frozenset[str]] = {
    "en": frozenset({
        "the", "is", "are", "you", "we", "it", "and", "for", "of", "to", "that", "this", "with", "would", "could",
        "your", "have", "what", "at", "i", "please", "thank", "thanks", "can", "be", "my", "do", "does", "will",
    }),
    "es": frozenset({
        "el", "la", "los", "las", "es", "son", "y", "para", "de", "que", "con", "una", "un", "por", "favor",
        "su", "gracias", "tiene", "podría", "puede", "usted", "se", "le", "mi", "en", "qué", "está", "del", "al",
    }),
}  # fmt: skip
_WORD = re.compile(r"[^\W\d_]+")
_MIN_FOREIGN = 2


def acts_in(text: str) -> frozenset[str]:
    """The licensed acts whose words occur in `text`."""
    return frozenset(name for name, pattern in LICENSED.items() if pattern.search(text))


def duties_in(text: str) -> frozenset[str]:
    """The acts and disclosures in `text` that a paraphrase must keep.

    Acceptance and refusal are not among them: they are said in too many ways, and their facts are required anyway.
    """
    disclosed = {name for name, pattern in DISCLOSURES.items() if pattern.search(text)}
    return (acts_in(text) & _BINDING) | disclosed


def forbidden_in(text: str, direction: Direction) -> str | None:
    """The first rule that `text` breaks whatever the policy wants, or None."""
    for name, pattern in FORBIDDEN.items():
        if pattern.search(text):
            return name
    return "swaps_roles" if SWAPPED[direction].search(text) else None


def is_foreign(text: str, language: Language) -> bool:
    """Whether `text` is in the other language, by its function words; short clauses are given the benefit."""
    words = _WORD.findall(text.lower())
    other: Language = "es" if language == "en" else "en"
    foreign = sum(word in _FUNCTION_WORDS[other] for word in words)
    native = sum(word in _FUNCTION_WORDS[language] for word in words)
    letters = [char for char in text if char.isalpha()]
    latin = sum(char < "ɐ" for char in letters)
    return (foreign >= _MIN_FOREIGN and foreign > native) or latin < len(letters)
