"""A call behind the web surface: re-attached after its stream closed, steered by what the carrier is told next."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import structlog

from tests.fakes.call_rig import RECEPTIONIST
from tests.web.fakes import CALL_SID, FakeDesk, FakeSocket, call, start
from voice_engine.bootstrap import Providers, call_services, open_providers
from voice_engine.clock import run_virtual
from voice_engine.config import load_settings
from voice_engine.ports.call import CallSpec, EngineEvent
from voice_engine.ports.telephony import CallControl
from voice_engine.runtime.services import CallServices
from voice_engine.web import line
from voice_engine.web.calls import ConnectTo, HangUp, PlayDigits, Reconnect, Talk
from voice_engine.web.control import LiveOrder
from voice_engine.web.controls import StreamControl
from voice_engine.web.line import LineEngine, open_line

SETTINGS = load_settings({"VOICE_ENGINE_STT": "scripted", "VOICE_ENGINE_TTS": "scripted"})


class Rig:
    """One engine, and a carrier's end of its streams."""

    def __init__(self, engine: LineEngine, tasks: asyncio.TaskGroup) -> None:
        self.engine = engine
        self.controls = StreamControl(engine)
        self._tasks = tasks

    async def stream(self) -> FakeSocket:
        """Open a stream of the call and let the engine say its greeting into it."""
        socket = FakeSocket()
        self._tasks.create_task(self.engine.serve(socket, lambda _: call(spec=RECEPTIONIST)))
        socket.say(start("ticket"))
        await asyncio.sleep(2.0)
        return socket


@asynccontextmanager
async def rig(desk: FakeDesk | None = None, directory: Path | None = None) -> AsyncIterator[Rig]:
    desk = desk or FakeDesk(Talk(spec=RECEPTIONIST))
    providers: Providers = open_providers(SETTINGS)

    def equip(spec: CallSpec, control: CallControl) -> CallServices:
        return call_services(SETTINGS, providers, spec, control)

    async with asyncio.TaskGroup() as tasks:
        async with open_line(desk=desk, equip=equip, room=lambda: True, directory=directory) as engine:
            yield Rig(engine, tasks)
        await providers.aclose()


def test_a_call_goes_on_at_its_next_stream() -> None:
    async def main() -> tuple[bool, int, object, int]:
        async with rig() as one:
            first = await one.stream()
            greeted = any('"media"' in message for message in first.sent)
            await one.controls.send_digits(CALL_SID, "1w2")
            await asyncio.sleep(0.1)
            orders = (one.engine.what_next(CALL_SID), one.engine.what_next(CALL_SID))
            await one.stream()
            return greeted, first.close_code or 0, orders, one.engine.live

    assert run_virtual(main()) == (True, 1000, (PlayDigits(digits="1w2"), Reconnect()), 1)


def test_a_transfer_is_told_although_the_call_is_over_by_then() -> None:
    """The carrier asks what next after the stream has closed; the session may have ended in between."""

    async def main() -> tuple[int, list[object]]:
        async with rig() as one:
            await one.stream()
            await one.controls.transfer(CALL_SID, "+15550123")
            one.engine._live[CALL_SID].session.end("transferred")
            await asyncio.sleep(5.0)
            return one.engine.live, [one.engine.what_next(CALL_SID) for _ in range(2)]

    assert run_virtual(main()) == (0, [ConnectTo(number="+15550123"), HangUp()])


def test_a_hang_up_closes_the_stream_and_says_so() -> None:
    async def main() -> tuple[int | None, object]:
        async with rig() as one:
            socket = await one.stream()
            await one.controls.hang_up(CALL_SID)
            return socket.close_code, one.engine.what_next(CALL_SID)

    assert run_virtual(main()) == (1000, HangUp())


def test_orders_for_unknown_calls_are_forgotten() -> None:
    async def main() -> object:
        async with rig() as one:
            await one.controls.send_digits("CA" + "9" * 32, "1")
            return one.engine.what_next("CA" + "9" * 32)

    assert run_virtual(main()) == HangUp()


def test_orders_that_nobody_asks_for_do_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "KEPT_ORDERS", 0)

    async def main() -> object:
        async with rig() as one:
            await one.stream()
            await one.controls.transfer(CALL_SID, "+15550123")
            one.engine._live[CALL_SID].session.end("transferred")
            await asyncio.sleep(5.0)
            return one.engine.what_next(CALL_SID)

    assert run_virtual(main()) == HangUp()


def test_a_stopping_process_has_its_calls_say_goodbye() -> None:
    async def main() -> tuple[int, int]:
        async with rig() as one:
            await one.stream()
            before = one.engine.live
            one.engine.wind_down()
            await asyncio.sleep(30.0)
            return before, one.engine.live

    assert run_virtual(main()) == (1, 0)


