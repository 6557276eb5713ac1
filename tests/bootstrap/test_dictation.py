"""A voicemail in real audio through the installation's recognizer."""

import re
from pathlib import Path

import numpy as np
import pytest

from tests.fakes.call_rig import SPEECH
from voice_engine.audio.wav import wav_bytes
from voice_engine.bootstrap.dictation import Dictation
from voice_engine.config import Settings

CLIP = SPEECH / "en_core_agent-newlocation.wav"


@pytest.mark.speech
@pytest.mark.slow
@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    ("language", "words"), [("en", {"please", "new", "extension"}), ("es", {"favor", "nueva", "extensión"})]
)
async def test_a_message_is_understood(tmp_path: Path, language: str, words: set[str]) -> None:
    """A recorded prompt as a carrier's file ("Please enter a new extension"); nothing stays open."""
    audio = (SPEECH / f"{language}_core_agent-newlocation.wav").read_bytes()

    said = await Dictation(Settings(data_dir=tmp_path))(audio, language)

    assert said is not None
    assert words <= set(re.findall(r"\w+", said.lower()))


async def test_what_no_recognizer_here_can_take_is_kept_without_its_text(tmp_path: Path) -> None:
    """A language that it does not know, a file that is no telephone's: nothing to try again."""
    dictation = Dictation(Settings(data_dir=tmp_path, stt="scripted"))

    assert await dictation(wav_bytes(np.zeros(8_000, dtype=np.int16)), "xx") is None
    assert await dictation(b"RIFF nonsense", "en") is None
    assert await Dictation(Settings(data_dir=tmp_path, stt="openai"))(CLIP.read_bytes(), "en") is None
