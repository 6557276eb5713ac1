"""The engine's side of Media Streams: what each message gives, in which state, and what it does to the counters."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.telephony.twilio import fuzz_protocol, messages
from voice_engine.errors import ProtocolError
from voice_engine.telephony.twilio.events import (
    Connected,
    DtmfReceived,
    MarkReceived,
    MediaReceived,
    Repeated,
    Started,
    Stopped,
    StreamCounters,
    Unknown,
)
from voice_engine.telephony.twilio.protocol import MAX_MESSAGE_BYTES, StreamProtocol

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def started() -> StreamProtocol:
    protocol = StreamProtocol()
    protocol.parse(messages.connected())
    protocol.parse(messages.start())
    return protocol


def refused(protocol: StreamProtocol, message: str | bytes) -> str:
    with pytest.raises(ProtocolError) as caught:
        protocol.parse(message)
    return caught.value.code


def test_connected_tells_protocol_and_version() -> None:
    assert StreamProtocol().parse(messages.connected()) == Connected(protocol="Call", version="1.0.0")


def test_start_tells_who_is_on_the_line() -> None:
    event = StreamProtocol().parse(messages.start(parameters={"ticket": "t-1", "call": "ñ & co"}))

    assert isinstance(event, Started)
    assert (event.stream_sid, event.call_sid, event.account_sid) == (
        messages.STREAM,
        messages.CALL,
        messages.ACCOUNT,
    )
    assert event.custom_parameters == {"ticket": "t-1", "call": "ñ & co"}
    assert (event.media_format.encoding, event.media_format.rate_hz) == ("audio/x-mulaw", 8000)


def test_a_start_without_parameters_has_none() -> None:
    message = json.loads(messages.start())
    del message["start"]["customParameters"]

    event = StreamProtocol().parse(messages.text(message))

    assert isinstance(event, Started)
    assert event.custom_parameters == {}


@pytest.mark.parametrize("as_bytes", [False, True])
def test_media_is_decoded_and_placed(as_bytes: bool) -> None:
    message = messages.media(2, media_ms=85, audio=bytes(range(160)))

    event = started().parse(message.encode() if as_bytes else message)

    assert event == MediaReceived(media_ms=85, chunk=1, sequence=2, payload=bytes(range(160)))


def test_mark_dtmf_and_stop_are_told() -> None:
    protocol = started()

    events = [
        protocol.parse(message) for message in (messages.mark(2, 'r1:"2"'), messages.dtmf(3, "#"), messages.stop(4))
    ]

    assert events == [
        MarkReceived(name='r1:"2"', sequence=2),
        DtmfReceived(digit="#", sequence=3),
        Stopped(call_sid=messages.CALL, sequence=4),
    ]


def test_an_unknown_event_is_told_and_its_number_counted() -> None:
    protocol = started()

    unknown = protocol.parse(
        messages.text({"event": "quality", "sequenceNumber": "2", "streamSid": messages.STREAM})
    )
    protocol.parse(messages.media(3))

    assert unknown == Unknown(name="quality")
    assert protocol.counters.missing == 0


def test_an_unknown_event_without_a_number_or_before_the_start_is_told_too() -> None:
    protocol = StreamProtocol()

    assert protocol.parse('{"event":"hello"}') == Unknown(name="hello")
    assert started().parse('{"event":"hello"}') == Unknown(name="hello")


def test_a_repeated_unknown_event_is_a_duplicate() -> None:
    protocol = started()
    message = messages.text({"event": "quality", "sequenceNumber": "2"})

    protocol.parse(message)

    assert protocol.parse(message) == Repeated(name="quality", sequence=2)


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (messages.media(2, track="outbound"), "unexpected_value"),
        (messages.media(2, timestamp=5), "not_a_number_string"),
        (messages.media(2, timestamp="-5"), "not_a_number_string"),
        (messages.media(2, timestamp="٥"), "not_a_number_string"),
        (messages.media(2, chunk="1" * 16), "not_a_number_string"),
        (messages.media(2, payload=None), "not_base64"),
        (messages.media(2, payload="//8"), "not_base64"),
        (messages.media(2, payload="//8=\n"), "not_base64"),
        (messages.media(2).replace(messages.STREAM, "MZ1"), "wrong_stream"),
        (messages.media(2).replace(messages.STREAM, ""), "not_a_sid"),
        (messages.dtmf(2, "55"), "unexpected_value"),
        (messages.mark(2, ""), "not_text"),
        (messages.mark(2, "n" * 1025), "not_text"),
        (messages.stop(2, call_sid="CA1"), "wrong_call"),
        (messages.text({"event": "mark", "sequenceNumber": "2", "streamSid": messages.STREAM}), "not_an_object"),
        (messages.start(), "unexpected_start"),
        (messages.connected(), "unexpected_connected"),
        ("[]", "not_an_object"),
        ("{", "not_json"),
        ("", "not_json"),
        ("\ud800", "not_json"),
        (b"\xff\xfe", "not_json"),
        ("[" * 2000, "not_json"),
        ('{"event":null}', "not_text"),
        ('{"event":"' + "é" * (MAX_MESSAGE_BYTES // 2) + '"}', "message_too_big"),
        (b" " * (MAX_MESSAGE_BYTES + 1), "message_too_big"),
        (messages.media(2, audio=b"a" * MAX_MESSAGE_BYTES), "message_too_big"),
    ],
)
def test_a_broken_message_is_refused_by_code(message: str | bytes, code: str) -> None:
    assert refused(started(), message) == code


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (messages.start(streamSid="MZ1"), "wrong_stream"),
        (messages.start(callSid='CA"1'), "not_a_sid"),
        (messages.start(mediaFormat={"encoding": "audio/l16"}), "unsupported_media_format"),
        (messages.start(customParameters={"a": 1}), "not_text"),
        (messages.media(1), "stream_not_started"),
    ],
)
def test_a_stream_that_does_not_start_right_is_refused(message: str, code: str) -> None:
    assert refused(StreamProtocol(), message) == code


def test_nothing_follows_a_stop() -> None:
    protocol = started()
    protocol.parse(messages.stop(2))

    assert refused(protocol, messages.media(3)) == "stream_stopped"
    assert refused(protocol, messages.start()) == "unexpected_start"


def test_a_refused_message_changes_nothing() -> None:
    protocol = started()

    refused(protocol, messages.media(9, track="outbound"))
    event = protocol.parse(messages.media(2))

    assert isinstance(event, MediaReceived)
    assert protocol.counters == StreamCounters(messages=2)


def test_a_stop_without_a_call_is_of_this_call() -> None:
    message = json.loads(messages.stop(2))
    message["stop"] = {}

    assert started().parse(messages.text(message)) == Stopped(call_sid=messages.CALL, sequence=2)


def test_a_gap_is_counted_and_a_late_message_fills_it() -> None:
    protocol = started()

    for sequence in (2, 5, 3):
        assert isinstance(protocol.parse(messages.media(sequence)), MediaReceived)

    assert protocol.counters == StreamCounters(messages=4, missing=1, reordered=1)


def test_a_repeated_message_is_told_as_such() -> None:
    protocol = started()
    protocol.parse(messages.mark(2, "r1:1"))

    assert protocol.parse(messages.mark(2, "r1:1")) == Repeated(name="mark", sequence=2)
    assert protocol.parse(messages.media(2)) == Repeated(name="media", sequence=2)
    assert protocol.counters.duplicates == 2


def test_a_huge_jump_costs_no_memory_and_forgets_old_holes() -> None:
    protocol = started()

    protocol.parse(messages.media(10**12))
    protocol.parse(messages.media(10**12 + 300))

    assert protocol.counters.missing == 10**12 - 2 + 299
    assert isinstance(protocol.parse(messages.media(10**12 + 299)), MediaReceived)
    assert isinstance(protocol.parse(messages.media(10**12 - 1)), Repeated)


@given(st.permutations(range(2, 14)))
def test_any_order_loses_and_repeats_nothing(order: list[int]) -> None:
    """Whatever the order, twelve distinct messages arrive as twelve, and the books are even at the end."""
    protocol = started()

    events = [protocol.parse(messages.media(sequence)) for sequence in order]

    assert all(isinstance(event, MediaReceived) for event in events)
    assert (protocol.counters.missing, protocol.counters.duplicates) == (0, 0)


DIGITS = st.one_of(
    st.integers(min_value=0, max_value=10**17).map(str), st.text(alphabet="0123456789٣²x-", max_size=5)
)
SIDS = st.sampled_from([messages.STREAM, "MZ1"])
PAYLOADS = st.one_of(
    st.binary(max_size=200).map(lambda raw: base64.b64encode(raw).decode()),
    st.text(alphabet='AB+/=\\" \né', max_size=12),
)


@settings(max_examples=300)
@given(sequence=DIGITS, chunk=DIGITS, timestamp=DIGITS, payload=PAYLOADS, sid=SIDS)
def test_the_fast_path_agrees_with_json(sequence: str, chunk: str, timestamp: str, payload: str, sid: str) -> None:
    """Pretty-printing keeps a message from the fast path; both ways must end the same."""
    message = {
        "event": "media",
        "sequenceNumber": sequence,
        "media": {"track": "inbound", "chunk": chunk, "timestamp": timestamp, "payload": payload},
        "streamSid": sid,
    }

    outcomes = [_outcome(messages.text(message)), _outcome(json.dumps(message, indent=1))]
    raw = f'{{"event":"media","sequenceNumber":"{sequence}","media":{{"track":"inbound","chunk":"{chunk}",'
    raw += f'"timestamp":"{timestamp}","payload":"{payload}"}},"streamSid":"{sid}"}}'

    assert outcomes[0] == outcomes[1]
    assert _outcome(raw) == _outcome(raw.encode()) == _outcome(" " + raw)


def _outcome(message: str | bytes) -> Any:
    try:
        return started().parse(message)
    except ProtocolError as error:
        return error.code


def test_the_usual_media_message_takes_the_fast_path() -> None:
    """Guards the property test above: without this, both of its ways could be the slow one."""
    protocol = started()

    assert protocol._media_fast(messages.media(2)) == MediaReceived(0, 1, 2, b"\xff" * 160)
    assert protocol._media_fast(json.dumps(json.loads(messages.media(2)))) is None


@given(JSON)
def test_any_json_is_an_event_or_a_protocol_error(value: Any) -> None:
    for protocol in (StreamProtocol(), started()):
        _parse(protocol, json.dumps(value))


@settings(max_examples=300)
@given(st.binary(max_size=300) | st.text(max_size=300))
def test_any_bytes_are_an_event_or_a_protocol_error(message: str | bytes) -> None:
    for protocol in (StreamProtocol(), started()):
        _parse(protocol, message)


@given(st.dictionaries(st.sampled_from(["event", "sequenceNumber", "streamSid", "media", "start", "mark"]), JSON))
def test_known_keys_with_any_values_are_an_event_or_a_protocol_error(fields: dict[str, Any]) -> None:
    for name in ("media", "start", "mark", "dtmf", "stop", "connected"):
        _parse(
            started(), json.dumps({"streamSid": messages.STREAM, "sequenceNumber": "2"} | fields | {"event": name})
        )


def _parse(protocol: StreamProtocol, message: str | bytes) -> None:
    try:
        protocol.parse(message)
    except ProtocolError as error:
        assert error.code


def test_mutated_streams_are_survived() -> None:
    fuzz_protocol.run(seed=7, rounds=300)


def test_media_out_is_headerless_base64_for_this_stream() -> None:
    message = json.loads(started().media(b"\x00\xff\x80"))

    assert message == {"event": "media", "streamSid": messages.STREAM, "media": {"payload": "AP+A"}}


def test_mark_and_clear_out_name_this_stream() -> None:
    protocol = started()

    assert json.loads(protocol.mark('e3:"ñ"')) == {
        "event": "mark",
        "streamSid": messages.STREAM,
        "mark": {"name": 'e3:"ñ"'},
    }
    assert json.loads(protocol.clear()) == {"event": "clear", "streamSid": messages.STREAM}


def test_nothing_can_be_written_before_the_stream_is_known() -> None:
    protocol = StreamProtocol()

    with pytest.raises(AssertionError):
        protocol.media(b"\xff")
    with pytest.raises(AssertionError):
        protocol.mark("m")
    with pytest.raises(AssertionError):
        protocol.clear()


@given(st.binary(min_size=1, max_size=2000))
def test_written_media_reads_back(payload: bytes) -> None:
    message = json.loads(started().media(payload))

    assert base64.b64decode(message["media"]["payload"], validate=True) == payload
