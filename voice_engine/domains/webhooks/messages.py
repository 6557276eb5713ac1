"""The other engine's messages, read: what kind one is, which call it is about, and by what a repeat is known.

Names are those of the published server types (`vapi_server_sdk`). All of this is total: whatever JSON comes in,
there is a message or there is none.
"""

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from voice_engine.domains.webhooks.cleaning import Unkeepable, clean
from voice_engine.domains.webhooks.models import KEY_LENGTH, TYPE_LENGTH

Direction = Literal["inbound", "outbound"]

CALL_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}", re.ASCII)
"""What the business surface can show as a call's id."""

STARTED = frozenset({"call.started", "call-started"})
ENDED = frozenset({"call.ended", "call-ended"})
STATUS = frozenset({"status-update", *STARTED, *ENDED})
REPORT = "end-of-call-report"
JOURNAL = frozenset({"transcript", "conversation-update", "speech-update", "hang", "user-interrupted"})
TOOLS = frozenset({"tool-calls", "function-call"})
ASSISTANT = "assistant-request"
TRANSFER = "transfer-destination-request"
KNOWLEDGE = "knowledge-base-request"
REQUESTS = frozenset({*TOOLS, ASSISTANT, TRANSFER, KNOWLEDGE})
"""What waits for an answer: asked again, it is answered again."""
KNOWN = frozenset({*STATUS, REPORT, *JOURNAL, *REQUESTS})

ONCE = frozenset({*STARTED, *ENDED, REPORT})
"""Kinds of which a call has one."""

EARLIEST = dt.datetime(2015, 1, 1, tzinfo=dt.UTC)
LATEST = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)
"""Times outside are mistakes of a clock or of a unit."""
MILLISECONDS_FROM = 1e11
"""A number of seconds that large is beyond `LATEST`: it is milliseconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFacts:
    """What a message says of its call; None: it does not say."""

    id: str | None = None
    direction: Direction = "inbound"
    is_browser: bool = False
    assistant_id: str | None = None
    number_id: str | None = None
    our_number: str | None = None
    other_number: str | None = None
    other_name: str | None = None
    status: str | None = None
    ended_reason: str | None = None
    created_at: dt.datetime | None = None
    started_at: dt.datetime | None = None
    ended_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message. `kind` is its type without what stands in brackets, `at` its time, `body` all of it, clean.

    `status`: a kind that is a status is told as that.
    """

    kind: str
    key: str
    call: CallFacts
    body: Mapping[str, Any] = field(repr=False)
    at: dt.datetime | None = None
    status: str | None = None


def read_message(payload: object) -> Message | None:
    """The message in a request's JSON; None when there is none."""
    if not isinstance(payload, Mapping) or not isinstance(payload.get("message"), Mapping):
        return None
    try:
        body = clean(payload["message"])
    except Unkeepable:
        return None
    kind = string(body.get("type"))
    if kind is None or len(kind) > TYPE_LENGTH:
        return None
    kind = kind.partition("[")[0]
    if not kind:
        return None
    call = _call(body)
    if call is None:
        return None
    return Message(
        kind=kind,
        key=_key(kind, call, body),
        call=call,
        body=body,
        at=instant(body.get("timestamp")),
        status=_status(kind, call, body),
    )


def record(value: object) -> Mapping[str, Any]:
    """An object; anything else is one without members."""
    return value if isinstance(value, Mapping) else {}


