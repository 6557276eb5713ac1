"""What services tell of numbers beyond their rows."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from voice_engine.domains.numbers.models import ForwardingTarget, PhoneNumber
from voice_engine.domains.numbers.repository.traffic import Traffic
from voice_engine.ports.telephony import VerificationChannel


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A forwarding target, whether it is proven to be the organization's, and the ids of numbers that use it."""

    row: ForwardingTarget
    verified: bool
    used_by: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """A number with what it was used for and how its calls are answered. `renews_at` None: it costs nothing."""

    number: PhoneNumber
    traffic: Traffic
    renews_at: dt.datetime | None
    language: str
    recording: bool
    active_rules: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A code is on its way. `resend_after`: when it makes sense to ask for another."""

    e164: str
    channel: VerificationChannel
    expires_at: dt.datetime
    tries_left: int
    resend_after: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Ownership:
    """Where the proof of a number stands; `sent` None when no code is on its way."""

    number: PhoneNumber
    sent: Sent | None = None
