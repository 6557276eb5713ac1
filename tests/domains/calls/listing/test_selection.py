"""Days of the organization's zone, and links to further pages."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_engine.domains.calls.listing.selection import OPEN, STATES, Place, Selection, parse_place
from voice_engine.domains.calls.states import CallState
from voice_engine.errors import InvalidInput

ID = "0f0e0d0c-1111-4222-8333-444455556666"


def test_a_day_is_the_organizations_day() -> None:
    """Madrid's clocks went forward on 29 March 2026: that day has 23 hours."""
    day = dt.date(2026, 3, 29)

    since, until = Selection(since=day, until=day).span(ZoneInfo("Europe/Madrid"))

    assert since == dt.datetime(2026, 3, 28, 23, tzinfo=dt.UTC)
    assert until == dt.datetime(2026, 3, 29, 22, tzinfo=dt.UTC)


def test_every_state_of_a_call_is_open_or_has_a_word() -> None:
    """A state that has none would be a call that no filter ever shows."""
    told = [state for states in STATES.values() for state in states]

    assert sorted([*told, *OPEN]) == sorted(CallState)


@given(st.datetimes(timezones=st.just(dt.UTC)))
def test_a_place_survives_its_link(at: dt.datetime) -> None:
    place = Place(at=at, call_id=ID)

    assert parse_place(str(place)) == place
    assert parse_place(str(Place(number=7))) == Place(number=7)


@given(st.text(max_size=60))
def test_a_broken_link_is_refused_and_nothing_else_happens(text: str) -> None:
    try:
        parse_place(text)
    except InvalidInput as refusal:
        assert refusal.code == "page_invalid"


@pytest.mark.parametrize("text", ["", "n", "dDEuYWJj", "bi0x", "ñ"])
def test_links_of_other_shapes_are_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_place(text)
