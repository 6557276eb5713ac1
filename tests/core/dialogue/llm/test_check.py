"""Clauses of a model are measured against the act; what it leaves unsaid is known."""

import datetime as dt
from typing import Any

import pytest

from voice_engine.core.dialogue.actions import Say
from voice_engine.core.dialogue.llm.check import Wording
from voice_engine.ports.call import Language

TODAY = dt.date(2026, 2, 13)


def wording(
    text: str, *, template: str = "act", slots: dict[str, Any] | None = None, language: Language = "en", **more: Any
) -> Wording:
    return Wording(
        says=(Say(template=template, text=text, slots=slots or {}),),
        language=language,
        direction=more.pop("direction", "outbound"),
        today=TODAY,
        **more,
    )


READ_BACK = "So that's four people on Saturday at eight thirty, under John Smith. Is that right?"
SLOTS = {"what": {"name": "John Smith", "party_size": 4, "time": dt.time(20, 30), "date": dt.date(2026, 2, 14)}}


@pytest.mark.parametrize(
    "clause",
    [
        "To confirm, that's a table for four this Saturday at 8:30 p.m.,",
        "tomorrow evening at half past eight,",
        "under Smith, is that correct?",
        "That's under the name John Smith.",
        "Is that all right?",
        "I'm an AI assistant calling for John Smith.",
        "February 14th at eight thirty for four of us.",
    ],
)
def test_a_faithful_paraphrase_passes(clause: str) -> None:
    """Other words for the same facts are what the model is there for."""
    assert wording(READ_BACK, slots=SLOTS).objection(clause) is None


@pytest.mark.parametrize(
    ("clause", "reason"),
    [
        ("That's four people at eight.", "fact_time"),
        ("That's five people.", "fact_count"),
        ("It is under Jane Doe.", "name"),
        ("For Mr. Garcia then.", "name"),
        ("that is J-A-N-E.", "name"),
        ("That is on Friday.", "fact_weekday"),
        ("Great, that's confirmed.", "act_booked"),
        ("Have a great day!", "act_farewell"),
        ("I will call you back.", "act_promises_call"),
        ("Let me transfer you.", "act_transfers"),
        ("Is it free?", "act_waives"),
        ("You should take two aspirin.", "act_advises"),
        ("No, I'm human.", "denies_ai"),
        ("I am definitely not a bot.", "denies_ai"),
        ("Write to john@smith.com please.", "names_address"),
        ("Assistant: sure.", "not_speech"),
        ("My instructions say otherwise.", "breaks_character"),
        ("We have a table for four.", "swaps_roles"),
        ("Claro, con mucho gusto se lo confirmo.", "wrong_language"),
        ("Конечно, одну минуту.", "wrong_language"),
    ],
)
def test_what_is_false_or_out_of_place_is_refused(clause: str, reason: str) -> None:
    """With a stable word for the reason."""
    assert wording(READ_BACK, slots=SLOTS).objection(clause) == reason


@pytest.mark.parametrize(
    ("clause", "reason"),
    [
        ("Perfecto, a las ocho y media entonces.", None),
        ("Perfecto, a las nueve entonces.", "fact_time"),
        ("No soy un robot.", "denies_ai"),
        ("Está hablando con una persona.", "denies_ai"),
        ("Soy una persona real.", "denies_ai"),
        ("Su mesa queda reservada.", "act_booked"),
        ("Hasta luego.", "act_farewell"),
        ("Sure, that would be great for us.", "wrong_language"),
        ("¿Me confirma la mesa para cuatro?", None),
        ("Para cinco personas.", "fact_count"),
    ],
)
def test_spanish_is_held_to_the_same(clause: str, reason: str | None) -> None:
    """The same rules, its own words."""
    act = wording("A las ocho y media está bien. ¿Puede reservar una mesa para cuatro?", language="es")

    assert act.objection(clause) == reason


def test_a_denial_cut_in_two_is_seen() -> None:
    """The check looks back over the clause boundary."""
    act = wording("Yes?")

    assert act.objection("I am not") is None
    assert act.objection("a robot.", "I am not") == "denies_ai"


def test_a_monologue_is_stopped() -> None:
    """A caller stops listening; the template says the rest."""
    assert wording("Yes.").objection("very " * 60 + "long.") == "too_long"


def test_the_acts_own_words_license_its_speech_act() -> None:
    """What the policy says, the model may say."""
    assert wording("Great, it is booked. Goodbye.", template="booked").objection("That is booked, goodbye.") is None
    assert wording("Eight then. Please book it.", template="accept").objection("Eight works for us.") is None
    assert wording("Thank you.", ends=True).objection("Goodbye.") is None
    assert wording("Thank you.").objection("Goodbye.") == "act_farewell"


def test_known_facts_may_be_used_where_the_act_states_none() -> None:
    """Courtesy may mention what the human just said; a role that the act fills stays closed."""
    act = wording("Sure, take your time.", human="I have to check for nine o'clock", known=("Nobu",))

    assert act.objection("Sure, please check for nine o'clock.") is None
    assert act.objection("Sure, thanks Nobu, at ten o'clock.") == "fact_time"


@pytest.mark.parametrize(
    ("spoken", "missing"),
    [
        ("", ["So that's four people on Saturday at eight thirty, under John Smith.", "Is that right?"]),
        ("Four people, Saturday 8:30, John Smith. Correct?", []),
        (
            "Four people on Saturday, John Smith. Correct?",
            ["So that's four people on Saturday at eight thirty, under John Smith."],
        ),
        (
            "Four people on Saturday at 8:30. Correct?",
            ["So that's four people on Saturday at eight thirty, under John Smith."],
        ),
        ("Four people on Saturday at 8:30, John Smith.", ["Is that right?"]),
        ("Tomorrow at 8:30 for four, John Smith, correct?", []),
    ],
)
def test_what_is_unsaid_is_known(spoken: str, missing: list[str]) -> None:
    """By fact, name and question; what was said is not repeated."""
    act = wording(READ_BACK, slots=SLOTS)
    if "for four" in spoken:
        missing = ["So that's four people on Saturday at eight thirty, under John Smith."]

    assert act.missing(spoken) == missing


def test_courtesies_are_not_missed_but_a_farewell_is() -> None:
    """Before a hang-up the goodbye must be heard."""
    act = wording("I understand, thank you. I'll let John Smith know. Goodbye.", slots={"owner": "John Smith"})

    assert act.missing("I see.") == ["Goodbye."]
    assert act.missing("I see, goodbye.") == []
