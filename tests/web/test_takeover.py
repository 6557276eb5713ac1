"""A human takes a live call over: two fake sockets on virtual time, tones for voices."""

import asyncio
import base64
import itertools
import json
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.carrier.lines import tone_mulaw
from tests.fakes.call_rig import RECEPTIONIST, TextSTT, ToneTTS, clip
from tests.fakes.stt import FragileSTT
from tests.fakes.telephony import FakeTelephony
from tests.web.fakes import ACCOUNT_SID, CALL_SID, OTHER_SID, FakeDesk, FakeSocket, call
from voice_engine.audio import mulaw
from voice_engine.audio.wav import read_stereo_wav
from voice_engine.clock import LoopClock, run_virtual
from voice_engine.errors import QuotaExceeded, UpstreamFailed
from voice_engine.ports.call import CallLimits, CallReport, CallSpec, Disposition, EngineEvent
from voice_engine.ports.stt import STT, STTRequest
from voice_engine.ports.telephony import OUTCOME_UNKNOWN, CallControl
from voice_engine.runtime.services import CallServices
from voice_engine.web.calls import BRIDGE, LEG, Admitted, Answer, HangUp, IncomingCall, Talk
from voice_engine.web.control import LiveOrder
from voice_engine.web.line import LineEngine, open_line
from voice_engine.web.takeover import CarrierDialer, HumanCall

LEG_SID = OTHER_SID
COLLEAGUE = "+15550100777"
FRAME_S = 0.02
HUMAN_HZ, CALLER_HZ = 1000.0, 600.0


class Dialer:
    """Rings nobody: the test answers. It keeps whom it was to ring and what it hung up on."""

    def __init__(self, *, fault: UpstreamFailed | None = None) -> None:
        self.rung: list[HumanCall] = []
        self.hung_up: list[str] = []
        self.fault = fault

    async def dial_human(self, human: HumanCall) -> str:
        self.rung.append(human)
        if self.fault is not None:
            raise self.fault
        await asyncio.sleep(0.1)
        return LEG_SID

    async def hang_up(self, call_sid: str) -> None:
        self.hung_up.append(call_sid)


class Phone:
    """The carrier's end of one stream: sends a frame each 20 ms and keeps what it is to play, with its time."""

    def __init__(self, call_sid: str, tasks: asyncio.TaskGroup) -> None:
        self.call_sid = call_sid
        self.socket = FakeSocket()
        self._tasks = tasks
        self._audio = b""
        self._frames = self._seen = 0
        self._pumping: asyncio.Task[None] | None = None

    def start(self, ticket: str = "t") -> None:
        body = {
            "accountSid": ACCOUNT_SID,
            "streamSid": "MZ" + self.call_sid[2:],
            "callSid": self.call_sid,
            "tracks": ["inbound"],
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
            "customParameters": {"ticket": ticket},
        }
        self._send({"event": "start", "start": body})
        self._pumping = self._tasks.create_task(self._pump())

    def say(self, mulaw_bytes: bytes) -> None:
        self._audio += mulaw_bytes

    async def hang_up(self) -> None:
        self._send({"event": "stop", "stop": {"accountSid": ACCOUNT_SID, "callSid": self.call_sid}})
        self.stop()
        self.socket.leave()
        await asyncio.sleep(0.1)

    def stop(self) -> None:
        if self._pumping is not None:
            self._pumping.cancel()

    def heard(self) -> bytes:
        """All media so far, one after the other."""
        messages = (json.loads(text) for text in self.socket.sent)
        return b"".join(
            base64.b64decode(message["media"]["payload"]) for message in messages if message["event"] == "media"
        )

    def _send(self, message: dict[str, object]) -> None:
        number = {"sequenceNumber": str(self._frames + 1), "streamSid": "MZ" + self.call_sid[2:]}
        self.socket.say(json.dumps(message | number))

    async def _pump(self) -> None:
        while self.socket.close_code is None:
            frame, self._audio = self._audio[:160].ljust(160, b"\xff"), self._audio[160:]
            self._frames += 1
            payload = base64.b64encode(frame).decode()
            chunk = {"track": "inbound", "chunk": str(self._frames), "payload": payload}
            self._send({"event": "media", "media": chunk | {"timestamp": str(20 * (self._frames - 1))}})
            self._echo_marks()
            await asyncio.sleep(FRAME_S)

    def _echo_marks(self) -> None:
        fresh, self._seen = self.socket.sent[self._seen :], len(self.socket.sent)
        for text in fresh:
            if '"mark"' in text:
                self._send({"event": "mark", "mark": json.loads(text)["mark"]})


