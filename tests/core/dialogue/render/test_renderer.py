"""Templates: complete in both languages, and rendered without a hole."""

import datetime as dt
import string
from itertools import pairwise

import pytest

from tests.core.dialogue.talk import Talk, outbound_spec
from voice_engine.core.dialogue.commands import AreYouRobot, Greeting, When
from voice_engine.core.dialogue.render.renderer import TEMPLATES, Renderer, tidy
from voice_engine.ports.call import Language, OpeningHours

HOURS = OpeningHours(open=dt.time(9, 0), close=dt.time(17, 0))
MOMENT = When(date=dt.date(2026, 2, 14), time=dt.time(20, 30))
SAMPLE = {
    "owner": "Ana", "asked": {"category": "restaurant", "party_size": 2}, "recorded": True, "moment": MOMENT,
    "what": {"category": "restaurant", "party_size": 2}, "window": (dt.time(19), dt.time(21)),
    "date": dt.date(2026, 2, 14), "options": (MOMENT, When(time=dt.time(21))), "name": "Ana",
    "phone": "+15551234567",
    "party_size": 4, "time": dt.time(20), "nights": 2, "check_out": dt.date(2026, 2, 16), "room": "double",
    "service": "cleaning", "doctor": "Dr. Patel", "seating": "outside", "birth_date": dt.date(1980, 5, 1),
    "insurance": "Acme", "email": "a@b.c", "note": "A note.", "spelled": "Ana", "confirmation": "12345",
    "call_back": "+15551234567", "question": "whether you open", "answers": ("yes",), "business": "Rizos",
    "greeting": "Hello.", "hours": ((0, 4, HOURS),), "opens": dt.time(9), "closes": dt.time(17),
    "address": "Main 1",
    "services": ("cut", "color"), "passage": "Yes.", "code": "991", "new": MOMENT, "text": "hello",
    "name_or_unknown": None, "phone_or_none": None, "target": "Maria",
    "sender": "Ana", "thing": "a table",
}  # fmt: skip
ALL = [(language, act) for language, acts in TEMPLATES.items() for act in acts]


def test_both_languages_have_the_same_acts() -> None:
    assert TEMPLATES["en"].keys() == TEMPLATES["es"].keys()


@pytest.mark.parametrize(("language", "act"), ALL)
def test_an_act_has_three_different_variants_with_the_same_slots(language: Language, act: str) -> None:
    variants = TEMPLATES[language][act]
    slots = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in variants]

    assert len(set(variants)) >= 3
    assert all(found == slots[0] for found in slots)


@pytest.mark.parametrize(("language", "act"), ALL)
def test_every_variant_renders_without_a_hole(language: Language, act: str) -> None:
    renderer = Renderer(language)

    for variant in range(renderer.count(act)):
        text = renderer.render(act, variant, SAMPLE)
        assert text
        assert not set(text) & set("{}<>[]")
        assert "None" not in text


def test_both_languages_name_the_same_slots() -> None:
    def slots(language: Language, act: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(TEMPLATES[language][act][0]) if name}

    assert {act: slots("en", act) for act in TEMPLATES["en"]} == {act: slots("es", act) for act in TEMPLATES["es"]}


def test_every_opening_discloses_the_ai_in_its_first_sentence() -> None:
    for language, words in (("en", "AI assistant"), ("es", "inteligencia artificial")):
        for act in ("open", "open_question", "voicemail", "who_and_why"):
            for text in TEMPLATES[language][act]:  # type: ignore[index]  # the two languages
                assert words in text.split("{recorded}")[0].split("?")[0]


def test_an_act_is_never_worded_the_same_twice_in_a_row() -> None:
    talk = Talk(outbound_spec())
    talk.hear(Greeting())

    answers = []
    for _ in range(12):
        talk.hear(AreYouRobot())
        answers.append(talk.said.split(" I'd")[0])

    assert all(first != second for first, second in pairwise(answers))


def test_the_same_call_is_worded_the_same_again() -> None:
    def opening(call_id: str) -> str:
        return Talk(outbound_spec(call_id=call_id)).hear(Greeting())

    assert opening("a") == opening("a")
    assert len({opening(call_id) for call_id in "abcdefgh"}) > 1


def test_a_full_stop_after_p_m_is_not_doubled() -> None:
    assert tidy("at eight  p.m.. then") == "At eight p.m. then"
