"""How long a silence must be."""

import pytest

from voice_engine.core.turns.endpointing import CallerPace, Ending, ending_of, is_doubtful, required_wait_ms
from voice_engine.core.turns.events import ContextChanged, Expecting
from voice_engine.core.turns.settings import TurnSettings

SETTINGS = TurnSettings()

ENDINGS = [
    ("", "en", None, Ending.ORDINARY),
    ("We have a table at eight.", "en", None, Ending.ORDINARY),
    ("We are closed on Monday", "en", None, Ending.ORDINARY),
    ("We could do eight and", "en", None, Ending.CUED),
    ("The table is for", "en", None, Ending.CUED),
    ("I would like a, um", "en", None, Ending.CUED),
    ("I can do.", "en", None, Ending.CUED),
    ("Let me check.", "en", None, Ending.CUED),
    ("Let me check on that for you", "en", None, Ending.CUED),
    ("How about", "en", None, Ending.CUED),
    ("my number is", "en", None, Ending.CUED),
    ("Yes it is.", "en", None, Ending.ORDINARY),
    ("Yes we do.", "en", None, Ending.ORDINARY),
    ("I'd love to", "en", None, Ending.ORDINARY),
    ("It opens at eleven am", "en", None, Ending.ORDINARY),
    ("What time can we check in?", "en", None, Ending.SETTLED),
    ("You are already logged on.", "en", None, Ending.ORDINARY),
    ("Great, thank you.", "en", None, Ending.SETTLED),
    ("The kitchen closes,", "en", None, Ending.HESITANT),
    ("We have...", "en", None, Ending.HESITANT),
    ("and...", "en", None, Ending.CUED),
    ("it is five five five", "en", None, Ending.CUED),
    ("call 555 010", "en", None, Ending.CUED),
    ("call 555 010 0123", "en", None, Ending.ORDINARY),
    ("call five five five zero one zero zero", "en", None, Ending.ORDINARY),
    ("we are at 305", "en", None, Ending.ORDINARY),
    ("your confirmation number is one two three", "en", None, Ending.CUED),
    ("your confirmation number is one two three four five", "en", None, Ending.ORDINARY),
    ("yes", "en", Expecting.CONFIRM, Ending.SETTLED),
    ("yes,", "en", Expecting.CONFIRM, Ending.HESITANT),
    ("yes", "en", None, Ending.ORDINARY),
    ("Yes, at eight", "en", Expecting.CONFIRM, Ending.ORDINARY),
    ("8:30.", "en", Expecting.TIME, Ending.COMPLETE),
    ("at eight thirty please", "en", Expecting.TIME, Ending.COMPLETE),
    ("half past eight", "en", Expecting.TIME, Ending.COMPLETE),
    ("8 p.m.", "en", Expecting.TIME, Ending.COMPLETE),
    ("eight", "en", Expecting.TIME, Ending.ORDINARY),
    ("at eight thirty", "en", None, Ending.ORDINARY),
    ("four people", "en", Expecting.PARTY_SIZE, Ending.COMPLETE),
    ("four", "en", Expecting.PARTY_SIZE, Ending.ORDINARY),
    ("John Smith.", "en", Expecting.NAME, Ending.COMPLETE),
    ("it's John Smith", "en", Expecting.NAME, Ending.COMPLETE),
    ("John", "en", Expecting.NAME, Ending.ORDINARY),
    ("it's the", "en", Expecting.NAME, Ending.CUED),
    ("five five five zero one two three", "en", Expecting.PHONE, Ending.CUED),
    ("555 010 0123", "en", Expecting.PHONE, Ending.COMPLETE),
    ("double five five zero one zero zero one two three", "en", Expecting.PHONE, Ending.COMPLETE),
    ("I don't have one handy", "en", Expecting.PHONE, Ending.ORDINARY),
    ("one two", "en", Expecting.CODE, Ending.CUED),
    ("one two three four", "en", Expecting.CODE, Ending.ORDINARY),
    ("I need a cleaning-end.", "en", None, Ending.CUED),
    ("Could you tell me?", "en", None, Ending.CUED),
    ("my number is 212-555-555-5555", "en", None, Ending.CUED),
    ("Sorry about that.", "en", None, Ending.ORDINARY),
    ("Mi número es 60.", "es", None, Ending.CUED),
    ("Tengo una pregunta sobre él", "es", None, Ending.CUED),
    ("Necesito una limpieza ahí", "es", None, Ending.CUED),
    ("Sí, está ahí", "es", None, Ending.ORDINARY),
    ("Quiero ir el marteso.", "es", None, Ending.CUED),
    ("¿Me lo puede mandara?", "es", None, Ending.CUED),
    ("Puedo hablar con la", "es", None, Ending.CUED),
    ("Quedamos a la una.", "es", None, Ending.ORDINARY),
    ("Llamo por qué", "es", None, Ending.CUED),
    ("Venimos desde él.", "es", None, Ending.CUED),
    ("Llamo de parte de mí.", "es", None, Ending.CUED),
    ("Es para mí.", "es", None, Ending.ORDINARY),
    ("¿Y por qué?", "es", None, Ending.SETTLED),
    ("¿Qué hay?", "es", None, Ending.SETTLED),
    ("00.", "es", None, Ending.CUED),
    ("five five", "en", None, Ending.CUED),
    ("Please tell her that.", "en", None, Ending.CUED),
    ("I would like that.", "en", None, Ending.ORDINARY),
    ("It hurts, so.", "en", None, Ending.CUED),
    ("I think so.", "en", None, Ending.ORDINARY),
    ("Do you have time before?", "en", None, Ending.CUED),
    ("I have been there before.", "en", None, Ending.ORDINARY),
    ("It is for a check up end.", "en", None, Ending.CUED),
    ("We are at the end.", "en", None, Ending.ORDINARY),
    ("My reference is seven seven", "en", None, Ending.CUED),
    ("I have a booking for two", "en", None, Ending.ORDINARY),
    ("table five two", "en", None, Ending.ORDINARY),
    ("Tenemos mesa a las ocho.", "es", None, Ending.ORDINARY),
    ("Tenemos libre el sábado y", "es", None, Ending.CUED),
    ("Sería para", "es", None, Ending.CUED),
    ("Quedamos a las", "es", None, Ending.CUED),
    ("La mesa es de", "es", None, Ending.CUED),
    ("pues, eh", "es", None, Ending.CUED),
    ("Déjeme ver.", "es", None, Ending.CUED),
    ("Le puedo ofrecer", "es", None, Ending.CUED),
    ("Sí, así es.", "es", None, Ending.ORDINARY),
    ("No, no tengo", "es", None, Ending.ORDINARY),
    ("¿Para cuántas personas?", "es", None, Ending.SETTLED),
    ("sí", "es", Expecting.CONFIRM, Ending.SETTLED),
    ("a las ocho y media", "es", Expecting.TIME, Ending.COMPLETE),
    ("20:30", "es", Expecting.TIME, Ending.COMPLETE),
    ("a las ocho", "es", Expecting.TIME, Ending.ORDINARY),
    ("para cuatro personas", "es", Expecting.PARTY_SIZE, Ending.COMPLETE),
    ("me llamo Juan García", "es", Expecting.NAME, Ending.COMPLETE),
    ("seis uno dos tres", "es", Expecting.PHONE, Ending.CUED),
    ("612 345 678", "es", Expecting.PHONE, Ending.COMPLETE),
]