def strength(audio: bytes, hz: float) -> float:
    """Share of the power that is at `hz`, over the loud part."""
    pcm = mulaw.decode_pcm(audio).astype(np.float64)
    if not pcm.size or not np.any(np.abs(pcm) > 500):
        return 0.0
    spectrum = np.abs(np.fft.rfft(pcm)) ** 2
    at = np.fft.rfftfreq(pcm.size, 1 / 8000)
    return float(spectrum[np.abs(at - hz) < 20].sum() / spectrum.sum())


class KeepingDesk(FakeDesk):
    """Keeps whole events too."""

    def __init__(self) -> None:
        super().__init__(Talk(spec=RECEPTIONIST))
        self.noted: list[EngineEvent] = []

    def note(self, spec: CallSpec, event: EngineEvent) -> None:
        super().note(spec, event)
        self.noted.append(event)

    @property
    def report(self) -> CallReport:
        (report,) = self.reports
        return report


@dataclass(slots=True, kw_only=True)
class Rig:
    """One call that is up, greeted, and whoever will take it over."""

    engine: LineEngine
    desk: KeepingDesk
    dialer: Dialer
    tts: ToneTTS
    caller: Phone
    tasks: asyncio.TaskGroup
    answers: list[Answer] = field(default_factory=list)
    phones: list[Phone] = field(default_factory=list)

    def order(self, kind: str, **arguments: str) -> LiveOrder:
        return LiveOrder(id="o1", call_id=RECEPTIONIST.call_id, kind=kind, arguments=arguments)

    def take_over(self) -> "asyncio.Task[str | None]":
        return self.tasks.create_task(self.engine.perform(self.order("takeover", number=COLLEAGUE)))

    def leg_call(self, *, leg: str | None = None, call_sid: str = LEG_SID) -> IncomingCall:
        query = {BRIDGE: RECEPTIONIST.call_id, LEG: leg or self.dialer.rung[-1].leg}
        return replace(call(call_sid), query=query, direction="outbound-api")

    async def answer(self, **changes: str) -> Phone:
        """The human picks up: the webhook, then the stream that its answer asks for."""
        leg = self.leg_call(**changes)
        answer = await self.engine.admit(leg)
        self.answers.append(answer)
        phone = Phone(leg.call_sid, self.tasks)
        self.phones.append(phone)
        self.tasks.create_task(self.engine.serve(phone.socket, lambda _: leg))
        phone.start()
        await asyncio.sleep(0.05)
        return phone

    async def taken_over(self) -> Phone:
        ordered = self.take_over()
        await asyncio.sleep(3.0)
        phone = await self.answer()
        assert await ordered is None
        return phone

    async def ended(self) -> CallReport:
        """Wait until the call is over and told."""
        while self.engine.live:  # noqa: ASYNC110  # the engine has no event to wait for
            await asyncio.sleep(0.1)
        return self.desk.report

    def types(self) -> list[str]:
        return [event.type for event in self.desk.noted]


class OneEarSTT(TextSTT):
    """Has room for one stream."""

    def open(self, request: STTRequest) -> AbstractAsyncContextManager[Any]:  # type: ignore[override]  # narrower
        if self.open_streams:
            raise QuotaExceeded("stt_busy", "no room")
        return super().open(request)


