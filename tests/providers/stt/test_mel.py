"""The log-mel front end: its shape, its scale and its bands."""

import numpy as np
import pytest
from numpy.typing import NDArray

from voice_engine.providers.stt.mel import RATE_HZ, Floats, log_mel


def tone(hz: float, amplitude: float = 0.5) -> Floats:
    wave: Floats = (amplitude * np.sin(2 * np.pi * hz / RATE_HZ * np.arange(RATE_HZ))).astype(np.float32)
    return wave


def spectrogram(audio: Floats) -> Floats:
    """Of the audio and a fortieth of a second of silence after it."""
    return log_mel(audio, samples=len(audio) + RATE_HZ // 40)


def test_one_frame_every_10_ms_in_80_bands() -> None:
    assert spectrogram(tone(440)).shape == (80, 102)


@pytest.mark.parametrize(("hz", "mel"), [(200, 3.0), (1000, 15.0), (4000, 15.0 + np.log(4) / (np.log(6.4) / 27))])
def test_a_tone_lights_the_band_of_its_frequency(hz: float, mel: float) -> None:
    """Slaney's scale: 200/3 Hz a mel up to 1 kHz, logarithmic above; 80 bands over 0..8 kHz."""
    top_mel = 15.0 + np.log(8) / (np.log(6.4) / 27)

    loudest = int(spectrogram(tone(hz))[:, :100].mean(axis=1).argmax())

    assert loudest == pytest.approx(mel / top_mel * 81 - 1, abs=1)


def test_values_span_at_most_two_below_the_loudest() -> None:
    """Clipped 8 decades below the maximum, then divided by 4."""
    features = spectrogram(tone(440))

    assert features.max() - features.min() == pytest.approx(2.0, abs=1e-3)


def test_twice_the_amplitude_is_a_constant_more() -> None:
    louder, softer = spectrogram(tone(440)), spectrogram(tone(440, 0.25))

    assert louder.max() - softer.max() == pytest.approx(np.log10(4) / 4, abs=1e-3)


def test_silence_has_no_infinities() -> None:
    assert np.isfinite(spectrogram(np.zeros(RATE_HZ, np.float32))).all()


def test_silence_that_is_not_computed_is_as_if_it_were() -> None:
    """Whisper's window is mostly padding: leaving its frames out must change nothing."""
    noise = np.random.default_rng(5).normal(0, 0.1, RATE_HZ // 2).astype(np.float32)
    padded = np.concatenate([noise, np.zeros(RATE_HZ, np.float32)])

    spared = log_mel(noise, samples=2 * RATE_HZ)
    computed = log_mel(padded, samples=2 * RATE_HZ)

    assert spared.shape == computed.shape == (80, 200)
    np.testing.assert_allclose(spared, computed, atol=1e-6)


def test_every_value_is_the_exact_one_rounded() -> None:
    """In single precision some would be off, and Whisper would hear other words on another machine."""
    audio = np.random.default_rng(3).normal(0, 0.1, RATE_HZ // 5).astype(np.float32)
    samples = len(audio) + RATE_HZ // 20

    features = log_mel(audio, samples=samples)

    np.testing.assert_array_equal(features, _by_definition(audio, samples).astype(np.float32))


def _by_definition(audio: Floats, samples: int) -> NDArray[np.longdouble]:
    """Frame by frame, Fourier transform and filters as sums, in extended precision."""
    wave = np.concatenate([audio[200:0:-1], audio, np.zeros(samples)]).astype(np.longdouble)
    n = np.arange(400, dtype=np.longdouble)
    hann = (1 - np.cos(2 * np.longdouble(np.pi) * n / 400)) / 2
    turns = np.exp(-2j * np.pi * (np.outer(np.arange(201), np.arange(400)) % 400) / 400).astype(np.clongdouble)
    power = np.array(
        [np.abs((turns * (wave[at : at + 400] * hann)).sum(axis=1)) ** 2 for at in range(0, samples, 160)][
            : samples // 160
        ]
    ).T
    edges = _mel_edges()
    bins = np.arange(201) * np.longdouble(40.0)
    triangles = [
        np.clip(np.minimum((bins - low) / (mid - low), (high - bins) / (high - mid)), 0, None) * 2 / (high - low)
        for low, mid, high in zip(edges[:-2], edges[1:-1], edges[2:], strict=True)
    ]
    logs = np.log10(np.maximum(np.array([(band[:, np.newaxis] * power).sum(axis=0) for band in triangles]), 1e-10))
    result: NDArray[np.longdouble] = (np.maximum(logs, logs.max() - 8) + 4) / 4
    return result


def _mel_edges() -> list[float]:
    """82 frequencies, equally far from each other in mel."""
    top = 15.0 + 27.0 * np.log(8.0) / np.log(6.4)
    return [
        float(mel * 200.0 / 3.0 if mel < 15.0 else 1000.0 * np.exp((mel - 15.0) * np.log(6.4) / 27.0))
        for mel in np.linspace(0.0, top, 82)
    ]


def test_frames_at_the_very_end_would_lack_their_silence() -> None:
    with pytest.raises(AssertionError, match="silence"):
        log_mel(tone(440), samples=RATE_HZ)
