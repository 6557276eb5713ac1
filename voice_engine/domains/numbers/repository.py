"""All SQL of numbers."""

import sqlalchemy as sa

from voice_engine.domains.numbers.models import NumberStatus, NumberType, PhoneNumber
from voice_engine.store.uow import UnitOfWork

LIVE = PhoneNumber.status != NumberStatus.RELEASED


async def find_by_e164(work: UnitOfWork, e164: str) -> PhoneNumber | None:
    """The bought number that a call came in on, of any organization in a unit of the system; None: not ours."""
    ours = (PhoneNumber.e164 == e164, PhoneNumber.type == NumberType.PROVISIONED, LIVE)
    found: PhoneNumber | None = await work.session.scalar(sa.select(PhoneNumber).where(*ours))
    return found
