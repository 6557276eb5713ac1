"""Word error rate and CPU time of the local recognizers, and CPU time and intelligibility of the local voices.

A voice is judged by what the recognizer of its language makes of it (round-trip word error rate).

Usage: python benchmarks/speech_models.py [DIR]      DIR holds utterances.tsv and wav/<id>.wav
"""

import argparse
import csv
import json
import re
import time
import unicodedata
import wave
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from voice_engine.audio import mulaw
from voice_engine.audio.frames import PCM, RATE_HZ
from voice_engine.ports.tts import Voice
from voice_engine.providers.stt.moonshine import MoonshineTranscriber
from voice_engine.providers.stt.recognizers import Transcriber
from voice_engine.providers.stt.silence import speech_span
from voice_engine.providers.stt.whisper import WhisperTranscriber
from voice_engine.providers.tts.hibari import HibariSynthesizer
from voice_engine.providers.tts.loudness import finish
from voice_engine.providers.tts.pico import PicoSynthesizer
from voice_engine.providers.tts.spoken import spoken
from voice_engine.providers.tts.voices import SpeechSynthesizer

DEFAULT = Path("fixtures/audio/asterisk-prompts")

_DIGITS = {
    "en": "zero one two three four five six seven eight nine".split(),  # noqa: SIM905
    "es": "cero uno dos tres cuatro cinco seis siete ocho nueve".split(),  # noqa: SIM905
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """One recording and what was said in it."""

    name: str
    language: str
    transcript: str
    pcm: PCM


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One model on one language. CPU is process time, all threads; `wer` counts words over all utterances."""

    model: str
    language: str
    utterances: int
    audio_s: float
    wer: float
    cpu_per_audio_s: float
    final_cpu_s_median: float
    final_cpu_s_p95: float


def read_utterances(directory: Path) -> list[Utterance]:
    utterances = []
    with (directory / "utterances.tsv").open(encoding="utf-8", newline="") as table:
        for row in csv.DictReader(table, delimiter="\t"):
            with wave.open(str(directory / "wav" / f"{row['id']}.wav")) as audio:
                assert (audio.getframerate(), audio.getnchannels(), audio.getsampwidth()) == (RATE_HZ, 1, 2)
                pcm = np.frombuffer(audio.readframes(audio.getnframes()), np.int16)
            utterances.append(
                Utterance(name=row["id"], language=row["language"], transcript=row["transcript"], pcm=pcm)
            )
    return utterances


def words(text: str, language: str) -> list[str]:
    """Lower-case words without accents and punctuation; single digits as words, hyphens and apostrophes joined."""
    plain = unicodedata.normalize("NFKD", text.lower())
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    plain = re.sub(r"[-'’]", "", plain)
    digits = _DIGITS.get(language, [])
    return [
        digits[int(word)] if len(word) == 1 and word.isdigit() and digits else word
        for word in re.findall(r"\w+", plain)
    ]


def edit_distance(reference: Sequence[str], hypothesis: Sequence[str]) -> int:
    row = list(range(len(hypothesis) + 1))
    for index, expected in enumerate(reference, 1):
        previous, row[0] = row[0], index
        for column, heard in enumerate(hypothesis, 1):
            previous, row[column] = (
                row[column],
                min(row[column] + 1, row[column - 1] + 1, previous + (expected != heard)),
            )
    return row[-1]


def score(
    transcriber: Transcriber, utterances: Sequence[Utterance], language: str, show: Callable[[str], None]
) -> Score:
    transcriber.load()
    errors = total = 0
    costs: list[float] = []
    for utterance in utterances:
        start, stop = speech_span(utterance.pcm)
        before = time.process_time()
        text = transcriber.transcribe(utterance.pcm[start:stop], language).text
        costs.append(time.process_time() - before)
        expected = words(utterance.transcript, language)
        wrong = edit_distance(expected, words(text, language))
        errors, total = errors + wrong, total + len(expected)
        if wrong:
            show(f"{wrong}  {utterance.transcript}  |  {text}")
    audio_s = sum(len(utterance.pcm) for utterance in utterances) / RATE_HZ
    return Score(
        model=transcriber.name,
        language=language,
        utterances=len(utterances),
        audio_s=round(audio_s, 1),
        wer=round(errors / total, 4),
        cpu_per_audio_s=round(sum(costs) / audio_s, 4),
        final_cpu_s_median=round(float(np.median(costs)), 3),
        final_cpu_s_p95=round(float(np.percentile(costs, 95)), 3),
    )


SENTENCES = {
    "en": (
        "Hi, I would like to book a table for four people on Friday at eight.",
        "Could you do half past seven instead?",
        "The name is John Smith, and the number is five five five, zero one zero zero.",
        "Great, thank you very much, we will see you then.",
        "Is there anything on the menu for vegetarians?",
    ),
    "es": (
        "Hola, quisiera reservar una mesa para cuatro personas el viernes a las ocho.",
        "¿Podría ser a las siete y media?",
        "El nombre es Juan Pérez y el número es cinco cinco cinco, cero uno cero cero.",
        "Perfecto, muchas gracias, nos vemos entonces.",
        "¿Tienen algo en la carta para vegetarianos?",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceScore:
    """One voice over `SENTENCES` of its language."""

    voice: str
    language: str
    cpu_s_per_sentence: float
    cpu_per_audio_s: float
    cpu_ms_per_character: float
    round_trip_wer: float


def score_voice(
    synthesizer: SpeechSynthesizer, voice: Voice, transcriber: Transcriber, show: Callable[[str], None]
) -> VoiceScore:
    synthesizer.load()
    transcriber.load()
    cpu_s = audio_s = 0.0
    errors = total = 0
    for sentence in SENTENCES[voice.language]:
        before = time.process_time()
        pcm = finish(synthesizer.speak(sentence, voice.id, 1.0))
        cpu_s += time.process_time() - before
        audio_s += len(pcm) / RATE_HZ
        text = transcriber.transcribe(mulaw.decode_pcm(mulaw.encode_pcm(pcm)), voice.language).text
        expected = words(spoken(sentence, voice.language), voice.language)
        wrong = edit_distance(expected, words(spoken(text, voice.language), voice.language))
        errors, total = errors + wrong, total + len(expected)
        if wrong:
            show(f"{wrong}  {sentence}  |  {text}")
    characters = sum(len(sentence) for sentence in SENTENCES[voice.language])
    return VoiceScore(
        voice=voice.id,
        language=voice.language,
        cpu_s_per_sentence=round(cpu_s / len(SENTENCES[voice.language]), 4),
        cpu_per_audio_s=round(cpu_s / audio_s, 4),
        cpu_ms_per_character=round(cpu_s * 1000 / characters, 2),
        round_trip_wer=round(errors / total, 4),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", nargs="?", type=Path, default=DEFAULT)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of tables")
    parser.add_argument("--errors", action="store_true", help="list the utterances that were not right")
    arguments = parser.parse_args()
    by_language: dict[str, list[Utterance]] = defaultdict(list)
    for utterance in read_utterances(arguments.directory):
        by_language[utterance.language].append(utterance)
    pairs: list[tuple[Transcriber, str]] = [
        (MoonshineTranscriber(), "en"),
        (WhisperTranscriber(), "es"),
        (WhisperTranscriber(), "en"),
    ]
    show = print if arguments.errors else (lambda _: None)
    scores = [score(model, by_language[language], language, show) for model, language in pairs]
    ears = {"en": pairs[0][0], "es": pairs[1][0]}
    voices = [
        score_voice(synthesizer, voice, ears[voice.language], show)
        for synthesizer in (HibariSynthesizer(), PicoSynthesizer())
        for voice in synthesizer.voices
    ]
    if arguments.json:
        print(
            json.dumps(
                {"recognizers": [asdict(x) for x in scores], "voices": [asdict(x) for x in voices]}, indent=1
            )
        )
        return
    print_tables(scores, voices)


def print_tables(scores: Sequence[Score], voices: Sequence[VoiceScore]) -> None:
    print(f"{'model':<20}{'language':<10}{'WER':>7}{'CPU/audio s':>13}{'final p50':>11}{'final p95':>11}")
    for result in scores:
        print(
            f"{result.model:<20}{result.language:<10}{result.wer:>7.1%}{result.cpu_per_audio_s:>13.3f}"
            f"{result.final_cpu_s_median:>10.2f}s{result.final_cpu_s_p95:>10.2f}s"
        )
    print(f"\n{'voice':<20}{'language':<10}{'WER':>7}{'CPU/audio s':>13}{'sentence':>11}{'per char':>11}")
    for voice in voices:
        print(
            f"{voice.voice:<20}{voice.language:<10}{voice.round_trip_wer:>7.1%}{voice.cpu_per_audio_s:>13.3f}"
            f"{voice.cpu_s_per_sentence:>10.3f}s{voice.cpu_ms_per_character:>9.2f}ms"
        )


if __name__ == "__main__":
    main()
