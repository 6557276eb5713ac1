"""Browser calls from the request to what is left: row, transcript, recording, bill, and what both surfaces show."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from tests.fakes.answering import BusinessRig, open_business_line
from tests.fakes.browser import FakeBrowser
from tests.fakes.browser_rig import RESPONDENT
from tests.fakes.call_rig import ClipLine, Say, TextSTT, ToneTTS, clip
from tests.fakes.calls import new_call
from tests.fakes.inbound import InboundRig, open_inbound
from tests.web.fakes import settings
from voice_engine.audio.frames import PCM
from voice_engine.carrier.memory import socket_pair
from voice_engine.clock import LoopClock
from voice_engine.domains.calls.models import Call
from voice_engine.domains.calls.repository import journal
from voice_engine.domains.calls.states import CallState, Channel
from voice_engine.ports.call import CallSpec
from voice_engine.ports.media import MediaSocket
from voice_engine.ports.telephony import CallControl
from voice_engine.ports.tts import SpeechRequest
from voice_engine.providers.calendar.local import LocalCalendar
from voice_engine.runtime.services import CallServices
from voice_engine.store.engine import Store
from voice_engine.web.app import Surface
from voice_engine.web.calls import IncomingCall, Plan, Visitor
from voice_engine.web.desk import ServiceDesk
from voice_engine.web.line import open_line
from voice_engine.web.talks import Talk, Talks

pytestmark = [pytest.mark.store, pytest.mark.slow]

STEREO_BYTES_A_MS = 32
SAID = {
    "inbound": ["What are your opening hours?"],
    "outbound": RESPONDENT,
}
GREETING = [Say(clip(ms=800), at_ms=1_000)]
BOOKING = [Say(clip(ms=800), at_ms=300), *(Say(clip(ms=500), after_ms=400) for _ in RESPONDENT[1:])]


class QuickTTS(ToneTTS):
    """Speaks twenty words a second: these calls last in real time."""

    async def synthesize(self, request: SpeechRequest) -> AsyncGenerator[PCM, None]:
        self.requested.append(request.text)
        samples = np.arange(len(request.text.split()) * 400)
        yield np.rint(5000 * np.sin(2 * np.pi * 250 / 8000 * samples)).astype(np.int16)


class NobodyRings:
    """`InboundDesk` of a server that no telephone reaches."""

    async def plan(self, call: IncomingCall) -> Plan:
        raise AssertionError("a browser's call needs no webhook")

    async def recorded(self, query: Mapping[str, str], form: Mapping[str, str]) -> None:
        raise AssertionError("the carrier records nothing")


@dataclass
class Server:
    """One process that holds browser calls over real rows."""

    rig: InboundRig
    talks: Talks
    surface: Surface
    tasks: asyncio.TaskGroup

    @property
    def visitor(self) -> Visitor:
        return Visitor(user_id=self.rig.account.user_id, organization_id=self.rig.account.organization_id)

    async def talk(self, talk: Talk, said: Sequence[Say]) -> FakeBrowser:
        """A conversation: they greet, we say something, they answer, we hang up."""
        page, server = socket_pair()
        person = ClipLine(*said, hang_up_after_ms=2_000)
        browser = FakeBrowser(page, talk.entry, person)
        self.tasks.create_task(self._serve(server))
        await browser.talk()
        return browser

    async def _serve(self, socket: MediaSocket) -> None:
        await self.surface.browsers.serve(socket, self.visitor)


@contextlib.asynccontextmanager
async def serving(rig: InboundRig, directory: Path) -> AsyncIterator[Server]:
    """The server while the context is open."""

    def equip(spec: CallSpec, control: CallControl) -> CallServices:
        return CallServices(
            clock=LoopClock(),
            stt=TextSTT(SAID[spec.direction]),
            tts=QuickTTS(),
            llm=None,
            control=control,
            calendar=LocalCalendar.of(spec.assistant) if spec.assistant else None,
        )

    desk = ServiceDesk(rig.calls.lifecycle, NobodyRings(), owner="w1", now=rig.calls.clock)
    async with (
        open_line(desk=desk, equip=equip, directory=directory) as engine,
        asyncio.TaskGroup() as tasks,
    ):
        surface = Surface(engine, settings(), now=asyncio.get_running_loop().time)
        talks = Talks(
            rig.store,
            surface.browsers,
            engine,
            reception=rig.domain.browsers,
            respondents=rig.calls.domain.respondents,
        )
        yield Server(rig=rig, talks=talks, surface=surface, tasks=tasks)


async def held(rig: InboundRig, root: Path, *, answers: Sequence[Say]) -> dict[str, Call]:
    """Both kinds of calls, one beside the other, jobs done; their rows by direction. `answers`: a respondent's."""
    async with serving(rig, root / "calls") as server, asyncio.TaskGroup() as tasks:
        one = await server.talks.call_receptionist(server.visitor, None)
        received = tasks.create_task(server.talk(one, GREETING))
        await asyncio.sleep(0.5)  # the second request must not end a call whose browser has come
        other = await server.talks.be_called(server.visitor, new_call(respondent_phone=None))
        respondent = tasks.create_task(server.talk(other, answers))
        assert [(await task).closed for task in (received, respondent)] == [1000, 1000]
    await rig.jobs.run_due()
    rows = [await rig.calls.call(talk.call_id) for talk in (one, other)]
    return {row.direction: row for row in rows}


