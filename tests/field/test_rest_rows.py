"""Rows of docs/FIELD.md that concern the REST half of a carrier, and our adapter's way of using it."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
import pytest

from tests.carrier.lines import SilentLine
from tests.carrier.rest.rig import BASE, OURS, STREAM, THEIRS, TOKEN, Rig, open_rig
from tests.carrier.rest.test_amd import silence, speech
from tests.carrier.test_talking import TalkingLine
from tests.fakes.call_rig import RECEPTIONIST
from tests.fakes.sockets import ScriptedEngine
from tests.web.fakes import FakeEngine, call
from voice_engine.carrier import sounds
from voice_engine.carrier.record import Answer
from voice_engine.clock import run_virtual
from voice_engine.errors import UpstreamFailed
from voice_engine.ports.telephony import OUTCOME_UNKNOWN, CallStatus, DialOrder, MachineDetection
from voice_engine.telephony.twilio.account import TwilioSettings
from voice_engine.telephony.twilio.rest import TwilioTelephony
from voice_engine.telephony.twilio.signature import SignatureValidator
from voice_engine.web.app import Surface
from voice_engine.web.calls import Admitted
from voice_engine.web.settings import VOICE_PATHS, WebSettings

ORDER = DialOrder(
    to=THEIRS,
    from_number=OURS,
    answer_url=f"{BASE}/voice?call=c1&attempt=a1",
    status_url=f"{BASE}/status?call=c1&attempt=a1",
    amd=MachineDetection.ASYNC,
    amd_url=f"{BASE}/amd?call=c1&attempt=a1",
)


def in_rig(folder: Path, check: Callable[[Rig], Awaitable[None]], engine: ScriptedEngine | None = None) -> None:
    async def main() -> None:
        async with open_rig(folder, engine=engine) as rig:
            rig.customer.documents["/voice"] = STREAM
            await check(rig)

    run_virtual(main())


def closing_after(chunk: int) -> ScriptedEngine:
    """An engine that closes its socket and does nothing else."""

    def on_event(engine: ScriptedEngine, body: dict[str, Any]) -> None:
        if body.get("media", {}).get("chunk") == str(chunk):
            engine.close()

    return ScriptedEngine(on_event)


# -- pains -----------------------------------------------------------------------------------------------------


def test_pain_07_a_closed_stream_reaches_the_hangup(tmp_path: Path) -> None:
    """With the terminating verb the line is free one second after the socket closed, and the carrier says so."""

    async def check(rig: Rig) -> None:
        rig.world.put(THEIRS, SilentLine)
        placed = await rig.telephony.place_call(ORDER)
        await rig.ended(placed.call_sid)

        told = rig.customer.at("/status")[-1]
        assert (told.form["CallStatus"], told.form["CallDuration"]) == ("completed", "1")
        assert told.at_ms == pytest.approx(1000, abs=40)

    in_rig(tmp_path, check, closing_after(50))


def test_pain_07_a_dead_line_is_freed_by_rest(tmp_path: Path) -> None:
    """Where a document does hold the line, hanging up by REST ends it at once, whatever verb runs."""

    async def check(rig: Rig) -> None:
        rig.world.put(THEIRS, SilentLine)
        rig.customer.documents["/voice"] = STREAM.replace("<Hangup/>", '<Pause length="600"/>')
        placed = await rig.telephony.place_call(ORDER)
        await rig.carrier.parts.clock.sleep_ms(5000)
        assert (await rig.telephony.fetch_call(placed.call_sid)).status is CallStatus.IN_PROGRESS
        await rig.telephony.hang_up(placed.call_sid)
        await rig.ended(placed.call_sid)

        assert rig.customer.at("/status")[-1].at_ms == pytest.approx(5000, abs=40)

    in_rig(tmp_path, check, closing_after(50))


def test_pain_08_a_call_whose_callbacks_all_get_lost_is_found_ended(tmp_path: Path) -> None:
    async def check(rig: Rig) -> None:
        rig.carrier.faults.order({"drop": ["initiated", "ringing", "answered", "completed"]})
        placed = await rig.telephony.place_call(ORDER)
        await rig.ended(placed.call_sid)

        assert rig.customer.at("/status") == []
        call = await rig.telephony.fetch_call(placed.call_sid)
        assert (call.status, call.duration_s) == (CallStatus.COMPLETED, 3)

    in_rig(tmp_path, check)


def test_pain_08_a_dial_whose_answer_got_lost_is_found_by_its_numbers_and_never_dialled_twice(
    tmp_path: Path,
) -> None:
    async def check(rig: Rig) -> None:
        since = rig.carrier.parts.now()
        rig.carrier.faults.order({"create": ["error_after"]})
        with pytest.raises(UpstreamFailed) as caught:
            await rig.telephony.place_call(ORDER)
        found = await rig.telephony.find_calls(to=THEIRS, from_number=OURS, since=since)
        await rig.ended(found[0].call_sid)

        assert (caught.value.code, caught.value.retryable) == (OUTCOME_UNKNOWN, False)
        assert len(rig.world.made[THEIRS]) == 1, "the line rang once"
        assert {post.query["attempt"] for post in rig.customer.posted} == {"a1"}

    in_rig(tmp_path, check)


@pytest.mark.parametrize(
    ("greeting", "answered_by"),
    [
        (np.concatenate([silence(300), speech(800), silence(4000)]), "human"),
        (np.concatenate([silence(300), speech(4000), silence(300), sounds.beep()]), "machine_start"),
    ],
)
def test_pain_21_detection_adds_no_silence(greeting: Any, answered_by: str, tmp_path: Path) -> None:
    """The stream is up in the moment of the answer; the verdict comes beside it."""

    async def check(rig: Rig) -> None:
        rig.world.put(THEIRS, lambda: TalkingLine(greeting, hang_up_after_ms=8000), Answer(after_ms=1000))
        placed = await rig.telephony.place_call(ORDER)
        await rig.ended(placed.call_sid)

        answered = next(post for post in rig.customer.at("/status") if post.form["CallStatus"] == "in-progress")
        assert rig.customer.at("/voice")[0].at_ms - answered.at_ms <= 500
        assert len(rig.engine.of("media")) == 400, "not a frame of the eight seconds is missing"
        (verdict,) = rig.customer.at("/amd")
        assert verdict.form["AnsweredBy"] == answered_by

    in_rig(tmp_path, check)


def test_pain_25_a_socket_that_drops_leaves_the_call_to_its_action(tmp_path: Path) -> None:
    """The carrier asks what next, so that the call can go on elsewhere; the line never hung up."""

    async def check(rig: Rig) -> None:
        rig.world.put(THEIRS, lambda: SilentLine(hang_up_after_ms=4000))
        rig.customer.documents["/voice"] = STREAM.replace("<Connect>", '<Connect action="/next">')
        rig.customer.documents["/next"] = "<Response><Pause length='30'/></Response>"
        placed = await rig.telephony.place_call(ORDER)
        await rig.ended(placed.call_sid)

        (asked,) = rig.customer.at("/next")
        assert asked.signed
        assert (asked.form["CallSid"], asked.form["CallStatus"]) == (placed.call_sid, "in-progress")
        assert (await rig.telephony.fetch_call(placed.call_sid)).duration_s == 4

    in_rig(tmp_path, check, closing_after(50))


# -- traps -----------------------------------------------------------------------------------------------------


def test_trap_10_every_request_of_the_carrier_passes_our_signature_check(tmp_path: Path) -> None:
    """Webhook, callbacks and action, over the public URL with its query; a changed form does not pass."""
    ours = SignatureValidator(TOKEN, BASE)
    seen: list[bool] = []
    forged: list[bool] = []

    async def check(rig: Rig) -> None:
        async def watching(request: httpx2.Request) -> httpx2.Response:
            form: dict[str, list[str]] = {}
            for name, value in httpx2.QueryParams(request.content.decode()).multi_items():
                form.setdefault(name, []).append(value)
            signature = request.headers["x-twilio-signature"]
            query = request.url.query.decode()
            seen.append(ours.webhook(request.url.path, query, form, signature))
            forged.append(ours.webhook(request.url.path, query, form | {"CallSid": ["CA" + "0" * 32]}, signature))
            return httpx2.Response(200, text=STREAM, headers={"Content-Type": "text/xml"})

        rig.customer.instead = watching
        placed = await rig.telephony.place_call(ORDER)
        await rig.ended(placed.call_sid)

    in_rig(tmp_path, check)

    assert len(seen) == 5
    assert (set(seen), set(forged)) == ({True}, {False})


def test_trap_11_the_start_is_of_the_call_that_the_webhook_told_of(tmp_path: Path) -> None:
    async def check(rig: Rig) -> None:
        sids = [(await rig.telephony.place_call(ORDER)).call_sid for _ in range(3)]
        for sid in sids:
            await rig.ended(sid)

        assert sorted(start["start"]["callSid"] for start in rig.engine.of("start")) == sorted(sids)
        assert {start["start"]["accountSid"] for start in rig.engine.of("start")} == {
            post.form["AccountSid"] for post in rig.customer.posted
        }

    in_rig(tmp_path, check)


def test_trap_13_a_started_stream_ends_the_call(tmp_path: Path) -> None:
    """<Start><Stream> cannot talk; this carrier refuses it instead of opening a deaf stream."""

    async def check(rig: Rig) -> None:
        rig.customer.documents["/voice"] = STREAM.replace("Connect>", "Start>")
        placed = await rig.telephony.place_call(ORDER)
        await rig.ended(placed.call_sid)

        assert rig.engine.events == []
        call = rig.carrier.exchange.book.find(placed.call_sid)
        assert call is not None
        assert call.record.errors == ["TwiML: <Start> is not supported by this carrier"]

    in_rig(tmp_path, check)


def test_trap_18_events_are_repeated_fields_and_answered_is_in_progress(tmp_path: Path) -> None:
    async def check(rig: Rig) -> None:
        placed = await rig.telephony.place_call(ORDER)
        await rig.ended(placed.call_sid)

        told = [post.form for post in rig.customer.at("/status")]
        assert [form["CallStatus"] for form in told] == ["initiated", "ringing", "in-progress", "completed"]

    in_rig(tmp_path, check)


def test_trap_18_callbacks_out_of_order_are_put_right_by_their_number(tmp_path: Path) -> None:
    async def check(rig: Rig) -> None:
        rig.carrier.faults.order({"delay_ms": {"initiated": 2000, "answered": 9000}})
        placed = await rig.telephony.place_call(ORDER)
        await rig.ended(placed.call_sid)

        told = [post.form for post in rig.customer.at("/status")]
        arrived = [form["CallStatus"] for form in told]
        numbered = [form["CallStatus"] for form in sorted(told, key=lambda form: int(form["SequenceNumber"]))]
        assert arrived == ["ringing", "initiated", "completed", "in-progress"]
        assert numbered == ["initiated", "ringing", "in-progress", "completed"]

    in_rig(tmp_path, check)


def answering(rig: Rig) -> FakeEngine:
    """Let our own web surface answer the carrier's webhooks; what it noted."""
    engine = FakeEngine()
    surface = Surface(engine, WebSettings(public_url=BASE, auth_token=TOKEN), now=lambda: 0.0)
    rig.customer.instead = httpx2.ASGITransport(app=surface.app).handle_async_request
    return engine


