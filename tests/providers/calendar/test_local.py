"""The calendar in memory: free slots, bookings once per key, and days on which the clocks change."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_engine.errors import Conflict, NotFound
from voice_engine.ports.calendar import BookingRequest
from voice_engine.ports.call import Assistant, Business, BusySpan, KnownBooking, OpeningHours
from voice_engine.providers.calendar.local import LocalCalendar

ZONE = ZoneInfo("America/New_York")
NINE_TO_TWELVE = OpeningHours(open=dt.time(9), close=dt.time(12))
TUESDAY = dt.datetime(2026, 2, 17, tzinfo=ZONE)


def at(hour: int, minute: int = 0) -> dt.datetime:
    return TUESDAY.replace(hour=hour, minute=minute)


def calendar(**fields: object) -> LocalCalendar:
    stated: dict[str, object] = {"hours": {"tuesday": NINE_TO_TWELVE}, "zone": ZONE}
    return LocalCalendar(**{**stated, **fields})  # type: ignore[arg-type]  # the tests state what they vary


async def starts(local: LocalCalendar, day: dt.datetime = TUESDAY) -> list[str]:
    found = await local.free_slots(day, day + dt.timedelta(days=1))
    return [f"{start:%H:%M}" for start in found]


async def test_slots_fill_the_hours_to_the_last_that_fits() -> None:
    assert await starts(calendar()) == ["09:00", "09:30", "10:00", "10:30", "11:00", "11:30"]


async def test_a_slot_that_would_pass_closing_time_is_none() -> None:
    assert await starts(calendar(slot_minutes=50)) == ["09:00", "09:50", "10:40"]


async def test_busy_time_takes_every_slot_that_it_touches() -> None:
    local = calendar(busy=[BusySpan(start=at(9, 45), end=at(10, 15))])

    assert await starts(local) == ["09:00", "10:30", "11:00", "11:30"]


async def test_a_closed_day_has_none() -> None:
    assert await starts(calendar(), TUESDAY + dt.timedelta(days=1)) == []


async def test_hours_across_midnight_belong_to_the_day_they_began() -> None:
    local = calendar(hours={"tuesday": OpeningHours(open=dt.time(22), close=dt.time(1))}, slot_minutes=60)
    found = await local.free_slots(at(0), at(0) + dt.timedelta(days=2))

    assert [start.isoformat() for start in found] == [
        "2026-02-17T22:00:00-05:00",
        "2026-02-17T23:00:00-05:00",
        "2026-02-18T00:00:00-05:00",
    ]


@pytest.mark.parametrize(("day", "count"), [((2026, 3, 8), 23), ((2026, 11, 1), 25), ((2026, 5, 3), 24)])
async def test_a_day_has_as_many_hours_as_the_clocks_give_it(day: tuple[int, int, int], count: int) -> None:
    whole_day = OpeningHours(open=dt.time(0), close=dt.time(0))
    local = calendar(hours={"sunday": whole_day}, slot_minutes=60)
    first = dt.datetime(*day, tzinfo=ZONE)
    found = await local.free_slots(
        first, dt.datetime.combine(first.date() + dt.timedelta(days=1), dt.time(), ZONE), limit=99
    )

    assert len(found) == count
    assert len({start.astimezone(dt.UTC) for start in found}) == count


async def test_what_was_booked_is_free_no_more() -> None:
    local = calendar()
    booking = await local.book(BookingRequest(key="k", start=at(10), name="Ann"))

    assert (booking.start, booking.end) == (at(10), at(10, 30))
    assert "10:00" not in await starts(local)


async def test_the_same_key_books_once() -> None:
    local = calendar()
    first = await local.book(BookingRequest(key="k", start=at(10)))
    again = await local.book(BookingRequest(key="k", start=at(10)))

    assert again == first
    assert len(await starts(local)) == 5


async def test_another_caller_does_not_get_a_taken_slot() -> None:
    local = calendar()
    await local.book(BookingRequest(key="a", start=at(10)))

    with pytest.raises(Conflict) as caught:
        await local.book(BookingRequest(key="b", start=at(10)))
    assert caught.value.code == "slot_taken"


@pytest.mark.parametrize("start", [at(8), at(12), at(10, 10), at(10) + dt.timedelta(days=1)])
async def test_what_is_no_slot_cannot_be_booked(start: dt.datetime) -> None:
    with pytest.raises(Conflict):
        await calendar().book(BookingRequest(key="k", start=start))


async def test_a_start_in_another_zone_is_the_same_moment() -> None:
    booking = await calendar().book(BookingRequest(key="k", start=at(10).astimezone(dt.UTC)))

    assert booking.start.tzinfo is ZONE


async def test_bookings_are_found_by_name_or_number_and_by_nothing_else() -> None:
    local = calendar()
    later = await local.book(BookingRequest(key="a", start=at(11), name="Susan Miller", phone="+15551234567"))
    sooner = await local.book(BookingRequest(key="b", start=at(9), name="susan miller"))

    assert await local.find_bookings(name="Miller", phone=None) == [sooner, later]
    assert await local.find_bookings(name=None, phone="555 123 4567") == [later]
    assert await local.find_bookings(name=None, phone=None) == []
    assert await local.find_bookings(name="Jones", phone=None) == []


async def test_a_cancelled_slot_is_free_again_and_cancelling_twice_is_no_error() -> None:
    local = calendar()
    booking = await local.book(BookingRequest(key="a", start=at(10)))
    await local.cancel(booking.reference)
    await local.cancel(booking.reference)

    assert "10:00" in await starts(local)


async def test_cancelling_what_never_was_says_so() -> None:
    with pytest.raises(NotFound) as caught:
        await calendar().cancel("000000")
    assert caught.value.code == "booking_not_found"


async def test_a_receptionists_calendar_knows_its_busy_time_and_bookings() -> None:
    assistant = Assistant(
        name="Rizos",
        business=Business(name="Rizos", timezone="America/New_York"),
        hours={"tuesday": NINE_TO_TWELVE},
        busy=(BusySpan(start=at(9), end=at(10)),),
        bookings=(KnownBooking(start=at(11), name="Ann Lee", reference="77"),),
    )
    local = LocalCalendar.of(assistant, busy=[(at(10), at(10, 30))])

    assert await starts(local) == ["10:30", "11:30"]
    assert [booking.reference for booking in await local.find_bookings(name="Ann Lee", phone=None)] == ["77"]


@given(
    st.lists(st.tuples(st.integers(0, 47), st.integers(1, 8)), max_size=5),
    st.integers(10, 90),
)
async def test_no_free_slot_ever_overlaps_busy_time(spans: list[tuple[int, int]], slot_minutes: int) -> None:
    quarter = dt.timedelta(minutes=15)
    busy = [
        BusySpan(start=at(6) + first * quarter, end=at(6) + (first + length) * quarter) for first, length in spans
    ]
    local = calendar(busy=busy, slot_minutes=slot_minutes)

    for start in await local.free_slots(TUESDAY, TUESDAY + dt.timedelta(days=1)):
        end = start + dt.timedelta(minutes=slot_minutes)
        assert at(9) <= start
        assert end <= at(12)
        assert not any(span.start < end and start < span.end for span in busy)
