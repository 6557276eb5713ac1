"""TwiML as the carrier reads it: refused where Twilio refuses it, and where this carrier would have to guess."""

import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping
from types import MappingProxyType
from urllib.parse import urlsplit

from voice_engine.carrier.verbs import (
    STATUS_EVENTS,
    ConnectStream,
    DialConference,
    DialNumber,
    GatherVerb,
    HangupVerb,
    PauseVerb,
    PlayDigits,
    Prompt,
    RecordVerb,
    RedirectVerb,
    RejectVerb,
    SayVerb,
    Verb,
)
from voice_engine.errors import ProtocolError

MAX_PARAMETER_CHARS = 500
"""Name and value of one <Parameter> together (Twilio's <Stream> page)."""

DIGITS = frozenset("0123456789*#wWABCD")
"""What <Play digits> takes; `w` waits half a second, `W` one."""

KEYS = frozenset("0123456789*#")

CONFERENCE_EVENTS = ("start", "end", "join", "leave", "mute", "hold", "modify", "speaker", "announcement")

MAX_SAY_CHARS = 4096
"""Twilio's limit for basic voices (error 13520 beyond it)."""

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def parse(document: str) -> tuple[Verb, ...]:
    """Read a TwiML document. Raises ProtocolError (`twiml_invalid`) for what Twilio would end a call over."""
    try:
        # expat 2.4.1 and later bounds entity expansion, which is all that an untrusted document could do here.
        root = ET.fromstring(document)  # noqa: S314
    except ET.ParseError as error:
        raise _invalid(f"not XML ({error})") from error
    if root.tag != "Response":
        raise _invalid(f"the root must be <Response>, not <{root.tag}>")
    return tuple(_verb(element) for element in root)


def _verb(element: ET.Element) -> Verb:
    reader = _VERBS.get(element.tag)
    if reader is None:
        raise _invalid(f"<{element.tag}> is not supported by this carrier")
    return reader(element)


def _connect(element: ET.Element) -> Verb:
    stream = element.find("Stream")
    if stream is None or len(element) != 1:
        raise _invalid("<Connect> must hold exactly one <Stream>")
    if stream.get("track", "inbound_track") != "inbound_track":
        raise _invalid("a bidirectional <Stream> has the inbound track only")
    parameters = {}
    for parameter in stream:
        name, value = parameter.get("name"), parameter.get("value")
        if parameter.tag != "Parameter" or not name or value is None:
            raise _invalid("<Stream> may hold <Parameter name= value=> only")
        if len(name) + len(value) >= MAX_PARAMETER_CHARS:
            raise _invalid(f"<Parameter> {name!r} is too long: name and value must stay below 500 characters")
        parameters[name] = value
    return ConnectStream(
        url=_stream_url(stream),
        parameters=parameters,
        action=element.get("action"),
        name=stream.get("name"),
        status_callback=stream.get("statusCallback"),
    )


def _stream_url(stream: ET.Element) -> str:
    url = stream.get("url", "")
    parts = urlsplit(url)
    if parts.query:
        raise _invalid("a <Stream> url takes no query string (31920); use <Parameter>")
    secure = parts.scheme == "wss" or (parts.scheme == "ws" and parts.hostname in _LOOPBACK)
    if not secure or not parts.hostname:
        raise _invalid(f"a <Stream> url must be wss:// (ws:// on loopback only), not {url!r} (31910)")
    return url


def _play(element: ET.Element) -> PlayDigits:
    digits = element.get("digits", "")
    if not digits or not set(digits) <= DIGITS:
        raise _invalid(f"<Play> is supported with digits of 0-9 * # w W A-D only, not {digits!r}")
    return PlayDigits(digits=digits)


def _say(element: ET.Element) -> SayVerb:
    text = " ".join("".join(element.itertext()).split())
    if not text:
        raise _invalid("<Say> needs a text")
    if len(text) > MAX_SAY_CHARS:
        raise _invalid(f"<Say> takes {MAX_SAY_CHARS} characters at most (13520)")
    return SayVerb(text=text, language=element.get("language", "en-US"), loop=_whole(element, "loop", 1, 0, 1000))


def _pause(element: ET.Element) -> PauseVerb:
    return PauseVerb(length_s=_seconds(element, "length", 1.0))


def _gather(element: ET.Element) -> Verb:
    if element.get("input", "dtmf") != "dtmf":
        raise _invalid("<Gather> is supported with input dtmf only")
    prompts: list[Prompt] = []
    for child in element:
        if child.tag not in _PROMPTS:
            raise _invalid(f"<Gather> may hold <Say>, <Play digits> and <Pause>, not <{child.tag}> (12200)")
        prompts.append(_PROMPTS[child.tag](child))
    return GatherVerb(
        prompts=tuple(prompts),
        action=element.get("action"),
        num_digits=_whole(element, "numDigits", 1, 1, 1000) if "numDigits" in element.attrib else None,
        timeout_s=_seconds(element, "timeout", 5.0),
        finish_on_key=_finish_key(element, "#"),
        action_on_empty=_flag(element, "actionOnEmptyResult", False),
    )


