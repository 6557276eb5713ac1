"""A whisper in a call: it changes what is agreed, is said in the engine's own turn, and confuses no answer."""

import datetime as dt
from typing import Any

import pytest

from tests.core.dialogue.talk import EIGHT, NINE, SATURDAY, TUESDAY, Talk, inbound_spec, outbound_spec
from voice_engine.core.dialogue.actions import StopRecording, UseTool
from voice_engine.core.dialogue.commands import HandedBack, Silence, Whispered
from voice_engine.core.dialogue.conversation import Conversation
from voice_engine.ports.call import Category, Disposition, TaskOutcome

EXACT: dict[str, Any] = {"appointment_time": EIGHT, "time_preference_text": ""}


def talk(*words: str, language: str = "en", **fields: Any) -> Talk:
    """A restaurant that was told what we want, and has said `words` since."""
    one = Talk(outbound_spec(language=language, **{**EXACT, **fields}))
    one.words({"en": "Hello, Nobu speaking", "es": "Restaurante Lucio, dígame"}[language])
    for text in words:
        one.words(text)
    return one


def whisper(one: Talk, text: str, *, later: bool = False) -> str:
    said = one.event(Whispered(text=text, later=later))
    one.conversation.on_spoken(said, said, False)
    return said


def agreed(one: Talk) -> object:
    return one.conversation.outcome().agreed


def overhear(one: Talk, text: str, *, agent: bool = False) -> None:
    one.actions = one.conversation.on_overheard(text, start_ms=9_000, end_ms=9_900, turn=9, agent=agent)


@pytest.mark.parametrize(
    ("language", "offer", "text", "booked"),
    [
        ("en", "we are full at eight, I can do nine", "nine is fine", "it's booked"),
        ("en", "we are full at eight, I can do nine", "take it", "it's booked"),
        ("es", "a las ocho está completo, tengo a las nueve", "acepta las nueve", "queda reservado"),
    ],
)
def test_an_offer_outside_the_wish_is_taken_on_the_owners_word(
    language: str, offer: str, text: str, booked: str
) -> None:
    """And where they offered it is the evidence of what was agreed."""
    one = talk(offer, language=language)

    whisper(one, text)
    assert one.acts == ["accept"]
    one.words(booked)

    outcome = one.conversation.outcome()
    assert outcome.agreed is not None and outcome.agreed["time"] == "21:00"
    assert outcome.evidence["time"].turn == 2


def test_a_time_that_nobody_offered_is_asked_for() -> None:
    one = talk()

    assert "nine p.m." in whisper(one, "try nine instead")
    one.words("yes, that works")
    one.words("yes")

    assert one.conversation.state.agreed == {"date": SATURDAY, "time": NINE}


def test_what_was_agreed_is_asked_for_anew_when_the_owner_changes_it() -> None:
    one = talk("yes, that works")
    assert one.conversation.state.agreed["time"] == EIGHT

    said = whisper(one, "make it five people")

    assert "table for five" in said
    assert one.conversation.state.agreed == {}
    assert one.conversation.outcome().task_outcome is not TaskOutcome.ACHIEVED


def test_an_agreed_time_that_the_owner_names_again_changes_nothing() -> None:
    one = talk("yes, that works")

    assert whisper(one, "eight is fine") == ""
    assert one.conversation.state.agreed["time"] == EIGHT


def test_a_wish_during_hold_counts_when_they_come_back() -> None:
    """Nobody is spoken to meanwhile."""
    one = talk("one moment please")

    assert whisper(one, "nine is fine too") == ""
    one.words("we are full at eight, I can do nine")

    assert one.acts == ["accept"]
    assert one.conversation.state.agreed["time"] == NINE


def test_a_question_during_hold_is_put_when_they_come_back() -> None:
    one = talk("one moment please")

    assert whisper(one, "ask if they have parking") == ""
    said = one.words("yes, eight o'clock is possible")

    assert "if you have parking" in said
    assert one.conversation.state.whispers == ()


def test_while_they_speak_the_whisper_waits_for_the_answer_to_them() -> None:
    one = talk()

    assert whisper(one, "ask if they have parking", later=True) == ""

    assert "if you have parking" in one.words("what was the date again?")


def test_what_waits_is_said_when_they_fall_silent() -> None:
    one = talk()
    whisper(one, "we are bringing a baby", later=True)

    assert "we are bringing a baby" in one.event(Silence(silent_ms=5_000, count=1))


@pytest.mark.parametrize(
    ("language", "text", "answer"),
    [
        ("en", "ask if they have parking", "yes, there is a garage next door"),
        ("en", "ask if they have parking", "no, we don't have any, I'm sorry"),
        ("es", "pregunta si tienen aparcamiento", "sí, hay uno al lado"),
    ],
)
def test_an_answer_to_the_owners_question_answers_nothing_else(language: str, text: str, answer: str) -> None:
    """Neither yes nor no is taken for the table; it is reported, and the table is asked for again."""
    one = talk(language=language)

    whisper(one, text)
    said = one.words(answer)

    assert one.conversation.state.agreed == {}
    assert one.acts == ["whisper_thanks", "request_again"], said
    assert any(answer in line for line in one.conversation.outcome().highlights)


def test_a_question_that_was_not_understood_is_put_again() -> None:
    one = talk()

    asked = whisper(one, "ask if they have parking")
    said = one.words("sorry, what did you say?")

    assert said == asked
    assert one.conversation.state.aside is not None


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("en", "we are bringing a baby", "a note"),
        ("en", "tell them we are bringing a baby", "we are bringing a baby"),
        ("es", "llevamos un bebé", "una nota"),
        ("es", "diles que llevamos un bebé", "llevamos un bebé"),
    ],
)
def test_a_note_is_passed_on_in_the_owners_name_and_agrees_to_nothing(language: str, text: str, said: str) -> None:
    """The open question follows it, so that "okay" is an answer to that."""
    one = talk(language=language)

    spoken = whisper(one, text)

    assert "John Smith" in spoken
    assert said in spoken
    assert one.acts[-1] == "request_again"


