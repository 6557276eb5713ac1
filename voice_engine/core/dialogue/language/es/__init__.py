"""Spanish."""

from voice_engine.core.dialogue.language.es.grammar import SPANISH

__all__ = ["SPANISH"]
