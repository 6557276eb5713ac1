"""A recording is kept once, lost never, and found by its call."""

from pathlib import Path

from tests.fakes.calls import CallsRig
from voice_engine.domains.calls import words
from voice_engine.domains.calls.recordings import find_recording
from voice_engine.store.outbox import Job, enqueue


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
