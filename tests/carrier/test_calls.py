"""Calls inside the carrier: dialling, TwiML verb by verb, updates in mid-call, and every way to end."""

import asyncio
import base64
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import pytest

from tests.carrier.lines import SilentLine, tone_mulaw
from tests.fakes.sockets import ScriptedEngine
from voice_engine.carrier.calls import Answer, CallRecord, LocalCarrier
from voice_engine.carrier.control import LocalCallControl, stream_document
from voice_engine.carrier.leg import Line, LineFrame
from voice_engine.carrier.memory import LocalConnector
from voice_engine.clock import LoopClock, run_virtual
from voice_engine.errors import UpstreamFailed
from voice_engine.ports.media import MediaSocket
from voice_engine.ports.telephony import DialResult, DialStatus

STREAM = '<Connect><Stream url="wss://engine.test/media"/></Connect>'

Script = Callable[[LocalCarrier, LocalCallControl, str], Awaitable[None]]


def call(
    line: Line,
    document: str,
    *,
    engine: ScriptedEngine | None = None,
    answer: Answer | None = None,
    during: Script | None = None,
    fetch: Callable[[str, Mapping[str, str]], Awaitable[str]] | None = None,
    lines: Mapping[str, Line] | None = None,
) -> tuple[DialResult, CallRecord]:
    """Place a call with `document` as TwiML and run it to its end on the virtual clock."""
    engine = engine or ScriptedEngine()

    async def main() -> tuple[DialResult, CallRecord]:
        async with asyncio.TaskGroup() as tasks:
            carrier = LocalCarrier(
                connect=LocalConnector(engine.handle, tasks),
                clock=LoopClock(),
                tasks=tasks,
                fetch=fetch,
                lines=(lines or {}).get,
            )
            dialled = await carrier.dial(line, to="+15550100123", document=document, answer=answer)
            if during is not None and dialled.status is DialStatus.ANSWERED:
                await during(carrier, LocalCallControl(carrier), dialled.call_sid)
            return dialled, await carrier.wait(dialled.call_sid)

    return run_virtual(main())


@pytest.mark.parametrize(
    ("answer", "status", "ring_ms"),
    [
        (Answer(after_ms=1200), DialStatus.ANSWERED, 1200),
        (Answer(how="busy", after_ms=300), DialStatus.BUSY, 300),
        (Answer(how="failed"), DialStatus.FAILED, 0),
        (Answer(how="no_answer"), DialStatus.NO_ANSWER, 60_000),
        (Answer(after_ms=61_000), DialStatus.NO_ANSWER, 60_000),
    ],
)
def test_dial_ends_as_the_line_decides(answer: Answer, status: DialStatus, ring_ms: int) -> None:
    dialled, _ = call(SilentLine(), "<Response><Hangup/></Response>", answer=answer)

    assert (dialled.status, dialled.ring_ms) == (status, ring_ms)


def test_a_call_that_nobody_answers_opens_no_stream() -> None:
    engine = ScriptedEngine()

    _, record = call(SilentLine(), f"<Response>{STREAM}</Response>", engine=engine, answer=Answer(how="busy"))

    assert (record.status, engine.events) == ("busy", [])


def test_parameters_reach_the_start_message() -> None:
    engine = ScriptedEngine()

    call(SilentLine(hang_up_after_ms=100), stream_document(parameters={"a": '<"&>'}), engine=engine)

    assert engine.of("start")[0]["start"]["customParameters"] == {"a": '<"&>'}


def test_when_the_engine_closes_its_socket_the_next_verb_runs() -> None:
    """A <Pause> after <Connect> keeps a dead line open; <Hangup/> ends it."""

    def on_event(engine: ScriptedEngine, body: dict[str, Any]) -> None:
        if body.get("media", {}).get("chunk") == "5":
            engine.close()

    dead = call(SilentLine(), f"<Response>{STREAM}<Pause length='40'/></Response>", engine=ScriptedEngine(on_event))
    clean = call(SilentLine(), f"<Response>{STREAM}<Hangup/></Response>", engine=ScriptedEngine(on_event))

    assert dead[1].ended_at_ms == pytest.approx(40_100.0, abs=20.1)
    assert clean[1].ended_at_ms == pytest.approx(100.0, abs=20.1)


