"""The log of inbound events as pages and as a stream, against their contract."""

import asyncio
import datetime as dt
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.fakes.api import code_of
from tests.fakes.calls import PUBLIC_URL
from tests.fakes.inbound import OWNER, new_sid
from tests.rest.v1.inbound.conftest import NOBODYS, Surface
from voice_engine.ports.call import EngineEvent
from voice_engine.rest.security import Principal, Unauthenticated
from voice_engine.rest.v1.inbound.streams import Follower


async def test_a_calls_life_is_told_in_the_contracts_words(surface: Surface) -> None:
    """Ringing, answer, lines, end; engine events of other kinds are left out."""
    rig = surface.rig
    record = await rig.answered()
    await rig.calls.lifecycle.note_events(
        record.call.id,
        [
            EngineEvent(sequence=1, at_ms=900, type="turn.ai", facts={"turn": 0, "pii_text": "Hello."}),
            EngineEvent(sequence=2, at_ms=950, type="barge_in", facts={}),
            EngineEvent(sequence=3, at_ms=990, type="call.takeover", facts={"handled_by": "human"}),
        ],
    )
    await rig.calls.pass_s(5)
    await rig.talk()
    await rig.add_rule(action="reject")
    await rig.ring()

    page = (await surface.api.get("/v1/inbound/events")).json()

    told = [event["type"] for event in page["events"] if event["call_id"] == record.call.id]
    numbers = [int(event["id"]) for event in page["events"]]
    assert told == ["call.ringing", "call.answered", "call.transcript", "call.takeover"]
    assert [event["type"] for event in page["events"]][-2:] == ["call.ringing", "call.rejected"]
    assert "call.completed" in [event["type"] for event in page["events"]]
    assert numbers == sorted(set(numbers))
    assert page["events"][2]["data"]["text"] == "Hello."


async def test_pages_follow_on_each_other(surface: Surface) -> None:
    """The cursor goes on where the page ended; an empty page keeps it."""
    await surface.rig.talk()
    everything = (await surface.api.get("/v1/inbound/events")).json()["events"]

    first = (await surface.api.get("/v1/inbound/events?limit=2")).json()
    rest = (await surface.api.get(f"/v1/inbound/events?after={first['next_cursor']}")).json()
    nothing = (await surface.api.get(f"/v1/inbound/events?after={rest['next_cursor']}")).json()

    assert first["events"] + rest["events"] == everything
    assert (first["has_more"], rest["has_more"]) == (True, False)
    assert nothing == {"events": [], "next_cursor": rest["next_cursor"], "has_more": False}


async def test_events_of_one_call_and_of_nobody_else(surface: Surface) -> None:
    """The filter holds, and another account hears nothing."""
    first, _second = await surface.rig.talk(), await surface.rig.talk()

    of_one = (await surface.api.get(f"/v1/inbound/events?call_id={first.call.id}")).json()
    theirs = (await surface.other.get("/v1/inbound/events")).json()

    assert {event["call_id"] for event in of_one["events"]} == {first.call.id}
    assert theirs == {"events": [], "next_cursor": None, "has_more": False}


@pytest.mark.parametrize(
    "query", ["after=x", "after=-1", "after=9999999999999999999", "limit=0", "limit=501", "call_id=7"]
)
@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
async def test_a_place_that_is_none_is_refused(surface: Surface, query: str, accept: str) -> None:
    """400 for pages and for streams."""
    answer = await surface.api.get(f"/v1/inbound/events?{query}", headers={"Accept": accept})

    assert (answer.status_code, code_of(answer)) == (400, "validation_error")


async def test_the_stream_is_described(surface: Surface) -> None:
    """Where it is, where the log ends, how many calls are up."""
    empty = (await surface.api.get("/v1/inbound/stream/info")).json()
    await surface.rig.answered()

    info = (await surface.api.get("/v1/inbound/stream/info")).json()
    last = (await surface.api.get("/v1/inbound/events")).json()["events"][-1]["id"]

    assert (empty["last_event_id"], empty["active_calls"]) == (None, 0)
    assert (info["last_event_id"], info["active_calls"], info["connected_clients"]) == (last, 1, 0)
    assert info["url"] == f"{PUBLIC_URL}/v1/inbound/events"
    assert (info["transport"], info["heartbeat_seconds"], info["retry_ms"]) == ("sse", 15, 3000)


class Stream:
    """A follower's connection: the application called as a server calls it, and what it sends."""

    def __init__(self) -> None:
        self.text = ""
        self.status = 0
        self.gone = asyncio.Event()
        self.came = asyncio.Event()
        self._asked = False

    async def receive(self) -> dict[str, Any]:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        self.text += message.get("body", b"").decode()
        self.came.set()

    def events(self) -> list[dict[str, Any]]:
        """The whole events that came so far; `id` and `event` lines agree with the data."""
        found = []
        for block in self.text.split("\n\n")[:-1]:
            fields = dict(line.partition(": ")[::2] for line in block.splitlines() if not line.startswith(":"))
            if "data" in fields:
                event = json.loads(fields["data"])
                assert (fields["id"], fields["event"]) == (event["id"], event["type"])
                found.append(event)
        return found

    async def until(self, count: int) -> list[dict[str, Any]]:
        """Wait until so many events came."""
        async with asyncio.timeout(10):
            while len(self.events()) < count:
                self.came.clear()
                await self.came.wait()
        return self.events()


