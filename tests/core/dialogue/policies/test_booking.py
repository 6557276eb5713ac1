"""Negotiating and confirming a booking, by the example of a table."""

import datetime as dt

import pytest

from tests.core.dialogue.talk import EIGHT, EIGHT_THIRTY, NINE, SATURDAY, SUNDAY, Talk, outbound_spec
from voice_engine.core.dialogue.commands import (
    AskSlot,
    AskUnknown,
    Booked,
    Confirm,
    Goodbye,
    Greeting,
    HungUp,
    No,
    Offer,
    Provide,
    Silence,
    Thanks,
    Unavailable,
    When,
    Yes,
)
from voice_engine.core.dialogue.state import Asked, Phase
from voice_engine.ports.call import Outcome, Status, TaskOutcome

HALF_PAST = Offer(options=(When(time=EIGHT_THIRTY),))


@pytest.fixture
def talk() -> Talk:
    talk = Talk(outbound_spec())
    talk.hear(Greeting())
    return talk


def outcome(talk: Talk) -> Outcome:
    return talk.conversation.outcome()


def test_a_yes_is_read_back_and_only_the_yes_to_that_is_a_booking(talk: Talk) -> None:
    talk.hear(Yes())
    first = outcome(talk).task_outcome
    talk.hear(Yes())

    assert first is not TaskOutcome.ACHIEVED
    assert outcome(talk).task_outcome is TaskOutcome.ACHIEVED


def test_the_read_back_holds_everything(talk: Talk) -> None:
    said = talk.hear(Yes())

    for word in ("four", "Saturday", "fourteenth", "eight", "John Smith"):
        assert word in said


def test_an_offer_inside_the_window_is_taken(talk: Talk) -> None:
    said = talk.hear(Unavailable(times=(When(time=EIGHT),)), HALF_PAST)

    assert "ight thirty" in said
    assert talk.acts == ["accept"]


def test_the_booking_is_what_was_agreed_and_not_what_was_asked_for(talk: Talk) -> None:
    talk.hear(HALF_PAST)
    talk.hear(Booked(code="12345"))

    agreed = outcome(talk).agreed
    assert agreed is not None
    assert (agreed["date"], agreed["time"], agreed["party_size"]) == ("2026-02-14", "20:30", 4)
    assert outcome(talk).confirmation == "12345"


def test_evidence_points_at_the_utterance_that_offered(talk: Talk) -> None:
    talk.hear(HALF_PAST)  # turn 2, from 2000 to 2800 ms
    talk.hear(Booked(code="12345"))

    evidence = outcome(talk).evidence
    assert (evidence["time"].turn, evidence["time"].start_ms, evidence["time"].end_ms) == (2, 2000, 2800)
    assert evidence["confirmation"].turn == 4


def test_an_offer_outside_is_countered_with_the_window(talk: Talk) -> None:
    said = talk.hear(Offer(options=(When(time=dt.time(17, 30)),)))

    assert "seven" in said
    assert "nine" in said


def test_after_two_counters_it_thanks_and_reports_the_offers(talk: Talk) -> None:
    for hour in (17, 22, 23):
        talk.hear(Offer(options=(When(time=dt.time(hour, 0)),)))

    assert talk.hung_up
    assert outcome(talk).task_outcome is TaskOutcome.DECLINED
    assert outcome(talk).status is Status.SUCCESS
    assert any("5:00 PM" in line and "10:00 PM" in line for line in outcome(talk).highlights)
    assert outcome(talk).agreed is None


def test_a_full_day_is_not_argued_with(talk: Talk) -> None:
    talk.hear(Unavailable(whole_day=True))

    assert talk.hung_up
    assert any("Fully booked" in line for line in outcome(talk).highlights)


def test_the_owners_next_date_is_tried() -> None:
    talk = Talk(outbound_spec(additional_instructions=("Sunday the 15th is fine too.",)))
    talk.hear(Greeting())
    said = talk.hear(Unavailable(whole_day=True))
    talk.hear(Yes())
    talk.hear(Yes())

    assert "Sunday" in said
    agreed = outcome(talk).agreed
    assert agreed is not None
    assert agreed["date"] == SUNDAY.isoformat()


def test_an_exact_wish_is_never_moved() -> None:
    talk = Talk(outbound_spec(time_preference_text=None))
    talk.hear(Greeting())
    talk.hear(HALF_PAST)
    talk.hear(Booked())

    assert outcome(talk).task_outcome is not TaskOutcome.ACHIEVED


def test_two_times_in_a_row_are_asked_about(talk: Talk) -> None:
    talk.hear(HALF_PAST)
    said = talk.hear(Provide(slot="time", value=NINE))

    assert talk.acts == ["clarify"]
    assert "eight thirty" in said
    assert "nine" in said


