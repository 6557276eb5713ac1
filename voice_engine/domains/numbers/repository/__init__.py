"""All SQL of numbers: one module a table or question."""

from voice_engine.domains.numbers.repository.numbers import find_by_e164

__all__ = ["find_by_e164"]
