"""Finished calls in a running installation: held by the engine on virtual time, written as a media process does.

The other party is recorded telephone speech, the engine's voice too; the recording is the engine's own.
"""

import asyncio
import datetime as dt
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import sqlalchemy as sa

from tests.e2e.serving import Served, until
from tests.fakes.call_rig import RESTAURANT, Call, ClipLine, Rig, Say, clip
from voice_engine.audio.frames import PCM
from voice_engine.audio.wav import WavWriter
from voice_engine.bus.local import LocalBus
from voice_engine.domains.accounts.models import User
from voice_engine.domains.calls.assembly import CallsDomain, build_calls
from voice_engine.domains.calls.models import Call as CallRow
from voice_engine.domains.calls.repository import calls
from voice_engine.domains.calls.settings import CallSettings
from voice_engine.domains.calls.states import CallState, Product
from voice_engine.domains.usage.accounts import Accounts
from voice_engine.domains.usage.service import UsageService
from voice_engine.domains.usage.settings import UsageSettings
from voice_engine.ports.call import (
    CallReport,
    Counters,
    Disposition,
    EngineEvent,
    Evidence,
    Outcome,
    Status,
    TaskOutcome,
    TranscriptTurn,
    TurnLatency,
)
from voice_engine.ports.tts import SpeechRequest, TTSCapabilities, Voice
from voice_engine.store.engine import Store, open_store
from voice_engine.store.rows import new_id

CALLEE = "+14155551234"
RATE_HZ = 8000


class RecordedVoice:
    """Says anything with a recorded voice, 300 ms a word: what is to be seen is speech, not a tone."""

    @property
    def capabilities(self) -> TTSCapabilities:
        voice = Voice(id="recorded", language="en", label="Recorded")
        return TTSCapabilities(name="recorded", voices=(voice,), streaming=True, local=True, cost_ms=lambda _: 90.0)

    async def synthesize(self, request: SpeechRequest) -> AsyncGenerator[PCM, None]:
        await asyncio.sleep(0.09)
        voice = np.concatenate([clip("en_core_conf-onlyone"), clip("en_core_agent-alreadyon")])
        yield np.resize(voice, len(request.text.split()) * 2400)


def hold_booking(recording: Path) -> Rig:
    """A table is booked; the restaurant interrupts once."""
    texts = [
        "Nobu, good evening, how can I help you?",
        "Sorry, for how many people was that?",
        "Yes, eight o'clock for four people is fine.",
        "Yes, that is correct. Goodbye.",
    ]
    line = ClipLine(
        Say(clip("en_core_agent-newlocation", ms=1800), at_ms=900),
        Say(clip("en_core_auth-incorrect", ms=2600), at_ms=9500),
        Say(clip("en_core_conf-invalid", ms=2400)),
        Say(clip("en_core_agent-alreadyon", ms=2000)),
        Say(clip("en_core_conf-onlyone", ms=1500)),
        hang_up_after_ms=9000,
    )
    return Call(line=line, spec=RESTAURANT, texts=texts, tts=RecordedVoice(), recording=recording).run()


@asynccontextmanager
async def rows_of(served: Served) -> AsyncIterator[tuple[Store, CallsDomain]]:
    """The installation's database, beside its own processes."""
    store = open_store(f"sqlite:///{served.data_dir / 'voice-engine.db'}")
    settings = CallSettings(public_url=served.url, caller_id="+15005550006")
    usage = UsageService(Accounts(UsageSettings(), utc_now))
    try:
        yield store, build_calls(store, usage, settings, bus=LocalBus(), now=utc_now)
    finally:
        await store.aclose()


def utc_now() -> dt.datetime:
    """The wall clock: the installation has no other."""
    return dt.datetime.now(dt.UTC)


async def add_call(store: Store, domain: CallsDomain, email: str, **columns: Any) -> CallRow:
    """A call of somebody's, on the line; `columns` say otherwise."""
    async with store.system("tests", writes=False) as work:
        user = await work.session.scalar(sa.select(User).where(User.email == email))
    assert user is not None
    now = utc_now()
    row = CallRow(
        **{
            "id": new_id(),
            "user_id": user.id,
            "product": Product.KALLY,
            "direction": "outbound",
            "from_number": "+15005550006",
            "to_number": CALLEE,
            "status": CallState.IN_PROGRESS,
            "created_at": now - dt.timedelta(seconds=50),
            "started_at": now - dt.timedelta(seconds=45),
            "answered_at": now - dt.timedelta(seconds=40),
            "timezone": "America/New_York",
            "language": "en",
            "app_language": "en",
            "max_seconds": 900,
            "spec": {"call_id": "x"},
            "owner": "test",
            "owner_seen_at": now,
            "task": {
                "task_category": "restaurant",
                "task_description": "Reserve a table for 4 at 8pm, by the window if they have one.",
                "business_name": "Nobu",
            },
            **columns,
        }
    )
    async with store.begin(user.organization_id) as work:
        added = await calls.add_call(work, row)
        if row.direction == "outbound" and row.status == CallState.IN_PROGRESS:
            await domain.meter.reserve(work, added.id, description="a test's call")
    return added


