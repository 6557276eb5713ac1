"""Calls that are up, changed from outside and from their own TwiML: redirects, transfers, rooms, voicemail."""

from pathlib import Path

import numpy as np
import pytest

from tests.carrier.lines import SilentLine, tone, tone_mulaw
from tests.carrier.rest.rig import BASE, OURS, STREAM, THEIRS, Rig, open_rig
from tests.carrier.test_talking import TalkingLine
from voice_engine.audio.wav import parse_wav
from voice_engine.carrier.record import Answer
from voice_engine.carrier.rest import book
from voice_engine.clock import run_virtual
from voice_engine.ports.telephony import Conference, DialOrder, NumberSettings

COLLEAGUE = "+15550100177"


async def incoming(rig: Rig, document: str, **documents: str) -> str:
    """A silent line calls us and stays; its sid."""
    rig.customer.documents |= {"/voice": document} | {f"/{name}": text for name, text in documents.items()}
    (number,) = await rig.telephony.list_numbers()
    await rig.telephony.configure_number(number.number_sid, NumberSettings(voice_url=f"{BASE}/voice"))
    call = await rig.carrier.call_in(OURS, caller=THEIRS, line=SilentLine(hang_up_after_ms=20_000))
    await rig.carrier.parts.clock.sleep_ms(1000)
    return call.sid


def test_a_redirect_ends_the_stream_and_runs_the_new_document(tmp_path: Path) -> None:
    async def main() -> None:
        async with open_rig(tmp_path) as rig:
            sid = await incoming(
                rig, STREAM, next='<Response><Play digits="12"/><Redirect>/voice</Redirect></Response>'
            )
            await rig.telephony.redirect(sid, url=f"{BASE}/next?why=keys")
            await rig.ended(sid)

            assert rig.customer.at("/next")[0].signed
            assert rig.customer.at("/next")[0].query == {"why": "keys"}
            starts = rig.engine.of("start")
            assert [start["start"]["callSid"] for start in starts] == [sid, sid]
            assert starts[0]["streamSid"] != starts[1]["streamSid"]

    run_virtual(main())


def test_a_redirect_to_nowhere_ends_the_call(tmp_path: Path) -> None:
    async def main() -> None:
        async with open_rig(tmp_path) as rig:
            sid = await incoming(rig, STREAM)
            rig.customer.statuses["/gone"] = 404
            await rig.telephony.redirect(sid, url=f"{BASE}/gone")
            await rig.ended(sid)

            assert (await rig.telephony.fetch_call(sid)).duration_s == 1

    run_virtual(main())


def test_a_transfer_is_a_second_call_of_the_account(tmp_path: Path) -> None:
    async def main() -> None:
        async with open_rig(tmp_path) as rig:
            rig.world.put(COLLEAGUE, lambda: SilentLine(hang_up_after_ms=4000), Answer(after_ms=2000))
            sid = await incoming(rig, STREAM)
            await rig.telephony.transfer(sid, COLLEAGUE)
            await rig.ended(sid)

            (child,) = (await rig.api("GET", "Calls.json", ParentCallSid=sid)).json()["calls"]
            assert (child["to"], child["direction"], child["status"]) == (COLLEAGUE, "outbound-dial", "completed")
            assert child["duration"] == "4"
            assert (await rig.telephony.fetch_call(sid)).duration_s == 7

    run_virtual(main())


def test_a_dialled_number_s_callbacks_tell_of_the_other_leg(tmp_path: Path) -> None:
    dial = (
        f'<Response><Dial callerId="{OURS}"><Number statusCallback="/leg" '
        f'statusCallbackEvent="initiated ringing answered completed">{COLLEAGUE}</Number></Dial></Response>'
    )

    async def main() -> None:
        async with open_rig(tmp_path) as rig:
            rig.world.put(COLLEAGUE, lambda: SilentLine(hang_up_after_ms=1000), Answer(after_ms=1000))
            sid = await incoming(rig, dial.replace("/leg", f"{BASE}/leg"))
            await rig.ended(sid)

            told = rig.customer.at("/leg")
            assert [post.form["CallStatus"] for post in told] == [
                "initiated",
                "ringing",
                "in-progress",
                "completed",
            ]
            assert {post.form["ParentCallSid"] for post in told} == {sid}
            assert {post.form["From"] for post in told} == {OURS}

    run_virtual(main())


