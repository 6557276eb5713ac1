"""Spanish and English synthesis by Pico, through its C interface."""

import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from voice_engine.errors import InvalidInput
from voice_engine.providers.tts.pico import PicoSynthesizer
from voice_engine.providers.tts.picolib import PicoError, PicoLibrary

TEXT = "Su mesa está reservada para las ocho y media."


def test_an_unknown_voice_is_refused() -> None:
    with pytest.raises(InvalidInput) as refused:
        PicoSynthesizer().speak("Hola.", "pico-xx", 1.0)

    assert refused.value.code == "voice_unknown"


def test_a_library_without_picos_functions_is_refused() -> None:
    """Elsewhere the wheel may hide them; that must be a clear error, not a crash."""
    libc = next(Path("/lib").glob("*/libm.so.6"), None)
    if libc is None:
        pytest.skip("no shared library at hand")

    with pytest.raises(PicoError, match="does not export"):
        PicoLibrary(libc)


@pytest.fixture(scope="module")
def pico() -> PicoSynthesizer:
    return PicoSynthesizer()


@pytest.mark.speech
class TestWithVoices:
    @pytest.mark.parametrize("voice", ["pico-es-ES", "pico-en-US", "pico-en-GB"])
    def test_each_voice_speaks_without_clipping(self, pico: PicoSynthesizer, voice: str) -> None:
        pcm = pico.speak(TEXT, voice, 1.0)

        assert 2.0 < len(pcm) / 8000 < 6.0
        assert 3000 < np.abs(pcm).max() < 32_700

    def test_the_same_sentence_is_the_same_audio_in_every_process(self, pico: PicoSynthesizer) -> None:
        """The package's own function starts from whatever memory it is given."""
        code = (
            "import sys, zlib; from voice_engine.providers.tts.pico import PicoSynthesizer; "
            f"print(zlib.crc32(PicoSynthesizer().speak({TEXT!r}, 'pico-es-ES', 1.0).tobytes()))"
        )
        root = Path(__file__).parents[3]
        process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root)
        import zlib

        pico.speak("Otra cosa.", "pico-es-ES", 1.0)

        assert zlib.crc32(pico.speak(TEXT, "pico-es-ES", 1.0).tobytes()) == int(process.stdout)

    def test_threads_do_not_disturb_each_other(self, pico: PicoSynthesizer) -> None:
        expected = pico.speak(TEXT, "pico-es-ES", 1.0)
        spoken: list[bool] = []

        def speak() -> None:
            spoken.append(np.array_equal(pico.speak(TEXT, "pico-es-ES", 1.0), expected))

        threads = [threading.Thread(target=speak) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert spoken == [True, True, True]

    def test_slower_is_longer(self, pico: PicoSynthesizer) -> None:
        normal, slow = (len(pico.speak(TEXT, "pico-es-ES", speed)) for speed in (1.0, 0.8))

        assert slow / normal == pytest.approx(1 / 0.8, abs=0.1)

    @pytest.mark.parametrize("text", ["a <b> & c", "\0", "", "emoji 🙂", "x" * 40_000])
    def test_no_text_breaks_it(self, pico: PicoSynthesizer, text: str) -> None:
        """Markup, control characters and sheer length come from models and pages."""
        if len(text) < 100:
            pico.speak(text, "pico-es-ES", 1.0)
        else:
            assert len(pico.speak(text[:2000], "pico-es-ES", 1.0)) > 0