@pytest.mark.parametrize(("text", "language", "expecting", "ending"), ENDINGS)
def test_a_text_looks_finished_or_not(
    text: str, language: str, expecting: Expecting | None, ending: Ending
) -> None:
    assert ending_of(text, language, expecting) is ending


def wait(text: str, *, extra_ms: float = 0.0, settings: TurnSettings = SETTINGS, **context: bool) -> float:
    changed = ContextChanged(expecting=Expecting.TIME, **context)
    return required_wait_ms(settings, text, language="en", context=changed, extra_ms=extra_ms)


def test_each_ending_has_its_wait() -> None:
    waits = [wait("at 8:30"), wait("who is this?"), wait("we are closed"), wait("we are,"), wait("we are open and")]

    assert waits == [480, 680, 740, 1000, 1700]


def test_the_callers_pace_is_added_where_the_end_is_not_sure() -> None:
    waits = [
        wait(text, extra_ms=150) for text in ("at 8:30", "who is this?", "we are closed", "we are,", "open and")
    ]

    assert waits == [480, 680, 890, 1150, 1850]


def test_a_menu_is_heard_to_its_end() -> None:
    assert wait("press one for reservations or", listening_to_menu=True) == 1000


def test_fixed_turn_taking_ignores_the_words() -> None:
    assert wait("yes and", settings=TurnSettings(endpointing_fixed_ms=200)) == 200


