"""Turns the floor into speech: runs the brain for each reply and signal, and performs its actions.

One reply generates at a time. A cancelled reply leaves nothing behind but a lasting tool that had begun;
its result then comes back as a signal.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Protocol, assert_never

from voice_engine.audio import mulaw
from voice_engine.core.dialogue.actions import (
    Action,
    CancelTransfer,
    Hangup,
    SendDtmf,
    StopRecording,
    Transfer,
    UseTool,
    Wait,
)
from voice_engine.core.dialogue.commands import Command, Silence, ToolResult
from voice_engine.core.playout.model import Piece
from voice_engine.errors import UpstreamFailed
from voice_engine.ports.tts import SpeechRequest
from voice_engine.runtime.brain import Brain, Clause, Do, Step
from voice_engine.runtime.mouth import Mouth
from voice_engine.runtime.reply import Reply
from voice_engine.runtime.settings import SessionSettings
from voice_engine.runtime.synthesis import Synthesizer
from voice_engine.runtime.timeline import Timeline
from voice_engine.runtime.tools import LASTING, Toolbox

SLOW_SPEED = 0.82
"""Speed of a repeated line (1.0 is normal)."""

QUEUE_AHEAD_MS = 12_000
"""Synthesis pauses while this much of a reply waits to be played."""


class Floor(Protocol):
    """What the mind tells the turn-taking side."""

    def want_floor(self, key: str, *, urgent: bool) -> None:
        """Steps that speak are ready under `key`."""
        ...

    def clause_begins(self, reply: Reply, clause: Clause) -> None:
        """A clause is about to be synthesised."""
        ...

    def reply_generated(self, reply: Reply) -> None:
        """All of the reply's audio is queued, or it had none."""
        ...

    def reply_failed(self, reply: Reply, error: UpstreamFailed) -> None:
        """The reply's speech could not be made."""
        ...

    def context_changed(self) -> None:
        """The conversation moved: what it expects may differ."""
        ...


