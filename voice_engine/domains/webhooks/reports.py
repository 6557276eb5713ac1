"""The end of a call that another engine held: what its messages say, as the end that our rows know."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from voice_engine.domains.calls.models import Call, ToolInvocation
from voice_engine.domains.calls.reporting import Ending, outcome_json
from voice_engine.domains.calls.states import ENDS, CallState, EndedReason
from voice_engine.domains.webhooks.messages import CallFacts, Message, first, number, record, string
from voice_engine.domains.webhooks.reasons import Reading, outcome_words, read_reason, state_of
from voice_engine.domains.webhooks.settings import PROVIDER
from voice_engine.domains.webhooks.tools import TAKE_MESSAGE
from voice_engine.domains.webhooks.transcripts import turns_of
from voice_engine.ports.call import Outcome, TakenMessage

MOST_SECONDS = 86_400.0
"""No call is longer; a difference that large is a mistake of a clock."""
LONGEST_URL = 2_048


def is_over(call: Call, message: Message, *, now: dt.datetime) -> Ending:
    """The end of which only that it came is known; its report follows."""
    reading = read_reason(message.call.ended_reason)
    ended_at = _ended_at(message, now=now)
    length_s = talked_s(call, message.call, ended_at=ended_at) if reading.talked else None
    return Ending(
        status=state_of(reading.reason, call.direction),
        reason=reading.reason,
        at=ended_at,
        duration_ms=None if length_s is None else round(length_s * 1000),
        awaits_report=True,
        extra=_times(message.call, talked=length_s is not None),
    )


def reported(call: Call, message: Message, uses: Sequence[ToolInvocation], *, now: dt.datetime) -> Ending:
    """The end as the other engine's report tells it; `uses` are the tools that were used in the call."""
    body, facts = message.body, message.call
    reading = _reading(call, facts.ended_reason)
    ended_at = facts.ended_at or call.ended_at or _by_length(message) or message.at or now
    length_s = _told_s(body, call, facts, ended_at=ended_at) if reading.talked else None
    analysis = record(body.get("analysis"))
    summary = first([analysis.get("summary"), body.get("summary")])
    messages = [taken(use) for use in uses if use.name == TAKE_MESSAGE and use.error is None]
    status, disposition = outcome_words(state_of(reading.reason, call.direction), reading.reason)
    outcome = Outcome(
        status=status,
        disposition=disposition,
        highlights=(summary,) if summary else (),
        next_steps=tuple(_to_return(one) for one in messages),
        message=messages[-1] if messages else None,
        transferred_to=string(record(body.get("destination")).get("number")),
    )
    told = {
        "provider": PROVIDER,
        "provider_reason": facts.ended_reason,
        "recording_url": recording_url(body),
        "analysis": {key: value for key, value in analysis.items() if key != "summary"},
    }
    return Ending(
        status=state_of(reading.reason, call.direction),
        reason=reading.reason,
        at=ended_at,
        connected_s=length_s,
        duration_ms=None if length_s is None else round(length_s * 1000),
        highlights=outcome.highlights,
        next_steps=outcome.next_steps,
        outcome={**outcome_json(outcome, language=call.language), **told},
        turns=turns_of(body),
        extra={"summary": summary, **_times(facts, talked=length_s is not None)},
    )


def unreported(call: Call) -> Ending:
    """The end of a call whose report never came: measured by the times that its messages told."""
    state, reason = CallState(call.status), EndedReason(call.ended_reason or EndedReason.COMPLETED)
    status, disposition = outcome_words(state, reason)
    outcome = outcome_json(Outcome(status=status, disposition=disposition), language=call.language)
    return Ending(
        status=state,
        reason=reason,
        at=call.ended_at or call.created_at,
        connected_s=None if call.duration_ms is None else call.duration_ms / 1000,
        duration_ms=call.duration_ms,
        outcome={**outcome, "provider": PROVIDER, "provider_reason": None, "recording_url": None},
    )


def given_up(call: Call, *, now: dt.datetime) -> Ending:
    """The end of a call whose engine went silent: nobody knows how long it was, so that it is free."""
    reason = EndedReason.ENGINE_FAILED
    state = state_of(reason, call.direction)
    status, disposition = outcome_words(state, reason)
    outcome = outcome_json(Outcome(status=status, disposition=disposition), language=call.language)
    return Ending(status=state, reason=reason, at=now, outcome={**outcome, "provider": PROVIDER})


def talked_s(call: Call, facts: CallFacts, *, ended_at: dt.datetime) -> float | None:
    """Seconds from answer to end; None: nobody ever answered."""
    started_at = facts.started_at or call.answered_at
    if started_at is None:
        return None
    return min(max((ended_at - started_at).total_seconds(), 0.0), MOST_SECONDS)


def recording_url(body: Mapping[str, Any]) -> str | None:
    """Where the other engine keeps the audio."""
    artifact = record(body.get("artifact"))
    recording = record(artifact.get("recording"))
    found = first(
        [
            artifact.get("recordingUrl"),
            record(recording.get("mono")).get("combinedUrl"),
            artifact.get("stereoRecordingUrl"),
            recording.get("stereoUrl"),
            body.get("recordingUrl"),
            body.get("stereoRecordingUrl"),
        ]
    )
    fits = found is not None and len(found) <= LONGEST_URL and found.startswith(("https://", "http://"))
    return found if fits else None


def taken(use: ToolInvocation) -> TakenMessage:
    """A message that a caller left by the tool."""
    given = use.arguments or {}
    return TakenMessage(
        name=string(given.get("name")), phone=string(given.get("phone")), text=string(given.get("message")) or ""
    )


def _to_return(message: TakenMessage) -> str:
    who = message.name or "the caller"
    where = f" at {message.phone}" if message.phone else ""
    return f"Call {who} back{where}: “{message.text}”."


def _told_s(body: Mapping[str, Any], call: Call, facts: CallFacts, *, ended_at: dt.datetime) -> float | None:
    """The length that the report tells, by its two times or else as a number; else by what was told before."""
    if facts.started_at is not None and facts.ended_at is not None:
        return talked_s(call, facts, ended_at=facts.ended_at)
    given = number(body.get("durationSeconds"))
    if given is not None:
        return min(max(given, 0.0), MOST_SECONDS)
    return talked_s(call, facts, ended_at=ended_at)


def _reading(call: Call, word: str | None) -> Reading:
    """What the report's reason means; without one, what the end was told with."""
    if word is None and call.status in ENDS:
        return Reading(
            reason=EndedReason(call.ended_reason or EndedReason.COMPLETED), talked=call.duration_ms is not None
        )
    return read_reason(word)


def _by_length(message: Message) -> dt.datetime | None:
    """The end of a call of which beginning and length are told."""
    began, length_s = message.call.started_at, number(message.body.get("durationSeconds"))
    if began is None or length_s is None:
        return None
    return began + dt.timedelta(seconds=min(max(length_s, 0.0), MOST_SECONDS))


def _ended_at(message: Message, *, now: dt.datetime) -> dt.datetime:
    return message.call.ended_at or message.at or now


def _times(facts: CallFacts, *, talked: bool) -> dict[str, Any]:
    """What the row learns of its times."""
    if facts.started_at is None:
        return {}
    return {"started_at": facts.started_at, **({"answered_at": facts.started_at} if talked else {})}
