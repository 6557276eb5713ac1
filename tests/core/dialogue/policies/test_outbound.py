"""Outbound calls whatever the task: who answers, asides, trouble, and how the call ends."""

import pytest

from tests.core.dialogue.talk import Talk, outbound_spec
from voice_engine.core.dialogue.actions import Hangup, Say, StopRecording, Wait
from voice_engine.core.dialogue.commands import (
    AreYouRobot,
    AskSlot,
    AskTransfer,
    Beep,
    DeclineRecording,
    Goodbye,
    Greeting,
    Hold,
    HungUp,
    MachineHeard,
    Music,
    No,
    OptOut,
    Refuse,
    Repeat,
    Screening,
    Silence,
    Spell,
    TimeLimit,
    Unclear,
    Unintelligible,
    VoicemailGreeting,
    WhoIsCalling,
    WrongNumber,
    Yes,
)
from voice_engine.ports.call import Disposition, Status, TaskOutcome


@pytest.fixture
def talk() -> Talk:
    return Talk(outbound_spec(user_phone="+15551234567"))


@pytest.fixture
def opened(talk: Talk) -> Talk:
    talk.hear(Greeting())
    return talk


def silence(count: int = 1) -> Silence:
    return Silence(silent_ms=3000, count=count)


def test_it_lets_them_speak_first(talk: Talk) -> None:
    assert talk.actions == [Wait(check_in_ms=2500)]


def test_a_line_that_stays_silent_is_spoken_to(talk: Talk) -> None:
    assert "AI assistant" in talk.event(silence())


def test_the_first_sentence_says_what_is_calling_for_whom_and_why(talk: Talk) -> None:
    first = talk.hear(Greeting()).split(".")[0]

    assert "AI assistant" in first
    assert "John Smith" in first
    assert "table for four" in first


def test_the_disclosure_cannot_be_cut_off(opened: Talk) -> None:
    assert not opened.conversation.interruptible


def test_recording_is_announced_only_when_it_is_on(talk: Talk) -> None:
    off = Talk(outbound_spec(record=False))

    assert "recorded" in talk.hear(Greeting())
    assert "recorded" not in off.hear(Greeting())


def test_the_robot_question_is_answered_with_the_truth_and_the_question_put_again(opened: Talk) -> None:
    said = opened.hear(AreYouRobot())

    assert "AI" in said
    assert opened.acts == ["robot", "request_again"]


def test_who_is_calling_is_answered(opened: Talk) -> None:
    assert "John Smith" in opened.hear(WhoIsCalling())


def test_nobody_can_be_put_on_the_line(opened: Talk) -> None:
    opened.hear(AskTransfer())

    assert opened.acts[0] == "no_transfer"
    assert not opened.hung_up


def test_an_opt_out_ends_the_call_and_is_kept_with_its_words(opened: Talk) -> None:
    opened.hear(OptOut(quote="take me off your list"))

    outcome = opened.conversation.outcome()
    assert opened.hung_up
    assert outcome.do_not_call
    assert outcome.do_not_call_quote == "take me off your list"
    assert (outcome.status, outcome.task_outcome) == (Status.SUCCESS, TaskOutcome.DECLINED)
    assert "do_not_call" in outcome.evidence


def test_an_opt_out_before_the_opening_counts_too(talk: Talk) -> None:
    talk.hear(OptOut(quote="stop calling"))

    assert talk.hung_up


def test_a_wrong_number_ends_as_failed(opened: Talk) -> None:
    opened.hear(WrongNumber())

    outcome = opened.conversation.outcome()
    assert (outcome.status, outcome.disposition) == (Status.FAILED, Disposition.WRONG_NUMBER)


def test_declined_recording_is_stopped_once_and_the_call_goes_on(opened: Talk) -> None:
    opened.hear(DeclineRecording())
    first = list(opened.actions)
    opened.hear(DeclineRecording())

    assert first[0] == StopRecording()
    assert StopRecording() not in opened.actions
    assert opened.conversation.outcome().recording_declined


