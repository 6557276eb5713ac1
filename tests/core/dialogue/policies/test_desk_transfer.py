"""Putting a caller through: what is said while it rings, and how the desk goes on when nobody comes."""

import pytest

from tests.core.dialogue.reception import FREE, NAME, wish
from tests.core.dialogue.talk import TUESDAY, Talk, inbound_spec
from voice_engine.core.dialogue.actions import CancelTransfer, Hangup, Transfer
from voice_engine.core.dialogue.commands import (
    AskTransfer,
    Goodbye,
    HungUp,
    LeaveMessage,
    Music,
    Silence,
    TimeLimit,
    TransferBegun,
    TransferEnded,
    Unclear,
    Yes,
)
from voice_engine.core.dialogue.conversation import Conversation
from voice_engine.ports.call import Disposition

UNANSWERED = TransferEnded(target="Maria", error="no_answer")


@pytest.fixture
def ringing() -> Talk:
    talk = Talk(inbound_spec())
    talk.hear(AskTransfer(target="Maria"))
    return talk


def test_nobody_there_is_said_and_a_message_is_offered(ringing: Talk) -> None:
    assert not ringing.conversation.outcome().transferred_to
    ringing.event(UNANSWERED)
    assert ringing.acts == ["transfer_unanswered"]

    ringing.hear(Yes(), text="yes please")

    assert ringing.acts == ["ask_message"]
    assert ringing.conversation.outcome().disposition is not Disposition.TRANSFERRED


def test_a_busy_line_is_called_busy(ringing: Talk) -> None:
    ringing.event(TransferEnded(target="Maria", error="busy"))

    assert ringing.acts == ["transfer_busy"]


def test_what_was_asked_before_the_transfer_still_stands() -> None:
    """A booking half made is gone on with after nobody answered."""
    talk = Talk(inbound_spec())
    wish(talk)
    talk.result(FREE)
    before = talk.conversation.state.desk.slots
    talk.hear(AskTransfer(target="Maria"))
    talk.event(UNANSWERED)

    talk.hear(NAME, text="no, book it, I'm Susan Miller")

    assert before["date"] == TUESDAY
    assert talk.conversation.state.desk.slots == {**before, "name": "Susan Miller"}
    assert talk.acts == ["ask_phone"]


def test_whoever_talks_while_it_rings_is_asked_for_patience(ringing: Talk) -> None:
    """Neither words, silence nor noise start anything else; a second wish does not ring twice."""
    ringing.hear(Unclear(text="hello?"), text="hello?")
    first = ringing.acts
    ringing.hear(AskTransfer(target="Maria"))
    again = [action for action in ringing.actions if isinstance(action, Transfer)]
    for noise in (Silence(silent_ms=8000, count=1), Music(playing=True)):
        assert ringing.event(noise) == ""

    assert first == ["still_connecting"]
    assert not again
    assert ringing.conversation.on_hold


def test_a_message_instead_stops_the_ringing(ringing: Talk) -> None:
    ringing.hear(LeaveMessage(), text="never mind, take a message")
    assert ringing.actions[0] == CancelTransfer()
    assert ringing.acts[-1:] == ["ask_message"]

    ringing.event(UNANSWERED)  # what the cancelled ringing came to

    assert ringing.said == ""


def test_a_goodbye_stops_the_ringing_and_ends_the_call(ringing: Talk) -> None:
    ringing.hear(Goodbye(), text="forget it, bye")

    assert ringing.actions[0] == CancelTransfer()
    assert isinstance(ringing.actions[-1], Hangup)


def test_somebody_who_answers_after_all_has_the_call(ringing: Talk) -> None:
    """They picked up in the moment in which the caller chose a message."""
    ringing.hear(LeaveMessage(), text="take a message")
    ringing.event(TransferEnded(target="Maria"))

    assert ringing.conversation.outcome().transferred_to == "Maria"


def test_a_caller_who_leaves_while_it_rings_was_not_put_through(ringing: Talk) -> None:
    """And their wish is reported as unmet."""
    ringing.event(HungUp())

    outcome = ringing.conversation.outcome()
    assert outcome.transferred_to is None
    assert outcome.disposition is Disposition.RESPONDENT_HUNG_UP
    assert outcome.highlights == ("The caller's wish could not be met; no message was left.",)


def test_a_limit_ends_the_waiting(ringing: Talk) -> None:
    ringing.event(TimeLimit(which="total"))

    assert ringing.acts == ["time_limit"]


def test_a_limit_ends_a_call_that_was_put_through(ringing: Talk) -> None:
    """The engine says goodbye for those who talk; how the call went stays."""
    ringing.event(TransferEnded(target="Maria"))
    ringing.event(TimeLimit(which="total"))

    assert ringing.acts == ["time_limit"]
    assert isinstance(ringing.actions[-1], Hangup)
    assert ringing.conversation.outcome().disposition is Disposition.TRANSFERRED


def test_an_order_from_outside_is_waited_for_like_a_wish() -> None:
    talk = Talk(inbound_spec())
    talk.event(TransferBegun(target="+15550100777"))
    talk.hear(Unclear(text="hello?"), text="hello?")
    assert talk.acts == ["still_connecting"]

    talk.event(TransferEnded(target="+15550100777"))

    assert talk.conversation.outcome().transferred_to == "+15550100777"


def test_the_wait_survives_a_snapshot(ringing: Talk) -> None:
    kept = Conversation.restore(ringing.conversation.spec, ringing.conversation.snapshot())

    assert kept.state.transferring == "Maria"
