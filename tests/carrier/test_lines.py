"""The respondent's line in audio: what it says when, what it hears, and what its wire does to it."""

import asyncio
import re
from typing import Any

import numpy as np
import pytest

from tests.carrier.lines import tone, tone_mulaw
from voice_engine.audio import mulaw
from voice_engine.audio.frames import PCM
from voice_engine.audio.level import pcm_dbfs
from voice_engine.carrier.leg import LineFrame
from voice_engine.carrier.lines import Heard, RespondentLine
from voice_engine.carrier.script import Echo, LineSettings, RespondentScript, Step
from voice_engine.clock import run_virtual


class Phone:
    """Runs a line frame by frame; `plays` is the engine's audio by its start in ms."""

    def __init__(
        self,
        *steps: dict[str, Any],
        line: LineSettings | None = None,
        plays: dict[int, int] | None = None,
        rendered_ms: int = 400,
        presses: dict[int, str] | None = None,
    ) -> None:
        self.frames: list[LineFrame] = []
        self.steps = tuple(Step(**{"id": str(index + 1), **keys}) for index, keys in enumerate(steps))
        self.settings = line or LineSettings()
        self.plays = plays or {}
        self.presses = presses or {}
        self.rendered_ms = rendered_ms

    def run(self, until_ms: int) -> RespondentLine:
        async def main() -> RespondentLine:
            script = RespondentScript(name="x", language="en", steps=self.steps)
            rendered = {
                (step.id, slot): tone(self.rendered_ms)
                for step in self.steps
                for slot in ("say", "else", "backchannel")
            }
            line = RespondentLine(script, rendered, settings=self.settings, recognize=_length)
            for at_ms in range(0, until_ms, 20):
                if at_ms in self.presses:
                    line.press(self.presses[at_ms], at_ms)
                self.frames.append(line.step(at_ms, self._engine(at_ms)))
            await line.settle()
            return line

        return run_virtual(main())

    def said(self) -> PCM:
        return mulaw.decode_pcm(b"".join(frame.mulaw for frame in self.frames))

    def loud_ms(self) -> list[int]:
        """Starts of frames that carry sound."""
        return [
            index * 20 for index, frame in enumerate(self.frames) if pcm_dbfs(mulaw.decode_pcm(frame.mulaw)) > -40
        ]

    def _engine(self, at_ms: int) -> bytes | None:
        playing = any(start <= at_ms < start + length for start, length in self.plays.items())
        return tone_mulaw(20, 500.0) if playing else None


def _length(pcm: PCM) -> str:
    """A recognizer for tests: the length of what it was given, in ms."""
    return f"{pcm.size // 8} ms"


def test_speaks_at_once_and_for_as_long_as_it_is_rendered() -> None:
    phone = Phone({"say": "hello"}, {"wait_ms": 600, "say": "again"})

    line = phone.run(3000)

    assert phone.loud_ms() == [*range(0, 400, 20), *range(1000, 1400, 20)]
    assert [(s.step_id, s.started_ms, s.ended_ms) for s in line.spoken] == [("1", 0, 400), ("2", 1000, 1400)]


def test_hears_the_engines_utterances_with_their_times_and_words() -> None:
    line = Phone(plays={500: 1000, 3000: 400}).run(5000)

    assert line.heard == [
        Heard(started_ms=500, ended_ms=1500, text="1120 ms"),
        Heard(started_ms=3000, ended_ms=3400, text="520 ms"),
    ]


def test_an_utterance_that_the_end_of_the_call_cuts_off_is_recognised_too() -> None:
    line = Phone(plays={500: 5000}).run(1000)

    assert [heard.started_ms for heard in line.heard] == [500]


def test_answers_after_the_engine_finished() -> None:
    """The engine falls silent at 1.5 s; the respondent is sure of it 0.6 s later."""
    phone = Phone({"when": re.compile("ms"), "say": "sure"}, plays={500: 1000})

    phone.run(4000)

    assert phone.loud_ms()[0] == 2080


def test_barges_in_that_long_into_the_engines_speech() -> None:
    phone = Phone({"say": "stop", "barge_in_after_ms": 700}, plays={500: 4000})

    phone.run(3000)

    assert phone.loud_ms()[0] == 1200


def test_a_reply_waits_while_the_engine_goes_on() -> None:
    """The engine speaks again during `wait_ms`: the reply comes once it has finished."""
    phone = Phone({"when": re.compile("ms"), "wait_ms": 1000, "say": "sure"}, plays={0: 500, 1500: 2000})

    phone.run(6000)

    assert phone.loud_ms()[0] == 3500 + 600 - 20


