"""TwiML as the carrier reads it: the verbs a media-stream call needs, refused where Twilio refuses them."""

import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from urllib.parse import urlsplit

from voice_engine.errors import ProtocolError

MAX_PARAMETER_CHARS = 500
"""Name and value of one <Parameter> together (Twilio's <Stream> page)."""

DIGITS = frozenset("0123456789*#wWABCD")
"""What <Play digits> takes; `w` waits half a second, `W` one."""

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectStream:
    """<Connect><Stream>: a bidirectional stream; `action` is asked for more TwiML when it ends."""

    url: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    action: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayDigits:
    """<Play digits>: DTMF to the far end."""

    digits: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DialNumber:
    """<Dial>: connect the far end to another number; `action` is asked for more TwiML afterwards."""

    number: str
    timeout_s: float = 30.0
    action: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseVerb:
    """<Pause>: silence."""

    length_s: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RedirectVerb:
    """<Redirect>: fetch other TwiML."""

    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectVerb:
    """<Reject>: do not answer; only as the first verb of an incoming call."""

    reason: str = "rejected"


@dataclass(frozen=True, slots=True)
class HangupVerb:
    """<Hangup>: end the call."""


Verb = ConnectStream | PlayDigits | DialNumber | PauseVerb | RedirectVerb | RejectVerb | HangupVerb


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
    return ConnectStream(url=_stream_url(stream), parameters=parameters, action=element.get("action"))


def _stream_url(stream: ET.Element) -> str:
    url = stream.get("url", "")
    parts = urlsplit(url)
    if parts.query:
        raise _invalid("a <Stream> url takes no query string (31920); use <Parameter>")
    secure = parts.scheme == "wss" or (parts.scheme == "ws" and parts.hostname in _LOOPBACK)
    if not secure or not parts.hostname:
        raise _invalid(f"a <Stream> url must be wss:// (ws:// on loopback only), not {url!r} (31910)")
    return url


def _play(element: ET.Element) -> Verb:
    digits = element.get("digits", "")
    if not digits or not set(digits) <= DIGITS:
        raise _invalid(f"<Play> is supported with digits of 0-9 * # w W A-D only, not {digits!r}")
    return PlayDigits(digits=digits)


def _dial(element: ET.Element) -> Verb:
    number = (element.findtext("Number") or element.text or "").strip()
    if not number.startswith("+") or not number[1:].isdigit():
        raise _invalid(f"<Dial> needs a number in E.164, not {number!r}")
    return DialNumber(number=number, timeout_s=_seconds(element, "timeout", 30.0), action=element.get("action"))


def _pause(element: ET.Element) -> Verb:
    return PauseVerb(length_s=_seconds(element, "length", 1.0))


def _redirect(element: ET.Element) -> Verb:
    return RedirectVerb(url=(element.text or "").strip())


def _reject(element: ET.Element) -> Verb:
    reason = element.get("reason", "rejected")
    if reason not in ("rejected", "busy"):
        raise _invalid(f"<Reject> reason must be rejected or busy, not {reason!r}")
    return RejectVerb(reason=reason)


def _hangup(element: ET.Element) -> Verb:
    return HangupVerb()


def _seconds(element: ET.Element, name: str, default: float) -> float:
    try:
        value = float(element.get(name, default))
    except ValueError as error:
        raise _invalid(f"<{element.tag}> {name} must be a number") from error
    if not 0 <= value <= 600:
        raise _invalid(f"<{element.tag}> {name} must be from 0 to 600")
    return value


def _invalid(what: str) -> ProtocolError:
    return ProtocolError("twiml_invalid", f"TwiML: {what}")


_VERBS: Mapping[str, Callable[[ET.Element], Verb]] = MappingProxyType(
    {
        "Connect": _connect,
        "Play": _play,
        "Dial": _dial,
        "Pause": _pause,
        "Redirect": _redirect,
        "Reject": _reject,
        "Hangup": _hangup,
    }
)
