"""The index says what the rows say: from the call's first moment on, at its end, and after an erasure."""

import sqlalchemy as sa

from tests.domains.calls.listing.test_service import add, found
from tests.fakes.calls import CALLEE, CallsRig, report
from voice_engine.domains.calls.listing.index import index_calls
from voice_engine.domains.calls.listing.models import CallTerms
from voice_engine.domains.calls.models import Call
from voice_engine.domains.calls.repository import calls as call_rows
from voice_engine.domains.privacy import repository as privacy


async def ended(rig: CallsRig) -> Call:
    call, _ = await rig.answered()
    assert await rig.lifecycle.finish(call.id, report(call.id), None)
    return await rig.call(call.id)


async def test_what_was_said_is_found_once_the_call_is_over(rig: CallsRig) -> None:
    call = await ended(rig)

    assert await found(rig, text="good evening") == [call.id]
    assert await found(rig, text="12345") == [call.id]  # a next step


async def test_a_recording_that_comes_later_is_filtered_by(rig: CallsRig) -> None:
    call = await ended(rig)
    assert await found(rig, text="nobu", recorded=True) == []

    async with rig.store.begin(call.organization_id) as work:
        await call_rows.set_recording(work, call.id, "a/b.wav")

    assert await found(rig, text="nobu", recorded=True) == [call.id]


async def test_retention_takes_the_words_out_of_the_index_and_leaves_the_number(rig: CallsRig) -> None:
    call = await ended(rig)

    async with rig.store.begin(call.organization_id) as work:
        await privacy.empty_calls(work, [call.id], now=rig.now)

    assert await found(rig, text="evening") == []
    assert await found(rig, text="confirmation") == []
    assert await found(rig, party=CALLEE) == [call.id]


async def test_erasing_a_party_takes_name_and_number_out_of_the_index(rig: CallsRig) -> None:
    call = await ended(rig)

    async with rig.store.begin(call.organization_id) as work:
        await privacy.empty_calls(work, [call.id], now=rig.now)
        await privacy.erase_party(work, [call])

    for wanted in ({"party": CALLEE}, {"text": "nobu"}, {"text": "smith"}, {"text": "table"}):
        assert await found(rig, **wanted) == [], wanted
    assert await found(rig) == [call.id]


async def test_a_deleted_call_leaves_nothing_in_the_index(rig: CallsRig) -> None:
    """By the database itself, whoever deletes."""
    call = await ended(rig)

    async with rig.store.begin(call.organization_id) as work:
        await work.session.execute(sa.delete(Call).where(Call.id == call.id))

    async with rig.store.system("tests", writes=False) as work:
        assert await work.session.scalar(sa.select(sa.func.count()).select_from(CallTerms)) == 0
        if rig.store.dialect == "sqlite":
            left = await work.session.execute(
                sa.text("SELECT rowid FROM call_index WHERE call_index MATCH 'n_nobu'")
            )
            assert left.all() == []


async def test_indexing_again_changes_nothing(rig: CallsRig) -> None:
    call = await ended(rig)
    everything = sa.select(CallTerms.number, CallTerms.call_id, sa.cast(CallTerms.terms, sa.Text))
    async with rig.store.system("tests", writes=False) as work:
        before = (await work.session.execute(everything)).all()

    async with rig.store.begin(call.organization_id) as work:
        await index_calls(work, [call.id, call.id])

    async with rig.store.system("tests", writes=False) as work:
        assert (await work.session.execute(everything)).all() == before


async def test_many_calls_of_one_moment_have_places_of_their_own(rig: CallsRig) -> None:
    """More of them than one millisecond has places."""
    moment = rig.now
    calls = [await add(rig, created_at=moment) for _ in range(70)]

    assert len(set(await found(rig, text="212555", limit=100))) == len(calls)
