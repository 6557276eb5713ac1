"""The carrier's reports about a call, read from the fields of its signed webhooks."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from voice_engine.ports.telephony import CallStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierReport:
    """One status callback. `sequence` orders them, since they arrive in any order; None: it was not told.

    `call_id` and `attempt_id` are what we put into the URL; inbound calls have only their `call_sid`.
    """

    call_sid: str
    status: CallStatus
    call_id: str | None = None
    attempt_id: str | None = None
    sequence: int | None = None
    duration_s: int | None = None
    answered_by: str | None = None
    at: dt.datetime | None = None


def read_report(query: Mapping[str, str], form: Mapping[str, str]) -> CarrierReport | None:
    """The report in a callback's URL and form; None when it has no call or a state that nobody knows."""
    sid, word = form.get("CallSid", ""), form.get("CallStatus", "")
    if not sid or word not in set(CallStatus):
        return None
    return CarrierReport(
        call_sid=sid,
        status=CallStatus(word),
        call_id=query.get("call_id"),
        attempt_id=query.get("attempt_id"),
        sequence=_number(form.get("SequenceNumber")),
        duration_s=_number(form.get("CallDuration")),
        answered_by=form.get("AnsweredBy") or None,
        at=_instant(form.get("Timestamp")),
    )


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 10 else None


def _instant(text: str | None) -> dt.datetime | None:
    """An RFC 5322 date, as the carrier writes it."""
    if not text:
        return None
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    return at if at.tzinfo is not None else at.replace(tzinfo=dt.UTC)
