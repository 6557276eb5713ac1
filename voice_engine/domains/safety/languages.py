"""The languages in which calls are held."""

from typing import Final

from voice_engine.errors import InvalidInput
from voice_engine.ports.call import Language

SUPPORTED: Final[tuple[Language, ...]] = ("en", "es")


def check_language(language: str) -> Language:
    """`language` as one that is spoken here.

    Raises:
        InvalidInput: `unsupported_language`.
    """
    for known in SUPPORTED:
        if language == known:
            return known
    raise InvalidInput("unsupported_language", "calls are held in English (en) or Spanish (es)")
