"""A bare number that is our hour and not our party is the hour."""

import datetime as dt

import pytest

from tests.core.dialogue.talk import EIGHT, SATURDAY, Talk, outbound_spec
from voice_engine.core.dialogue.commands import Confirm, Greeting, Provide


@pytest.fixture
def talk() -> Talk:
    talk = Talk(outbound_spec(party_size=2))
    talk.hear(Greeting())
    return talk


def test_the_hour_we_asked_for_is_agreed_to(talk: Talk) -> None:
    talk.hear(Provide(slot="date", value=SATURDAY), Provide(slot="party_size", value=8))

    assert talk.conversation.state.agreed == {"date": SATURDAY, "time": EIGHT}


def test_so_it_is_in_their_read_back(talk: Talk) -> None:
    talk.hear(Confirm(slots={"date": SATURDAY, "party_size": 8}), text="so eight on Saturday?")

    assert talk.acts == ["that_is_right"]


def test_beside_a_time_it_stays_a_party(talk: Talk) -> None:
    talk.hear(Confirm(slots={"time": dt.time(20, 30), "party_size": 8}), text="so eight people at half past eight?")

    assert talk.conversation.state.agreed.get("time") != EIGHT


def test_our_own_party_stays_a_party() -> None:
    talk = Talk(outbound_spec(party_size=8))
    talk.hear(Greeting())
    talk.hear(Confirm(slots={"party_size": 8, "date": SATURDAY}), text="so eight on Saturday?")

    assert talk.acts == ["that_is_right"]


def test_another_number_is_corrected(talk: Talk) -> None:
    talk.hear(Confirm(slots={"party_size": 5}), text="so five people?")

    assert talk.acts == ["correct"]
