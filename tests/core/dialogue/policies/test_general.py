"""Finding things out and passing things on."""

from typing import Any

from tests.core.dialogue.talk import Talk, outbound_spec
from voice_engine.core.dialogue.commands import Answer, Booked, Goodbye, Greeting, HungUp, No, Provide, Refuse, Yes
from voice_engine.ports.call import Category, TaskOutcome

TWO = "Ask whether they are open on Sunday and how much parking costs"


def inquiry(description: str = TWO, **fields: Any) -> Talk:
    stated: dict[str, Any] = {
        "task_description": description,
        "appointment_date": None,
        "appointment_time": None,
        "time_preference_text": None,
        "party_size": None,
    }
    talk = Talk(outbound_spec(Category.GENERAL, **{**stated, **fields}))
    talk.hear(Greeting())
    return talk


def test_the_first_question_is_part_of_the_opening() -> None:
    assert "whether you are open on Sunday" in inquiry().said


def test_the_questions_are_put_one_by_one_and_the_answers_read_back() -> None:
    talk = inquiry()
    second = talk.hear(Answer(text="from ten"), text="from ten to six")
    read_back = talk.hear(Answer(text="five"), text="five dollars a day")

    assert "how much parking costs" in second
    assert "from ten to six" in read_back
    assert "five dollars a day" in read_back


def test_the_answers_are_the_highlights_with_their_evidence() -> None:
    talk = inquiry()
    talk.hear(Answer(text=""), text="from ten to six")
    talk.hear(Answer(text=""), text="five dollars a day")
    talk.hear(Yes())

    outcome = talk.conversation.outcome()
    assert outcome.task_outcome is TaskOutcome.ACHIEVED
    assert any("from ten to six" in line and "open on Sunday" in line for line in outcome.highlights)
    assert outcome.agreed is None


def test_one_answer_of_two_is_not_all() -> None:
    talk = inquiry()
    talk.hear(Answer(text=""), text="from ten to six")
    talk.event(HungUp())

    outcome = talk.conversation.outcome()
    assert outcome.task_outcome is TaskOutcome.UNCLEAR
    assert any("from ten to six" in line for line in outcome.highlights)


def test_a_correction_replaces_the_last_answer() -> None:
    talk = inquiry("Ask what time the tour starts")
    talk.hear(Provide(slot="time", value="16:30"), text="at four thirty")
    talk.hear(No(), Provide(slot="time", value="17:30"), text="no, five thirty")

    lines = talk.conversation.outcome().highlights
    assert any("five thirty" in line for line in lines)
    assert not any("four thirty" in line for line in lines)


def test_goodbye_with_a_question_left_is_asked_back_once() -> None:
    talk = inquiry()
    talk.hear(Answer(text=""), text="from ten to six")
    talk.hear(Goodbye())

    assert talk.acts == ["question_again"]


def test_an_errand_is_put_and_a_booked_settles_it() -> None:
    talk = inquiry("Cancel my gym membership.")

    assert "cancel their gym membership" in talk.said
    talk.hear(Booked(code="771"), text="done, your reference is 771")
    assert talk.conversation.outcome().task_outcome is TaskOutcome.ACHIEVED
    assert talk.conversation.outcome().confirmation == "771"


def test_a_refusal_is_an_answer() -> None:
    talk = inquiry()
    talk.hear(Refuse(reason="policy"), text="we give no information by phone")

    assert talk.conversation.outcome().task_outcome is TaskOutcome.DECLINED


def test_no_idea_is_no_answer_but_the_other_questions_are_still_put() -> None:
    talk = inquiry()
    said = talk.hear(Answer(text=""), text="I don't know, call back tomorrow")
    talk.hear(Answer(text=""), text="five dollars a day")

    outcome = talk.conversation.outcome()
    assert "how much parking costs" in said
    assert outcome.task_outcome is TaskOutcome.DECLINED
    assert any("five dollars" in line for line in outcome.highlights)
