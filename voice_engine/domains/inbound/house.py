"""How an organization's receptionist answers: kept as one row, replaced as a whole."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from voice_engine.domains.inbound.models import ReceptionSettings
from voice_engine.ports.call import Assistant, Language
from voice_engine.store.uow import UnitOfWork


async def set_reception(
    work: UnitOfWork, assistant: Assistant, language: Language, *, now: dt.datetime
) -> ReceptionSettings:
    """Answer like this assistant from the next call on; a call that is up keeps what it began with."""
    row = await work.session.scalar(sa.select(ReceptionSettings))
    if row is None:
        row = ReceptionSettings(updated_at=now)
        work.session.add(row)
    business = assistant.business
    row.assistant_name = assistant.name
    row.business_name = business.name
    row.business_type = business.type
    row.address = business.address
    row.greeting = assistant.greeting
    row.language = language
    row.services = list(business.services)
    row.knowledge = [{"key": entry.key, "text": entry.text} for entry in assistant.knowledge]
    row.hours = _hours(assistant)
    row.transfer_targets = dict(assistant.transfer_targets)
    row.slot_minutes = assistant.slot_minutes
    row.updated_at = now
    await work.session.flush()
    return row


def _hours(assistant: Assistant) -> Mapping[str, Any]:
    return {
        day: {"open": hours.open.strftime("%H:%M"), "close": hours.close.strftime("%H:%M")}
        for day, hours in assistant.hours.items()
    }
