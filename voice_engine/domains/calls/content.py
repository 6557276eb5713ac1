"""What no call is placed for, whoever asks: threats, impersonation, and getting secrets out of people.

A table of patterns in both languages is a coarse net: it stops what is said plainly. The engine's policies keep to
the task, and the operator's lists and the callee's wish stop the rest. Pure.
"""

import re
from collections.abc import Iterable

from voice_engine.errors import InvalidInput

_RULES: tuple[tuple[str, str], ...] = (
    (
        "threats and harassment",
        r"\b(?:threaten|intimidate|harass|blackmail|extort|stalk|terroriz\w*)(?:s|ed|ing)?\b"
        r"|\b(?:amenaza|acosa|chantajea|extorsiona|intimida|hostiga)(?:r|rle|rlo|rla|les|lo|la|le|n|mos)?\b"
        r"|\b(?:kill|hurt|shoot|beat up) (?:him|her|them|you|your (?:family|kids|children|wife|husband))\b"
        r"|\b(?:matar|golpear|hacer(?:le)? daño a)(?:lo|la|le|los|las|les)?\b(?! (?:el )?(?:tiempo|rato))"
        r"|\b(?:there is|there's|plant(?:ed)?|hay|puesto) (?:a|una) (?:bomb|bomba)\b",
    ),
    (
        "getting passwords, codes or card numbers out of people",
        r"\b(?:get|ask(?: \w+)? for|obtain|trick \w+ into (?:giving|telling)|steal|collect)\b[^.]{0,40}"
        r"\b(?:passwords?|pin(?: code| number)?s?|one[- ]time (?:code|password)s?|verification codes?|otps?"
        r"|(?:social security|credit card|card|cvv|bank account) numbers?|ssn)\b"
        r"|\b(?:pide|pídele|pedir|pedirle|consigue|conseguir|obtener|obtén|roba|robar|sonsaca\w*)\b[^.]{0,40}"
        r"\b(?:contraseñas?|claves?|pin|códigos? de (?:verificación|seguridad)|números? de (?:tarjeta|cuenta))\b",
    ),
    (
        "pretending to be an authority, a bank or somebody in distress",
        r"\b(?:pretend(?:ing)? (?:to be|you(?:'re| are))|pos(?:e|ing) as|impersonat(?:e|ing)"
        r"|act(?:ing)? as if you(?:'re| are| were)?)\b[^.]{0,40}"
        r"\b(?:police|officer|sheriff|fbi|irs|tax (?:office|authority)|government|immigration|court|bank|doctor"
        r"|hospital|lawyer|his|her|their|the owner)\b"
        r"|\b(?:hazte|hacerte|hacerse|haciéndose|fing(?:e|ir|iendo)) (?:pasar )?(?:por|que eres|ser)\b[^.]{0,40}"
        r"\b(?:polic[ií]a|hacienda|gobierno|banco|juzgado|m[eé]dico|abogado|hospital|guardia civil)\b",
    ),
)

_PATTERNS = tuple((what, re.compile(pattern, re.IGNORECASE)) for what, pattern in _RULES)


def check_content(texts: Iterable[str | None]) -> None:
    """Refuse a task that says it is for one of these.

    Raises:
        InvalidInput: `safety_violation`, with the rule in `details.rule`.
    """
    whole = " ".join(" ".join(text.split()) for text in texts if text)
    for what, pattern in _PATTERNS:
        if pattern.search(whole):
            raise InvalidInput(
                "safety_violation",
                f"calls are not placed for {what}; describe an errand that its recipient may know about",
                details={"rule": what},
            )
