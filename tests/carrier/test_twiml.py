"""TwiML as the carrier reads it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voice_engine.carrier.twiml import parse
from voice_engine.carrier.verbs import (
    ConnectStream,
    DialNumber,
    HangupVerb,
    PauseVerb,
    PlayDigits,
    RedirectVerb,
    RejectVerb,
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
    ],
)
def test_reads_each_verb(inner: str, verb: Verb) -> None:
    assert parse(f"<Response>{inner}</Response>") == (verb,)


def test_verbs_keep_their_order_and_an_empty_document_has_none() -> None:
    assert parse("<Response><Pause/><Hangup/></Response>") == (PauseVerb(), HangupVerb())
    assert parse("<Response/>") == ()


tags = st.sampled_from(["Response", "Connect", "Stream", "Parameter", "Play", "Dial", "Pause", "Say", "Reject"])


@settings(max_examples=50)
@given(st.text(max_size=80) | st.tuples(tags, tags, st.text("<>/=\"' abc", max_size=20)).map(
    lambda t: f"<Response><{t[0]} {t[2]}><{t[1]}/></{t[0]}></Response>"
))  # fmt: skip
def test_whatever_the_text_it_is_read_or_refused(document: str) -> None:
    try:
        parse(document)
    except ProtocolError as error:
        assert error.code == "twiml_invalid"
