"""Builds the benchmark's recorded calls from a prompt in fixtures/audio.

`call`: speech, then room for the reply, again and again. `short`: one second of line noise, for counting what a
call leaves behind. The prompt has no pause of 200 ms and ends cleanly, so that every engine sees the same turns.
"""

from pathlib import Path

import numpy as np

from voice_engine.audio import mixing
from voice_engine.audio.wav import read_wav, write_wav

HERE = Path(__file__).parent
PROMPT = HERE.parents[1] / "fixtures" / "audio" / "speech" / "es_core_conf-otherinparty.wav"
TURNS = 5
LEAD_MS, ROOM_MS = 1_500, 6_500
SHORT_MS = 1_000


def main() -> None:
    prompt = read_wav(PROMPT)
    silence = np.zeros(ROOM_MS * 8, np.int16)
    parts = [np.zeros(LEAD_MS * 8, np.int16)] + [prompt, silence] * TURNS
    speech = np.concatenate(parts)
    noise = mixing.line_noise(len(speech), -62.0, seed=3)
    write_wav(HERE / "call" / "caller.wav", mixing.mix(speech, noise))
    write_wav(HERE / "short" / "caller.wav", mixing.line_noise(SHORT_MS * 8, -62.0, seed=3))


if __name__ == "__main__":
    main()
