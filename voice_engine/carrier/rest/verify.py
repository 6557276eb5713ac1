"""Verification codes with Twilio Verify's rules: six digits, ten minutes, five tries, five sends.

A code is spoken by a real call to the number's line, or stands in the line's log of text messages, for there is no
telephone. The verifications themselves keep only a keyed hash. Unlike Twilio, each send has a fresh code: a hash
cannot be sent again.
"""

import datetime as dt
import hashlib
import hmac
import secrets
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from voice_engine.carrier.rest.answers import ApiError, iso8601, not_found
from voice_engine.carrier.rest.book import new_sid

CODE_DIGITS = 6
CODE_TTL = dt.timedelta(minutes=10)
MAX_CHECKS = 5
MAX_SENDS = 5
KEPT_MESSAGES = 200

Channel = Literal["sms", "call"]

SENTENCES = {
    "en": "Your verification code is: {code}. Once again, your verification code is: {code}. Goodbye.",
    "es": "Su código de verificación es: {code}. De nuevo, su código de verificación es: {code}. Adiós.",
}


@dataclass(slots=True, kw_only=True)
class Verification:
    """One number's proof in progress."""

    sid: str
    service_sid: str
    to: str
    channel: Channel
    created_at: dt.datetime
    updated_at: dt.datetime
    digest: bytes = b""
    status: str = "pending"
    checks: int = 0
    attempts: list[dict[str, str]] = field(default_factory=list)

    def json(self, account_sid: str) -> dict[str, Any]:
        """The resource as Twilio writes it."""
        return {
            "sid": self.sid,
            "service_sid": self.service_sid,
            "account_sid": account_sid,
            "to": self.to,
            "channel": self.channel,
            "status": self.status,
            "valid": self.status == "approved",
            "lookup": {},
            "amount": None,
            "payee": None,
            "sna": None,
            "send_code_attempts": self.attempts,
            "date_created": iso8601(self.created_at),
            "date_updated": iso8601(self.updated_at),
            "url": f"https://verify.twilio.com/v2/Services/{self.service_sid}/Verifications/{self.sid}",
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A text message that a line got."""

    to: str
    text: str
    at: dt.datetime


def random_code() -> str:
    """Six digits that nobody can guess."""
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"


class Verifications:
    """All verifications; kept in memory, as they live ten minutes."""

    def __init__(self, *, now: Callable[[], dt.datetime], make_code: Callable[[], str] = random_code) -> None:
        self.messages: deque[Message] = deque(maxlen=KEPT_MESSAGES)
        self._now = now
        self._make_code = make_code
        self._key = secrets.token_bytes(32)
        self._all: dict[str, Verification] = {}

    def start(self, service_sid: str, to: str, channel: Channel) -> tuple[Verification, str]:
        """A fresh code for a number, and the verification that it belongs to. Raises ApiError: 429 (60203)."""
        self._forget()
        verification = self._pending(service_sid, to)
        if verification is None:
            now = self._now()
            verification = Verification(
                sid=new_sid("VE"), service_sid=service_sid, to=to, channel=channel, created_at=now, updated_at=now
            )
            self._all[verification.sid] = verification
        if len(verification.attempts) >= MAX_SENDS:
            raise ApiError(429, 60203, "Max send attempts reached")
        code = self._make_code()
        verification.digest = self._hash(code)
        verification.channel = channel
        verification.updated_at = self._now()
        attempt = {"time": iso8601(self._now()), "channel": channel, "attempt_sid": new_sid("VL")}
        verification.attempts.append(attempt)
        return verification, code

    def check(self, service_sid: str, code: str, *, sid: str | None, to: str | None) -> Verification:
        """Try a code. Raises ApiError: 404 when there is nothing to check, 429 (60202) after five wrong codes."""
        verification = self._all.get(sid) if sid is not None else self._pending(service_sid, to or "")
        if verification is None or not self._is_pending(verification) or verification.service_sid != service_sid:
            raise not_found(f"/Services/{service_sid}/VerificationCheck")
        if verification.checks >= MAX_CHECKS:
            raise ApiError(429, 60202, "Max check attempts reached")
        verification.checks += 1
        verification.updated_at = self._now()
        if hmac.compare_digest(verification.digest, self._hash(code)):
            verification.status = "approved"
        return verification

    def find(self, service_sid: str, sid: str) -> Verification:
        """A pending verification by its sid or number. Raises ApiError: 404."""
        verification = self._all.get(sid) or self._pending(service_sid, sid)
        if verification is None or not self._is_pending(verification):
            raise not_found(f"/Services/{service_sid}/Verifications/{sid}")
        return verification

    def send(self, to: str, text: str) -> None:
        """A text message reaches a line."""
        self.messages.append(Message(to=to, text=text, at=self._now()))

    def _pending(self, service_sid: str, to: str) -> Verification | None:
        mine = (one for one in self._all.values() if (one.service_sid, one.to) == (service_sid, to))
        return next((one for one in mine if self._is_pending(one)), None)

    def _is_pending(self, verification: Verification) -> bool:
        return verification.status == "pending" and self._now() < verification.created_at + CODE_TTL

    def _hash(self, code: str) -> bytes:
        return hmac.new(self._key, code.encode(), hashlib.sha256).digest()

    def _forget(self) -> None:
        self._all = {sid: one for sid, one in self._all.items() if self._is_pending(one)}


def sentence(code: str, locale: str, *, spoken: bool) -> str:
    """What the line is told; a spoken code is said digit by digit."""
    words = SENTENCES.get(locale[:2].lower(), SENTENCES["en"])
    if not spoken:
        return words.partition(". ")[0].format(code=code) + "."
    return words.format(code=", ".join(code))
