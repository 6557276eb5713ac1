"""Samples are made once by the calls' own synthesizer, one at a time a voice, and kept."""

import asyncio
from itertools import count
from pathlib import Path

import numpy as np
import pytest

from tests.audio.voiceprint import voiceprint
from tests.fakes.tts import FragileTTS
from voice_engine.audio.wav import parse_wav
from voice_engine.blobs.directory import DirectoryBlobs
from voice_engine.domains.voices.catalogue import CATALOGUE
from voice_engine.domains.voices.previews import VoicePreviews
from voice_engine.errors import UpstreamFailed
from voice_engine.providers import SpeechContext, open_tts
from voice_engine.providers.stt.moonshine import MoonshineTranscriber
from voice_engine.providers.stt.whisper import WhisperTranscriber

SAVANNAH, JAMES = CATALOGUE[0], CATALOGUE[1]


def _samples(wav: bytes) -> int:
    return len(parse_wav(wav, name="sample"))


async def test_a_sample_is_made_once_and_kept(tmp_path: Path) -> None:
    tts = FragileTTS()
    blobs = DirectoryBlobs(tmp_path)

    first = await VoicePreviews(tts, blobs).wav(SAVANNAH)
    again = await VoicePreviews(tts, blobs).wav(SAVANNAH)

    assert first == again
    assert _samples(first) > 8000
    assert [request.text for request in tts.requests] == [
        "Hello, my name is Savannah. Thank you for calling. How can I help you today?"
    ]


async def test_who_asks_meanwhile_waits_for_the_same_sample(tmp_path: Path) -> None:
    tts = FragileTTS()
    previews = VoicePreviews(tts, DirectoryBlobs(tmp_path))

    async with asyncio.TaskGroup() as tasks:
        asked = [tasks.create_task(previews.wav(SAVANNAH)) for _ in range(5)]

    assert len({task.result() for task in asked}) == 1
    assert len(tts.requests) == 1


async def test_another_synthesizer_makes_another_sample(tmp_path: Path) -> None:
    blobs = DirectoryBlobs(tmp_path)
    keys = {VoicePreviews(FragileTTS(name=name), blobs).key_of(SAVANNAH) for name in ("one", "other")}
    keys.add(VoicePreviews(FragileTTS(name="one"), blobs).key_of(JAMES))

    assert len(keys) == 3


async def test_a_sample_that_breaks_off_is_not_kept(tmp_path: Path) -> None:
    tts = FragileTTS(breaks_after=3)
    previews = VoicePreviews(tts, DirectoryBlobs(tmp_path))
    with pytest.raises(UpstreamFailed) as failed:
        await previews.wav(SAVANNAH)
    assert failed.value.code == "voice_preview_failed"

    tts.breaks_after = None
    sample = parse_wav(await previews.wav(SAVANNAH), name="sample")
    assert np.abs(sample).max() > 0


async def test_the_character_is_asked_for_where_the_synthesizer_knows_it(tmp_path: Path) -> None:
    knows, does_not = FragileTTS(voice="james"), FragileTTS(voice="alloy")
    for tts in (knows, does_not):
        await VoicePreviews(tts, DirectoryBlobs(tmp_path)).wav(JAMES)

    assert knows.requests[0].voice == "james"
    assert does_not.requests[0].voice is None


@pytest.mark.speech
@pytest.mark.slow
async def test_a_sample_is_the_voice_itself_in_both_languages(tmp_path: Path) -> None:
    context = SpeechContext()
    try:
        previews = VoicePreviews(open_tts("local", context), DirectoryBlobs(tmp_path))
        savannah, james = [parse_wav(await previews.wav(voice), name="sample")[:, 0] for voice in (SAVANNAH, JAMES)]
    finally:
        context.close()

    assert voiceprint(savannah).distance(voiceprint(james)) > 4
    assert "thank you for calling" in MoonshineTranscriber().transcribe(savannah[: 8 * 5_000], "en").text.lower()
    assert "gracias por llamar" in WhisperTranscriber().transcribe(james[-8 * 5_000 :], "es").text.lower()


async def test_how_far_a_sample_has_come_can_be_asked_while_it_is_made(tmp_path: Path) -> None:
    previews = VoicePreviews(FragileTTS(freezes_after=3), DirectoryBlobs(tmp_path))
    assert previews.progress_of(SAVANNAH) is None

    async with asyncio.TaskGroup() as tasks:
        making = tasks.create_task(previews.wav(SAVANNAH))
        for _ in count():  # the blobs are asked first, in a thread
            progress = previews.progress_of(SAVANNAH)
            if progress is not None and progress.spoken_ms:
                break
            await asyncio.sleep(0)
        making.cancel()

    assert progress is not None
    assert progress.spoken_ms == 100
    assert 3_000 < progress.expected_ms < 8_000
    assert previews.progress_of(JAMES) is None
    assert previews.progress_of(SAVANNAH) is None
