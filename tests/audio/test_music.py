"""Music is recognised in seconds, speech never taken for it, and the talk after the music not missed."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.audio.speech import frames, on_line, silence, talk, tone
from voice_engine.audio.frames import PCM, RATE_HZ
from voice_engine.audio.level import to_rms
from voice_engine.audio.mixing import at_snr, codec_pass, hum, line_noise, mix, to_pcm, white_noise
from voice_engine.audio.music import MusicDetector

SECONDS = 12
MELODY_HZ = (262, 330, 392, 523, 440, 349, 294, 392)
Wave = NDArray[np.float64]


def note(hertz: float, ms: int, *, decay: float = 2.0, overtones: int = 3, vibrato: float = 0.0) -> Wave:
    t = np.arange(ms * RATE_HZ // 1000) / RATE_HZ
    phase = 2 * np.pi * hertz * t + vibrato * np.sin(2 * np.pi * 5.5 * t)
    envelope = np.minimum(1.0, t / 0.02) * np.exp(-t * decay)
    return np.asarray(envelope * sum(np.sin(k * phase) / k for k in range(1, overtones + 1)))


def tune(ms: int, *, decay: float = 2.0, vibrato: float = 0.0) -> Wave:
    return np.resize(
        np.concatenate([note(hz, ms, decay=decay, vibrato=vibrato) for hz in MELODY_HZ]), SECONDS * RATE_HZ
    )


def chords() -> Wave:
    bars = [
        np.sum([note(root * step, 1500, decay=0.5, overtones=4) for step in (1, 1.26, 1.5, 2)], axis=0)
        for root in (220, 196, 262, 174)
    ]
    return np.resize(np.concatenate(bars), SECONDS * RATE_HZ)


def drums() -> Wave:
    hit = np.random.default_rng(5).normal(size=4000) * np.exp(-np.arange(4000) / 400)
    return np.resize(hit, SECONDS * RATE_HZ)


MUSIC: dict[str, Callable[[], Wave]] = {
    "melody": lambda: tune(240),
    "slow melody": lambda: tune(700, decay=0.8),
    "fast melody": lambda: tune(160, decay=4.0),
    "strings": lambda: tune(800, decay=0.1, vibrato=0.4),
    "chords": chords,
    "band": lambda: 0.8 * tune(300, decay=3.0) + 0.4 * chords() + 1.5 * drums(),
}


def music(kind: str, *, level_dbfs: float = -20.0) -> PCM:
    wave = MUSIC[kind]()
    return to_pcm(wave * to_rms(level_dbfs) / np.sqrt(np.mean(wave**2)))


def verdicts(pcm: PCM) -> list[bool | None]:
    detector = MusicDetector()
    return [detector.step(frame) for frame in frames(pcm)]


@pytest.mark.parametrize("kind", sorted(MUSIC))
@pytest.mark.parametrize("level_dbfs", [-15.0, -32.0])
def test_music_is_recognised_within_four_seconds_and_stays_so(kind: str, level_dbfs: float) -> None:
    told = verdicts(on_line(music(kind, level_dbfs=level_dbfs), noise_dbfs=-58.0))

    assert all(told[200:])


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("pause_ms", [0, 300])
def test_speech_is_never_music(language: str, pause_ms: int) -> None:
    assert not any(verdicts(on_line(talk(language, pause_ms=pause_ms), noise_dbfs=-58.0)))


@pytest.mark.parametrize("language", ["en", "es"])
def test_speech_over_noise_or_other_talkers_is_never_music(language: str) -> None:
    speech = talk(language)
    babble = mix(np.roll(speech, 40_000), np.roll(speech, 90_000))

    assert not any(verdicts(codec_pass(at_snr(speech, line_noise(40_000, -30.0, seed=2), 10.0))))
    assert not any(verdicts(codec_pass(at_snr(speech, babble, 6.0))))


@pytest.mark.parametrize(
    "sound",
    [
        silence(8000),
        white_noise(64_000, -30.0, seed=3),
        line_noise(64_000, -35.0, seed=4),
        hum(64_000, -30.0),
        tone(8000, 350.0, 440.0),
        np.concatenate([tone(2000, 440.0, 480.0), silence(4000)] * 3),
        np.concatenate([tone(500, 480.0, 620.0), silence(500)] * 8),
    ],
    ids=["silence", "hiss", "line noise", "hum", "dial tone", "ringback", "busy"],
)
def test_steady_sounds_are_not_music(sound: PCM) -> None:
    assert not any(verdicts(codec_pass(sound)))


@pytest.mark.parametrize("kind", sorted(MUSIC))
def test_the_talk_after_the_music_is_noticed_within_two_seconds(kind: str) -> None:
    played = music(kind)

    told = verdicts(on_line(played, talk("en"), noise_dbfs=-58.0))

    after = told[played.size // 160 :]
    assert after[0]
    assert not any(after[100:])


def test_music_that_stops_for_silence_is_over_within_two_seconds() -> None:
    told = verdicts(on_line(music("melody"), silence(4000), noise_dbfs=-65.0))

    assert not any(told[-100:])


def test_nothing_is_said_before_there_is_evidence() -> None:
    assert verdicts(music("melody"))[: 2 * 50] == [None] * 100
