"""Following a live call: nothing twice, nothing missed, nobody else's, and an end."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.fakes.accounts import add_account
from tests.fakes.calls import CallsRig, open_calls, report
from tests.fakes.dashboard import dashboard
from voice_engine.domains.calls.models import Call, TranscriptEntry
from voice_engine.domains.calls.peaks import RecordingPeaks
from voice_engine.domains.calls.repository import calls as call_rows
from voice_engine.domains.calls.states import ENDS
from voice_engine.domains.calls.words import WATCHED_TOPIC, passing_topic
from voice_engine.errors import QuotaExceeded
from voice_engine.ports.bus import Message
from voice_engine.ports.call import EngineEvent
from voice_engine.store.engine import Store
from voice_engine.web.dashboard.calls.following import STREAMS_PER_USER, CallFollowing, Follower
from voice_engine.web.dashboard.calls.page_routes import EXTRA, CallPages

pytestmark = pytest.mark.store

SOON_S = 10.0


@pytest.fixture
async def rig(store: Store, tmp_path: Path) -> CallsRig:
    return await open_calls(store, tmp_path)


@dataclass(slots=True)
class _Sent:
    """One message of the stream."""

    event: str
    data: Any
    number: int | None = None


@dataclass(slots=True)
class _Stream:
    """A browser at the stream's other end."""

    follower: Follower
    texts: Any
    seen: list[_Sent] = field(default_factory=list)

    async def until(self, event: str) -> _Sent:
        """Read on to the next message of this kind."""
        async with asyncio.timeout(SOON_S):
            async for text in self.texts:
                sent = _parse(text)
                if sent is not None:
                    self.seen.append(sent)
                if sent is not None and sent.event == event:
                    return sent
        raise AssertionError(f"the stream ended before {event}: {[one.event for one in self.seen]}")

    async def rest(self) -> list[str]:
        """The kinds of what still comes, to the end of the stream."""
        async with asyncio.timeout(SOON_S):
            return [sent.event async for text in self.texts if (sent := _parse(text)) is not None]


def _parse(text: str) -> _Sent | None:
    fields = dict(line.split(": ", 1) for line in text.splitlines() if ": " in line and not line.startswith(":"))
    if "event" not in fields:
        return None
    number = int(fields["id"]) if "id" in fields else None
    return _Sent(event=fields["event"], data=orjson.loads(fields["data"]), number=number)


@asynccontextmanager
async def _following(
    rig: CallsRig,
    call: Call,
    *,
    after: int = 0,
    shows_words: bool = True,
    good: bool = True,
    organization_id: str | None = None,
) -> AsyncIterator[_Stream]:
    following = CallFollowing(rig.store, rig.bus, now=rig.clock)

    def show_line(entry: TranscriptEntry) -> str:
        return f"<li>{entry.text}</li>"

    async def still_good() -> bool:
        return good

    follower = Follower(
        organization_id=organization_id or call.organization_id,
        user_id=rig.account.user_id,
        call_id=call.id,
        after=after,
        shows_words=shows_words,
        show_line=show_line,
        show_state=lambda shown: f"<b>{shown.status}</b>",
        still_good=still_good,
    )
    async with aclosing(following.follow(follower)) as texts:
        yield _Stream(follower, texts)


def _said(turn: int, text: str, *, at_ms: int = 1000) -> EngineEvent:
    facts = {"turn": turn, "pii_text": text, "start_ms": at_ms, "end_ms": at_ms + 500}
    return EngineEvent(sequence=1, at_ms=at_ms, type="turn.human", facts=facts)


async def test_lines_come_as_they_are_said_and_again_from_ones_place(rig: CallsRig) -> None:
    """The number of the last message is the place from which a browser comes again."""
    call, _ = await rig.answered()
    async with _following(rig, call) as stream:
        state = await stream.until("state")
        await rig.lifecycle.note_events(call.id, [_said(0, "Hello?"), _said(1, "Nobu speaking.")])
        first, second = await stream.until("line"), await stream.until("line")
    async with _following(rig, call, after=first.number or 0) as again:
        replayed = await again.until("line")

    assert state.data["html"] == "<b>in_progress</b>"
    assert [one.data["html"] for one in (first, second)] == ["<li>Hello?</li>", "<li>Nobu speaking.</li>"]
    assert (replayed.number, replayed.data) == (second.number, second.data)


async def test_a_turn_that_goes_on_replaces_its_line(rig: CallsRig) -> None:
    call, _ = await rig.answered()
    async with _following(rig, call) as stream:
        await stream.until("state")
        await rig.lifecycle.note_events(call.id, [_said(0, "For")])
        await stream.until("line")
        await rig.lifecycle.note_events(call.id, [_said(0, "For four")])
        line = await stream.until("line")

    assert line.data == {"position": 0, "html": "<li>For four</li>"}


async def test_decisions_and_what_passes_come_too(rig: CallsRig) -> None:
    """What passes has no number: it may be lost."""
    call, _ = await rig.answered()
    with rig.bus.subscribe(WATCHED_TOPIC) as watched:
        async with _following(rig, call) as stream:
            await stream.until("state")
            looked = await watched.get()
            rig.bus.publish(passing_topic(call.id), b'[{"type":"transcript.interim","text":"for"}]')
            passing = await stream.until("passing")
            happened = EngineEvent(sequence=2, at_ms=2500, type="barge_in", facts={"reply": 1})
            await rig.lifecycle.note_events(call.id, [happened])
            told = await stream.until("happening")

    assert isinstance(looked, Message)
    assert looked.payload == call.id.encode()
    assert (passing.number, passing.data) == (None, [{"type": "transcript.interim", "text": "for"}])
    assert told.data == {"reply": 1, "at_ms": 2500, "type": "barge_in"}
    assert told.number is not None


