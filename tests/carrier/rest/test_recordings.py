"""Recordings on disk."""

import datetime as dt
from pathlib import Path

import numpy as np

from tests.carrier.lines import tone_mulaw
from tests.carrier.rest.rig import EPOCH
from voice_engine.audio.wav import parse_wav
from voice_engine.carrier.rest.recordings import Recording, Recordings
from voice_engine.clock import run_virtual


async def keep(recordings: Recordings, *channels: bytes, call: str = "CA1", after_s: int = 0) -> Recording:
    return await recordings.keep(
        channels,
        account_sid="AC1",
        call_sid=call,
        source="RecordVerb",
        now=EPOCH + dt.timedelta(seconds=after_s),
    )


def test_recordings_survive_a_restart(tmp_path: Path) -> None:
    async def main() -> None:
        kept = await keep(Recordings(tmp_path / "r"), tone_mulaw(2600))
        again = Recordings(tmp_path / "r")
        found = again.find(kept.sid)

        assert found == kept
        assert (kept.duration_s, kept.channels) == (3, 1)
        assert parse_wav(await again.media(kept), name="kept").shape == (20_800, 1)

    run_virtual(main())


def test_two_channels_stay_apart(tmp_path: Path) -> None:
    async def main() -> None:
        recordings = Recordings(tmp_path)
        kept = await keep(recordings, tone_mulaw(1000, 500), tone_mulaw(1200, 700))
        both = parse_wav(await recordings.media(kept), name="kept", channels=2)

        assert both.shape == (8000, 2)
        assert [int(np.abs(np.fft.rfft(both[:, side].astype(float))).argmax()) for side in (0, 1)] == [500, 700]

    run_virtual(main())


def test_the_newest_comes_first_and_calls_are_told_apart(tmp_path: Path) -> None:
    async def main() -> None:
        recordings = Recordings(tmp_path)
        old = await keep(recordings, tone_mulaw(100))
        new = await keep(recordings, tone_mulaw(100), after_s=5)
        other = await keep(recordings, tone_mulaw(100), call="CA2", after_s=9)

        assert recordings.of("CA1") == [new, old]
        assert recordings.of(None) == [other, new, old]

    run_virtual(main())


def test_nothing_of_a_deleted_recording_is_left(tmp_path: Path) -> None:
    async def main() -> None:
        recordings = Recordings(tmp_path)
        await recordings.delete(await keep(recordings, tone_mulaw(100)))

    run_virtual(main())

    assert list(tmp_path.iterdir()) == []
