"""Answering for a business: transfers, manners, and how such a call ends."""

import datetime as dt

import pytest

from tests.core.dialogue.reception import wish
from tests.core.dialogue.talk import TUESDAY, Talk, inbound_spec
from voice_engine.core.dialogue.actions import Transfer
from voice_engine.core.dialogue.commands import (
    AreYouRobot,
    AskFact,
    AskTransfer,
    DeclineRecording,
    Goodbye,
    Greeting,
    HungUp,
    No,
    OptOut,
    Provide,
    Silence,
    Thanks,
    ToolResult,
    TransferEnded,
    Unclear,
    WantBooking,
    WrongNumber,
    Yes,
)
from voice_engine.core.dialogue.policies.desk import asks_for_target, find_target
from voice_engine.ports.call import Disposition, Status, TaskOutcome


@pytest.fixture
def talk() -> Talk:
    return Talk(inbound_spec())


def test_a_transfer_goes_to_a_configured_target_by_name(talk: Talk) -> None:
    talk.hear(AskTransfer(target="Maria"))
    assert Transfer(target="Maria") in talk.actions
    talk.event(TransferEnded(target="Maria"))

    outcome = talk.conversation.outcome()
    assert (outcome.disposition, outcome.transferred_to) == (Disposition.TRANSFERRED, "Maria")


def test_a_number_in_speech_is_never_a_transfer_target(talk: Talk) -> None:
    """Tools take nothing from speech but the name of something that was configured."""
    talk.hear(
        AskTransfer(target="+1 900 555 0000"),
        Provide(slot="phone", value="+19005550000"),
        text="put me through to 1 900 555 0000",
    )

    assert not any(isinstance(action, Transfer) for action in talk.actions)
    assert talk.acts == ["nobody_to_transfer"]


def test_without_targets_a_message_is_offered() -> None:
    talk = Talk(inbound_spec(transfer_targets={}))
    talk.hear(AskTransfer())
    talk.hear(Yes())

    assert talk.acts == ["ask_message"]


@pytest.mark.parametrize(
    ("wished", "text", "found"),
    [
        ("maria", "", "Maria"),
        (None, "I need a human", "front desk"),
        ("billing", "billing please", None),
        (None, "marya please", "Maria"),
    ],
)
def test_targets_are_found_by_name(wished: str | None, text: str, found: str | None) -> None:
    assert find_target({"Maria": "1", "front desk": "2"}, wished, text) == found


def test_a_name_alone_is_no_wish_to_be_put_through() -> None:
    assert asks_for_target(["Maria"], "can I speak to Maria")
    assert not asks_for_target(["Maria"], "this is Maria Lopez")


def test_the_robot_question_is_answered_with_the_truth(talk: Talk) -> None:
    assert "AI" in talk.hear(AreYouRobot(), AskFact(fact="other", query="are you a robot"))
    assert talk.acts == ["robot_inbound", "how_can_i_help"]


def test_a_sales_call_is_ended(talk: Talk) -> None:
    talk.hear(Unclear(text=""), text="this is about your car's extended warranty")

    assert talk.hung_up
    assert talk.conversation.outcome().status is Status.REJECTED


def test_an_opt_out_is_kept(talk: Talk) -> None:
    talk.hear(OptOut(quote="do not call me"))

    assert talk.conversation.outcome().do_not_call


def test_a_wrong_number_ends_kindly(talk: Talk) -> None:
    talk.hear(WrongNumber())

    assert talk.hung_up
    assert talk.conversation.outcome().disposition is Disposition.WRONG_NUMBER


def test_declined_recording_goes_on_unrecorded(talk: Talk) -> None:
    talk.hear(DeclineRecording())

    assert talk.conversation.outcome().recording_declined
    assert not talk.hung_up


def test_silence_is_asked_about_and_then_ends(talk: Talk) -> None:
    for count in range(1, 4):
        talk.event(Silence(silent_ms=8000, count=count))

    assert talk.hung_up
    assert talk.conversation.outcome().disposition is Disposition.SILENCE


def test_thanks_after_the_answer_is_a_farewell(talk: Talk) -> None:
    talk.hear(AskFact(fact="location", query="where"))
    talk.hear(Thanks())

    assert talk.hung_up


def test_no_to_anything_else_is_a_farewell(talk: Talk) -> None:
    talk.hear(AskFact(fact="location", query="where"))
    talk.hear(No())

    assert talk.hung_up
    assert talk.conversation.outcome().disposition is Disposition.COMPLETED


def test_a_caller_who_leaves_in_the_middle_has_hung_up(talk: Talk) -> None:
    wish(talk)
    talk.event(HungUp())

    outcome = talk.conversation.outcome()
    assert (outcome.disposition, outcome.task_outcome) == (
        Disposition.RESPONDENT_HUNG_UP,
        TaskOutcome.UNCLEAR,
    )


def test_goodbye_is_answered(talk: Talk) -> None:
    talk.hear(Goodbye())

    assert talk.hung_up


def test_a_day_alone_is_a_wish_to_book(talk: Talk) -> None:
    talk.hear(Provide(slot="date", value=TUESDAY), text="do you have something for a haircut on Tuesday")

    assert talk.tool.tool == "calendar.free"


def test_a_greeting_is_answered_with_the_question(talk: Talk) -> None:
    talk.hear(Greeting())

    assert talk.acts == ["how_can_i_help"]


def test_a_past_day_is_asked_again(talk: Talk) -> None:
    talk.hear(WantBooking(service="haircut"), Provide(slot="date", value=dt.date(2026, 2, 1)))

    assert talk.acts == ["date_is_past"]


def test_a_result_that_nobody_awaits_changes_nothing(talk: Talk) -> None:
    before = talk.conversation.state
    talk.event(ToolResult(id="t99", value={"reference": "1"}))

    assert talk.actions == []
    assert talk.conversation.state == before