def test_the_connect_action_is_asked_what_next() -> None:
    asked: list[tuple[str, Mapping[str, str]]] = []

    async def fetch(url: str, form: Mapping[str, str]) -> str:
        asked.append((url, form))
        return "<Response><Hangup/></Response>" if len(asked) > 1 else f"<Response>{connect}</Response>"

    def on_event(engine: ScriptedEngine, body: dict[str, Any]) -> None:
        if body.get("media", {}).get("chunk") == "5":
            engine.close()

    connect = STREAM.replace("<Connect>", '<Connect action="https://engine.test/next">')
    _, record = call(SilentLine(), f"<Response>{connect}</Response>", engine=ScriptedEngine(on_event), fetch=fetch)

    assert [url for url, _ in asked] == ["https://engine.test/next"] * 2
    assert asked[0][1]["CallSid"] == record.call_sid
    assert len(record.streams) == 2


def test_digits_end_the_stream_reach_the_line_and_open_another_for_the_same_call() -> None:
    engine = ScriptedEngine()

    async def during(carrier: LocalCarrier, control: LocalCallControl, call_sid: str) -> None:
        await asyncio.sleep(1)
        await control.send_digits(call_sid, "1w2")

    line = SilentLine(hang_up_after_ms=4000)
    _, record = call(line, stream_document(), engine=engine, during=during)

    starts = [body["start"] for body in engine.of("start")]
    assert [digit for _, digit in line.pressed] == ["1", "2"]
    assert line.pressed[1][0] - line.pressed[0][0] == 700
    assert starts[0]["callSid"] == starts[1]["callSid"] == record.call_sid
    assert starts[0]["streamSid"] != starts[1]["streamSid"]
    assert [body["event"] for body in engine.events if body["event"] in ("start", "stop")] == [
        "start",
        "stop",
        "start",
        "stop",
    ]
    assert record.digits_played == "12"


def test_line_time_runs_on_while_digits_are_played() -> None:
    """The respondent's clock is the call's, not the stream's."""

    async def during(carrier: LocalCarrier, control: LocalCallControl, call_sid: str) -> None:
        await asyncio.sleep(1)
        await control.send_digits(call_sid, "5")

    _, record = call(SilentLine(hang_up_after_ms=3000), stream_document(), during=during)

    assert record.ended_at_ms == pytest.approx(3000.0)


def test_hang_up_ends_the_call_and_a_second_one_is_no_error() -> None:
    engine = ScriptedEngine()

    async def during(carrier: LocalCarrier, control: LocalCallControl, call_sid: str) -> None:
        await asyncio.sleep(0.5)
        await control.hang_up(call_sid)
        await carrier.wait(call_sid)
        await control.hang_up(call_sid)
        await control.send_digits(call_sid, "1")

    line = SilentLine()
    _, record = call(line, stream_document(), engine=engine, during=during)

    assert (record.status, record.ended_by) == ("completed", "engine")
    assert len(engine.of("stop")) == 1
    assert line.settled


def test_transfer_bridges_the_line_to_the_number() -> None:
    """The far end hears the respondent and the respondent the far end."""

    class TalkingLine(SilentLine):
        def step(self, at_ms: int, heard: bytes | None) -> Any:
            frame = super().step(at_ms, heard)
            return frame._replace(mulaw=tone_mulaw(20))

    async def during(carrier: LocalCarrier, control: LocalCallControl, call_sid: str) -> None:
        await asyncio.sleep(0.5)
        await control.transfer(call_sid, "+15550100999")

    desk = TalkingLine(hang_up_after_ms=2000)
    line = TalkingLine()
    _, record = call(line, stream_document(), during=during, lines={"+15550100999": desk})

    assert record.dialled == ["+15550100999"]
    assert bytes(desk.heard).count(tone_mulaw(20)) >= 95
    assert bytes(line.heard).count(tone_mulaw(20)) >= 95
    assert record.ended_by == "engine"


def test_the_line_may_hang_up_at_any_time() -> None:
    _, record = call(SilentLine(hang_up_after_ms=300), stream_document())

    assert (record.status, record.ended_by) == ("completed", "line")


@pytest.mark.parametrize(
    "document",
    [
        "<Response>",
        "<Hangup/>",
        "<Response><Enqueue>support</Enqueue></Response>",
        '<Response><Start><Stream url="wss://a.test/b"/></Start></Response>',
        '<Response><Connect><Stream url="wss://a.test/b?token=1"/></Connect></Response>',
        '<Response><Connect><Stream url="ws://a.test/b"/></Connect></Response>',
        '<Response><Connect><Stream url="https://a.test/b"/></Connect></Response>',
        '<Response><Connect><Stream track="both_tracks" url="wss://a.test/b"/></Connect></Response>',
        stream_document("wss://a.test/b", {"a": "x" * 500}),
        "<Response><Dial>555</Dial></Response>",
        '<Response><Play digits="1x2"/></Response>',
        '<Response><Pause length="long"/></Response>',
    ],
)  # fmt: skip
def test_refused_twiml_ends_the_call_with_the_reason(document: str) -> None:
    engine = ScriptedEngine()

    _, record = call(SilentLine(), document, engine=engine)

    assert engine.events == []
    assert len(record.errors) == 1
    assert record.errors[0].startswith("TwiML: ")


