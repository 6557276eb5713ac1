"""The delivery of one message: a job an attempt, and the next one written with what became of it.

```
owed ─▶ job: read ─▶ POST (outside any unit) ─▶ noted: taken ─▶ delivered
                                                       not taken ─▶ next try's job, or failed
        crash before it was noted ─▶ the same request again, under the same id: at least once
```
A receiver's faults are not the worker's: only what fails on our side is retried by the queue.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog

from voice_engine.domains.hooks import repository, words
from voice_engine.domains.hooks.models import DeliveryState, HookDelivery, HookEndpoint
from voice_engine.domains.hooks.schedule import is_dead, next_try
from voice_engine.domains.hooks.secret import keys_of
from voice_engine.domains.hooks.signing import headers
from voice_engine.domains.hooks.telling import delivery_job
from voice_engine.ports.hooks import HookAnswer, HookRequest, HookSender
from voice_engine.ports.jobs import Attempt, CronEntry, JobKind, JobQueue, RetryPolicy
from voice_engine.store import audit
from voice_engine.store.engine import Store
from voice_engine.store.outbox import enqueue
from voice_engine.store.rows import new_id
from voice_engine.store.secrets import SecretBox
from voice_engine.store.uow import UnitOfWork

QUEUE = "hooks"
AT_ONCE = 8
"""Receivers asked at once by all workers; each has ten seconds."""
KEPT = dt.timedelta(days=30)
GONE = 410
"""The receiver says that it will never take anything again (Standard Webhooks)."""
HOUR_S = 3_600
OVERDUE = dt.timedelta(hours=1)
"""The queue's own retries of one attempt are over by then."""
BATCH = 1_000

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Owed:
    """What one attempt needs."""

    organization_id: str
    endpoint_id: str
    request: HookRequest = field(repr=False)


class DeliverHook:
    """`JobHandler` of `hooks.deliver`. `chance` gives random numbers in 0..1, for the jitter of pauses."""

    def __init__(
        self,
        store: Store,
        box: SecretBox,
        sender: HookSender,
        *,
        now: Callable[[], dt.datetime],
        chance: Callable[[], float],
    ) -> None:
        self._store = store
        self._box = box
        self._sender = sender
        self._now = now
        self._chance = chance

    async def run(self, payload: Mapping[str, Any], attempt: Attempt) -> None:
        """One attempt; `manual` ones are asked for by a person and change no schedule."""
        delivery_id, manual = str(payload["delivery_id"]), bool(payload.get("manual"))
        at = self._now()
        owed = await self._read(delivery_id, attempt.job_id, at=at, manual=manual)
        if owed is None:
            return
        answer = await self._sender.post(owed.request)
        async with self._store.begin(owed.organization_id) as work:
            endpoint = await repository.find_endpoint(work, owed.endpoint_id, lock=True)
            delivery = await repository.find_delivery(work, delivery_id, lock=True)
            if endpoint is None or delivery is None:
                return  # erased while it was on its way
            noted = {
                "id": new_id(),
                "delivery_id": delivery_id,
                "number": delivery.attempts + 1,
                "job_id": attempt.job_id,
                "is_manual": manual,
                "url": owed.request.url,
                "at": at,
                "ms": answer.ms,
                "status": answer.status,
                "code": answer.code,
                "response": answer.body,
            }
            if await repository.add_attempt(work, noted):
                await self._note(work, endpoint, delivery, answer, manual=manual)

    async def _read(self, delivery_id: str, job_id: str, *, at: dt.datetime, manual: bool) -> _Owed | None:
        """The request to make; None when there is none any more."""
        async with self._store.system("a message's id tells whose it is") as work:
            delivery = await repository.find_delivery(work, delivery_id)
            endpoint = None if delivery is None else await repository.find_endpoint(work, delivery.endpoint_id)
            if delivery is None or endpoint is None or await repository.has_attempt(work, job_id):
                return None
            if not manual and delivery.state != DeliveryState.PENDING:
                return None
            if not endpoint.is_enabled and not manual:
                _end(delivery, DeliveryState.FAILED, code="endpoint_disabled")
                return None
            body, timestamp = delivery.body.encode(), int(at.timestamp())
            signed = headers(keys_of(endpoint, self._box, at=at), delivery.id, timestamp, body)
            return _Owed(
                organization_id=delivery.organization_id,
                endpoint_id=endpoint.id,
                request=HookRequest(url=endpoint.url, headers=signed, body=body),
            )

    async def _note(
        self, work: UnitOfWork, endpoint: HookEndpoint, delivery: HookDelivery, answer: HookAnswer, *, manual: bool
    ) -> None:
        delivery.attempts += 1
        delivery.last_status, delivery.last_code = answer.status, answer.code
        if answer.is_taken:
            endpoint.failing_since = None
            _end(delivery, DeliveryState.DELIVERED)
            return
        now = self._now()
        endpoint.failing_since = endpoint.failing_since or now
        if delivery.event == words.TEST:
            _end(delivery, DeliveryState.FAILED)
        if manual or delivery.state != DeliveryState.PENDING:
            return
        delivery.tries += 1
        delivery.next_at = next_try(delivery.tries, now=now, chance=self._chance())
        if answer.status == GONE:
            _end(delivery, DeliveryState.FAILED)
            self._switch_off(work, endpoint, "gone", now=now)
        elif delivery.next_at is not None:
            await enqueue(work, delivery_job(delivery.id, tries=delivery.tries, due_at=delivery.next_at))
        else:
            _end(delivery, DeliveryState.FAILED)
            if is_dead(endpoint.failing_since, now=now):
                self._switch_off(work, endpoint, "failing", now=now)

    def _switch_off(self, work: UnitOfWork, endpoint: HookEndpoint, reason: str, *, now: dt.datetime) -> None:
        if not endpoint.is_enabled:
            return
        endpoint.is_enabled, endpoint.disabled_at, endpoint.disabled_reason = False, now, reason
        facts = {"reason": reason, "url": endpoint.url}
        audit.record(work, "webhook.disabled", actor=words.DELIVER, at=now, subject=endpoint.id, facts=facts)
        _log.warning("hook.endpoint_disabled", endpoint_id=endpoint.id, reason=reason)


