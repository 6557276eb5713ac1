"""What the conversation came to, read from state and never from prose."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from voice_engine.core.dialogue.brief import Brief
from voice_engine.core.dialogue.highlights import outbound_report
from voice_engine.core.dialogue.negotiation import MAX_ROUNDS
from voice_engine.core.dialogue.state import DialogueState
from voice_engine.ports.call import CallSpec, Category, Disposition, Outcome, Status, TaskOutcome


def outbound_outcome(spec: CallSpec, brief: Brief, state: DialogueState) -> Outcome:
    """The outcome of an outbound call that was answered, at any moment."""
    achieved = is_achieved(brief, state)
    task = _task_outcome(brief, state, achieved=achieved)
    highlights, steps = outbound_report(spec, brief, state, achieved=achieved)
    return Outcome(
        status=_status(state, task),
        disposition=_disposition(state, task),
        task_outcome=task,
        highlights=highlights,
        next_steps=steps,
        agreed=agreed_values(brief, state) if achieved and brief.required else None,
        confirmation=state.confirmation if achieved else None,
        transferred_to=state.transferred_to,
        do_not_call=state.do_not_call_quote is not None,
        do_not_call_quote=state.do_not_call_quote,
        recording_declined=state.recording_declined,
        evidence=state.evidence,
    )


def is_achieved(brief: Brief, state: DialogueState) -> bool:
    """All required slots agreed, and the human booked or said yes to the read-back."""
    if state.end in {"opted_out", "wrong_number", "voicemail"} or not state.confirmed:
        return False
    timed = [key for key in ("date", "time", "nights") if key in brief.required]
    known = {**brief.slots, **state.agreed}
    return all(state.agreed.get(key, known.get(key) if key == "nights" else None) is not None for key in timed)


def agreed_values(brief: Brief, state: DialogueState) -> dict[str, Any]:
    """The agreed booking, JSON-ready: dates ISO, times `HH:MM`."""
    keys = ("party_size", "nights", "check_out", "room", "service", "doctor", "seating", "patient", "name")
    values = {key: brief.slots[key] for key in keys if key in brief.slots}
    values.update(state.agreed)
    if brief.category is Category.HOTEL:
        values.pop("time", None)
    return json_ready(values)


def json_ready(values: Mapping[str, Any]) -> dict[str, Any]:
    """Dates and times as text, everything else as it is."""
    return {key: _plain(value) for key, value in values.items() if value is not None}


def _plain(value: Any) -> Any:
    if isinstance(value, dt.time):
        return f"{value:%H:%M}"
    return value.isoformat() if isinstance(value, dt.date) else value


def _task_outcome(brief: Brief, state: DialogueState, *, achieved: bool) -> TaskOutcome | None:
    if achieved:
        return TaskOutcome.ACHIEVED
    if state.end == "voicemail" or state.turns == 0:
        return None
    if state.unread_booking is not None and state.end != "opted_out":
        return TaskOutcome.UNCLEAR
    answered = state.refused is not None or state.callback is not None
    answered = answered or state.fully_booked or state.wait_listed
    refused_twice = state.rounds >= MAX_ROUNDS
    gave_up = state.unavailable and (state.end == "completed" or refused_twice)
    if state.end == "opted_out" or answered or gave_up:
        return TaskOutcome.DECLINED
    return TaskOutcome.UNCLEAR


def _status(state: DialogueState, task: TaskOutcome | None) -> Status:
    if state.end == "voicemail":
        return Status.VOICEMAIL
    if task in {TaskOutcome.ACHIEVED, TaskOutcome.DECLINED}:
        return Status.SUCCESS
    return Status.FAILED


def _disposition(state: DialogueState, task: TaskOutcome | None) -> Disposition:
    if state.end is None:
        return Disposition.ENGINE_FAILED
    if state.end == "not_understood":
        return Disposition.COMPLETED
    if state.end == "respondent_hung_up" and task in {TaskOutcome.ACHIEVED, TaskOutcome.DECLINED}:
        return Disposition.COMPLETED
    return Disposition(state.end)