@pytest.mark.parametrize(("language", "text"), [("en", "hang up"), ("es", "termina la llamada")])
def test_the_call_ends_with_a_goodbye(language: str, text: str) -> None:
    one = talk(language=language)

    assert whisper(one, text)
    assert one.hung_up
    assert one.conversation.outcome().disposition is Disposition.COMPLETED


def test_on_hold_the_call_ends_without_a_word() -> None:
    one = talk("one moment please")

    assert whisper(one, "end the call") == ""
    assert one.hung_up


@pytest.mark.parametrize("text", ["don't tell them our budget is 200", "no les digas el presupuesto"])
def test_what_they_must_not_hear_is_not_said(text: str) -> None:
    one = talk()

    assert whisper(one, text) == ""


def test_what_is_turned_down_is_agreed_no_longer() -> None:
    one = talk("yes, that works")

    whisper(one, "don't take it")

    assert one.acts == ["counter_any"]
    assert one.conversation.state.agreed == {}


def test_with_nothing_offered_there_is_nothing_to_take() -> None:
    """ "Take it" is not read out to them."""
    one = talk()

    assert whisper(one, "take it") == ""


def test_a_receptionist_takes_the_owners_date_for_the_callers() -> None:
    one = Talk(inbound_spec())
    one.words("I would like to book a haircut")

    whisper(one, "tuesday at 2")

    uses = [action for action in one.actions if isinstance(action, UseTool)]
    assert [use.tool for use in uses] == ["calendar.free"]
    assert one.conversation.state.desk.slots["date"] == TUESDAY
    assert one.conversation.state.desk.slots["time"] == dt.time(14, 0)


def test_a_receptionist_passes_a_note_on_for_the_business() -> None:
    one = Talk(inbound_spec())
    one.words("I would like to book a haircut")

    said = whisper(one, "tell her that she can park behind the house")

    assert "Shear Joy" in said
    assert "you can park behind the house" in said
    assert "day" in said.lower() or "when" in said.lower()


def test_a_general_call_passes_values_on_as_a_note() -> None:
    """It negotiates nothing: there is no wish to change."""
    one = Talk(outbound_spec(Category.GENERAL, task_description="Ask whether they are open"))
    one.words("Hello")

    assert "note" in whisper(one, "nine is fine")


def test_the_whisper_is_in_the_history_as_a_note() -> None:
    one = talk()

    whisper(one, "ask if they have parking")

    assert ("NOTE", "ask if they have parking") in one.conversation.history


def test_what_the_owner_changed_survives_a_snapshot() -> None:
    one = talk("one moment please")
    whisper(one, "between 8 and 10 is fine")
    whisper(one, "ask if they have parking")

    again = Conversation.restore(one.conversation.spec, one.conversation.snapshot())

    assert again.state == one.conversation.state


def test_after_a_human_the_call_goes_on_from_what_stood() -> None:
    """What was said meanwhile is known; what was agreed is read back."""
    one = talk("yes, that works")

    overhear(one, "Hi, this is John.", agent=True)
    overhear(one, "Oh hello John.")
    said = one.event(HandedBack())

    assert one.acts == ["handed_back", "read_back"]
    assert "eight p.m." in said
    assert one.conversation.history[-2:] == [("AGENT", "Hi, this is John."), ("HUMAN", "Oh hello John.")]
    one.words("yes")
    assert one.conversation.outcome().task_outcome is TaskOutcome.ACHIEVED


def test_what_they_booked_with_the_human_is_read_back() -> None:
    """With its confirmation number, once they say that it is right."""
    one = talk("we are full at eight, I can do nine")

    overhear(one, "Nine would be fine, too.", agent=True)
    overhear(one, "Great, I have booked you for Saturday at 9 pm, the confirmation number is 4 5 1 2.")
    said = one.event(HandedBack())

    assert "nine p.m." in said
    one.words("yes, that's right")
    outcome = one.conversation.outcome()
    assert (outcome.task_outcome, outcome.confirmation) == (TaskOutcome.ACHIEVED, "4512")
    assert outcome.evidence["time"].turn == 9


def test_a_human_who_took_over_before_anybody_was_told_who_calls_is_followed_by_the_disclosure() -> None:
    one = Talk(outbound_spec(**EXACT))

    said = one.event(HandedBack())

    assert "AI assistant" in said


def test_no_more_calls_said_to_the_human_ends_the_call() -> None:
    one = talk()

    overhear(one, "Please never call this number again.")
    one.event(HandedBack())

    assert one.hung_up
    assert one.conversation.outcome().do_not_call


def test_no_recording_said_to_the_human_stops_it_at_once() -> None:
    one = talk()

    overhear(one, "I don't want to be recorded.")

    assert one.actions == [StopRecording()]
    assert one.conversation.outcome().recording_declined


def test_an_offer_that_the_owner_wished_for_on_hold_is_taken_after_the_human() -> None:
    one = talk("we are full at eight, I can do nine", "one moment please")
    whisper(one, "nine is fine")

    overhear(one, "Hello, this is John.", agent=True)
    overhear(one, "Hello John, I understand.")
    one.event(HandedBack())

    assert one.acts == ["handed_back", "accept"]
    assert one.conversation.state.agreed["time"] == NINE


def test_a_line_that_is_on_hold_is_not_talked_to_when_the_human_leaves() -> None:
    one = talk("one moment please")

    assert one.event(HandedBack()) == ""
    assert one.conversation.on_hold
