"""The respondent's recognizer: it takes no media time, and its failures are its caller's to see."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.carrier.lines import tone
from voice_engine.audio.frames import PCM
from voice_engine.carrier.listener import STTListener
from voice_engine.clock import run_virtual
from voice_engine.errors import UpstreamFailed
from voice_engine.ports.stt import Hypothesis, RequestReason, STTCapabilities, STTRequest


class SlowSTT:
    """Answers each final after `cost_s` of its loop's time with the number of samples it got."""

    def __init__(self, cost_s: float = 3.0, *, fails: bool = False, silent: bool = False) -> None:
        self.opened: list[STTRequest] = []
        self._cost_s = cost_s
        self._fails = fails
        self._silent = silent
        self._samples = 0

    @property
    def capabilities(self) -> STTCapabilities:
        return STTCapabilities(
            name="slow", languages=frozenset({"en"}), streaming=False, local=True, cost_ms=lambda audio_ms: 0.0
        )

    @asynccontextmanager
    async def open(self, request: STTRequest) -> AsyncIterator["SlowSTT"]:
        self.opened.append(request)
        if self._fails:
            raise UpstreamFailed("stt_down", "no ears", provider="slow", retryable=True)
        yield self

    def begin(self, utterance_id: int, start_ms: int) -> None:
        self._samples = 0

    def push(self, utterance_id: int, pcm: PCM) -> None:
        self._samples += pcm.size

    def request(self, utterance_id: int, *, final: bool, reason: RequestReason = "final") -> None:
        assert final

    def drop(self, utterance_id: int) -> None:
        raise AssertionError("nothing is dropped here")

    async def hypotheses(self) -> AsyncIterator[Hypothesis]:
        if self._silent:
            return
        await asyncio.sleep(self._cost_s)
        yield Hypothesis(utterance_id=1, text="so", until_ms=0, final=False)
        yield Hypothesis(utterance_id=1, text=f"{self._samples} samples", until_ms=0, final=True)


def test_recognition_costs_the_calls_clock_nothing() -> None:
    """The recognizer declares three seconds; on the call's virtual loop no time passes."""
    listener = STTListener(SlowSTT, "en")

    async def main() -> tuple[str, float]:
        loop = asyncio.get_running_loop()
        text = await loop.run_in_executor(None, listener, tone(100))
        return text, loop.time()

    assert run_virtual(main()) == ("800 samples", 0.0)


def test_one_recognizer_serves_all_utterances_in_the_lines_language() -> None:
    made: list[SlowSTT] = []

    def make() -> SlowSTT:
        made.append(SlowSTT())
        return made[-1]

    listener = STTListener(make, "es")
    texts = [listener(tone(50)), listener(tone(100))]

    assert texts == ["400 samples", "800 samples"]
    assert [request.language for request in made[0].opened] == ["es", "es"]
    assert len(made) == 1


def test_a_recognizer_that_fails_is_not_taken_for_silence() -> None:
    with pytest.raises(UpstreamFailed, match="no ears"):
        STTListener(lambda: SlowSTT(fails=True), "en")(tone(50))


def test_a_recognizer_that_ends_without_an_answer_heard_nothing() -> None:
    assert STTListener(lambda: SlowSTT(silent=True), "en")(tone(50)) == ""