class TidyDeliveries:
    """`JobHandler` of `hooks.tidy`: the log is kept for some time, and what is still owed in it has a job."""

    def __init__(self, store: Store, *, now: Callable[[], dt.datetime]) -> None:
        self._store = store
        self._now = now

    async def run(self, payload: Mapping[str, Any], attempt: Attempt) -> None:
        """Delete what is too old; send what nobody sends any more, its job having died of a fault on our side."""
        now = self._now()
        async with self._store.system("the delivery logs of every organization") as work:
            await repository.delete_older(work, before=now - KEPT)
            for delivery in await repository.list_overdue(work, before=now - OVERDUE, limit=BATCH):
                again = int(now.timestamp() // OVERDUE.total_seconds())
                await enqueue(work, delivery_job(delivery.id, tries=delivery.tries, again=again))


def build_hook_jobs(
    store: Store,
    box: SecretBox,
    sender: HookSender,
    *,
    now: Callable[[], dt.datetime],
    chance: Callable[[], float],
) -> tuple[list[JobKind], JobQueue, CronEntry]:
    """The kinds of work that webhooks make, their queue, and the hourly tidying."""
    ours = RetryPolicy(attempts=10, first_s=2.0, factor=3.0, longest_s=600.0)
    handler = DeliverHook(store, box, sender, now=now, chance=chance)
    deliver = JobKind(name=words.DELIVER, handler=handler, queue=QUEUE, retry=ours, timeout_s=60.0)
    tidy = JobKind(name=words.TIDY, handler=TidyDeliveries(store, now=now))
    cron = CronEntry(name=words.TIDY, kind=words.TIDY, every_s=HOUR_S, offset_s=1200)
    return [deliver, tidy], JobQueue(name=QUEUE, concurrency=AT_ONCE), cron


def _end(delivery: HookDelivery, state: DeliveryState, *, code: str | None = None) -> None:
    delivery.state, delivery.next_at = state, None
    if code is not None:
        delivery.last_code = code
