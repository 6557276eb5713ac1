"""Acts: what staff, machines and callers do, both languages, and what must not be read into them."""

import datetime as dt

import pytest

from tests.core.dialogue.language.read import commands
from voice_engine.core.dialogue.commands import (
    Answer,
    AskFact,
    AskSlot,
    AskTransfer,
    AskUnknown,
    Booked,
    Confirm,
    Fact,
    LeaveMessage,
    Offer,
    OptOut,
    Provide,
    Refuse,
    Unavailable,
    Unclear,
    WantBooking,
    When,
)
from voice_engine.ports.call import Language


def kinds(text: str, language: Language = "en", **more: object) -> str:
    return " ".join(type(command).__name__ for command in commands(text, language=language, **more))


SATURDAY = dt.date(2026, 2, 14)
EIGHT, HALF_PAST_EIGHT, NINE = dt.time(20), dt.time(20, 30), dt.time(21)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "We are full at eight, I can do eight thirty."),
        ("en", "we're full at eight but I can do eight thirty"),
        ("en", "eight's taken how about eight thirty"),
        ("en", "I don't have anything at eight I do have eight thirty"),
        ("es", "estamos llenos a las ocho, le puedo ofrecer a las ocho y media"),
        ("es", "a las ocho no tenemos nada pero a las ocho y media sí"),
        ("es", "a las ocho no puedo, qué tal a las ocho y media"),
    ],
)
def test_a_counter_offer_is_a_refusal_and_an_offer(language: Language, text: str) -> None:
    refused, offered = commands(text, language=language)

    assert isinstance(refused, Unavailable) and [when.time for when in refused.times] == [EIGHT]
    assert isinstance(offered, Offer) and [when.time for when in offered.options] == [HALF_PAST_EIGHT]


def test_several_moments_are_one_offer_in_spoken_order() -> None:
    (offer,) = commands("On Saturday I could do eight or nine or Sunday at eight thirty")

    assert offer == Offer(
        options=(
            When(date=SATURDAY, time=EIGHT),
            When(date=SATURDAY, time=NINE),
            When(date=dt.date(2026, 2, 15), time=HALF_PAST_EIGHT),
        )
    )


def test_a_range_is_one_option_with_its_end() -> None:
    (offer,) = commands("we have anything between eight and nine")

    assert offer == Offer(options=(When(time=EIGHT, until=NINE),))


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "we're fully booked that night"),
        ("en", "we have nothing available on Saturday"),
        ("en", "we are closed on the fourteenth"),
        ("es", "estamos completos el sábado"),
        ("es", "no tenemos mesas para esa noche"),
        ("es", "ese día está todo lleno"),
    ],
)
def test_a_full_day_is_told_from_a_full_hour(language: Language, text: str) -> None:
    (refused,) = commands(text, language=language)

    assert isinstance(refused, Unavailable) and refused.whole_day


@pytest.mark.parametrize(
    ("language", "text"), [("en", "nothing before nine"), ("es", "no tengo nada antes de las nueve")]
)
def test_nothing_before_is_an_offer_of_that_time(language: Language, text: str) -> None:
    assert commands(text, language=language) == (Unavailable(), Offer(options=(When(time=NINE),)))


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "for four people on the fourteenth at eight, is that right?"),
        ("en", "so that's a table for four on Saturday at eight correct?"),
        ("en", "Saturday at eight for four?"),
        ("es", "para cuatro personas el catorce a las ocho, ¿es correcto?"),
        ("es", "entonces una mesa para cuatro el sábado a las ocho"),
    ],
)
def test_a_read_back_carries_what_was_said(language: Language, text: str) -> None:
    confirm = next(c for c in commands(text, language=language) if isinstance(c, Confirm))

    assert confirm.slots == {"date": SATURDAY, "time": EIGHT, "party_size": 4}