def test_a_caller_who_is_cut_is_waited_for_longer_up_to_a_bound() -> None:
    pace = CallerPace(SETTINGS)

    extras = []
    for _ in range(5):
        pace.turn_was_cut()
        extras.append(pace.extra_ms)

    assert extras == [150, 300, 450, 450, 450]


def test_patience_wears_off_with_whole_turns() -> None:
    pace = CallerPace(SETTINGS, extra_ms=150.0)

    pace.turn_was_whole()
    assert pace.extra_ms == 90.0
    for _ in range(12):
        pace.turn_was_whole()
    assert pace.extra_ms == 0.0


@pytest.mark.parametrize(
    ("text", "ending"),
    [
        ("llamo por ti", Ending.HESITANT),
        ("Llamo por ti.", Ending.ORDINARY),
        ("¿Abren hoy?", Ending.SETTLED),
        ("El domingo...", Ending.HESITANT),
    ],
)
def test_a_recognizer_that_sets_full_stops_is_believed_when_it_sets_none(text: str, ending: Ending) -> None:
    assert ending_of(text, "es", None, punctuates=True) is ending


@pytest.mark.parametrize(
    "text", ["Sure, what name is it under?", "what time is it for", "Who should I put it under?"]
)
def test_a_question_may_end_in_its_preposition(text: str) -> None:
    """The name was asked for: waiting a second and a half for more of it is dead air."""
    assert ending_of(text, "en", None) is not Ending.CUED


def test_a_preposition_without_its_question_goes_on() -> None:
    assert ending_of("what do you have for", "en", None) is Ending.CUED


def doubtful(sureness: float | None, *alternatives: tuple[str, float]) -> bool:
    return is_doubtful(SETTINGS.for_language("es"), "es", sureness, alternatives)


def test_an_end_is_doubted_when_what_it_may_be_trails_off() -> None:
    """ "Para mi hija y" comes out as "para mi hija.": the "y" was the recognizer's second choice."""
    assert doubtful(0.9, ("para mi hija y", 0.03))
    assert doubtful(0.9, ("para mi hija y", 0.011), ("para mi hija o", 0.011))


def test_an_end_is_not_doubted_for_other_whole_words() -> None:
    assert not doubtful(0.6, ("una limpieza mental", 0.3), ("para mi hija y", 0.01))


def test_an_end_is_doubted_when_its_last_word_is_a_guess() -> None:
    assert doubtful(0.3)
    assert not doubtful(0.7)


def test_a_recognizer_that_tells_nothing_is_not_doubted() -> None:
    assert not doubtful(None)


@pytest.mark.parametrize(
    ("text", "expecting", "waits_ms"),
    [
        ("Necesito una limpieza ahí.", None, 1700),
        ("Quisiera una cita para mi hija.", None, 1600),
        ("quisiera una cita para mi hija", None, 1600),
        ("Sí.", Expecting.CONFIRM, 680),
        ("A las 8:30.", Expecting.TIME, 480),
    ],
)
def test_doubt_lengthens_the_wait_where_the_words_decide_nothing(
    text: str, expecting: Expecting | None, waits_ms: float
) -> None:
    """An answer that fits its question is over, however it was mumbled."""
    waited_ms = required_wait_ms(
        SETTINGS.for_language("es"),
        text,
        language="es",
        context=ContextChanged(expecting=expecting),
        extra_ms=0.0,
        punctuates=True,
        doubtful=True,
    )

    assert waited_ms == waits_ms
