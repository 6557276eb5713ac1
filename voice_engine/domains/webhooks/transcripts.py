"""What was said in a call of the other engine, as lines of ours."""

from collections.abc import Mapping
from typing import Any

from voice_engine.domains.webhooks.messages import number, record, records, string
from voice_engine.ports.call import TranscriptTurn

MOST_LINES = 5_000
LONGEST_MS = 2**31 - 1
"""What a column holds; 24 days."""

_HUMAN = frozenset({"user", "customer", "human"})
_ENGINE = frozenset({"bot", "assistant", "ai"})


def turns_of(body: Mapping[str, Any]) -> tuple[TranscriptTurn, ...] | None:
    """The lines of a report: its messages, which have times, or else its text; None: it has neither."""
    artifact = record(body.get("artifact"))
    for holder in (artifact, body):
        turns = _from_messages(records(holder.get("messages")))
        if turns:
            return turns
    text = string(artifact.get("transcript")) or string(body.get("transcript"))
    return _from_text(text) or None if text is not None else None


def speaker_of(role: object) -> str | None:
    """AI or HUMAN; None: neither spoke."""
    if role in _ENGINE:
        return "AI"
    return "HUMAN" if role in _HUMAN else None


def milliseconds(seconds: object) -> int:
    """Seconds of any JSON as milliseconds that a column holds."""
    count = number(seconds)
    return 0 if count is None else min(max(round(count * 1000), 0), LONGEST_MS)


def _from_messages(messages: list[Mapping[str, Any]]) -> tuple[TranscriptTurn, ...]:
    turns: list[TranscriptTurn] = []
    for message in messages:
        role, text = string(message.get("role")), string(message.get("message")) or string(message.get("content"))
        if role is None or text is None or len(turns) == MOST_LINES:
            continue
        start_ms = milliseconds(message.get("secondsFromStart"))
        end_ms = min(start_ms + _length_ms(message), LONGEST_MS)
        turn = _turn(len(turns), role.lower(), text, start_ms=start_ms, end_ms=end_ms)
        if turn is not None:
            turns.append(turn)
    return tuple(turns)


def _length_ms(message: Mapping[str, Any]) -> int:
    """How long a line took: `time` and `endTime` are in milliseconds; `duration` is documented in seconds."""
    began, ended = number(message.get("time")), number(message.get("endTime"))
    if began is not None and ended is not None:
        return min(max(round(ended - began), 0), LONGEST_MS)
    return milliseconds(message.get("duration"))


def _turn(index: int, role: str, text: str, *, start_ms: int = 0, end_ms: int = 0) -> TranscriptTurn | None:
    if role in _ENGINE:
        return TranscriptTurn(
            index=index, speaker="AI", text=text, heard_text=text, start_ms=start_ms, end_ms=end_ms
        )
    if role in _HUMAN:
        return TranscriptTurn(index=index, speaker="HUMAN", text=text, start_ms=start_ms, end_ms=end_ms)
    return None


def _from_text(text: str) -> tuple[TranscriptTurn, ...]:
    """Lines "AI: …" and "User: …"; a line without a name goes on with what stands before it."""
    spoken: list[tuple[str, str]] = []
    for line in text.splitlines():
        name, colon, said = line.partition(":")
        role = name.strip().lower()
        if colon and speaker_of(role) is not None:
            spoken.append((role, said.strip()))
        elif line.strip() and spoken:
            spoken[-1] = (spoken[-1][0], f"{spoken[-1][1]} {line.strip()}".strip())
    turns = (_turn(index, role, said) for index, (role, said) in enumerate(spoken[:MOST_LINES]))
    return tuple(turn for turn in turns if turn is not None)
