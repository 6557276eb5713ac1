"""A recorded caller prepared for load: every frame encoded beforehand, and where speech starts and turns end."""

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from voice_engine.audio import mulaw
from voice_engine.audio.frames import FRAME_MS
from voice_engine.audio.vad import GatedVAD, VADSettings
from voice_engine.carrier.leg import SILENT_FRAME
from voice_engine.carrier.recorded import TAIL_MS, RecordedCall

TURN_GAP_MS = 1_000
"""Silence after which a turn counts as ended for the measurement: longer than any engine is asked to wait."""

ONSET_FRAMES = 3
"""Voiced frames in a row that make a speech onset."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """One recording, ready to send.

    `payloads`: base64 per 20 ms frame, the silent tail included. `turn_ends`: frames (indices) that are the last
    voiced one of a turn. `onsets`: first voiced frames of turns.
    """

    name: str
    payloads: tuple[bytes, ...]
    turn_ends: frozenset[int]
    onsets: frozenset[int]

    @property
    def duration_s(self) -> float:
        """How long it plays."""
        return len(self.payloads) * FRAME_MS / 1000


def prepare(recorded: RecordedCall, vad: VADSettings | None = None) -> Take:
    """Prepare a recorded call; its turns are found by the engine's own kind of VAD, run offline."""
    frames = [*_frames(recorded), *[SILENT_FRAME] * (TAIL_MS // FRAME_MS)]
    onsets, ends = turns(frames, vad)
    return Take(
        name=recorded.name,
        payloads=tuple(base64.b64encode(frame) for frame in frames),
        turn_ends=frozenset(ends),
        onsets=frozenset(onsets),
    )


def turns(frames: Iterable[bytes], settings: VADSettings | None = None) -> tuple[list[int], list[int]]:
    """First and last voiced frame of each turn in μ-law frames; shorter gaps than `TURN_GAP_MS` are inside one."""
    vad = GatedVAD(settings)
    onsets: list[int] = []
    ends: list[int] = []
    in_row = 0
    last: int | None = None
    for index, frame in enumerate(frames):
        voiced, _ = vad.step(mulaw.decode(frame))
        in_row = in_row + 1 if voiced else 0
        if last is not None and (index - last) * FRAME_MS > TURN_GAP_MS:
            ends.append(last)
            last = None
        if voiced and last is not None:
            last = index
        elif in_row >= ONSET_FRAMES:
            onsets.append(index - ONSET_FRAMES + 1)
            last = index
    return onsets, ends if last is None else [*ends, last]


def _frames(recorded: RecordedCall) -> Sequence[bytes]:
    if recorded.caller is not None:
        return recorded.caller
    assert recorded.log is not None
    frames: list[bytes] = []
    for message in recorded.log:
        if message.body["event"] != "media":
            continue
        payload = base64.b64decode(message.body["media"]["payload"])
        slot = int(message.body["media"].get("timestamp", len(frames) * FRAME_MS)) // FRAME_MS
        frames.extend([SILENT_FRAME] * min(slot - len(frames), 500))
        if len(payload) == len(SILENT_FRAME):
            frames.append(payload)
    return frames
