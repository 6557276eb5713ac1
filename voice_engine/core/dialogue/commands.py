"""What an utterance means: typed commands, several per utterance.

Produced by `language.understand` (rules) or by a language model's tool calls; consumed by policies.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

SlotName = Literal[
    "date", "time", "party_size", "name", "phone", "code", "nights", "check_out", "room", "service", "doctor",
    "seating", "price", "birth_date", "email", "insurance",
]  # fmt: skip

Fact = Literal[
    "hours", "location", "price", "services", "parking", "phone", "insurance", "menu", "cancellation", "other"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """A spoken date, time or both; `approximate` for "around", `ambiguous` when am/pm or the day was guessed."""

    date: dt.date | None = None
    time: dt.time | None = None
    until: dt.time | None = None
    approximate: bool = False
    ambiguous: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A free answer to a question that was asked."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AskSlot:
    """They ask for one of our slots: "for how many?", "what name?"."""

    slot: SlotName


@dataclass(frozen=True, slots=True, kw_only=True)
class Provide:
    """They state a slot's value (date, time, int or str, by slot)."""

    slot: SlotName
    value: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """They offer one or more moments: "I can do eight thirty or nine"."""

    options: tuple[When, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unavailable:
    """What we asked for is not to be had; `whole_day` for "fully booked that day", `times` what was refused."""

    whole_day: bool = False
    times: tuple[When, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirm:
    """They read our request back, perhaps asking for a yes; `slots` are the values they said."""

    slots: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """They say it is booked; `code` is the confirmation number if they gave one."""

    code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """They ask us to hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """They did not catch it; `slot` if they said what."""

    slot: SlotName | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """They ask us to spell (the name, unless `slot` says otherwise)."""

    slot: SlotName = "name"


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongNumber:
    """We reached somebody else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WhoIsCalling:
    """They (or a screening service) ask who is calling and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AreYouRobot:
    """They ask whether they speak to a machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OptOut:
    """They want no more calls; `quote` is what they said."""

    quote: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AskTransfer:
    """They want a human (or the person we call for); `target` a name or department if they said one."""

    target: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineRecording:
    """They do not want to be recorded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refuse:
    """They will not do what we ask; `callback` if they name when to call again."""

    reason: str
    callback: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Menu:
    """A phone menu: digit → label, in spoken order."""

    options: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class VoicemailGreeting:
    """A recorded greeting of a mailbox."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Screening:
    """A call-screening prompt: "state your name and why you are calling"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskUnknown:
    """They ask for something about the task that we cannot know from its slots (card, insurance, allergy…)."""

    topic: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WantBooking:
    """An inbound caller wants to book; slots said in the same breath come as Provide."""

    service: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WantReschedule:
    """An inbound caller wants to move a booking."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WantCancel:
    """An inbound caller wants to cancel a booking."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskFact:
    """An inbound caller asks a fact of the business; `query` is their wording, for the knowledge base."""

    fact: Fact
    query: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveMessage:
    """An inbound caller wants to leave a message; `text` if already said."""

    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Yes:
    """Agreement, without more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class No:
    """Disagreement, without more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Greeting:
    """A greeting: "Thanks for calling Nobu, how can I help?"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thanks:
    """Thanks, without a goodbye."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Goodbye:
    """They end the conversation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unclear:
    """Nothing in the grammar fits; `text` is what was recognised."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolResult:
    """A `UseTool` action's answer: `value` (JSON-ready) or `error`, a stable code."""

    id: str
    value: Any = None
    error: str | None = None


# Channel events reach the policy as commands too.


@dataclass(frozen=True, slots=True, kw_only=True)
class Beep:
    """A voicemail's record tone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Music:
    """Hold music began (`playing`) or stopped."""

    playing: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """Nobody spoke for `silent_ms` since playback ended; `count` counts prompts of this stretch."""

    silent_ms: int
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Dtmf:
    """They pressed a key."""

    digit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unintelligible:
    """They spoke but no words were recognised."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeLimit:
    """The call's conversation, hold or turn limit is reached: end politely."""

    which: Literal["conversation", "hold", "turns", "total"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineHeard:
    """The carrier took who picked up for a machine. It is wrong about long greetings of businesses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferBegun:
    """Somebody at `target` is being rung for them, by an order from outside the conversation."""

    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferEnded:
    """Ringing `target` for them is over: they are connected, or `error` is the stable code of why not."""

    target: str
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Whispered:
    """The call's owner wrote this to the engine alone; `dialogue.whisper` says what it means.

    `later`: the other party is speaking, and what there is to say is said with the answer to them.
    """

    text: str
    later: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedBack:
    """A human who led the call for a while has left it: lead again, from what stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HungUp:
    """The other party left."""


Command = (
    Answer | AskSlot | Provide | Offer | Unavailable | Confirm | Booked | Hold | Repeat | Spell | WrongNumber
    | WhoIsCalling | AreYouRobot | OptOut | AskTransfer | DeclineRecording | Refuse | Menu | VoicemailGreeting
    | Screening | AskUnknown | WantBooking | WantReschedule | WantCancel | AskFact | LeaveMessage | Yes | No
    | Greeting | Thanks | Goodbye | Unclear | ToolResult
    | Beep | Music | Silence | Dtmf | Unintelligible | TimeLimit | MachineHeard | TransferBegun
    | TransferEnded | Whispered | HandedBack | HungUp
)  # fmt: skip
