"""What an owner's sentence is taken for: orders by how they begin, values only where they are plainly ordered."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.dialogue.talk import NOW, SATURDAY, SUNDAY
from voice_engine.core.dialogue.language import Context
from voice_engine.core.dialogue.whisper import (
    MAX_CHARS,
    Ask,
    EndCall,
    Heed,
    Instruction,
    Note,
    Request,
    TakeOffer,
    Tell,
    TurnDown,
    Wish,
    kind_of,
    read_whisper,
)
from voice_engine.ports.call import Category, Language

NINE, HALF_PAST_EIGHT = dt.time(21, 0), dt.time(20, 30)
EN: list[tuple[str, Instruction]] = [
    ("End the call.", EndCall()),
    ("please hang up now", EndCall()),
    ("take it", TakeOffer()),
    ("Yes", TakeOffer()),
    ("tell them yes", TakeOffer()),
    ("don't accept that", TurnDown()),
    ("no", TurnDown()),
    ("accept nine o'clock", Wish(time=NINE)),
    ("half past eight is ok", Wish(time=HALF_PAST_EIGHT)),
    ("9 pm", Wish(time=NINE)),
    ("saturday at 8", Wish(date=SATURDAY, time=dt.time(20, 0))),
    ("try Sunday instead", Wish(date=SUNDAY)),
    ("anything after nine works", Wish(earliest=NINE, latest=dt.time(23, 59))),
    ("any time is fine", Wish(any_time=True)),
    ("make it five people", Wish(party_size=5)),
    ("ask if they have parking", Ask(question="if you have parking")),
    ("Do they have parking?", Ask(question="whether you have parking")),
    ("ask for a table by the window", Request(what="a table by the window")),
    ("ask her for her phone number", Request(what="your phone number")),
    ("tell them that we will be ten minutes late", Tell(text="we will be ten minutes late")),
    ("let her know that her dentist is in", Tell(text="your dentist is in")),
    ("we are bringing a baby", Note(text="we are bringing a baby")),
    ("don't tell them our budget", Heed(text="don't tell them our budget")),
    ("be brief", Heed(text="be brief")),
]
ES: list[tuple[str, Instruction]] = [
    ("cuelga", EndCall()),
    ("termina la llamada", EndCall()),
    ("acéptalo", TakeOffer()),
    ("di que sí", TakeOffer()),
    ("no aceptes eso", TurnDown()),
    ("acepta las nueve", Wish(time=NINE)),
    ("a las ocho y media está bien", Wish(time=HALF_PAST_EIGHT)),
    ("prueba el domingo", Wish(date=SUNDAY)),
    ("cualquier hora vale", Wish(any_time=True)),
    ("somos cinco", Wish(party_size=5)),
    ("pregunta si tienen aparcamiento", Ask(question="si tienen aparcamiento")),
    ("¿Tienen aparcamiento?", Ask(question="si tienen aparcamiento")),
    ("pide una mesa junto a la ventana", Request(what="una mesa junto a la ventana")),
    ("diles que llegaremos tarde", Tell(text="llegaremos tarde")),
    ("llevamos un bebé", Note(text="llevamos un bebé")),
    ("no les digas el presupuesto", Heed(text="no les digas el presupuesto")),
    ("sé breve", Heed(text="sé breve")),
]


def context(language: Language) -> Context:
    return Context(language=language, now=NOW, category=Category.RESTAURANT)


@pytest.mark.parametrize(("text", "meant"), EN)
def test_an_english_sentence_is_read_as_what_it_orders(text: str, meant: Instruction) -> None:
    assert read_whisper(text, context("en")) == meant


@pytest.mark.parametrize(("text", "meant"), ES)
def test_a_spanish_sentence_is_read_as_what_it_orders(text: str, meant: Instruction) -> None:
    assert read_whisper(text, context("es")) == meant


@pytest.mark.parametrize(("text", "meant"), [EN[0], EN[7], EN[15]])
def test_the_owner_may_write_in_the_other_language(text: str, meant: Instruction) -> None:
    """The owner of an English app whispers in a call that is held in Spanish."""
    assert read_whisper(text, context("es")) == meant


@pytest.mark.parametrize(
    "text", ["my flight lands at nine", "mi vuelo llega a las nueve", "nine of us have met there"]
)
def test_a_time_in_a_statement_agrees_to_nothing(text: str) -> None:
    assert isinstance(read_whisper(text, context("en")), Note)


@given(st.text(max_size=600), st.sampled_from(["en", "es"]))
def test_any_text_is_read_as_something(text: str, language: Language) -> None:
    """And a note is never longer than what may be whispered."""
    read = read_whisper(text, context(language))

    assert kind_of(read)
    assert not isinstance(read, Note) or len(read.text) <= MAX_CHARS
