"""Conditions of routing rules."""

import datetime as dt
from typing import Any

import pytest

from voice_engine.domains.inbound.conditions import Conditions, Situation, holds, read_conditions, unmet

NOON = dt.datetime(2026, 2, 13, 17, 0, tzinfo=dt.UTC)
"""Friday noon in New York."""


def call(**facts: Any) -> Situation:
    """A call from a known New Yorker, on Friday at noon."""
    stated: dict[str, Any] = {
        "number": "+12125550199",
        "country": "US",
        "is_vip": False,
        "is_known": True,
        "called_number_id": "n1",
        "at": NOON,
        "timezone": "America/New_York",
        **facts,
    }
    return Situation(**stated)


WITHHELD: dict[str, Any] = {"number": None, "country": None, "is_known": False}


@pytest.mark.parametrize(
    ("conditions", "facts", "expected"),
    [
        ({}, {}, True),
        ({}, WITHHELD, True),
        ({"caller_vip": True}, {"is_vip": True}, True),
        ({"caller_vip": True}, {}, False),
        ({"caller_vip": False}, {}, True),
        ({"caller_vip": False}, WITHHELD, True),
        ({"caller_vip": True}, {**WITHHELD, "is_vip": True}, False),
        ({"caller_known": True}, {}, True),
        ({"caller_known": False}, WITHHELD, True),
        ({"caller_anonymous": True}, WITHHELD, True),
        ({"caller_anonymous": True}, {}, False),
        ({"caller_anonymous": False}, {}, True),
        ({"caller_numbers": ["+12125550199"]}, {}, True),
        ({"caller_numbers": ["+12125550198"]}, {}, False),
        ({"caller_numbers": []}, {}, False),
        ({"caller_numbers": ["+12125550199"]}, WITHHELD, False),
        ({"caller_prefixes": ["+44", "+1212"]}, {}, True),
        ({"caller_prefixes": ["+1646"]}, {}, False),
        ({"caller_prefixes": ["+1"]}, WITHHELD, False),
        ({"caller_countries": ["US"]}, {}, True),
        ({"caller_countries": ["CA"]}, {}, False),
        ({"caller_countries": ["US"]}, WITHHELD, False),
        ({"called_number_ids": ["n1"]}, {}, True),
        ({"called_number_ids": ["n2"]}, {}, False),
        ({"days_of_week": [5]}, {}, True),
        ({"days_of_week": [6]}, {}, False),
        ({"min_recent_calls": 3}, {"recent_calls": 3}, True),
        ({"min_recent_calls": 3}, {"recent_calls": 2}, False),
        ({"min_recent_calls": 0}, WITHHELD, False),
        ({"caller_known": True, "days_of_week": [6]}, {}, False),
    ],
)
def test_all_named_conditions_must_hold(conditions: dict[str, Any], facts: dict[str, Any], expected: bool) -> None:
    """Each condition alone, both ways, and withheld numbers against each."""
    assert holds(read_conditions(conditions), call(**facts)) is expected


@pytest.mark.parametrize(
    ("start", "end", "clock", "expected"),
    [
        ("09:00", "17:00", "09:00", True),
        ("09:00", "17:00", "16:59", True),
        ("09:00", "17:00", "17:00", False),
        ("09:00", "17:00", "08:59", False),
        ("22:00", "06:00", "23:30", True),
        ("22:00", "06:00", "00:00", True),
        ("22:00", "06:00", "05:59", True),
        ("22:00", "06:00", "06:00", False),
        ("22:00", "06:00", "21:59", False),
        ("08:00", "08:00", "03:00", True),
    ],
)
def test_a_range_of_the_clock_may_cross_midnight(start: str, end: str, clock: str, expected: bool) -> None:
    """The start belongs to it, the end does not."""
    at = dt.datetime.combine(dt.date(2026, 2, 13), dt.time.fromisoformat(clock), dt.UTC)
    conditions = read_conditions({"time_range": {"start": start, "end": end, "timezone": "UTC"}})

    assert holds(conditions, call(at=at)) is expected


def test_a_range_without_a_zone_is_of_the_account() -> None:
    """Noon in New York is five in the afternoon in UTC."""
    noon = {"start": "11:30", "end": "12:30"}

    assert holds(read_conditions({"time_range": noon}), call())
    assert not holds(read_conditions({"time_range": {**noon, "timezone": "UTC"}}), call())


def test_days_are_those_of_the_ranges_zone() -> None:
    """Friday noon in New York is Saturday in Auckland."""
    whole_day = {"start": "00:00", "end": "00:00", "timezone": "Pacific/Auckland"}

    assert holds(read_conditions({"days_of_week": [6], "time_range": whole_day}), call())


def test_an_unknown_condition_is_never_ignored() -> None:
    """It would match everyone."""
    with pytest.raises(TypeError):
        read_conditions({"caller_mood": "good"})


def test_a_rule_says_which_of_its_conditions_do_not_hold() -> None:
    """By the names that its owner wrote them under."""
    stated = {"caller_vip": True, "caller_known": True, "days_of_week": [6], "caller_countries": ["CA"]}

    assert unmet(read_conditions(stated), call()) == ("caller_vip", "caller_countries", "days_of_week")
    assert unmet(read_conditions({}), call()) == ()


def test_every_condition_is_judged() -> None:
    """A condition without a check would hold for everybody."""
    nobody = {
        "caller_vip": True,
        "caller_known": False,
        "caller_anonymous": True,
        "caller_numbers": [],
        "caller_prefixes": [],
        "caller_countries": [],
        "called_number_ids": [],
        "time_range": {"start": "01:00", "end": "02:00"},
        "days_of_week": [],
        "min_recent_calls": 9,
    }

    assert nobody.keys() == set(Conditions.__slots__)
    assert set(unmet(read_conditions(nobody), call())) == nobody.keys()