STREAMED = replace(ORDER, answer_url=f"{BASE}{VOICE_PATHS[0]}", status_url=None, amd=MachineDetection.OFF)


def test_trap_19_a_stream_s_life_is_told_of(tmp_path: Path) -> None:
    """Our own document asks for it, at a route that takes the carrier's signature."""

    async def check(rig: Rig) -> None:
        engine = answering(rig)
        engine.answer = Admitted(call=call(spec=RECEPTIONIST))
        placed = await rig.telephony.place_call(STREAMED)
        await rig.ended(placed.call_sid)

        told = [(query, form) for kind, query, form in engine.reports if kind == "stream"]
        assert [form["StreamEvent"] for _, form in told] == ["stream-started", "stream-stopped"]
        assert {form["StreamSid"] for _, form in told} == {rig.engine.of("start")[0]["streamSid"]}
        assert {form["CallSid"] for _, form in told} == {placed.call_sid}
        assert [query for query, _ in told] == [{"call_id": RECEPTIONIST.call_id}] * 2

    in_rig(tmp_path, check)


def test_trap_19_a_stream_that_cannot_be_opened_is_an_error_with_its_reason(tmp_path: Path) -> None:
    async def main() -> None:
        async with open_rig(tmp_path) as rig:
            rig.refuse_streams = True
            engine = answering(rig)
            placed = await rig.telephony.place_call(STREAMED)
            await rig.ended(placed.call_sid)

            (told,) = [form for kind, _, form in engine.reports if kind == "stream"]
            assert told["StreamEvent"] == "stream-error"
            assert "nobody there" in told["StreamError"]

    run_virtual(main())


