"""The C loops answer as documented, from whichever module they come."""

import subprocess
import sys

import numpy as np
import pytest

from voice_engine.audio import ops


def test_rms_is_that_of_int16_samples() -> None:
    samples = np.array([300, -400], dtype=np.int16)

    assert ops.rms(samples.tobytes(), 2) == int(np.sqrt((300**2 + 400**2) / 2))
    assert ops.rms(np.full(4, -32768, dtype=np.int16).tobytes(), 2) == 32768


def test_mulaw_is_one_byte_a_sample() -> None:
    assert ops.lin2ulaw(bytes(320), 2) == b"\xff" * 160
    assert ops.ulaw2lin(b"\xff" * 160, 2) == bytes(320)


@pytest.mark.slow
def test_importing_it_warns_nobody() -> None:
    """Python 3.11 and 3.12 would announce `audioop`'s removal to every user of the engine."""
    done = subprocess.run([sys.executable, "-W", "error", "-c", "import voice_engine.audio.ops"], check=False)

    assert done.returncode == 0