def test_a_mailbox_is_heard_out_and_given_the_message_after_its_tone(talk: Talk) -> None:
    said = talk.hear(VoicemailGreeting())
    message = talk.event(Beep())

    assert said == ""
    assert "John Smith" in message
    assert "five five five" in message
    assert talk.hung_up
    assert talk.conversation.outcome().status is Status.VOICEMAIL


def test_a_mailbox_without_a_tone_gets_the_message_after_a_silence(talk: Talk) -> None:
    talk.hear(VoicemailGreeting())

    assert talk.actions == [Wait(check_in_ms=1500)]
    assert "John Smith" in talk.event(silence())


def test_a_tone_before_its_words_are_known_waits_for_them(talk: Talk) -> None:
    early = talk.event(Beep())

    assert early == ""
    assert "John Smith" in talk.hear(VoicemailGreeting())


def test_a_person_who_picks_up_during_the_greeting_is_spoken_to(talk: Talk) -> None:
    talk.hear(VoicemailGreeting())

    assert "AI assistant" in talk.hear(Greeting())
    assert not talk.hung_up


def test_a_person_who_says_call_later_is_no_mailbox(opened: Talk) -> None:
    opened.hear(VoicemailGreeting(), text="I cannot take your call now, call later")

    outcome = opened.conversation.outcome()
    assert (outcome.status, outcome.task_outcome) == (Status.SUCCESS, TaskOutcome.DECLINED)


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_message_lasts_at_most_fifteen_seconds(language: str) -> None:
    """At 2.6 words a second, the slower of the local voices' measured pace."""
    for call_id in "abcdef":
        spec = outbound_spec(language=language, user_phone="+34600123456", call_id=call_id)
        talk = Talk(spec)
        talk.hear(VoicemailGreeting())

        assert len(talk.event(Beep()).split()) <= 15 * 2.6


def test_screening_is_answered_in_one_sentence_and_the_person_is_greeted_anew(talk: Talk) -> None:
    said = talk.hear(Screening())

    assert said.count(".") <= 3
    assert "John Smith" in said
    assert "AI assistant" in talk.hear(Greeting())


def test_on_hold_it_waits_and_checks_in_three_times(opened: Talk) -> None:
    opened.hear(Hold())
    assert opened.actions[-1] == Wait(on_hold=True, check_in_ms=90_000)
    assert opened.conversation.on_hold

    spoken = [opened.event(silence()) for _ in range(5)]

    assert [bool(text) for text in spoken] == [True, True, True, False, False]


def test_music_puts_the_call_on_hold_without_a_word(opened: Talk) -> None:
    assert opened.event(Music(playing=True)) == ""
    assert opened.conversation.on_hold


def test_somebody_else_after_a_hold_is_told_who_calls(opened: Talk) -> None:
    opened.hear(Hold())

    assert "AI assistant" in opened.hear(Greeting())


def test_a_question_is_answered_before_a_hold_in_the_same_breath(opened: Talk) -> None:
    opened.hear(Hold(), AreYouRobot())

    assert opened.acts[0] == "robot"


def test_a_repeat_is_slower_and_the_second_one_goes_digit_by_digit(opened: Talk) -> None:
    opened.hear(AskSlot(slot="phone"))
    opened.hear(Repeat())
    first = [action for action in opened.actions if isinstance(action, Say)]
    opened.hear(Repeat())

    assert all(say.slow for say in first)
    assert opened.acts == ["spell_phone"]


def test_a_name_is_spelled_letter_by_letter(opened: Talk) -> None:
    assert "S, M, I, T, H" in opened.hear(Spell())


def test_three_misunderstandings_end_the_call_honestly(opened: Talk) -> None:
    for _ in range(2):
        opened.hear(Unclear(text="walrus"))
        assert not opened.hung_up
    said = opened.hear(Unclear(text="walrus"))

    assert opened.hung_up
    assert "call" in said
    assert opened.conversation.outcome().status is Status.FAILED


