"""The TwiML we answer with: small documents that always end the call or hand it on, whatever comes back.

Every document closes with a terminating verb: when a stream's socket drops, Twilio runs the verb after `<Connect>`,
and a document that just stops, or pauses, leaves a dead line. Reference: Twilio, "TwiML for Programmable Voice".
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit
from xml.sax.saxutils import escape, quoteattr

from voice_engine.errors import InvalidInput

_MAX_PARAMETER = 500
"""Name and value together stay below this (Twilio, "<Stream>: custom parameters")."""

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_DIGITS = re.compile(r"[0-9*#w]{1,64}", re.ASCII)
_E164 = re.compile(r"\+[1-9][0-9]{1,14}", re.ASCII)
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>'


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamTarget:
    """Where a bidirectional stream goes. `action` is asked what next when the stream ends; None: hang up.

    `status_url` is told when it opens, closes and fails. `parameters` arrive in `Started.custom_parameters`; a
    query string on `url` would not arrive at all.
    """

    url: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    action: str | None = None
    status_url: str | None = None


def connect_stream(target: StreamTarget) -> str:
    """Connect the call to our media socket.

    Raises InvalidInput: `stream_url_not_secure`, `stream_url_query`, `parameter_too_long`, `bad_parameter`.
    """
    return _response(_connect(target), _hang_up())


def play_digits(digits: str, then: StreamTarget) -> str:
    """Play DTMF (0-9 * #, w waits half a second), then connect a new stream of the same call.

    In-band digits inside a stream are not supported by Twilio. Raises InvalidInput: `bad_digits`, and as above.
    """
    if not _DIGITS.fullmatch(digits):
        raise InvalidInput("bad_digits", f"{digits!r}: DTMF to play is 0-9 * # and w, 64 at most")
    return _response(_element("Play", {"digits": digits}), _connect(then), _hang_up())


def dial(number: str, *, caller_id: str | None = None, timeout_s: int = 30, action: str | None = None) -> str:
    """Transfer: connect the other party to `number` (E.164) and hang up afterwards, or ask `action` how it goes on.

    Raises InvalidInput: `bad_number`.
    """
    if not _E164.fullmatch(number):
        raise InvalidInput("bad_number", f"{number!r} is not an E.164 number")
    attributes = {"timeout": str(timeout_s)}
    attributes |= {"callerId": caller_id} if caller_id else {}
    attributes |= {"action": action, "method": "POST"} if action else {}
    return _response(_element("Dial", attributes, _element("Number", {}, escape(number))), _hang_up())


def voicemail(greeting: str, *, language: str, max_seconds: int, status_url: str) -> str:
    """Say a greeting, beep, record one message, hang up. `status_url` is told when the recording is ready.

    Raises InvalidInput: `bad_parameter`.
    """
    attributes = {
        "maxLength": str(max_seconds),
        "timeout": "5",
        "playBeep": "true",
        "trim": "trim-silence",
        "recordingStatusCallback": status_url,
        "recordingStatusCallbackEvent": "completed absent",
    }
    # Without an action, Record asks the document's own URL again when it is done, and the caller hears it twice.
    attributes["action"] = status_url
    return _response(_say(greeting, language), _element("Record", attributes), _hang_up())


def notice(text: str, *, language: str) -> str:
    """Say a text and hang up. Raises InvalidInput: `bad_parameter`."""
    return _response(_say(text, language), _hang_up())


def conference(name: str, *, ends_with_me: bool = True, status_url: str | None = None) -> str:
    """Put the call into a room: no beep, no waiting music, and hang up when the room is over for this leg.

    Raises InvalidInput: `bad_parameter`.
    """
    attributes = {"beep": "false", "waitUrl": "", "endConferenceOnExit": "true" if ends_with_me else "false"}
    if status_url:
        attributes |= {"statusCallback": status_url, "statusCallbackEvent": "start end join leave"}
    if not name or _NOT_XML.search(name):
        raise InvalidInput("bad_parameter", f"{name!r} is no name for a conference")
    room = _element("Conference", attributes, escape(name))
    return _response(_element("Dial", {}, room), _hang_up())


def reject(reason: Literal["busy", "rejected"] = "rejected") -> str:
    """Refuse an inbound call; unanswered, it costs nothing."""
    return _response(_element("Reject", {"reason": reason}))


def hang_up() -> str:
    """End the call."""
    return _response(_hang_up())


def _say(text: str, language: str) -> str:
    if _NOT_XML.search(text):
        raise InvalidInput("bad_parameter", "the text holds a character that XML cannot carry")
    return _element("Say", {"language": {"es": "es-ES"}.get(language, "en-US")}, escape(text))


def _connect(target: StreamTarget) -> str:
    _check_stream_url(target.url)
    parameters = [_parameter(name, value) for name, value in target.parameters.items()]
    attributes = {"url": target.url}
    if target.status_url:
        attributes |= {"statusCallback": target.status_url, "statusCallbackMethod": "POST"}
    stream = _element("Stream", attributes, *parameters)
    return _element("Connect", {"action": target.action} if target.action else {}, stream)


def _check_stream_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise InvalidInput("stream_url_not_secure", f"{url!r} is not a URL") from error
    if parts.query or parts.fragment or "?" in url or "#" in url:
        raise InvalidInput("stream_url_query", f"{url!r}: Twilio drops a stream URL's query; use parameters")
    if parts.scheme == "ws" and host in _LOOPBACK:
        return
    if parts.scheme != "wss" or not host or port not in {None, 443}:
        raise InvalidInput("stream_url_not_secure", f"{url!r}: Twilio connects to wss on port 443 only")


def _parameter(name: str, value: str) -> str:
    if not name:
        raise InvalidInput("bad_parameter", "a stream parameter needs a name")
    if len(name) + len(value) >= _MAX_PARAMETER:
        raise InvalidInput(
            "parameter_too_long", f"{name}: name and value must be under {_MAX_PARAMETER} characters"
        )
    return _element("Parameter", {"name": name, "value": value})


def _hang_up() -> str:
    return _element("Hangup", {})


def _response(*verbs: str) -> str:
    return _HEAD + _element("Response", {}, *verbs)


def _element(name: str, attributes: Mapping[str, str], *children: str) -> str:
    written = "".join(f" {key}={_attribute(value)}" for key, value in attributes.items())
    return f"<{name}{written}>{''.join(children)}</{name}>" if children else f"<{name}{written}/>"


def _attribute(value: str) -> str:
    if _NOT_XML.search(value):
        raise InvalidInput("bad_parameter", f"{value!r} holds a character that XML cannot carry")
    return quoteattr(value, {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})
