"""Putting the other party through: the target is rung first; until somebody answers, they keep the engine.

Whom a number belongs to and how it is rung is the `Reach`'s; that somebody answered is told by `Bridge.join`.
"""

import asyncio
from collections.abc import Callable
from typing import Final, Protocol

from voice_engine.audio import mulaw
from voice_engine.audio.ringback import ringback
from voice_engine.core.dialogue.commands import TransferBegun, TransferEnded
from voice_engine.ports.call import CallSpec
from voice_engine.runtime import handover
from voice_engine.runtime.ear import Ear
from voice_engine.runtime.events import EventLog
from voice_engine.runtime.floor import Floor
from voice_engine.runtime.mind import Mind
from voice_engine.runtime.mouth import Mouth
from voice_engine.runtime.tape import Tape
from voice_engine.runtime.timeline import Timeline

PIECE_MS: Final = 100
"""Ringback goes out in pieces of this length: so much of it may still sound when the engine begins to speak."""

IN_PROGRESS: Final = "takeover_in_progress"
"""Somebody is being rung already."""

OVER: Final = "call_not_active"
"""The other party did not wait."""


class Reach(Protocol):
    """Rings humans for one call that is up. Numbers come from configuration, never from speech."""

    async def ring(self, number: str) -> str | None:
        """Ring `number` (E.164) until somebody is on the call's bridge (None), or it is known that nobody will be.

        The stable code of why not: `no_answer`, `busy`, `declined`, `dial_failed`, `cancelled`,
        `takeover_in_progress`, `call_not_active`, or the carrier's own. Cancelling the wait leaves the ringing.
        """
        ...

    def cancel(self) -> None:
        """Stop whatever rings; `ring` then answers `cancelled`."""
        ...


class Transferring:
    """One call's transfers, one at a time. `tasks` is the call's group."""

    def __init__(
        self,
        spec: CallSpec,
        reach: Reach,
        *,
        timeline: Timeline,
        log: EventLog,
        floor: Floor,
        mind: Mind,
        mouth: Mouth,
        ear: Ear,
        tape: Tape,
        tasks: asyncio.TaskGroup,
        joined: Callable[[], bool],
    ) -> None:
        self._spec = spec
        self._reach = reach
        self._timeline = timeline
        self._log = log
        self._floor = floor
        self._mind = mind
        self._mouth = mouth
        self._ear = ear
        self._tape = tape
        self._tasks = tasks
        self._joined = joined
        self._running: asyncio.Task[None] | None = None
        self._result: asyncio.Future[str | None] | None = None
        self.target: str | None = None
        """Whom the other party waits for; None: nobody is rung by this."""

    def begin(self, number: str, *, target: str, ordered: bool) -> "asyncio.Future[str | None]":
        """Ring `number`, called `target` in events and report; the future tells what `Reach.ring` told.

        `ordered`: by somebody outside the conversation, so that the other party has to be told first.
        """
        result: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        if self.target is not None:
            result.set_result(IN_PROGRESS)
            if not ordered:
                self._mind.signal(TransferEnded(target=target, error=IN_PROGRESS), urgent=True)
            return result
        self.target, self._result = target, result
        self._log.emit(self._timeline.now_ms(), "transfer.ringing", target=target)
        if ordered:
            self._mind.signal(TransferBegun(target=target))
            self._mind.say(handover.line(handover.CONNECTING, self._spec.language), urgent=True)
        self._running = self._tasks.create_task(self._run(number, target), name="transfer")
        return result

    def cancel(self) -> None:
        """They do not want to wait any longer."""
        if self.target is not None:
            self._reach.cancel()

    def close(self) -> None:
        """The call is over."""
        if self._running is not None:
            self._running.cancel()
        self._settle(OVER)

    async def _run(self, number: str, target: str) -> None:
        sounding = self._tasks.create_task(self._sound(), name="ringback")
        try:
            error = await self._reach.ring(number)
        finally:
            sounding.cancel()
        if error is not None:
            self._log.emit(self._timeline.now_ms(), "transfer.failed", target=target, code=error)
            self._mind.signal(TransferEnded(target=target, error=error), urgent=True)
            if self._spec.assistant is None and error != "cancelled":  # Only a receptionist has words of its own.
                self._mind.say(handover.line(handover.UNREACHED, self._spec.language), urgent=True)
        self._settle(error)

    def _settle(self, error: str | None) -> None:
        result, self._result = self._result, None
        self.target = None
        if result is not None and not result.done():
            result.set_result(error)

    async def _sound(self) -> None:
        """Play ringback to the other party whenever the engine itself is silent."""
        cycle, piece = ringback(self._spec.language), PIECE_MS * 8
        at, due_ms = 0, self._timeline.now_ms()
        while not self._joined():
            if self._floor.speaking:
                at = 0
            else:
                self._play(cycle[at : at + piece])
                at = (at + piece) % len(cycle)
            due_ms += PIECE_MS
            await asyncio.sleep(max(0.0, due_ms - self._timeline.now_ms()) / 1000)

    def _play(self, payload: bytes) -> None:
        if self._mouth.relay(payload):
            media_ms, pcm = self._timeline.media_at(self._timeline.now_ms()), mulaw.decode(payload)
            self._tape.engine(media_ms, pcm)
            self._ear.engine_played(media_ms, pcm)
