"""A call's whole dialogue state: frozen values, replaced and never changed, so a fork is a reference."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from voice_engine.core.dialogue.commands import When
from voice_engine.ports.call import Evidence, TakenMessage


class Phase(StrEnum):
    """Where the call stands. Hold, repeat, robot questions and the like are handled in any of them."""

    DETECT = "detect"  # the line is up; no human has heard who calls
    VOICEMAIL = "voicemail"  # a mailbox greeting was heard; waiting for its beep
    NEGOTIATE = "negotiate"  # the request was made
    FILL = "fill"  # date and time stand; details are being given
    CONFIRM = "confirm"  # one side has read the booking back
    CLOSE = "close"  # all is said; waiting for their goodbye
    ENDED = "ended"  # the farewell was spoken, or the line is gone


class Asked(StrEnum):
    """The question that we put last and that is still open."""

    REQUEST = "request"  # can you do what I asked for?
    WINDOW = "window"  # do you have anything between these times?
    TIME = "time"  # at what time?
    CLARIFY = "clarify"  # was that this or that?
    READ_BACK = "read_back"  # is this right?
    CORRECTION = "correction"  # what should be different?
    WITHOUT = "without"  # can it be done without what I cannot give?
    BOOKED = "booked"  # is it booked then?
    QUESTION = "question"  # one of the owner's own questions
    INTENT = "intent"  # what can I do for you?
    SERVICE = "service"
    DATE = "date"
    SLOT = "slot"  # which of these free times?
    NAME = "name"
    PHONE = "phone"
    MESSAGE_OFFER = "message_offer"  # would you like to leave a message?
    MESSAGE = "message"
    MESSAGE_CHECK = "message_check"
    BOOKING_CHECK = "booking_check"
    WHICH_BOOKING = "which_booking"
    CANCEL_CHECK = "cancel_check"
    ELSE = "else"  # anything else?


End = Literal[
    "completed", "respondent_hung_up", "voicemail", "wrong_number", "opted_out", "transferred", "rejected",
    "silence", "max_duration", "not_understood",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A statement of the other party worth reporting: what it answers (`about`) and where it was said."""

    about: str
    text: str
    evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What the receptionist is in the middle of. Slots are kept here until the calendar has booked them."""

    task: Literal["booking", "reschedule", "cancel", "message", "transfer"] | None = None
    slots: Mapping[str, Any] = field(default_factory=dict)
    offered: tuple[str, ...] = ()  # free starts that were read to the caller, ISO with offset
    found: tuple[Mapping[str, Any], ...] = ()  # bookings that calendar.find returned
    booking_done: bool = False  # calendar.book answered with a reference
    cancelled: tuple[str, ...] = ()
    message: TakenMessage | None = None
    query: str = ""
    phone_part: str = ""  # digits of a number that is given in groups
    phone_doubted: bool = False  # what they gave was no number of this country, and was asked for again
    unserved: str | None = None  # a wish that could not be met
    wanted: str | None = None  # the start that the caller wished, ISO local, while the calendar is asked
    tools: int = 0  # tool calls made so far; their ids are unique within the call
    pending: Mapping[str, str] = field(default_factory=dict)  # tool call id → what it is for
    served: bool = False  # at least one wish of the caller was answered


@dataclass(frozen=True, slots=True, kw_only=True)
class DialogueState:
    """All that the dialogue remembers. Everything in it is JSON-ready through `codec`."""

    phase: Phase = Phase.DETECT
    asked: Asked | None = None
    turns: int = 0  # human utterances so far
    opened: bool = False  # a human has been told who calls and why
    beeped: bool = False  # a record tone was heard
    machine_heard: bool = False  # by the carrier, which may be wrong
    on_hold: bool = False
    hold_check_ins: int = 0
    listening_to_menu: bool = False
    menus: tuple[str, ...] = ()  # menus answered, as "digits=labels", to see loops
    menu_loops: int = 0
    silences: int = 0
    misunderstood: int = 0
    repeats: int = 0
    robot_asked: bool = False
    # What was asked for, offered and agreed.
    date_index: int = 0  # which of the owner's dates is being asked for
    rounds: int = 0  # counter-proposals made
    candidates: tuple[When, ...] = ()  # what the open "this or that?" is about
    offers: tuple[When, ...] = ()  # offers we could not take, for the report
    unavailable: bool = False  # what we asked for last was refused
    fully_booked: bool = False  # a whole day was refused, and nothing taken since
    wait_listed: bool = False  # instead of a booking we took a place on their waiting list
    timeless: int = 0  # how often the open time was asked for again
    unread_booking: str | None = None  # what they said when they booked a time that we did not understand
    agreed: Mapping[str, Any] = field(default_factory=dict)
    evidence: Mapping[str, Evidence] = field(default_factory=dict)
    missing: str | None = None  # what we were asked for and could not give
    their_read_back: bool = False
    assented: bool = False  # they said yes to a request that named all of it; the read-back is still open
    confirmed: bool = False
    confirmation: str | None = None
    heard: tuple[Heard, ...] = ()
    question_index: int = 0
    # How it came out.
    end: End | None = None
    refused: str | None = None
    callback: str | None = None
    do_not_call_quote: str | None = None
    recording_declined: bool = False
    transferring: str | None = None  # whom they wait for while it rings there
    transferred_to: str | None = None
    citations: tuple[str, ...] = ()
    desk: Desk = field(default_factory=Desk)
    # What the owner wrote while the call ran (`whisper`).
    told: Mapping[str, Any] = field(default_factory=dict)  # values that the brief is amended by
    whispers: tuple[str, ...] = ()  # sentences that wait until somebody listens
    aside: str | None = None  # the owner's question that was put last and is still open
    # What was said, for repeats, variants and a model's prompt.
    variants: Mapping[str, int] = field(default_factory=dict)
    last_said: tuple[tuple[str, str], ...] = ()  # (act, text) of our last reply
    history: tuple[tuple[str, str], ...] = ()
    unheard: bool = False  # our last reply was cut before its substance was heard
