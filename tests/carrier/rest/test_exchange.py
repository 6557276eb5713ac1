"""Calls of the REST half: placed, rung, answered, told of, steered, ended."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.carrier.lines import SilentLine
from tests.carrier.rest.rig import BASE, OURS, STREAM, THEIRS, Rig, open_rig
from voice_engine.audio.wav import parse_wav
from voice_engine.carrier.leg import LineFrame
from voice_engine.carrier.record import Answer
from voice_engine.clock import run_virtual
from voice_engine.errors import Conflict, NotFound
from voice_engine.ports.telephony import CallStatus, DialOrder, NumberSettings

ORDER = DialOrder(
    to=THEIRS,
    from_number=OURS,
    answer_url=f"{BASE}/voice?call=c1&attempt=a1",
    status_url=f"{BASE}/status?call=c1&attempt=a1",
    ring_timeout_s=30,
)


def test_an_answered_call_is_told_of_from_first_to_last(tmp_path: Path) -> None:
    """The four events in order, numbered, signed, with the words of Twilio's page."""

    async def main() -> None:
        async with open_rig(tmp_path) as rig:
            rig.world.put(THEIRS, lambda: SilentLine(hang_up_after_ms=3000), Answer(after_ms=2000))
            rig.customer.documents["/voice"] = STREAM
            placed = await rig.telephony.place_call(ORDER)
            await rig.ended(placed.call_sid)

            told = rig.customer.at("/status")
            assert [post.form["CallStatus"] for post in told] == [
                "initiated",
                "ringing",
                "in-progress",
                "completed",
            ]
            assert [post.form["SequenceNumber"] for post in told] == ["0", "1", "2", "3"]
            assert [round(post.at_ms, -2) for post in told] == [0, 0, 2000, 5000]
            last = told[-1].form
            assert (last["CallDuration"], last["SipResponseCode"], last["Duration"]) == ("3", "200", "1")
            assert all(post.signed for post in rig.customer.posted)
            assert rig.customer.at("/voice")[0].form["CallSid"] == placed.call_sid
            assert rig.customer.at("/voice")[0].query == {"call": "c1", "attempt": "a1"}
            assert rig.engine.of("start")[0]["start"]["callSid"] == placed.call_sid

    run_virtual(main())


@pytest.mark.parametrize(
    ("answer", "status", "sip", "at_s"),
    [
        (Answer(how="busy", after_ms=1500), "busy", "486", 1.5),
        (Answer(how="no_answer"), "no-answer", "487", 30.0),
        (Answer(after_ms=31_000), "no-answer", "487", 30.0),
        (Answer(how="failed"), "failed", "404", 0.0),
    ],
)
def test_a_call_that_nobody_takes_says_why(
    answer: Answer, status: str, sip: str, at_s: float, tmp_path: Path
) -> None:
    async def main() -> None:
        async with open_rig(tmp_path) as rig:
            rig.world.put(THEIRS, SilentLine, answer)
            placed = await rig.telephony.place_call(ORDER)
            await rig.ended(placed.call_sid)

            told = rig.customer.at("/status")
            assert [post.form["CallStatus"] for post in told] == ["initiated", "ringing", status]
            assert told[-1].form["SipResponseCode"] == sip
            assert told[-1].form["CallDuration"] == "0"
            assert told[-1].at_ms == pytest.approx(1000 * at_s, abs=20)
            assert rig.customer.at("/voice") == []
            call = await rig.telephony.fetch_call(placed.call_sid)
            assert (call.started_at, call.duration_s) == (None, None)

    run_virtual(main())


def test_only_the_ordered_events_are_told(tmp_path: Path) -> None:
    """Events joined by spaces are one unknown event: nothing is told at all."""

    async def main() -> None:
        async with open_rig(tmp_path) as rig:
            fields = {"To": THEIRS, "From": OURS, "Twiml": "<Response><Hangup/></Response>"}
            fields["StatusCallback"] = f"{BASE}/status"
            for events in (["answered"], ["initiated ringing answered completed"], None):
                more = {} if events is None else {"StatusCallbackEvent": events}
                placed = await rig.api("POST", "Calls.json", **fields, **more)
                await rig.ended(placed.json()["sid"])

            told = [(post.form["CallStatus"]) for post in rig.customer.at("/status")]
            assert told == ["in-progress", "completed"]

    run_virtual(main())


