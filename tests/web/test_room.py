"""Room: what a process says it can hold, and whom it still lets in."""

import pytest

from tests.web.fakes import FakeEngine, call, settings
from voice_engine.domains.calls.media import Capacity
from voice_engine.web.app import Surface


def surface(*, live: int = 0, most: int = 4, spare: int | None = None) -> Surface:
    engine = FakeEngine()
    engine.live_sids = {f"CA{number:032d}" for number in range(live)}
    return Surface(engine, settings(max_calls=most), now=lambda: 0.0, spare=lambda: spare)


@pytest.mark.parametrize(
    ("live", "spare", "free"),
    [(0, None, 4), (3, None, 1), (4, None, 0), (5, None, 0), (1, 2, 2), (1, 9, 3), (2, 0, 0)],
)
def test_a_process_has_as_many_places_as_the_setting_and_the_providers_allow(
    live: int, spare: int | None, free: int
) -> None:
    assert surface(live=live, spare=spare).room.capacity == Capacity(places=live + free, free=free)


def test_streams_on_their_way_have_their_places() -> None:
    web = surface(live=1)
    web.tickets.issue(call())

    with web.room.planning():
        assert web.room.capacity == Capacity(places=4, free=1)


def test_a_process_that_drains_has_only_what_it_holds() -> None:
    web = surface(live=2)
    web.drain.begin()

    assert web.room.capacity == Capacity(places=2, free=0, draining=True)


def test_a_drain_lets_in_what_was_dialled_before_it_began_while_there_is_room() -> None:
    """Whoever picks up was rung by us; the drain waits for them."""
    web, full = surface(live=3), surface(live=4)
    web.drain.begin()
    full.drain.begin()

    assert (web.room.refusal(), web.room.refusal(dialled=True)) == ("draining", None)
    assert full.room.refusal(dialled=True) == "full"
