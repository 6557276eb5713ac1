"""Failover of language models: one that fails or stalls before its first word is replaced, and left out a while."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from voice_engine.errors import UpstreamFailed
from voice_engine.ports.llm import LLM, LLMEvent, LLMRequest
from voice_engine.providers.breaker import Breaker, by_health
from voice_engine.providers.speech import FailoverSettings

FIRST_S = 0.9
"""A model without a first word by then has stalled: the turn waits 1.2 s in all (`runtime.steps`), and whatever the
next one makes of the rest, the turns that follow begin with it."""


class FailoverLLM:
    """An `LLM` over several, in order of preference. Breakers are shared by all calls of this object."""

    def __init__(self, models: Sequence[LLM], settings: FailoverSettings | None = None) -> None:
        assert models
        self._models = tuple(models)
        settings = settings or FailoverSettings()
        self._breakers = [Breaker(failures=settings.failures, cooldown_s=settings.cooldown_s) for _ in models]

    @property
    def name(self) -> str:
        """The names of all."""
        return "+".join(model.name for model in self._models)

    async def stream(self, request: LLMRequest) -> AsyncGenerator[LLMEvent, None]:
        """As the first model that begins to answer; one that breaks off after its first word is not replaced.

        Raises:
            UpstreamFailed: as the last model that was asked.
        """
        loop = asyncio.get_running_loop()
        order = by_health(self._breakers, loop.time())
        for index in order:
            begun = False
            try:
                async with aclosing(self._watched(index, request)) as events:
                    async for event in events:
                        begun = True
                        yield event
            except UpstreamFailed:
                self._breakers[index].note_failure(loop.time())
                if begun or index == order[-1]:
                    raise
                continue
            self._breakers[index].note_success()
            return

    async def _watched(self, index: int, request: LLMRequest) -> AsyncGenerator[LLMEvent, None]:
        """One model's events, the first of them in time. Raises UpstreamFailed."""
        model = self._models[index]
        async with aclosing(model.stream(request)) as events:
            try:
                async with asyncio.timeout(FIRST_S):
                    first = await anext(events, None)
            except TimeoutError as error:
                raise UpstreamFailed(
                    "llm_timeout", f"{model.name}: no first word in time", provider=model.name, retryable=True
                ) from error
            if first is None:
                return
            yield first
            async for event in events:
                yield event
