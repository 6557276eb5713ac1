"""How long calls took."""

from collections.abc import Sequence

import sqlalchemy as sa

from voice_engine.domains.calls.models import Call
from voice_engine.domains.calls.states import CallState
from voice_engine.store.uow import UnitOfWork

LOOKED_AT = 25
"""As many calls as say what is usual; older ones were about other things."""


async def list_last(work: UnitOfWork, *, category: str | None, limit: int) -> Sequence[int]:
    """The lengths (ms) of the organization's last outbound calls in which somebody talked, of this kind."""
    wanted = [
        Call.status == CallState.SUCCESS,
        Call.direction == "outbound",
        Call.category == category if category is not None else Call.category.is_(None),
        Call.duration_ms.is_not(None),
    ]
    statement = sa.select(Call.duration_ms).where(*wanted).order_by(Call.created_at.desc(), Call.id.desc())
    return [length for length in await work.session.scalars(statement.limit(limit)) if length is not None]
