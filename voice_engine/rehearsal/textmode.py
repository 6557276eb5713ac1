"""A scripted call without audio: the dialogue against a respondent's text, in modelled time.

What is modelled: how long speech takes, endpointing, barge-in with the heard prefix, backchannels, keys, tones,
hold, idle prompts, tools and limits. What is not: recognition, noise, and the turn machine's finer judgement.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import assert_never

from voice_engine.carrier.calls import RING_TIMEOUT_MS
from voice_engine.carrier.expect import evaluate
from voice_engine.carrier.lines import Heard
from voice_engine.carrier.scenario import Scenario
from voice_engine.carrier.simulate import Simulation, with_heard
from voice_engine.carrier.spotter import UTTERANCE_GAP_MS
from voice_engine.core.dialogue.actions import (
    Action,
    CancelTransfer,
    Hangup,
    Say,
    SendDtmf,
    StopRecording,
    Transfer,
    UseTool,
    Wait,
)
from voice_engine.core.dialogue.commands import (
    Beep,
    Command,
    Dtmf,
    HungUp,
    Music,
    Silence,
    TimeLimit,
    TransferEnded,
)
from voice_engine.core.dialogue.conversation import Conversation
from voice_engine.core.turns.settings import TurnSettings
from voice_engine.ports.calendar import Calendar
from voice_engine.ports.call import CallReport, CallSpec, Counters
from voice_engine.ports.knowledge import Knowledge
from voice_engine.ports.telephony import DialStatus
from voice_engine.rehearsal.textline import (
    BeepHeard,
    DigitHeard,
    LineEvent,
    LineLeft,
    MusicHeard,
    SpeechBegan,
    SpeechEnded,
    TextLine,
    speaking_ms,
)
from voice_engine.runtime import closing
from voice_engine.runtime.brain import Dialogue
from voice_engine.runtime.closing import EndCause
from voice_engine.runtime.limits import LimitWatch
from voice_engine.runtime.mind import SLOW_SPEED
from voice_engine.runtime.result import result_dict
from voice_engine.runtime.settings import SessionSettings
from voice_engine.runtime.tools import LASTING, Toolbox
from voice_engine.runtime.transcript import Transcript

TICK_MS = 20
"""Model time moves frame by frame, as on a line."""

SPEECH_AFTER_MS = 250
"""From the end of a turn's endpointing to the first audio of the reply."""

BARGE_IN_MS = 400
"""Speech over the engine that takes the floor."""

LONGEST_MS = 30 * 60 * 1000
"""No call lasts longer, whatever script and policy do."""


@dataclass(slots=True)
class _Reply:
    """What the engine says at a stretch, and what it does once that was said."""

    text: str
    start_ms: int
    end_ms: int
    interruptible: bool
    after: Sequence[Action]
    before: Dialogue
    turn: int | None = None
    answered: list[SpeechEnded] = field(default_factory=list)
    lasting: bool = False

    def heard(self, now_ms: int) -> str:
        """The words that have been said whole by `now_ms`."""
        if now_ms >= self.end_ms:
            return self.text
        share = (now_ms - self.start_ms) / max(1, self.end_ms - self.start_ms)
        prefix = self.text[: max(0, int(share * len(self.text)))]
        return prefix.rsplit(" ", 1)[0] if " " in prefix else ""


