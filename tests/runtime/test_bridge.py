"""A human on the line of a call: who hears whom, what is written down, and how the engine comes back."""

import asyncio
import base64
import itertools
import json
from pathlib import Path

import pytest

from tests.carrier.lines import tone_mulaw
from tests.fakes.call_rig import RECEPTIONIST, clip
from tests.fakes.stt import FragileSTT
from tests.fakes.takeover_rig import (
    CALLER_HZ,
    HUMAN_HZ,
    LEG_SID,
    OneEarSTT,
    Phone,
    rig,
    strength,
)
from tests.web.fakes import CALL_SID, call
from voice_engine.audio import mulaw
from voice_engine.audio.wav import read_stereo_wav
from voice_engine.clock import run_virtual
from voice_engine.ports.call import CallLimits, CallReport, Disposition
from voice_engine.web.calls import HangUp


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
    assert report.outcome.disposition is Disposition.RESPONDENT_HUNG_UP


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
