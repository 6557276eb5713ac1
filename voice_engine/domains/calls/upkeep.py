"""Jobs that bring calls to their end when nobody else does: hang-ups, overdue reports, dead processes."""

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar

import structlog

from voice_engine.domains.calls import words
from voice_engine.domains.calls.callbacks import CarrierReport
from voice_engine.domains.calls.dialling import Dialler
from voice_engine.domains.calls.dials import UNDIALLED
from voice_engine.domains.calls.ending import Endings
from voice_engine.domains.calls.lifecycle import OVER, CallLifecycle
from voice_engine.domains.calls.models import Call, CallAttempt
from voice_engine.domains.calls.opening import open_call
from voice_engine.domains.calls.reporting import unconnected
from voice_engine.domains.calls.repository import attempts, calls, rounds
from voice_engine.domains.calls.repository.calls import Overdue
from voice_engine.domains.calls.settings import CallSettings
from voice_engine.domains.calls.states import LIVE, AttemptState
from voice_engine.errors import NotFound, UpstreamFailed, VoiceEngineError
from voice_engine.ports.jobs import Attempt, CronEntry
from voice_engine.ports.telephony import CallStatus, CallTelephony, CarrierCall
from voice_engine.store.engine import Store
from voice_engine.store.outbox import Job, enqueue

T = TypeVar("T")

BATCH = 100
"""Rows that are read at once."""

LATE = dt.timedelta(seconds=30)
"""A job that is so late was lost; the reaper makes up for it."""

LOOKED_FOR = dt.timedelta(minutes=5)
"""A search for a lost dial, its looks' retries included, takes less than this; then there is another one."""

MOST_LOOKS = 1_000
"""Dials that are looked for at once: more than there are lines."""

ROUNDS = CronEntry(name="calls-reap", kind=words.REAP, every_s=15)

GAP = dt.timedelta(seconds=25)
"""Between two rounds: where one is missing, the database was away, or every worker."""

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
    """`JobHandler` of `call.reap`, run every few seconds: ends what dead processes left, wakes what sleeps on.

    While the database was away nobody could show a sign of life or tell of an end. Calls are judged only once it
    has been there for as long as a process may be silent: its own calendar entries say so.
    """

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
        """One round. What goes wrong with one call is that call's, and the next round's."""
        await self._wake_the_late()
        for dial in await self._never_found():
            await self._each(self._stop_looking, dial)
        if not await self._is_steady():
            _log.info("call.reaper_waits")
            return
        after: Call | None = None
        while page := await self._stale(after):
            for call in page:
                await self._each(self._reap, call.id)
            after = page[-1]

    async def _each(self, do: Callable[[T], Awaitable[None]], subject: T) -> None:
        try:
            await do(subject)
        except VoiceEngineError as error:
            _log.warning("call.not_reaped", code=error.code, pii_message=error.message)

    async def _wake_the_late(self) -> None:
        """Dials whose job is gone are looked for, due calls are queued, free lines are offered."""
        now = self._now()
        async with self._store.system("calls of all organizations") as work:
            lost = await attempts.list_unresolved(
                work, placing_since=now - LATE, unknown_since=now - LOOKED_FOR, limit=MOST_LOOKS
            )
            for dial in lost:
                search = int(now.timestamp() // LOOKED_FOR.total_seconds())
                await enqueue(work, self._dialler.look(dial.id, dial.call_id, number=0, again=search))
            for call in await calls.list_overdue(work, due_before=now - LATE, limit=BATCH):
                await enqueue(work, Job(kind=words.DIAL, payload={"call_id": call.id}))
            most = self._settings.lines_per_organization
            if await calls.find_next_with_line(work, per_organization=most, now=now) is not None:
                await enqueue(work, words.next_in_queue())

    async def _never_found(self) -> Sequence[CallAttempt]:
        """Dials that nobody found and whose leg, if there ever was one, the carrier has cut by now."""
        over = self._cut_before()
        async with self._store.system("dials of all organizations", writes=False) as work:
            return await attempts.list_unresolved(work, placing_since=over, unknown_since=over, limit=BATCH)

    async def _stop_looking(self, dial: CallAttempt) -> None:
        """Nobody will learn what became of it: the call has failed, and its line and its hold are free."""
        async with open_call(self._store, dial.call_id) as opened:
            if opened is None:
                return
            work, call = opened
            lost = {"state": AttemptState.LOST, "ended_at": self._now()}
            newest = await attempts.find_latest(work, call.id)
            if not await attempts.change(work, dial.id, when=UNDIALLED, **lost):
                return
            _log.error("call.never_found", call_id=call.id)
            if newest is not None and newest.id == dial.id:
                ending = unconnected(call, CallStatus.FAILED, at=self._now())
                await self._endings.end(work, call, ending, when=LIVE)

    def _cut_before(self) -> dt.datetime:
        """A leg that was dialled before has been cut by the carrier."""
        settings = self._settings
        return self._now() - dt.timedelta(seconds=settings.ring_timeout_s + settings.longest_leg_s) - LATE

    async def _is_steady(self) -> bool:
        now, silent = self._now(), dt.timedelta(seconds=self._settings.owner_lost_s)
        async with self._store.system("the calendar", writes=False) as work:
            since = await rounds.unbroken_since(work, ROUNDS, now=now, back=silent, gap=GAP)
        return now - since >= silent

    def _limits(self) -> Overdue:
        now, settings = self._now(), self._settings
        return Overdue(
            unseen_since=now - dt.timedelta(seconds=settings.owner_lost_s),
            dialled_before=now - dt.timedelta(seconds=settings.ring_timeout_s) - LATE,
            ended_before=now - dt.timedelta(seconds=settings.report_wait_s) - LATE,
        )

    async def _stale(self, after: Call | None) -> Sequence[Call]:
        async with self._store.system("calls of all organizations", writes=False) as work:
            return await calls.list_stale(work, self._limits(), after=after, limit=BATCH)

    async def _reap(self, call_id: str) -> None:
        """Ask the carrier about a call that no process took: it is up there and nobody's, or its callbacks got
        lost. A process that took one is dead, whatever the carrier says."""
        async with self._store.system("a call by its id", writes=False) as work:
            call = await calls.find_call(work, call_id)
            dial = await attempts.find_latest(work, call_id)
        if call is None or (dial is not None and dial.state in UNDIALLED):
            return  # it is being looked for
        carrier = await self._ask(call) if call.owner is None else None
        if carrier is not None and carrier.status.over and call.answered_at is None and dial is not None:
            await self._lifecycle.carrier_status(_as_report(call, dial.id, carrier))
        async with open_call(self._store, call_id) as opened:
            if opened is None or not await calls.is_stale(opened[0], call_id, self._limits()):
                return  # it came back meanwhile, or has ended
            work, call = opened
            if (
                call.owner is None
                and call.handled_by is not None
                and carrier is not None
                and not carrier.status.over
            ):
                return  # handed over: it goes on without us
            _log.warning("call.reaped", call_id=call_id, carrier=None if carrier is None else carrier.status.value)
            await self._endings.give_up(work, call, now=self._now())

    async def _ask(self, call: Call) -> CarrierCall | None:
        """What the carrier has of it; one that was not handed over is not asked about for ever."""
        if call.provider_sid is None:
            return None
        try:
            return await _fetch(self._telephony, call.provider_sid)
        except UpstreamFailed:
            if call.handled_by is not None or (call.started_at or call.created_at) >= self._cut_before():
                raise
            return None


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
