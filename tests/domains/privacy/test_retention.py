"""What is over an organization's days goes, and nothing else does."""

import datetime as dt

import pytest
import sqlalchemy as sa

from tests.fakes.jobs import InlineAttempt
from tests.fakes.privacy import PrivacyRig
from voice_engine.domains.privacy.assembly import build_privacy_jobs
from voice_engine.domains.privacy.retention import Retention
from voice_engine.domains.usage.models import CreditEntry
from voice_engine.errors import UpstreamFailed
from voice_engine.store.audit import AuditRow

DAY = dt.timedelta(days=1)


async def retain(rig: PrivacyRig, *, batch: int = 100) -> None:
    handler = Retention(rig.store, rig.calls.blobs, rig.files, now=rig.calls.clock, batch=batch)
    await handler.run({}, InlineAttempt(job_id="1", number=1, most=1))


async def test_what_was_said_goes_and_that_it_was_said_stays(rig: PrivacyRig) -> None:
    """Recording, folder, transcript and outcome are gone; row, number, length and ledger are there."""
    call = await rig.held()
    key = call.recording_key
    assert key is not None
    async with rig.store.system("tests", writes=False) as work:
        lines = await work.session.scalar(sa.select(sa.func.count(CreditEntry.id)))
    await rig.privacy.set_retention(rig.account.organization_id, 7, actor="test")
    rig.calls.now += 8 * DAY

    await retain(rig)

    after = await rig.calls.call(call.id)
    assert await rig.said(call.id) == 0
    assert await rig.calls.blobs.find(key) is None
    assert not (rig.files.calls / call.id).exists()
    assert (after.recording_key, after.outcome, after.ics, after.highlights) == (None, None, None, [])
    assert (after.to_number, after.duration_ms, after.status) == (call.to_number, call.duration_ms, call.status)
    async with rig.store.system("tests", writes=False) as work:
        assert await work.session.scalar(sa.select(sa.func.count(CreditEntry.id))) == lines


async def test_younger_calls_and_organizations_without_days_are_left_alone(rig: PrivacyRig) -> None:
    """One day too few, then no days at all."""
    call = await rig.held()
    await rig.privacy.set_retention(rig.account.organization_id, 7, actor="test")
    rig.calls.now += 6 * DAY
    await retain(rig)
    assert await rig.said(call.id) > 0

    await rig.privacy.set_retention(rig.account.organization_id, None, actor="test")
    rig.calls.now += 900 * DAY
    await retain(rig)

    assert await rig.said(call.id) > 0


async def test_a_live_call_is_never_emptied(rig: PrivacyRig) -> None:
    """However long it has been up."""
    call, _ = await rig.calls.answered()
    await rig.privacy.set_retention(rig.account.organization_id, 1, actor="test")
    before = await rig.said(call.id)
    rig.calls.now += 3 * DAY

    await retain(rig)

    assert before > 0
    assert await rig.said(call.id) == before


async def test_every_batch_is_done_and_noted(rig: PrivacyRig) -> None:
    """Three calls in batches of one: three audit rows, and a second run finds nothing."""
    calls = [await rig.left_message(number=f"+1212555010{place}") for place in range(3)]
    await rig.privacy.set_retention(rig.account.organization_id, 1, actor="test")
    rig.calls.now += 2 * DAY

    await retain(rig, batch=1)
    await retain(rig, batch=1)

    async with rig.store.system("tests", writes=False) as work:
        statement = sa.select(AuditRow.facts).where(AuditRow.action == "retention.applied")
        noted = (await work.session.scalars(statement)).all()
    assert noted == [{"calls": 1, "recordings_and_voicemails": 1}] * 3
    assert [await rig.said(call.id) for call in calls] == [0, 0, 0]


async def test_rows_outlive_files_that_cannot_be_deleted(rig: PrivacyRig) -> None:
    """Else nobody would know any more which audio is still there."""
    call = await rig.held()
    await rig.privacy.set_retention(rig.account.organization_id, 1, actor="test")
    rig.calls.now += 2 * DAY
    delete = rig.calls.blobs.delete

    async def refuse(key: str) -> None:
        raise UpstreamFailed("blobs_unavailable", "away", provider="blobs", retryable=True)

    rig.calls.blobs.delete = refuse  # type: ignore[method-assign]  # a place that is away for a while
    with pytest.raises(UpstreamFailed):
        await retain(rig)
    kept = await rig.calls.call(call.id)
    rig.calls.blobs.delete = delete  # type: ignore[method-assign]
    await retain(rig)

    assert kept.recording_key is not None
    assert (await rig.calls.call(call.id)).recording_key is None


def test_the_calendar_has_it_every_hour(rig: PrivacyRig) -> None:
    """A kind without an entry would never run."""
    kind, entry = build_privacy_jobs(rig.store, rig.calls.blobs, rig.files, now=rig.calls.clock)

    assert entry.kind == kind.name
    assert entry.every_s == 3_600
