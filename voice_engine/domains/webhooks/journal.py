"""Moments of a call that another engine held, as events of ours. Interim text is not kept: a final one follows."""

import datetime as dt
from typing import Any

from voice_engine.domains.calls.repository.journal import Happening
from voice_engine.domains.webhooks.messages import Message, conversation, string
from voice_engine.domains.webhooks.transcripts import speaker_of

LONGEST_LINE = 4_000
"""Signs of a line that an event carries; the transcript has it whole."""


def happenings_of(message: Message, *, at: dt.datetime) -> list[Happening]:
    """What the message says that happened; nothing for interim text."""
    body = message.body
    match message.kind:
        case "transcript":
            line = line_of(message)
            if line is None:
                return []
            speaker, text = line
            kind = "turn.ai" if speaker == "AI" else "turn.human"
            return [Happening(type=kind, at=at, payload={"text": text[:LONGEST_LINE]})]
        case "conversation-update":
            return [Happening(type="conversation.updated", at=at, payload=_conversation(body))]
        case "speech-update":
            facts = {"role": string(body.get("role")), "status": string(body.get("status"))}
            return [Happening(type="speech.updated", at=at, payload=facts)]
        case "user-interrupted":
            return [Happening(type="barge_in", at=at)]
        case "hang":
            return [Happening(type="signal", at=at, payload={"signal": "hang"})]
        case _:
            return []


def line_of(message: Message) -> tuple[str, str] | None:
    """Who said what in a finished line; None for anything else."""
    body = message.body
    is_final = (string(body.get("transcriptType")) or "final") == "final"
    text, role = string(body.get("transcript")), string(body.get("role"))
    speaker = None if role is None else speaker_of(role.lower())
    if message.kind != "transcript" or not is_final or text is None or speaker is None:
        return None
    return speaker, text


def _conversation(body: Any) -> dict[str, Any]:
    """How long the conversation is and its last line: all of it comes with each message, and grows."""
    lines = conversation(body)
    last = lines[-1] if lines else {}
    text = string(last.get("content")) or string(last.get("message")) or ""
    return {"lines": len(lines), "role": string(last.get("role")), "text": text[:LONGEST_LINE]}