@asynccontextmanager
async def rig(
    *texts: str,
    dialer: Dialer | None = None,
    directory: Path | None = None,
    stt: STT | None = None,
    limits: CallLimits | None = None,
) -> AsyncIterator[Rig]:
    tts, stt, dialer, desk = ToneTTS(), stt or TextSTT(texts), dialer or Dialer(), KeepingDesk()
    told = replace(RECEPTIONIST, limits=limits or RECEPTIONIST.limits)

    def equip(spec: CallSpec, control: CallControl) -> CallServices:
        return CallServices(clock=LoopClock(), stt=stt, tts=tts, control=control)

    async with (
        asyncio.TaskGroup() as tasks,
        open_line(desk=desk, equip=equip, directory=directory, dialer=dialer) as engine,
    ):
        caller = Phone(CALL_SID, tasks)
        one = Rig(engine=engine, desk=desk, dialer=dialer, tts=tts, caller=caller, tasks=tasks)
        tasks.create_task(engine.serve(caller.socket, lambda _: call(spec=told)))
        caller.start()
        await asyncio.sleep(8.0)
        yield one
        for phone in [caller, *one.phones]:
            phone.stop()
            phone.socket.leave()


def test_each_hears_the_other_and_nobody_else() -> None:
    """The tone of the human's leg reaches the caller's, and the reverse, neither mixed with the engine."""

    async def main() -> tuple[bytes, bytes]:
        async with rig() as one:
            human = await one.taken_over()
            await asyncio.sleep(0.5)
            before = len(one.caller.heard()), len(human.heard())
            human.say(tone_mulaw(2_000, HUMAN_HZ))
            one.caller.say(tone_mulaw(2_000, CALLER_HZ))
            await asyncio.sleep(2.2)
            return one.caller.heard()[before[0] :], human.heard()[before[1] :]

    at_caller, at_human = run_virtual(main())

    assert strength(at_caller, HUMAN_HZ) > 0.95
    assert strength(at_human, CALLER_HZ) > 0.95
    assert len(at_caller) == pytest.approx(2.2 * 8000, abs=1600)


def test_a_frame_is_handed_on_as_it_comes() -> None:
    """Nothing of ours is waited for: the bridge costs no frame."""

    async def main() -> tuple[int, int]:
        async with rig() as one:
            human = await one.taken_over()
            await asyncio.sleep(0.5)
            before = one.caller.heard().count(0x20)
            human.stop()
            human.socket.say(
                json.dumps(
                    {
                        "event": "media",
                        "sequenceNumber": "5000",
                        "streamSid": "MZ" + LEG_SID[2:],
                        "media": {
                            "track": "inbound",
                            "chunk": "5000",
                            "timestamp": "60000",
                            "payload": base64.b64encode(b"\x20" * 160).decode(),
                        },
                    }
                )
            )
            await asyncio.sleep(0.001)
            return before, one.caller.heard().count(0x20)

    before, after = run_virtual(main())

    assert after - before == 160


def test_the_engine_stops_mid_word_and_stays_silent() -> None:
    """It was just saying that it connects; a caller who then talks to the human gets no answer from it."""

    async def main() -> tuple[list[str], bool, int, bytes]:
        async with rig("Can you move my appointment?") as one:
            ordered = one.take_over()
            await asyncio.sleep(1.0)
            human = await one.answer()
            await ordered
            cleared = any('"clear"' in text for text in one.caller.socket.sent)
            asked = len(one.tts.requested)
            sent = len(one.caller.heard())
            one.caller.say(mulaw.encode_pcm(clip()))
            await asyncio.sleep(15.0)
            assert human.socket.close_code is None
            return one.tts.requested[:asked], cleared, len(one.tts.requested) - asked, one.caller.heard()[sent:]

    said, cleared, said_later, at_caller = run_virtual(main())

    assert "connecting you" in " ".join(said)
    assert cleared
    assert said_later == 0
    assert not at_caller.strip(b"\xff\x7f")