def records(value: object) -> list[Mapping[str, Any]]:
    """The objects in a list."""
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def conversation(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What was said so far: the copy in chat format (`messages…Formatted`), which is always there, or the other."""
    copies = (value for key, value in body.items() if key.startswith("messages") and key.endswith("Formatted"))
    return next(filter(None, map(records, copies)), records(body.get("messages")))


def string(value: object) -> str | None:
    """A text that says something."""
    return value if isinstance(value, str) and value.strip() else None


def number(value: object) -> float | None:
    """A number, also one written as text."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < 1e15 else None


def instant(value: object) -> dt.datetime | None:
    """A time: ISO 8601, or seconds or milliseconds since 1970."""
    count = number(value)
    if count is not None:
        seconds = count / 1000 if count >= MILLISECONDS_FROM else count
        at = dt.datetime.fromtimestamp(0, dt.UTC) + dt.timedelta(seconds=min(max(seconds, 0.0), 4e9))
        return at if EARLIEST <= at <= LATEST else None
    if not isinstance(value, str):
        return None
    try:
        at = dt.datetime.fromisoformat(value)
        at = at.replace(tzinfo=dt.UTC) if at.tzinfo is None else at.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return None
    return at if EARLIEST <= at <= LATEST else None


def first(values: Iterable[object]) -> str | None:
    """The first that is a text."""
    return next((found for found in (string(value) for value in values) if found is not None), None)


def _call(body: Mapping[str, Any]) -> CallFacts | None:
    """The call; None when its id is no id that anybody could ask for."""
    call, customer = record(body.get("call")), record(body.get("customer"))
    given = call.get("id")
    if given is not None and not (isinstance(given, str) and CALL_ID.fullmatch(given)):
        return None
    customer = {**record(call.get("customer")), **{key: value for key, value in customer.items() if value}}
    ours = [record(body.get("phoneNumber")), record(call.get("phoneNumber"))]
    word = string(call.get("type")) or ""
    return CallFacts(
        id=given,
        direction="outbound" if word.startswith("outbound") else "inbound",
        is_browser=word.startswith("web"),
        assistant_id=first(
            [call.get("assistantId"), body.get("assistantId"), *_ids(call, body)],
        ),
        number_id=first([call.get("phoneNumberId"), *(one.get("id") for one in ours)]),
        our_number=first(one.get(key) for one in ours for key in ("number", "twilioPhoneNumber")),
        other_number=first([customer.get("number"), customer.get("sipUri")]),
        other_name=string(customer.get("name")),
        status=string(call.get("status")),
        ended_reason=first([body.get("endedReason"), call.get("endedReason")]),
        created_at=instant(call.get("createdAt")),
        started_at=_first_instant(body.get("startedAt"), call.get("startedAt")),
        ended_at=_first_instant(body.get("endedAt"), call.get("endedAt")),
    )


def _ids(*holders: Mapping[str, Any]) -> list[object]:
    return [record(holder.get("assistant")).get("id") for holder in holders]


def _first_instant(*values: object) -> dt.datetime | None:
    return next((found for found in map(instant, values) if found is not None), None)


def _status(kind: str, call: CallFacts, body: Mapping[str, Any]) -> str | None:
    if kind in STARTED:
        return "in-progress"
    if kind in ENDED:
        return "ended"
    return string(body.get("status")) or call.status if kind == "status-update" else None


def _key(kind: str, call: CallFacts, body: Mapping[str, Any]) -> str:
    """What tells a message from its repeats: its call and type, and where a call has several, status or time."""
    if call.id is not None and kind in ONCE:
        return f"{call.id}|{kind}"
    if call.id is not None and kind == "status-update":
        return _short(f"{call.id}|{kind}|{_status(kind, call, body)}")
    stamp = body.get("timestamp")
    if call.id is not None and kind not in REQUESTS and isinstance(stamp, int | float | str):
        told = [stamp, *(body.get(name) for name in ("role", "status", "transcriptType"))]
        return _short(f"{call.id}|{kind}|{'|'.join(str(one) for one in told)}")
    whole = json.dumps(body, sort_keys=True, separators=(",", ":"))
    return f"{call.id or ''}|{kind}|{hashlib.sha256(whole.encode()).hexdigest()}"


def _short(key: str) -> str:
    """The key, or the digest of one that is too long to be kept."""
    return key if len(key) <= KEY_LENGTH else hashlib.sha256(key.encode()).hexdigest()
