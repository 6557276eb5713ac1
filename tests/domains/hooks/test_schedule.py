"""How long a message is tried."""

import datetime as dt

import pytest

from tests.fakes.accounts import NOW
from voice_engine.domains.hooks.schedule import GIVE_UP_AFTER, SCHEDULE, is_dead, next_try

DAY = dt.timedelta(days=1)


@pytest.mark.parametrize(("chance", "least", "most"), [(0.0, 3.2 * DAY, 3.4 * DAY), (1.0, 2.6 * DAY, 2.7 * DAY)])
def test_a_message_is_tried_for_about_three_days(chance: float, least: dt.timedelta, most: dt.timedelta) -> None:
    at, tries = NOW, 1
    while (following := next_try(tries, now=at, chance=chance)) is not None:
        assert following > at
        at, tries = following, tries + 1

    assert tries == SCHEDULE.attempts
    assert least < at - NOW < most
    assert at - NOW > GIVE_UP_AFTER


def test_an_endpoint_is_dead_once_nothing_was_taken_for_as_long() -> None:
    assert not is_dead(None, now=NOW)
    assert not is_dead(NOW - GIVE_UP_AFTER + dt.timedelta(seconds=1), now=NOW)
    assert is_dead(NOW - GIVE_UP_AFTER, now=NOW)
