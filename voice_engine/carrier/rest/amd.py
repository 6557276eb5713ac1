"""Answering machine detection from what the line says, with Twilio's parameters. Pure; fed frame by frame.

| heard                                                   | answered by                          |
|---------------------------------------------------------|--------------------------------------|
| 2,100 or 1,100 Hz for half a second                      | fax                                  |
| speech, then 1.2 s of silence, before 2.4 s of speech    | human                                |
| 2.4 s of speech                                         | machine_start, or wait for its end:  |
| ... then a record tone                                  | machine_end_beep                     |
| ... then 1.2 s of silence                               | machine_end_silence                  |
| nothing for 5 s, or 30 s without a verdict              | unknown (machine_end_other after speech) |

Thresholds: Twilio, "Answering Machine Detection", the defaults of its parameters.
"""

from dataclasses import dataclass

import numpy as np

from voice_engine.audio import mulaw
from voice_engine.audio.frames import FRAME_MS, FRAME_SAMPLES, RATE_HZ
from voice_engine.audio.level import dbfs
from voice_engine.audio.tones import Tone, ToneDetector

SPEECH_DBFS = -42.0
"""Louder is somebody (or something) on the line; a quiet line's noise lies below."""

FAX_HZ = (1100.0, 2100.0)
FAX_MS = 500
FAX_SHARE = 0.8
"""Share of a frame's energy at one of the two frequencies: speech has at most a few per cent there."""

BRIDGED_MS = 200
"""Shorter gaps are within a word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AmdSettings:
    """Milliseconds. `message_end`: a machine is told of when its greeting is over, not when it is known."""

    message_end: bool = False
    speech_ms: int = 2_400
    silence_after_speech_ms: int = 1_200
    silence_ms: int = 5_000
    timeout_ms: int = 30_000


class MachineDetector:
    """Names who answered, once."""

    def __init__(self, settings: AmdSettings) -> None:
        self._settings = settings
        self._tones = ToneDetector()
        self._at_ms = 0
        self._speech_ms = 0
        self._quiet_ms = 0
        self._fax_ms = 0
        self._gap_ms = 0

    @property
    def duration_ms(self) -> int:
        """How much of the line has been heard."""
        return self._at_ms

    def step(self, frame: bytes) -> str | None:
        """Hear 20 ms of μ-law; the verdict in Twilio's word when there is one."""
        self._at_ms += FRAME_MS
        pcm = mulaw.decode_pcm(frame)
        loud = dbfs(pcm.tobytes()) >= SPEECH_DBFS
        self._count(loud)
        self._fax_ms = self._fax_ms + FRAME_MS if loud and _is_fax(frame) else 0
        if self._fax_ms >= FAX_MS:
            return "fax"
        beep = self._tones.step(pcm) is Tone.BEEP
        return self._verdict(beep)

    def _count(self, loud: bool) -> None:
        if not loud:
            self._quiet_ms += FRAME_MS
            self._gap_ms += FRAME_MS
            return
        if self._speech_ms and self._gap_ms <= BRIDGED_MS:
            self._speech_ms += self._gap_ms
        self._speech_ms += FRAME_MS
        self._quiet_ms = self._gap_ms = 0

    def _verdict(self, beep: bool) -> str | None:
        settings = self._settings
        machine = self._speech_ms >= settings.speech_ms
        paused = self._speech_ms > 0 and self._quiet_ms >= settings.silence_after_speech_ms
        if beep and settings.message_end and self._speech_ms:
            return "machine_end_beep"
        if paused and not machine:
            return "human"
        if machine and not settings.message_end:
            return "machine_start"
        if machine and paused and self._quiet_ms >= 2 * settings.silence_after_speech_ms:
            return "machine_end_silence"
        silent = self._speech_ms == 0 and self._at_ms >= settings.silence_ms
        if silent or self._at_ms >= settings.timeout_ms:
            return "machine_end_other" if machine else "unknown"
        return None


_TIMES = np.arange(FRAME_SAMPLES) / RATE_HZ
_PROBES = [np.exp(-2j * np.pi * hz * _TIMES) for hz in FAX_HZ]


def _is_fax(frame: bytes) -> bool:
    pcm = mulaw.decode_pcm(frame).astype(np.float64)
    energy = float(np.square(pcm).sum())
    if energy == 0 or pcm.size != FRAME_SAMPLES:
        return False
    strongest = max(float(abs((pcm * probe).sum())) ** 2 for probe in _PROBES)
    return 2.0 * strongest / (FRAME_SAMPLES * energy) >= FAX_SHARE
