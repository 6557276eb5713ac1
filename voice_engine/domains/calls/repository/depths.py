"""How many calls wait, for the operator's figures."""

import sqlalchemy as sa

from voice_engine.domains.calls.models import Call
from voice_engine.domains.calls.states import WAITING
from voice_engine.store.uow import UnitOfWork


async def count_waiting(work: UnitOfWork) -> dict[str, int]:
    """Calls that are not dialled yet, by state, of all organizations; in a unit of the system."""
    statement = sa.select(Call.status, sa.func.count(Call.id)).where(Call.status.in_(WAITING)).group_by(Call.status)
    counted: dict[str, int] = {row[0]: row[1] for row in await work.session.execute(statement)}
    return {state.value: counted.get(state.value, 0) for state in WAITING}