def test_both_humans_are_written_down(tmp_path: Path) -> None:
    """The transcript goes on; the human of ours is told from the caller, and nobody takes them for the engine."""

    async def main() -> CallReport:
        async with rig("I want to complain.", "I am sorry to hear that.", "Thanks.") as one:
            human = await one.taken_over()
            one.caller.say(mulaw.encode_pcm(clip()))
            await asyncio.sleep(6.0)
            human.say(mulaw.encode_pcm(clip()))
            await asyncio.sleep(6.0)
            one.caller.say(mulaw.encode_pcm(clip()))
            await asyncio.sleep(6.0)
            assert one.types().count("turn.human") == 3, "lines are told as they are said"
            await one.caller.hang_up()
            return await one.ended()

    report = run_virtual(main())

    lines = [(turn.speaker, turn.agent, turn.text) for turn in report.turns if turn.speaker == "HUMAN"]
    assert lines == [
        ("HUMAN", False, "I want to complain."),
        ("HUMAN", True, "I am sorry to hear that."),
        ("HUMAN", False, "Thanks."),
    ]
    assert all(later.start_ms > earlier.end_ms for earlier, later in itertools.pairwise(report.turns[-3:]))
    assert report.handled_by == "human"


def test_the_humans_last_words_are_written_down() -> None:
    """They are still talking when the caller hangs up."""

    async def main() -> CallReport:
        async with rig("Bye then.") as one:
            human = await one.taken_over()
            human.say(mulaw.encode_pcm(clip(ms=2_000)[4_000:]) * 3)
            await asyncio.sleep(2.0)
            assert "turn.human" not in one.types()
            await one.caller.hang_up()
            return await one.ended()

    report = run_virtual(main())

    assert [(turn.text, turn.agent) for turn in report.turns[-1:]] == [("Bye then.", True)]


def test_the_recording_has_the_caller_left_and_the_human_right(tmp_path: Path) -> None:
    async def main() -> None:
        async with rig(directory=tmp_path) as one:
            human = await one.taken_over()
            one.caller.say(tone_mulaw(1_000, CALLER_HZ))
            human.say(tone_mulaw(1_000, HUMAN_HZ))
            await asyncio.sleep(2.0)
            await one.caller.hang_up()
            await one.ended()

    run_virtual(main())

    left, right = read_stereo_wav(tmp_path / RECEPTIONIST.call_id / "recording.wav")
    tail = slice(-int(2.1 * 8000), None)
    assert strength(mulaw.encode_pcm(left[tail]), CALLER_HZ) > 0.95
    assert strength(mulaw.encode_pcm(right[tail]), HUMAN_HZ) > 0.95


@pytest.mark.parametrize("how", ["hangs_up", "hands_back"])
def test_the_engine_leads_again_once_the_human_is_gone(how: str) -> None:
    """With an apology, and it answers again."""

    async def main() -> tuple[str | None, int | None, list[str], list[str]]:
        async with rig("Where are you located?") as one:
            human = await one.taken_over()
            await asyncio.sleep(2.0)
            before, error = len(one.tts.requested), None
            if how == "hangs_up":
                await human.hang_up()
            else:
                error = await one.engine.perform(one.order("hand_back"))
            await asyncio.sleep(8.0)
            one.caller.say(mulaw.encode_pcm(clip()))
            await asyncio.sleep(5.0)
            return error, human.socket.close_code, one.tts.requested[before:], one.types()

    error, closed, said, types = run_virtual(main())

    assert error is None
    assert closed == 1000
    assert "back with the assistant" in said[0] + said[1]
    assert "12 High Street" in " ".join(said)
    assert types.count("call.takeover") == types.count("call.handed_back") == 1


def test_a_caller_who_hangs_up_ends_both_legs() -> None:
    async def main() -> tuple[int | None, object, CallReport, list[str]]:
        async with rig() as one:
            human = await one.taken_over()
            await one.caller.hang_up()
            report = await one.ended()
            return human.socket.close_code, one.engine.what_next(LEG_SID), report, one.types()

    closed, next_, report, types = run_virtual(main())

    assert (closed, next_) == (1000, HangUp())
    assert report.handled_by == "human"
    assert "call.handed_back" not in types