@pytest.mark.parametrize(
    ("language", "text", "code"),
    [
        ("en", "Great, you are all set. Your confirmation number is one two three four five.", "12345"),
        ("en", "your confirmation number is A as in alpha 7 double five", "A755"),
        ("en", "the reference is X dash Y dash 4 2", "XY42"),
        ("en", "you're booked", None),
        ("en", "I've put you down for eight thirty", None),
        ("en", "see you on Saturday", None),
        ("es", "su código de reserva es a be tres cuatro cinco", "AB345"),
        ("es", "queda reservado", None),
        ("es", "le esperamos el sábado", None),
    ],
)
def test_a_booking_is_heard_with_its_code(language: Language, text: str, code: str | None) -> None:
    booked = [c for c in commands(text, language=language) if isinstance(c, Booked)]

    assert booked == [Booked(code=code)]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "we're booked solid"),
        ("en", "eight is already booked"),
        ("en", "do you want me to book it"),
        ("en", "before I can get you booked I need a name"),
        ("en", "you're not confirmed yet"),
        ("es", "está todo reservado"),
        ("es", "quiere que lo deje reservado"),
        ("es", "para dejarlo confirmado necesito un nombre"),
    ],
)
def test_talk_of_booking_is_not_a_booking(language: Language, text: str) -> None:
    assert "Booked" not in kinds(text, language)


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "call back after five", "after five"),
        ("en", "please try again tomorrow after ten", "tomorrow after ten"),
        ("es", "llame después de las cinco", "después de las cinco"),
        ("es", "llame mañana a partir de las diez", "mañana a partir de las diez"),
    ],
)
def test_a_call_back_is_a_refusal_in_their_words(language: Language, text: str, expected: str) -> None:
    assert commands(text, language=language) == (Refuse(reason="call_back", callback=expected),)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "don't call again"),
        ("en", "please take me off your list"),
        ("en", "stop calling me"),
        ("en", "remove this number from your database"),
        ("es", "no vuelva a llamar"),
        ("es", "no me llamen más"),
        ("es", "bórreme de su lista"),
        ("es", "deje de llamar"),
    ],
)
def test_an_opt_out_keeps_the_quote(language: Language, text: str) -> None:
    assert commands(text, language=language) == (OptOut(quote=text),)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "don't call before nine"),
        ("en", "don't hang up"),
        ("en", "I don't have you on the list"),
        ("es", "no llame antes de las nueve"),
        ("es", "no cuelgue"),
    ],
)
def test_near_misses_are_no_opt_out(language: Language, text: str) -> None:
    assert "OptOut" not in kinds(text, language)


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "is this a robot", "AreYouRobot"),
        ("en", "am I talking to a machine?", "AreYouRobot"),
        ("es", "¿es una máquina?", "AreYouRobot"),
        ("es", "es usted una persona", "AreYouRobot"),
        ("en", "I don't want to be recorded", "DeclineRecording"),
        ("es", "no quiero que me graben", "DeclineRecording"),
        ("en", "this call may be recorded", "Unclear"),
        ("en", "you have the wrong number", "WrongNumber"),
        ("es", "se equivocó de número", "WrongNumber"),
        ("en", "one moment please", "Hold"),
        ("en", "let me check the book", "Hold"),
        ("es", "un momentito", "Hold"),
        ("es", "no cuelgue por favor", "Hold"),
        ("en", "who's calling please", "WhoIsCalling"),
        ("es", "de parte de quién", "WhoIsCalling"),
        ("en", "please state your name and reason for calling", "Screening"),
        ("en", "if you record your name and reason for calling I'll see if this person is available", "Screening"),
        ("es", "diga su nombre y el motivo de su llamada", "Screening"),
        ("en", "you've reached John leave a message after the beep", "VoicemailGreeting"),
        ("es", "deje su mensaje después de la señal", "VoicemailGreeting"),
        ("en", "sorry I didn't catch that", "Repeat"),
        ("es", "¿cómo dice?", "Repeat"),
        ("en", "can you spell that", "Spell"),
        ("es", "me lo puede deletrear", "Spell"),
        ("en", "Thanks for calling Nobu, how can I help?", "Greeting"),
        ("es", "restaurante el olivo buenas noches", "Greeting"),
        ("es", "sí, dígame", "Greeting"),
        ("en", "thanks so much", "Thanks"),
        ("en", "bye bye", "Goodbye"),
        ("es", "que tenga buen día", "Goodbye"),
        ("en", "yes that's correct", "Yes"),
        ("en", "no problem", "Yes"),
        ("es", "claro que sí", "Yes"),
        ("en", "no that's not right", "No"),
        ("es", "no es correcto", "No"),
        ("en", "you'll have to book online", "Refuse"),
        ("es", "no hacemos reservas por teléfono", "Refuse"),
        ("en", "we open at five", "Unclear"),
        ("es", "la cocina cierra a las once", "Unclear"),
    ],
)
def test_standing_acts(language: Language, text: str, expected: str) -> None:
    assert kinds(text, language) == expected