def _record(element: ET.Element) -> Verb:
    return RecordVerb(
        action=element.get("action"),
        max_length_s=_seconds(element, "maxLength", 3600.0, most=14_400.0, least=1.0),
        timeout_s=_seconds(element, "timeout", 5.0),
        finish_on_key=_finish_key(element, "1234567890*#"),
        play_beep=_flag(element, "playBeep", True),
        trim=element.get("trim", "trim-silence") != "do-not-trim",
        status_callback=element.get("recordingStatusCallback"),
    )


def _dial(element: ET.Element) -> Verb:
    rooms = element.findall("Conference")
    if rooms:
        return _conference(element, rooms)
    numbers = element.findall("Number")
    if len(numbers) > 1 or (numbers and len(element) != 1):
        raise _invalid("<Dial> is supported with one <Number> only")
    target = numbers[0] if numbers else element
    number = (target.text or "").strip()
    if not number.startswith("+") or not number[1:].isdigit():
        raise _invalid(f"<Dial> needs a number in E.164, not {number!r}")
    return DialNumber(
        number=number,
        timeout_s=_seconds(element, "timeout", 30.0),
        action=element.get("action"),
        caller_id=element.get("callerId"),
        time_limit_s=_seconds(element, "timeLimit", 14_400.0, most=14_400.0),
        hangup_on_star=_flag(element, "hangupOnStar", False),
        status_callback=target.get("statusCallback"),
        status_events=_events(target, STATUS_EVENTS, ("completed",)),
    )


def _conference(element: ET.Element, rooms: list[ET.Element]) -> Verb:
    room = rooms[0]
    name = (room.text or "").strip()
    if len(element) != 1 or not name:
        raise _invalid("<Dial> takes one <Conference> with a name, and nothing beside it")
    return DialConference(
        name=name,
        action=element.get("action"),
        muted=_flag(room, "muted", False),
        starts=_flag(room, "startConferenceOnEnter", True),
        ends=_flag(room, "endConferenceOnExit", False),
        beep=room.get("beep", "true") not in ("false", "onExit"),
        most=_whole(room, "maxParticipants", 250, 2, 250),
        time_limit_s=_seconds(element, "timeLimit", 14_400.0, most=14_400.0),
        status_callback=room.get("statusCallback"),
        status_events=_events(room, CONFERENCE_EVENTS, ()),
    )


def _redirect(element: ET.Element) -> Verb:
    return RedirectVerb(url=(element.text or "").strip())


def _reject(element: ET.Element) -> Verb:
    reason = element.get("reason", "rejected")
    if reason not in ("rejected", "busy"):
        raise _invalid(f"<Reject> reason must be rejected or busy, not {reason!r}")
    return RejectVerb(reason=reason)


def _hangup(element: ET.Element) -> Verb:
    return HangupVerb()


def _seconds(element: ET.Element, name: str, default: float, *, least: float = 0.0, most: float = 600.0) -> float:
    try:
        value = float(element.get(name, default))
    except ValueError as error:
        raise _invalid(f"<{element.tag}> {name} must be a number") from error
    if not least <= value <= most:
        raise _invalid(f"<{element.tag}> {name} must be from {least:g} to {most:g}")
    return value


def _whole(element: ET.Element, name: str, default: int, least: int, most: int) -> int:
    text = element.get(name, str(default))
    if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
        raise _invalid(f"<{element.tag}> {name} must be a whole number from {least} to {most}")
    return int(text)


def _flag(element: ET.Element, name: str, default: bool) -> bool:
    text = element.get(name, "true" if default else "false")
    if text not in ("true", "false"):
        raise _invalid(f"<{element.tag}> {name} must be true or false")
    return text == "true"


def _finish_key(element: ET.Element, default: str) -> str:
    keys = element.get("finishOnKey", default)
    if not set(keys) <= KEYS:
        raise _invalid(f"<{element.tag}> finishOnKey must be keys of 0-9 * #, not {keys!r}")
    return keys


def _events(element: ET.Element, known: tuple[str, ...], default: tuple[str, ...]) -> tuple[str, ...]:
    """TwiML joins events by spaces (the REST API repeats the field instead)."""
    if "statusCallbackEvent" not in element.attrib:
        return default
    events = tuple(element.get("statusCallbackEvent", "").split())
    if unknown := set(events) - set(known):
        raise _invalid(f"<{element.tag}> statusCallbackEvent has unknown events: {', '.join(sorted(unknown))}")
    return events


def _invalid(what: str) -> ProtocolError:
    return ProtocolError("twiml_invalid", f"TwiML: {what}")


_PROMPTS: Mapping[str, Callable[[ET.Element], Prompt]] = MappingProxyType(
    {"Say": _say, "Play": _play, "Pause": _pause}
)

_VERBS: Mapping[str, Callable[[ET.Element], Verb]] = MappingProxyType(
    {
        "Connect": _connect,
        "Play": _play,
        "Say": _say,
        "Pause": _pause,
        "Gather": _gather,
        "Record": _record,
        "Dial": _dial,
        "Redirect": _redirect,
        "Reject": _reject,
        "Hangup": _hangup,
    }
)
