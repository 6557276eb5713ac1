"""Make fixtures/audio/calls: recorded calls of both directions and languages, the same bytes each time.

Scripted respondents hold their calls on the virtual clock; what they said over the line, noise and losses included,
becomes `caller.wav`. Two folders are cut from the recorded prompts in fixtures/audio/asterisk-prompts. Run it after
changing the scripts below, and look at what `voice-engine replay fixtures/audio/calls` says before committing.
"""

import csv
import json
import shutil
import struct
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from voice_engine.audio import mixing, mulaw
from voice_engine.audio.frames import FRAME_MS, FRAME_SAMPLES, PCM, RATE_HZ
from voice_engine.audio.wav import read_wav
from voice_engine.carrier.messages import StreamIdentity, Writer
from voice_engine.carrier.scenario import load_scenario
from voice_engine.carrier.simulate import Simulation
from voice_engine.cli.calls import Desk, open_desk
from voice_engine.cli.commands.simulate import hold_audio
from voice_engine.cli.respondents import Respondents, open_respondents

ROOT = Path(__file__).resolve().parent.parent
CALLS = ROOT / "fixtures" / "audio" / "calls"
PROMPTS = ROOT / "fixtures" / "audio" / "asterisk-prompts"
SCENARIOS = ROOT / "tests" / "scenarios"

RECORDED: Sequence[tuple[str, str, dict[str, Any]]] = (
    ("en-restaurant-counter-offer", "en-restaurant-counter-offer", {}),
    ("en-restaurant-noisy-line", "en-restaurant-counter-offer", {"noise_db": 15, "gain_db": -6}),
    ("en-clinic-lossy-line", "en-clinic-cleaning", {"packet_loss": 0.02, "noise_db": 25}),
    ("en-hotel-quiet-caller", "en-hotel-booking", {"gain_db": -12}),
    ("en-inbound-booking", "en-inbound-booking", {}),
    ("en-inbound-hours-noisy-line", "en-inbound-hours", {"noise_db": 15}),
    ("en-voicemail-beep", "en-voicemail-beep", {}),
    ("es-restaurante-contraoferta", "es-restaurante-contraoferta", {}),
    ("es-restaurante-linea-ruidosa", "es-restaurante-hora-exacta", {"noise_db": 20, "packet_loss": 0.01}),
    ("es-entrante-reserva", "es-entrante-reserva", {}),
    ("es-entrante-horario", "es-entrante-horario", {"noise_db": 20}),
)
"""(folder, scenario, changes to its line)."""

JSONL_FROM = "en-inbound-booking"
"""This call is also kept as the messages of its stream."""

LATE_FRAME, LATE_MS = 25, 60
MISSING_FRAME = 50
KEY_FRAME = 100

PROMPT_PAUSE_MS = 3000
"""Between prompts: long enough for any engine to end the turn and answer shortly."""

PROMPTS_A_CALL = 10
NOISE_SNR_DB = 15.0

CALL_KEYS = ("direction", "language", "now", "submission", "assistant")
EXPECT_KEYS = ("status", "task_outcome", "agreed", "confirmation")


def main() -> int:
    """Make every folder anew."""
    shutil.rmtree(CALLS, ignore_errors=True)
    with open_desk() as desk, open_respondents(desk.providers) as respondents:
        for folder, scenario, line in RECORDED:
            record_call(folder, scenario, line, desk=desk, respondents=respondents)
    for language in ("en", "es"):
        prompt_call(f"{language}-prompts", language, noisy=False)
        prompt_call(f"{language}-prompts-noisy", language, noisy=True)
    stream_log(f"{JSONL_FROM}-stream", CALLS / JSONL_FROM)
    return 0


def record_call(
    folder: str, scenario_name: str, line: dict[str, Any], *, desk: Desk, respondents: Respondents
) -> None:
    """Hold a scripted call over a line of this quality and keep the other party's side."""
    source = yaml.safe_load((SCENARIOS / f"{scenario_name}.yaml").read_text("utf-8"))
    changed = source | {"name": folder, "line": source.get("line", {}) | line}
    script = CALLS / folder / "scenario.yaml"
    script.parent.mkdir(parents=True)
    script.write_text(yaml.safe_dump(changed, allow_unicode=True, sort_keys=False), "utf-8")
    simulation = hold_audio(load_scenario(script), desk, respondents, folder=None, realtime=False)
    script.unlink()
    write_mulaw_wav(script.parent / "caller.wav", simulation.said)
    write_call(script.parent, changed, expect=_expectation(simulation))
    print(f"{folder}: {len(simulation.said) / RATE_HZ:.0f} s, {'; '.join(simulation.failures) or 'as scripted'}")


