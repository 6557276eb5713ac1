"""What becomes of a call that comes in: a closed union."""

from dataclasses import dataclass
from typing import Literal

from voice_engine.ports.call import CallSpec, Language


@dataclass(frozen=True, slots=True, kw_only=True)
class Converse:
    """The receptionist talks."""

    spec: CallSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Forward:
    """Ring `number` for `ring_s`, showing `caller_id` (None: the caller's own), then ask how it went."""

    number: str
    caller_id: str | None
    ring_s: int
    ask_after: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveMessage:
    """Say `greeting`, record at most `max_seconds`."""

    greeting: str
    language: Language
    max_seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Announce:
    """Say `text` and hang up: nobody talks, and no message is taken."""

    text: str
    language: Language


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """Do not take the call; a busy tone, or "rejected"."""

    reason: Literal["busy", "rejected"] = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Nobody:
    """The number is not ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Over:
    """The call is done: somebody talked to it elsewhere, or it has ended."""


Decision = Converse | Forward | LeaveMessage | Announce | Reject | Nobody | Over
