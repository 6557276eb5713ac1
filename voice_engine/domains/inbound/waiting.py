"""What waits for a person of the organization: messages that nobody heard, follow-ups that are open."""

from dataclasses import dataclass

from voice_engine.domains.inbound.actions import OPEN
from voice_engine.domains.inbound.repository import items, voicemails
from voice_engine.store.uow import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """How many of each."""

    voicemails: int
    tasks: int


async def count_waiting(work: UnitOfWork) -> Waiting:
    """As it stands now, of the unit's organization."""
    _, unheard = await voicemails.list_page(work, unread=True, limit=0, offset=0)
    return Waiting(voicemails=unheard, tasks=await items.count(work, statuses=OPEN))
