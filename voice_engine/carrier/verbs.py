"""The TwiML verbs that the carrier performs, as values; `twiml` reads them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

STATUS_EVENTS = ("initiated", "ringing", "answered", "completed")
"""What a status callback can be told of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectStream:
    """<Connect><Stream>: a bidirectional stream; `action` is asked for more TwiML when it ends.

    `status_callback` hears of its start, stop and errors.
    """

    url: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    action: str | None = None
    name: str | None = None
    status_callback: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayDigits:
    """<Play digits>: DTMF to the far end."""

    digits: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SayVerb:
    """<Say>: the carrier speaks; `language` is a BCP 47 tag, `loop` 0 means until the call ends."""

    text: str
    language: str = "en-US"
    loop: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseVerb:
    """<Pause>: silence."""

    length_s: float = 1.0


Prompt = SayVerb | PlayDigits | PauseVerb


@dataclass(frozen=True, slots=True, kw_only=True)
class GatherVerb:
    """<Gather input="dtmf">: collect keys, during and after the prompts; `action` None is the document's own URL.

    Ends after `num_digits` (None: no limit), `finish_on_key`, or `timeout_s` without a key. Without any key the
    next verb runs, unless `action_on_empty`.
    """

    prompts: tuple[Prompt, ...] = ()
    action: str | None = None
    num_digits: int | None = None
    timeout_s: float = 5.0
    finish_on_key: str = "#"
    action_on_empty: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordVerb:
    """<Record>: keep what the far end says; `action` None is the document's own URL.

    Ends after `max_length_s`, `timeout_s` of silence, a key of `finish_on_key`, or the hang-up.
    """

    action: str | None = None
    max_length_s: float = 3600.0
    timeout_s: float = 5.0
    finish_on_key: str = "1234567890*#"
    play_beep: bool = True
    trim: bool = True
    status_callback: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DialNumber:
    """<Dial>: connect the far end to another number; `action` is asked for more TwiML afterwards.

    `time_limit_s` ends the connection (Twilio's four hours when left out); `hangup_on_star` lets the near end leave
    it by the star key. `status_callback` hears `status_events` of the other leg.
    """

    number: str
    timeout_s: float = 30.0
    action: str | None = None
    caller_id: str | None = None
    time_limit_s: float = 14_400.0
    hangup_on_star: bool = False
    status_callback: str | None = None
    status_events: tuple[str, ...] = ("completed",)


@dataclass(frozen=True, slots=True, kw_only=True)
class DialConference:
    """<Dial><Conference>: a room by its name; `action` is asked for more TwiML when this leg has left it.

    The room is silent until a leg with `starts` is in it, and over when one with `ends` leaves.
    """

    name: str
    action: str | None = None
    muted: bool = False
    starts: bool = True
    ends: bool = False
    beep: bool = True
    most: int = 250
    time_limit_s: float = 14_400.0
    status_callback: str | None = None
    status_events: tuple[str, ...] = ()


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


Verb = (
    ConnectStream
    | PlayDigits
    | SayVerb
    | PauseVerb
    | GatherVerb
    | RecordVerb
    | DialNumber
    | DialConference
    | RedirectVerb
    | RejectVerb
    | HangupVerb
)
