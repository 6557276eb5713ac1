"""What was said in a recording."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
import pytest

from tests.fakes.call_rig import TextSTT, clip
from voice_engine.clock import run_virtual
from voice_engine.errors import UpstreamFailed
from voice_engine.ports.stt import Hypothesis, STTCapabilities, STTRequest, STTStream
from voice_engine.runtime.dictation import PASSAGE_S, write_down

SILENCE = np.zeros(8 * 2_000, dtype=np.int16)
TWICE = np.concatenate([SILENCE, clip(ms=2_000), SILENCE, clip(ms=2_000)])


def test_passages_are_written_down_in_their_order() -> None:
    stt = TextSTT(["This is Eva.", "Please call me back."])

    said = run_virtual(write_down(stt, TWICE, language="en", call_id="c"))

    assert said == "This is Eva. Please call me back."
    assert stt.open_streams == 0


def test_a_recording_without_speech_asks_no_recognizer() -> None:
    stt = TextSTT(["never"])

    assert run_virtual(write_down(stt, SILENCE, language="en", call_id="c")) is None
    assert not stt.requests


def test_speech_without_words_is_nothing() -> None:
    assert run_virtual(write_down(TextSTT(["", " "]), TWICE, language="en", call_id="c")) is None


class _Mute:
    """Answers nothing; ends at once, or never."""

    def __init__(self, *, ends: bool) -> None:
        self._ends = ends

    @property
    def capabilities(self) -> STTCapabilities:
        return TextSTT([]).capabilities

    @asynccontextmanager
    async def open(self, request: STTRequest) -> AsyncGenerator[STTStream, None]:
        async with TextSTT(["", ""]).open(request) as stream:
            stream.hypotheses = self._hypotheses  # type: ignore[method-assign]  # the rest is as there
            yield stream

    async def _hypotheses(self) -> AsyncIterator[Hypothesis]:
        nothing: list[Hypothesis] = []
        if not self._ends:
            await asyncio.Event().wait()
        for hypothesis in nothing:
            yield hypothesis


@pytest.mark.parametrize(("ends", "code"), [(True, "stt_closed"), (False, "stt_stalled")])
def test_a_recognizer_that_answers_nothing_is_tried_again_later(*, ends: bool, code: str) -> None:
    """And not waited for without end."""

    async def main() -> tuple[UpstreamFailed, float]:
        with pytest.raises(UpstreamFailed) as failed:
            await write_down(_Mute(ends=ends), TWICE, language="en", call_id="c")
        return failed.value, asyncio.get_running_loop().time()

    error, took_s = run_virtual(main())

    assert (error.code, error.retryable) == (code, True)
    assert took_s <= PASSAGE_S + 1