def test_nobody_answers() -> None:
    """The order says so, the caller is told, the engine goes on, and nothing rings any more."""

    async def main() -> tuple[str | None, list[str], list[str], Answer]:
        async with rig("Where are you located?") as one:
            ordered = one.take_over()
            error = await ordered
            late = await one.engine.admit(one.leg_call())
            await asyncio.sleep(8.0)
            one.caller.say(mulaw.encode_pcm(clip()))
            await asyncio.sleep(5.0)
            return error, one.dialer.hung_up, one.tts.requested, late

    error, hung_up, said, late = run_virtual(main())

    assert error == "no_answer"
    assert hung_up == [LEG_SID]
    assert "nobody can come to the phone" in " ".join(said)
    assert "12 High Street" in " ".join(said)
    assert late == HangUp()


def test_another_attempt_may_follow_one_that_failed() -> None:
    async def main() -> list[str | None]:
        async with rig() as one:
            first = await one.take_over()
            ordered = one.take_over()
            await asyncio.sleep(1.0)
            await one.answer()
            return [first, await ordered]

    assert run_virtual(main()) == ["no_answer", None]


@pytest.mark.slow
def test_a_caller_who_tells_the_human_a_long_story_is_not_interrupted() -> None:
    """The engine takes the floor from a caller after 45 seconds; a human may listen for longer."""

    async def main() -> list[str]:
        async with rig("So.") as one:
            await one.taken_over()
            voiced = mulaw.encode_pcm(clip(ms=2_000)[4_000:])
            one.caller.say(voiced * 35)
            await asyncio.sleep(55.0)
            return one.types()

    assert "caller.interrupted" not in run_virtual(main())


def test_a_silent_caller_is_asked_for_patience_while_it_rings() -> None:
    """Not whether they are still there, and the engine does not hang up on them for silence."""

    async def main() -> tuple[list[str], int]:
        async with rig() as one:
            before = len(one.tts.requested)
            ordered = one.take_over()
            await asyncio.sleep(24.0)
            said = one.tts.requested[before:]
            one.engine._live[CALL_SID].session.cancel()
            await ordered
            return said, one.engine.live

    said, _ = run_virtual(main())

    assert "still connecting you" in " ".join(said)
    assert "there" not in " ".join(said)


@pytest.mark.parametrize(
    ("status", "error"), [("busy", "busy"), ("no-answer", "no_answer"), ("failed", "dial_failed")]
)
def test_the_carriers_word_ends_the_wait(status: str, error: str) -> None:
    """A busy colleague is known at once, not after half a minute; other words of the same leg end nothing."""

    async def main() -> tuple[str | None, float]:
        async with rig() as one:
            ordered, began = one.take_over(), asyncio.get_running_loop().time()
            await asyncio.sleep(0.5)
            query = {BRIDGE: RECEPTIONIST.call_id, LEG: one.dialer.rung[0].leg}
            await one.engine.callback("status", query, {"CallStatus": "ringing"})
            await one.engine.callback("status", query | {LEG: "forged"}, {"CallStatus": "canceled"})
            await one.engine.callback("status", query, {"CallStatus": status})
            result = await ordered
            assert one.desk.told == ["started"]
            return result, asyncio.get_running_loop().time() - began

    result, took = run_virtual(main())

    assert result == error
    assert took < 1.0


def test_a_caller_who_hangs_up_while_it_rings_stops_the_ringing() -> None:
    async def main() -> tuple[str | None, list[str], CallReport]:
        async with rig() as one:
            ordered = one.take_over()
            await asyncio.sleep(2.0)
            await one.caller.hang_up()
            return await ordered, one.dialer.hung_up, await one.ended()

    error, hung_up, report = run_virtual(main())

    assert (error, hung_up) == ("call_not_active", [LEG_SID])
    assert report.handled_by == "ai"


def test_a_dial_that_fails_is_told_and_the_call_goes_on() -> None:
    refused = UpstreamFailed("destination_not_allowed", "no", provider="carrier", retryable=False)

    async def main() -> tuple[str | None, list[str]]:
        async with rig(dialer=Dialer(fault=refused)) as one:
            error = await one.take_over()
            return error, one.engine.live_calls

    assert run_virtual(main()) == ("destination_not_allowed", [RECEPTIONIST.call_id])