def test_the_answer_to_this_or_that_decides(talk: Talk) -> None:
    talk.hear(HALF_PAST)
    talk.hear(Provide(slot="time", value=NINE))
    talk.hear(Provide(slot="time", value=NINE))
    talk.hear(Booked())

    agreed = outcome(talk).agreed
    assert agreed is not None
    assert agreed["time"] == "21:00"


def test_a_contradicted_read_back_takes_the_correction_and_reads_back_anew(talk: Talk) -> None:
    talk.hear(Yes())
    said = talk.hear(No(), Provide(slot="time", value=NINE))

    assert talk.acts == ["read_back"]
    assert "nine" in said


def test_a_plain_no_to_the_read_back_asks_what_is_wrong(talk: Talk) -> None:
    talk.hear(Yes())
    talk.hear(No())

    assert talk.acts == ["what_to_correct"]
    assert talk.conversation.state.asked is Asked.CORRECTION


def test_a_yes_to_a_read_back_that_was_cut_off_confirms_nothing(talk: Talk) -> None:
    said = talk.hear(Yes())
    talk.conversation.on_spoken(said, "Great. So", True)
    talk.hear(Yes())

    assert talk.acts == ["read_back"]
    assert outcome(talk).task_outcome is not TaskOutcome.ACHIEVED


def test_that_is_correct_to_all_that_stands_is_not_read_back_again(talk: Talk) -> None:
    talk.hear(HALF_PAST)
    talk.hear(Yes(), text="Yes, that is correct.")

    assert "read_back" not in talk.acts
    assert outcome(talk).task_outcome is TaskOutcome.ACHIEVED


def test_a_mere_yes_to_all_that_stands_is_read_back(talk: Talk) -> None:
    talk.hear(HALF_PAST)
    talk.hear(Yes(), text="Yes.")

    assert talk.acts == ["read_back"]


def test_correct_with_other_values_is_no_booking(talk: Talk) -> None:
    talk.hear(HALF_PAST)
    talk.hear(Confirm(slots={"party_size": 9}), text="Correct, for nine people.")

    assert talk.acts == ["correct"]
    assert outcome(talk).task_outcome is not TaskOutcome.ACHIEVED


def test_that_is_correct_is_read_back_where_they_did_not_hear_what_stands(talk: Talk) -> None:
    said = talk.hear(HALF_PAST)
    talk.conversation.on_spoken(said, said[:5], True)
    talk.hear(Yes(), text="Yes, that is correct.")

    assert talk.acts == ["read_back"]
    assert outcome(talk).task_outcome is not TaskOutcome.ACHIEVED


def test_their_read_back_is_confirmed_and_counts(talk: Talk) -> None:
    talk.hear(Confirm(slots={"party_size": 4, "time": EIGHT, "date": SATURDAY}), text="four on Saturday at eight?")
    assert talk.acts == ["that_is_right"]
    talk.hear(Yes())

    assert outcome(talk).task_outcome is TaskOutcome.ACHIEVED


def test_a_wrong_party_in_their_read_back_is_corrected(talk: Talk) -> None:
    said = talk.hear(Confirm(slots={"party_size": 9, "time": EIGHT}))

    assert talk.acts == ["correct"]
    assert "four" in said


def test_a_time_that_they_booked_on_their_own_is_taken_only_inside_the_window(talk: Talk) -> None:
    talk.hear(Booked(), Confirm(slots={"time": dt.time(22, 30)}))

    assert outcome(talk).task_outcome is not TaskOutcome.ACHIEVED
    assert talk.acts == ["counter"]


def test_booked_without_any_known_time_asks_for_it(talk: Talk) -> None:
    talk.hear(Unavailable(times=(When(time=EIGHT),)))
    talk.hear(Booked())

    assert talk.acts == ["ask_time_booked"]
    assert outcome(talk).task_outcome is not TaskOutcome.ACHIEVED


def test_an_offer_of_a_day_is_asked_for_its_time(talk: Talk) -> None:
    talk.hear(Offer(options=(When(date=SATURDAY),)))
    assert talk.acts == ["ask_time_on"]
    talk.hear(Provide(slot="time", value=NINE))

    assert talk.conversation.state.agreed == {"date": SATURDAY, "time": NINE}


def test_several_details_are_answered_at_once(talk: Talk) -> None:
    talk.hear(AskSlot(slot="name"), AskSlot(slot="party_size"), AskSlot(slot="time"))

    assert talk.acts == ["give_name", "give_party_size", "give_time"]


def test_a_phone_number_that_was_not_given_is_not_invented(talk: Talk) -> None:
    said = talk.hear(AskSlot(slot="phone"))

    assert not any(char.isdigit() for char in said)
    assert talk.acts == ["unknown_slot"]


def test_a_card_is_never_given_and_a_no_to_that_ends_the_call(talk: Talk) -> None:
    talk.hear(AskUnknown(topic="card"))
    first = list(talk.acts)
    talk.hear(No(), text="No, we need a card")

    assert first == ["unknown_payment"]
    assert talk.hung_up
    assert outcome(talk).task_outcome is TaskOutcome.DECLINED
    assert any("card" in line for line in outcome(talk).highlights)


