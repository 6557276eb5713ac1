"""What a brain hands to the session: clauses to speak and actions to perform, with settings and figures."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from voice_engine.core.dialogue.actions import Action, Say
from voice_engine.core.dialogue.clauses import ClauseCutter, CutMode
from voice_engine.ports.llm import Completed


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """Speak `text`, a clause or sentence. `template` names the act it belongs to, for the transcript."""

    text: str
    slow: bool = False
    interruptible: bool = True
    template: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Do:
    """Perform `action` (never a `Say`) once what came before it is queued."""

    action: Action


Step = Clause | Do
Source = Literal["template", "model", "mixed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BrainSettings:
    """How text is cut, how long a model may take, and when it is left alone.

    `llm_deadline_ms`: from the turn's arrival here to its first checked clause, else the template is spoken.
    `llm_stall_ms`: the same for each later clause. `llm_opening_ms`: for a whole opening, the line being silent.
    After `llm_failures` bad turns in a row the model is not
    asked for `llm_pause_turns` turns. `speculate`: ask at the first pause, before the turn has surely ended.
    `rehearsal`: for comparing engines with a scripted model. Its words answer every turn, streamed but not checked,
    in place of what the policy would say and do; the policy is stepped all the same.
    """

    cut: CutMode = "clause"
    llm_deadline_ms: float = 1200.0
    llm_stall_ms: float = 1000.0
    llm_opening_ms: float = 2000.0
    llm_failures: int = 2
    llm_pause_turns: int = 3
    speculate: bool = True
    rehearsal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BrainTimings:
    """Where one turn's time went, in ms of the loop's clock; model fields are None when none was asked.

    `policy_ms`: understanding and policy. `llm_first_ms`: request to first token. `llm_ms`: request to the
    first clause that may be spoken, or until it was given up (what the caller waited for). `source`: who worded
    what was said; `failure`: why the model did not word all of it, a stable word.
    """

    policy_ms: float = 0.0
    llm_first_ms: float | None = None
    llm_ms: float | None = None
    source: Source = "template"
    failure: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LLMUsage:
    """What a call asked of its model: requests that were read, and tokens where the endpoint tells them."""

    requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0

    def with_request(self, completed: Completed | None) -> "LLMUsage":
        """One request more; None: it broke off."""
        return LLMUsage(
            requests=self.requests + 1,
            prompt_tokens=self.prompt_tokens + ((completed.prompt_tokens or 0) if completed else 0),
            completion_tokens=self.completion_tokens + ((completed.completion_tokens or 0) if completed else 0),
        )


def steps_of(actions: Sequence[Action], cut: CutMode) -> Iterator[Step]:
    """The steps of a policy's actions, in order, each `Say` cut into clauses; the first clause may be short."""
    cutter = ClauseCutter(cut)
    for action in actions:
        if not isinstance(action, Say):
            yield Do(action=action)
            continue
        for text in [*cutter.push(action.text), *cutter.finish()]:
            yield Clause(text=text, slow=action.slow, interruptible=action.interruptible, template=action.template)
