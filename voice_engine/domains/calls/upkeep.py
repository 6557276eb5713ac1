"""Jobs that bring calls to their end when nobody else does: hang-ups, overdue reports, dead processes."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import structlog

from voice_engine.domains.calls import words
from voice_engine.domains.calls.callbacks import CarrierReport
from voice_engine.domains.calls.dialling import Dialler
from voice_engine.domains.calls.ending import Endings
from voice_engine.domains.calls.lifecycle import OVER, CallLifecycle
from voice_engine.domains.calls.models import Call
from voice_engine.domains.calls.opening import open_call
from voice_engine.domains.calls.repository import attempts, calls
from voice_engine.domains.calls.settings import CallSettings
from voice_engine.domains.calls.states import LIVE, AttemptState
from voice_engine.errors import NotFound
from voice_engine.ports.jobs import Attempt
from voice_engine.ports.telephony import CallTelephony, CarrierCall
from voice_engine.store.engine import Store
from voice_engine.store.outbox import Job, enqueue

BATCH = 100
"""Rows that one reaping looks at; the next one has the rest."""

LATE = dt.timedelta(seconds=30)
"""A job that is so late was lost; the reaper makes up for it."""

_log = structlog.get_logger(__name__)


class HangUp:
    """`JobHandler` of `call.hang_up`: ends a call's leg at the carrier, and learns how it ended from there."""

    def __init__(self, store: Store, telephony: CallTelephony, lifecycle: CallLifecycle) -> None:
        self._store = store
        self._telephony = telephony
        self._lifecycle = lifecycle

    async def run(self, payload: Mapping[str, Any], attempt: Attempt) -> None:
        """Hang up; a call without a carrier id has nothing to hang up yet, and its dial will see to it."""
        call_id = str(payload["call_id"])
        async with self._store.system("a call by its id", writes=False) as work:
            call = await calls.find_call(work, call_id)
            dial = None if call is None else await attempts.find_latest(work, call_id)
        sid = payload.get("call_sid") or (None if call is None else call.provider_sid)
        if call is None or sid is None:
            return
        if dial is not None and dial.provider_sid == sid and dial.carrier_status in OVER:
            return
        await self._telephony.hang_up(sid)
        carrier = await _fetch(self._telephony, sid)
        if carrier is not None and carrier.status.over and dial is not None and call.provider_sid == sid:
            await self._lifecycle.carrier_status(_as_report(call, dial.id, carrier))


class Settle:
    """`JobHandler` of `call.settle`: the carrier said that the call is over, and its report never came."""

    def __init__(self, store: Store, endings: Endings, *, now: Callable[[], dt.datetime]) -> None:
        self._store = store
        self._endings = endings
        self._now = now

    async def run(self, payload: Mapping[str, Any], attempt: Attempt) -> None:
        """End the call by what the carrier knows, uncharged: what was said in it is lost by our fault."""
        async with open_call(self._store, str(payload["call_id"])) as opened:
            if opened is not None and opened[1].status in LIVE:
                _log.error("call.report_missing", call_id=opened[1].id)
                await self._endings.give_up(*opened, now=self._now())


class Reaper:
    """`JobHandler` of `call.reap`, run every few seconds: ends what dead processes left, wakes what sleeps on."""

    def __init__(
        self,
        store: Store,
        telephony: CallTelephony,
        *,
        lifecycle: CallLifecycle,
        dialler: Dialler,
        endings: Endings,
        settings: CallSettings,
        now: Callable[[], dt.datetime],
    ) -> None:
        self._store = store
        self._telephony = telephony
        self._lifecycle = lifecycle
        self._dialler = dialler
        self._endings = endings
        self._settings = settings
        self._now = now

    async def run(self, payload: Mapping[str, Any], attempt: Attempt) -> None:
        """One round."""
        await self._wake_the_late()
        for call_id in await self._stale():
            await self._reap(call_id)

    async def _wake_the_late(self) -> None:
        """Dials whose job is gone are looked for, due calls are queued, free lines are offered."""
        now = self._now()
        async with self._store.system("calls of all organizations") as work:
            for dial in await attempts.list_unresolved(work, before=now - LATE, limit=BATCH):
                await enqueue(work, self._dialler.look(dial.id, dial.call_id, number=0))
            for call in await calls.list_overdue(work, due_before=now - LATE, limit=BATCH):
                await enqueue(work, Job(kind=words.DIAL, payload={"call_id": call.id}))
            most = self._settings.lines_per_organization
            if await calls.find_next_with_line(work, per_organization=most, now=now) is not None:
                await enqueue(work, words.next_in_queue())

    async def _stale(self) -> list[str]:
        now, settings = self._now(), self._settings
        async with self._store.system("calls of all organizations", writes=False) as work:
            stale = await calls.list_stale(
                work,
                unseen_since=now - dt.timedelta(seconds=settings.owner_lost_s),
                dialled_before=now - dt.timedelta(seconds=settings.ring_timeout_s) - LATE,
                ended_before=now - dt.timedelta(seconds=settings.report_wait_s) - LATE,
                limit=BATCH,
            )
            return [call.id for call in stale]

    async def _reap(self, call_id: str) -> None:
        """Ask the carrier first: a call that is up there has lost its process, any other just its callbacks."""
        async with self._store.system("a call by its id", writes=False) as work:
            call = await calls.find_call(work, call_id)
            dial = await attempts.find_latest(work, call_id)
        if call is None or (dial is not None and dial.state in {AttemptState.PLACING, AttemptState.UNKNOWN}):
            return  # it is being looked for
        carrier = None if call.provider_sid is None else await _fetch(self._telephony, call.provider_sid)
        if call.owner is None and call.handled_by is not None and carrier is not None and not carrier.status.over:
            return  # handed over: it goes on without us
        _log.warning("call.reaped", call_id=call_id, carrier=None if carrier is None else carrier.status.value)
        never_up = carrier is not None and carrier.status.over and call.answered_at is None
        if never_up and dial is not None and carrier is not None:
            await self._lifecycle.carrier_status(_as_report(call, dial.id, carrier))
        async with open_call(self._store, call_id) as opened:
            if opened is not None and opened[1].status in LIVE:
                await self._endings.give_up(*opened, now=self._now())


async def _fetch(telephony: CallTelephony, call_sid: str) -> CarrierCall | None:
    try:
        return await telephony.fetch_call(call_sid)
    except NotFound:
        return None


def _as_report(call: Call, attempt_id: str, carrier: CarrierCall) -> CarrierReport:
    """What the carrier says when asked, as if it had called back."""
    return CarrierReport(
        call_sid=carrier.call_sid,
        status=carrier.status,
        call_id=call.id,
        attempt_id=attempt_id,
        duration_s=carrier.duration_s,
        answered_by=carrier.answered_by,
        at=carrier.ended_at,
    )
