"""The published error rates hold: `benchmarks/speech_models.py` over the recorded prompts."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.mark.acceptance
@pytest.mark.speech
@pytest.mark.slow
@pytest.mark.timeout(300)
def test_error_rates_and_intelligibility_are_those_of_the_documentation() -> None:
    """A changed model, resampler, trimming or decoding loop would show here first. Docs: docs/SPEECH.md."""
    command = [sys.executable, "benchmarks/speech_models.py", "--json"]
    ran = subprocess.run(
        command, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True
    )

    scores = json.loads(ran.stdout)

    rates = {(score["model"], score["language"]): score["wer"] for score in scores["recognizers"]}
    assert rates["moonshine-tiny-en", "en"] <= 0.05
    assert rates["whisper-base-int8", "es"] <= 0.16
    voices = {score["voice"]: score["round_trip_wer"] for score in scores["voices"]}
    assert voices["heart"] <= 0.05
    assert voices["pico-es-ES"] <= 0.10
