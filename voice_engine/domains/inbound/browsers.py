"""Somebody calls their own receptionist from a browser: a call that comes in without a number on either side.

It is answered as a call to the organization's number would be, by the same composer and for the same pay. Routing
rules and forwarding are not asked: whoever tries their receptionist wants the receptionist, at any hour.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from voice_engine.domains.accounts import service as accounts
from voice_engine.domains.accounts.models import Organization
from voice_engine.domains.calls.browsers import Opened, expire_later, make_way
from voice_engine.domains.calls.composing import snapshot
from voice_engine.domains.calls.ending import Endings
from voice_engine.domains.calls.repository import calls as call_rows
from voice_engine.domains.calls.service import CallerId
from voice_engine.domains.calls.states import LIVE, CallState, Channel, Product
from voice_engine.domains.inbound.answerer import Answerer, rings
from voice_engine.domains.inbound.composing import Wishes
from voice_engine.domains.inbound.repository import calls
from voice_engine.domains.inbound.repository.calls import Record
from voice_engine.domains.minutes.metering import CallMeter
from voice_engine.domains.numbers.repository import numbers
from voice_engine.errors import NotFound
from voice_engine.ports.call import CallLimits, Language
from voice_engine.store.rows import new_id
from voice_engine.store.uow import UnitOfWork

NO_NUMBER = "browser"
"""`InboundCall.number_id` of a call to an organization that has no number."""


class BrowserReception:
    """Methods run inside the organization's unit of work. `now` is the wall clock, in UTC."""

    def __init__(
        self,
        meter: CallMeter,
        endings: Endings,
        answerer: Answerer,
        *,
        caller_id: CallerId,
        now: Callable[[], dt.datetime],
    ) -> None:
        self._meter = meter
        self._endings = endings
        self._answerer = answerer
        self._caller_id = caller_id
        self._now = now

    async def open(self, work: UnitOfWork, user_id: str, *, language: Language | None = None) -> Opened:
        """Write the call, hold what it may cost, and wait for the browser; after a refusal nothing stays.

        Args:
            user_id: who calls.
            language: in which the receptionist is to answer; None: in its own.

        Raises:
            NotFound: `no_active_assistant`: a business without one.
            QuotaExceeded: `quota_exceeded`, `minutes_exhausted`.
        """
        now = self._now()
        await make_way(work, self._endings, user_id, at=now)
        organization = await accounts.get_organization(work, work.organization_id)
        record = await self._write(work, organization, user_id, now)
        call = record.call
        if call.product == Product.EPOCH and call.assistant_id is None:
            raise NotFound("no_active_assistant", "there is no assistant to talk to yet: create one first")
        hold = await self._meter.reserve(work, call.id, description="Browser call to the receptionist")
        spec = await self._answerer.spec(
            work, call, user_id=user_id, wishes=Wishes(language=language), at=now, max_seconds=hold.max_seconds
        )
        columns = {"language": spec.language, "max_seconds": hold.max_seconds, "spec": snapshot(spec)}
        await call_rows.change(work, call.id, when=LIVE, **columns)
        await self._endings.tell(work, call, rings(record))
        await expire_later(work, call.id, at=now)
        return Opened(call=call, spec=spec)

    async def _write(self, work: UnitOfWork, organization: Organization, user_id: str, now: dt.datetime) -> Record:
        number = await numbers.find_shown(work)
        answers = await self._answerer.columns(
            work, organization, assistant_id=number.assistant_id if number else None, user_id=user_id
        )
        call: Mapping[str, Any] = {
            **answers,
            "id": new_id(),
            "user_id": user_id,
            "direction": "inbound",
            "channel": Channel.BROWSER,
            "to_number": number.e164 if number else await self._caller_id(work),
            "status": CallState.RINGING,
            "created_at": now,
            "started_at": now,
            "timezone": organization.timezone,
            "max_seconds": CallLimits().max_seconds,
        }
        user = await accounts.get(work, user_id)
        inbound = {
            "number_id": number.id if number else NO_NUMBER,
            "caller_name": user.name.strip() or None,
            "decision": {"action": "ai_answer", "config": {}},
        }
        await calls.add(work, dict(call), inbound)
        record = await calls.find(work, call["id"], lock=True)
        assert record is not None, "it was written just now"
        return record
