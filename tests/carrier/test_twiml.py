"""TwiML as the carrier reads it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voice_engine.carrier.twiml import parse
from voice_engine.carrier.verbs import (
    ConnectStream,
    DialConference,
    DialNumber,
    GatherVerb,
    HangupVerb,
    PauseVerb,
    PlayDigits,
    RecordVerb,
    RedirectVerb,
    RejectVerb,
    SayVerb,
    Verb,
)
from voice_engine.errors import ProtocolError


@pytest.mark.parametrize(
    ("inner", "verb"),
    [
        (
            '<Connect action="/n"><Stream url="wss://a.test/m"><Parameter name="t" value="1"/></Stream></Connect>',
            ConnectStream(url="wss://a.test/m", parameters={"t": "1"}, action="/n"),
        ),
        (
            '<Connect><Stream url="ws://127.0.0.1:8000/m"/></Connect>',
            ConnectStream(url="ws://127.0.0.1:8000/m", parameters={}),
        ),
        ('<Play digits="1w2#"/>', PlayDigits(digits="1w2#")),
        ("<Dial>+15550100123</Dial>", DialNumber(number="+15550100123")),
        (
            '<Dial timeout="10" action="/done"><Number>+15550100123</Number></Dial>',
            DialNumber(number="+15550100123", timeout_s=10.0, action="/done"),
        ),
        ("<Pause/>", PauseVerb(length_s=1.0)),
        ("<Redirect>https://a.test/x</Redirect>", RedirectVerb(url="https://a.test/x")),
        ('<Reject reason="busy"/>', RejectVerb(reason="busy")),
        ("<Hangup/>", HangupVerb()),
        (
            '<Connect><Stream url="wss://a.test/m" name="n" statusCallback="/s"/></Connect>',
            ConnectStream(url="wss://a.test/m", name="n", status_callback="/s"),
        ),
        (
            '<Say language="es-ES" loop="0">hola\n  <break/>amigo</Say>',
            SayVerb(text="hola amigo", language="es-ES", loop=0),
        ),
        (
            '<Gather numDigits="4" timeout="3" finishOnKey="*" action="/g"><Say>press</Say><Pause/></Gather>',
            GatherVerb(
                prompts=(SayVerb(text="press"), PauseVerb()),
                action="/g",
                num_digits=4,
                timeout_s=3.0,
                finish_on_key="*",
            ),
        ),
        (
            '<Record maxLength="60" timeout="4" playBeep="false" recordingStatusCallback="/r" trim="do-not-trim"/>',
            RecordVerb(max_length_s=60.0, timeout_s=4.0, play_beep=False, trim=False, status_callback="/r"),
        ),
        (
            '<Dial callerId="+15550100" timeLimit="60" hangupOnStar="true"><Number statusCallback="/s" '
            'statusCallbackEvent="ringing answered">+15550100123</Number></Dial>',
            DialNumber(
                number="+15550100123",
                caller_id="+15550100",
                time_limit_s=60.0,
                hangup_on_star=True,
                status_callback="/s",
                status_events=("ringing", "answered"),
            ),
        ),
        (
            '<Dial action="/d"><Conference muted="true" startConferenceOnEnter="false" endConferenceOnExit="true" '
            'beep="false" maxParticipants="3" statusCallback="/c" statusCallbackEvent="join leave">r</Conference>'
            "</Dial>",
            DialConference(
                name="r",
                action="/d",
                muted=True,
                starts=False,
                ends=True,
                beep=False,
                most=3,
                status_callback="/c",
                status_events=("join", "leave"),
            ),
        ),
    ],
)
def test_reads_each_verb(inner: str, verb: Verb) -> None:
    assert parse(f"<Response>{inner}</Response>") == (verb,)


@pytest.mark.parametrize(
    "inner",
    [
        "<Say/>",
        "<Say>" + "x" * 4097 + "</Say>",
        '<Say loop="-1">x</Say>',
        "<Play>https://a.test/x.mp3</Play>",
        '<Gather input="speech"/>',
        '<Gather numDigits="0"/>',
        '<Gather finishOnKey="A"/>',
        "<Gather><Dial>+15550100123</Dial></Gather>",
        '<Record maxLength="0"/>',
        '<Record playBeep="maybe"/>',
        "<Dial><Number>+15550100123</Number><Number>+15550100124</Number></Dial>",
        "<Dial>555</Dial>",
        "<Dial><Conference/></Dial>",
        "<Dial><Conference>r</Conference><Number>+15550100123</Number></Dial>",
        '<Dial><Conference maxParticipants="1">r</Conference></Dial>',
        '<Dial><Number statusCallbackEvent="done" statusCallback="/s">+15550100123</Number></Dial>',
        "<Start><Stream url='wss://a.test/m'/></Start>",
        "<Enqueue>x</Enqueue>",
    ],
)
def test_what_twilio_or_this_carrier_does_not_take_is_refused(inner: str) -> None:
    with pytest.raises(ProtocolError):
        parse(f"<Response>{inner}</Response>")


def test_verbs_keep_their_order_and_an_empty_document_has_none() -> None:
    assert parse("<Response><Pause/><Hangup/></Response>") == (PauseVerb(), HangupVerb())
    assert parse("<Response/>") == ()


tags = st.sampled_from(
    ["Response", "Connect", "Stream", "Parameter", "Play", "Dial", "Pause", "Say", "Reject", "Gather", "Record"]
)


@settings(max_examples=50)
@given(st.text(max_size=80) | st.tuples(tags, tags, st.text("<>/=\"' abc", max_size=20)).map(
    lambda t: f"<Response><{t[0]} {t[2]}><{t[1]}/></{t[0]}></Response>"
))  # fmt: skip
def test_whatever_the_text_it_is_read_or_refused(document: str) -> None:
    try:
        parse(document)
    except ProtocolError as error:
        assert error.code == "twiml_invalid"
