"""Failover of recognizers beyond the field's pain: what is replayed, who is asked, when it gives up."""

import asyncio
from collections.abc import Sequence

import numpy as np
import pytest

from tests.fakes.stt import FragileSTT, speech, until_final
from voice_engine.clock import run_virtual
from voice_engine.errors import InvalidInput, UpstreamFailed
from voice_engine.ports.stt import Hypothesis, STTRequest
from voice_engine.providers.speech import FailoverSettings
from voice_engine.providers.stt.failover import FailoverStream, FailoverSTT

REQUEST = STTRequest(call_id="c1", language="en")


async def final(stream: FailoverStream) -> Hypothesis:
    return (await until_final(stream))[-1]


def one_final(providers: Sequence[FragileSTT], settings: FailoverSettings | None = None, *, ms: int = 500) -> str:
    async def main() -> str:
        async with FailoverSTT(providers, settings).open(REQUEST) as stream:
            stream.begin(1, 0)
            stream.push(1, speech(ms))
            stream.request(1, final=True)
            return (await final(stream)).text

    return run_virtual(main())


def test_a_healthy_primary_keeps_the_call() -> None:
    primary, spare = FragileSTT(name="primary"), FragileSTT(name="spare")

    assert one_final([primary, spare]) == "primary heard 500 ms"
    assert (primary.opened, primary.closed, spare.opened) == (1, 1, 0)


@pytest.mark.parametrize("primary", [FragileSTT(refuses=True), FragileSTT(hangs=True)], ids=["refuses", "hangs"])
def test_one_that_cannot_be_opened_is_passed_over(primary: FragileSTT) -> None:
    """The audio pushed while it was tried is not lost."""
    assert one_final([primary, FragileSTT(name="spare")]) == "spare heard 500 ms"


def test_when_all_have_failed_the_call_is_told_and_does_not_hang() -> None:
    with pytest.raises(UpstreamFailed) as failed:
        one_final([FragileSTT(refuses=True), FragileSTT(frozen=True)])

    assert (failed.value.code, failed.value.retryable) == ("stt_failed", True)


def test_only_the_end_of_a_long_utterance_is_replayed() -> None:
    """What is kept for the next provider is bounded; its media times stay right."""
    spare = FragileSTT(name="spare")

    async def main() -> Hypothesis:
        stt = FailoverSTT([FragileSTT(dies_after_ms=3000), spare], FailoverSettings(replay_ms=2000))
        async with stt.open(REQUEST) as stream:
            stream.begin(1, 10_000)
            for _ in range(30):
                stream.push(1, speech(100))
                await asyncio.sleep(0.1)
            stream.request(1, final=True)
            return await final(stream)

    hypothesis = run_virtual(main())

    assert (hypothesis.text, hypothesis.until_ms) == ("spare heard 2000 ms", 13_000)


def test_answered_and_dropped_utterances_are_not_replayed() -> None:
    primary, spare = FragileSTT(name="primary"), FragileSTT(name="spare")

    async def main() -> None:
        async with FailoverSTT([primary, spare]).open(REQUEST) as stream:
            await asyncio.sleep(0)
            for utterance in (1, 2):
                stream.begin(utterance, 0)
                stream.push(utterance, speech(300))
            stream.request(1, final=True)
            stream.drop(2)
            await final(stream)
            primary.frozen = True
            stream.begin(3, 1000)
            stream.push(3, speech(400))
            stream.request(3, final=True)
            await final(stream)

    run_virtual(main())

    assert spare.heard == {3: 400}


def test_an_interim_request_does_not_arm_the_watchdog() -> None:
    """Recognizers shed interim work under load; that is no stall."""
    primary, spare = FragileSTT(name="primary", frozen=True), FragileSTT(name="spare")

    async def main() -> int:
        async with FailoverSTT([primary, spare]).open(REQUEST) as stream:
            stream.begin(1, 0)
            stream.push(1, speech(300))
            stream.request(1, final=False, reason="interim")
            await asyncio.sleep(10)
            return stream.switches

    assert run_virtual(main()) == 0


def test_slow_but_in_time_is_no_stall() -> None:
    assert one_final([FragileSTT(name="slow", delay_ms=950), FragileSTT(name="spare")]) == "slow heard 500 ms"


def test_a_pause_left_unanswered_counts_as_a_stall_also_before_the_final() -> None:
    """The pause's request already tells that the provider is dead: the final does not pay for it again."""
    primary, spare = FragileSTT(name="primary", frozen=True), FragileSTT(name="spare")

    async def main() -> float:
        async with FailoverSTT([primary, spare]).open(REQUEST) as stream:
            stream.begin(1, 0)
            stream.push(1, speech(300))
            stream.request(1, final=False, reason="pause")
            await asyncio.sleep(1.05)
            stream.request(1, final=True)
            asked_s = asyncio.get_running_loop().time()
            await until_final(stream)
            return asyncio.get_running_loop().time() - asked_s

    assert run_virtual(main()) < 0.2


def test_a_call_that_switched_may_switch_back_much_later() -> None:
    """In a long call the first provider may be well again when the second fails."""
    primary, spare = FragileSTT(name="primary", frozen=True), FragileSTT(name="spare")

    async def main() -> list[str]:
        texts = []
        async with FailoverSTT([primary, spare], FailoverSettings(cooldown_s=30)).open(REQUEST) as stream:
            for utterance in range(2):
                stream.begin(utterance, 0)
                stream.push(utterance, speech(300))
                stream.request(utterance, final=True)
                texts.append((await final(stream)).text.split()[0])
                await asyncio.sleep(60)
                primary.frozen, spare.frozen = False, True
        return texts

    assert run_virtual(main()) == ["spare", "primary"]


async def test_a_language_that_none_recognizes_is_refused() -> None:
    with pytest.raises(InvalidInput) as refused:
        async with FailoverSTT([FragileSTT()]).open(STTRequest(call_id="c1", language="xx")):
            pass

    assert refused.value.code == "language_unsupported"


def test_audio_is_replayed_in_order() -> None:
    """The next provider hears the same samples, not merely as many."""
    pcm = np.arange(16_000, dtype=np.int64).astype(np.int16)
    spare = FragileSTT(name="spare")

    async def main() -> None:
        async with FailoverSTT([FragileSTT(dies_after_ms=1000), spare]).open(REQUEST) as stream:
            stream.begin(1, 0)
            for at in range(0, len(pcm), 160):
                stream.push(1, pcm[at : at + 160])
                await asyncio.sleep(0.02)
            stream.request(1, final=True)
            await final(stream)

    run_virtual(main())

    assert np.array_equal(np.concatenate(spare.pushed[1]), pcm)
