"""Looking for a dial whose answer got lost, by its numbers and its time, before anybody dials anew."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import structlog

from voice_engine.domains.calls.dialling import Dialler
from voice_engine.domains.calls.dials import UNDIALLED, take_sid
from voice_engine.domains.calls.models import Call
from voice_engine.domains.calls.opening import open_call
from voice_engine.domains.calls.repository import attempts
from voice_engine.domains.calls.settings import CallSettings
from voice_engine.domains.calls.states import AttemptState
from voice_engine.ports.jobs import Attempt
from voice_engine.ports.telephony import CallTelephony, CarrierCall
from voice_engine.store.engine import Store
from voice_engine.store.outbox import enqueue
from voice_engine.store.uow import UnitOfWork

CLOCKS_APART = dt.timedelta(seconds=5)
"""The carrier's clock may be so much behind ours when it dates a call that we look for."""

_log = structlog.get_logger(__name__)


class Finder:
    """`JobHandler` of `call.look_for`: finds out what became of a dial whose answer got lost."""

    def __init__(
        self,
        store: Store,
        telephony: CallTelephony,
        dialler: Dialler,
        settings: CallSettings,
        *,
        now: Callable[[], dt.datetime],
    ) -> None:
        self._store = store
        self._telephony = telephony
        self._dialler = dialler
        self._settings = settings
        self._now = now

    async def run(self, payload: Mapping[str, Any], attempt: Attempt) -> None:
        """Look once; the next look is another job."""
        call_id, attempt_id = payload["call_id"], payload["attempt_id"]
        async with self._store.system("a dial by its id", writes=False) as work:
            dial = await attempts.find(work, attempt_id)
        if dial is None or dial.state not in UNDIALLED:
            return
        found = await self._telephony.find_calls(
            to=dial.to_number, from_number=dial.from_number, since=dial.created_at - CLOCKS_APART
        )
        async with self._store.system("carrier ids of all organizations", writes=False) as work:
            known = await attempts.known_sids(work, [call.call_sid for call in found])
        unknown = [call for call in found if call.call_sid not in known]
        async with open_call(self._store, call_id) as opened:
            if opened is not None:
                await self._conclude(*opened, payload, unknown)

    async def _conclude(
        self, work: UnitOfWork, call: Call, payload: Mapping[str, Any], found: Sequence[CarrierCall]
    ) -> None:
        attempt_id, number = payload["attempt_id"], int(payload["look"])
        dial = await attempts.find(work, attempt_id, lock=True)
        if dial is None or dial.state not in UNDIALLED:
            return
        if found:
            oldest = found[-1]
            _log.info("call.found", call_id=call.id, status=oldest.status.value)
            await take_sid(work, call, dial, oldest.call_sid, now=self._now(), guessed=True)
        elif number + 1 < len(self._settings.look_after_s):
            look = self._dialler.look(attempt_id, call.id, number=number + 1, again=payload.get("again"))
            await enqueue(work, look)
        else:
            lost = {"state": AttemptState.LOST, "ended_at": self._now()}
            await attempts.change(work, attempt_id, when=UNDIALLED, **lost)
            await self._dialler.dial_again(work, call, retryable=True)
