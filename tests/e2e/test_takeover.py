"""A takeover over real sockets: the built-in carrier rings the second leg, both streams meet in one process."""

import asyncio
import os
import signal
import statistics
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from tests.carrier.lines import tone_mulaw
from tests.carrier.rest.rig import OURS, TOKEN, ToneVoice, World
from tests.fakes.call_rig import RECEPTIONIST, TextSTT, ToneTTS
from tests.web.fakes import FakeDesk
from voice_engine.audio import mulaw
from voice_engine.carrier.leg import SILENT_FRAME, LineFrame
from voice_engine.carrier.record import Answer
from voice_engine.carrier.rest.app import build_app
from voice_engine.carrier.rest.carrier import Carrier, CarrierSettings, open_carrier
from voice_engine.carrier.rest.server import bind, listening
from voice_engine.clock import LoopClock
from voice_engine.ports.call import CallSpec
from voice_engine.ports.telephony import CallControl, NumberSettings
from voice_engine.runtime.services import CallServices
from voice_engine.telephony.twilio.account import TwilioSettings
from voice_engine.telephony.twilio.rest import TwilioTelephony
from voice_engine.web.app import Surface
from voice_engine.web.calls import Talk
from voice_engine.web.control import LiveOrder
from voice_engine.web.line import LineEngine, open_line
from voice_engine.web.server import serve
from voice_engine.web.settings import VOICE_PATHS, WebSettings
from voice_engine.web.takeover import CarrierDialer

pytestmark = pytest.mark.slow

CALLER, COLLEAGUE, NOBODY = "+15550100123", "+15550100777", "+15550100778"
CALLER_HZ, HUMAN_HZ, ENGINE_HZ = 600.0, 1000.0, 250.0
BURST = tone_mulaw(100, HUMAN_HZ)
MOST_ADDED_MS = 60.0
"""What the bridge may add to what the two legs take by themselves."""
CARRIER_MS = 20.0
"""The carrier plays a frame in the 20 ms after those in which it came: of its own making, not ours."""


class TonePhone:
    """A line that says what a test gives it, and keeps when it said and heard tones (loop's time)."""

    def __init__(self) -> None:
        self._audio = b""
        self.leaving = False
        self.keys = ""
        self.heard = bytearray()
        self.said_at: list[float] = []
        self.heard_at: list[float] = []
        self._hears = self._says = False

    def say(self, audio: bytes) -> None:
        self._audio += audio

    def step(self, at_ms: int, heard: bytes | None) -> LineFrame:
        now = asyncio.get_running_loop().time()
        frame = heard or SILENT_FRAME
        self.heard += frame
        said, self._audio = self._audio[:160], self._audio[160:]
        hears, says = bool(frame.strip(b"\xff\x7f")), bool(said.strip(b"\xff\x7f"))
        if hears and not self._hears:
            self.heard_at.append(now)
        if says and not self._says:
            self.said_at.append(now)
        self._hears, self._says = hears, says
        keys, self.keys = self.keys, ""
        return LineFrame(said.ljust(160, b"\xff"), keys, hung_up=self.leaving)

    def press(self, digits: str, at_ms: int) -> None:
        """Nobody presses keys here."""

    async def settle(self) -> None:
        """There is nothing to finish."""

    def power(self, hz: float, seconds: float) -> float:
        """Share of the newest audio's power that is at `hz`."""
        pcm = mulaw.decode_pcm(bytes(self.heard[-int(seconds * 8000) :])).astype(np.float64)
        if not pcm.size:
            return 0.0
        spectrum = np.abs(np.fft.rfft(pcm)) ** 2
        return float(spectrum[np.abs(np.fft.rfftfreq(pcm.size, 1 / 8000) - hz) < 20].sum() / (spectrum.sum() + 1.0))


@dataclass(slots=True, kw_only=True)
class Place:
    """A carrier, a service, and two phones."""

    carrier: Carrier
    engine: LineEngine
    desk: FakeDesk
    caller: TonePhone
    human: TonePhone

    async def order(self, kind: str, **arguments: str) -> str | None:
        return await self.engine.perform(
            LiveOrder(id="o1", call_id=RECEPTIONIST.call_id, kind=kind, arguments=arguments)
        )

    async def until(self, true: Callable[[], object]) -> None:
        async with asyncio.timeout(10):
            while not true():  # noqa: ASYNC110  # lines have no events to wait for
                await asyncio.sleep(0.02)


