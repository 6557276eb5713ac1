"""Messages of the engine: whatever the bytes, the reader takes them or refuses them, and raises nothing else."""

import base64
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voice_engine.carrier.messages import (
    MAX_MESSAGE_BYTES,
    Clear,
    Mark,
    Media,
    Refusal,
    Refused,
    StreamIdentity,
    Writer,
    read,
)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=10,
)
near_misses = st.fixed_dictionaries(
    {"event": st.sampled_from(["media", "mark", "clear", "start"]) | json_values, "streamSid": st.just("MZ1")},
    optional={
        "media": json_values | st.fixed_dictionaries({"payload": json_values}),
        "mark": json_values | st.fixed_dictionaries({"name": json_values}),
    },
)


@settings(max_examples=50)
@given(st.binary(max_size=200) | st.text(max_size=200) | (json_values | near_misses).map(json.dumps))
def test_any_input_is_taken_or_refused(message: str | bytes) -> None:
    try:
        request = read(message, "MZ1")
    except Refused as refused:
        assert refused.reason in Refusal
    else:
        assert isinstance(request, Media | Mark | Clear)


@given(st.binary(min_size=1, max_size=400).filter(lambda audio: audio[:4] != b"RIFF"))
def test_audio_arrives_as_it_was_sent(mulaw: bytes) -> None:
    payload = base64.b64encode(mulaw).decode()

    assert read(json.dumps({"event": "media", "streamSid": "MZ1", "media": {"payload": payload}}), "MZ1") == Media(
        mulaw
    )


def test_utf8_bytes_are_read_like_text() -> None:
    text = json.dumps({"event": "mark", "streamSid": "MZ1", "mark": {"name": "é"}}, ensure_ascii=False)

    assert read(text.encode(), "MZ1") == read(text, "MZ1") == Mark("é")


@pytest.mark.parametrize(
    ("message", "reason"),
    [("x" * (MAX_MESSAGE_BYTES + 1), Refusal.TOO_LARGE), ("[" * 100_000, Refusal.NOT_JSON)],
    ids=["too large", "too deep"],
)
def test_monsters_are_refused(message: str, reason: Refusal) -> None:
    with pytest.raises(Refused) as caught:
        read(message, "MZ1")

    assert caught.value.reason is reason


def test_lost_media_uses_up_its_numbers() -> None:
    writer = Writer(StreamIdentity(account_sid="AC1", call_sid="CA1", stream_sid="MZ1"))
    writer.start()
    first = json.loads(writer.media(b"\xff", 0))
    writer.lose_media()
    second = json.loads(writer.media(b"\xff", 40))

    assert [(m["sequenceNumber"], m["media"]["chunk"]) for m in (first, second)] == [("2", "1"), ("4", "3")]
