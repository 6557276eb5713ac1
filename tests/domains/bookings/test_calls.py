"""What callers book, whichever process holds their calls: sold once, freed by phone, never forgotten."""

import asyncio
import dataclasses
import datetime as dt
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from tests.fakes.answering import AUTHOR, HOURS, BusinessRig, open_business_line
from tests.fakes.bookings import Desk, open_desk
from tests.fakes.inbound import OWNER, new_sid, report
from tests.fakes.jobs import InlineAttempt
from voice_engine.domains.bookings.calls import MOST_UPCOMING, Books
from voice_engine.domains.bookings.models import Booking, BookingState
from voice_engine.domains.calls.models import Call
from voice_engine.domains.inbound.decisions import Converse
from voice_engine.domains.inbound.forgetting import Forgetting, Victims
from voice_engine.domains.privacy.files import CallFiles
from voice_engine.domains.privacy.retention import Retention
from voice_engine.errors import Conflict, UpstreamFailed
from voice_engine.ports.calendar import BookingRequest
from voice_engine.ports.call import CallSpec, TaskOutcome
from voice_engine.store.engine import Store, open_store
from voice_engine.store.rows import new_id
from voice_engine.store.uow import UnitOfWork

pytestmark = pytest.mark.store

ZONE = ZoneInfo("America/New_York")
MONDAY_TEN = dt.datetime(2026, 2, 16, 10, tzinfo=ZONE)
HALF_HOUR = dt.timedelta(minutes=30)
WISH = "I'd like to book an appointment on Monday at ten in the morning"


@pytest.fixture
async def rig(store: Store, tmp_path: Path) -> BusinessRig:
    """A business that is open on weekdays."""
    rig = await open_business_line(store, tmp_path)
    async with rig.store.begin(rig.account.organization_id) as work:
        await rig.settings.set_hours(work, HOURS, None, author=AUTHOR)
    return rig


@pytest.fixture
async def desks(rig: BusinessRig) -> AsyncIterator[list[Desk]]:
    """Two processes that hold calls, each with connections of its own."""
    async with AsyncExitStack() as stack:
        stores = [rig.store, open_store(rig.store.url.render_as_string(hide_password=False))]
        stack.push_async_callback(stores[1].aclose)
        yield [await stack.enter_async_context(open_desk(store, now=rig.calls.now)) for store in stores]


async def ring(rig: BusinessRig) -> CallSpec:
    """Somebody calls now; what the engine is told."""
    sid = new_sid()
    decision = await rig.ring(sid=sid)
    assert isinstance(decision, Converse)
    call = (await rig.record(sid)).call
    assert await rig.calls.lifecycle.answered(call.id, sid, rig.calls.now, owner=OWNER)
    assert decision.spec.call_id == call.id
    return decision.spec


async def end(rig: BusinessRig, spec: CallSpec, **outcome: Any) -> None:
    assert await rig.calls.lifecycle.finish(spec.call_id, report(spec.call_id, **outcome), None)


async def is_free(desk: Desk, spec: CallSpec, start: dt.datetime = MONDAY_TEN) -> bool:
    return start in await desk.calendar(spec).free_slots(start, start + HALF_HOUR)


async def rows(rig: BusinessRig) -> list[Booking]:
    async with rig.store.read(rig.account.organization_id) as work:
        return list(await work.session.scalars(sa.select(Booking).order_by(Booking.booked_at, Booking.state)))


