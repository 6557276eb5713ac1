"""What is said around takeovers and transfers. Fixed words: no policy or model is asked for them."""

from collections.abc import Mapping

from voice_engine.ports.call import Language
from voice_engine.runtime.steps import Clause, Step

CONNECTING: Mapping[Language, str] = {
    "en": "One moment please, I'm connecting you now.",
    "es": "Un momento, por favor, le paso ahora mismo.",
}
STILL_CONNECTING: Mapping[Language, str] = {
    "en": "Please stay on the line, I'm still connecting you.",
    "es": "No cuelgue, por favor, sigo intentando pasarle.",
}
UNREACHED: Mapping[Language, str] = {
    "en": "I'm sorry, nobody can come to the phone right now. How can I go on helping you?",
    "es": "Lo siento, ahora mismo no puede ponerse nadie. ¿En qué más puedo ayudarle?",
}
TAKE_IT: Mapping[Language, str] = {
    "en": "Hello. A caller for {business} wants to speak to you. Press 1 to take the call.",
    "es": "Hola. Una persona que llama a {business} quiere hablar con usted. Pulse 1 para atenderla.",
}
"""Said to whoever picks up at a transfer's target."""


def line(words: Mapping[Language, str], language: Language) -> list[Step]:
    """One of the sentences above, as something to say."""
    return [Clause(text=words[language], template="takeover")]
