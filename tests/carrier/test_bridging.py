"""<Dial>: another line rings, both hear each other, the action learns how it went; rooms of several legs."""

import asyncio

import numpy as np
import pytest

from tests.carrier.lines import SilentLine, tone, tone_mulaw
from tests.carrier.test_talking import HERE, FakeSwitch, OtherEnd, TalkingLine, hold
from voice_engine.audio import mulaw
from voice_engine.carrier import sounds
from voice_engine.carrier.leg import Leg, Line
from voice_engine.carrier.record import Answer, CallRecord
from voice_engine.carrier.running import RunningCall
from voice_engine.carrier.switch import Document
from voice_engine.clock import run_virtual
from voice_engine.ports.telephony import CallStatus

DIAL = '<Dial action="/after" timeout="20">+15550100177</Dial>'


def dialling(line: Line | None, answer: Answer) -> FakeSwitch:
    switch = FakeSwitch()
    switch.far = OtherEnd(line, answer)
    return switch


def test_both_sides_hear_each_other_until_one_leaves() -> None:
    near = TalkingLine(tone(2000, hz=300))
    far = TalkingLine(tone(2000, hz=700), hang_up_after_ms=3000)
    switch = dialling(far, Answer(after_ms=1000))

    _, call = hold(near, DIAL, switch)

    assert switch.far.statuses == [CallStatus.RINGING, CallStatus.IN_PROGRESS, CallStatus.COMPLETED]
    ((url, form),) = switch.asked
    assert url == "https://engine.test/after"
    assert form == {
        "DialCallStatus": "completed",
        "DialCallSid": switch.far.call_sid,
        "DialCallDuration": "3",
        "DialBridged": "true",
    }
    assert tone_mulaw(500, 700) in bytes(near.heard)
    assert tone_mulaw(500, 300)[:160] in bytes(far.heard)
    assert call.leg.at_ms == pytest.approx(1000 + 3000, abs=40)


def test_the_near_side_hears_it_ring() -> None:
    near = SilentLine()

    hold(near, DIAL, dialling(SilentLine(hang_up_after_ms=100), Answer(after_ms=3000)))

    ringing = b"".join(sounds.frames(sounds.ringback()))
    assert bytes(near.heard[: 3000 * 8]) == ringing[: 3000 * 8]


@pytest.mark.parametrize(
    ("answer", "status", "after_ms"),
    [
        (Answer(how="busy", after_ms=500), "busy", 500),
        (Answer(how="no_answer"), "no-answer", 20_000),
        (Answer(after_ms=21_000), "no-answer", 20_000),
        (Answer(how="failed"), "failed", 0),
    ],
)
def test_a_number_that_is_not_reached(answer: Answer, status: str, after_ms: int) -> None:
    switch, call = hold(SilentLine(), DIAL, dialling(SilentLine(), answer))

    assert switch.asked[0][1]["DialCallStatus"] == status
    assert "DialCallDuration" not in switch.asked[0][1]
    assert switch.far.statuses[-1].value == status
    assert call.leg.at_ms == after_ms


def test_a_caller_who_does_not_wait_cancels_the_other_leg() -> None:
    switch, _ = hold(SilentLine(hang_up_after_ms=2000), DIAL, dialling(SilentLine(), Answer(after_ms=9000)))

    assert switch.far.statuses == [CallStatus.RINGING, CallStatus.CANCELED]
    assert switch.asked == []


def test_without_an_action_the_next_verb_runs() -> None:
    switch, call = hold(
        SilentLine(),
        '<Dial>+15550100177</Dial><Pause length="2"/>',
        dialling(SilentLine(hang_up_after_ms=1000), Answer()),
    )

    assert switch.asked == []
    assert call.leg.at_ms == 3000


def test_star_and_the_time_limit_end_a_connection() -> None:
    star = hold(
        SilentLine(keys={3000: "*"}),
        '<Dial hangupOnStar="true" action="/after">+15550100177</Dial>',
        dialling(SilentLine(), Answer()),
    )
    limit = hold(
        SilentLine(), '<Dial timeLimit="7" action="/after">+15550100177</Dial>', dialling(SilentLine(), Answer())
    )

    assert star[0].asked[0][1]["DialCallDuration"] == "3"
    assert limit[0].asked[0][1]["DialCallDuration"] == "7"


def confer(*legs: tuple[Line, str]) -> tuple[FakeSwitch, list[RunningCall]]:
    """Each leg joins the room `r` with its attributes, all at once."""

    async def main() -> tuple[FakeSwitch, list[RunningCall]]:
        switch = FakeSwitch()
        calls = []
        async with asyncio.timeout(600), asyncio.TaskGroup() as tasks:
            for index, (line, attributes) in enumerate(legs):
                record = CallRecord(call_sid=f"CA{index:032x}", to="+15550100123", direction="outbound")
                calls.append(RunningCall(record, Leg(line, switch.clock), switch))
                room = f'<Conference beep="false" {attributes}>r</Conference>'
                document = f'<Response><Dial action="/left">{room}</Dial></Response>'
                tasks.create_task(calls[-1].run(Document(document, HERE)))
        return switch, calls

    return run_virtual(main())


def test_everybody_in_a_room_hears_the_others_and_not_themselves() -> None:
    legs = [TalkingLine(tone(3000, hz=hz), hang_up_after_ms=3000) for hz in (300, 500, 800)]

    confer(*((leg, "") for leg in legs))

    second = slice(8000, 16_000)
    for leg, own in zip(legs, (300, 500, 800), strict=True):
        assert strong_tones(bytes(leg.heard[second])) == {300, 500, 800} - {own}


def test_a_muted_leg_is_not_heard() -> None:
    muted, other = TalkingLine(tone(2000), hang_up_after_ms=2000), SilentLine(hang_up_after_ms=2000)

    confer((muted, 'muted="true"'), (other, ""))

    assert set(other.heard) == {0xFF}


def test_the_room_ends_when_the_one_who_ends_it_leaves() -> None:
    host, guest = SilentLine(hang_up_after_ms=2000), SilentLine()

    switch, calls = confer((host, 'endConferenceOnExit="true"'), (guest, ""))

    assert calls[1].leg.at_ms == pytest.approx(2000, abs=40)
    assert [url for url, _ in switch.asked] == ["https://engine.test/left"]
    assert switch.rooms["r"].over


def test_a_full_room_turns_the_next_one_away() -> None:
    legs = [SilentLine(hang_up_after_ms=1000) for _ in range(3)]

    switch, calls = confer(*((leg, 'maxParticipants="2"') for leg in legs))

    assert switch.asked[0][1]["DialCallStatus"] == "failed"
    assert [call.leg.at_ms for call in calls] == [1000, 1000, 0]


def strong_tones(mulaw_audio: bytes) -> set[int]:
    """Which of a few frequencies a second of audio holds."""
    spectrum = np.abs(np.fft.rfft(mulaw.decode_pcm(mulaw_audio).astype(float)))
    return {hz for hz in (300, 500, 800) if spectrum[hz] > 0.2 * spectrum.max()}
