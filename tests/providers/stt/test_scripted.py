"""The scripted recognizer keeps its times."""

import asyncio
from collections.abc import Callable

from tests.fakes.stt import silence
from voice_engine.clock import run_virtual
from voice_engine.ports.stt import Hypothesis, STTRequest
from voice_engine.providers.scripted import ScriptedSettings
from voice_engine.providers.stt.scripted import ScriptedStream, ScriptedSTT


def run(
    script: Callable[[ScriptedStream], None], *, then: Callable[[ScriptedStream], None] | None = None
) -> list[tuple[float, Hypothesis]]:
    """Each hypothesis with its arrival in ms; `then` runs after 100 ms."""

    async def main() -> list[tuple[float, Hypothesis]]:
        loop, seen = asyncio.get_running_loop(), []
        stt = ScriptedSTT(ScriptedSettings(stt_text="yes"))
        async with stt.open(STTRequest(call_id="c", language="en")) as stream:
            script(stream)
            if then is not None:
                loop.call_later(0.1, then, stream)
            loop.call_later(2, stream.close)
            async for hypothesis in stream.hypotheses():
                seen.append((round(loop.time() * 1000, 6), hypothesis))
        return seen

    return run_virtual(main())


def ask(stream: ScriptedStream) -> None:
    stream.begin(1, 500)
    stream.push(1, silence(300))
    stream.request(1, final=True)


def test_final_comes_after_its_delay() -> None:
    assert run(ask) == [
        (250, Hypothesis(utterance_id=1, text="yes", until_ms=800, final=True, compute_ms=250.0)),
    ]


def test_a_final_asked_later_counts_from_its_own_request() -> None:
    def pause(stream: ScriptedStream) -> None:
        stream.begin(1, 0)
        stream.request(1, final=False)

    seen = run(pause, then=lambda stream: stream.request(1, final=True))

    assert [(at, hypothesis.final) for at, hypothesis in seen] == [(350, True)]


def test_dropped_utterance_is_not_answered() -> None:
    assert run(ask, then=lambda stream: stream.drop(1)) == []


def test_close_cancels_what_is_due() -> None:
    assert run(ask, then=lambda stream: stream.close()) == []