async def check(rig: InboundRig, row: Call) -> None:
    """Everything that a call leaves is there."""
    async with rig.store.read(row.organization_id) as work:
        lines = await journal.list_transcript(work, row.id)
    kept = await rig.calls.blobs.find(row.recording_key or "")
    assert (row.channel, row.provider_sid) == (Channel.BROWSER, None)
    assert row.status in {CallState.COMPLETED, CallState.FAILED, CallState.SUCCESS}
    assert SAID[row.direction][0] in [line.text for line in lines if line.speaker == "HUMAN"]
    assert {line.speaker for line in lines} == {"AI", "HUMAN"}
    assert row.duration_ms is not None
    assert row.duration_ms > 2_500
    assert row.recording_ms is not None
    assert row.recording_ms > 2_500
    assert kept is not None
    assert kept.size_bytes > STEREO_BYTES_A_MS * 2_500


@pytest.mark.acceptance
async def test_a_persons_calls_are_whole_and_paid_in_credits(store: Store, tmp_path: Path) -> None:
    rig = await open_inbound(store, tmp_path)

    rows = await held(rig, tmp_path, answers=BOOKING)

    for row in rows.values():
        await check(rig, row)
    booked = rows["outbound"]
    assert (booked.status, booked.task_outcome) == (CallState.SUCCESS, "achieved")
    assert booked.agreed is not None
    assert (booked.agreed["date"], booked.agreed["time"]) == ("2026-02-14", "20:00")
    assert booked.ics is not None
    assert booked.next_steps
    used, reserved = await rig.calls.balance()
    assert used == str(sum(row.credits_used for row in rows.values()))
    assert (used != "0.00", reserved) == (True, "0.00")


async def test_a_businesss_calls_are_whole_and_paid_in_minutes(store: Store, tmp_path: Path) -> None:
    """And both surfaces show them as their contracts say."""
    rig = await open_business_line(store, tmp_path)

    rows = await held(rig, tmp_path, answers=GREETING)

    for row in rows.values():
        await check(rig, row)
    async with store.begin(rig.account.organization_id) as work:
        cycle = (await rig.calls.domain.minutes.read(work)).cycle
    assert cycle.used >= 4
    assert cycle.reserved == 0
    await check_views(rig, rows)


async def check_views(rig: BusinessRig, rows: Mapping[str, Call]) -> None:
    """The clients hold every answer to the published contract."""
    received, respondent = rows["inbound"].id, rows["outbound"].id
    async with rig.client_of_v1() as v1:
        inbound = (await v1.get(f"/v1/inbound/calls/{received}")).json()
        outbound = (await v1.get(f"/v1/calls/{respondent}")).json()
        for path in (f"/v1/inbound/calls/{received}", f"/v1/calls/{respondent}"):
            assert (await v1.get(f"{path}/transcript")).status_code == 200
            assert (await v1.get(f"{path}/recording")).status_code == 200
        assert len((await v1.get("/v1/inbound/calls")).json()["calls"]) == 1
        assert len((await v1.get("/v1/calls")).json()["calls"]) == 1
    async with rig.client() as api:
        listed = (await api.get("/api/calls")).json()["calls"]
        for call_id in (received, respondent):
            assert (await api.get(f"/api/calls/{call_id}")).status_code == 200
    assert (inbound["caller_number"], inbound["caller"]["name"]) == (None, "Jane Smith")
    assert outbound["metadata"]["end_reason"] == "callee_hung_up"
    assert {(item["channel"], item["customerNumber"]) for item in listed} == {("BROWSER", None)}
