"""Lists of calls: filtered, searched, paged, of one organization only."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from tests.fakes.accounts import NOW, Account, add_account
from tests.fakes.calls import CallsRig, new_call, report
from voice_engine.domains.calls.listing import reading
from voice_engine.domains.calls.listing.models import CallTerms
from voice_engine.domains.calls.listing.selection import Place, Selection, State, parse_place
from voice_engine.domains.calls.listing.service import CallListing, CallPage, Count, OpenCalls
from voice_engine.domains.calls.models import Call
from voice_engine.domains.calls.repository import calls as call_rows
from voice_engine.domains.calls.states import CallState, Channel
from voice_engine.domains.contacts.models import Contact
from voice_engine.domains.inbound.repository import calls as inbound_rows
from voice_engine.ports.call import Category, TaskOutcome, TranscriptTurn
from voice_engine.store.rows import new_id

ZONE = ZoneInfo("America/New_York")
MINUTE = dt.timedelta(minutes=1)


async def page(
    rig: CallsRig,
    *,
    by: Account | None = None,
    after: Place | None = None,
    limit: int = 25,
    transcripts: bool = True,
    **wanted: Any,
) -> CallPage:
    async with rig.store.read((by or rig.account).organization_id) as work:
        listing = CallListing(ZONE, transcripts=transcripts)
        return await listing.page(work, Selection(**wanted), after=after, limit=limit)


async def count(rig: CallsRig, **wanted: Any) -> Count:
    async with rig.store.read(rig.account.organization_id) as work:
        return await CallListing(ZONE).count(work, Selection(**wanted))


async def open_calls(rig: CallsRig, **wanted: Any) -> OpenCalls:
    async with rig.store.read(rig.account.organization_id) as work:
        return await CallListing(ZONE).open_calls(work, Selection(**wanted))


async def found(rig: CallsRig, **wanted: Any) -> list[str]:
    return [listed.call.id for listed in (await page(rig, **wanted)).calls]


async def add(rig: CallsRig, *, by: Account | None = None, **columns: Any) -> Call:
    """An ended inbound call; columns as given. The clock moves on, so that calls have an order."""
    rig.now += MINUTE
    call = Call(**{
        "id": new_id(), "product": "KALLY", "direction": "inbound", "from_number": "+12125550142",
        "to_number": "+15005550006", "status": CallState.COMPLETED, "created_at": rig.now, "started_at": rig.now,
        "ended_at": rig.now, "timezone": "America/New_York", "language": "en", "app_language": "en",
        "max_seconds": 900, **columns,
    })  # fmt: skip
    async with rig.store.begin((by or rig.account).organization_id) as work:
        return await call_rows.add_call(work, call)


async def came_in(rig: CallsRig, *, name: str | None, number: str = "+12125550142") -> str:
    """An inbound call as reception writes it; its id."""
    rig.now += MINUTE
    row = {
        "id": new_id(), "product": "KALLY", "direction": "inbound", "channel": Channel.PSTN, "from_number": number,
        "to_number": "+15005550006", "status": CallState.COMPLETED, "created_at": rig.now, "ended_at": rig.now,
        "timezone": "America/New_York", "language": "en", "app_language": "en", "max_seconds": 900,
    }  # fmt: skip
    half: dict[str, Any] = {"number_id": new_id(), "caller_name": name, "is_vip": True, "decision": {}}
    async with rig.store.begin(rig.account.organization_id) as work:
        assert await inbound_rows.add(work, row, half)
    return str(row["id"])


async def talked(rig: CallsRig, *said: str, **fields: Any) -> Call:
    """An outbound call in which this was said."""
    call, _ = await rig.answered(new_call(**fields))
    turns = tuple(
        TranscriptTurn(index=index, speaker="HUMAN", text=text, start_ms=index * 1000, end_ms=index * 1000 + 900)
        for index, text in enumerate(said)
    )
    told = report(call.id)
    object.__setattr__(told, "turns", turns)
    assert await rig.lifecycle.finish(call.id, told, None)
    rig.now += MINUTE
    return await rig.call(call.id)


async def test_both_directions_are_listed_newest_first(rig: CallsRig) -> None:
    ours = await talked(rig, "Nobu.")
    theirs = await add(rig)

    listed = await page(rig)

    assert [one.call.id for one in listed.calls] == [theirs.id, ours.id]
    assert listed.next is None
    assert [one.name for one in listed.calls] == [None, "Nobu"]


async def test_what_is_up_and_what_waits_stands_above_and_not_in_the_list(rig: CallsRig) -> None:
    live = await rig.inbound()
    waiting = await rig.ask(new_call(scheduled_at=(NOW + dt.timedelta(hours=3)).isoformat()))
    over = await add(rig)

    above = await open_calls(rig)

    assert [one.call.id for one in above.live] == [live.id]
    assert [one.call.id for one in above.waiting] == [waiting.id]
    assert await found(rig) == [over.id]


async def test_a_search_finds_what_is_up_too(rig: CallsRig) -> None:
    await rig.inbound()
    waiting = await rig.ask(new_call(business_name="Casa Lucio"))

    above = await open_calls(rig, text="lucio")

    assert [one.call.id for one in (*above.live, *above.waiting)] == [waiting.id]
    assert (await open_calls(rig, state=State.BUSY)).live == ()


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"direction": "outbound"}, ["out"]),
        ({"direction": "inbound"}, ["widget", "missed"]),
        ({"state": State.NO_ANSWER}, ["missed"]),
        ({"state": State.TALKED}, ["widget", "out"]),
        ({"outcome": TaskOutcome.DECLINED}, ["out"]),
        ({"category": Category.CLINIC}, ["out"]),
        ({"category": Category.HOTEL}, []),
        ({"channel": Channel.WIDGET}, ["widget"]),
        ({"recorded": True}, ["widget"]),
        ({"since": dt.date(2026, 2, 14)}, []),
        ({"until": dt.date(2026, 2, 12)}, []),
        ({"since": dt.date(2026, 2, 13), "until": dt.date(2026, 2, 13)}, ["widget", "missed", "out"]),
        ({"direction": "inbound", "state": State.TALKED, "recorded": True}, ["widget"]),
    ],
)
@pytest.mark.parametrize("text", ["", "2125550"])
async def test_each_filter_chooses_the_same_with_and_without_a_search(
    rig: CallsRig, wanted: dict[str, Any], expected: list[str], text: str
) -> None:
    """With words the index decides, without them the rows do."""
    number = "+12125550199"
    task = {"task_category": "clinic", "task_description": "x"}
    booked: dict[str, Any] = {"status": CallState.SUCCESS, "task": task, "task_outcome": "declined"}
    names = {
        (await add(rig, direction="outbound", to_number=number, from_number=None, **booked)).id: "out",
        (await add(rig, status=CallState.MISSED)).id: "missed",
        (await add(rig, channel=Channel.WIDGET, recording_key="a/b.wav")).id: "widget",
    }  # fmt: skip

    calls = await found(rig, text=text, **wanted)

    assert [names[call_id] for call_id in calls] == expected
    assert (await count(rig, text=text, **wanted)) == Count(number=len(expected), more=False)


@pytest.mark.parametrize("text", ["", "2125550142"])
async def test_pages_follow_each_other_whatever_comes_in_meanwhile(rig: CallsRig, text: str) -> None:
    """Nothing is shown twice and nothing is left out; several calls of one moment have their order too."""
    moment = rig.now
    calls = [await add(rig, created_at=moment + dt.timedelta(seconds=index // 3)) for index in range(8)]

    seen: list[str] = []
    after = None
    while True:
        shown = await page(rig, text=text, after=after, limit=3)
        seen += [one.call.id for one in shown.calls]
        await add(rig)
        if shown.next is None:
            break
        after = parse_place(str(shown.next))

    assert sorted(seen) == sorted(call.id for call in calls)
    moments = [call.created_at for call_id in seen for call in calls if call.id == call_id]
    assert moments == sorted(moments, reverse=True)


async def test_a_search_finds_what_was_said_and_shows_the_line(rig: CallsRig) -> None:
    call = await talked(
        rig, "Good evening.", "We have a table on the terrace.", "The terrace? By the windows, yes."
    )
    await talked(rig, "Wrong number.")

    shown = await page(rig, text="window terrace")

    assert [one.call.id for one in shown.calls] == [call.id]
    snippet = shown.calls[0].snippet
    assert snippet is not None
    assert [piece.text for piece in snippet.pieces if piece.marked] == ["terrace", "windows"]
    assert snippet.position == 2


async def test_a_plan_without_transcripts_does_not_search_them(rig: CallsRig) -> None:
    """Finding a word would be reading it; summaries stay."""
    call = await talked(rig, "We have a table on the terrace.")

    assert await found(rig, text="terrace", transcripts=False) == []
    shown = await page(rig, text="reserved", transcripts=False)

    assert [one.call.id for one in shown.calls] == [call.id]
    assert shown.calls[0].snippet is None


async def test_callers_are_found_by_name_and_shown_as_they_were_called_then(rig: CallsRig) -> None:
    call_id = await came_in(rig, name="José Núñez")
    await came_in(rig, name="Ada Byron")

    shown = await page(rig, party="nunez")

    assert [(one.call.id, one.name, one.is_vip) for one in shown.calls] == [(call_id, "José Núñez", True)]


async def test_a_contact_that_was_named_later_is_found_by_the_new_name(rig: CallsRig) -> None:
    call_id = await came_in(rig, name=None, number="+12125550177")
    await came_in(rig, name=None, number="+12125550178")
    async with rig.store.begin(rig.account.organization_id) as work:
        work.session.add(Contact(
            name="Zoë Quinn", folded_name="zoe quinn", phone_number="+12125550177", created_at=NOW, updated_at=NOW
        ))  # fmt: skip

    shown = await page(rig, text="zoe")

    assert [(one.call.id, one.name) for one in shown.calls] == [(call_id, "Zoë Quinn")]


async def test_words_of_a_party_are_not_looked_for_in_what_was_said(rig: CallsRig) -> None:
    await talked(rig, "This is Luigi speaking.")

    assert await found(rig, party="luigi") == []
    assert len(await found(rig, text="luigi")) == 1


async def test_what_is_no_word_finds_nothing(rig: CallsRig) -> None:
    await add(rig)

    assert await found(rig, text="***") == []
    assert await count(rig, text="***") == Count(number=0, more=False)


@pytest.mark.parametrize("wanted", [{}, {"text": "nobu"}, {"text": "evening"}, {"party": "415"}])
async def test_other_organizations_calls_are_in_no_list(rig: CallsRig, wanted: dict[str, Any]) -> None:
    await talked(rig, "Nobu, good evening.")
    other = await add_account(rig.store, "Bob")

    assert len(await found(rig, **wanted)) == 1
    assert await found(rig, by=other, **wanted) == []


async def test_a_list_knows_whether_there_was_ever_a_call(rig: CallsRig) -> None:
    async with rig.store.read(rig.account.organization_id) as work:
        assert not await CallListing(ZONE).has_any(work)
    await add(rig)
    async with rig.store.read(rig.account.organization_id) as work:
        assert await CallListing(ZONE).has_any(work)


async def test_what_rows_show_is_read_of_the_own_organization_alone(rig: CallsRig) -> None:
    """These statements read bare tables, past the store's own filter."""
    call_id, told = await came_in(rig, name="Ada"), await talked(rig, "Good evening.")
    other = await add_account(rig.store, "Bob")
    async with rig.store.system("tests", writes=False) as work:
        numbers = list(await work.session.scalars(sa.select(CallTerms.number)))

    async with rig.store.read(other.organization_id) as work:
        assert await reading.ids_of(work, numbers) == {}
        assert await reading.rows_of(work, [call_id, told.id]) == []
        assert await reading.callers_of(work, [call_id]) == {}
        assert await reading.lines_of(work, [told.id]) == []
    async with rig.store.read(rig.account.organization_id) as work:
        assert len(await reading.ids_of(work, numbers)) == 2
        assert len(await reading.rows_of(work, [call_id, told.id])) == 2
        assert await reading.callers_of(work, [call_id]) == {call_id: ("Ada", True)}
        assert len(await reading.lines_of(work, [told.id])) == 1
