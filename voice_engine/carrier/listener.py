"""What a respondent makes of the engine's speech: a recognizer that costs the call no media time."""

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable

from voice_engine.audio.frames import PCM
from voice_engine.clock import run_virtual
from voice_engine.errors import VoiceEngineError
from voice_engine.ports.stt import STT, STTRequest, STTStream

TIMEOUT_S = 60.0
"""Of the listener's own clock: a recognizer that answers nothing is a fault, not an answer."""


class STTListener:
    """Recognises one utterance at a time through the STT port; `lines.Recognize`.

    Every utterance runs on a virtual-time loop in a thread of its own: declared costs pass at once there, and the
    call's loop stands still (virtual) or goes on (real time, from an executor thread). `make_stt` is called once;
    its recognizer must not be shared with the engine, because it lives on another loop.
    """

    def __init__(self, make_stt: Callable[[], STT], language: str) -> None:
        self._make_stt = make_stt
        self._language = language
        self._stt: STT | None = None
        self._lock = threading.Lock()

    def __call__(self, pcm: PCM) -> str:
        """Text of int16 mono 8 kHz; blocks. Raises what the recognizer raises."""
        outcome: list[str | VoiceEngineError] = []

        def work() -> None:
            try:
                outcome.append(run_virtual(self._recognize(pcm)))
            except VoiceEngineError as error:
                outcome.append(error)

        with self._lock:
            thread = threading.Thread(target=work, name="respondent-listens")
            thread.start()
            thread.join()
        if not outcome:
            raise RuntimeError("the respondent's recognizer broke; its traceback is above")
        if isinstance(outcome[0], VoiceEngineError):
            raise outcome[0]
        return outcome[0]

    async def _recognize(self, pcm: PCM) -> str:
        if self._stt is None:
            self._stt = self._make_stt()
        async with asyncio.timeout(TIMEOUT_S), self._stt.open(self._request()) as stream:
            stream.begin(1, 0)
            stream.push(1, pcm)
            stream.request(1, final=True, reason="final")
            return await _final_text(stream)

    def _request(self) -> STTRequest:
        return STTRequest(call_id="respondent", language=self._language)


async def _final_text(stream: STTStream) -> str:
    hypotheses = stream.hypotheses()
    try:
        async for hypothesis in hypotheses:
            if hypothesis.final:
                return hypothesis.text
        return ""
    finally:
        if isinstance(hypotheses, AsyncGenerator):
            await hypotheses.aclose()
