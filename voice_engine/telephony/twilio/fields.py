"""Checked access to a Media Streams message's JSON: a getter returns what it promises or raises ProtocolError."""

import re
from binascii import a2b_base64
from collections.abc import Collection
from typing import Any

import orjson

from voice_engine.errors import ProtocolError
from voice_engine.ports.media import Message
from voice_engine.telephony.twilio.events import MediaFormat

_SID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
"""Twilio's SIDs are two letters and 32 hex digits; test peers use shorter ones. None needs escaping in JSON."""

_NUMBER = re.compile(r"[0-9]{1,15}", re.ASCII)

_MAX_TEXT = 1024


def parse_object(message: Message, *, max_bytes: int) -> "Fields":
    """One JSON object. Raises ProtocolError: `message_too_big`, `not_json`, `not_an_object`."""
    try:
        size = len(message) if isinstance(message, bytes) or message.isascii() else len(message.encode())
        if size > max_bytes:
            raise ProtocolError("message_too_big", f"a message of {size} bytes (at most {max_bytes})")
        value = orjson.loads(message)
    except ValueError as error:  # orjson's error, and text that is no Unicode
        raise ProtocolError("not_json", "a message that is not JSON") from error
    if not isinstance(value, dict):
        raise ProtocolError("not_an_object", "a message that is not a JSON object")
    return Fields(value, "")


class Fields:
    """A JSON object and where it stands in its message, for the error text."""

    __slots__ = ("_at", "_values")

    def __init__(self, values: dict[str, Any], at: str) -> None:
        self._values = values
        self._at = at

    def has(self, key: str) -> bool:
        """Whether the key is there, null or not."""
        return key in self._values

    def text(self, key: str) -> str:
        """A string of 1 to 1,024 characters."""
        value = self._values.get(key)
        if not isinstance(value, str) or not 0 < len(value) <= _MAX_TEXT:
            raise self._wrong("not_text", key, "a non-empty string")
        return value

    def optional_text(self, key: str) -> str:
        """The string, or "" when the key is missing."""
        return self.text(key) if key in self._values else ""

    def one_of(self, key: str, choices: Collection[str]) -> str:
        """A string out of `choices`."""
        value = self.text(key)
        if value not in choices:
            raise self._wrong("unexpected_value", key, "one of " + " ".join(sorted(choices)))
        return value

    def sid(self, key: str) -> str:
        """An identifier."""
        value = self._values.get(key)
        if not isinstance(value, str) or not _SID.fullmatch(value):
            raise self._wrong("not_a_sid", key, "a SID")
        return value

    def number(self, key: str) -> int:
        """A non-negative number written as a string of digits, as Twilio does."""
        value = self._values.get(key)
        if not isinstance(value, str) or not _NUMBER.fullmatch(value):
            raise self._wrong("not_a_number_string", key, "a string of digits")
        return int(value)

    def optional_number(self, key: str) -> int | None:
        """The number, or None when the key is missing."""
        return self.number(key) if key in self._values else None

    def object(self, key: str) -> "Fields":
        """A nested object."""
        value = self._values.get(key)
        if not isinstance(value, dict):
            raise self._wrong("not_an_object", key, "an object")
        return Fields(value, f"{self._at}{key}.")

    def texts(self, key: str) -> dict[str, str]:
        """An object of strings; missing means empty."""
        value = self._values.get(key, {})
        if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
            raise self._wrong("not_text", key, "an object of strings")
        return value

    def base64(self, key: str) -> bytes:
        """Bytes in strict base64: no white space, no missing or surplus padding."""
        value = self._values.get(key)
        if not isinstance(value, str):
            raise self._wrong("not_base64", key, "base64")
        try:
            return a2b_base64(value, strict_mode=True)
        except ValueError as error:
            raise self._wrong("not_base64", key, "base64") from error

    def media_format(self, key: str) -> MediaFormat:
        """The announced format; only μ-law, 8 kHz, mono will do. Here Twilio does send JSON numbers."""
        form = self.object(key)._values
        expected = MediaFormat()
        announced = (form.get("encoding"), form.get("sampleRate"), form.get("channels"))
        if announced != (expected.encoding, expected.rate_hz, expected.channels):
            raise self._wrong("unsupported_media_format", key, "audio/x-mulaw, 8000, 1")
        return expected

    def _wrong(self, code: str, key: str, wanted: str) -> ProtocolError:
        return ProtocolError(code, f"{self._at}{key} is not {wanted}")