async def test_of_two_callers_at_once_one_gets_the_time_and_the_other_is_offered_others(
    rig: BusinessRig, desks: list[Desk]
) -> None:
    """Both calls began before anything was booked, in two processes; both heard that ten is free."""
    talks = [desk.talk(spec) for desk, spec in zip(desks, [await ring(rig), await ring(rig)], strict=True)]
    for talk, name, number in zip(talks, ("Ann Lee", "Bob Ross"), ("212 555 0123", "212 555 0124"), strict=True):
        await talk.hear(WISH)
        await talk.hear(f"My name is {name}")
        await talk.hear(f"My number is {number}")
        assert talk.acts[-1].startswith("check_booking")

    first = await talks[0].hear("Yes, that's right")
    second = await talks[1].hear("Yes, that's right")

    assert "booked_inbound" in talks[0].acts and "ten" in first
    assert talks[1].acts == ["slot_taken", "offer_instead"]
    assert "half past ten" in second or "ten thirty" in second
    assert talks[1].conversation.outcome().agreed is None
    (kept,) = await rows(rig)
    assert (kept.name, kept.starts_at, kept.reference) == (
        "Ann Lee",
        MONDAY_TEN,
        talks[0].conversation.outcome().confirmation,
    )

    await talks[1].hear("Ten thirty is fine")
    await talks[1].hear("Yes, that's right")
    assert len(await rows(rig)) == 2


