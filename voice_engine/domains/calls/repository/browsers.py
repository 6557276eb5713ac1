"""The SQL of calls that wait for a browser."""

from collections.abc import Sequence

import sqlalchemy as sa

from voice_engine.domains.calls.models import Call
from voice_engine.domains.calls.states import LIVE, Channel
from voice_engine.store.uow import UnitOfWork


async def list_waiting(work: UnitOfWork, user_id: str) -> Sequence[Call]:
    """This person's calls whose browser has not come yet, locked."""
    waiting = (
        Call.user_id == user_id,
        Call.channel == Channel.BROWSER,
        Call.status.in_(LIVE),
        Call.answered_at.is_(None),
    )
    return (await work.session.scalars(sa.select(Call).where(*waiting).with_for_update())).all()
