"""The voice webhooks: who may call them and what they answer."""

import xml.etree.ElementTree as ET

import pytest

from tests.web.asgi import Answer, request, signed_post
from tests.web.fakes import ACCOUNT_SID, CALL_SID, FakeEngine, call, settings
from voice_engine.clock import run_virtual
from voice_engine.web.app import Surface
from voice_engine.web.calls import CallbackKind, ConnectTo, JoinRoom, PlayDigits, Refuse, TakeVoicemail
from voice_engine.web.settings import CALLBACK_PATHS, NEXT_PATH, VOICE_PATHS, WebSettings

FIELDS = {
    "CallSid": CALL_SID,
    "AccountSid": ACCOUNT_SID,
    "From": "+15550100",
    "To": "+15550199",
    "Direction": "inbound",
    "CallerName": "",
}
VOICE = VOICE_PATHS[0]
HTTPS = settings(public_url="https://voice.example/base")


def post(engine: FakeEngine, web: WebSettings, path: str = VOICE, **headers: str) -> Answer:
    return run_virtual(signed_post(Surface(engine, web, now=lambda: 0.0).app, web, path, FIELDS, **headers))


def stream_of(answer: Answer) -> tuple[str, dict[str, str]]:
    stream = ET.fromstring(answer.body).find("Connect/Stream")
    assert stream is not None
    return stream.attrib["url"], {p.attrib["name"]: p.attrib["value"] for p in stream}


@pytest.mark.parametrize("path", VOICE_PATHS)
def test_a_signed_call_gets_a_stream_with_ticket_and_the_engines_parameters(path: str) -> None:
    answer = post(FakeEngine(), settings(), path)

    url, parameters = stream_of(answer)
    assert answer.status == 200
    assert answer.headers["content-type"].partition(";")[0] in {"application/xml", "text/xml"}
    assert url == "ws://127.0.0.1:8000/media/twilio/w1"
    assert parameters["line"] == "front-desk"
    assert len(parameters["ticket"]) >= 32


def test_the_ticket_is_bound_to_the_announced_call() -> None:
    surface = Surface(FakeEngine(), settings(), now=lambda: 0.0)
    _, parameters = stream_of(run_virtual(signed_post(surface.app, settings(), VOICE, FIELDS)))

    redeemed = surface.tickets.redeem(parameters["ticket"], CALL_SID)

    assert redeemed is not None
    assert (redeemed.caller, redeemed.callee, redeemed.parameters) == (
        "+15550100",
        "+15550199",
        {"line": "front-desk"},
    )


def test_the_stream_url_follows_the_public_url() -> None:
    assert stream_of(post(FakeEngine(), HTTPS))[0] == "wss://voice.example/base/media/twilio/w1"


def test_the_media_port_may_live_elsewhere() -> None:
    web = settings(public_url="https://voice.example", media_url="https://media.example", worker="w7")

    assert stream_of(post(FakeEngine(), web))[0] == "wss://media.example/media/twilio/w7"


@pytest.mark.parametrize(
    "headers", [{"x-twilio-signature": "AAAA"}, {"x-twilio-signature": ""}], ids=["forged", "absent"]
)
def test_an_unsigned_call_is_refused_and_leaves_nothing(headers: dict[str, str]) -> None:
    surface = Surface(FakeEngine(), settings(), now=lambda: 0.0)

    answer = run_virtual(signed_post(surface.app, settings(), VOICE, FIELDS, **headers))

    assert answer.status == 403
    assert len(surface.tickets) == 0


def test_a_changed_field_breaks_the_signature() -> None:
    async def main() -> int:
        surface = Surface(FakeEngine(), settings(), now=lambda: 0.0)
        good = await signed_post(surface.app, settings(), VOICE, FIELDS)
        assert good.status == 200
        tampered = await request(surface.app, "POST", VOICE, body=b"CallSid=CA" + b"9" * 32)
        return tampered.status

    assert run_virtual(main()) == 403


def test_a_webhook_without_a_call_is_malformed() -> None:
    surface = Surface(FakeEngine(), settings(), now=lambda: 0.0)

    answer = run_virtual(signed_post(surface.app, settings(), VOICE, {"CallSid": "../../etc"}))

    assert answer.status == 400


def test_a_huge_body_is_cut_off() -> None:
    surface = Surface(FakeEngine(), settings(), now=lambda: 0.0)

    answer = run_virtual(request(surface.app, "POST", VOICE, body=b"a=" + b"b" * 70_000))

    assert answer.status == 413


