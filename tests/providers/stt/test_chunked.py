"""A stream made of chunk decodings: what is decoded, in which order, and what is not decoded again."""

import asyncio
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.fakes.stt import CountingRecognizer, silence, speech
from voice_engine.audio.frames import PCM
from voice_engine.clock import run_virtual
from voice_engine.errors import InvalidInput, QuotaExceeded, UpstreamFailed
from voice_engine.ports.stt import Hypothesis, STTRequest
from voice_engine.providers.speech_pool import SpeechPool, SpeechPoolSettings, Urgency
from voice_engine.providers.stt.chunked import ChunkedStream, ChunkedSTT
from voice_engine.providers.stt.recognizers import Recognition

REQUEST = STTRequest(call_id="c1", language="en")


def run(recognizer: CountingRecognizer, script: Callable[[ChunkedStream], Any]) -> list[Hypothesis]:
    """Run `script` on an open stream, then everything it asked for."""

    async def main() -> list[Hypothesis]:
        heard: list[Hypothesis] = []
        async with ChunkedSTT("fake", {"en": recognizer}, local=True).open(REQUEST) as stream:

            async def consume() -> None:
                async for hypothesis in stream.hypotheses():
                    heard.append(hypothesis)

            async with asyncio.TaskGroup() as group:
                group.create_task(consume())
                waiting = script(stream)
                if waiting is not None:
                    await waiting
                await asyncio.sleep(5)
                stream.close()
        return heard

    return run_virtual(main())


def test_final_covers_what_was_pushed_before_it_was_asked() -> None:
    """Audio pushed after the request belongs to the next answer."""

    def script(stream: ChunkedStream) -> None:
        stream.begin(1, 1000)
        stream.push(1, speech(600))
        stream.request(1, final=True)
        stream.push(1, speech(400))

    (final,) = run(CountingRecognizer(), script)

    assert (final.text, final.until_ms, final.final) == ("600 ms", 1600, True)
    assert final.compute_ms == pytest.approx(100)


def test_final_after_only_silence_is_not_decoded_again() -> None:
    """The speculative decoding at the pause is what makes the final ready in time."""
    recognizer = CountingRecognizer()

    async def script(stream: ChunkedStream) -> None:
        stream.begin(1, 0)
        stream.push(1, np.concatenate([speech(500), silence(200)]))
        stream.request(1, final=False, reason="pause")
        await asyncio.sleep(1)
        stream.push(1, silence(300))
        stream.request(1, final=True)

    pause, final = run(recognizer, script)

    assert len(recognizer.calls) == 1
    assert final.text == pause.text
    assert (final.until_ms, final.final, final.compute_ms) == (1000, True, 0)


def test_speech_after_the_pause_is_decoded_with_what_stands_before_it() -> None:
    recognizer = CountingRecognizer()

    async def script(stream: ChunkedStream) -> None:
        stream.begin(1, 0)
        stream.push(1, np.concatenate([speech(500), silence(200)]))
        stream.request(1, final=False)
        await asyncio.sleep(1)
        stream.push(1, speech(300))
        stream.request(1, final=True)

    heard = run(recognizer, script)

    assert [hypothesis.text for hypothesis in heard] == ["600 ms", "1000 ms"]


def test_a_newer_request_takes_the_place_of_a_waiting_one() -> None:
    """While one decoding runs, ten requests of an utterance become one, over all of its audio."""
    recognizer = CountingRecognizer()

    async def script(stream: ChunkedStream) -> None:
        stream.begin(1, 0)
        stream.push(1, speech(300))
        stream.request(1, final=False)
        await asyncio.sleep(0)
        for _ in range(10):
            stream.push(1, speech(100))
            stream.request(1, final=False, reason="interim")

    run(recognizer, script)

    assert [ms for ms, _, _ in recognizer.calls] == [300, 1300]


def test_most_urgent_utterance_is_decoded_first() -> None:
    recognizer = CountingRecognizer()

    def script(stream: ChunkedStream) -> None:
        for utterance, reason in ((1, "interim"), (2, "pause"), (3, "final")):
            stream.begin(utterance, 0)
            stream.push(utterance, speech(100 * utterance))
            stream.request(utterance, final=reason == "final", reason=reason)  # type: ignore[arg-type]  # the literal is widened by the loop

    heard = run(recognizer, script)

    assert [hypothesis.utterance_id for hypothesis in heard] == [3, 2, 1]
    assert [urgency for _, _, urgency in recognizer.calls] == [Urgency.FINAL, Urgency.PAUSE, Urgency.INTERIM]


def test_dropped_utterance_is_not_answered_even_while_it_is_decoded() -> None:
    async def script(stream: ChunkedStream) -> None:
        stream.begin(1, 0)
        stream.push(1, speech(300))
        stream.request(1, final=True)
        await asyncio.sleep(0.05)
        stream.drop(1)

    assert run(CountingRecognizer(cost_ms=100), script) == []


