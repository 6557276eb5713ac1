"""Language understanding and speaking, English and Spanish: rules over what a recogniser writes. Pure."""

from voice_engine.core.dialogue.language.model import Context, Expecting, Slots, Understanding, Window
from voice_engine.core.dialogue.language.speak import speak_date, speak_number, speak_phone, speak_time, spell
from voice_engine.core.dialogue.language.understand import normalise, understand
from voice_engine.core.dialogue.language.window import parse_window

__all__ = [
    "Context",
    "Expecting",
    "Slots",
    "Understanding",
    "Window",
    "normalise",
    "parse_window",
    "speak_date",
    "speak_number",
    "speak_phone",
    "speak_time",
    "spell",
    "understand",
]
