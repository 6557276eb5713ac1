"""Known traps of Twilio Media Streams that the wire layer itself must not fall into."""

import base64
import json
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from tests.telephony.twilio import messages
from voice_engine.audio import mulaw
from voice_engine.audio.mixing import white_noise
from voice_engine.audio.resample import Resampler
from voice_engine.errors import InvalidInput, ProtocolError
from voice_engine.telephony.twilio import twiml
from voice_engine.telephony.twilio.events import MarkReceived, MediaReceived, Stopped
from voice_engine.telephony.twilio.protocol import MAX_MESSAGE_BYTES, StreamProtocol
from voice_engine.telephony.twilio.signature import SignatureValidator
from voice_engine.telephony.twilio.twiml import StreamTarget

URL = "wss://phone.example.com/media/twilio/w1"


def started() -> StreamProtocol:
    protocol = StreamProtocol()
    protocol.parse(messages.connected())
    protocol.parse(messages.start())
    return protocol


def refused(message: str | bytes) -> str:
    with pytest.raises(ProtocolError) as caught:
        started().parse(message)
    return caught.value.code


def test_trap_01_payload_is_bare_mulaw_at_8_khz() -> None:
    """20 ms of audio is 160 bytes on the wire, without a header, and sounds as it did."""
    tone = (8000 * np.sin(2 * np.pi * 440 * np.arange(160) / 8000)).astype(np.int16)

    payload = base64.b64decode(json.loads(started().media(mulaw.encode_pcm(tone)))["media"]["payload"])

    assert len(payload) == 160
    assert np.abs(mulaw.decode_pcm(payload) - tone.astype(np.int32)).max() < 8000 * 0.04


def test_trap_02_only_known_messages_of_this_stream_go_out() -> None:
    protocol = started()

    sent = [json.loads(text) for text in (protocol.media(b"\xff"), protocol.mark("m"), protocol.clear())]

    assert [message["event"] for message in sent] == ["media", "mark", "clear"]
    assert {message["streamSid"] for message in sent} == {messages.STREAM}
    assert [set(message) for message in sent] == [
        {"event", "streamSid", "media"},
        {"event", "streamSid", "mark"},
        {"event", "streamSid"},
    ]


def test_trap_03_a_mark_nests_its_name() -> None:
    assert json.loads(started().mark("e1:4"))["mark"] == {"name": "e1:4"}


def test_trap_04_a_returned_mark_is_told_with_its_name_and_nothing_more() -> None:
    """Played or cleared looks the same on the wire: the event claims neither, and the name carries the epoch."""
    protocol = started()

    events = [protocol.parse(messages.mark(2, "e1:3")), protocol.parse(messages.mark(3, "e1:4"))]

    assert events == [MarkReceived(name="e1:3", sequence=2), MarkReceived(name="e1:4", sequence=3)]


def test_trap_05_a_mark_may_return_before_any_media_arrived() -> None:
    assert started().parse(messages.mark(2, "e1:0")) == MarkReceived(name="e1:0", sequence=2)


def test_trap_08_a_query_on_the_stream_url_is_refused_and_parameters_are_used() -> None:
    with pytest.raises(InvalidInput, match="parameters"):
        twiml.connect_stream(StreamTarget(url=f"{URL}?ticket=1"))

    document = twiml.connect_stream(StreamTarget(url=URL, parameters={"ticket": "1"}))
    assert ET.fromstring(document)[0][0][0].attrib == {"name": "ticket", "value": "1"}