def test_a_colleague_takes_over_through_a_room(tmp_path: Path) -> None:
    """The caller is moved out of the stream, a second leg is dialled in, and the room is told of."""

    async def main() -> None:
        async with open_rig(tmp_path) as rig:
            colleague = TalkingLine(tone(3000, hz=700), hang_up_after_ms=3000)
            rig.world.put(COLLEAGUE, lambda: colleague)
            sid = await incoming(rig, STREAM)
            room = Conference(name="takeover-1", status_url=f"{BASE}/room")
            await rig.telephony.join_conference(sid, room)
            await rig.telephony.place_call(DialOrder(to=COLLEAGUE, from_number=OURS, conference=room))
            await rig.ended(sid)

            line = rig.carrier.exchange.book.find(sid)
            assert line is not None
            events = [post.form["StatusCallbackEvent"] for post in rig.customer.at("/room")]
            assert events == [
                "participant-join",
                "participant-join",
                "conference-start",
                "participant-leave",
                "conference-end",
                "participant-leave",
            ]
            assert len({post.form["ConferenceSid"] for post in rig.customer.at("/room")}) == 1
            assert all(post.signed for post in rig.customer.at("/room"))
            assert (await rig.telephony.fetch_call(sid)).duration_s == 4

    run_virtual(main())


def test_a_caller_leaves_a_message(tmp_path: Path) -> None:
    """Recorded, told of, listed, fetched: and what is fetched is what was said."""
    document = (
        "<Response><Say>Leave a message</Say>"
        '<Record maxLength="30" playBeep="true" action="/done" recordingStatusCallback="/kept"/></Response>'
    )

    async def main() -> None:
        async with open_rig(tmp_path) as rig:
            await incoming(rig, "<Response><Hangup/></Response>")
            rig.customer.documents["/voice"] = document.replace('"/kept"', f'"{BASE}/kept"')
            spoken = np.concatenate([np.zeros(8 * 1200, dtype=np.int16), tone(2500, hz=500)])
            line = TalkingLine(spoken, hang_up_after_ms=4000)
            call = await rig.carrier.call_in(OURS, caller=THEIRS, line=line)
            await rig.ended(call.sid)

            (done,) = rig.customer.at("/done")
            assert (done.form["Digits"], done.form["RecordingDuration"]) == ("hangup", "2")
            (kept,) = rig.customer.at("/kept")
            assert kept.form["RecordingStatus"] == "completed"
            assert kept.form["RecordingUrl"] == done.form["RecordingUrl"]
            (listed,) = await rig.telephony.list_recordings(call.sid)
            heard = parse_wav(await rig.telephony.fetch_recording(listed.recording_sid), name="voicemail")[:, 0]
            assert heard.size / 8000 == pytest.approx(2.5, abs=0.3)
            assert np.abs(np.fft.rfft(heard[:8000].astype(float))).argmax() == 500
            by_url = await rig.http.get(
                done.form["RecordingUrl"], auth=(rig.carrier.settings.account_sid, rig.carrier.settings.auth_token)
            )
            assert by_url.headers["content-type"] == "audio/x-wav"

    run_virtual(main())


def test_say_is_heard_on_the_line(tmp_path: Path) -> None:
    async def main() -> None:
        async with open_rig(tmp_path) as rig:
            rig.world.put(THEIRS, lambda: SilentLine(hang_up_after_ms=2000))
            document = '<Response><Say language="es-ES">hola</Say><Pause length="9"/></Response>'
            placed = await rig.api("POST", "Calls.json", To=THEIRS, From=OURS, Twiml=document)
            await rig.ended(placed.json()["sid"])

            assert rig.voice.said == [("hola", "es-ES")]
            (line,) = rig.world.made[THEIRS]
            assert isinstance(line, SilentLine)
            assert bytes(line.heard).count(b"\x20") == 4 * 160
            assert tone_mulaw(20) not in bytes(line.heard)

    run_virtual(main())


