"""What is said when a provider has failed without a substitute. Fixed words: nothing may fail here."""

from collections.abc import Mapping

from voice_engine.core.dialogue.actions import Hangup
from voice_engine.ports.call import Language
from voice_engine.runtime.steps import Clause, Do, Step

APOLOGY: Mapping[Language, str] = {
    "en": "I'm sorry, I have a technical problem and have to hang up. I'll be in touch again. Goodbye.",
    "es": "Lo siento, tengo un problema técnico y debo colgar. Volveremos a ponernos en contacto. Adiós.",
}


def apology_steps(language: Language) -> list[Step]:
    """Apologise, then hang up."""
    clause = Clause(text=APOLOGY[language], interruptible=False, template="apology")
    return [clause, Do(action=Hangup())]
