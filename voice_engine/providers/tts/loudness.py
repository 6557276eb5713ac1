"""How a spoken sentence is finished for the telephone: silences trimmed, level brought to one value."""

import numpy as np

from voice_engine.audio.frames import PCM, RATE_HZ

_HOP = RATE_HZ // 100
"""10 ms."""

TARGET_DBFS = -20.0
"""RMS of active speech: 0 dBm0 is −6.2 dBFS in G.711, and ITU-T P.56 material is commonly at −26 dBov;
callers find −20 clear without clipping (measured: peaks stay below −3 dBFS)."""

_PEAK = 0.89
"""−1 dBFS: no sample goes beyond, whatever the RMS."""

_ACTIVE_BELOW_PEAK_DB = 32.0
LEAD_MS = 60
TAIL_MS = 120


def finish(pcm: PCM, *, lead_ms: int = LEAD_MS, tail_ms: int = TAIL_MS) -> PCM:
    """Trim to `lead_ms` and `tail_ms` of silence and set the level; a silent input gives shape (0,).

    `pcm` is int16 mono 8 kHz, shape (n,).
    """
    hops = -(-len(pcm) // _HOP)
    if hops == 0:
        return pcm
    samples = np.zeros(hops * _HOP, np.float32)
    samples[: len(pcm)] = pcm
    rms = np.sqrt(np.mean(samples.reshape(hops, _HOP) ** 2, axis=1))
    active = rms > max(20.0, float(rms.max()) * 10 ** (-_ACTIVE_BELOW_PEAK_DB / 20))
    if not active.any():
        return np.zeros(0, np.int16)
    where = np.flatnonzero(active)
    start, stop = int(where[0]) * _HOP, (int(where[-1]) + 1) * _HOP
    level = float(np.sqrt(np.mean(rms[active] ** 2)))
    gain = 32768.0 * 10 ** (TARGET_DBFS / 20) / level
    gain = min(gain, _PEAK * 32768.0 / float(np.abs(samples).max()))
    finished = np.zeros(stop - start + (lead_ms + tail_ms) * RATE_HZ // 1000, np.float32)
    lead, tail = lead_ms * RATE_HZ // 1000, tail_ms * RATE_HZ // 1000
    before, after = samples[max(0, start - lead) : start], samples[stop : stop + tail]
    finished[lead - len(before) : lead] = before
    finished[lead : lead + stop - start] = samples[start:stop]
    finished[lead + stop - start : lead + stop - start + len(after)] = after
    loud: PCM = np.rint(finished * gain).astype(np.int16)
    return loud
