"""The respondents that need no file: a person who goes along with whatever is asked, and a mailbox."""

import re

from voice_engine.carrier.script import RespondentScript, Step

_ANY = re.compile(r"\w")
_PARTING = re.compile(r"\b(thanks|thank you|bye|goodbye|gracias|adi[óo]s|hasta luego)\b", re.IGNORECASE)

_WORDS = {
    "en": {
        "hello": "Hello, how can I help you?",
        "agree": "Yes, that works for us.",
        "sure": "Yes, that is right.",
        "bye": "You are welcome. Goodbye.",
    },
    "es": {
        "hello": "Hola, ¿en qué puedo ayudarle?",
        "agree": "Sí, nos viene bien.",
        "sure": "Muy bien, sí, está bien así.",
        "bye": "De nada. Adiós.",
    },
}

_CALLERS = {
    "en": ("Hello, what are your opening hours, please?", "Great, thank you very much. Goodbye."),
    "es": ("Hola, buenas, ¿cuál es su horario, por favor?", "Perfecto, muchas gracias. Adiós."),
}

MAILBOX_OPEN_MS = 60_000
"""How long a mailbox records before it hangs up."""


def person(language: str) -> RespondentScript:
    """Somebody friendly who agrees to everything until thanked, and hangs up; `language` is en or es."""
    words = _WORDS[language]
    steps = (
        Step(id="hello", wait_ms=300, say=words["hello"]),
        Step(id="agree", when=_ANY, say=words["agree"]),
        Step(id="bye", when=_PARTING, otherwise=words["sure"], say=words["bye"], hang_up=True),
    )
    return RespondentScript(name=f"default-{language}", language=language, steps=steps)


def caller(language: str) -> RespondentScript:
    """Somebody who calls with a question, thanks for the answer and hangs up; `language` is en or es."""
    question, thanks = _CALLERS[language]
    steps = (
        Step(id="question", when=_ANY, say=question),
        Step(id="thanks", when=_ANY, say=thanks, hang_up=True),
    )
    return RespondentScript(name=f"caller-{language}", language=language, steps=steps)


def voicemail(greeting: str, language: str) -> RespondentScript:
    """A mailbox: greeting, record tone, a minute of silence, hang-up."""
    steps = (
        Step(id="greeting", wait_ms=400, say=greeting),
        Step(id="tone", wait_ms=500, beep=True),
        Step(id="recording", silence_ms=MAILBOX_OPEN_MS, hang_up=True),
    )
    return RespondentScript(name="voicemail", language=language, steps=steps)
