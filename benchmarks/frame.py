"""What one 20 ms frame costs, step by step: CPU µs, median of short rounds, so that a busy machine matters less.

    python -m benchmarks.frame [--json]

A budget is what the step was designed to; the exit status is 1 when a median exceeds one.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path

import numpy as np
import webrtcvad

from voice_engine.audio import mulaw
from voice_engine.audio.dtmf import DtmfDetector
from voice_engine.audio.echo import EchoGuard
from voice_engine.audio.frames import FRAME_MS, FRAME_SAMPLES, RATE_HZ
from voice_engine.audio.mixing import codec_pass, pink_noise
from voice_engine.audio.music import MusicDetector
from voice_engine.audio.resample import Resampler
from voice_engine.audio.tones import ToneDetector
from voice_engine.audio.vad import GatedVAD
from voice_engine.runtime.recorder import Recorder
from voice_engine.telephony.twilio.protocol import StreamProtocol

ROUNDS = 31
STREAM = "MZ" + "9f2c" * 8

Step = Callable[[], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """One step's cost: `path` says how often it runs; `budget_us` None where only the figure is of interest."""

    step: str
    path: str
    median_us: float
    budget_us: float | None = None


def measure(step: Step, *, batch: int) -> float:
    """Median CPU µs of one call, over `ROUNDS` batches."""
    costs = []
    for _ in range(ROUNDS):
        started = time.process_time_ns()
        for _ in range(batch):
            step()
        costs.append((time.process_time_ns() - started) / batch / 1000)
    return statistics.median(costs)


def steps(stack: ExitStack) -> Iterator[tuple[str, str, Step, int, float | None]]:
    """(step, path, function, batch, budget in µs)."""
    pcm = codec_pass(pink_noise(FRAME_SAMPLES, -20.0, seed=1))
    frame = pcm.tobytes()
    payload = mulaw.encode(frame)
    protocol, message = _stream(payload)
    raw = message.encode()
    spaced = json.dumps(json.loads(message))
    bare = webrtcvad.Vad(2).is_speech
    yield "parse media (text)", "every frame", lambda: protocol._media_fast(message), 500, 4.0
    yield "parse media (bytes)", "every frame", lambda: protocol._media_fast(raw), 500, 4.5
    yield "parse media, unusual shape", "rare", lambda: protocol._parse_any(spaced), 500, 15.0
    yield "μ-law decode", "every frame", lambda: mulaw.decode(payload), 1000, 1.0
    yield "webrtcvad alone", "every frame", lambda: bare(frame, RATE_HZ), 500, None
    vad = GatedVAD()
    yield "gated VAD, webrtcvad included", "every frame", lambda: vad.step(frame), 500, 12.0
    yield "recorder, both channels", "every frame", _recorder(stack, frame), 500, 4.0
    yield "μ-law encode", "every frame sent", lambda: mulaw.encode(frame), 500, 3.0
    yield "write media", "every message sent", lambda: protocol.media(payload), 500, 2.0
    yield "echo guard, engine's audio", "every frame sent", _sent(frame), 200, 20.0
    yield "echo guard, verdict", "voiced frames while the engine speaks", _echo(), 20, 150.0
    music, tones, dtmf = MusicDetector(), ToneDetector(), DtmfDetector()
    yield "music", "outbound calls", lambda: music.step(pcm), 50, 40.0
    yield "tones", "outbound calls", lambda: tones.step(pcm), 50, 60.0
    yield "DTMF in the band", "where the carrier reports none", lambda: dtmf.step(frame), 100, 30.0
    converter = Resampler(24_000, RATE_HZ)
    wide = np.repeat(pcm, 3)
    yield "resample 24 → 8 kHz", "every frame synthesised", lambda: converter.push(wide), 100, 40.0


def _stream(payload: bytes) -> tuple[StreamProtocol, str]:
    protocol = StreamProtocol()
    form = {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}
    start = {"streamSid": STREAM, "callSid": "CA1", "accountSid": "AC1", "mediaFormat": form}
    protocol.parse(json.dumps({"event": "start", "sequenceNumber": "1", "start": start}))
    encoded = json.loads(protocol.media(payload))["media"]["payload"]
    media = {"track": "inbound", "chunk": "1500", "timestamp": "30005", "payload": encoded}
    message = {"event": "media", "sequenceNumber": "1502", "media": media, "streamSid": STREAM}
    return protocol, json.dumps(message, separators=(",", ":"))


def _recorder(stack: ExitStack, frame: bytes) -> Step:
    folder = stack.enter_context(tempfile.TemporaryDirectory())
    recorder = Recorder(Path(folder) / "recording.wav")
    stack.callback(recorder.close)
    numbers = count()

    def place() -> None:
        number = next(numbers)
        recorder.other(number * FRAME_MS, frame)
        recorder.engine(number * FRAME_MS, frame)
        if number % 50 == 0:
            recorder.write(recorder.pending())

    return place


def _sent(frame: bytes) -> Step:
    guard, numbers = EchoGuard(), count()
    return lambda: guard.sent(next(numbers) * FRAME_MS, frame)


def _echo() -> Step:
    """The dear case: the line echoes, and each frame is voiced and has to be explained."""
    guard, numbers = EchoGuard(), count()
    sent = pink_noise(60 * RATE_HZ, -18.0, seed=2)
    delay = 120 * RATE_HZ // 1000

    def judge() -> bool:
        number = next(numbers) % 2900
        at = number * FRAME_SAMPLES
        guard.sent(number * FRAME_MS, sent[at + delay : at + delay + FRAME_SAMPLES].tobytes())
        back = (
            np.zeros(FRAME_SAMPLES, dtype=np.int16)
            if at < delay
            else sent[at - delay : at - delay + FRAME_SAMPLES] // 4
        )
        return guard.is_echo(number * FRAME_MS, back.tobytes(), -30.0)

    return judge


def run() -> list[Cost]:
    """Measure every step."""
    with ExitStack() as stack:
        return [
            Cost(step=name, path=path, median_us=round(measure(step, batch=batch), 2), budget_us=budget)
            for name, path, step, batch, budget in steps(stack)
        ]


def main() -> int:
    """Print the table; 1 when a budget is exceeded."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print an array instead of a table")
    as_json = parser.parse_args().json
    costs = run()
    if as_json:
        print(json.dumps([asdict(cost) for cost in costs], ensure_ascii=False, indent=1))
    else:
        for cost in costs:
            budget = "" if cost.budget_us is None else f"of {cost.budget_us:g}"
            print(f"{cost.step:32}{cost.median_us:9.2f} µs {budget:9} {cost.path}")
        each = sum(cost.median_us for cost in costs if cost.path == "every frame" and "alone" not in cost.step)
        print(f"\nEvery frame, transport and turn-taking excluded: {each:.1f} µs")
    return int(any(cost.budget_us is not None and cost.median_us > cost.budget_us for cost in costs))


if __name__ == "__main__":
    sys.exit(main())