def test_a_document_can_be_sent_along_with_the_update(tmp_path: Path) -> None:
    async def main() -> None:
        async with open_rig(tmp_path) as rig:
            sid = await incoming(rig, STREAM)
            long = await rig.api("POST", f"Calls/{sid}.json", Twiml="x" * 4001)
            short = await rig.api("POST", f"Calls/{sid}.json", Twiml="<Response><Pause length='2'/></Response>")
            await rig.ended(sid)

            assert (long.status_code, long.json()["code"]) == (400, 21618)
            assert short.json()["status"] == "in-progress"
            assert (await rig.telephony.fetch_call(sid)).duration_s == 3

    run_virtual(main())


def test_the_last_of_two_updates_wins(tmp_path: Path) -> None:
    async def main() -> None:
        async with open_rig(tmp_path) as rig:
            sid = await incoming(rig, STREAM)
            for seconds in (9, 2):
                document = f"<Response><Pause length='{seconds}'/></Response>"
                await rig.api("POST", f"Calls/{sid}.json", Twiml=document)
            await rig.ended(sid)

            assert (await rig.telephony.fetch_call(sid)).duration_s == 3

    run_virtual(main())


def test_an_update_while_a_stream_is_being_opened_is_not_lost(tmp_path: Path) -> None:
    """The handshake takes a second; what came meanwhile runs as soon as it is over."""

    async def main() -> None:
        async with open_rig(tmp_path) as rig:
            rig.connect_ms = 2000.0
            sid = await incoming(rig, STREAM)
            await rig.api("POST", f"Calls/{sid}.json", Twiml="<Response><Hangup/></Response>")
            await rig.ended(sid)

            assert (await rig.telephony.fetch_call(sid)).duration_s == 2

    run_virtual(main())


def test_hanging_up_in_the_moment_of_the_answer_leaves_one_end(tmp_path: Path) -> None:
    """Wherever the hang-up falls, before, at and after the answer: one final callback, nothing after it."""

    async def main() -> None:
        async with open_rig(tmp_path) as rig:
            rig.world.put(THEIRS, SilentLine, Answer(after_ms=500))
            rig.customer.documents["/voice"] = STREAM
            order = DialOrder(to=THEIRS, from_number=OURS, answer_url=f"{BASE}/voice", status_url=f"{BASE}/status")
            for at_ms in (0, 480, 499, 500, 501, 520, 700):
                placed = await rig.telephony.place_call(order)
                await rig.carrier.parts.clock.sleep_ms(at_ms)
                await rig.telephony.hang_up(placed.call_sid)
                await rig.ended(placed.call_sid)

                mine = [post for post in rig.customer.at("/status") if post.form["CallSid"] == placed.call_sid]
                ends = [post for post in mine if post.form["CallStatus"] in ("completed", "canceled")]
                assert len(ends) == 1, at_ms
                assert mine[-1] is ends[0], at_ms
                answered = "in-progress" in [post.form["CallStatus"] for post in mine]
                assert (ends[0].form["CallStatus"] == "completed") is answered, at_ms

    run_virtual(main())


def test_old_finished_calls_are_forgotten_and_live_ones_never(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(book, "KEPT_CALLS", 2)

    async def main() -> None:
        async with open_rig(tmp_path) as rig:
            live = await incoming(rig, "<Response><Pause length='600'/></Response>")
            order = DialOrder(to="+15550100155", from_number=OURS, answer_url=f"{BASE}/voice", ring_timeout_s=5)
            ended = []
            for _ in range(3):
                ended.append((await rig.telephony.place_call(order)).call_sid)
                await rig.ended(ended[-1])

            assert {call.sid for call in rig.carrier.exchange.book.all()} == {live, ended[-1]}

    run_virtual(main())
