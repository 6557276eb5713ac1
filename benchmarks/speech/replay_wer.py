"""Word error rate of the whole path against the same model decoding each recording whole.

Each recorded utterance becomes an inbound call: a quiet line, the recording, a quiet line again. The call goes
through the real session on the virtual clock (VAD, segmentation, streaming recognition); what the human turns of
its transcript say, joined, is held to the reference. `python -m benchmarks.speech.replay_wer [--errors] [--out F]`

One more or less wrong word in 343 is 0.3 points, and Whisper turns inaudible differences into other words: with
other line noise (`--seed`) the figures move by about a point. Compare means over several seeds.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from benchmarks.speech_models import DEFAULT, Utterance, edit_distance, read_utterances, words
from voice_engine.audio import mixing, mulaw
from voice_engine.audio.frames import FRAME_SAMPLES, RATE_HZ
from voice_engine.carrier.callfile import CallFile
from voice_engine.carrier.recorded import RecordedCall
from voice_engine.carrier.replay import replay
from voice_engine.carrier.script import Expectations
from voice_engine.cli.calls import Desk, open_desk
from voice_engine.clock import run_virtual
from voice_engine.ports.call import Assistant, Business, CallSpec, GreetingMode, Language
from voice_engine.providers.stt.moonshine import MoonshineTranscriber
from voice_engine.providers.stt.recognizers import Transcriber
from voice_engine.providers.stt.silence import speech_span
from voice_engine.providers.stt.whisper import WhisperTranscriber

QUIET_BEFORE_MS = 2_000
QUIET_AFTER_MS = 1_500
LINE_DBFS = -58.0
"""A quiet analogue line, not digital silence."""

ALLOWED = {"en": 0.015, "es": 0.02}
"""How much the path may add to the model's own word error rate, as a share of the words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One recording; `turns`: how many turns the engine made of it."""

    name: str
    language: str
    reference: str
    whole: str
    replayed: str
    words: int
    whole_errors: int
    replayed_errors: int
    turns: int


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print, and exit 0 when the path keeps within what is allowed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--languages", default="en,es")
    parser.add_argument("--only", help="names that contain this")
    parser.add_argument("--seed", type=int, default=7, help="of the noise on the line")
    parser.add_argument("--errors", action="store_true", help="list the recordings that the path heard differently")
    parser.add_argument("--out", type=Path, help="write every row as JSON")
    options = parser.parse_args(argv)
    chosen = [
        utterance
        for utterance in read_utterances(DEFAULT)
        if utterance.language in options.languages.split(",") and (options.only or "") in utterance.name
    ]
    models: dict[str, Transcriber] = {"en": MoonshineTranscriber(), "es": WhisperTranscriber()}
    with open_desk({"stt": "local", "tts": "local", "llm": "none"}) as desk:
        rows = [measure(utterance, models[utterance.language], desk, seed=options.seed) for utterance in chosen]
    if options.errors:
        show_differences(rows)
    if options.out:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(json.dumps([asdict(row) for row in rows], ensure_ascii=False, indent=1) + "\n")
    figures, passed = verdict(rows)
    print(json.dumps({"passed": passed, "figures": figures}))
    return 0 if passed else 1


def measure(utterance: Utterance, model: Transcriber, desk: Desk, *, seed: int) -> Row:
    """Decode the recording whole, and call with it."""
    model.load()
    coded = mulaw.decode_pcm(mulaw.encode_pcm(utterance.pcm))
    start, stop = speech_span(coded)
    whole = model.transcribe(coded[start:stop], utterance.language).text
    result = run_virtual(replay(recorded(utterance, seed=seed), desk.engines())).result
    human = [turn["text"] for turn in result["turns"] if turn["speaker"] == "HUMAN"]
    replayed = " ".join(human)
    expected = words(utterance.transcript, utterance.language)
    return Row(
        name=utterance.name,
        language=utterance.language,
        reference=utterance.transcript,
        whole=whole,
        replayed=replayed,
        words=len(expected),
        whole_errors=edit_distance(expected, words(whole, utterance.language)),
        replayed_errors=edit_distance(expected, words(replayed, utterance.language)),
        turns=len(human),
    )


def recorded(utterance: Utterance, *, seed: int) -> RecordedCall:
    """The recording as a call: its line is quiet before and after."""
    before, after = QUIET_BEFORE_MS * RATE_HZ // 1000, QUIET_AFTER_MS * RATE_HZ // 1000
    line = mixing.line_noise(before + len(utterance.pcm) + after, LINE_DBFS, seed=seed)
    heard = line.astype(np.int32)
    heard[before : before + len(utterance.pcm)] += utterance.pcm
    pcm = heard.clip(-32768, 32767).astype(np.int16)
    pcm = np.concatenate([pcm, line[: -len(pcm) % FRAME_SAMPLES]])
    coded = mulaw.encode_pcm(pcm)
    frames = tuple(coded[at : at + FRAME_SAMPLES] for at in range(0, len(coded), FRAME_SAMPLES))
    language: Language = "es" if utterance.language == "es" else "en"
    spec = CallSpec(
        call_id=utterance.name,
        direction="inbound",
        language=language,
        answered_at=datetime(2026, 2, 13, 10, tzinfo=UTC),
        record=False,
        assistant=Assistant(
            name="Robin",
            greeting_mode=GreetingMode.CALLER_FIRST,
            business=Business(name="Switchboard", timezone="UTC"),
        ),
    )
    return RecordedCall(
        name=utterance.name, path=DEFAULT, call=CallFile(spec=spec), expect=Expectations(), caller=frames
    )


def verdict(rows: Sequence[Row]) -> tuple[dict[str, float | int], bool]:
    """Figures a language, and whether what the path adds is allowed."""
    figures: dict[str, float | int] = {}
    passed = bool(rows)
    for language in sorted({row.language for row in rows}):
        mine = [row for row in rows if row.language == language]
        total = sum(row.words for row in mine)
        whole = sum(row.whole_errors for row in mine) / total
        replayed = sum(row.replayed_errors for row in mine) / total
        passed = passed and replayed - whole <= ALLOWED[language]
        figures |= {
            f"{language}_recordings": len(mine),
            f"{language}_words": total,
            f"{language}_turns": sum(row.turns for row in mine),
            f"{language}_whole_wer": round(whole, 4),
            f"{language}_replayed_wer": round(replayed, 4),
            f"{language}_added_points": round(100 * (replayed - whole), 2),
        }
    return figures, passed


def show_differences(rows: Sequence[Row]) -> None:
    """What the path heard otherwise than the model alone."""
    for row in rows:
        if words(row.whole, row.language) != words(row.replayed, row.language):
            print(f"{row.name}: {row.whole_errors} → {row.replayed_errors} of {row.words}, {row.turns} turns")
            for name, text in (("reference", row.reference), ("whole", row.whole), ("replayed", row.replayed)):
                print(f"    {name:10} {text}")


if __name__ == "__main__":
    sys.exit(main())
