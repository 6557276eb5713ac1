"""The error vocabulary of every layer: a kind (the class) and a stable code (a snake_case word).

Domain code knows no HTTP; each surface maps kinds to its own status codes and envelope in one table.
"""

from collections.abc import Mapping
from typing import Any


class VoiceEngineError(Exception):
    """An error with a stable `code` for machines and a `message` that tells a person what to do.

    `details` are facts for machines that the message only tells in words: JSON values, no secret.
    """

    def __init__(self, code: str, message: str, *, details: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = dict(details or {})


class InvalidInput(VoiceEngineError):
    """The caller of this function gave something unusable: a file, a key, a value."""


class NotAllowed(VoiceEngineError):
    """The request is understood and refused."""


class NotFound(VoiceEngineError):
    """The named thing does not exist, or not for this caller."""


class Conflict(VoiceEngineError):
    """The thing exists in a state that does not permit this."""


class QuotaExceeded(VoiceEngineError):
    """A limit of capacity, money or rate is used up."""


class UpstreamFailed(VoiceEngineError):
    """A provider failed; `retryable` says whether the same request may succeed later."""

    def __init__(self, code: str, message: str, *, provider: str, retryable: bool) -> None:
        super().__init__(code, message)
        self.provider = provider
        self.retryable = retryable


class ProtocolError(VoiceEngineError):
    """The peer broke the wire protocol. Parsers raise this and nothing else, whatever the bytes."""