class TextCall:
    """One call in modelled time; `run` plays it to its end."""

    def __init__(
        self,
        spec: CallSpec,
        line: TextLine,
        *,
        conversation: Dialogue,
        toolbox: Toolbox,
        turns: TurnSettings | None = None,
    ) -> None:
        self.spec = spec
        self.heard: list[Heard] = []
        self._line = line
        self._conversation = conversation
        self._toolbox = toolbox
        self._settings = turns or TurnSettings()
        self._transcript = Transcript()
        self._limits = LimitWatch(spec.limits)
        self._now_ms = 0
        self._reply: _Reply | None = None
        self._waiting: deque[list[Action]] = deque()
        self._commands: deque[Command] = deque()
        self._turn: list[SpeechEnded] = []
        self._speaking_since_ms: int | None = None
        self._quiet_since_ms = 0
        self._idle_count = 0
        self._check_in: tuple[int, int, int] | None = None
        self._music = False
        self._utterance: tuple[int, int, str] | None = None
        self._human_turns = 0
        self._barge_ins = 0
        self._cause: EndCause | None = None

    async def run(self) -> CallReport:
        """Play the call to its end."""
        await self._take(self._conversation.open(0))
        while self._cause is None and self._now_ms < LONGEST_MS:
            await self._step()
            self._now_ms += TICK_MS
        self._line.respondent.finish(self._now_ms)
        return closing.report(
            self.spec,
            self._conversation,
            self._transcript.turns,
            cause=self._cause or "limit",
            connected_ms=self._now_ms,
            counters=Counters(barge_ins=self._barge_ins, clears=self._barge_ins),
        )

    # -- one tick --------------------------------------------------------------------------------------------

    async def _step(self) -> None:
        now_ms = self._now_ms
        reply = self._reply
        if reply is not None and now_ms >= reply.end_ms:
            await self._finish(reply, reply.text, interrupted=False)
        self._respondent_listens()
        audible = self._reply is not None and self._reply.start_ms <= now_ms
        for event in self._line.step(now_ms, engine_speaking=self._utterance is not None, engine_audible=audible):
            await self._on_line(event)
        if self._cause is None:
            await self._think()

    async def _think(self) -> None:
        await self._maybe_barge_in()
        self._watch_limits()
        self._watch_silence()
        while self._commands:
            await self._take(self._conversation.on_command(self._commands.popleft(), self._now_ms))
        if self._reply is not None or self._speaking_since_ms is not None:
            return
        if self._turn and self._now_ms - self._turn[-1].end_ms >= self._wait_ms():
            await self._answer()
        elif self._waiting and not self._turn:
            await self._speak(self._waiting.popleft())

    def _wait_ms(self) -> int:
        settings = self._settings
        return settings.menu_wait_ms if self._conversation.listening_to_menu else settings.wait_ms

    async def _answer(self) -> None:
        """The other party's turn is over."""
        turn, self._turn = self._turn, []
        text = " ".join(part.text for part in turn)
        start_ms, end_ms = turn[0].start_ms, turn[-1].end_ms
        before = self._conversation.fork()
        index = self._transcript.add_human(text, start_ms=start_ms, end_ms=end_ms)
        self._human_turns += 1
        self._idle_count = 0
        self._check_in = None
        actions = self._conversation.on_utterance(
            text, start_ms=start_ms, end_ms=end_ms, turn=index, now_ms=self._now_ms
        )
        self._waiting.clear()
        await self._speak(actions, before=before, answered=turn)

    async def _take(self, actions: list[Action]) -> None:
        """Actions that nobody asked for: what speaks waits for the floor, the rest is done."""
        if any(isinstance(action, Say | UseTool) for action in actions):
            self._waiting.append(actions)
        else:
            await self._perform(actions)

    async def _speak(
        self, actions: list[Action], *, before: Dialogue | None = None, answered: list[SpeechEnded] | None = None
    ) -> None:
        before = before if before is not None else self._conversation.fork()
        actions, lasting = await self._use_tools(actions)
        says = [action for action in actions if isinstance(action, Say)]
        after = [action for action in actions if not isinstance(action, Say)]
        if not says:
            await self._perform(after)
            return
        start_ms = self._now_ms + SPEECH_AFTER_MS
        text = " ".join(say.text for say in says)
        length_ms = sum(speaking_ms(say.text, SLOW_SPEED if say.slow else 1.0) for say in says)
        self._reply = _Reply(
            text=text,
            start_ms=start_ms,
            end_ms=start_ms + length_ms,
            interruptible=all(say.interruptible for say in says),
            after=after,
            before=before,
            answered=answered or [],
            lasting=lasting,
        )

    async def _use_tools(self, actions: list[Action]) -> tuple[list[Action], bool]:
        """The actions with every look-up replaced by what the policy makes of its result."""
        done: list[Action] = []
        todo = deque(actions)
        lasting = False
        while todo:
            action = todo.popleft()
            if not isinstance(action, UseTool):
                done.append(action)
                continue
            lasting = lasting or action.tool in LASTING
            result = await self._toolbox.use(action)
            todo.extendleft(reversed(self._conversation.on_command(result, self._now_ms)))
        return done, lasting

    async def _perform(self, actions: Sequence[Action]) -> None:
        for action in actions:
            match action:
                case Wait(check_in_ms=every_ms):
                    self._check_in = (self._now_ms + every_ms, every_ms, 1) if every_ms else None
                case SendDtmf(digits=digits):
                    self._line.respondent.keys(digits)
                case Hangup():
                    self._cause = "engine"
                case Transfer(target=target):
                    self._conversation.on_command(TransferEnded(target=target), self._now_ms)
                    self._cause = "transferred"
                case StopRecording() | CancelTransfer():
                    pass
                case Say() | UseTool():
                    raise AssertionError("speech and look-ups are taken out before")
                case _:
                    assert_never(action)

    # -- the floor -------------------------------------------------------------------------------------------

    async def _finish(self, reply: _Reply, heard: str, *, interrupted: bool) -> None:
        self._reply = None
        end_ms = min(self._now_ms, reply.end_ms)
        if reply.turn is not None:
            self._transcript.ended(reply.turn, end_ms=end_ms, heard=heard, interrupted=interrupted)
            self._line_heard(reply.start_ms, end_ms, heard)
        self._conversation.on_spoken(reply.text, heard, interrupted)
        self._quiet_since_ms = self._now_ms
        if not interrupted:
            await self._perform(reply.after)

    async def _maybe_barge_in(self) -> None:
        reply, since_ms = self._reply, self._speaking_since_ms
        if reply is None or since_ms is None:
            return
        if reply.turn is None:
            self._withdraw(reply)
        elif reply.interruptible and self._now_ms - max(since_ms, reply.start_ms) >= BARGE_IN_MS:
            await self._interrupt(reply)

    def _withdraw(self, reply: _Reply) -> None:
        """They went on before a word of the reply was heard: it never happened, and their turn is longer."""
        self._reply = None
        if reply.lasting or not reply.answered:
            self._conversation.on_spoken(reply.text, "", True)
            return
        self._conversation = reply.before
        self._human_turns -= 1
        self._transcript.withdraw_from(len(self._transcript) - 1)
        self._turn = [*reply.answered, *self._turn]

    async def _interrupt(self, reply: _Reply) -> None:
        self._barge_ins += 1
        await self._finish(reply, reply.heard(self._now_ms), interrupted=True)

    # -- what the respondent hears ---------------------------------------------------------------------------

    def _respondent_listens(self) -> None:
        reply, respondent = self._reply, self._line.respondent
        if reply is not None and reply.turn is None and self._now_ms >= reply.start_ms:
            reply.turn = self._transcript.add_engine(reply.text, start_ms=reply.start_ms)
            respondent.engine_voiced(reply.start_ms)
            if self._utterance is None:
                respondent.engine_started(reply.start_ms)
        if self._utterance is not None and (reply is None or reply.turn is None):
            start_ms, end_ms, text = self._utterance
            if self._now_ms - end_ms >= UTTERANCE_GAP_MS:
                self._utterance = None
                respondent.engine_stopped()
                self.heard.append(Heard(started_ms=start_ms, ended_ms=end_ms, text=text))
                respondent.engine_said(text, started_ms=start_ms, ended_ms=end_ms)

    def _line_heard(self, start_ms: int, end_ms: int, text: str) -> None:
        if self._utterance is not None:
            start_ms, text = self._utterance[0], f"{self._utterance[2]} {text}"
        self._utterance = (start_ms, end_ms, text.strip())

    # -- what the engine hears -------------------------------------------------------------------------------

    async def _on_line(self, event: LineEvent) -> None:
        match event:
            case SpeechBegan(at_ms, backchannel):
                self._speaking_since_ms = None if backchannel else at_ms
            case SpeechEnded():
                await self._on_speech_end(event)
            case BeepHeard():
                self._commands.append(Beep())
            case MusicHeard(playing):
                self._music = playing
                self._commands.append(Music(playing=playing))
            case DigitHeard(digit):
                if self._reply is not None and self._reply.turn is not None:
                    await self._interrupt(self._reply)
                self._commands.append(Dtmf(digit=digit))
            case LineLeft():
                await self._hung_up()
            case _:
                assert_never(event)

    async def _on_speech_end(self, event: SpeechEnded) -> None:
        if event.backchannel:
            if self._reply is None:
                self._turn.append(event)
            return
        await self._maybe_barge_in()
        self._speaking_since_ms = None
        self._quiet_since_ms = self._now_ms
        self._turn.append(event)

    async def _hung_up(self) -> None:
        """Their last words still count; a reply under way is cut where they left."""
        if self._reply is not None:
            reply = self._reply
            reply.after = ()
            await self._finish(reply, reply.heard(self._now_ms), interrupted=True)
        if self._turn:
            text = " ".join(part.text for part in self._turn)
            start_ms, end_ms = self._turn[0].start_ms, self._turn[-1].end_ms
            turn = self._transcript.add_human(text, start_ms=start_ms, end_ms=end_ms)
            self._conversation.on_utterance(text, start_ms=start_ms, end_ms=end_ms, turn=turn, now_ms=self._now_ms)
        self._conversation.on_command(HungUp(), self._now_ms)
        self._cause = "stopped"

    # -- time ------------------------------------------------------------------------------------------------

    def _watch_limits(self) -> None:
        which = self._limits.pulse(self._now_ms, on_hold=self._conversation.on_hold, human_turns=self._human_turns)
        if which is not None:
            self._commands.append(TimeLimit(which=which))
        if self._limits.exhausted(self._now_ms):
            self._cause = "limit"

    def _watch_silence(self) -> None:
        busy = self._reply is not None or self._speaking_since_ms is not None or self._turn or self._waiting
        if busy:
            return
        if self._check_in is not None:
            due_ms, every_ms, count = self._check_in
            if self._now_ms >= due_ms:
                self._check_in = (self._now_ms + every_ms, every_ms, count + 1)
                self._commands.append(Silence(silent_ms=every_ms, count=count))
            return
        if self._music or self._conversation.on_hold:
            self._quiet_since_ms = self._now_ms
            return
        if self._now_ms - self._quiet_since_ms >= self._settings.idle_prompt_ms:
            self._idle_count += 1
            self._commands.append(Silence(silent_ms=self._now_ms - self._quiet_since_ms, count=self._idle_count))
            self._quiet_since_ms = self._now_ms


