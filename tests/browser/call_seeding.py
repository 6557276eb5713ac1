"""Calls that a list shows: of both directions, with names, words, a live one and one that waits."""

import asyncio
import datetime as dt
from typing import Any

import voice_engine.domains.models  # noqa: F401  # every table, for the keys between them
from tests.e2e.serving import Served
from voice_engine.domains.calls.listing.index import index_calls
from voice_engine.domains.calls.models import Call, TranscriptEntry
from voice_engine.domains.calls.states import CallState
from voice_engine.domains.inbound.models import InboundCall
from voice_engine.store.engine import open_store
from voice_engine.store.rows import new_id

PAST: tuple[tuple[dict[str, Any], str | None, tuple[str, ...]], ...] = (
    (
        {"direction": "inbound", "status": "completed", "summary": "Booked a cleaning for Tuesday at ten."},
        "Grace Hopper",
        ("Good morning, I would like a cleaning.", "Tuesday at ten is free.", "Perfect, see you on Tuesday."),
    ),
    (
        {
            "direction": "outbound",
            "status": "success",
            "task_outcome": "achieved",
            "highlights": ["A table for four on the terrace, Friday at eight."],
            "task": {
                "task_category": "restaurant",
                "task_description": "Book a table on the terrace",
                "respondent_phone": "+12125550142",
                "business_name": "Corner Bistro",
            },
        },
        None,
        ("Corner Bistro, good evening.", "A table on the terrace for four? Friday at eight, yes."),
    ),
    ({"direction": "inbound", "status": "missed"}, None, ()),
    (
        {"direction": "inbound", "status": "voicemail", "summary": "Asks to be called back about an invoice."},
        "Alan Turing",
        ("Please call me back about the invoice.",),
    ),
    (
        {
            "direction": "outbound",
            "status": "busy",
            "task": {
                "task_category": "clinic",
                "task_description": "Move the check-up to next week",
                "respondent_phone": "+12125550143",
                "business_name": "Maple Street Clinic",
            },
        },
        None,
        (),
    ),
    ({"direction": "inbound", "status": "completed", "channel": "BROWSER", "from_number": None}, None, ("Hello?",)),
    ({"direction": "outbound", "status": "failed"}, None, ()),
)
"""Columns, the caller's name, what was said."""


def seed_list(served: Served, organization_id: str, *, past: int = 60, open_ones: bool = True) -> dict[str, str]:
    """Write them; the ids of the one that is up (`live`) and of the one that waits (`waiting`)."""
    return asyncio.run(_seed(served, organization_id, past, open_ones=open_ones))


async def _seed(served: Served, organization_id: str, past: int, *, open_ones: bool) -> dict[str, str]:
    store = open_store(f"sqlite:///{served.data_dir / 'voice-engine.db'}")
    now = dt.datetime.now(dt.UTC)
    made: dict[str, str] = {}
    try:
        async with store.begin(organization_id) as work:
            for position in range(past):
                columns, name, said = PAST[position % len(PAST)]
                at = now - dt.timedelta(hours=3 * position + 1)
                call = _call(at, position, columns, talked=bool(said))
                work.session.add(call)
                await work.session.flush()
                if name is not None:
                    work.session.add(
                        InboundCall(call_id=call.id, number_id=new_id(), caller_name=name, decision={})
                    )
                work.session.add_all(_lines(call.id, said))
                await work.session.flush()
                await index_calls(work, [call.id])
            for name, call in _open(now).items() if open_ones else ():
                work.session.add(call)
                await work.session.flush()
                await index_calls(work, [call.id])
                made[name] = call.id
    finally:
        await store.aclose()
    return made


def _call(at: dt.datetime, position: int, columns: dict[str, Any], *, talked: bool) -> Call:
    number = f"+1212555{100 + position:04}"
    outbound = columns["direction"] == "outbound"
    return Call(
        **{
            "id": new_id(),
            "product": "EPOCH",
            "from_number": "+14155550100" if outbound else number,
            "to_number": number if outbound else "+14155550100",
            "created_at": at,
            "started_at": at,
            "answered_at": at if talked else None,
            "ended_at": at + dt.timedelta(seconds=95),
            "duration_ms": 95_000 if talked else None,
            "timezone": "America/New_York",
            "language": "en",
            "app_language": "en",
            "max_seconds": 600,
            **columns,
        }
    )


def _lines(call_id: str, said: tuple[str, ...]) -> list[TranscriptEntry]:
    return [
        TranscriptEntry(
            call_id=call_id,
            position=position,
            speaker="AI" if position % 2 else "HUMAN",
            text=text,
            heard_text=text if position % 2 else None,
            start_ms=position * 4_000,
            end_ms=position * 4_000 + 3_000,
        )
        for position, text in enumerate(said)
    ]


def _open(now: dt.datetime) -> dict[str, Call]:
    live = {
        "direction": "inbound",
        "status": CallState.IN_PROGRESS,
        "from_number": "+12125550199",
        "external_id": new_id(),  # another engine's: ours would be ended, since nobody holds it
    }
    waiting = {
        "direction": "outbound",
        "status": CallState.SCHEDULED,
        "to_number": "+12125550188",
        "scheduled_for": now + dt.timedelta(days=2),
        "started_at": None,
        "task": {
            "task_category": "hotel",
            "task_description": "A double room for two nights",
            "respondent_phone": "+12125550188",
            "business_name": "Harbour Hotel",
        },
    }
    ends = {"ended_at": None, "duration_ms": None}
    return {
        "live": _call(now, 0, {**live, **ends}, talked=True),
        "waiting": _call(now, 1, {**waiting, **ends}, talked=False),
    }
