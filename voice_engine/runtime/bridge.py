"""A human is put on a live call: their audio and the other party's are connected, the engine is silent and notes.

A human who takes over may hand back, and the engine leads again when they leave; one to whom the call was
transferred has it, and it ends with them. The human's end is a `HumanSide`: a second phone leg now, whatever
carries frames at all. Who rings the human, and what becomes of an order, is the caller's of `ringing`, `join`,
`unreached` and `leave`; transfers are `transferring`'s.
"""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import structlog

from voice_engine.core.dialogue.commands import HandedBack, TransferEnded
from voice_engine.core.playout.relay import RelayPace
from voice_engine.errors import QuotaExceeded, UpstreamFailed
from voice_engine.ports.call import CallSpec
from voice_engine.ports.stt import STTRequest
from voice_engine.ports.tts import SpeechRequest
from voice_engine.runtime import handover
from voice_engine.runtime.ear import Ear
from voice_engine.runtime.events import EventLog
from voice_engine.runtime.floor import Floor
from voice_engine.runtime.mind import Mind
from voice_engine.runtime.mouth import Mouth
from voice_engine.runtime.overhearing import Overhearing
from voice_engine.runtime.question import Question
from voice_engine.runtime.services import CallServices
from voice_engine.runtime.tape import Tape
from voice_engine.runtime.timeline import Timeline
from voice_engine.runtime.transferring import Transferring

QUIET_DBFS = -50.0
"""Below it nobody speaks: the VAD's own floor (`audio.vad.VADSettings.min_dbfs`)."""

CLOSE_S = 2.0
"""How long the human's end may take to close."""

LOST_S = 8.0
"""After so long without a frame a browser's human is gone, though its socket may not say so yet."""

Left = Literal["human_hung_up", "handed_back", "limit", "call_ended", "stalled"]
"""Why a bridge ended."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """Somebody who is signed in and takes a call over in a browser."""

    user_id: str


class HumanSide(Protocol):
    """The human's end of a bridge. What the human says goes to `Bridge.heard_human`."""

    def play(self, payload: bytes) -> None:
        """Play this μ-law audio to the human. Returns at once; what cannot be played in time is lost."""
        ...

    async def run(self) -> None:
        """Send what is to be played, until cancelled."""
        ...

    async def close(self) -> None:
        """End it: the human hangs up, or is hung up on."""
        ...