@asynccontextmanager
async def place(folder: Path, *texts: str) -> AsyncIterator[Place]:
    """`texts` is what the engine makes of the caller's speech."""

    def equip(spec: CallSpec, control: CallControl) -> CallServices:
        return CallServices(clock=LoopClock(), stt=TextSTT(texts), tts=ToneTTS(), control=control)

    world, desk = World(), FakeDesk(Talk(spec=RECEPTIONIST))
    caller, human = TonePhone(), TonePhone()
    world.put(COLLEAGUE, lambda: human, Answer(after_ms=200))
    ours, public_url = bind()
    theirs, carrier_url = bind()
    settings = CarrierSettings(data_dir=folder, auth_token=TOKEN, base_url=carrier_url, first_numbers=(OURS,))
    telephony = TwilioTelephony(
        TwilioSettings(account_sid=settings.account_sid, auth_token=TOKEN, base_url=carrier_url)
    )
    dialer = CarrierDialer(telephony, public_url=public_url)
    async with asyncio.TaskGroup() as tasks:
        async with (
            open_line(desk=desk, equip=equip, directory=None, dialer=dialer) as engine,
            open_carrier(settings, reach=world, voice=ToneVoice()) as carrier,
            listening(build_app(carrier), theirs),
        ):
            started = asyncio.Event()
            surface = Surface(engine, WebSettings(public_url=public_url, auth_token=TOKEN, max_calls=1))
            tasks.create_task(serve(surface, ours, on_started=started.set))
            await started.wait()
            number = await telephony.find_number(OURS)
            assert number is not None
            await telephony.configure_number(
                number.number_sid, NumberSettings(voice_url=f"{public_url}{VOICE_PATHS[0]}")
            )
            await carrier.call_in(OURS, caller=CALLER, line=caller)
            one = Place(carrier=carrier, engine=engine, desk=desk, caller=caller, human=human)
            await one.until(lambda: one.caller.heard_at)
            yield one
            caller.leaving = human.leaving = True
            await one.until(lambda: engine.live == 0)
        await telephony.aclose()
        os.kill(os.getpid(), signal.SIGTERM)


def _added_ms(said_at: list[float], heard_at: list[float]) -> list[float]:
    """What we add to each burst's way; a burst that a busy machine plays with a gap begins once."""
    firsts = [min(heard for heard in heard_at if heard >= said) for said in said_at]
    return [(heard - said) * 1000 - CARRIER_MS for said, heard in zip(said_at, firsts, strict=True)]


async def test_two_phones_meet_and_part(tmp_path: Path) -> None:
    """Each hears the other's tone within 60 ms of ours; the human leaves, and the engine is back."""
    async with place(tmp_path) as one:
        assert await one.order("takeover", number=COLLEAGUE) is None
        await asyncio.sleep(0.6)
        one.caller.heard_at.clear()
        for _ in range(5):
            one.human.say(BURST + SILENT_FRAME * 10)
        await asyncio.sleep(2.0)
        added = _added_ms(one.human.said_at, one.caller.heard_at)
        one.human.say(tone_mulaw(1_000, HUMAN_HZ))
        one.caller.say(tone_mulaw(1_000, CALLER_HZ))
        await asyncio.sleep(0.9)
        crossed = one.caller.power(HUMAN_HZ, 0.5), one.human.power(CALLER_HZ, 0.5)

        one.human.leaving = True
        await one.until(lambda: one.caller.power(ENGINE_HZ, 0.5) > 0.9)
        one.caller.leaving = True
        await one.until(lambda: one.desk.reports)

    print(f"added by the bridge: {[round(ms, 1) for ms in added]} ms")
    assert statistics.median(added) < MOST_ADDED_MS
    assert min(crossed) > 0.9
    assert one.desk.reports[0].handled_by == "human"
    assert "call.takeover" in one.desk.events
    assert "call.handed_back" in one.desk.events


async def test_a_phone_that_nobody_answers_leaves_the_call_with_the_engine(tmp_path: Path) -> None:
    """The carrier's own status callback ends the wait."""
    async with place(tmp_path) as one:
        one.carrier.parts.reach.put(NOBODY, lambda: None, Answer(how="busy"))  # type: ignore[attr-defined]
        assert await one.order("takeover", number=NOBODY) == "busy"
        assert one.engine.live == 1
        assert "takeover.failed" in one.desk.events


async def test_a_caller_who_leaves_takes_the_human_along(tmp_path: Path) -> None:
    async with place(tmp_path) as one:
        assert await one.order("takeover", number=COLLEAGUE) is None
        one.caller.leaving = True
        book = one.carrier.exchange.book
        await one.until(lambda: all(call.status.over for call in book.all()))

        assert one.engine.live == 0
