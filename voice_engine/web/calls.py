"""What the web surface and the engine say to each other about a call that comes in over the carrier."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from voice_engine.ports.call import CallReport, CallSpec, EngineEvent
from voice_engine.ports.media import MediaSocket
from voice_engine.telephony.twilio.events import Started

BRIDGE = "bridge"
LEG = "leg"
"""Words of our own webhooks' queries: the call that a second leg belongs to, and which leg of it that is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who is behind a browser's stream: somebody who is signed in."""

    user_id: str
    organization_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingCall:
    """A call as its signed webhook announced it. `caller` and `callee` are the carrier's words for the numbers.

    `query` is what we put into the webhook's URL (which call of ours it is), `form` all that the carrier said.
    `parameters` are those that the engine asked to be carried in the stream's `start`; `spec` is what the call is
    about, once it was admitted. `visitor`: the call has no leg at the carrier, a browser is the other party.
    """

    call_sid: str
    account_sid: str
    caller: str
    callee: str
    direction: str
    query: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    spec: CallSpec | None = None
    visitor: Visitor | None = None

    @property
    def bridge(self) -> str | None:
        """The id of the call that this is the second leg of: a human of ours was rung to take it over."""
        return self.query.get(BRIDGE)

    @property
    def dialled(self) -> tuple[str, str] | None:
        """Of a call that we placed and somebody answered: its id and its dial's."""
        call_id, attempt_id = self.query.get("call_id"), self.query.get("attempt_id")
        return None if call_id is None or attempt_id is None else (call_id, attempt_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconnect:
    """The call is up: give it another stream."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayDigits:
    """Play DTMF, then give the call another stream."""

    digits: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectTo:
    """Connect the other party to `number` (E.164), then hang up.

    `ask_after`: when nobody answers there, the voice webhook is asked again, with `after=dial` in its query.
    """

    number: str
    caller_id: str | None = None
    ring_s: int = 30
    ask_after: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinRoom:
    """Put the other party into the conference `name`, where a human of ours is or will be."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HangUp:
    """The call is over, or unknown here."""


Next = Reconnect | PlayDigits | ConnectTo | JoinRoom | HangUp
"""What becomes of a call whose stream has ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeVoicemail:
    """No conversation: say `greeting`, record a message of at most `max_seconds`, hang up."""

    greeting: str
    language: str = "en"
    max_seconds: int = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """No conversation and no message: say `text`, hang up."""

    text: str
    language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refuse:
    """Do not take the call. `busy`: there is no room now; `rejected`: it is not wanted."""

    reason: Literal["busy", "rejected"] = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """Hold a conversation about `spec`."""

    spec: CallSpec


Plan = Talk | ConnectTo | TakeVoicemail | Say | Refuse | HangUp
"""What to do with a new call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """The engine takes this call; `call.parameters` and `call.spec` are set."""

    call: IncomingCall


Answer = Admitted | ConnectTo | TakeVoicemail | Say | Refuse | HangUp
"""The engine's word on a new call."""

CallbackKind = Literal["status", "amd", "recording", "conference", "stream"]

Authorize = Callable[[Started], IncomingCall | None]
"""Asked with a stream's `start`, once, before anything is opened for it; None: refuse it with 1008."""


class CallDesk(Protocol):
    """Who knows what calls are about, and who is told how they went. Numbers never come from speech."""

    async def plan(self, call: IncomingCall) -> Plan:
        """What to do with this call. Asked for each webhook of a new call, repeats included."""
        ...

    async def turned_away(self, call: IncomingCall) -> None:
        """A call that we placed was answered, and here is no room for it: it is hung up."""
        ...

    async def started(self, call: IncomingCall, spec: CallSpec) -> bool:
        """The call's first stream is up: somebody answered. False: it is not wanted any more, end it.

        After an error it is told again for as long as the call is up.
        """
        ...

    def note(self, spec: CallSpec, event: EngineEvent) -> None:
        """Something happened in the call. Must return at once; the report at the end tells everything again."""
        ...

    async def finished(
        self, spec: CallSpec, report: CallReport, events: Sequence[EngineEvent], recording: Path | None
    ) -> None:
        """The call is over. An error here is tried again, so it must be safe to repeat."""
        ...

    def forget(self, spec: CallSpec) -> None:
        """The call is gone from this process, whether its end could be told or not. Must return at once."""
        ...

    async def callback(self, kind: CallbackKind, query: Mapping[str, str], form: Mapping[str, str]) -> None:
        """The carrier reports about a call or a recording, in any order, perhaps twice."""
        ...


class CallHandler(Protocol):
    """The engine's end. Methods that are not `async` return at once."""

    @property
    def live(self) -> int:
        """How many calls are up."""
        ...

    async def admit(self, call: IncomingCall) -> Answer:
        """What to do with this call; whether there is room for it is part of the answer."""
        ...

    def count_refusal(self, reason: str) -> None:
        """A call was not taken: the process is `full`, or `draining`."""
        ...

    async def turn_away(self, call: IncomingCall) -> None:
        """A call that we placed was answered, and this process is full; the carrier is told to hang up."""
        ...

    def expect_call(self) -> bool:
        """Whether the providers have room for one more call, which they then expect."""
        ...

    async def prepare(self, spec: CallSpec) -> None:
        """A call is let in without having been asked about: get ready for its first stream."""
        ...

    def is_live(self, call_sid: str) -> bool:
        """Whether this call is up here, with or without a stream: then a new stream may re-attach to it."""
        ...

    def what_next(self, call_sid: str) -> Next:
        """The call's stream has ended and the carrier asks how it goes on; each order is given once."""
        ...

    async def serve(self, socket: MediaSocket, authorize: Authorize) -> None:
        """Serve one stream until its socket closes. Must call `authorize` before it opens any provider."""
        ...

    def wind_down(self) -> None:
        """Bring the calls that are up to a polite end soon: the process has to stop."""
        ...

    async def callback(self, kind: CallbackKind, query: Mapping[str, str], form: Mapping[str, str]) -> None:
        """Hand on what the carrier reports."""
        ...