@pytest.mark.parametrize("url", ["ws://phone.example.com/m", "wss://phone.example.com:8443/m", "https://e.com/m"])
def test_trap_09_a_stream_is_wss_on_443(url: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        twiml.connect_stream(StreamTarget(url=url))

    assert caught.value.code == "stream_url_not_secure"


def test_trap_10_a_signature_is_checked_over_the_public_url_with_its_variants() -> None:
    """The proxy's inner address plays no part; wss or https, with or without the last slash, all are one URL."""
    public = SignatureValidator("token", "https://phone.example.com")
    inner = SignatureValidator("token", "http://10.0.0.7:8000")

    signature = public.sign("/media/", "", {})

    assert public.upgrade("/media", "", signature)
    assert not inner.upgrade("/media", "", signature)


def test_trap_11_the_start_names_ticket_and_call_before_any_media() -> None:
    """What binds a stream to its call is in `Started`; media before it is refused."""
    protocol = StreamProtocol()
    with pytest.raises(ProtocolError):
        protocol.parse(messages.media(1))

    event = protocol.parse(messages.start(parameters={"ticket": "t-9"}))

    assert getattr(event, "call_sid", None) == messages.CALL
    assert getattr(event, "custom_parameters", None) == {"ticket": "t-9"}


@pytest.mark.parametrize(
    "document",
    [
        twiml.connect_stream(StreamTarget(url=URL)),
        twiml.connect_stream(StreamTarget(url=URL, action="https://phone.example.com/next")),
        twiml.play_digits("1", StreamTarget(url=URL)),
        twiml.dial("+15550100"),
        twiml.reject(),
        twiml.hang_up(),
    ],
)
def test_trap_12_every_document_ends_in_a_terminating_verb(document: str) -> None:
    root = ET.fromstring(document)

    assert root[-1].tag in {"Hangup", "Reject"}
    assert not list(root.iter("Pause"))


def test_trap_13_streams_are_connected_not_started() -> None:
    """`<Start><Stream>` is one-way: it can neither play audio nor report keys."""
    root = ET.fromstring(twiml.connect_stream(StreamTarget(url=URL)))

    assert [verb.tag for verb in root] == ["Connect", "Hangup"]


def test_trap_14_only_the_inbound_track_is_listened_to() -> None:
    stream = ET.fromstring(twiml.connect_stream(StreamTarget(url=URL)))[0][0]

    assert stream.get("track") is None
    assert refused(messages.media(2, track="outbound")) == "unexpected_value"


def test_trap_15_digits_are_played_by_twiml_and_the_call_streams_again() -> None:
    target = StreamTarget(url=URL, parameters={"call": "c_1"})

    root = ET.fromstring(twiml.play_digits("2", target))

    assert [verb.tag for verb in root] == ["Play", "Connect", "Hangup"]
    assert root[1][0][0].attrib == {"name": "call", "value": "c_1"}


def test_trap_16_the_stream_ends_with_stop() -> None:
    assert started().parse(messages.stop(2)) == Stopped(call_sid=messages.CALL, sequence=2)


def test_trap_17_numbers_are_strings() -> None:
    """And count from 1: a stream that is whole has no gap."""
    protocol = started()

    event = protocol.parse(messages.media(2, media_ms=40))

    assert event == MediaReceived(media_ms=40, chunk=1, sequence=2, payload=b"\xff" * 160)
    assert protocol.counters.missing == 0
    assert refused(messages.media(2, timestamp=40)) == "not_a_number_string"


def test_trap_21_media_may_come_in_any_size_and_bunched() -> None:
    protocol = started()

    events = [
        protocol.parse(messages.media(2 + n, audio=b"\xff" * size)) for n, size in enumerate((160, 1, 480, 0))
    ]

    assert [len(event.payload) for event in events if isinstance(event, MediaReceived)] == [160, 1, 480, 0]


def test_trap_22_nothing_of_a_cleared_reply_leaks_out_of_the_resampler() -> None:
    loud, silent = white_noise(2400, -10.0, seed=1), np.zeros(2400, dtype=np.int16)
    converter = Resampler(24000, 8000)
    converter.push(loud)

    converter.reset()

    assert not np.concatenate([converter.push(silent), converter.flush()]).any()


def test_trap_24_one_bidirectional_stream_a_document() -> None:
    """Forked streams count against a limit of four a call; a document of ours never asks for a second one."""
    for document in (twiml.connect_stream(StreamTarget(url=URL)), twiml.play_digits("1", StreamTarget(url=URL))):
        assert len(list(ET.fromstring(document).iter("Stream"))) == 1


def test_trap_25_a_parameter_stays_under_500_characters() -> None:
    assert twiml.connect_stream(StreamTarget(url=URL, parameters={"t": "x" * 498}))
    with pytest.raises(InvalidInput) as caught:
        twiml.connect_stream(StreamTarget(url=URL, parameters={"t": "x" * 499}))

    assert caught.value.code == "parameter_too_long"


def test_trap_26_a_message_over_64_kib_is_refused_unparsed() -> None:
    assert refused(messages.media(2, audio=b"\xff" * MAX_MESSAGE_BYTES)) == "message_too_big"
    assert refused(b"{" * (MAX_MESSAGE_BYTES + 1)) == "message_too_big"