class Line(Protocol):
    """What the mind does to the call itself."""

    def listen(self, wait: Wait) -> None:
        """The policy waits; perhaps it wants to be woken."""
        ...

    def tool_used(self, action: UseTool, result: ToolResult) -> None:
        """A tool answered."""
        ...

    async def send_digits(self, digits: str) -> None:
        """Press keys."""
        ...

    async def transfer(self, target: str) -> None:
        """Put the other party through to a configured target."""
        ...

    def cancel_transfer(self) -> None:
        """They do not want to wait any longer for whom `transfer` rings."""
        ...

    async def hang_up(self) -> None:
        """End the call."""
        ...

    async def stop_recording(self) -> None:
        """Stop the recorder and delete what was kept."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Signal:
    command: Command
    urgent: bool


class Mind:
    """Runs replies and signals in order. `tasks` is the call's task group."""

    def __init__(
        self,
        *,
        brain: Brain,
        mouth: Mouth,
        speech: Synthesizer,
        toolbox: Toolbox,
        timeline: Timeline,
        floor: Floor,
        line: Line,
        tasks: asyncio.TaskGroup,
        settings: SessionSettings,
        language: str,
        voice: str | None,
    ) -> None:
        self.brain = brain
        self._mouth = mouth
        self._speech = speech
        self._toolbox = toolbox
        self._timeline = timeline
        self._floor = floor
        self._line = line
        self._tasks = tasks
        self._settings = settings
        self._language = language
        self._voice = voice
        self._orders: asyncio.Queue[Reply | _Signal] = asyncio.Queue()
        self._prepared: dict[str, list[Step]] = {}
        self._keys = 0
        self._current: asyncio.Task[None] | None = None
        self._muted = False
        self.patience: list[Step] | None = None
        """What a silent caller is told while they wait for somebody; None: the policy is asked."""

    def mute(self) -> None:
        """Somebody else speaks: whatever was to be said or done is off. A tool's result is still taken note of."""
        self._muted = True
        self._prepared.clear()
        self._speech.drop_warm()

    def unmute(self) -> None:
        """The engine speaks again."""
        self._muted = False

    def reply(self, reply: Reply) -> None:
        """Queue a reply that has the floor."""
        self._orders.put_nowait(reply)

    def signal(self, command: Command, *, urgent: bool = False) -> None:
        """Queue a channel event or tool result for the policy."""
        if self._muted and not isinstance(command, ToolResult):
            return
        if self.patience is not None and isinstance(command, Silence):
            self.say(self.patience, urgent=False)
            return
        self._orders.put_nowait(_Signal(command=command, urgent=urgent))

    def overheard(self, actions: Sequence[Action]) -> None:
        """Do what is due at once by words that nobody here answers: stop recording, and nothing else."""
        if any(isinstance(action, StopRecording) for action in actions):
            self._tasks.create_task(self._line.stop_recording(), name="stop recording")

    def say(self, steps: list[Step], *, urgent: bool) -> None:
        """Ask for the floor and then perform `steps`."""
        if self._muted:
            return
        self._keys += 1
        key = f"unasked-{self._keys}"
        self._prepared[key] = steps
        self._floor.want_floor(key, urgent=urgent)

    def prepare(self, text: str) -> None:
        """The turn may end with `text`: warm the first clause of what would be said."""
        if self._muted:
            return
        clauses = self.brain.prepare(text, self._timeline.now_ms())
        if clauses:
            self._speech.warm(self._request(clauses[0], slow=False))

    async def run(self) -> None:
        """Perform orders until cancelled."""
        while True:
            order = await self._orders.get()
            if isinstance(order, Reply):
                if order.ended is None:
                    self._current = order.task = self._tasks.create_task(
                        self._reply(order), name=f"reply-{order.id}"
                    )
                    await asyncio.wait({order.task})
            else:
                await self._handle(order)

    def stop(self) -> None:
        """Cancel whatever is being generated: the call is over."""
        if self._current is not None:
            self._current.cancel()
        self._speech.drop_warm()

    async def open(self) -> None:
        """The line is up: what does the policy do first?"""
        await self._collect(self.brain.open(self._timeline.now_ms()), urgent=False)

    async def _handle(self, order: _Signal) -> None:
        await self._collect(self.brain.signal(order.command, self._timeline.now_ms()), urgent=order.urgent)

    async def _collect(self, generator: AsyncGenerator[Step, None], *, urgent: bool) -> None:
        """Take an unasked step's outcome; what speaks waits for the floor, the rest is done now."""
        async with aclosing(generator) as source:
            steps = [step async for step in source]
        self._floor.context_changed()
        if self._muted:
            return
        if any(isinstance(step, Clause) or _needs_reply(step) for step in steps):
            self.say(steps, urgent=urgent)
            return
        for step in steps:
            if isinstance(step, Do):
                await self._do(step, None)

    async def _reply(self, reply: Reply) -> None:
        reply.taken_ms = self._timeline.now_ms()
        self._mouth.open(reply.id)
        try:
            await self._steps(reply, self._source(reply))
        except UpstreamFailed as error:
            self._mouth.finish(reply.id)
            self._floor.reply_failed(reply, error)
            return
        self._floor.context_changed()
        self._mouth.finish(reply.id)
        self._floor.reply_generated(reply)

    def _source(self, reply: Reply) -> AsyncGenerator[Step, None]:
        order = reply.order
        if order.text is None:
            return _replay(self._prepared.pop(order.key or "", []))
        return self.brain.respond(
            order.text,
            start_ms=order.start_ms,
            end_ms=order.end_ms,
            turn=reply.human_turn or 0,
            now_ms=self._timeline.now_ms(),
        )

    async def _steps(self, reply: Reply, generator: AsyncGenerator[Step, None]) -> None:
        async with aclosing(generator) as steps:
            async for step in steps:
                match step:
                    case Clause():
                        await self._speak(reply, step)
                    case Do(action=UseTool() as tool):
                        await self._use(reply, tool)
                    case Do():
                        await self._do(step, reply)
                    case _:
                        assert_never(step)

    async def _speak(self, reply: Reply, clause: Clause) -> None:
        if reply.first_clause_ms is None:
            reply.first_clause_ms = self._timeline.now_ms()
            reply.policy_ms = self.brain.timings.policy_ms
            reply.llm_ms = self.brain.timings.llm_ms or 0.0
        self._floor.clause_begins(reply, clause)
        text: str | None = clause.text
        async with aclosing(self._speech.stream(self._request(clause.text, slow=clause.slow))) as chunks:
            async for chunk in chunks:
                if reply.first_audio_ms is None:
                    reply.first_audio_ms = self._timeline.now_ms()
                self._mouth.append(reply.id, Piece(text=text or "", mulaw=mulaw.encode_pcm(chunk)))
                text = None
                await self._give_way(reply)

    async def _give_way(self, reply: Reply) -> None:
        excess_ms = self._mouth.queued_ms(reply.id) - QUEUE_AHEAD_MS
        if excess_ms > 0:
            await asyncio.sleep(excess_ms / 1000)

    def _request(self, text: str, *, slow: bool) -> SpeechRequest:
        speed = SLOW_SPEED if slow else 1.0
        return SpeechRequest(text=text, language=self._language, voice=self._voice, speed=speed)

    async def _use(self, reply: Reply, action: UseTool) -> None:
        """Run a tool inside the reply: filler if slow, then whatever the policy says to its result."""
        if action.tool in LASTING:
            reply.lasting = True
        task = self._tasks.create_task(self._toolbox.use(action), name=f"tool-{action.id}")
        try:
            done, _ = await asyncio.wait({task}, timeout=self._settings.filler_after_ms / 1000)
            if not done and action.filler:
                await self._speak(
                    reply, Clause(text=action.filler, slow=False, interruptible=True, template="filler")
                )
            result = await asyncio.shield(task)
        except asyncio.CancelledError:
            if action.tool in LASTING:
                task.add_done_callback(lambda finished: self.signal(finished.result()))
            else:
                task.cancel()
            raise
        self._line.tool_used(action, result)
        await self._steps(reply, self.brain.signal(result, self._timeline.now_ms()))

    async def _do(self, step: Do, reply: Reply | None) -> None:
        action = step.action
        match action:
            case Wait():
                self._line.listen(action)
            case StopRecording():
                await self._line.stop_recording()
            case SendDtmf():
                await self._after_speech(reply, lambda: self._line.send_digits(action.digits))
            case Transfer():
                await self._after_speech(reply, lambda: self._line.transfer(action.target))
            case CancelTransfer():
                self._line.cancel_transfer()
            case Hangup():
                await self._after_speech(reply, self._line.hang_up)
            case UseTool():
                raise AssertionError("a tool is only used within a reply")
            case _:
                raise AssertionError(f"a rendered reply has no {type(action).__name__}")

    async def _after_speech(self, reply: Reply | None, act: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Act once the reply so far has played, or can no longer be expected to."""
        if reply is not None and reply.clauses:
            self._mouth.finish(reply.id)
            patience_ms = self._mouth.queued_ms(reply.id) + self._settings.drain_margin_ms
            with contextlib.suppress(TimeoutError):  # A lost mark delays the act, it does not prevent it.
                async with asyncio.timeout(patience_ms / 1000):
                    await reply.over.wait()
        await act()


def _needs_reply(step: Step) -> bool:
    return isinstance(step, Do) and isinstance(step.action, UseTool)


async def _replay(steps: list[Step]) -> AsyncGenerator[Step, None]:
    for step in steps:
        yield step
