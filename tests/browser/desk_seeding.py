"""What a desk has after some weeks: contacts, rules, voicemails with audio, follow-ups, a phone of one's own."""

import asyncio
import datetime as dt
import io
import wave
from collections.abc import AsyncIterator
from typing import Any

import numpy as np

import voice_engine.domains.models  # noqa: F401  # every table, for the keys between them
from tests.e2e.serving import Served
from voice_engine.blobs.directory import DirectoryBlobs
from voice_engine.domains.calls.models import Call, TranscriptEntry
from voice_engine.domains.contacts.models import Contact
from voice_engine.domains.contacts.service import NewContact, contact_values
from voice_engine.domains.inbound.models import ActionItem, InboundCall, RoutingRule, Voicemail
from voice_engine.domains.numbers.models import NumberStatus, NumberType, PhoneNumber
from voice_engine.domains.numbers.repository import numbers
from voice_engine.store.engine import open_store
from voice_engine.store.rows import new_id
from voice_engine.store.uow import UnitOfWork

PEOPLE = (
    ("Grace Hopper", "+12125550171", True, "Prefers mornings. Bill to the Navy."),
    ("Alan Turing", "+442071838750", False, "Asked about the invoice of March."),
    ("Ana López", "+34612345678", False, ""),
    ("Bo", "+14155550123", False, ""),
    ("Katherine Johnson", "+17575550144", True, ""),
)
RULES: tuple[tuple[str, int, bool, dict[str, Any], str, dict[str, Any]], ...] = (
    (
        "VIPs ring my phone",
        40,
        True,
        {"caller_vip": True},
        "transfer",
        {"target": "+16465550123", "ring_seconds": 20},
    ),
    (
        "Nights to voicemail",
        30,
        True,
        {"time_range": {"start": "20:00", "end": "08:00"}, "days_of_week": [1, 2, 3, 4, 5]},
        "voicemail",
        {},
    ),
    ("Withheld numbers", 20, False, {"caller_anonymous": True}, "reject", {}),
    ("Callers from Spain", 10, True, {"caller_countries": ["ES"]}, "ai_answer", {"language": "es"}),
)
MESSAGES: tuple[tuple[str | None, str | None, str | None, bool], ...] = (
    ("Grace Hopper", "+12125550171", "Hi, it's Grace. Could you call me back about Thursday? Thank you.", False),
    (None, "+14155550199", None, False),
    (None, None, "Good evening, I wanted to ask whether you take new patients.", True),
)


def seed_desk(served: Served, organization_id: str, *, product: str = "EPOCH", number: str | None = None) -> None:
    """All of it, for one organization; with `number`, which it has bought."""
    asyncio.run(_seed(served, organization_id, product, number))


async def _seed(served: Served, organization_id: str, product: str, number: str | None) -> None:
    store = open_store(f"sqlite:///{served.data_dir / 'voice-engine.db'}")
    blobs = DirectoryBlobs(served.data_dir / "blobs")
    now = dt.datetime.now(dt.UTC)
    try:
        async with store.begin(organization_id) as work:
            keys = await _rows(work, organization_id, product, now)
            if number is not None:
                bought = {"type": NumberType.PROVISIONED, "provider_sid": "PN" + "0" * 32, "label": "Front desk"}
                await numbers.add(work, _number(organization_id, number, now, is_default_outbound=True, **bought))
        for key in keys:
            await blobs.put(key, _tone())
    finally:
        await store.aclose()