def test_without_it_is_fine_goes_on(talk: Talk) -> None:
    talk.hear(Yes(), AskUnknown(topic="card"))
    talk.hear(Yes())

    assert talk.acts == ["read_back"]


def test_an_allergy_is_told_only_from_the_owners_words() -> None:
    known = Talk(outbound_spec(additional_instructions=("One guest has a nut allergy.",)))
    unknown = Talk(outbound_spec())
    for talk in (known, unknown):
        talk.hear(Greeting())

    assert "nut allergy" in known.hear(AskUnknown(topic="allergy"))
    assert "allergy" not in unknown.hear(AskUnknown(topic="allergy"))


def test_a_place_on_the_waiting_list_is_taken_and_reported(talk: Talk) -> None:
    talk.hear(AskUnknown(topic="wait_list"), text="Shall I put you on the waiting list?")
    talk.event(HungUp())

    assert any("aiting list" in line for line in outcome(talk).highlights)


def test_after_the_last_word_it_waits_for_their_goodbye(talk: Talk) -> None:
    talk.hear(Booked())
    assert not talk.hung_up
    talk.hear(Thanks(), Goodbye())

    assert talk.hung_up


def test_a_silence_after_the_last_word_is_a_goodbye(talk: Talk) -> None:
    talk.hear(Booked())
    talk.event(Silence(silent_ms=3000, count=1))

    assert talk.hung_up
    assert talk.conversation.state.phase is Phase.ENDED


def test_a_hang_up_after_the_booking_is_a_completed_call(talk: Talk) -> None:
    talk.hear(Booked(code="991"))
    talk.event(HungUp())

    assert outcome(talk).disposition.value == "completed"


def test_a_hang_up_after_an_unconfirmed_yes_is_not_a_booking(talk: Talk) -> None:
    talk.hear(Yes())
    talk.event(HungUp())

    assert outcome(talk).status is Status.FAILED
    assert outcome(talk).agreed is None
    assert any("not confirmed" in line for line in outcome(talk).highlights)


def test_a_bare_weekday_means_the_one_asked_for() -> None:
    next_week = Talk(outbound_spec(appointment_date=dt.date(2026, 2, 21)))
    next_week.hear(Greeting())
    coming = Confirm(slots={"date": SATURDAY, "time": EIGHT})
    next_week.hear(coming, text="Saturday at eight, right?")

    assert next_week.acts == ["that_is_right"]


def test_a_named_day_is_not_bent_to_the_one_asked_for() -> None:
    next_week = Talk(outbound_spec(appointment_date=dt.date(2026, 2, 21)))
    next_week.hear(Greeting())
    next_week.hear(Confirm(slots={"date": SATURDAY, "time": EIGHT}), text="February 14th at eight, right?")

    assert next_week.acts != ["that_is_right"]


def test_a_time_that_was_refused_in_the_same_breath_is_not_taken(talk: Talk) -> None:
    """ "Full at eight, I can do eight, thirty": half of it was misheard, so the time is asked for."""
    talk.hear(Unavailable(times=(When(time=EIGHT),)), Offer(options=(When(time=EIGHT),)))

    assert talk.acts == ["ask_time"]
    assert talk.conversation.state.agreed == {}


def test_see_you_then_is_a_booking_of_what_stands(talk: Talk) -> None:
    talk.hear(HALF_PAST)
    talk.hear(Confirm(slots={"date": SATURDAY}), text="perfect, we'll see you on Saturday")

    assert outcome(talk).task_outcome is TaskOutcome.ACHIEVED


def test_a_goodbye_after_a_refusal_ends_the_matter(talk: Talk) -> None:
    talk.hear(Unavailable())
    talk.hear(Yes(), Goodbye())

    assert talk.hung_up
    assert outcome(talk).task_outcome is TaskOutcome.DECLINED


def test_a_refusal_of_both_counters_is_an_answer_even_if_they_hang_up(talk: Talk) -> None:
    talk.hear(Offer(options=(When(time=dt.time(17, 0)),)))
    talk.hear(No())
    talk.event(HungUp())

    assert outcome(talk).task_outcome is TaskOutcome.DECLINED


def test_another_day_is_countered_with_the_day(talk: Talk) -> None:
    said = talk.hear(
        Offer(options=(When(date=dt.date(2026, 2, 19), time=EIGHT),)), text="Thursday the 19th at eight"
    )

    assert "Saturday" in said


def test_on_the_waiting_list_nothing_is_booked_any_more(talk: Talk) -> None:
    talk.hear(Unavailable(whole_day=True), text="full, but I can put you on the waiting list")
    assert talk.acts == ["wait_list"]
    talk.hear(Booked(), text="okay, done")
    talk.event(HungUp())

    assert outcome(talk).task_outcome is TaskOutcome.DECLINED
    assert outcome(talk).agreed is None
