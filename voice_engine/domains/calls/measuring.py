"""How long a call was whose process died in it: the carrier knows, once it is asked."""

from collections.abc import Mapping
from typing import Any

import structlog

from voice_engine.domains.calls.ending import Endings
from voice_engine.domains.calls.opening import open_call
from voice_engine.domains.calls.repository import calls
from voice_engine.domains.minutes.metering import CallMeter
from voice_engine.errors import NotFound, UpstreamFailed
from voice_engine.ports.jobs import Attempt
from voice_engine.ports.telephony import CallTelephony, CarrierCall
from voice_engine.store.engine import Store

_log = structlog.get_logger(__name__)


class Measure:
    """`JobHandler` of `call.measure`. Whoever else brings the length first, a late report or webhook, is first."""

    def __init__(self, store: Store, telephony: CallTelephony, endings: Endings, meter: CallMeter) -> None:
        self._store = store
        self._telephony = telephony
        self._endings = endings
        self._meter = meter

    async def run(self, payload: Mapping[str, Any], attempt: Attempt) -> None:
        """Ask for the call's length and count it. What the carrier cannot say in the end is not to be paid for.

        Raises:
            UpstreamFailed: the carrier does not answer, refuses to, or has the call up still: to be asked again.
        """
        call_id = str(payload["call_id"])
        async with self._store.system("a call by its id", writes=False) as work:
            call = await calls.find_call(work, call_id)
        if call is None:
            return
        carrier = await self._ask(call.provider_sid, is_last=attempt.is_last)
        async with open_call(self._store, call_id) as opened:
            if opened is None:
                return
            if carrier is not None and carrier.duration_s is not None:
                await self._endings.measure(*opened, carrier.duration_s)
            elif await self._meter.is_unmeasured(opened[0], call_id):
                _log.error("call.never_measured", call_id=call_id)
                await self._meter.forgo(opened[0], call_id)

    async def _ask(self, call_sid: str | None, *, is_last: bool) -> CarrierCall | None:
        """The call as the carrier has it, over and measured; None: it never will be."""
        if call_sid is None:
            return None
        try:
            carrier = await self._telephony.fetch_call(call_sid)
        except NotFound:
            return None
        except UpstreamFailed as error:
            if is_last:
                return None
            if error.retryable:
                raise
            # Refused to us now, not for ever: a job that died of it would never let the call's hold go.
            raise UpstreamFailed(error.code, error.message, provider=error.provider, retryable=True) from error
        if (carrier.status.over and carrier.duration_s is not None) or is_last:
            return carrier
        raise UpstreamFailed(
            "carrier_call_unmeasured",
            "the carrier has no length of the call yet",
            provider="carrier",
            retryable=True,
        )
