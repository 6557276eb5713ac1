"""What telephone lines do to audio: gain, mixing at a ratio, noise, the codec's round trip, lost packets.

Everything is a function of its arguments; chance comes from a seed.
"""

import numpy as np
from numpy.typing import NDArray

from voice_engine.audio import mulaw
from voice_engine.audio.frames import FRAME_SAMPLES, PCM, RATE_HZ
from voice_engine.audio.level import active_dbfs, pcm_dbfs, to_rms

_MAINS_HZ = 60.0
_HUM_HARMONICS = ((1, 0.5), (2, 1.0), (3, 0.7), (5, 0.3))
"""(harmonic, amplitude): a telephone band passes little of the fundamental."""


def to_pcm(samples: NDArray[np.float64]) -> PCM:
    """Round and clip float samples in int16 steps, shape (n,)."""
    return np.clip(np.rint(samples), -32768, 32767).astype(np.int16)


def gain(pcm: PCM, gain_db: float) -> PCM:
    """Scale int16 mono, shape (n,), by `gain_db`, clipping."""
    return to_pcm(pcm * 10.0 ** (gain_db / 20.0))


def at_level(pcm: PCM, level_dbfs: float) -> PCM:
    """Scale int16 mono, shape (n,), so that its active parts have `level_dbfs`; silence stays silence."""
    return gain(pcm, level_dbfs - active_dbfs(pcm)) if pcm.any() else pcm


def mix(*signals: PCM) -> PCM:
    """Sum int16 mono signals, clipping; the shorter ones are padded with silence."""
    total = np.zeros(max((signal.size for signal in signals), default=0))
    for signal in signals:
        total[: signal.size] += signal
    return to_pcm(total)


def at_snr(speech: PCM, noise: PCM, snr_db: float) -> PCM:
    """Speech with noise under it, `snr_db` below the speech's active level; the noise is repeated as needed."""
    under = np.resize(noise, speech.size)
    return mix(speech, gain(under, active_dbfs(speech) - snr_db - pcm_dbfs(under)))


def delayed(pcm: PCM, delay_ms: float) -> PCM:
    """The same length, `delay_ms` (≥ 0) later: silence first, the end cut off."""
    samples = min(round(delay_ms * RATE_HZ / 1000), pcm.size)
    return np.concatenate([np.zeros(samples, dtype=np.int16), pcm[: pcm.size - samples]])


def codec_pass(pcm: PCM) -> PCM:
    """One μ-law round trip, as any telephone call makes."""
    return mulaw.decode_pcm(mulaw.encode_pcm(pcm)).copy()


def white_noise(samples: int, level_dbfs: float, *, seed: int) -> PCM:
    """Gaussian noise, int16, shape (samples,)."""
    return to_pcm(np.random.default_rng(seed).normal(0.0, to_rms(level_dbfs), samples))


def pink_noise(samples: int, level_dbfs: float, *, seed: int) -> PCM:
    """Noise whose power falls 3 dB an octave above 50 Hz, as rooms and streets have it; int16, shape (samples,)."""
    spectrum = np.fft.rfft(np.random.default_rng(seed).normal(size=samples))
    hertz = np.fft.rfftfreq(samples, 1.0 / RATE_HZ)
    shaped = np.fft.irfft(spectrum / np.sqrt(np.maximum(hertz, 50.0)), samples)
    return to_pcm(shaped * (to_rms(level_dbfs) / max(float(np.sqrt(np.mean(shaped**2))), 1e-9)))


def hum(samples: int, level_dbfs: float) -> PCM:
    """Mains hum (60 Hz and harmonics), int16, shape (samples,)."""
    t = np.arange(samples) / RATE_HZ
    wave = sum(a * np.sin(2 * np.pi * _MAINS_HZ * k * t) for k, a in _HUM_HARMONICS)
    scale = to_rms(level_dbfs) / np.sqrt(sum(a * a for _, a in _HUM_HARMONICS) / 2)
    return to_pcm(np.asarray(wave * scale))


def line_noise(samples: int, level_dbfs: float, *, seed: int) -> PCM:
    """An analogue line at rest: mostly pink noise, some hiss, hum 10 dB below; int16, shape (samples,)."""
    pink = pink_noise(samples, level_dbfs - 1.5, seed=seed)
    white = white_noise(samples, level_dbfs - 6.0, seed=seed + 1)
    return mix(pink, white, hum(samples, level_dbfs - 10.0))


def loss_pattern(frames: int, loss: float, *, seed: int, burst_frames: float = 2.0) -> NDArray[np.bool_]:
    """Which of `frames` 20 ms packets are lost: shape (frames,), True for lost.

    Gilbert's two-state model: `loss` (0 to 1) on average, in bursts of `burst_frames` (≥ 1) on average.
    """
    if loss >= 1.0:
        return np.ones(frames, dtype=np.bool_)
    leave = 1.0 / burst_frames
    enter = min(1.0, leave * loss / (1.0 - loss))
    chance = np.random.default_rng(seed).random(frames)
    pattern = np.zeros(frames, dtype=np.bool_)
    lost = False
    for index in range(frames):
        lost = bool(chance[index] >= leave) if lost else bool(chance[index] < enter)
        pattern[index] = lost
    return pattern


def lose_packets(pcm: PCM, loss: float, *, seed: int, burst_frames: float = 2.0) -> PCM:
    """int16 mono, shape (n,), with lost 20 ms packets played as silence."""
    pattern = loss_pattern(-(-pcm.size // FRAME_SAMPLES), loss, seed=seed, burst_frames=burst_frames)
    return np.where(np.repeat(pattern, FRAME_SAMPLES)[: pcm.size], 0, pcm).astype(np.int16)