def test_a_ringing_call_can_be_called_off(tmp_path: Path) -> None:
    async def main() -> None:
        async with open_rig(tmp_path) as rig:
            rig.world.put(THEIRS, SilentLine, Answer(after_ms=10_000))
            placed = await rig.telephony.place_call(ORDER)
            await rig.carrier.parts.clock.sleep_ms(4000)
            await rig.telephony.hang_up(placed.call_sid)
            await rig.ended(placed.call_sid)

            assert rig.customer.at("/status")[-1].form["CallStatus"] == "canceled"
            assert rig.customer.at("/status")[-1].at_ms == pytest.approx(4000, abs=20)
            assert rig.customer.at("/voice") == []

    run_virtual(main())


def test_canceled_does_not_end_a_call_that_is_up(tmp_path: Path) -> None:
    async def main() -> None:
        async with open_rig(tmp_path) as rig:
            rig.customer.documents["/voice"] = "<Response><Pause length='60'/></Response>"
            placed = await rig.telephony.place_call(ORDER)
            await rig.carrier.parts.clock.sleep_ms(1000)
            answered = await rig.api("POST", f"Calls/{placed.call_sid}.json", Status="canceled")
            await rig.carrier.parts.clock.sleep_ms(1000)

            assert answered.json()["status"] == "in-progress"
            assert (await rig.telephony.fetch_call(placed.call_sid)).status is CallStatus.IN_PROGRESS

    run_virtual(main())


def test_a_call_is_cut_at_its_time_limit(tmp_path: Path) -> None:
    async def main() -> None:
        async with open_rig(tmp_path) as rig:
            rig.world.put(THEIRS, SilentLine)
            rig.customer.documents["/voice"] = "<Response><Pause length='600'/></Response>"
            placed = await rig.telephony.place_call(replace(ORDER, time_limit_s=7))
            await rig.ended(placed.call_sid)

            assert (await rig.telephony.fetch_call(placed.call_sid)).duration_s == 7

    run_virtual(main())


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [(500, "text/xml", "11200"), (404, "text/xml", "11200"), (200, "application/json", "12300")],
)
def test_a_webhook_without_twiml_leads_to_the_fallback(status: int, kind: str, code: str, tmp_path: Path) -> None:
    async def main() -> None:
        async with open_rig(tmp_path) as rig:
            rig.customer.documents = {"/voice": STREAM, "/fallback": "<Response><Hangup/></Response>"}
            rig.customer.statuses = {"/voice": status}
            rig.customer.content_type = kind
            placed = await rig.api(
                "POST", "Calls.json", To=THEIRS, From=OURS, Url=f"{BASE}/voice", FallbackUrl=f"{BASE}/fallback"
            )
            await rig.ended(placed.json()["sid"])

            (asked,) = rig.customer.at("/fallback")
            assert asked.form["ErrorCode"] == code
            assert asked.form["ErrorUrl"] == f"{BASE}/voice"
            assert rig.engine.events == []

    run_virtual(main())


def test_digits_are_sent_before_the_twiml_is_asked_for(tmp_path: Path) -> None:
    async def main() -> None:
        async with open_rig(tmp_path) as rig:
            rig.world.put(THEIRS, SilentLine)
            placed = await rig.api(
                "POST", "Calls.json", To=THEIRS, From=OURS, Url=f"{BASE}/voice", SendDigits="W12#"
            )
            await rig.ended(placed.json()["sid"])

            (line,) = rig.world.made[THEIRS]
            assert isinstance(line, SilentLine)
            assert "".join(key for _, key in line.pressed) == "12#"
            assert rig.customer.at("/voice")[0].at_ms >= 1600

    run_virtual(main())


def test_record_keeps_both_sides_and_tells(tmp_path: Path) -> None:
    async def main() -> None:
        async with open_rig(tmp_path) as rig:
            fields = {"To": THEIRS, "From": OURS, "Record": "true", "RecordingChannels": "dual"}
            fields |= {"Twiml": "<Response><Say>hello</Say><Pause length='2'/></Response>"}
            placed = await rig.api("POST", "Calls.json", **fields, RecordingStatusCallback=f"{BASE}/recording")
            await rig.ended(placed.json()["sid"])

            (told,) = rig.customer.at("/recording")
            assert told.signed
            assert (told.form["RecordingChannels"], told.form["RecordingSource"]) == ("2", "OutboundAPI")
            media = await rig.telephony.fetch_recording(told.form["RecordingSid"])
            both = parse_wav(media, name="recording", channels=2)
            assert both.shape[0] / 8000 == pytest.approx(2.1, abs=0.1)
            assert not both[:, 0].any()
            assert both[:800, 1].any()

    run_virtual(main())


