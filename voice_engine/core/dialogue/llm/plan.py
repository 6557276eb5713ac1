"""Decides whether a turn may be worded by a model, and lays out everything that this takes."""

from collections.abc import Sequence
from dataclasses import dataclass

from voice_engine.core.dialogue.actions import Action, Hangup, Say
from voice_engine.core.dialogue.llm.check import Wording
from voice_engine.core.dialogue.llm.prompt import build_request
from voice_engine.ports.call import CallSpec
from voice_engine.ports.knowledge import Passage
from voice_engine.ports.llm import LLMRequest

FIXED_ACTS = frozenset({
    "open", "who_and_why", "robot", "robot_inbound", "who_inbound", "greet_own", "greet_short", "hello",
    "screening", "opted_out", "wrong_number", "recording_stopped", "voicemail", "spell_name", "spell", "filler",
    "goodbye", "silence_end", "time_limit", "cannot_hear", "time_unclear", "still_connecting",
})  # fmt: skip
"""Always said as written: the AI disclosure, what the law or a promise fixes, letters, and the last words."""

GREETINGS = frozenset({"greet", "greet_generated"})
"""The receptionist's greeting: worded by a model only at the opening, and only where its owner asked for that. The
second is the owner's own text, said as written when the model does not come up with an opening in time."""

_KNOWN_LINES = 6
"""Lines of the conversation whose facts may be mentioned again: what is older is better said by the policy.
What the owner wrote is none of them: of it the other party hears what an act says, and nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One turn to be worded: its request, the measure of its answer, and what is done after it."""

    says: tuple[Say, ...]
    after: tuple[Action, ...]
    wording: Wording
    request: LLMRequest

    @property
    def template(self) -> str:
        """The act's name, for the transcript."""
        return self.says[0].template if self.says else "rehearsal"

    @property
    def slow(self) -> bool:
        """Whether it is a repeat, to be spoken slowly."""
        return any(say.slow for say in self.says)


def plan_turn(
    spec: CallSpec,
    history: Sequence[tuple[str, str]],
    human: str | None,
    actions: Sequence[Action],
    found: Sequence[Passage] = (),
) -> Plan | None:
    """How a model would word `actions`, or None when they are said as written.

    Worded are turns that begin with speech and only then act, and of which nothing is fixed: an act that may
    not be interrupted is a disclosure or a farewell. `history` ends before `human`, the words to be answered
    (None: the engine speaks after a look-up, or opens); `found` is what the business has written on them.
    """
    count = next((index for index, action in enumerate(actions) if not isinstance(action, Say)), len(actions))
    says = tuple(action for action in actions[:count] if isinstance(action, Say))
    after = tuple(actions[count:])
    if not says or any(isinstance(action, Say) for action in after):
        return None
    if any(say.template in FIXED_ACTS or not say.interruptible for say in says):
        return None
    opens = any(say.template in GREETINGS for say in says)
    return (
        None if opens and human is not None else _plan(spec, history, human, says, after, found=found, opens=opens)
    )


def rehearsal_plan(spec: CallSpec, history: Sequence[tuple[str, str]], human: str) -> Plan:
    """A turn whose words are the model's alone, for comparing engines; nothing is done after it."""
    return _plan(spec, history, human, (), ())


def _plan(
    spec: CallSpec,
    history: Sequence[tuple[str, str]],
    human: str | None,
    says: tuple[Say, ...],
    after: tuple[Action, ...],
    *,
    found: Sequence[Passage] = (),
    opens: bool = False,
) -> Plan:
    lines = [line for speaker, line in history[-_KNOWN_LINES:] if speaker != "NOTE"]
    last_human = next((line for speaker, line in reversed(history) if speaker == "HUMAN"), "")
    wording = Wording(
        says=says,
        language=spec.language,
        direction=spec.direction,
        today=spec.answered_at.date(),
        human=human if human is not None else last_human,
        known=(*lines, *known_texts(spec), *(passage.text for passage in found)),
        ends=any(isinstance(action, Hangup) for action in after),
        opens=opens,
    )
    request = build_request(spec, history, human, says, found=found, tools=human is not None and bool(says))
    return Plan(says=says, after=after, wording=wording, request=request)


def known_texts(spec: CallSpec) -> tuple[str, ...]:
    """What the call knows from the start and may mention, as texts in which facts and names are found."""
    if spec.assistant is not None:
        return (spec.assistant.name, spec.assistant.business.name, *spec.assistant.business.services)
    submission = spec.submission
    assert submission is not None, "a call has a submission or an assistant"
    people = {"en": "people", "es": "personas"}[spec.language]
    values = (
        submission.business_name,
        submission.user_name,
        submission.user_phone,
        submission.task_description,
        submission.time_preference_text,
        submission.appointment_date and submission.appointment_date.isoformat(),
        submission.appointment_time and f"{submission.appointment_time:%H:%M}",
        submission.party_size and f"{submission.party_size} {people}",
        *submission.additional_instructions,
    )
    return tuple(str(value) for value in values if value)
