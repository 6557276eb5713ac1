"""The seams of a running call: the exchange around it (`Switch`), and itself as its verbs see it (`Performer`)."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from voice_engine.carrier.faults import FaultPlan
from voice_engine.carrier.leg import Leg, Line, LineFrame
from voice_engine.carrier.record import Answer, CallRecord
from voice_engine.carrier.rooms import Room
from voice_engine.carrier.verbs import DialConference, DialNumber, RecordVerb
from voice_engine.ports.clock import Clock
from voice_engine.ports.media import MediaSocket
from voice_engine.ports.telephony import CallStatus


class Document(NamedTuple):
    """TwiML and the URL that it came from ("": from no URL)."""

    text: str
    url: str = ""


class FarEnd(Protocol):
    """The other leg of a <Dial>: it rings, is up, and ends with what `moved` was told last."""

    @property
    def call_sid(self) -> str:
        """The leg's own id."""
        ...

    @property
    def line(self) -> Line | None:
        """Who answers; None: nobody does."""
        ...

    @property
    def answer(self) -> Answer:
        """How the number reacts."""
        ...

    def moved(self, status: CallStatus) -> None:
        """The leg is ringing, in progress, or ended."""
        ...


class Switch(Protocol):
    """The exchange. `account_sid` owns every call."""

    @property
    def clock(self) -> Clock:
        """The clock of calls."""
        ...

    @property
    def faults(self) -> FaultPlan:
        """What goes wrong on streams."""
        ...

    @property
    def account_sid(self) -> str:
        """Whose calls these are."""
        ...

    def new_sid(self, prefix: str) -> str:
        """A fresh id: the prefix and 32 hexadecimal digits."""
        ...

    async def connect(self, url: str) -> MediaSocket:
        """Open a stream's socket. Raises UpstreamFailed."""
        ...

    async def fetch(self, record: CallRecord, url: str, form: Mapping[str, str]) -> Document | None:
        """Ask `url` (absolute) for TwiML; None when it gave none: the record says why."""
        ...

    def tell(self, url: str, form: Mapping[str, str]) -> None:
        """Post a callback, signed, in the background."""
        ...

    async def ring(self, record: CallRecord, verb: DialNumber) -> FarEnd:
        """Begin to ring a number for this call."""
        ...

    async def speak(self, text: str, language: str) -> bytes:
        """The text as μ-law audio. Raises UpstreamFailed, InvalidInput."""
        ...

    def room(self, verb: DialConference) -> Room:
        """The room of that name, made when it is not there yet."""
        ...

    async def keep(self, record: CallRecord, verb: RecordVerb, audio: bytes) -> Mapping[str, str]:
        """Store a recording (μ-law); its sid, URL and duration as the action's form has them."""
        ...


class Performer(Protocol):
    """A running call, as the modules that perform verbs see it."""

    record: CallRecord
    leg: Leg
    switch: Switch
    document_url: str

    @property
    def interrupted(self) -> bool:
        """Whether the verb that runs has to end."""
        ...

    async def frame(self, heard: bytes | None = None) -> LineFrame:
        """Wait for the next 20 ms of the line, playing `heard` to it."""
        ...

    async def rest(self, duration_ms: float) -> None:
        """Silence, until it is over or the call is interrupted."""
        ...

    async def play_digits(self, digits: str) -> None:
        """DTMF to the line."""
        ...

    async def follow(self, url: str | None, form: Mapping[str, str] | None = None) -> Document | None:
        """The document at `url`, which may be relative to the one that runs."""
        ...
