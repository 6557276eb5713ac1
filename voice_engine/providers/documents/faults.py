"""Why a document is not read. The words are the surface's."""

from typing import Literal

from voice_engine.errors import InvalidInput

Reason = Literal["damaged", "encrypted", "empty", "no_text", "too_large"]
"""Why, for surfaces that say it in a person's own language."""


def unsupported() -> InvalidInput:
    """Something else than what we read."""
    return InvalidInput("unsupported_file_type", "send a PDF, DOCX, CSV or TXT file; this is something else")


def unreadable(reason: Reason, told: str) -> InvalidInput:
    """The right kind, but of no use. `told` ends the sentence "this file …"."""
    return InvalidInput("unreadable_file", f"this file {told}", details={"reason": reason})


def too_much() -> InvalidInput:
    """It asks for more than the limits."""
    return unreadable("too_large", "is too large to be read, or made to be")