def test_requests_beyond_the_bound_shed_the_oldest_interim_and_no_final() -> None:
    recognizer = CountingRecognizer()

    def script(stream: ChunkedStream) -> None:
        for utterance in range(12):
            stream.begin(utterance, 0)
            stream.push(utterance, speech(100))
            stream.request(utterance, final=utterance < 4, reason="interim")

    heard = run(recognizer, script)

    assert {hypothesis.utterance_id for hypothesis in heard} == {0, 1, 2, 3, 8, 9, 10, 11}


def test_silence_gives_an_empty_text_without_decoding() -> None:
    """Recognizers invent words in silence."""
    recognizer = CountingRecognizer()

    def script(stream: ChunkedStream) -> None:
        stream.begin(1, 0)
        stream.push(1, silence(800))
        stream.request(1, final=True)

    (final,) = run(recognizer, script)

    assert (final.text, final.final, recognizer.calls) == ("", True, [])


def test_unknown_utterances_are_ignored() -> None:
    def script(stream: ChunkedStream) -> None:
        stream.push(9, speech(100))
        stream.request(9, final=True)
        stream.drop(9)

    assert run(CountingRecognizer(), script) == []


async def test_interim_work_is_shed_while_the_models_are_overloaded() -> None:
    """On a real clock only: a replay sheds nothing."""
    recognizer = CountingRecognizer()
    recognizer.overloaded = True

    async with ChunkedSTT("fake", {"en": recognizer}, local=True).open(REQUEST) as stream:
        stream.begin(1, 0)
        stream.push(1, speech(300))
        stream.begin(2, 0)
        stream.push(2, speech(200))
        stream.request(1, final=False, reason="interim")
        stream.request(2, final=False, reason="pause")
        heard = []
        async for hypothesis in stream.hypotheses():
            heard.append(hypothesis)
            stream.request(1, final=False, reason="interim")
            stream.close()

    assert [hypothesis.utterance_id for hypothesis in heard] == [2]


def test_only_the_end_of_a_very_long_utterance_is_decoded() -> None:
    """Memory and time of one decoding are bounded."""
    recognizer = CountingRecognizer()

    def script(stream: ChunkedStream) -> None:
        stream.begin(1, 0)
        stream.push(1, speech(70_000))
        stream.request(1, final=True)

    (final,) = run(recognizer, script)

    assert recognizer.calls[0][0] == 60_000
    assert final.until_ms == 70_000


def test_a_final_that_nobody_can_decode_fails_the_stream_and_a_pause_does_not() -> None:
    """A lost final must be told: the engine apologises or fails over. A lost pause only costs time."""

    class Full(CountingRecognizer):
        async def recognize(
            self, pcm: PCM, *, language: str, hints: tuple[str, ...], urgency: Urgency
        ) -> Recognition:
            raise QuotaExceeded("speech_busy", "full")

    def ask(stream: ChunkedStream, *, final: bool) -> None:
        stream.begin(1, 0)
        stream.push(1, speech(300))
        stream.request(1, final=final)

    assert run(Full(), lambda stream: ask(stream, final=False)) == []
    with pytest.raises(ExceptionGroup) as failed:
        run(Full(), lambda stream: ask(stream, final=True))
    assert failed.group_contains(UpstreamFailed, match="full")


def test_what_the_recognizer_doubts_is_told_also_when_it_is_not_decoded_again() -> None:
    """The final that only adds silence must not look surer than the pause it repeats."""
    doubted = Recognition(text="hija", sureness=0.4, alternatives=(("hija y", 0.2),))

    class Doubting(CountingRecognizer):
        async def recognize(
            self, pcm: PCM, *, language: str, hints: tuple[str, ...], urgency: Urgency
        ) -> Recognition:
            await super().recognize(pcm, language=language, hints=hints, urgency=urgency)
            return doubted

    async def script(stream: ChunkedStream) -> None:
        stream.begin(1, 0)
        stream.push(1, np.concatenate([speech(600), silence(200)]))
        stream.request(1, final=False)
        await asyncio.sleep(1)
        stream.push(1, silence(400))
        stream.request(1, final=True)

    recognizer = Doubting()
    pause, final = run(recognizer, script)

    assert len(recognizer.calls) == 1
    assert (pause.sureness, pause.alternatives) == (final.sureness, final.alternatives) == (0.4, (("hija y", 0.2),))


async def test_unsupported_language_is_refused_by_name() -> None:
    with pytest.raises(InvalidInput, match="recognizes en, not 'fr'") as refused:
        async with ChunkedSTT("fake", {"en": CountingRecognizer()}, local=True).open(
            STTRequest(call_id="c1", language="fr")
        ):
            pass

    assert refused.value.code == "language_unsupported"


async def test_calls_beyond_the_pool_are_refused_and_places_come_back() -> None:
    pool = SpeechPool(SpeechPoolSettings(max_calls=1))
    stt = ChunkedSTT("fake", {"en": CountingRecognizer()}, local=True, pool=pool)

    async with stt.open(REQUEST):
        with pytest.raises(QuotaExceeded) as refused:
            async with stt.open(REQUEST):
                pass
    async with stt.open(REQUEST):
        assert pool.calls == 1

    assert refused.value.code == "stt_busy"
    pool.close()
