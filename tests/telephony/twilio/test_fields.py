"""Each getter returns what it promises, or names the field it could not use and by which code."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest

from voice_engine.errors import ProtocolError
from voice_engine.telephony.twilio.events import MediaFormat
from voice_engine.telephony.twilio.fields import Fields, parse_object

VALUES: dict[str, Any] = {
    "text": "hello",
    "empty": "",
    "long": "x" * 1025,
    "int": 5,
    "digits": "0042",
    "minus": "-1",
    "arabic": "٤",
    "endless": "1" * 16,
    "sid": "MZ9f2c",
    "quote": 'MZ"',
    "null": None,
    "object": {"inner": "1", "bad": 1},
    "texts": {"a": "1"},
    "list": [],
    "base64": "AP+A",
    "unpadded": "AP8",
    "spaced": "AP +A",
    "format": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1, "extra": True},
    "wideband": {"encoding": "audio/x-mulaw", "sampleRate": 16000, "channels": 1},
}

Get = Callable[[Fields], object]


def fields() -> Fields:
    return parse_object(orjson.dumps(VALUES), max_bytes=10_000)


@pytest.mark.parametrize(
    ("get", "value"),
    [
        (lambda f: f.has("null"), True),
        (lambda f: f.has("missing"), False),
        (lambda f: f.text("text"), "hello"),
        (lambda f: f.optional_text("missing"), ""),
        (lambda f: f.optional_text("text"), "hello"),
        (lambda f: f.one_of("text", {"hello", "bye"}), "hello"),
        (lambda f: f.sid("sid"), "MZ9f2c"),
        (lambda f: f.number("digits"), 42),
        (lambda f: f.optional_number("missing"), None),
        (lambda f: f.optional_number("digits"), 42),
        (lambda f: f.object("object").number("inner"), 1),
        (lambda f: f.texts("texts"), {"a": "1"}),
        (lambda f: f.texts("missing"), {}),
        (lambda f: f.base64("base64"), b"\x00\xff\x80"),
        (lambda f: f.base64("empty"), b""),
        (lambda f: f.media_format("format"), MediaFormat()),
    ],
)
def test_a_getter_returns_the_value(get: Get, value: object) -> None:
    assert get(fields()) == value


@pytest.mark.parametrize(
    ("get", "code", "field"),
    [
        (lambda f: f.text("missing"), "not_text", "missing"),
        (lambda f: f.text("empty"), "not_text", "empty"),
        (lambda f: f.text("long"), "not_text", "long"),
        (lambda f: f.optional_text("null"), "not_text", "null"),
        (lambda f: f.one_of("text", {"bye"}), "unexpected_value", "text"),
        (lambda f: f.sid("quote"), "not_a_sid", "quote"),
        (lambda f: f.sid("int"), "not_a_sid", "int"),
        (lambda f: f.number("int"), "not_a_number_string", "int"),
        (lambda f: f.number("minus"), "not_a_number_string", "minus"),
        (lambda f: f.number("arabic"), "not_a_number_string", "arabic"),
        (lambda f: f.number("endless"), "not_a_number_string", "endless"),
        (lambda f: f.optional_number("null"), "not_a_number_string", "null"),
        (lambda f: f.object("list"), "not_an_object", "list"),
        (lambda f: f.object("object").text("bad"), "not_text", "object.bad"),
        (lambda f: f.texts("object"), "not_text", "object"),
        (lambda f: f.texts("list"), "not_text", "list"),
        (lambda f: f.base64("int"), "not_base64", "int"),
        (lambda f: f.base64("unpadded"), "not_base64", "unpadded"),
        (lambda f: f.base64("spaced"), "not_base64", "spaced"),
        (lambda f: f.media_format("wideband"), "unsupported_media_format", "wideband"),
        (lambda f: f.media_format("text"), "not_an_object", "text"),
    ],
)
def test_a_wrong_value_is_refused_by_name(get: Get, code: str, field: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        get(fields())

    assert caught.value.code == code
    assert caught.value.message.startswith(f"{field} is not ")


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("[1]", "not_an_object"),
        ("nonsense", "not_json"),
        ('{"a":"\ud800"}', "not_json"),
        ('{"a":"éé"}', "message_too_big"),
        (b'{"a": 123}', "message_too_big"),
    ],
)
def test_what_is_no_small_object_is_refused(message: str | bytes, code: str) -> None:
    """Sizes count in bytes: ten characters with accents are more than ten bytes."""
    with pytest.raises(ProtocolError) as caught:
        parse_object(message, max_bytes=9 if code == "message_too_big" else 100)

    assert caught.value.code == code


def test_a_message_of_just_the_cap_is_parsed() -> None:
    assert parse_object('{"a":"é"}', max_bytes=10).text("a") == "é"
