"""Why a document is not read. The words are the surface's."""

from voice_engine.errors import InvalidInput


def unsupported() -> InvalidInput:
    """Something else than what we read."""
    return InvalidInput("unsupported_file_type", "send a PDF, DOCX, CSV or TXT file; this is something else")


def unreadable(reason: str) -> InvalidInput:
    """The right kind, but of no use. `reason` ends the sentence "this file …"."""
    return InvalidInput("unreadable_file", f"this file {reason}")


def too_much() -> InvalidInput:
    """It asks for more than the limits."""
    return unreadable("is too large to be read, or made to be")