class Bridge:
    """One call's place for a human. `tasks` is the call's group.

    `on_back` is told when the engine leads again, `on_over` when the human has left who had the call for good.
    """

    def __init__(
        self,
        spec: CallSpec,
        services: CallServices,
        *,
        timeline: Timeline,
        log: EventLog,
        floor: Floor,
        mind: Mind,
        mouth: Mouth,
        ear: Ear,
        tape: Tape,
        tasks: asyncio.TaskGroup,
        on_back: Callable[[], None],
        on_over: Callable[[], None],
    ) -> None:
        self._spec = spec
        self._services = services
        self._timeline = timeline
        self._log = log
        self._floor = floor
        self._mind = mind
        self._mouth = mouth
        self._ear = ear
        self._tape = tape
        self._tasks = tasks
        self._on_back = on_back
        self._on_over = on_over
        self._span: _Span | None = None
        self._considering: asyncio.Task[None] | None = None
        self.joined = False
        """Whether a human was ever on the line."""
        self.transferred_to: str | None = None
        """The target of the transfer whose human is, or was, on the line."""
        self.transfers = self._assemble_transfers()
        """What rings targets of transfers; None: nothing can."""

    @property
    def active(self) -> bool:
        """Whether a human is on the line."""
        return self._span is not None

    def ringing(self) -> None:
        """Somebody is being rung: the other party is told, and asked for patience while they are silent."""
        self._log.emit(self._timeline.now_ms(), "takeover.ringing")
        self._mind.patience = handover.line(handover.STILL_CONNECTING, self._spec.language)
        self._mind.say(handover.line(handover.CONNECTING, self._spec.language), urgent=True)

    def unreached(self, code: str) -> None:
        """Nobody came, for this reason: say so and go on."""
        self._mind.patience = None
        self._log.emit(self._timeline.now_ms(), "takeover.failed", code=code)
        self._mind.say(handover.line(handover.UNREACHED, self._spec.language), urgent=True)

    def whisper(self, text: str) -> bool:
        """The call's owner writes to the engine; False: a human leads, who is there to be spoken to."""
        if not self.active:
            self._floor.whisper(text)
        return not self.active

    def question(self) -> Question:
        """Whether they take the call, for whoever picks up at a transfer's target."""
        assistant, language = self._spec.assistant, self._spec.language
        business = assistant.business.name if assistant is not None else ""
        text = handover.TAKE_IT[language].format(business=business)
        return Question(self._services.tts, SpeechRequest(text=text, language=language, voice=self._spec.voice))

    def consider(self, asking: Coroutine[Any, Any, None]) -> None:
        """Let somebody who picked up be asked, for as long as the call lasts."""
        self._considering = self._tasks.create_task(asking, name="question")

    def close(self) -> None:
        """The call is over, for whoever is on the line, rung or asked."""
        if self._considering is not None:
            self._considering.cancel()
        if self.transfers is not None:
            self.transfers.close()
        self.leave("call_ended")

    def join(self, side: HumanSide, *, transfer: bool = False, guest: Guest | None = None) -> None:
        """The human is there: the engine falls silent at once, mid-word if need be, and both hear each other.

        `transfer`: the call is theirs now, under the name of the target that `transfers` rang. `guest`: they are in
        a browser.
        """
        assert self._span is None, "one human at a time"
        target = self.transfers.target if transfer and self.transfers is not None else None
        self.joined = True
        self._span = span = _Span(
            side, self._overhearing(), Timeline(self._services.clock, elapsed_ms=self._now_ms)
        )
        span.timeline.stream_opened()
        self._mind.patience = None
        self._mind.mute()
        self._floor.mute()
        if target is None:
            who = {} if guest is None else {"by": guest.user_id, "through": "browser"}
            self._log.emit(self._now_ms, "call.takeover", handled_by="human", **who)
        else:
            self.transferred_to = target
            self._log.emit(self._now_ms, "call.transferred", target=target)
            self._mind.brain.conversation.on_command(TransferEnded(target=target), self._now_ms)
        self._tasks.create_task(self._run(span), name="bridge")
        if guest is not None:
            self._tasks.create_task(self._miss(span), name="browser alive")

    def leave(self, reason: Left, *, side: HumanSide | None = None) -> None:
        """The human (that of `side`, if given) is off the line; the engine leads again, unless the call is over."""
        span = self._span
        if span is None or (side is not None and span.side is not side):
            return
        self._span = None
        span.left.set()
        self._log.emit(
            self._now_ms, "takeover.ended", reason=reason, left_out_ms=round(span.left_out_ms), deaf=span.deaf
        )
        if reason == "call_ended":
            return
        if self.transferred_to is not None and reason != "limit":
            self._on_over()
            return
        self._mind.unmute()
        self._floor.unmute()
        self._log.emit(self._now_ms, "call.handed_back", reason=reason)
        if reason != "limit":
            self._mind.signal(HandedBack(), urgent=True)
        self._on_back()

    def heard_caller(self, payload: bytes, pcm: bytes) -> None:
        """One frame of the other party (μ-law, and the same as int16 bytes) goes to the human."""
        span = self._span
        if span is None:
            return
        quiet = self._ear.level_dbfs < QUIET_DBFS
        plays_ms = span.to_human.admit(self._now_ms, len(payload) / 8, quiet=quiet)
        if plays_ms is not None:
            span.side.play(payload)
            span.overheard.ear.engine_played(span.timeline.media_at(plays_ms), pcm)

    def heard_human(self, side: HumanSide, timestamp_ms: int, payload: bytes) -> None:
        """One frame of the human (μ-law, stamped by their stream) goes to the other party."""
        span = self._span
        if span is None or span.side is not side:
            return
        now_ms = span.heard_ms = self._now_ms
        pcm = span.overheard.hear(span.timeline.frame_arrived(timestamp_ms, now_ms), payload, now_ms)
        quiet = span.overheard.ear.level_dbfs < QUIET_DBFS
        plays_ms = span.to_caller.admit(now_ms, len(payload) / 8, quiet=quiet)
        if plays_ms is not None and self._mouth.relay(payload):
            media_ms = self._timeline.media_at(plays_ms)
            self._tape.engine(media_ms, pcm)
            self._ear.engine_played(media_ms, pcm)

    @property
    def _now_ms(self) -> float:
        return self._timeline.now_ms()

    def _assemble_transfers(self) -> Transferring | None:
        if self._services.reach is None:
            return None
        return Transferring(
            self._spec,
            self._services.reach,
            timeline=self._timeline,
            log=self._log,
            floor=self._floor,
            mind=self._mind,
            mouth=self._mouth,
            ear=self._ear,
            tape=self._tape,
            tasks=self._tasks,
            joined=lambda: self.active,
        )

    def _overhearing(self) -> Overhearing:
        def write(text: str, start_ms: int, end_ms: int) -> None:
            self._floor.agent_spoke(text, start_ms=start_ms, end_ms=end_ms)

        return Overhearing(
            language=self._spec.language,
            turns=self._services.turns,
            preroll_ms=self._services.session.preroll_ms,
            on_turn=write,
        )

    async def _run(self, span: "_Span") -> None:
        try:
            async with asyncio.TaskGroup() as tasks:
                running = [
                    tasks.create_task(span.side.run(), name="human side"),
                    tasks.create_task(self._understand(span), name="overhear"),
                ]
                await span.left.wait()
                await span.overheard.finish(timeout_ms=self._services.session.last_words_ms)
                for task in running:
                    task.cancel()
        finally:
            with suppress(TimeoutError):  # A socket that does not close is the server's to drop.
                async with asyncio.timeout(CLOSE_S):
                    await span.side.close()

    async def _miss(self, span: "_Span") -> None:
        """A browser sends frames all the time, muted or not: one that sends none any more has lost its line."""
        while not span.left.is_set():
            due_ms = span.heard_ms + LOST_S * 1000 - self._now_ms
            if due_ms <= 0:
                self.leave("stalled", side=span.side)
                return
            with suppress(TimeoutError):
                async with asyncio.timeout(due_ms / 1000):
                    await span.left.wait()

    async def _understand(self, span: "_Span") -> None:
        """Transcribe the human as long as the recognizer has room; two people talk just as well without it."""
        request = STTRequest(call_id=self._spec.call_id, language=self._spec.language)
        try:
            async with AsyncExitStack() as stack:
                stream = await stack.enter_async_context(self._services.stt.open(request))
                await span.overheard.listen_with(stream)
        except (UpstreamFailed, QuotaExceeded) as error:
            span.deaf = True
            log.warning("takeover.not_transcribed", call_id=self._spec.call_id, code=error.code)


class _Span:
    """The time that one human is on the line."""

    def __init__(self, side: HumanSide, overheard: Overhearing, timeline: Timeline) -> None:
        self.side = side
        self.overheard = overheard
        self.timeline = timeline
        """The human's stream in the call's time."""
        self.to_human = RelayPace()
        self.to_caller = RelayPace()
        self.heard_ms = timeline.now_ms()
        """When the human's last frame came."""
        self.left = asyncio.Event()
        self.deaf = False
        """Whether the human could not be transcribed, or not to the end."""

    @property
    def left_out_ms(self) -> float:
        """Audio of both directions that was left out so that neither lags."""
        return self.to_human.left_out_ms + self.to_caller.left_out_ms
