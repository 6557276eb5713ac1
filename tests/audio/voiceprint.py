"""What tells speakers apart, measured: the height of the melody and where the spectrum has its weight."""

from dataclasses import dataclass

import numpy as np

from voice_engine.audio.frames import PCM, RATE_HZ

_FRAME, _HOP = 400, 80
_LOWEST_HZ, _HIGHEST_HZ = 60, 400
_AUDIBLE_RMS, _VOICED = 800.0, 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Voiceprint:
    """Medians over the voiced frames of 50 ms, in Hz."""

    pitch_hz: float
    centroid_hz: float

    def distance(self, other: "Voiceprint") -> float:
        """How many semitones apart, pitch and timbre together (a semitone of pitch is easily heard)."""
        pitch, timbre = (
            12 * abs(float(np.log2(mine / theirs)))
            for mine, theirs in ((self.pitch_hz, other.pitch_hz), (self.centroid_hz, other.centroid_hz))
        )
        return float(np.hypot(pitch, timbre))


def voiceprint(pcm: PCM) -> Voiceprint:
    """Measure int16 8 kHz speech, shape (n,), by autocorrelation and power spectrum."""
    pitches, centroids = [], []
    frequencies = np.fft.rfftfreq(_FRAME, 1 / RATE_HZ)
    for start in range(0, len(pcm) - _FRAME, _HOP):
        frame = pcm[start : start + _FRAME].astype(np.float64)
        frame -= frame.mean()
        if np.sqrt(np.mean(frame**2)) < _AUDIBLE_RMS:
            continue
        similar = np.correlate(frame, frame, "full")[_FRAME - 1 :]
        shortest, longest = RATE_HZ // _HIGHEST_HZ, RATE_HZ // _LOWEST_HZ
        period = shortest + int(np.argmax(similar[shortest:longest]))
        if similar[period] < _VOICED * similar[0]:
            continue
        power = np.abs(np.fft.rfft(frame * np.hanning(_FRAME))) ** 2
        pitches.append(RATE_HZ / period)
        centroids.append(float((power * frequencies).sum() / power.sum()))
    assert pitches, "no voiced speech in it"
    return Voiceprint(pitch_hz=float(np.median(pitches)), centroid_hz=float(np.median(centroids)))