async def _rows(work: UnitOfWork, organization_id: str, product: str, now: dt.datetime) -> list[str]:
    for name, number, is_vip, notes in PEOPLE:
        new = NewContact(name=name, phone_number=number, is_vip=is_vip, notes=notes or None)
        work.session.add(Contact(**contact_values(new, number, now=now)))
    for name, priority, is_active, conditions, action, config in RULES:
        work.session.add(
            RoutingRule(
                id=new_id(),
                name=name,
                priority=priority,
                is_active=is_active,
                conditions=conditions,
                action=action,
                action_config=config,
                match_count=3 if priority > 20 else 0,
                last_matched_at=now - dt.timedelta(hours=5) if priority > 20 else None,
                created_at=now,
                updated_at=now,
            )
        )
    await numbers.add(work, _number(organization_id, "+16465550123", now, type=NumberType.VERIFIED))
    keys = []
    for place, (caller, origin, text, is_read) in enumerate(MESSAGES):
        at = now - dt.timedelta(hours=7 * place + 2)
        call = _call(product, origin, at, status="missed", handled_by="voicemail")
        work.session.add(call)
        await work.session.flush()
        key = f"{organization_id}/voicemails/{call.id}.wav"
        keys.append(key)
        work.session.add(_inbound(call.id, caller))
        work.session.add(_message(call.id, key, caller, origin, text, at, is_read=is_read))
    await _follow_ups(work, product, now)
    return keys


async def _follow_ups(work: UnitOfWork, product: str, now: dt.datetime) -> None:
    call = _call(product, "+12125550171", now - dt.timedelta(hours=26), status="completed")
    work.session.add(call)
    await work.session.flush()
    work.session.add(_inbound(call.id, "Grace Hopper"))
    said = TranscriptEntry(
        call_id=call.id,
        position=0,
        speaker="HUMAN",
        text="Please send me the invoice for March.",
        start_ms=64_000,
        end_ms=67_000,
    )
    work.session.add(said)
    steps = ("Send Grace Hopper the invoice for March.", "Ask whether Thursday suits her.", "File her form.")
    for position, text in enumerate(steps):
        status = "completed" if position == 2 else "pending"
        work.session.add(
            ActionItem(
                id=new_id(), call_id=call.id, position=position, description=text, status=status, updated_at=now
            )
        )


def _call(product: str, number: str | None, at: dt.datetime, **columns: Any) -> Call:
    return Call(
        id=new_id(),
        product=product,
        direction="inbound",
        from_number=number,
        to_number="+14155550100",
        created_at=at,
        started_at=at,
        ended_at=at + dt.timedelta(minutes=2),
        timezone="America/New_York",
        language="en",
        app_language="en",
        max_seconds=600,
        **columns,
    )


def _inbound(call_id: str, name: str | None) -> InboundCall:
    decision = {"action": "voicemail", "config": {}}
    return InboundCall(call_id=call_id, number_id=new_id(), caller_name=name, decision=decision)


def _message(
    call_id: str,
    key: str,
    name: str | None,
    number: str | None,
    text: str | None,
    at: dt.datetime,
    *,
    is_read: bool,
) -> Voicemail:
    return Voicemail(
        id=new_id(),
        call_id=call_id,
        recording_sid=f"RE{call_id.replace('-', '')}",
        blob_key=key,
        caller_name=name,
        caller_number=number,
        duration_ms=2_000,
        transcript=text,
        is_read=is_read,
        created_at=at,
    )


def _number(organization_id: str, e164: str, now: dt.datetime, **columns: Any) -> PhoneNumber:
    fixed: dict[str, Any] = {"status": NumberStatus.ACTIVE, "provider": "local", "country": "US"}
    return PhoneNumber(
        id=new_id(),
        organization_id=organization_id,
        e164=e164,
        capabilities={"voice": True},
        verified_at=now,
        created_at=now,
        **{"is_default_outbound": False, **fixed, **columns},
    )


async def _tone() -> AsyncIterator[bytes]:
    """Two seconds of 440 Hz, 8 kHz, 16 bit: the beginning of a message."""
    pcm = (8_000 * np.sin(2 * np.pi * 440 * np.arange(16_000) / 8_000)).astype("<i2")
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8_000)
        out.writeframes(pcm.tobytes())
    yield file.getvalue()