def test_a_stream_url_that_nobody_serves_leads_to_the_next_verb() -> None:
    async def refuse(url: str) -> MediaSocket:
        raise UpstreamFailed("stream_refused", f"nobody at {url}", provider="engine", retryable=False)

    async def main() -> CallRecord:
        async with asyncio.TaskGroup() as tasks:
            carrier = LocalCarrier(connect=refuse, clock=LoopClock(), tasks=tasks)
            dialled = await carrier.dial(SilentLine(), to="+1555", document=stream_document())
            return await carrier.wait(dialled.call_sid)

    record = run_virtual(main())
    assert record.errors == ["stream: nobody at wss://local.invalid/media"]


@pytest.mark.parametrize(("verb", "status"), [("<Reject/>", "no-answer"), ('<Reject reason="busy"/>', "busy")])
def test_an_incoming_call_may_be_rejected(verb: str, status: str) -> None:
    async def main() -> tuple[DialResult, CallRecord]:
        async with asyncio.TaskGroup() as tasks:
            carrier = LocalCarrier(
                connect=LocalConnector(ScriptedEngine().handle, tasks), clock=LoopClock(), tasks=tasks
            )
            dialled = carrier.receive(SilentLine(), to="+1555", document=f"<Response>{verb}</Response>")
            return dialled, await carrier.wait(dialled.call_sid)

    dialled, record = run_virtual(main())
    assert (dialled.status.value, record.status) == (status, status)


def test_both_directions_are_kept_aligned_on_the_leg() -> None:
    """What the engine played at 100 ms lies at 100 ms of `heard`."""

    def on_event(engine: ScriptedEngine, body: dict[str, Any]) -> None:
        if body.get("media", {}).get("chunk") == "5":
            engine.send({"event": "media", "streamSid": engine.stream_sid, "media": {"payload": payload}})

    payload = base64.b64encode(tone_mulaw(200)).decode()

    async def main() -> bytes:
        engine = ScriptedEngine(on_event)
        async with asyncio.TaskGroup() as tasks:
            carrier = LocalCarrier(connect=LocalConnector(engine.handle, tasks), clock=LoopClock(), tasks=tasks)
            line = SilentLine(hang_up_after_ms=1000)
            dialled = await carrier.dial(line, to="+1555", document=stream_document())
            await carrier.wait(dialled.call_sid)
            return bytes(carrier.leg(dialled.call_sid).heard)

    heard = run_virtual(main())
    assert len(heard) == 8000
    assert heard[120 * 8 : 320 * 8] == tone_mulaw(200)


def test_what_this_exchange_cannot_do_is_noted_and_the_call_goes_on() -> None:
    line = SilentLine(hang_up_after_ms=60_000)

    _, record = call(line, "<Response><Say>hello</Say><Redirect>https://e.test/x</Redirect></Response>")

    assert record.errors == ["Say: this carrier has no voice", "nothing answers https://e.test/x"]
    assert record.ended_by == "engine"


def test_a_message_is_not_kept_without_a_store() -> None:
    class Talker(SilentLine):
        def step(self, at_ms: int, heard: bytes | None) -> LineFrame:
            frame = super().step(at_ms, heard)
            return frame._replace(mulaw=tone_mulaw(20))

    _, record = call(Talker(hang_up_after_ms=4000), "<Response><Record/></Response>")

    assert record.errors[0] == "Record: this carrier keeps no recordings"


def test_two_calls_meet_in_a_room() -> None:
    """Whoever joins a name that is over gets a new room."""
    document = (
        "<Response><Dial><Conference beep='false' endConferenceOnExit='true'>r</Conference></Dial></Response>"
    )

    async def main() -> list[float | None]:
        async with asyncio.TaskGroup() as tasks:
            carrier = LocalCarrier(
                connect=LocalConnector(ScriptedEngine().handle, tasks), clock=LoopClock(), tasks=tasks
            )
            ended = []
            for _ in range(2):
                legs = [
                    await carrier.dial(line, to="+15550100123", document=document)
                    for line in (SilentLine(hang_up_after_ms=1000), SilentLine())
                ]
                ended += [(await carrier.wait(leg.call_sid)).ended_at_ms for leg in legs]
            return ended

    first, second, third, fourth = run_virtual(main())
    assert first is not None
    assert third is not None
    assert second == pytest.approx(first, abs=40)
    assert fourth == pytest.approx(third, abs=40)
