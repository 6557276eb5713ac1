"""Jobs that close what another engine left open, and forget its messages in time."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import structlog

from voice_engine.domains.calls.ending import Endings
from voice_engine.domains.calls.opening import open_call
from voice_engine.domains.calls.states import ENDS, LIVE, WAITING
from voice_engine.domains.webhooks import repository
from voice_engine.domains.webhooks.reports import given_up, unreported
from voice_engine.domains.webhooks.settings import CLOSE, KEPT, LONGEST_CALL
from voice_engine.ports.jobs import Attempt
from voice_engine.store.engine import Store
from voice_engine.store.outbox import Job, enqueue

AWAITS_END, AWAITS_REPORT = "end", "report"

_log = structlog.get_logger(__name__)


class Close:
    """`JobHandler` of `webhooks.close`: what never came is not waited for any more."""

    def __init__(self, store: Store, endings: Endings, *, now: Callable[[], dt.datetime]) -> None:
        self._store = store
        self._endings = endings
        self._now = now

    async def run(self, payload: Mapping[str, Any], attempt: Attempt) -> None:
        """End a call that was never ended; measure one that was never reported, by the times that were told."""
        async with open_call(self._store, str(payload["call_id"])) as opened:
            if opened is None or not opened[1].is_external:
                return
            work, call = opened
            if payload["awaits"] == AWAITS_REPORT:
                if call.status in ENDS and await self._endings.supplement(work, call, unreported(call)):
                    _log.warning("webhooks.report_missing", call_id=call.id)
            elif call.status in WAITING:
                await enqueue(work, awaiting_end(call.id, due_at=self._now() + LONGEST_CALL))
            elif call.status in LIVE:
                _log.warning("webhooks.call_never_ended", call_id=call.id)
                await self._endings.end(work, call, given_up(call, now=self._now()))


def awaiting_end(call_id: str, *, due_at: dt.datetime) -> Job:
    """The job for a call that is heard of: should it never end."""
    return Job(kind=CLOSE, payload={"call_id": call_id, "awaits": AWAITS_END}, due_at=due_at)


def awaiting_report(call_id: str, *, due_at: dt.datetime) -> Job:
    """The job for a call that has ended: should its report never come."""
    payload = {"call_id": call_id, "awaits": AWAITS_REPORT}
    return Job(kind=CLOSE, payload=payload, key=f"report:{call_id}", due_at=due_at)


class Forget:
    """`JobHandler` of `webhooks.forget`, run every hour."""

    def __init__(self, store: Store, *, now: Callable[[], dt.datetime]) -> None:
        self._store = store
        self._now = now

    async def run(self, payload: Mapping[str, Any], attempt: Attempt) -> None:
        """Forget the messages that nobody repeats any more."""
        async with self._store.system("messages of every organization's calls") as work:
            await repository.forget(work, before=self._now() - KEPT)