def test_an_understood_answer_forgives_what_was_misunderstood(opened: Talk) -> None:
    opened.hear(Unclear(text="walrus"))
    opened.hear(Unclear(text="walrus"))
    opened.hear(AskSlot(slot="party_size"))
    opened.hear(Unclear(text="walrus"))

    assert not opened.hung_up


def test_speech_without_words_asks_again(opened: Talk) -> None:
    opened.event(Unintelligible())

    assert opened.acts[0] == "not_understood"


def test_silence_is_asked_about_and_then_ends_the_call(talk: Talk) -> None:
    for count in range(1, 8):
        talk.event(silence(count))
        if talk.hung_up:
            break

    outcome = talk.conversation.outcome()
    assert talk.hung_up
    assert (outcome.status, outcome.disposition) == (Status.FAILED, Disposition.SILENCE)
    assert outcome.task_outcome is None


def test_a_limit_ends_politely(opened: Talk) -> None:
    assert "oodbye" in opened.event(TimeLimit(which="conversation"))
    assert opened.conversation.outcome().disposition is Disposition.MAX_DURATION


def test_a_call_back_later_is_an_answer(opened: Talk) -> None:
    opened.hear(Refuse(reason="busy", callback="after five"), text="call back after five")

    outcome = opened.conversation.outcome()
    assert (outcome.status, outcome.task_outcome) == (Status.SUCCESS, TaskOutcome.DECLINED)
    assert any("after five" in step for step in outcome.next_steps)


def test_a_line_that_breaks_off_has_failed(opened: Talk) -> None:
    opened.event(HungUp())

    outcome = opened.conversation.outcome()
    assert (outcome.status, outcome.task_outcome) == (Status.FAILED, TaskOutcome.UNCLEAR)
    assert outcome.disposition is Disposition.RESPONDENT_HUNG_UP


def test_goodbye_is_not_answered_with_a_hang_up_while_their_question_is_open(opened: Talk) -> None:
    opened.hear(Yes())
    opened.hear(Goodbye(), AskSlot(slot="name"))

    assert "give_name" in opened.acts
    assert not opened.hung_up


def test_goodbye_before_the_read_back_is_answered_with_it(opened: Talk) -> None:
    opened.hear(Yes(), AskSlot(slot="name"))
    opened.hear(Goodbye())

    assert opened.acts == ["read_back"]


def test_what_is_said_after_a_lost_farewell_hangs_up(opened: Talk) -> None:
    opened.hear(OptOut(quote="no"))
    opened.hear(No())

    assert opened.actions[-1] == Hangup()


def test_after_the_line_is_gone_nothing_is_done(opened: Talk) -> None:
    opened.event(HungUp())

    assert opened.conversation.on_command(silence(), 0.0) == []


def test_a_machine_that_the_carrier_heard_gets_the_message_when_it_falls_silent(talk: Talk) -> None:
    """Its greeting was not understood as one, and nobody answered our question."""
    talk.hear(Unclear(text="you have reached seven"), text="you have reached seven")
    talk.event(MachineHeard())
    talk.event(Silence(silent_ms=7000, count=1))

    assert talk.acts == ["voicemail"]
    assert talk.hung_up


def test_a_person_whom_the_carrier_took_for_a_machine_is_talked_with(talk: Talk) -> None:
    """Long greetings of businesses are; silence after an answer of theirs is no mailbox's."""
    talk.hear(Greeting(), text="Thank you for calling Nobu, this is Ana, how may I help you?")
    talk.event(MachineHeard())
    assert talk.actions == []
    talk.hear(Hold(), text="One moment please.")
    talk.hear(Unclear(text="so"), text="so")
    talk.event(Silence(silent_ms=7000, count=1))

    assert "voicemail" not in talk.acts