def test_a_leg_whose_dial_got_no_answer_is_let_in_all_the_same() -> None:
    """The carrier dialled, its answer got lost: the leg's own webhook shows that it is ours."""
    lost = UpstreamFailed(OUTCOME_UNKNOWN, "lost", provider="carrier", retryable=False)

    async def main() -> str | None:
        async with rig(dialer=Dialer(fault=lost)) as one:
            ordered = one.take_over()
            await asyncio.sleep(1.0)
            await one.answer()
            return await ordered

    assert run_virtual(main()) is None


@pytest.mark.parametrize("changes", [{"leg": "forged"}, {"call_sid": "CA" + "9" * 32}], ids=["leg", "sid"])
def test_another_leg_than_the_one_that_was_rung_stays_outside(changes: dict[str, str]) -> None:
    """Its webhook is hung up on, its stream is refused, and the one that was rung may still come."""

    async def main() -> tuple[Answer, int | None, str | None]:
        async with rig() as one:
            ordered = one.take_over()
            await asyncio.sleep(1.0)
            stranger = await one.answer(**changes)
            await one.answer()
            return one.answers[0], stranger.socket.close_code, await ordered

    assert run_virtual(main()) == (HangUp(), 1008, None)


def test_a_leg_is_let_in_once() -> None:
    async def main() -> tuple[list[bool], int | None]:
        async with rig() as one:
            await one.taken_over()
            second = await one.answer()
            return [isinstance(answer, Admitted) for answer in one.answers], second.socket.close_code

    assert run_virtual(main()) == ([True, False], 1008)


def test_orders_that_do_not_fit_say_why() -> None:
    async def main() -> list[str | None]:
        async with rig() as one:
            perform = one.engine.perform
            errors = [await perform(one.order("hand_back")), await perform(one.order("takeover"))]
            ordered = one.take_over()
            await asyncio.sleep(0.5)
            errors.append(await perform(one.order("takeover", number=COLLEAGUE)))
            errors.append(await perform(one.order("hand_back")))
            errors.append(await ordered)
            return errors

    assert run_virtual(main()) == ["not_taken_over", "number_missing", "takeover_in_progress", None, "cancelled"]


def test_without_room_for_another_recognizer_they_talk_all_the_same() -> None:
    async def main() -> tuple[float, CallReport]:
        async with rig("I want to complain.", stt=OneEarSTT(["I want to complain."])) as one:
            human = await one.taken_over()
            before = len(one.caller.heard())
            human.say(tone_mulaw(1_000, HUMAN_HZ))
            await asyncio.sleep(1.2)
            heard = strength(one.caller.heard()[before:], HUMAN_HZ)
            one.caller.say(mulaw.encode_pcm(clip()))
            await asyncio.sleep(6.0)
            await one.caller.hang_up()
            return heard, await one.ended()

    heard, report = run_virtual(main())

    assert heard > 0.9
    assert [turn.text for turn in report.turns if turn.speaker == "HUMAN"] == ["I want to complain."]


@pytest.mark.slow
def test_the_engines_own_limit_does_not_cut_two_humans_off() -> None:
    """Six minutes of conversation are the engine's; the call's total is everybody's, and ends with a goodbye."""
    limits = CallLimits(conversation_seconds=15, max_seconds=60)

    async def main() -> tuple[list[str], int | None, list[str], CallReport]:
        async with rig(limits=limits) as one:
            human = await one.taken_over()
            await asyncio.sleep(40.0)
            during, before = one.engine.live_calls, len(one.tts.requested)
            report = await one.ended()
            return list(during), human.socket.close_code, one.tts.requested[before:], report

    during, closed, said, report = run_virtual(main())

    assert during == [RECEPTIONIST.call_id]
    assert closed == 1000
    assert "oodbye" in " ".join(said)
    assert report.duration_seconds == pytest.approx(62, abs=8)