def test_a_get_is_not_a_webhook() -> None:
    assert run_virtual(request(Surface(FakeEngine(), settings()).app, "GET", VOICE)).status == 405


def test_a_call_beyond_the_limit_hears_busy_at_no_cost() -> None:
    """<Reject> leaves the call unanswered; streams that are on their way count as calls."""
    web = settings(max_calls=2)
    engine = FakeEngine()
    engine.live_sids = {"CA" + "a" * 32}
    surface = Surface(engine, web, now=lambda: 0.0)

    async def main() -> list[str]:
        others = [{**FIELDS, "CallSid": "CA" + digit * 32} for digit in "56"]
        return [(await signed_post(surface.app, web, VOICE, fields)).body for fields in others]

    admitted, refused = run_virtual(main())

    assert "<Stream" in admitted
    assert '<Reject reason="busy"/>' in refused
    assert engine.refusals == ["full"]


def test_an_engine_without_room_refuses() -> None:
    """Admission by the speech models, whatever the number of calls."""
    engine = FakeEngine()
    engine.admitting = False

    assert '<Reject reason="busy"/>' in post(engine, settings()).body


def test_whoever_answered_our_call_is_hung_up_on_when_there_is_no_room_and_the_call_ends() -> None:
    """A carrier ignores <Reject> once somebody answered: the line would be silent."""
    engine, web = FakeEngine(), settings(max_calls=1)
    engine.live_sids = {"CA" + "a" * 32}
    surface = Surface(engine, web, now=lambda: 0.0)

    answer = run_virtual(signed_post(surface.app, web, f"{VOICE}?call_id=c1&attempt_id=a1", FIELDS))

    assert [verb.tag for verb in ET.fromstring(answer.body)] == ["Hangup"]
    assert engine.turned_away == [CALL_SID]


def test_whoever_answers_a_call_that_was_placed_before_the_drain_is_talked_to() -> None:
    engine = FakeEngine()
    surface = Surface(engine, settings(), now=lambda: 0.0)
    surface.drain.begin()

    answer = run_virtual(signed_post(surface.app, settings(), f"{VOICE}?call_id=c1&attempt_id=a1", FIELDS))

    assert "<Stream" in answer.body
    assert engine.turned_away == []
    assert not surface.drain.done()


def test_no_new_call_while_draining() -> None:
    engine = FakeEngine()
    surface = Surface(engine, settings(), now=lambda: 0.0)
    surface.drain.begin()

    assert "<Reject" in run_virtual(signed_post(surface.app, settings(), VOICE, FIELDS)).body
    assert engine.refusals == ["draining"]


def test_a_repeated_webhook_of_a_live_call_gets_a_stream_even_when_full() -> None:
    """The carrier repeats a webhook whose answer was lost; refusing it would cut the call."""
    engine = FakeEngine()
    engine.live_sids = {CALL_SID}

    assert "<Stream" in post(engine, settings(max_calls=1)).body


def test_a_call_that_is_still_up_gets_another_stream() -> None:
    engine = FakeEngine()
    engine.live_sids = {CALL_SID}

    url, parameters = stream_of(post(engine, settings(), NEXT_PATH))

    assert url.endswith("/media/twilio/w1")
    assert parameters["ticket"]


def test_a_live_call_gets_another_stream_while_draining() -> None:
    engine = FakeEngine()
    engine.live_sids = {CALL_SID}
    surface = Surface(engine, settings(), now=lambda: 0.0)
    surface.drain.begin()

    assert "<Stream" in run_virtual(signed_post(surface.app, settings(), NEXT_PATH, FIELDS)).body


def test_a_call_that_is_over_is_hung_up() -> None:
    answer = post(FakeEngine(), settings(), NEXT_PATH)

    assert ET.fromstring(answer.body).find("Hangup") is not None
    assert "<Stream" not in answer.body


def test_keys_are_played_and_the_call_connected_again() -> None:
    engine = FakeEngine()
    engine.live_sids = {CALL_SID}
    engine.orders = {CALL_SID: PlayDigits(digits="1w2")}

    verbs = list(ET.fromstring(post(engine, settings(), NEXT_PATH).body))

    assert [verb.tag for verb in verbs] == ["Play", "Connect", "Hangup"]
    assert verbs[0].attrib["digits"] == "1w2"


