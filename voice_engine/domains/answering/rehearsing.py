"""What an assistant would say to a question: its next call's spec, the same dialogue, the same search, no call.

Where a language model is configured it words such an answer itself, by the same passages; what is said here is what
callers hear without one, and when it is late.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from voice_engine.core.dialogue.actions import Action, Say, UseTool
from voice_engine.core.dialogue.commands import ToolResult
from voice_engine.core.dialogue.conversation import Conversation
from voice_engine.core.retrieval.answering import answer_in
from voice_engine.domains.knowledge.searching import Found
from voice_engine.ports.call import CallSpec

LOOK_UP = "knowledge.search"
AFTER_MS = 5_000
"""When the caller asks: after the greeting."""

Look = Callable[[str], Awaitable[Sequence[Found]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsed:
    """An answer. `query`: what was looked up, None: settings alone answer. `answer`: the words taken from the first
    passage, as `said` has them; "" when nothing was found."""

    said: tuple[str, ...]
    query: str | None
    found: tuple[Found, ...]
    answer: str


async def rehearse(spec: CallSpec, question: str, look: Look) -> Rehearsed:
    """The assistant's answer to `question`, asked right after its greeting. `look` searches what the call may."""
    conversation = Conversation(spec)
    for action in conversation.open(0.0):
        if isinstance(action, Say):
            conversation.on_spoken(action.text, action.text, False)
    actions = conversation.on_utterance(
        question, start_ms=AFTER_MS, end_ms=AFTER_MS + 2_000, turn=1, now_ms=AFTER_MS + 2_500.0
    )
    said, query, found = _said(actions), None, tuple[Found, ...]()
    for wanted in [action for action in actions if isinstance(action, UseTool)]:
        if wanted.tool == LOOK_UP:
            query = str(wanted.args["query"])
            found = tuple(await look(query))
            result = ToolResult(id=wanted.id, value=[_as_told(each) for each in found])
        else:
            result = ToolResult(id=wanted.id, error="tool_unavailable")
        said += _said(conversation.on_command(result, AFTER_MS + 3_000.0))
    answer = answer_in(found[0].passage.text, query) if found and query else ""
    return Rehearsed(said=tuple(said), query=query, found=found, answer=answer)


def _said(actions: Sequence[Action]) -> list[str]:
    return [action.text for action in actions if isinstance(action, Say) and action.text]


def _as_told(found: Found) -> dict[str, object]:
    """A passage as the engine's tools give it to the dialogue."""
    return {"key": found.passage.key, "text": found.passage.text, "score": found.passage.score}