def _expectation(simulation: Simulation) -> dict[str, Any] | None:
    """What the call came to, when that is what its script wants; else the recording stands without a claim."""
    if simulation.failures:
        return None
    result = simulation.result
    kept = {key: result[key] for key in EXPECT_KEYS if result.get(key) is not None}
    if kept.get("task_outcome") == "unclear":
        del kept["task_outcome"]  # claims nothing: a question answered has no task, in a later dialogue
    if result["direction"] == "inbound":
        kept.pop("confirmation", None)  # our calendar's own reference: another call has another one
    return kept


def prompt_call(folder: str, language: str, *, noisy: bool) -> None:
    """A caller who reads prompts to the receptionist, with pauses; `reference.tsv` has the words."""
    rows = [row for row in _utterances() if row["language"] == language][:PROMPTS_A_CALL]
    pause = np.zeros(PROMPT_PAUSE_MS * RATE_HZ // 1000, dtype=np.int16)
    pieces: list[PCM] = [pause]
    for row in rows:
        pieces += [read_wav(PROMPTS / "wav" / f"{row['id']}.wav"), pause]
    pcm = np.concatenate(pieces)
    if noisy:
        noise = mixing.line_noise(pcm.size, -40.0, seed=7)
        pcm = mixing.lose_packets(mixing.at_snr(pcm, noise, NOISE_SNR_DB), 0.01, seed=7)
    target = CALLS / folder
    target.mkdir(parents=True)
    write_mulaw_wav(target / "caller.wav", mulaw.encode_pcm(pcm))
    write_call(target, _prompt_call(language), expect={"status": "completed"})
    lines = "".join(f"{row['id']}\t{row['transcript']}\n" for row in rows)
    (target / "reference.tsv").write_text(f"id\ttranscript\n{lines}", "utf-8")
    shutil.copy(PROMPTS / "README.md", target / "CREDIT.md")
    print(f"{folder}: {pcm.size / RATE_HZ:.0f} s")


def _prompt_call(language: str) -> dict[str, Any]:
    return {
        "direction": "inbound",
        "language": language,
        "now": "2026-02-13T10:00:00+00:00",
        "assistant": {
            "name": "Robin",
            "greeting_mode": "assistant-waits-for-user",
            "business": {"name": "Switchboard", "type": "office", "timezone": "UTC"},
        },
    }


def _utterances() -> list[dict[str, str]]:
    with (PROMPTS / "utterances.tsv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def stream_log(folder: str, source: Path) -> None:
    """The same call as the messages of its stream: one late, one missing, and a key pressed at two seconds."""
    writer = Writer(
        StreamIdentity(stream_sid="MZ" + "1" * 32, call_sid="CA" + "2" * 32, account_sid="AC" + "3" * 32)
    )
    coded = mulaw.encode_pcm(read_wav(source / "caller.wav"))
    lines = [(0, writer.connected()), (0, writer.start())]
    for index in range(len(coded) // FRAME_SAMPLES):
        at_ms = index * FRAME_MS
        if index == KEY_FRAME:
            lines.append((at_ms, writer.dtmf("5")))
        if index == MISSING_FRAME:
            writer.lose_media()
            continue
        frame = writer.media(coded[index * FRAME_SAMPLES : (index + 1) * FRAME_SAMPLES], at_ms)
        lines.append((at_ms + (LATE_MS if index == LATE_FRAME else 0), frame))
    lines.append((len(coded) * 1000 // RATE_HZ, writer.stop()))
    target = CALLS / folder
    target.mkdir(parents=True)
    with (target / "stream.jsonl").open("w", encoding="utf-8") as file:
        for at_ms, text in sorted(lines, key=lambda line: line[0]):
            file.write(json.dumps({"_at_ms": at_ms, **json.loads(text)}) + "\n")
    shutil.copy(source / "call.yaml", target / "call.yaml")
    print(f"{folder}: {len(lines)} messages")


def write_call(target: Path, source: dict[str, Any], *, expect: dict[str, Any] | None) -> None:
    """`call.yaml`: what the call is for, and what it came to."""
    call = {key: source[key] for key in CALL_KEYS if key in source}
    if expect:
        call["expect"] = expect
    text = yaml.safe_dump(call, allow_unicode=True, sort_keys=False)
    (target / "call.yaml").write_text(f"# Made by scripts/make_fixtures.py.\n{text}", "utf-8")


def write_mulaw_wav(path: Path, coded: bytes) -> None:
    """A WAV file of μ-law audio (format 7, with the `fact` chunk that non-PCM formats carry)."""
    form = struct.pack("<HHIIHHH", 7, 1, RATE_HZ, RATE_HZ, 1, 8, 0)
    chunks = (b"fmt ", form), (b"fact", struct.pack("<I", len(coded))), (b"data", coded)
    body = b"".join(name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2) for name, data in chunks)
    path.write_bytes(b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WAVE" + body)


if __name__ == "__main__":
    sys.exit(main())