@asynccontextmanager
async def following(surface: Surface, *, last: str | None = None, token: str = "ada") -> AsyncIterator[Stream]:
    """A connection that is cut when the context is left."""
    headers = [(b"authorization", f"Bearer {token}".encode()), (b"accept", b"text/event-stream")]
    if last is not None:
        headers.append((b"last-event-id", last.encode()))
    stream = Stream()
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/v1/inbound/events",
        "raw_path": b"/v1/inbound/events",
        "query_string": b"",
        "root_path": "",
        "headers": headers,
        "client": ("127.0.0.1", 1),
        "server": ("api.test", 80),
    }
    async with asyncio.TaskGroup() as tasks:

        async def serve() -> None:
            await surface.app(scope, stream.receive, stream.send)

        tasks.create_task(serve())
        async with asyncio.timeout(10):
            while "retry:" not in stream.text:
                stream.came.clear()
                await stream.came.wait()
        try:
            yield stream
        finally:
            stream.gone.set()


async def test_a_follower_who_is_cut_off_again_and_again_hears_every_event_once(surface: Surface) -> None:
    """Reconnects from the last id that came, while calls go on: no gap, no repeat, in order."""
    heard: list[dict[str, Any]] = []
    last = "0"
    for _ in range(4):
        await surface.rig.talk()
        async with following(surface, last=last) as stream:
            sid = new_sid()
            await surface.rig.ring(sid=sid)
            call = (await surface.rig.record(sid)).call
            await surface.rig.calls.lifecycle.answered(call.id, sid, surface.rig.calls.now, owner=OWNER)
            got = await stream.until(2)  # cut off in the middle of what there is
            heard.extend(got)
            last = heard[-1]["id"]
    async with following(surface, last=last) as stream:
        log = (await surface.api.get("/v1/inbound/events?limit=500")).json()["events"]
        heard.extend(await stream.until(len(log) - len(heard)) if len(log) > len(heard) else [])

    assert [event["id"] for event in heard] == [event["id"] for event in log]
    assert heard == log


async def test_a_new_follower_hears_what_is_new(surface: Surface) -> None:
    """Without a place the stream begins now; outbound and other people's events are not in it."""
    await surface.rig.talk()
    async with following(surface) as stream:
        record = await surface.rig.talk()
        events = await stream.until(3)

    assert {event["call_id"] for event in events} == {record.call.id}
    assert events[0]["type"] == "call.ringing"


async def test_followers_are_counted_and_capped(surface: Surface) -> None:
    """The count falls when they leave; one more than allowed is told to wait."""
    async with asyncio.timeout(20), following(surface), following(surface):
        info = (await surface.api.get("/v1/inbound/stream/info")).json()
        refused = await surface.api.get("/v1/inbound/events", headers={"Accept": "text/event-stream"})
    left = (await surface.api.get("/v1/inbound/stream/info")).json()

    assert (info["connected_clients"], left["connected_clients"]) == (2, 0)
    assert (refused.status_code, code_of(refused)) == (429, "rate_limited")


async def test_a_stream_beats_and_ends_with_its_token(surface: Surface) -> None:
    """A comment each interval while the token is good; then the stream ends by itself."""
    beats = 0

    async def still_good() -> None:
        nonlocal beats
        beats += 1
        if beats > 2:
            raise Unauthenticated("token_expired", "over")

    rig, streams = surface.rig, surface.streams(heartbeat_s=0.02)
    who = Principal(
        user_id=rig.account.user_id,
        organization_id=rig.account.organization_id,
        scopes=frozenset(),
        client_id="t",
        token_id="t",
    )
    follower = Follower(principal=who, after=0, call_id=None, still_good=still_good)

    async with asyncio.timeout(5):
        text = [part async for part in streams.follow(follower)]

    assert text == ["retry: 3000\n\n", ": heartbeat\n\n", ": heartbeat\n\n"]
    assert streams.connected(rig.account.organization_id) == 0


async def test_a_stream_ends_when_its_time_is_up(surface: Surface) -> None:
    """However good the token is."""
    rig, streams = surface.rig, surface.streams(stream_s=0.02)
    who = Principal(
        user_id="u", organization_id=rig.account.organization_id, scopes=frozenset(), client_id="t", token_id="t"
    )

    async def still_good() -> None:
        """It is."""

    async with asyncio.timeout(5):
        follower = Follower(principal=who, after=0, call_id=NOBODYS, still_good=still_good)
        text = [part async for part in streams.follow(follower)]

    assert text == ["retry: 3000\n\n"]


async def test_an_event_has_the_time_at_which_it_happened(surface: Surface) -> None:
    """In UTC, as everywhere."""
    surface.rig.calls.now = dt.datetime(2026, 2, 13, 10, 0, tzinfo=dt.UTC)
    await surface.rig.ring()

    events = (await surface.api.get("/v1/inbound/events")).json()["events"]

    assert events[0]["created_at"] == "2026-02-13T10:00:00Z"
    assert events[0]["data"]["caller_number"] == "+12125550199"