@pytest.mark.parametrize(
    ("language", "text", "slot"),
    [
        ("en", "for how many?", "party_size"),
        ("en", "what time would you like", "time"),
        ("en", "what day", "date"),
        ("en", "what name should I put it under", "name"),
        ("en", "and a phone number please", "phone"),
        ("en", "how many nights will you be staying", "nights"),
        ("en", "when are you checking out", "check_out"),
        ("en", "king or two queens", "room"),
        ("en", "what's the reason for the visit", "service"),
        ("en", "which doctor would you like to see", "doctor"),
        ("en", "inside or outside", "seating"),
        ("en", "what's the date of birth", "birth_date"),
        ("en", "can I get an email", "email"),
        ("en", "do you have insurance", "insurance"),
        ("es", "¿para cuántas personas?", "party_size"),
        ("es", "a qué hora", "time"),
        ("es", "para qué día", "date"),
        ("es", "a nombre de quién", "name"),
        ("es", "me da un teléfono de contacto", "phone"),
        ("es", "cuántas noches", "nights"),
        ("es", "cama doble o dos camas", "room"),
        ("es", "cuál es el motivo de la consulta", "service"),
        ("es", "con qué doctor", "doctor"),
        ("es", "terraza o interior", "seating"),
        ("es", "fecha de nacimiento", "birth_date"),
        ("es", "tiene seguro médico", "insurance"),
    ],
)
def test_questions_for_slots(language: Language, text: str, slot: str) -> None:
    assert [c.slot for c in commands(text, language=language) if isinstance(c, AskSlot)] == [slot]


@pytest.mark.parametrize(
    ("language", "text", "topic"),
    [
        ("en", "I'll need a credit card to hold the table", "card"),
        ("en", "do you have any allergies", "allergy"),
        ("en", "are you a new patient", "new_or_existing"),
        ("en", "is it a special occasion", "occasion"),
        ("es", "necesito una tarjeta para garantizar la reserva", "card"),
        ("es", "tiene alguna alergia", "allergy"),
    ],
)
def test_what_slots_cannot_answer_is_asked_by_topic(language: Language, text: str, topic: str) -> None:
    assert commands(text, language=language) == (AskUnknown(topic=topic),)


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "hi I'd like to book a cleaning for next tuesday at three", "WantBooking Provide Provide"),
        ("en", "I need to reschedule my appointment", "WantReschedule"),
        ("en", "I need to cancel my appointment", "WantCancel"),
        ("es", "quería pedir cita para una limpieza el martes a las tres", "WantBooking Provide Provide"),
        ("es", "necesito cambiar mi cita", "WantReschedule"),
        ("es", "quiero cancelar la cita", "WantCancel"),
        ("en", "what's a good day", "AskFact"),
        ("en", "please hold on", "Unclear"),
    ],
)
def test_what_inbound_callers_want(language: Language, text: str, expected: str) -> None:
    assert kinds(text, language, category="receptionist") == expected


def test_an_inbound_booking_names_its_service() -> None:
    assert WantBooking(service="cleaning") in commands("I'd like to book a cleaning", category="receptionist")


@pytest.mark.parametrize(
    ("language", "text", "fact"),
    [
        ("en", "what are your hours", "hours"),
        ("en", "where are you located", "location"),
        ("en", "how much is a cleaning", "price"),
        ("en", "is there parking", "parking"),
        ("en", "do you take delta dental", "insurance"),
        ("en", "what's your cancellation policy", "cancellation"),
        ("en", "do you do teeth whitening", "services"),
        ("en", "do you have vegan options", "menu"),
        ("es", "qué horario tienen", "hours"),
        ("es", "dónde están ubicados", "location"),
        ("es", "cuánto cuesta una limpieza", "price"),
        ("es", "aceptan seguro", "insurance"),
    ],
)
def test_facts_are_asked_with_the_callers_wording(language: Language, text: str, fact: Fact) -> None:
    assert commands(text, language=language, category="receptionist") == (AskFact(fact=fact, query=text),)


