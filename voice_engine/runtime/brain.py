"""One call's mind as the session sees it: what to say and do next, clause by clause.

The deterministic `Conversation` is always the truth of state, slots, negotiation, safety and outcome.
With a language model the brain lets it phrase, and question the understanding of, what the policy decided.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any

from voice_engine.clock import LoopClock
from voice_engine.core.dialogue.actions import Action
from voice_engine.core.dialogue.clauses import CutMode
from voice_engine.core.dialogue.commands import Command, ToolResult, Whispered
from voice_engine.core.dialogue.llm.breaker import Breaker
from voice_engine.core.dialogue.llm.grounding import grounded
from voice_engine.core.dialogue.llm.plan import Plan, known_texts, plan_turn, rehearsal_plan
from voice_engine.core.dialogue.llm.tools import commands_of
from voice_engine.errors import InvalidInput
from voice_engine.ports.call import GreetingMode
from voice_engine.ports.knowledge import Knowledge, Passage
from voice_engine.ports.llm import LLM, LLMEvent, LLMRequest, ToolCall
from voice_engine.runtime.dialogue import Dialogue, History
from voice_engine.runtime.findings import Findings, passages_of
from voice_engine.runtime.phrasing import Budget, Phrasing, PhrasingFailed, Speculation
from voice_engine.runtime.steps import (
    BrainSettings,
    BrainTimings,
    Clause,
    Do,
    LLMUsage,
    Source,
    Step,
    steps_of,
)

__all__ = ["Brain", "BrainSettings", "BrainTimings", "Clause", "Dialogue", "Do", "LLMUsage", "Step", "steps_of"]


class Brain:
    """One call's conversation, with or without a model. Used by one task; generators are closed by `aclosing`.

    `group` is the call's task group, where speculative requests run; None: none are made. What `knowledge` finds by
    the human's words is shown to the model.
    """

    def __init__(
        self,
        conversation: Dialogue,
        llm: LLM | None = None,
        settings: BrainSettings | None = None,
        *,
        group: asyncio.TaskGroup | None = None,
        knowledge: Knowledge | None = None,
    ) -> None:
        self._conversation = conversation
        self._llm = llm
        self._settings = settings or BrainSettings()
        self._group = group
        self._found = Findings(knowledge)
        self._clock = LoopClock()
        self._timings = BrainTimings()
        self._usage = LLMUsage()
        self._breaker = Breaker(failures=self._settings.llm_failures, pause_turns=self._settings.llm_pause_turns)
        self._speculation: Speculation | None = None
        self._epoch = 0

    @property
    def conversation(self) -> Dialogue:
        """The truth of the call's state. Read it anew each time: a model's correction replaces the object."""
        return self._conversation

    @property
    def timings(self) -> BrainTimings:
        """Of the last turn begun; complete once its generator is exhausted or closed."""
        return self._timings

    @property
    def usage(self) -> LLMUsage:
        """What the model was asked and cost so far in this call."""
        return self._usage

    def rewind(self, conversation: Dialogue) -> None:
        """Put back an earlier fork: the reply since then was withdrawn before a word of it was heard.

        What the owner wrote meanwhile was no part of it, and is heeded with the next reply.
        """
        self._epoch += 1
        since = self._conversation.history[len(conversation.history) :]
        self._conversation = conversation
        for speaker, line in since:
            if speaker == "NOTE":
                conversation.on_command(Whispered(text=line, later=True), self._clock.now_ms())

    async def open(self, now_ms: float) -> AsyncGenerator[Step, None]:
        """What to say and do when the line is up."""
        turn = self._step(lambda conversation: conversation.open(now_ms))
        assistant = self._conversation.spec.assistant
        generated = assistant is not None and assistant.greeting_mode is GreetingMode.ASSISTANT_FIRST_GENERATED
        async with aclosing(self._perform(turn, worded=generated)) as steps:
            async for step in steps:
                yield step

    async def respond(
        self, text: str, *, start_ms: int, end_ms: int, turn: int, now_ms: float
    ) -> AsyncGenerator[Step, None]:
        """Answer one human turn: `text` as recognised, spoken from `start_ms` to `end_ms` of media time."""

        def answer(conversation: Dialogue, commands: Sequence[Command] | None = None) -> list[Action]:
            return conversation.on_utterance(
                text, start_ms=start_ms, end_ms=end_ms, turn=turn, now_ms=now_ms, commands=commands
            )

        stepped = self._step(answer, human=text, again=answer)
        async with aclosing(self._perform(stepped, worded=True)) as steps:
            async for step in steps:
                yield step

    async def signal(self, command: Command, now_ms: float) -> AsyncGenerator[Step, None]:
        """React to a channel event or to a tool's result; a model may word what a look-up found, and what the owner
        wants said."""
        found = passages_of(command)
        turn = self._step(lambda conversation: conversation.on_command(command, now_ms), found=found)
        async with aclosing(self._perform(turn, worded=isinstance(command, ToolResult | Whispered))) as steps:
            async for step in steps:
                yield step

    def prepare(self, text: str, now_ms: float) -> list[str]:
        """The clauses that would be spoken if the turn ended now with `text`; changes nothing.

        For warming a synthesizer's cache while it is still uncertain that the turn is over. A model is asked
        at once, and `respond` uses its answer if words and state are then the same.
        """
        fork = self._conversation.fork()
        history = tuple(fork.history)
        actions = fork.on_utterance(text, start_ms=0, end_ms=0, turn=0, now_ms=now_ms)
        if self._group is not None and self._settings.speculate and not self._breaker.open:
            self._prepare(history, text, actions, self._group)
        return [step.text for step in steps_of(actions, self._settings.cut) if isinstance(step, Clause)]

    def stop(self) -> None:
        """The call is over: no request is left running."""
        self._epoch += 1
        self._drop_speculation()

    # --- one turn

    def _step(self, policy: Callable[[Dialogue], list[Action]], **turn: Any) -> "_Turn":
        """Step the policy; the state is then true, whatever becomes of the words."""
        self._epoch += 1
        began_ms = self._clock.now_ms()
        history = tuple(self._conversation.history) if self._llm is not None else ()
        before = self._conversation.fork() if self._llm is not None else self._conversation
        actions = policy(self._conversation)
        self._timings = BrainTimings(policy_ms=self._clock.now_ms() - began_ms)
        return _Turn(actions=actions, history=history, before=before, epoch=self._epoch, **turn)

    async def _perform(self, turn: "_Turn", *, worded: bool) -> AsyncGenerator[Step, None]:
        plan = self._plan(turn.history, turn.human, turn.actions, turn.found) if worded else None
        if plan is not None and turn.human is not None and (found := await self._found.by(turn.human)):
            plan = self._plan(turn.history, turn.human, turn.actions, found)
        if plan is None or self._llm is None or not self._breaker.allows():
            self._drop_speculation()
            for step in steps_of(turn.actions, self._settings.cut):
                yield step
            return
        async with aclosing(self._worded(turn, plan, self._llm)) as steps:
            async for step in steps:
                yield step

    async def _worded(self, turn: "_Turn", plan: Plan, llm: LLM) -> AsyncGenerator[Step, None]:
        """The model's clauses, and from the templates whatever it left unsaid."""
        began_ms = self._clock.now_ms()
        settings = self._settings
        budget = Budget(first_ms=settings.llm_deadline_ms, later_ms=settings.llm_stall_ms)
        if plan.wording.opens:
            opening_ms = settings.llm_opening_ms
            budget = Budget(first_ms=opening_ms, later_ms=opening_ms, total_ms=opening_ms)
        cut: CutMode = "sentence" if plan.wording.opens else settings.cut
        phrasing = Phrasing(plan.wording, cut=cut, budget=budget, heed=not settings.rehearsal)
        spoken: list[str] = []
        rest: list[Step] | None = None
        failed: str | None = None
        try:
            async with aclosing(phrasing.clauses(self._events(llm, plan.request))) as items:
                async for item in items:
                    if isinstance(item, ToolCall):
                        rest = self._corrected(item, turn)
                        continue
                    self._time(phrasing, began_ms, "model")
                    spoken.append(item)
                    yield Clause(text=item, slow=plan.slow, template=plan.template)
            self._breaker.succeeded()
        except PhrasingFailed as failure:
            self._breaker.failed(lasting=failure.lasting)
            failed = failure.reason
        self._usage = self._usage.with_request(phrasing.completed)
        rest = self._unsaid(turn, plan, spoken) if rest is None else rest
        source: Source = "template" if not spoken else "mixed" if _speaks(rest) else "model"
        self._time(phrasing, began_ms, source)
        self._timings = replace(self._timings, failure=failed)
        for step in rest:
            yield step

    def _unsaid(self, turn: "_Turn", plan: Plan, spoken: Sequence[str]) -> list[Step]:
        if not spoken:
            return list(steps_of(turn.actions, self._settings.cut))
        missing = plan.wording.missing(" ".join(spoken)) if plan.says else []
        clauses = [Clause(text=sentence, slow=plan.slow, template=plan.template) for sentence in missing]
        return [*clauses, *(Do(action=action) for action in plan.after)]

    def _corrected(self, call: ToolCall, turn: "_Turn") -> list[Step]:
        """The policy's steps under a model's understanding.

        Raises:
            PhrasingFailed: the call is malformed, not borne out by what was said, or comes too late.
        """
        spec = self._conversation.spec
        moved = turn.epoch != self._epoch or len(self._conversation.history) != len(turn.history) + 1
        if turn.again is None or turn.human is None or moved:
            raise PhrasingFailed("correction_late")
        try:
            commands = commands_of(call, spec.category)
        except InvalidInput as error:
            raise PhrasingFailed(error.code) from error
        known = known_texts(spec)
        borne_out = grounded(commands, turn.human, spec.language, now=spec.answered_at, known=known)
        if borne_out is None:
            raise PhrasingFailed("correction_ungrounded")
        actions = turn.again(turn.before, borne_out)
        self._conversation = turn.before
        return list(steps_of(actions, self._settings.cut))

    def _time(self, phrasing: Phrasing, began_ms: float, source: Source) -> None:
        waited = phrasing.first_clause_ms
        self._timings = replace(
            self._timings,
            llm_first_ms=phrasing.first_token_ms,
            llm_ms=waited if waited is not None else self._clock.now_ms() - began_ms,
            source=source,
        )

    def _plan(
        self, history: History, human: str | None, actions: Sequence[Action], found: Sequence[Passage] = ()
    ) -> Plan | None:
        if self._llm is None:
            return None
        spec = self._conversation.spec
        if self._settings.rehearsal:
            return rehearsal_plan(spec, history, human) if human is not None else None
        return plan_turn(spec, history, human, actions, found)

    # --- speculation

    def _prepare(self, history: History, human: str, actions: Sequence[Action], group: asyncio.TaskGroup) -> None:
        """Ask the model ahead of time, once it is known what there is to be shown to it."""
        epoch, plan = self._epoch, self._plan(history, human, actions)
        if plan is None or not self._found.any:
            self._speculate(plan, group)
            return

        def ask(found: Sequence[Passage]) -> None:
            if epoch == self._epoch:
                self._speculate(self._plan(history, human, actions, found), group)

        self._found.ahead(human, group, then=ask)

    def _speculate(self, plan: Plan | None, group: asyncio.TaskGroup) -> None:
        if self._speculation is not None and plan is not None and self._speculation.request == plan.request:
            return
        self._drop_speculation()
        if plan is not None and self._llm is not None:
            self._speculation = Speculation(self._llm, plan.request, group)

    def _events(self, llm: LLM, request: LLMRequest) -> AsyncGenerator[LLMEvent, None]:
        speculation, self._speculation = self._speculation, None
        if speculation is not None and speculation.request == request:
            return speculation.events()
        if speculation is not None:
            speculation.cancel()
        return llm.stream(request)

    def _drop_speculation(self) -> None:
        self._found.stop()
        if self._speculation is not None:
            self._speculation.cancel()
            self._speculation = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Turn:
    """One stepped turn: what the policy decided, and what it takes to step it again."""

    actions: Sequence[Action]
    history: History
    before: Dialogue
    epoch: int
    found: Sequence[Passage] = ()
    human: str | None = None
    again: "Callable[[Dialogue, Sequence[Command]], list[Action]] | None" = None


def _speaks(steps: Sequence[Step]) -> bool:
    return any(isinstance(step, Clause) for step in steps)