def test_a_stopping_process_says_goodbye_to_a_call_that_was_taken_over() -> None:
    async def main() -> tuple[int | None, CallReport]:
        async with rig() as one:
            human = await one.taken_over()
            one.engine.wind_down()
            return human.socket.close_code, await one.ended()

    _, report = run_virtual(main())

    assert report.turns[-1].speaker == "AI"
    assert "oodbye" in report.turns[-1].text


def test_a_recognizer_that_dies_disturbs_no_humans() -> None:
    """They go on without a transcript; the engine, deaf, takes its leave once the call is its own again."""

    async def main() -> tuple[float, list[str], CallReport]:
        async with rig(stt=FragileSTT(dies_after_ms=1_000)) as one:
            human = await one.taken_over()
            one.caller.say(mulaw.encode_pcm(clip()))
            await asyncio.sleep(12.0)
            before = len(one.caller.heard())
            human.say(tone_mulaw(1_000, HUMAN_HZ))
            await asyncio.sleep(1.2)
            heard, said = strength(one.caller.heard()[before:], HUMAN_HZ), list(one.tts.requested)
            await human.hang_up()
            report = await one.ended()
            assert "technical problem" in " ".join(one.tts.requested[len(said) :])
            return heard, said, report

    heard, said, report = run_virtual(main())

    assert heard > 0.9
    assert "technical problem" not in " ".join(said)
    assert report.outcome.disposition is Disposition.ENGINE_FAILED


def test_the_humans_go_on_when_the_callers_stream_is_replaced() -> None:
    """The carrier reconnects a stream that broke; the bridge is between the call and the human, not its sockets."""

    async def main() -> tuple[float, int | None]:
        async with rig() as one:
            human = await one.taken_over()
            one.caller.stop()
            one.caller.socket.leave(1006)
            await asyncio.sleep(0.5)
            again = Phone(CALL_SID, one.tasks)
            one.phones.append(again)
            one.tasks.create_task(one.engine.serve(again.socket, lambda _: call(spec=RECEPTIONIST)))
            again.start()
            await asyncio.sleep(0.2)
            human.say(tone_mulaw(1_000, HUMAN_HZ))
            await asyncio.sleep(1.1)
            return strength(again.heard(), HUMAN_HZ), human.socket.close_code

    heard, closed = run_virtual(main())

    assert heard > 0.9
    assert closed is None


def test_a_leg_that_breaks_the_protocol_costs_the_leg_only() -> None:
    async def main() -> tuple[int | None, list[str], list[str]]:
        async with rig() as one:
            human = await one.taken_over()
            human.socket.say("{")
            await asyncio.sleep(3.0)
            return human.socket.close_code, list(one.engine.live_calls), one.types()

    closed, live, types = run_virtual(main())

    assert closed == 1008
    assert live == [RECEPTIONIST.call_id]
    assert "call.handed_back" in types


def test_a_transfer_by_order_is_in_the_report() -> None:
    async def main() -> CallReport:
        async with rig() as one:
            assert await one.engine.perform(one.order("transfer", number=COLLEAGUE)) is None
            return await one.ended()

    report = run_virtual(main())

    assert report.handled_by == "transfer"
    assert report.outcome.transferred_to == COLLEAGUE
    assert report.outcome.disposition is Disposition.TRANSFERRED


async def test_the_carrier_is_asked_to_ring_with_our_words_in_its_urls() -> None:
    """An answer leads to our voice webhook, an end without one to our status webhook, both with call and leg."""
    telephony = FakeTelephony()
    dialer = CarrierDialer(telephony, public_url="https://voice.example")
    human = HumanCall(call_id="c1", number=COLLEAGUE, caller_id="+15550100100", leg="x-y", limit_s=900)

    sid = await dialer.dial_human(human)
    await dialer.hang_up(sid)

    order = telephony.orders[sid]
    assert order.answer_url == "https://voice.example/v1/webhooks/twilio/voice?bridge=c1&leg=x-y"
    assert order.status_url == "https://voice.example/v1/webhooks/twilio/status?bridge=c1&leg=x-y"
    assert (order.to, order.from_number, order.time_limit_s) == (COLLEAGUE, "+15550100100", 900)
    assert telephony.steered.hung_up == [sid]
