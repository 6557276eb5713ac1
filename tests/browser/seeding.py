"""Calls of the past in a served installation's database: what figures and lists look like after some weeks."""

import asyncio
import datetime as dt
import random
from decimal import Decimal

import voice_engine.domains.models  # noqa: F401  # every table, for the keys between them
from tests.e2e.serving import Served
from voice_engine.domains.calls.models import Call, TranscriptEntry
from voice_engine.store.engine import open_store
from voice_engine.store.rows import new_id

ENDS = ("completed",) * 8 + ("missed", "rejected")
PLACED = ("success",) * 6 + ("no_answer", "busy", "voicemail")


def seed_calls(served: Served, organization_id: str, *, product: str, days: int = 30, seed: int = 7) -> None:
    """Some calls for each of the last `days`, more of them about noon, with answers of half a second and more."""
    asyncio.run(_seed(served, organization_id, product, days, random.Random(seed)))


async def _seed(served: Served, organization_id: str, product: str, days: int, dice: random.Random) -> None:
    store = open_store(f"sqlite:///{served.data_dir / 'voice-engine.db'}")
    now = dt.datetime.now(dt.UTC)
    try:
        async with store.begin(organization_id) as work:
            for day in range(days):
                for _ in range(dice.randint(0, 9)):
                    hour = min(23.5, max(0.0, dice.gauss(16, 3)))
                    at = now.replace(hour=0, minute=0) - dt.timedelta(days=day) + dt.timedelta(hours=hour)
                    if at < now:
                        row, lines = _call(organization_id, product, at, dice)
                        work.session.add(row)
                        await work.session.flush()
                        work.session.add_all(lines)
    finally:
        await store.aclose()


def _call(
    organization_id: str, product: str, at: dt.datetime, dice: random.Random
) -> tuple[Call, list[TranscriptEntry]]:
    outbound = dice.random() < 0.3
    status = dice.choice(PLACED if outbound else ENDS)
    answered = status in {"completed", "success", "voicemail"}
    row = Call(
        id=new_id(),
        organization_id=organization_id,
        product=product,
        direction="outbound" if outbound else "inbound",
        status=status,
        created_at=at,
        answered_at=at if answered else None,
        ended_at=at + dt.timedelta(minutes=2),
        duration_ms=dice.randint(20_000, 240_000) if answered else None,
        credits_used=Decimal("0.80") if answered and product == "KALLY" else Decimal("0.00"),
        from_number="+14155550123",
        to_number="+14155550100",
        timezone="America/New_York",
        language="en",
        app_language="en",
        max_seconds=600,
    )
    lines = [
        TranscriptEntry(
            organization_id=organization_id,
            call_id=row.id,
            position=position,
            speaker="AI",
            text="We are open from nine to five.",
            start_ms=position * 5_000,
            end_ms=position * 5_000 + 2_000,
            latency=[300, 150, 1, 0, 120, 20, max(420.0, dice.gauss(720, 130))],
        )
        for position in range(4 if answered else 0)
    ]
    return row, lines
