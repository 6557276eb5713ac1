"""Calls that were made before there was an index of them: found and indexed, a handful at a time, once."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
import structlog

from voice_engine.domains.calls.listing.index import index_calls
from voice_engine.domains.calls.listing.models import CallTerms
from voice_engine.domains.calls.models import Call
from voice_engine.ports.jobs import Attempt
from voice_engine.store.engine import Store
from voice_engine.store.uow import UnitOfWork

BATCH = 100
"""So many calls a transaction: others write between two of them."""

_log = structlog.get_logger(__name__)


class IndexCalls:
    """`JobHandler` of `call.index`, which the migration leaves behind. Repeating it is harmless."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def run(self, payload: Mapping[str, Any], attempt: Attempt) -> None:
        """Index whatever is in no index, newest first."""
        indexed = 0
        while True:
            async with self._store.system("calls of every organization that no index has", writes=False) as work:
                missing = await _list_missing(work)
            if not missing:
                break
            for organization_id, call_ids in missing.items():
                async with self._store.begin(organization_id) as work:
                    await index_calls(work, call_ids)
                indexed += len(call_ids)
        _log.info("calls.indexed", calls=indexed)


async def _list_missing(work: UnitOfWork) -> Mapping[str, Sequence[str]]:
    unknown = ~sa.exists().where(CallTerms.call_id == Call.id)
    rows = await work.session.execute(
        sa.select(Call.organization_id, Call.id).where(unknown).order_by(Call.created_at.desc()).limit(BATCH)
    )
    by_organization: defaultdict[str, list[str]] = defaultdict(list)
    for organization_id, call_id in rows:
        by_organization[organization_id].append(call_id)
    return by_organization