def test_one_broken_call_leaves_the_others_alone(tmp_path: Path) -> None:
    """An exception in one call is its end, not the carrier's."""

    class BrokenLine(SilentLine):
        def step(self, at_ms: int, heard: bytes | None) -> LineFrame:
            raise RuntimeError("a bug in a line")

    async def main() -> None:
        async with open_rig(tmp_path) as rig:
            rig.customer.documents["/voice"] = "<Response><Pause length='2'/></Response>"
            rig.world.put("+15550100199", BrokenLine)
            good = await rig.telephony.place_call(ORDER)
            bad = await rig.telephony.place_call(replace(ORDER, to="+15550100199"))
            await rig.ended(bad.call_sid)
            await rig.ended(good.call_sid)

            assert (await rig.telephony.fetch_call(good.call_sid)).duration_s == 2

    run_virtual(main())


# -- incoming --------------------------------------------------------------------------------------------------


async def configured(rig: Rig, **documents: str) -> str:
    """Our number asks /voice and tells /status."""
    rig.customer.documents |= {f"/{name}": text for name, text in documents.items()}
    (number,) = await rig.telephony.list_numbers()
    settings = NumberSettings(voice_url=f"{BASE}/voice?n=1", status_url=f"{BASE}/status")
    await rig.telephony.configure_number(number.number_sid, settings)
    return number.number_sid


def test_a_line_calls_a_number_and_reaches_the_engine(tmp_path: Path) -> None:
    async def main() -> None:
        async with open_rig(tmp_path) as rig:
            sid = await configured(rig, voice=STREAM)
            call = await rig.carrier.call_in(OURS, caller=THEIRS)
            await rig.ended(call.sid)

            (asked,) = rig.customer.at("/voice")
            assert asked.signed
            assert {k: asked.form[k] for k in ("From", "To", "Direction", "CallStatus")} == {
                "From": THEIRS,
                "To": OURS,
                "Direction": "inbound",
                "CallStatus": "ringing",
            }
            assert rig.engine.of("start")[0]["start"]["callSid"] == call.sid
            (told,) = rig.customer.at("/status")
            assert (told.form["CallStatus"], told.form["CallDuration"]) == ("completed", "3")
            assert call.number_sid == sid

    run_virtual(main())


def test_a_withheld_number_is_anonymous(tmp_path: Path) -> None:
    async def main() -> None:
        async with open_rig(tmp_path) as rig:
            await configured(rig, voice="<Response><Hangup/></Response>")
            call = await rig.carrier.call_in(OURS, caller=None, line=SilentLine())
            await rig.ended(call.sid)

            assert rig.customer.at("/voice")[0].form["From"] == "anonymous"

    run_virtual(main())


@pytest.mark.parametrize(
    ("document", "status"),
    [
        ('<Response><Reject reason="busy"/></Response>', "busy"),
        ("<Response><Reject/></Response>", "no-answer"),
        ("no TwiML", "failed"),
    ],
)
def test_an_incoming_call_may_be_refused_unanswered(document: str, status: str, tmp_path: Path) -> None:
    async def main() -> None:
        async with open_rig(tmp_path) as rig:
            await configured(rig, voice=document)
            call = await rig.carrier.call_in(OURS, caller=THEIRS)
            await rig.ended(call.sid)

            assert call.status == status
            assert call.started_at is None
            assert rig.customer.at("/status")[0].form["CallStatus"] == status

    run_virtual(main())


def test_only_configured_numbers_can_be_called(tmp_path: Path) -> None:
    async def main() -> None:
        async with open_rig(tmp_path) as rig:
            with pytest.raises(Conflict) as unconfigured:
                await rig.carrier.call_in(OURS, caller=THEIRS)
            with pytest.raises(NotFound) as unknown:
                await rig.carrier.call_in("+14155550199", caller=THEIRS)
            await configured(rig)
            with pytest.raises(Conflict) as nobody:
                await rig.carrier.call_in(OURS, caller="+15550100155")

            assert unconfigured.value.code == "number_not_configured"
            assert unknown.value.code == "number_not_found"
            assert nobody.value.code == "line_unusable"

    run_virtual(main())