def test_a_transfer_dials_the_configured_number_and_then_hangs_up() -> None:
    engine = FakeEngine()
    engine.orders = {CALL_SID: ConnectTo(number="+15550123")}

    verbs = list(ET.fromstring(post(engine, settings(), NEXT_PATH).body))

    assert [verb.tag for verb in verbs] == ["Dial", "Hangup"]
    assert verbs[0].findtext("Number") == "+15550123"


def test_what_comes_next_is_signed_too() -> None:
    engine = FakeEngine()
    engine.live_sids = {call().call_sid}

    answer = post(engine, settings(), NEXT_PATH, **{"x-twilio-signature": "AAAA"})

    assert answer.status == 403


def test_a_planned_transfer_asks_again_when_nobody_answers() -> None:
    """The rule's target does not pick up: the receptionist does."""
    engine = FakeEngine()
    engine.answer = ConnectTo(number="+15550123", caller_id="+15550100", ring_s=20, ask_after=True)

    dial = ET.fromstring(post(engine, HTTPS).body).find("Dial")

    assert dial is not None
    assert dial.attrib == {
        "timeout": "20",
        "callerId": "+15550100",
        "action": "https://voice.example/base/v1/webhooks/twilio/voice?after=dial",
        "method": "POST",
    }


def test_a_voicemail_box_greets_records_and_hangs_up() -> None:
    """The recording is reported to us, and the document ends."""
    engine = FakeEngine()
    engine.answer = TakeVoicemail(greeting="Ada & Co", language="es", max_seconds=90)

    verbs = list(ET.fromstring(post(engine, settings()).body))

    assert [verb.tag for verb in verbs] == ["Say", "Record", "Hangup"]
    assert (verbs[0].text, verbs[0].attrib["language"]) == ("Ada & Co", "es-ES")
    assert verbs[1].attrib["maxLength"] == "90"
    assert verbs[1].attrib["recordingStatusCallback"].endswith("/v1/webhooks/twilio/recording?kind=voicemail")


def test_an_unwanted_call_is_rejected_not_busy() -> None:
    engine = FakeEngine()
    engine.answer = Refuse(reason="rejected")

    assert '<Reject reason="rejected"/>' in post(engine, settings()).body


def test_a_human_of_ours_meets_the_caller_in_a_room() -> None:
    engine = FakeEngine()
    engine.orders = {CALL_SID: JoinRoom(name="call-7")}

    room = ET.fromstring(post(engine, settings(), NEXT_PATH).body).find("Dial/Conference")

    assert room is not None
    assert room.text == "call-7"


@pytest.mark.parametrize("kind", list(CALLBACK_PATHS))
def test_the_carriers_reports_reach_the_engine_with_our_query(kind: CallbackKind) -> None:
    """Signed with the query, which says which call of ours it is."""
    engine = FakeEngine()

    answer = post(engine, settings(), CALLBACK_PATHS[kind][0] + "?call=c1&attempt=a1")

    assert answer.status == 200
    assert engine.reports == [(kind, {"call": "c1", "attempt": "a1"}, FIELDS)]


@pytest.mark.parametrize("kind", list(CALLBACK_PATHS))
def test_a_forged_report_reaches_nobody(kind: CallbackKind) -> None:
    engine = FakeEngine()

    answer = post(engine, settings(), CALLBACK_PATHS[kind][0], **{"x-twilio-signature": "AAAA"})

    assert answer.status == 403
    assert engine.reports == []


def test_the_leg_of_a_human_is_let_in_when_there_is_no_room_for_calls() -> None:
    """A call that is up is being taken over: that is no further call, and draining waits for it anyway."""

    async def main() -> tuple[int, dict[str, str]]:
        web, engine = settings(max_calls=1), FakeEngine()
        engine.live_sids = {"CA" + "a" * 32}
        surface = Surface(engine, web, now=lambda: 0.0)
        answer = await signed_post(surface.app, web, f"{VOICE}?bridge=c1&leg=x", FIELDS)
        _, parameters = stream_of(answer)
        redeemed = surface.tickets.redeem(parameters["ticket"], CALL_SID)
        assert redeemed is not None
        return answer.status, {"bridge": redeemed.bridge or "", "leg": redeemed.query["leg"]}

    assert run_virtual(main()) == (200, {"bridge": "c1", "leg": "x"})
