"""English."""

from voice_engine.core.dialogue.language.en.grammar import ENGLISH

__all__ = ["ENGLISH"]
