"""Speech is heard, also in noise at 10 dB; noise, hum and comfort noise are not, once they are learned."""

import numpy as np
import pytest

from tests.audio.speech import frames, silence, talk, utterances
from voice_engine.audio.frames import FRAME_SAMPLES, PCM
from voice_engine.audio.mixing import (
    at_level,
    at_snr,
    codec_pass,
    gain,
    hum,
    line_noise,
    mix,
    pink_noise,
    white_noise,
)
from voice_engine.audio.vad import GatedVAD, VADSettings

SECOND = 50


def verdicts(pcm: PCM, vad: GatedVAD | None = None) -> list[bool]:
    vad = vad or GatedVAD()
    return [vad.step(frame)[0] for frame in frames(pcm)]


def loud_frames(pcm: PCM, *, within_db: float) -> list[bool]:
    """Frames within so many dB of the loudest tenth: surely speech."""
    energy = np.array([float(np.mean(frame.astype(np.float64) ** 2)) for frame in frames(pcm)])
    return list(energy > np.percentile(energy, 90) * 10 ** (-within_db / 10))


def share(voiced: list[bool], where: list[bool]) -> float:
    return sum(v for v, w in zip(voiced, where, strict=True) if w) / max(1, sum(where))


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("level_dbfs", [-15.0, -26.0, -36.0])
def test_speech_is_voiced_at_any_usual_level(language: str, level_dbfs: float) -> None:
    speech = talk(language, level_dbfs=level_dbfs)

    voiced = verdicts(codec_pass(mix(speech, line_noise(speech.size, -65.0, seed=1))))

    assert share(voiced, loud_frames(speech, within_db=12)) >= 0.97


@pytest.mark.parametrize("language", ["en", "es"])
def test_pauses_are_not_voiced(language: str) -> None:
    speech = np.concatenate([silence(3000), at_level(utterances(language)[0], -22.0), silence(3000)])

    voiced = verdicts(codec_pass(mix(speech, line_noise(speech.size, -60.0, seed=2))))

    assert not any(voiced[: 2 * SECOND])
    assert not any(voiced[-2 * SECOND :])


@pytest.mark.parametrize("language", ["en", "es"])
def test_speech_stands_out_of_noise_10_db_below_it(language: str) -> None:
    speech = np.concatenate([silence(3000), talk(language, level_dbfs=-22.0), silence(1500)])

    voiced = verdicts(codec_pass(at_snr(speech, pink_noise(40_000, -30.0, seed=3), 10.0)))

    assert share(voiced, loud_frames(speech, within_db=8)) >= 0.95
    assert sum(voiced[-SECOND:]) <= 2


@pytest.mark.parametrize(
    "noise",
    [
        line_noise(80_000, -58.0, seed=4),
        line_noise(80_000, -45.0, seed=5),
        white_noise(80_000, -40.0, seed=6),
        pink_noise(80_000, -35.0, seed=7),
        hum(80_000, -40.0),
        hum(80_000, -25.0),
    ],
    ids=["faint line", "line", "hiss", "street", "hum", "loud hum"],
)
def test_steady_noise_is_learned_within_two_and_a_half_seconds(noise: PCM) -> None:
    """The trap of the ungated detector: it stays voiced on faint noise for seconds on end."""
    voiced = verdicts(codec_pass(noise))

    assert sum(voiced[125:]) <= 4


def test_comfort_noise_after_speech_is_not_voiced() -> None:
    """Gateways fill pauses with noise that comes and goes with the talker."""
    bursts = np.concatenate([at_level(utterances("en")[1], -22.0), line_noise(8000, -52.0, seed=8)] * 2)

    voiced = verdicts(codec_pass(bursts))

    assert sum(voiced[-SECOND + 5 :]) <= 2


def test_lost_packets_do_not_reset_the_floor() -> None:
    """A hole of digital silence says nothing of the line; else every loss would open the gate for two seconds."""
    noise = codec_pass(white_noise(160_000, -38.0, seed=9))
    noise[80_000:80_800] = 0
    vad = GatedVAD()

    voiced = verdicts(noise, vad)

    assert sum(voiced[4 * SECOND :]) <= 4
    assert vad.floor_dbfs == pytest.approx(-39.0, abs=1.5)


def test_the_level_of_each_frame_is_told() -> None:
    frame = np.resize(np.array([3277, -3277], dtype=np.int16), FRAME_SAMPLES)

    _, level_dbfs = GatedVAD().step(frame.tobytes())

    assert level_dbfs == pytest.approx(-20.0, abs=0.01)


def test_the_floor_is_unknown_at_first() -> None:
    assert GatedVAD().floor_dbfs == -96.0


@pytest.mark.parametrize("size", [0, 1, 159, 161, 480])
def test_a_frame_of_another_length_is_judged_too(size: int) -> None:
    """Payloads are a peer's doing; none may break the call."""
    _, level_dbfs = GatedVAD().step(np.full(size, 2000, dtype=np.int16))

    assert level_dbfs == pytest.approx(-24.3 if size else -96.0, abs=0.1)


def test_a_restored_vad_knows_the_lines_noise() -> None:
    noise = codec_pass(white_noise(40_000, -38.0, seed=10))
    vad = GatedVAD()
    verdicts(noise, vad)

    restored = GatedVAD(state=vad.snapshot())

    assert restored.floor_dbfs == vad.floor_dbfs
    assert sum(verdicts(noise[:8000], restored)) <= sum(verdicts(noise[:8000], GatedVAD()))
    assert restored.snapshot() != vad.snapshot()


def test_the_gate_can_be_moved() -> None:
    speech = at_level(utterances("en")[0], -35.0)

    deaf = verdicts(speech, GatedVAD(VADSettings(min_dbfs=-10.0)))

    assert not any(deaf)
    assert any(verdicts(gain(speech, 0.0)))
