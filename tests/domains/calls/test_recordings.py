"""A recording is kept once, lost never, and found by its call."""

import datetime as dt
import wave
from pathlib import Path

from tests.fakes.calls import CallsRig, report
from tests.fakes.jobs import InlineAttempt, InlineJobs
from voice_engine.blobs.directory import DirectoryBlobs
from voice_engine.domains.calls import words
from voice_engine.domains.calls.assembly import build_jobs
from voice_engine.domains.calls.recordings import find_recording
from voice_engine.domains.privacy.repository import empty_calls
from voice_engine.errors import UpstreamFailed
from voice_engine.ports.blobs import BlobInfo
from voice_engine.store.outbox import Job, enqueue


class AwayBlobs(DirectoryBlobs):
    """Blobs that cannot be written to while they are `away`."""

    away = True

    async def put_file(self, key: str, source: Path) -> BlobInfo:
        if self.away:
            raise UpstreamFailed("blobs_unavailable", "the blobs are away", provider="blobs", retryable=True)
        return await super().put_file(key, source)


def _wav(path: Path) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(16_000))
    return path


async def _recorded(rig: CallsRig, file: Path) -> str:
    """A call that ended with a recording on the media process's disk."""
    call, _ = await rig.answered()
    assert await rig.lifecycle.finish(call.id, report(call.id), _wav(file))
    return call.id


def _jobs(rig: CallsRig, blobs: DirectoryBlobs) -> InlineJobs:
    work = build_jobs(rig.store, rig.domain, telephony=rig.telephony, blobs=blobs, now=rig.clock)
    return InlineJobs(rig.store, work.kinds, now=rig.clock)


async def _keep(rig: CallsRig, call_id: str, file: Path) -> None:
    async with rig.store.system("tests") as work:
        await enqueue(work, Job(kind=words.KEEP_RECORDING, payload={"call_id": call_id, "file": str(file)}))
    ran = await rig.jobs.run_due()
    assert [job.error for job in ran if job.kind == words.KEEP_RECORDING] == [None]


async def test_keeping_again_after_a_crash_changes_nothing(rig: CallsRig, tmp_path: Path) -> None:
    """The file is gone and the blob is there: the first try got that far."""
    call = await rig.ask()
    file = tmp_path / "a.wav"
    file.write_bytes(b"RIFF")

    await _keep(rig, call.id, file)
    await _keep(rig, call.id, file)

    key = await find_recording(rig.store, call.id)
    assert key is not None
    assert b"".join([part async for part in rig.blobs.read(key)]) == b"RIFF"
    assert not file.exists()


async def test_a_lost_file_is_not_claimed_to_be_kept(rig: CallsRig, tmp_path: Path) -> None:
    """Neither file nor blob: there is no recording."""
    call = await rig.ask()

    await _keep(rig, call.id, tmp_path / "never.wav")

    assert await find_recording(rig.store, call.id) is None


async def test_the_recording_of_a_deleted_call_is_deleted(rig: CallsRig, tmp_path: Path) -> None:
    """Nothing of it stays behind on the disk."""
    file = tmp_path / "b.wav"
    file.write_bytes(b"RIFF")

    await _keep(rig, "00000000-0000-4000-8000-000000000000", file)

    assert not file.exists()
    assert await find_recording(rig.store, "nothing") is None


async def test_a_recording_outlives_an_outage_of_the_blobs(rig: CallsRig, tmp_path: Path) -> None:
    """They are away for ten minutes; its job is still being tried."""
    blobs, file = AwayBlobs(tmp_path / "away"), tmp_path / "c.wav"
    call_id = await _recorded(rig, file)
    (row,) = await rig.jobs.waiting(words.KEEP_RECORDING)
    kinds = build_jobs(rig.store, rig.domain, telephony=rig.telephony, blobs=blobs, now=rig.clock).kinds
    kind = next(kind for kind in kinds if kind.name == words.KEEP_RECORDING)
    back_at = rig.now + dt.timedelta(minutes=10)

    for number in range(1, kind.retry.attempts + 1):
        blobs.away = rig.now < back_at
        try:
            await kind.handler.run(row.payload, InlineAttempt(job_id=row.id, number=number, most=number))
            break
        except UpstreamFailed:
            pause_s = kind.retry.pause_s(number, 1.0)
            assert pause_s is not None, "the recording is lost"
            rig.now += dt.timedelta(seconds=pause_s)

    assert await find_recording(rig.store, call_id) is not None
    assert not file.exists()


async def test_a_recording_whose_job_died_is_kept_by_the_sweep(rig: CallsRig, tmp_path: Path) -> None:
    """As long as its file is there; once it is kept, nothing is swept any more."""
    blobs, file = AwayBlobs(tmp_path / "away"), tmp_path / "d.wav"
    jobs = _jobs(rig, blobs)
    call_id = await _recorded(rig, file)
    await jobs.run_due()
    blobs.away = False
    lost = await find_recording(rig.store, call_id)

    for _ in range(3):
        rig.now += dt.timedelta(hours=7)
        async with rig.store.system("tests") as work:
            await enqueue(work, Job(kind=words.SWEEP_RECORDINGS))
        await jobs.run_due()

    assert lost is None
    assert await find_recording(rig.store, call_id) is not None
    assert not file.exists()
    assert [job.error is None for job in jobs.ran if job.kind == words.KEEP_RECORDING] == [False, True]


async def test_a_recording_that_comes_after_the_erasure_is_deleted(rig: CallsRig, tmp_path: Path) -> None:
    """On the disk and in the blobs, where an earlier try may have put it."""
    file = tmp_path / "e.wav"
    call_id = await _recorded(rig, file)
    organization_id = rig.account.organization_id

    class SlowBlobs(DirectoryBlobs):
        async def put_file(self, key: str, source: Path) -> BlobInfo:
            async with rig.store.begin(organization_id) as work:
                await empty_calls(work, [call_id], now=rig.now)
            return await super().put_file(key, source)

    blobs = SlowBlobs(tmp_path / "slow")
    await _jobs(rig, blobs).run_due()

    assert await find_recording(rig.store, call_id) is None
    assert await blobs.find(f"{organization_id}/recordings/{call_id}.wav") is None
    assert not file.exists()