async def test_the_end_then_the_recording_then_no_more(rig: CallsRig) -> None:
    """The page fills itself in twice and closes the stream."""
    call, _ = await rig.answered()
    async with _following(rig, call) as stream:
        await stream.until("state")
        assert await rig.lifecycle.finish(call.id, report(call.id), None)
        async with rig.store.begin(call.organization_id) as work:
            await call_rows.change(work, call.id, when=ENDS, recording_ms=900)
        await stream.until("ended")
        async with rig.store.begin(call.organization_id) as work:
            await call_rows.set_recording(work, call.id, "x/r.wav")
        await stream.until("recording")

        assert await stream.rest() == ["done"]


async def test_a_recording_kept_before_the_stream_came_is_told_too(rig: CallsRig) -> None:
    """Between the page and its stream, or while that came again: the page has none yet."""
    call, _ = await rig.answered()
    await rig.lifecycle.finish(call.id, report(call.id), None)
    async with rig.store.begin(call.organization_id) as work:
        await call_rows.change(work, call.id, when=ENDS, recording_ms=900)
        await call_rows.set_recording(work, call.id, "x/r.wav")
    async with _following(rig, await rig.call(call.id), after=10**9) as stream:
        assert await stream.rest() == ["state", "ended", "recording", "done"]


async def test_how_long_a_call_is_up_is_told_by_the_servers_clock(rig: CallsRig) -> None:
    """The viewer's may be minutes off."""
    call, _ = await rig.answered()
    rig.now += dt.timedelta(seconds=90)
    async with _following(rig, call) as stream:
        state = await stream.until("state")

    assert call.answered_at is not None
    assert state.data["up_ms"] == (rig.clock() - call.answered_at) / dt.timedelta(milliseconds=1) >= 90_000


async def test_a_call_that_is_over_ends_the_stream_at_once(rig: CallsRig) -> None:
    """A browser that lost the connection at the end comes again."""
    call, _ = await rig.answered()
    await rig.lifecycle.finish(call.id, report(call.id), None)
    async with _following(rig, await rig.call(call.id), after=10**9) as stream:
        assert await stream.rest() == ["state", "ended", "done"]


async def test_another_organization_hears_nothing_of_it(rig: CallsRig) -> None:
    """Though it knew the id: to its units there is no such call."""
    call, _ = await rig.answered()
    bob = await add_account(rig.store, "Bob")
    await rig.lifecycle.note_events(call.id, [_said(0, "Hello?")])
    async with _following(rig, call, organization_id=bob.organization_id) as stream:
        assert await stream.rest() == ["done"]


async def test_without_transcripts_in_the_plan_no_word_is_sent(rig: CallsRig) -> None:
    """Neither kept nor passing ones; the state and the end are."""
    call, _ = await rig.answered()
    async with _following(rig, call, shows_words=False) as stream:
        await stream.until("state")
        await rig.lifecycle.note_events(call.id, [_said(0, "Hello?")])
        rig.bus.publish(passing_topic(call.id), b'[{"type":"transcript.interim","text":"for"}]')
        await rig.lifecycle.finish(call.id, report(call.id), None)
        kinds = await stream.rest()

    assert {"line", "passing"}.isdisjoint(kinds)
    assert kinds[-2:] == ["ended", "done"]


async def test_whoever_hangs_up_frees_the_place(rig: CallsRig) -> None:
    """One user has so many streams and no more."""
    call, _ = await rig.answered()
    following = CallFollowing(rig.store, rig.bus, now=rig.clock)
    streams = []
    async with _following(rig, call) as one:
        for _ in range(STREAMS_PER_USER):
            stream = following.follow(one.follower)
            await anext(stream)
            streams.append(stream)

        with pytest.raises(QuotaExceeded, match="live calls"):
            following.check_room(rig.account.user_id)

        one.follower.gone.set()
        for stream in streams:
            assert [text async for text in stream] == []
        following.check_room(rig.account.user_id)


async def test_a_process_that_stops_sends_its_followers_away(rig: CallsRig) -> None:
    call, _ = await rig.answered()
    following = CallFollowing(rig.store, rig.bus, now=rig.clock)
    async with _following(rig, call) as one:
        stream = following.follow(one.follower)
        await anext(stream)
        following.close()

        assert [text async for text in stream] == []


async def test_the_route_streams_and_refuses_a_place_that_is_none(rig: CallsRig) -> None:
    """As a browser asks, with the place of its page."""
    call, _ = await rig.answered()
    await rig.lifecycle.note_events(call.id, [_said(0, "<i>Hello?</i>")])
    await rig.lifecycle.finish(call.id, report(call.id), None)
    pages = CallPages(
        blobs=rig.blobs,
        peaks=RecordingPeaks(rig.store, rig.blobs),
        following=CallFollowing(rig.store, rig.bus, now=rig.clock),
    )
    async with dashboard(rig.store, rig.account, extras={EXTRA: pages}, now=rig.clock) as tab:
        answer = await tab.client.get(f"/app/calls/{call.id}/events?after=0")
        refused = await tab.client.get(f"/app/calls/{call.id}/events", headers={"Last-Event-ID": "x"})

    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["cache-control"] == "no-store"
    kinds = [sent.event for text in answer.text.split("\n\n") if (sent := _parse(text)) is not None]
    assert kinds[0] == "state"
    assert kinds[-2:] == ["ended", "done"]
    assert refused.status_code == 400
