"""What each component of an installation is, and whether it answers now."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import structlog

from voice_engine.errors import VoiceEngineError

ComponentState = Literal["ok", "embedded", "unconfigured", "down"]
"""`ok`: a provider's own; `embedded`: what comes with this software; `unconfigured`: nothing is in use."""

Probe = Callable[[], Awaitable[object]]
"""Raises VoiceEngineError when the component does not answer."""

PROBE_S = 2.0
KEPT_S = 10.0
"""How long an answer is given again: anybody may ask, and a probe may cost a provider's request."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """One part. `probe` None: there is nothing to ask."""

    state: ComponentState
    probe: Probe | None = None


class HealthChecks:
    """Asks every component at once. `monotonic` is in seconds."""

    def __init__(self, components: Mapping[str, Component], *, monotonic: Callable[[], float]) -> None:
        self._components = components
        self._monotonic = monotonic
        self._last: tuple[float, Mapping[str, ComponentState]] | None = None
        self._asking = asyncio.Lock()

    async def read(self) -> Mapping[str, ComponentState]:
        """The state of each, at most `KEPT_S` old."""
        async with self._asking:
            if self._last is None or self._monotonic() - self._last[0] > KEPT_S:
                self._last = (self._monotonic(), await self._ask())
            return self._last[1]

    async def _ask(self) -> Mapping[str, ComponentState]:
        async with asyncio.TaskGroup() as tasks:
            asked = {
                name: tasks.create_task(_state(name, component), name=f"health of {name}")
                for name, component in self._components.items()
            }
        return MappingProxyType({name: task.result() for name, task in asked.items()})


async def _state(name: str, component: Component) -> ComponentState:
    if component.probe is None:
        return component.state
    try:
        async with asyncio.timeout(PROBE_S):
            await component.probe()
    except (VoiceEngineError, TimeoutError) as error:
        _log.warning("health.down", component=name, error=str(error) or type(error).__name__)
        return "down"
    return component.state