async def simulate_text(
    scenario: Scenario,
    *,
    calendar: Calendar | None = None,
    knowledge: Knowledge | None = None,
    turns: TurnSettings | None = None,
    conversation: Callable[[CallSpec], Dialogue] = Conversation,
) -> Simulation:
    """Hold a scripted call without audio and judge it. Needs a loop only for the tools' awaits."""
    spec = scenario.spec
    status = _dial_status(scenario)
    line = TextLine(scenario.script)
    heard: list[Heard] = []
    if status is not DialStatus.ANSWERED:
        report = closing.unconnected(spec, status)
    else:
        toolbox = Toolbox(
            call_id=spec.call_id,
            calendar=calendar,
            knowledge=knowledge,
            timeout_ms=SessionSettings().tool_timeout_ms,
        )
        call = TextCall(spec, line, conversation=conversation(spec), toolbox=toolbox, turns=turns)
        report = await call.run()
        heard = call.heard
    result = result_dict(report)
    responses = tuple(line.respondent.responses)
    failures = evaluate(scenario.expect, result, respondent_heard=[h.text for h in heard], responses=responses)
    return Simulation(
        scenario=scenario,
        result=with_heard(result, heard),
        failures=tuple(failures),
        notes=tuple(line.respondent.notes) if status is DialStatus.ANSWERED else (),
        responses=responses,
    )


def _dial_status(scenario: Scenario) -> DialStatus:
    if scenario.spec.direction == "inbound":
        return DialStatus.ANSWERED
    match scenario.line.answer:
        case "busy":
            return DialStatus.BUSY
        case "failed":
            return DialStatus.FAILED
        case "no_answer":
            return DialStatus.NO_ANSWER
        case "answer":
            too_late = scenario.line.answer_after_ms >= RING_TIMEOUT_MS
            return DialStatus.NO_ANSWER if too_late else DialStatus.ANSWERED
