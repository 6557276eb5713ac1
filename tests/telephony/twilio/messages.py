"""Twilio's messages as a test writes them: each function gives the usual one, keywords change it."""

import base64
import json
from typing import Any

STREAM = "MZ" + "9f2c" * 8
CALL = "CA" + "51ab" * 8
ACCOUNT = "AC" + "00de" * 8


def text(message: dict[str, Any]) -> str:
    """As Twilio writes it: no white space."""
    return json.dumps(message, separators=(",", ":"))


def connected() -> str:
    return text({"event": "connected", "protocol": "Call", "version": "1.0.0"})


def start(*, sequence: str = "1", parameters: dict[str, Any] | None = None, **changes: Any) -> str:
    body: dict[str, Any] = {
        "accountSid": ACCOUNT,
        "streamSid": STREAM,
        "callSid": CALL,
        "tracks": ["inbound"],
        "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
        "customParameters": parameters if parameters is not None else {"ticket": "t-1"},
    }
    return text({"event": "start", "sequenceNumber": sequence, "start": body | changes, "streamSid": STREAM})


def media(sequence: int, *, media_ms: int = 0, audio: bytes = b"\xff" * 160, **changes: Any) -> str:
    body: dict[str, Any] = {
        "track": "inbound",
        "chunk": str(max(1, sequence - 1)),
        "timestamp": str(media_ms),
        "payload": base64.b64encode(audio).decode(),
    }
    message = {"event": "media", "sequenceNumber": str(sequence), "media": body | changes, "streamSid": STREAM}
    return text(message)


def mark(sequence: int, name: str) -> str:
    return text({"event": "mark", "sequenceNumber": str(sequence), "streamSid": STREAM, "mark": {"name": name}})


def dtmf(sequence: int, digit: str) -> str:
    body = {"track": "inbound_track", "digit": digit}
    return text({"event": "dtmf", "streamSid": STREAM, "sequenceNumber": str(sequence), "dtmf": body})


def stop(sequence: int, *, call_sid: str = CALL) -> str:
    body = {"accountSid": ACCOUNT, "callSid": call_sid}
    return text({"event": "stop", "sequenceNumber": str(sequence), "stop": body, "streamSid": STREAM})
