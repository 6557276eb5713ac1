"""From a stored call to what the engine is told: the composer of the consumer surface."""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Protocol, cast
from zoneinfo import ZoneInfo

from voice_engine.domains.calls.models import Call
from voice_engine.ports.call import CallLimits, CallSpec, Category, Language, Submission
from voice_engine.store.uow import UnitOfWork


class ComposeAssistant(Protocol):
    """Composes calls that a business's assistant makes: `domains.answering.service.Answering.outbound`."""

    async def __call__(self, work: UnitOfWork, call: Call, *, at: dt.datetime) -> CallSpec | None:
        """What the engine is told of a call answered `at` (aware); None: there is no assistant any more."""
        ...


def outbound_spec(call: Call, *, answered_at: dt.datetime) -> CallSpec:
    """The engine's view of an outbound call that is answered at `answered_at` (aware): its zone fixes "today"."""
    assert call.task is not None, "an outbound call has a task"
    longest = CallLimits().max_seconds
    return CallSpec(
        call_id=call.id,
        direction="outbound",
        language=cast(Language, call.language),
        answered_at=answered_at.astimezone(ZoneInfo(call.timezone)),
        submission=read_task(call.task),
        app_language=cast(Language, call.app_language),
        record=call.record,
        limits=CallLimits(max_seconds=min(longest, call.max_seconds)),
        metadata={"timezone": call.timezone, "organization_id": call.organization_id},
    )


def write_task(submission: Submission) -> dict[str, Any]:
    """The submission as it is stored and echoed: ISO dates, times `HH:MM`."""
    return {
        "task_category": submission.task_category.value,
        "task_description": submission.task_description,
        "respondent_phone": submission.respondent_phone,
        "business_name": submission.business_name,
        "user_name": submission.user_name,
        "user_phone": submission.user_phone,
        "appointment_date": submission.appointment_date.isoformat() if submission.appointment_date else None,
        "appointment_time": f"{submission.appointment_time:%H:%M}" if submission.appointment_time else None,
        "time_preference_text": submission.time_preference_text,
        "party_size": submission.party_size,
        "language": submission.language,
        "call_language": submission.call_language or submission.language,
        "is_urgent": submission.is_urgent,
        "additional_instructions": list(submission.additional_instructions),
    }


def read_task(task: Mapping[str, Any]) -> Submission:
    """The submission out of a stored task."""
    day, time = task["appointment_date"], task["appointment_time"]
    return Submission(
        task_category=Category(task["task_category"]),
        task_description=task["task_description"],
        respondent_phone=task["respondent_phone"],
        business_name=task["business_name"],
        user_name=task["user_name"],
        user_phone=task["user_phone"],
        appointment_date=dt.date.fromisoformat(day) if day else None,
        appointment_time=dt.time.fromisoformat(time) if time else None,
        time_preference_text=task["time_preference_text"],
        party_size=task["party_size"],
        language=task["language"],
        call_language=task["call_language"],
        is_urgent=task["is_urgent"],
        additional_instructions=tuple(task["additional_instructions"]),
    )


def snapshot(spec: CallSpec) -> dict[str, Any]:
    """What the engine was told, as JSON, for whoever asks later why a call went as it did."""
    plain: dict[str, Any] = json.loads(json.dumps(asdict(spec), default=str))
    return plain