@pytest.mark.parametrize(
    ("language", "text", "target"),
    [
        ("en", "can I speak to a human", None),
        ("en", "put me through to billing", "billing"),
        ("en", "can I talk to Dr. Smith please", "Dr. Smith"),
        ("es", "quiero hablar con una persona", None),
        ("es", "páseme con facturación", "facturación"),
    ],
)
def test_a_transfer_names_its_target(language: Language, text: str, target: str | None) -> None:
    assert commands(text, language=language, category="receptionist") == (AskTransfer(target=target),)


def test_a_message_may_come_with_its_text() -> None:
    assert commands("can you tell him that I'll be late", category="receptionist") == (
        LeaveMessage(text="I'll be late"),
    )


def test_inbound_moments_are_provided_not_offered() -> None:
    given = commands("how about Friday at three", category="receptionist")

    assert given == (Provide(slot="date", value=dt.date(2026, 2, 20)), Provide(slot="time", value=dt.time(15)))


def test_a_free_answer_to_a_question_is_kept_as_said() -> None:
    text = "It starts at ten and costs twenty dollars"

    assert Answer(text=text) in commands(text, category="general", expecting="question")


def test_a_slot_without_grammar_takes_the_words() -> None:
    assert commands("a king please", category="hotel", asked="room") == (
        Provide(slot="room", value="a king please"),
    )


def test_nothing_understood_is_unclear_with_the_words() -> None:
    assert commands("blue bananas") == (Unclear(text="blue bananas"),)


@pytest.mark.parametrize(
    ("language", "text", "more", "expected"),
    [
        ("es", "Sí, por favor, resérvelo", {"category": "receptionist", "expecting": "confirm"}, "Yes"),
        ("es", "es el 612 345 678", {"expecting": "phone"}, "Provide"),
        ("en", "all booked for you", {}, "Booked"),
        ("en", "we're all booked", {}, "Unavailable"),
        ("en", "okay and her date of birth", {"category": "clinic"}, "AskSlot Yes"),
        ("en", "put me down for eleven", {}, "Unclear"),
        ("en", "put me down for eleven", {"expecting": "party_size"}, "Provide"),
    ],
)
def test_what_is_expected_and_what_follows_decide_the_act(
    language: Language, text: str, more: dict[str, str], expected: str
) -> None:
    assert kinds(text, language, **more) == expected


@pytest.mark.parametrize(
    ("language", "text"), [("en", "can you come in half an hour"), ("es", "puede venir en media hora")]
)
def test_a_wait_in_an_offer_counts_from_now(language: Language, text: str) -> None:
    assert commands(text, language=language) == (Offer(options=(When(time=dt.time(10, 30)),)),)


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "fine, any allergies I should know about", "AskUnknown Yes"),
        ("en", "thanks, last name and a number please", "AskSlot AskSlot"),
        ("en", "which location would you like", "AskUnknown"),
        ("en", "seriously, you're not a real person?", "AreYouRobot"),
        ("es", "bien, alguna alergia que deba saber", "AskUnknown"),
        ("es", "gracias, el apellido y un teléfono, por favor", "AskSlot AskSlot"),
        ("es", "¿en cuál de nuestros locales?", "AskUnknown"),
    ],
)
def test_questions_are_heard_without_a_question_mark_and_in_pairs(
    language: Language, text: str, expected: str
) -> None:
    assert kinds(text, language) == expected


@pytest.mark.parametrize(
    ("language", "text", "kept"),
    [
        ("en", "could you tell Steve I'm running late", "Steve"),
        ("en", "let Maria know that we are outside", "Maria"),
        ("es", "dígale a Esteban que llego tarde", "Esteban"),
        ("es", "dile a Marta que llego tarde", "Marta"),
    ],
)
def test_a_message_for_somebody_names_them(language: Language, text: str, kept: str) -> None:
    said = commands(text, language=language, category="receptionist")
    texts = [command.text or "" for command in said if isinstance(command, LeaveMessage)]

    assert len(texts) == 1
    assert kept in texts[0]


def test_what_somebody_is_doing_is_no_name() -> None:
    said = commands("I'm running late", category="receptionist")

    assert not any(isinstance(command, Provide) for command in said)
