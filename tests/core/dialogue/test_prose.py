"""Questions in the owner's words, as they are put to the other party."""

import pytest

from voice_engine.core.dialogue.prose import read_prose, second_person
from voice_engine.ports.call import Category


@pytest.mark.parametrize(
    ("text", "questions"),
    [
        ("Do they have vegan options?", ("whether you have vegan options",)),
        ("Is there parking nearby?", ("whether there is parking nearby",)),
        ("Are they open on Sunday?", ("whether you are open on Sunday",)),
        ("What time do they close?", ("what time you close",)),
        ("Please ask if dogs are allowed.", ("if dogs are allowed",)),
        (
            "Find out when the last train leaves, and how much it costs.",
            ("when the last train leaves", "how much it costs"),
        ),
        ("¿Tienen terraza?", ("si tienen terraza",)),
        ("Averigua a qué hora cierran", ("a qué hora cierran",)),
        ("Cancel my order.", ()),
    ],
)
def test_questions(text: str, questions: tuple[str, ...]) -> None:
    assert read_prose(text, category=Category.GENERAL).questions == questions


def test_the_owner_becomes_a_third_person() -> None:
    assert second_person("ask them when I'll get my parcel") == "ask you when they will get their parcel"


@pytest.mark.parametrize(
    ("text", "patient"),
    [
        ("Book a check-up for my daughter Emma Smith", "Emma Smith"),
        ("The patient is Tom", "Tom"),
        ("A check-up for Tuesday", None),
        ("A check-up for next week", None),
    ],
)
def test_the_patient_is_a_name_and_not_a_day(text: str, patient: str | None) -> None:
    assert read_prose(text, category=Category.CLINIC).slots.get("patient") == patient


def test_seating_is_a_wish_only_where_it_is_stated() -> None:
    assert read_prose("A table on the terrace", category=Category.RESTAURANT).slots["seating"] == "on the terrace"
    assert "seating" not in read_prose("A table", category=Category.RESTAURANT).slots