def test_trap_20_the_verdict_goes_to_its_own_callback_while_the_twiml_runs(tmp_path: Path) -> None:
    """And what follows from it goes through REST: here the machine is hung up on."""

    async def check(rig: Rig) -> None:
        machine = np.concatenate([silence(300), speech(9000)])
        rig.world.put(THEIRS, lambda: TalkingLine(machine, hang_up_after_ms=20_000))
        placed = await rig.telephony.place_call(ORDER)
        while not rig.customer.at("/amd"):
            await rig.carrier.parts.clock.sleep_ms(20)
        assert len(rig.engine.of("media")) > 100
        await rig.telephony.hang_up(placed.call_sid)
        await rig.ended(placed.call_sid)

        assert rig.customer.at("/amd")[0].form["AnsweredBy"] == "machine_start"
        assert rig.customer.at("/status")[-1].at_ms < 3500

    in_rig(tmp_path, check)


def test_trap_20_without_detection_nobody_is_told(tmp_path: Path) -> None:
    async def check(rig: Rig) -> None:
        placed = await rig.telephony.place_call(replace(ORDER, amd=MachineDetection.OFF))
        await rig.ended(placed.call_sid)

        assert rig.customer.at("/amd") == []

    in_rig(tmp_path, check)


def test_trap_23_a_region_is_asked_through_its_edge_for_every_product() -> None:
    """Calls, media and codes: none of them may go to the United States by accident."""
    hosts: list[str] = []

    def handler(request: httpx2.Request) -> httpx2.Response:
        hosts.append(request.url.host)
        return httpx2.Response(404, json={"code": 20404, "message": "no"})

    async def main() -> None:
        settings = TwilioSettings(account_sid="AC1", auth_token="t", region="ie1", verify_service_sid="VA1")
        telephony = TwilioTelephony(settings, transport=httpx2.MockTransport(handler))
        await telephony.hang_up("CA1")
        await telephony.check_verification("VE1", "123456")
        with pytest.raises(Exception, match="does not know"):
            await telephony.fetch_recording("RE1")
        await telephony.aclose()

    run_virtual(main())

    assert hosts == ["api.dublin.ie1.twilio.com", "verify.dublin.ie1.twilio.com", "api.dublin.ie1.twilio.com"]
