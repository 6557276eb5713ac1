"""The documents we answer with: right verbs in the right order, always ending, and nothing Twilio would drop."""

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_engine.errors import InvalidInput
from voice_engine.telephony.twilio import twiml
from voice_engine.telephony.twilio.twiml import StreamTarget

URL = "wss://phone.example.com/media/twilio/w1"


def verbs(document: str) -> list[str]:
    root = ET.fromstring(document)
    assert root.tag == "Response"
    return [verb.tag for verb in root]


def refused(target: StreamTarget) -> str:
    with pytest.raises(InvalidInput) as caught:
        twiml.connect_stream(target)
    return caught.value.code


def test_a_stream_carries_its_parameters_and_asks_what_next() -> None:
    target = StreamTarget(
        url=URL, parameters={"ticket": "t&1", "note": 'é "x"\n'}, action="https://e.com/next?call=1&n=2"
    )

    root = ET.fromstring(twiml.connect_stream(target))

    connect = root[0]
    assert (connect.tag, connect.get("action")) == ("Connect", "https://e.com/next?call=1&n=2")
    assert connect[0].get("url") == URL
    assert {item.get("name"): item.get("value") for item in connect[0]} == {"ticket": "t&1", "note": 'é "x"\n'}


def test_without_an_action_there_is_no_attribute() -> None:
    assert "action" not in twiml.connect_stream(StreamTarget(url=URL))


def test_digits_are_played_by_the_carrier_and_a_new_stream_follows() -> None:
    document = twiml.play_digits("1w2#", StreamTarget(url=URL))

    assert verbs(document) == ["Play", "Connect", "Hangup"]
    assert ET.fromstring(document)[0].get("digits") == "1w2#"


@pytest.mark.parametrize("digits", ["", "12a", "1 2", "1" * 65, "١"])
def test_digits_that_are_none_are_refused(digits: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        twiml.play_digits(digits, StreamTarget(url=URL))

    assert caught.value.code == "bad_digits"


def test_a_transfer_dials_the_number_and_then_ends() -> None:
    document = twiml.dial("+15550100", caller_id="+15550199", timeout_s=20)

    root = ET.fromstring(document)
    assert verbs(document) == ["Dial", "Hangup"]
    assert (root[0].get("callerId"), root[0].get("timeout")) == ("+15550199", "20")
    assert root[0][0].text == "+15550100"
    assert "callerId" not in twiml.dial("+15550100")


@pytest.mark.parametrize("number", ["911", "+0123", "+1555<Number>", "+1", "sip:a@b"])
def test_a_transfer_to_no_number_is_refused(number: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        twiml.dial(number)

    assert caught.value.code == "bad_number"


def test_a_call_can_be_refused_or_ended() -> None:
    assert ET.fromstring(twiml.reject("busy"))[0].get("reason") == "busy"
    assert verbs(twiml.hang_up()) == ["Hangup"]


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("wss://e.com/media?ticket=1", "stream_url_query"),
        ("wss://e.com/media?", "stream_url_query"),
        ("wss://e.com/media#x", "stream_url_query"),
        ("ws://e.com/media", "stream_url_not_secure"),
        ("https://e.com/media", "stream_url_not_secure"),
        ("wss://e.com:8443/media", "stream_url_not_secure"),
        ("wss://e.com:x/media", "stream_url_not_secure"),
        ("wss:///media", "stream_url_not_secure"),
        ("", "stream_url_not_secure"),
    ],
)
def test_a_stream_url_that_twilio_would_not_connect_is_refused(url: str, code: str) -> None:
    assert refused(StreamTarget(url=url)) == code


@pytest.mark.parametrize("url", ["ws://127.0.0.1:8000/media", "ws://localhost/media", "wss://e.com:443/media"])
def test_loopback_may_be_plain(url: str) -> None:
    assert ET.fromstring(twiml.connect_stream(StreamTarget(url=url)))[0][0].get("url") == url


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"": "x"}, "bad_parameter"),
        ({"name": "\x00"}, "bad_parameter"),
        ({"name": "v" * 496}, "parameter_too_long"),
    ],
)
def test_a_parameter_that_would_not_arrive_is_refused(parameters: dict[str, str], code: str) -> None:
    assert refused(StreamTarget(url=URL, parameters=parameters)) == code


def test_the_longest_parameter_is_499_characters() -> None:
    assert "v" * 495 in twiml.connect_stream(StreamTarget(url=URL, parameters={"name": "v" * 495}))


@given(st.dictionaries(st.text(min_size=1, max_size=20), st.text(max_size=40), max_size=4))
def test_any_parameters_arrive_as_they_were_or_are_refused(parameters: dict[str, str]) -> None:
    target = StreamTarget(url=URL, parameters=parameters)
    try:
        document = twiml.connect_stream(target)
    except InvalidInput as error:
        assert error.code == "bad_parameter"
        return

    stream = ET.fromstring(document.encode())[0][0]
    assert {item.get("name"): item.get("value") for item in stream} == parameters


@pytest.mark.parametrize(("language", "voice"), [("en", "en-US"), ("es", "es-ES"), ("xx", "en-US")])
def test_a_notice_is_said_and_the_call_is_over(language: str, voice: str) -> None:
    document = twiml.notice("Ada & Co: <closed>", language=language)

    assert verbs(document) == ["Say", "Hangup"]
    said = ET.fromstring(document)[0]
    assert (said.text, said.get("language")) == ("Ada & Co: <closed>", voice)


def test_a_notice_holds_nothing_that_xml_cannot_carry() -> None:
    with pytest.raises(InvalidInput) as caught:
        twiml.notice("closed\x00", language="en")

    assert caught.value.code == "bad_parameter"
