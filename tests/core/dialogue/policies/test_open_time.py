"""A time of theirs that was not understood is asked for again, and never filled in from our request."""

import datetime as dt

import pytest

from tests.core.dialogue.talk import EIGHT, SATURDAY, SUNDAY, Talk, outbound_spec
from voice_engine.core.dialogue.commands import (
    AskUnknown,
    Booked,
    Confirm,
    Greeting,
    HungUp,
    No,
    Offer,
    Provide,
    When,
    Yes,
)
from voice_engine.core.dialogue.state import Asked
from voice_engine.ports.call import Disposition, Language, TaskOutcome

A_DAY = Offer(options=(When(date=SATURDAY),))
WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "hello": "Harbor Grill, good morning.",
        "garbled": "I can do Saturday at a leven and a water",
        "booked": "All right, you're booked.",
        "time": "At eight thirty.",
    },
    "es": {
        "hello": "Restaurante La Marina, buenos días.",
        "garbled": "Puedo el sábado a la sonce y cuatro",
        "booked": "De acuerdo, queda confirmada la reserva.",
        "time": "A las ocho y media.",
    },
}


@pytest.fixture
def talk() -> Talk:
    talk = Talk(outbound_spec())
    talk.hear(Greeting())
    return talk


@pytest.fixture(params=["en", "es"])
def spoken(request: pytest.FixtureRequest) -> tuple[Talk, dict[str, str]]:
    """A call in words, up to a day whose time came over the line as nonsense."""
    language: Language = request.param
    words = WORDS[language]
    talk = Talk(outbound_spec(language=language, app_language=language))
    talk.words(words["hello"])
    talk.words(words["garbled"])
    return talk, words


def test_a_booking_at_an_open_time_is_asked_for_its_time(spoken: tuple[Talk, dict[str, str]]) -> None:
    talk, words = spoken
    talk.words(words["booked"])

    assert talk.acts == ["ask_time_booked"]
    assert talk.conversation.outcome().agreed is None


def test_the_time_that_they_then_name_is_the_booking(spoken: tuple[Talk, dict[str, str]]) -> None:
    talk, words = spoken
    talk.words(words["booked"])
    talk.words(words["time"])
    talk.words(words["booked"])

    agreed = talk.conversation.outcome().agreed
    assert agreed is not None
    assert agreed["time"] == "20:30"


def test_a_second_booking_without_a_time_ends_unclear(spoken: tuple[Talk, dict[str, str]]) -> None:
    talk, words = spoken
    talk.words(words["booked"])
    talk.words(words["booked"])

    outcome = talk.conversation.outcome()
    assert talk.acts == ["time_unclear"]
    assert talk.hung_up
    assert (outcome.task_outcome, outcome.agreed) == (TaskOutcome.UNCLEAR, None)
    assert outcome.disposition is Disposition.COMPLETED
    assert any(words["booked"].rstrip(".") in line for line in outcome.highlights)
    assert outcome.next_steps


def test_hanging_up_on_the_question_leaves_it_unclear_and_told(spoken: tuple[Talk, dict[str, str]]) -> None:
    talk, words = spoken
    talk.words(words["booked"])
    talk.event(HungUp())

    outcome = talk.conversation.outcome()
    assert outcome.task_outcome is TaskOutcome.UNCLEAR
    assert any(words["booked"].rstrip(".") in line for line in outcome.highlights)


def test_refusals_before_it_do_not_make_it_a_refusal(talk: Talk) -> None:
    talk.hear(Offer(options=(When(time=dt.time(17, 0)),)))
    talk.hear(No())
    talk.hear(Booked())
    talk.hear(Booked())

    assert talk.conversation.outcome().task_outcome is TaskOutcome.UNCLEAR


def test_a_yes_is_no_time_either_and_not_asked_for_for_ever(talk: Talk) -> None:
    talk.hear(A_DAY)
    acts = []
    for _ in range(3):
        talk.hear(Yes())
        acts += talk.acts

    assert acts == ["ask_time", "ask_time", "time_unclear"]
    assert talk.conversation.state.agreed == {}


def test_the_time_stays_open_while_a_detail_is_asked_about(talk: Talk) -> None:
    talk.hear(A_DAY, AskUnknown(topic="card"))
    talk.hear(Booked())

    assert talk.acts == ["ask_time_booked"]


def test_a_read_back_without_a_time_does_not_close_it(talk: Talk) -> None:
    talk.hear(A_DAY)
    talk.hear(Confirm(slots={"party_size": 4, "date": SATURDAY}), text="So four on Saturday?")

    assert talk.acts == ["ask_time"]
    assert talk.conversation.state.agreed == {}


def test_a_yes_to_our_request_put_anew_agrees_to_its_time(talk: Talk) -> None:
    talk.hear(A_DAY, AskUnknown(topic="card"))
    talk.hear(Yes())
    assert talk.acts == ["request_again"]
    talk.hear(Booked())

    assert talk.conversation.state.agreed["time"] == EIGHT


@pytest.mark.parametrize("said", [Booked(), Confirm(slots={})])
def test_a_time_named_for_their_day_is_booked_on_that_day(said: Booked | Confirm) -> None:
    """The open day is theirs, so "booked at eight" is at eight on that day, not on the one we asked for."""
    talk = Talk(outbound_spec(additional_instructions=("Sunday the 15th is fine too.",)))
    talk.hear(Greeting())
    talk.hear(Offer(options=(When(date=SUNDAY),)))
    if isinstance(said, Booked):
        talk.hear(said, Provide(slot="time", value=EIGHT), text="you're booked at eight")
    else:
        talk.hear(Confirm(slots={"time": EIGHT, "party_size": 4}), text="so four at eight?")

    assert talk.conversation.state.agreed["date"] == SUNDAY


def test_the_next_date_is_asked_for_with_its_time(talk: Talk) -> None:
    next_date = Talk(outbound_spec(additional_instructions=("Sunday the 15th is fine too.",)))
    next_date.hear(Greeting())
    next_date.hear(A_DAY)
    for _ in range(3):
        next_date.hear(No())
    assert next_date.conversation.state.asked is Asked.REQUEST
    next_date.hear(Booked())

    assert next_date.conversation.state.agreed == {"date": SUNDAY, "time": EIGHT}