async def keep_call(
    served: Served,
    email: str,
    report: CallReport,
    events: Sequence[EngineEvent],
    recording: Path | None,
    **columns: Any,
) -> str:
    """Write a held call down as a media process does, and wait until its recording is kept; its id."""
    async with rows_of(served) as (store, domain):
        row = await add_call(store, domain, email, **columns)
        await domain.lifecycle.note_events(row.id, events)
        assert await domain.lifecycle.finish(row.id, report, recording, events=events)

        async def kept() -> bool:
            async with store.system("tests", writes=False) as work:
                now = await calls.find_call(work, row.id)
            return recording is None or (now is not None and now.recording_key is not None)

        await until(kept, seconds=60)
    return row.id


@dataclass(frozen=True, slots=True, kw_only=True)
class LongCall:
    """An hour of talk: what the engine would have told of it, and its recording."""

    report: CallReport
    events: list[EngineEvent]
    recording: Path


def long_call(recording: Path, *, exchanges: int = 500, seconds: int = 3600) -> LongCall:
    """Two lines an exchange. Its recording is recorded speech in place of each line."""
    step_ms = seconds * 1000 // exchanges
    turns: list[TranscriptTurn] = []
    events: list[EngineEvent] = []
    for number in range(exchanges):
        turns += _exchange(number, number * step_ms)
        events += _events_of(number * step_ms, number)
    _write_hour(recording, step_ms, exchanges)
    outcome = Outcome(
        status=Status.SUCCESS,
        disposition=Disposition.COMPLETED,
        task_outcome=TaskOutcome.ACHIEVED,
        highlights=("An hour of questions was answered.",),
        agreed={"date": "2026-02-14", "time": "20:00", "party_size": 4},
        evidence={"time": Evidence(turn=600, start_ms=300 * step_ms, end_ms=300 * step_ms + 2600)},
    )
    report = CallReport(
        call_id="long",
        direction="outbound",
        language="en",
        outcome=outcome,
        duration_seconds=float(seconds),
        credits_used="7.0",
        turns=tuple(turns),
        counters=Counters(),
    )
    return LongCall(
        report=report,
        events=[replace(event, sequence=at) for at, event in enumerate(events, 1)],
        recording=recording,
    )


def _exchange(number: int, at_ms: int) -> list[TranscriptTurn]:
    latency = TurnLatency(
        endpointing=560, stt=64, policy=0.4, llm=0, tts=120 + number % 90, engine=12, total=756.4 + number % 90
    )
    said = f"Question number {number}: do you have a table by the window for four people on that evening?"
    answer = f"Answer number {number}: let me look that up for you. Yes, there is one at eight, and one at nine."
    cut = number % 7 == 3
    return [
        TranscriptTurn(index=2 * number, speaker="HUMAN", text=said, start_ms=at_ms + 100, end_ms=at_ms + 2600),
        TranscriptTurn(
            index=2 * number + 1,
            speaker="AI",
            text=answer,
            start_ms=at_ms + 3400,
            end_ms=at_ms + 6900,
            heard_text=answer[:40] if cut else answer,
            interrupted=cut,
            latency=latency,
        ),
    ]


def _events_of(at_ms: int, number: int) -> list[EngineEvent]:
    spans = ((at_ms + 100, at_ms + 1100), (at_ms + 1400, at_ms + 2600))
    told: list[tuple[str, int, dict[str, Any]]] = [
        ("speech.ended", at_ms + 3150, {"speech": spans, "kept": True}),
        (
            "turn.human",
            at_ms + 3160,
            {"turn": 2 * number, "pii_text": "", "decided_ms": at_ms + 3160, "end_ms": at_ms + 2600},
        ),
        ("reply.started", at_ms + 3400, {"reply": number}),
        ("reply.held", at_ms + 5000, {"reply": number}),
        ("barge_in" if number % 7 == 3 else "reply.resumed", at_ms + 5200, {"reply": number}),
        ("reply.ended", at_ms + 6900, {"reply": number, "how": "played"}),
    ]
    return [EngineEvent(sequence=1, at_ms=at, type=type_, facts=facts) for type_, at, facts in told]


def _write_hour(path: Path, step_ms: int, exchanges: int) -> None:
    step = step_ms * RATE_HZ // 1000
    left, right = np.zeros(step, np.int16), np.zeros(step, np.int16)
    left[800 : 800 + 20_000] = np.resize(clip("en_core_agent-newlocation"), 20_000)
    right[27_200 : 27_200 + 28_000] = np.resize(clip("en_core_conf-onlyone"), 28_000)
    one = np.stack([left, right], axis=1).astype("<i2").tobytes()
    with WavWriter(path, channels=2) as writer:
        for first in range(0, exchanges, 50):
            writer.write(one * min(50, exchanges - first))