def test_times_the_engines_answers() -> None:
    line = Phone({"say": "hello", "within_ms": 500}, plays={1100: 500}).run(3000)

    assert [(r.step_id, r.after_ms) for r in line.respondent.responses] == [("1", 700)]


def test_presses_keys_one_after_another() -> None:
    phone = Phone({"dtmf": "1#"}, {"say": "x"})

    phone.run(1000)

    assert [(i * 20, frame.digits) for i, frame in enumerate(phone.frames) if frame.digits] == [
        (0, "1"),
        (200, "#"),
    ]
    assert phone.loud_ms()[0] == 400


def test_hears_the_engines_keys() -> None:
    phone = Phone({"expect_dtmf": "2", "say": "thanks"}, presses={1000: "2"})

    phone.run(2000)

    assert phone.loud_ms()[0] == 1000


def test_hangs_up_after_its_last_word() -> None:
    phone = Phone({"say": "bye", "hang_up": True})

    phone.run(500)

    hung = [index * 20 for index, frame in enumerate(phone.frames) if frame.hung_up]
    assert hung[0] == 400


def test_beep_and_music_have_the_sound_of_their_kind() -> None:
    """The beep is a pure 1 kHz tone; music fills its time."""
    phone = Phone({"beep": True}, {"silence_ms": 600, "music_ms": 2000})
    phone.run(4000)

    beep = phone.said()[: 400 * 8].astype(float)
    spectrum = np.abs(np.fft.rfft(beep))
    music = [at for at in phone.loud_ms() if at >= 1000]
    assert abs(int(np.argmax(spectrum)) * 8000 / beep.size - 1000) < 5
    assert (music[0], len(music)) == (1000, 100)


def test_noise_lies_at_its_ratio_below_the_speech() -> None:
    phone = Phone({"wait_ms": 2000, "say": "x"}, line=LineSettings(noise_db=10.0), rendered_ms=2000)
    phone.run(4000)

    noise_dbfs = pcm_dbfs(phone.said()[:16_000])
    speech_dbfs = pcm_dbfs(tone(2000))
    assert speech_dbfs - noise_dbfs == pytest.approx(10.0, abs=1.0)


def test_gain_applies_to_the_voice() -> None:
    phone = Phone({"say": "x"}, line=LineSettings(gain_db=-12.0), rendered_ms=1000)
    phone.run(1000)

    assert pcm_dbfs(phone.said()) == pytest.approx(pcm_dbfs(tone(1000)) - 12.0, abs=0.5)


def test_the_engines_voice_comes_back_as_echo() -> None:
    """Delayed and attenuated, and mixed into what the respondent says."""
    phone = Phone(line=LineSettings(echo=Echo(db=-10.0, delay_ms=200)), plays={500: 1000})
    phone.run(2500)

    echo = phone.said()[700 * 8 : 1700 * 8]
    assert phone.loud_ms()[0] == pytest.approx(700, abs=20)
    assert pcm_dbfs(echo) == pytest.approx(pcm_dbfs(tone(1000, 500.0)) - 10.0, abs=0.7)


def test_lost_packets_are_marked_and_repeatable() -> None:
    settings = LineSettings(packet_loss=0.1)
    first, second = Phone(line=settings), Phone(line=settings)
    first.run(20_000)
    second.run(20_000)

    lost = [frame.lost for frame in first.frames]
    assert 40 <= sum(lost) <= 180
    assert lost == [frame.lost for frame in second.frames]


def test_recognition_in_real_time_does_not_hold_up_the_line() -> None:
    """The line goes on while its ears still work; the words come when they are there."""

    async def main() -> tuple[list[str], list[str]]:
        script = RespondentScript(name="x", language="en", steps=())
        gate = asyncio.Event()
        loop = asyncio.get_running_loop()

        def slow(pcm: PCM) -> str:
            asyncio.run_coroutine_threadsafe(gate.wait(), loop).result(5)
            return "words"

        line = RespondentLine(script, {}, recognize=slow)
        for at_ms in range(0, 2000, 20):
            line.step(at_ms, tone_mulaw(20) if at_ms < 500 else None)
        before = [heard.text for heard in line.heard]
        gate.set()
        await line.settle()
        return before, [heard.text for heard in line.heard]

    assert asyncio.run(main()) == ([], ["words"])