def test_the_desk_is_told_of_the_start_the_events_and_the_end(tmp_path: Path) -> None:
    """With the recording, once it is whole."""
    desk = FakeDesk(Talk(spec=RECEPTIONIST))

    async def main() -> None:
        async with rig(desk, tmp_path) as one:
            await one.stream()
            one.engine._live[CALL_SID].session.end("cancelled")
            await asyncio.sleep(5.0)

    run_virtual(main())

    assert desk.told == ["started", "finished"]
    assert "call.stream" in desk.events
    assert [report.call_id for report in desk.reports] == [RECEPTIONIST.call_id]
    assert desk.recordings == [tmp_path / RECEPTIONIST.call_id / "recording.wav"]


class _Listening(FakeDesk):
    """Notes which call the log would name when something happens in one."""

    def __init__(self) -> None:
        super().__init__(Talk(spec=RECEPTIONIST))
        self.named: dict[str, object] = {}

    def note(self, spec: CallSpec, event: EngineEvent) -> None:
        self.named[event.type] = structlog.contextvars.get_contextvars().get("call_id")


def test_every_line_of_the_log_out_of_a_call_names_it() -> None:
    """Providers, tools and whatever else runs in its tasks: none of them has to be told."""
    desk = _Listening()

    async def main() -> None:
        async with rig(desk) as one:
            await one.stream()
            one.engine._live[CALL_SID].session.end("cancelled")
            await asyncio.sleep(5.0)

    run_virtual(main())

    spoken = {kind: name for kind, name in desk.named.items() if kind in {"call.answered", "turn.ai", "call.ended"}}
    assert spoken == dict.fromkeys(["call.answered", "turn.ai", "call.ended"], RECEPTIONIST.call_id)
    assert "call_id" not in structlog.contextvars.get_contextvars()


def test_a_desk_that_fails_for_a_while_is_told_again() -> None:
    """A database restart must not lose a call's bill; until then the process counts the call as its own."""
    desk = FakeDesk(Talk(spec=RECEPTIONIST), faults=2)

    async def main() -> tuple[int, int]:
        async with rig(desk) as one:
            await one.stream()
            one.engine._live[CALL_SID].session.end("cancelled")
            await asyncio.sleep(0.4)
            before = one.engine.live
            await asyncio.sleep(10.0)
            return before, one.engine.live

    assert run_virtual(main()) == (1, 0)
    assert desk.told == ["started", "finished", "finished", "finished"]
    assert len(desk.reports) == 1


def order(kind: str, **arguments: str) -> LiveOrder:
    return LiveOrder(id="o1", call_id=RECEPTIONIST.call_id, kind=kind, arguments=arguments)


@pytest.mark.parametrize(
    ("ordered", "next_"),
    [(order("stop"), HangUp()), (order("transfer", number="+15550123"), ConnectTo(number="+15550123"))],
    ids=["stop", "transfer"],
)
def test_an_owners_order_ends_the_engines_part_at_once(ordered: LiveOrder, next_: object) -> None:
    """Within a second the carrier's next question is answered with it."""

    async def main() -> tuple[str | None, object, list[str]]:
        async with rig() as one:
            await one.stream()
            refusal = await one.engine.perform(ordered)
            await asyncio.sleep(0.9)
            return refusal, one.engine.what_next(CALL_SID), one.engine.live_calls

    assert run_virtual(main()) == (None, next_, [])


def test_a_rejected_call_hears_a_goodbye_first() -> None:
    """After the answer, an unwanted caller is not just cut off."""

    async def main() -> tuple[str | None, int, int, int]:
        async with rig() as one:
            socket = await one.stream()
            before = len(socket.sent)
            refusal = await one.engine.perform(order("reject"))
            await asyncio.sleep(2.0)
            said = len(socket.sent) - before
            await asyncio.sleep(20.0)
            return refusal, before, said, one.engine.live

    refusal, _, said, live = run_virtual(main())

    assert (refusal, live) == (None, 0)
    assert said > 0


@pytest.mark.parametrize("call_id", ["gone", RECEPTIONIST.call_id])
def test_an_order_to_a_call_that_is_not_up_says_so(call_id: str) -> None:
    async def main() -> str | None:
        async with rig() as one:
            return await one.engine.perform(LiveOrder(id="o", call_id=call_id, kind="stop"))

    assert run_virtual(main()) == "call_not_active"


def test_a_call_that_was_stopped_while_it_rang_is_ended_when_it_is_answered() -> None:
    """The stop came between the webhook and the stream."""
    desk = FakeDesk(Talk(spec=RECEPTIONIST))
    desk.wanted = False

    async def main() -> int:
        async with rig(desk) as one:
            await one.stream()
            return one.engine.live

    assert run_virtual(main()) == 0
    assert [report.outcome.status for report in desk.reports] == ["cancelled"]