async def test_a_time_is_sold_once_however_many_ask_at_the_same_moment(rig: BusinessRig, desks: list[Desk]) -> None:
    """Neither the same time nor one that overlaps: the hours may have been changed between two calls."""
    specs = [await ring(rig) for _ in range(8)]
    got: list[CallSpec] = []

    async def book(number: int, spec: CallSpec) -> None:
        assert spec.assistant is not None
        late = number % 2 == 1
        if late:
            hours = {
                day: dataclasses.replace(open_, open=dt.time(9, 15)) for day, open_ in spec.assistant.hours.items()
            }
            spec = dataclasses.replace(spec, assistant=dataclasses.replace(spec.assistant, hours=hours))
        start = MONDAY_TEN + dt.timedelta(minutes=15 if late else 0)
        try:
            await desks[number % 4 // 2].book(spec, start)
        except Conflict as refused:
            assert refused.code == "slot_taken"
        else:
            got.append(spec)

    async with asyncio.TaskGroup() as tasks:
        for number, spec in enumerate(specs):
            tasks.create_task(book(number, spec))

    assert len(got) == 1
    assert [row.call_id for row in await rows(rig)] == [got[0].call_id]


async def test_the_database_itself_refuses_a_time_that_is_taken(rig: BusinessRig, desks: list[Desk]) -> None:
    """Whoever forgets to ask first."""
    await desks[0].book(await ring(rig), MONDAY_TEN)

    with pytest.raises(sa.exc.IntegrityError):
        async with rig.store.begin(rig.account.organization_id) as work:
            work.session.add(_row("second", "second", MONDAY_TEN))


async def test_the_same_request_books_once_also_after_its_process_was_lost(
    rig: BusinessRig, desks: list[Desk]
) -> None:
    spec = await ring(rig)
    first = await desks[0].book(spec, MONDAY_TEN)

    assert await desks[1].book(spec, MONDAY_TEN) == first
    assert len(await rows(rig)) == 1


async def test_what_a_caller_cancels_by_phone_is_free_for_the_next(rig: BusinessRig, desks: list[Desk]) -> None:
    first = await ring(rig)
    await desks[0].book(first, MONDAY_TEN, name="Ann Lee", phone="+12125550123")
    await end(rig, first, task_outcome=TaskOutcome.ACHIEVED, agreed={"date": "2026-02-16", "time": "10:00"})
    second = await ring(rig)
    assert not await is_free(desks[1], second)

    talk = desks[1].talk(second)
    await talk.hear("I want to cancel my appointment")
    await talk.hear("My name is Ann Lee")
    await talk.hear("My number is 212 555 0123")
    await talk.hear("Yes, please")

    assert "cancelled" in talk.acts
    third = await ring(rig)
    assert await is_free(desks[0], third)
    assert await desks[0].calendar(third).find_bookings(name="Ann Lee", phone=None) == []
    await desks[0].book(third, MONDAY_TEN)
    assert {row.state for row in await rows(rig)} == {BookingState.BOOKED, BookingState.CANCELLED}


async def test_what_a_caller_moves_by_phone_is_known_at_its_new_time_alone(
    rig: BusinessRig, desks: list[Desk]
) -> None:
    first = await ring(rig)
    await desks[0].book(first, MONDAY_TEN, name="Ann Lee", phone="+12125550123")

    talk = desks[0].talk(await ring(rig))
    await talk.hear("I need to move my appointment")
    await talk.hear("My name is Ann Lee")
    await talk.hear("My number is 212 555 0123")
    await talk.hear("Tuesday at eleven in the morning")
    await talk.hear("Yes, that's right")

    assert "moved" in talk.acts
    third = await ring(rig)
    (known,) = await desks[1].calendar(third).find_bookings(name="Ann Lee", phone=None)
    assert known.start == MONDAY_TEN + dt.timedelta(days=1, hours=1)
    assert known.start.tzinfo is not None and await is_free(desks[1], third)
    assert not await is_free(desks[1], third, known.start)


@pytest.mark.parametrize("how", ["retention", "deletion"])
async def test_a_time_stays_taken_when_its_call_is_forgotten_and_nobody_knows_for_whom(
    rig: BusinessRig, desks: list[Desk], tmp_path: Path, how: str
) -> None:
    ahead = MONDAY_TEN + dt.timedelta(weeks=5)
    first = await ring(rig)
    await desks[0].book(first, ahead, name="Ann Lee", phone="+12125550123", service="cleaning")
    await end(rig, first, task_outcome=TaskOutcome.ACHIEVED, agreed={"name": "Ann Lee"})
    organization_id, blobs = rig.account.organization_id, rig.calls.blobs
    rig.calls.now += dt.timedelta(days=8)

    if how == "retention":
        async with rig.store.begin(organization_id) as work:
            statement = "UPDATE organizations SET retention_days = 7 WHERE id = :id"
            await work.session.execute(sa.text(statement), {"id": organization_id})
        files = CallFiles(calls=tmp_path / "calls", journal=tmp_path / "journal")
        await Retention(rig.store, blobs, files, now=rig.calls.clock).run(
            {}, InlineAttempt(job_id="j1", number=1, most=1)
        )
    else:
        forgetting = Forgetting(rig.store, blobs, now=rig.calls.clock)
        await forgetting.forget(organization_id, Victims(everything=True), actor="test")

    (kept,) = await rows(rig)
    assert (kept.starts_at, kept.name, kept.phone, kept.service) == (ahead, None, None, None)
    spec = await ring(rig)
    assert not await is_free(desks[0], spec, ahead)
    assert await desks[0].calendar(spec).find_bookings(name="Ann Lee", phone="+12125550123") == []


async def test_who_hung_up_before_hearing_of_the_booking_has_none(rig: BusinessRig, desks: list[Desk]) -> None:
    spec, told = await ring(rig), await ring(rig)
    await desks[0].book(spec, MONDAY_TEN)
    await desks[0].book(told, MONDAY_TEN + HALF_HOUR)

    await end(rig, spec)
    await end(rig, told, task_outcome=TaskOutcome.ACHIEVED, agreed={"date": "2026-02-16", "time": "10:30"})

    later = await ring(rig)
    assert await is_free(desks[0], later)
    assert not await is_free(desks[0], later, MONDAY_TEN + HALF_HOUR)


async def test_a_call_whose_process_died_keeps_what_it_booked(rig: BusinessRig, desks: list[Desk]) -> None:
    """The caller was told; who reports that nothing was said, knows nothing."""
    lost, silent = await ring(rig), await ring(rig)
    await desks[0].book(lost, MONDAY_TEN)
    await desks[0].book(silent, MONDAY_TEN + HALF_HOUR)

    async with rig.store.begin(rig.account.organization_id) as work:
        call = await work.session.get(Call, lost.call_id)
        assert call is not None
        await rig.calls.domain.endings.give_up(work, call, now=rig.calls.now)
    nothing = dataclasses.replace(report(silent.call_id), turns=())
    assert await rig.calls.lifecycle.finish(silent.call_id, nothing, None)

    later = await ring(rig)
    assert not await is_free(desks[1], later)
    assert not await is_free(desks[1], later, MONDAY_TEN + HALF_HOUR)


async def test_no_number_of_bookings_makes_one_forgotten(rig: BusinessRig, desks: list[Desk]) -> None:
    """The soonest are found by name; the others still take their times."""
    first = dt.datetime(2026, 3, 2, 14, tzinfo=dt.UTC)
    count = MOST_UPCOMING + 5
    async with rig.store.begin(rig.account.organization_id) as work:
        work.session.add_all(
            _row(f"k{number}", f"Caller {number}", first + number * HALF_HOUR) for number in range(count)
        )
    spec = await ring(rig)
    await desks[0].book(spec, MONDAY_TEN, name="Ann Lee")

    calendar = desks[0].calendar(spec)
    assert len(await calendar.find_bookings(name="Ann Lee", phone=None)) == 1
    last = first + (count - 1) * HALF_HOUR
    assert await calendar.free_slots(first, last + HALF_HOUR) == []


async def test_a_call_is_told_of_nobodys_booking(rig: BusinessRig, desks: list[Desk]) -> None:
    """What a call was told is kept with it: an erased caller would stand in everybody else's calls."""
    await desks[0].book(await ring(rig), MONDAY_TEN, name="Ann Lee", phone="+12125550123")

    assert "Ann Lee" not in repr(await ring(rig))


class Hanging(Store):
    """A database that answers when it is let go: before it is asked, or, `late`, once it has written."""

    def __init__(self, real: Store, *, late: bool) -> None:
        self.__dict__.update(real.__dict__)
        self._late = late
        self.go = asyncio.Event()
        self.reached = asyncio.Event()

    @asynccontextmanager
    async def begin(self, organization_id: str) -> AsyncIterator[UnitOfWork]:
        if not self._late:
            self.reached.set()
            await self.go.wait()
        async with super().begin(organization_id) as work:
            yield work
        if self._late:
            self.reached.set()
            await self.go.wait()


@pytest.mark.parametrize("late", [False, True])
async def test_what_is_not_answered_in_time_is_not_booked(rig: BusinessRig, late: bool) -> None:
    """The caller is told that the calendar fails; what is written all the same is taken back."""
    store = Hanging(rig.store, late=late)
    spec = await ring(rig)
    async with open_desk(store, now=rig.calls.now, bound_ms=1_000) as desk:
        talk = desk.talk(spec)
        await talk.hear(WISH)
        await talk.hear("My name is Ann Lee")
        await talk.hear("My number is 212 555 0123")
        await talk.hear("Yes, that's right")

        assert store.reached.is_set()
        assert talk.acts == ["calendar_failed"]
        assert talk.conversation.outcome().agreed is None
        store.go.set()

    assert [row.state for row in await rows(rig)] == ([BookingState.CANCELLED] if late else [])


async def test_a_caller_who_hangs_up_while_it_is_written_has_no_booking(rig: BusinessRig) -> None:
    store = Hanging(rig.store, late=True)
    spec = await ring(rig)
    async with open_desk(store, now=rig.calls.now) as desk:
        async with asyncio.TaskGroup() as tasks:
            call = tasks.create_task(desk.book(spec, MONDAY_TEN))
            await store.reached.wait()
            call.cancel()
        store.go.set()

    assert [row.state for row in await rows(rig)] == [BookingState.CANCELLED]


async def test_a_bug_in_the_books_fails_one_booking_and_ends_nothing(rig: BusinessRig) -> None:
    async with asyncio.TaskGroup() as tasks:
        books = Books(None, tasks, now=rig.calls.clock, bound_ms=5_000)  # type: ignore[arg-type]  # a broken store
        request = BookingRequest(key="k", start=MONDAY_TEN)

        for _ in range(2):
            with pytest.raises(UpstreamFailed) as failure:
                await books.of(rig.account.organization_id, "c1").add(request, end=MONDAY_TEN + HALF_HOUR)
            assert failure.value.code == "bookings_broken"


def _row(key: str, name: str, start: dt.datetime) -> Booking:
    return Booking(
        id=new_id(),
        key=key,
        reference=key,
        state=BookingState.BOOKED,
        starts_at=start,
        ends_at=start + HALF_HOUR,
        name=name,
        booked_at=start,
    )
