"""A server with one engine, its door for browsers, and whoever calls: whole calls on virtual time."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tests.fakes.browser import FakeBrowser
from tests.fakes.call_rig import RECEPTIONIST, ClipLine, TextSTT, ToneTTS
from tests.fakes.takeover_rig import Dialer
from tests.web.fakes import FakeDesk, settings
from voice_engine.carrier.memory import socket_pair
from voice_engine.clock import LoopClock
from voice_engine.ports.call import CallReport, CallSpec
from voice_engine.ports.media import MediaSocket
from voice_engine.ports.telephony import CallControl
from voice_engine.providers.calendar.local import LocalCalendar
from voice_engine.runtime.services import CallServices
from voice_engine.web.app import Surface
from voice_engine.web.browser import ACCOUNT_SID, Pass, call_sid_of
from voice_engine.web.calls import IncomingCall, Talk, Visitor
from voice_engine.web.line import Furnish, LineEngine, open_line

VISITOR = Visitor(user_id="u1", organization_id="o1")
CALL_ID = "0b7c2f01-5d3c-4b8e-9a61-01634671ffef"
HOURS = "What are your opening hours?"
RESPONDENT = [
    "Nobu, good evening.",
    "Yes, we have a table for four at eight.",
    "Yes, it is booked. What name?",
    "Yes, that is right. It is booked.",
    "Yes, goodbye.",
]


@dataclass
class Line:
    """A server with one engine, and its door for browsers."""

    engine: LineEngine
    surface: Surface
    desk: FakeDesk
    tasks: asyncio.TaskGroup
    spec: CallSpec
    dialer: Dialer | None
    capacity: int = 512
    browsers: list[FakeBrowser] = field(default_factory=list)

    @property
    def call(self) -> IncomingCall:
        """The call that the page asked for."""
        return IncomingCall(
            call_sid=call_sid_of(self.spec.call_id),
            account_sid=ACCOUNT_SID,
            caller="",
            callee="+14155550100",
            direction=self.spec.direction,
            spec=self.spec,
            visitor=VISITOR,
        )

    def connect(self, entry: Pass, person: ClipLine, **options: Any) -> FakeBrowser:
        """Open a socket with this pass."""
        page, server = socket_pair(self.capacity)
        browser = FakeBrowser(page, entry, person, **options)
        self.browsers.append(browser)
        self.tasks.create_task(self._serve(server))
        return browser

    async def talk(self, person: ClipLine, **options: Any) -> FakeBrowser:
        """Ask for the call, connect, and stay to its end."""
        browser = self.connect(await self.surface.browsers.open(self.call), person, **options)
        await browser.talk()
        return browser

    async def over(self) -> None:
        """Wait until the call is over and written down."""
        for _ in range(600):
            if not self.engine.live:
                return
            await asyncio.sleep(0.1)
        raise AssertionError("the call does not end")

    async def _serve(self, socket: MediaSocket) -> None:
        await self.surface.browsers.serve(socket, VISITOR)
        await socket.close()

    @property
    def report(self) -> CallReport:
        """What the call came to."""
        (report,) = self.desk.reports
        return report


@asynccontextmanager
async def line(
    spec: CallSpec = RECEPTIONIST,
    texts: Sequence[str] = (),
    *,
    directory: Path | None = None,
    dialer: Dialer | None = None,
    furnish: Furnish | None = None,
) -> AsyncIterator[Line]:
    """One call's server while the context is open."""
    spec, desk = replace(spec, call_id=CALL_ID), FakeDesk(Talk(spec=spec))

    def equip(given: CallSpec, control: CallControl) -> CallServices:
        assistant = given.assistant
        return CallServices(
            clock=LoopClock(),
            stt=TextSTT(texts),
            tts=ToneTTS(),
            llm=None,
            control=control,
            calendar=LocalCalendar.of(assistant) if assistant else None,
        )

    async with (
        open_line(
            desk=desk, equip=equip, directory=directory, dialer=dialer, transfers_ask=False, furnish=furnish
        ) as engine,
        asyncio.TaskGroup() as tasks,
    ):
        surface = Surface(engine, settings(), now=asyncio.get_running_loop().time)
        yield Line(engine=engine, surface=surface, desk=desk, tasks=tasks, spec=spec, dialer=dialer)


def texts_of(report: CallReport) -> list[tuple[str, str]]:
    return [(turn.speaker, turn.text) for turn in report.turns]
