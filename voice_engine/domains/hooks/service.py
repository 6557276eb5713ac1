"""Endpoints as their owner sees them: made, changed, tried, with the log of what they were sent."""

import datetime as dt
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from voice_engine.domains.hooks import repository, words
from voice_engine.domains.hooks.models import DeliveryState, HookAttempt, HookDelivery, HookEndpoint
from voice_engine.domains.hooks.secret import give_secret
from voice_engine.domains.hooks.telling import HookEvent, by_hand, owe
from voice_engine.domains.identity.ratelimit import Attempts, Rule
from voice_engine.errors import InvalidInput, NotFound, QuotaExceeded
from voice_engine.ports.accounts import AddressGuard
from voice_engine.store import audit
from voice_engine.store.engine import Store
from voice_engine.store.outbox import enqueue
from voice_engine.store.rows import is_id, new_id
from voice_engine.store.secrets import SecretBox
from voice_engine.store.uow import UnitOfWork

MOST_ENDPOINTS = 10
MOST_URL, MOST_DESCRIPTION = 500, 200
BY_HAND = Rule(name="webhooks sent by hand", most=30, seconds=600)
"""Tests and redeliveries, for each organization."""
PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedEndpoint:
    """What a person typed."""

    url: str
    events: Collection[str]
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeEndpoint:
    """An endpoint and its secret in clear, this once."""

    endpoint: HookEndpoint
    secret: str = field(repr=False)


class HookService:
    """Methods with a unit of work run in it; the others open their own, since they ask outside first."""

    def __init__(
        self,
        store: Store,
        box: SecretBox,
        guard: AddressGuard,
        *,
        attempts: Attempts,
        now: Callable[[], dt.datetime],
    ) -> None:
        self._store = store
        self._box = box
        self._guard = guard
        self._attempts = attempts
        self._now = now

    async def list_endpoints(self, work: UnitOfWork) -> Sequence[HookEndpoint]:
        """The organization's endpoints, the oldest first."""
        return await repository.list_endpoints(work)

    async def get_endpoint(self, work: UnitOfWork, endpoint_id: str) -> HookEndpoint:
        """One endpoint. Raises NotFound `webhook_not_found`, also for what is no id."""
        found = await repository.find_endpoint(work, endpoint_id) if is_id(endpoint_id) else None
        if found is None:
            raise NotFound("webhook_not_found", "there is no such webhook")
        return found

    async def create(self, organization_id: str, wanted: WantedEndpoint, *, actor: str) -> MadeEndpoint:
        """A new endpoint.

        Raises:
            InvalidInput: `url_invalid`, `host_unknown`, `address_refused`, `https_required`, `events_invalid`,
                `description_invalid`.
            QuotaExceeded: `too_many_webhooks`.
        """
        wanted = await self._checked(wanted)
        at = self._now()
        async with self._store.begin(organization_id) as work:
            if await repository.count_endpoints(work) >= MOST_ENDPOINTS:
                raise QuotaExceeded("too_many_webhooks", f"there are {MOST_ENDPOINTS} webhooks; delete one first")
            endpoint = HookEndpoint(id=new_id(), is_enabled=True, created_at=at, created_by=actor)
            endpoint.url, endpoint.description = wanted.url, wanted.description
            endpoint.events = _in_order(wanted.events)
            secret = give_secret(endpoint, self._box, at=at)
            work.session.add(endpoint)
            self._audit(work, "webhook.created", endpoint, actor=actor)
        return MadeEndpoint(endpoint=endpoint, secret=secret)

    async def change(
        self, organization_id: str, endpoint_id: str, wanted: WantedEndpoint, *, actor: str
    ) -> HookEndpoint:
        """Change where messages go, or which. Raises NotFound, InvalidInput as `create`."""
        wanted = await self._checked(wanted)
        async with self._store.begin(organization_id) as work:
            endpoint = await self.get_endpoint(work, endpoint_id)
            if endpoint.url != wanted.url:
                endpoint.failing_since = None
            endpoint.url, endpoint.description = wanted.url, wanted.description
            endpoint.events = _in_order(wanted.events)
            self._audit(work, "webhook.changed", endpoint, actor=actor)
        return endpoint

    async def set_enabled(self, work: UnitOfWork, endpoint_id: str, *, enabled: bool, actor: str) -> None:
        """Switch an endpoint on or off. What happens while it is off is not told afterwards. Raises NotFound."""
        endpoint = await self.get_endpoint(work, endpoint_id)
        endpoint.is_enabled, endpoint.disabled_reason = enabled, None
        endpoint.disabled_at = None if enabled else self._now()
        endpoint.failing_since = None
        self._audit(work, "webhook.enabled" if enabled else "webhook.disabled", endpoint, actor=actor)

    async def rotate(self, work: UnitOfWork, endpoint_id: str, *, actor: str) -> MadeEndpoint:
        """A new secret; the one before it signs beside it for a day. Raises NotFound `webhook_not_found`."""
        endpoint = await self.get_endpoint(work, endpoint_id)
        secret = give_secret(endpoint, self._box, at=self._now())
        self._audit(work, "webhook.rotated", endpoint, actor=actor)
        return MadeEndpoint(endpoint=endpoint, secret=secret)

    async def remove(self, work: UnitOfWork, endpoint_id: str, *, actor: str) -> None:
        """Forget an endpoint and its log. Raises NotFound `webhook_not_found`."""
        endpoint = await self.get_endpoint(work, endpoint_id)
        self._audit(work, "webhook.removed", endpoint, actor=actor)
        await repository.delete_endpoint(work, endpoint_id)

    async def send_test(self, organization_id: str, endpoint_id: str, *, actor: str) -> HookDelivery:
        """Send a test event, also to an endpoint that is switched off; its message.

        Raises:
            NotFound: `webhook_not_found`.
            QuotaExceeded: `rate_limited`.
        """
        await self._attempts.count(BY_HAND, organization_id)
        said = {"message": "A test from your settings. Nothing has happened.", "sent_by": actor}
        async with self._store.begin(organization_id) as work:
            endpoint = await self.get_endpoint(work, endpoint_id)
            event = HookEvent(type=words.TEST, at=self._now(), data=said)
            delivery = await owe(work, organization_id, endpoint.id, event)
            self._audit(work, "webhook.tested", endpoint, actor=actor)
        return delivery

    async def redeliver(self, organization_id: str, delivery_id: str, *, actor: str) -> HookDelivery:
        """Send a message once more, under its own id. Its schedule, if it is still tried, goes on.

        Raises:
            NotFound: `delivery_not_found`.
            QuotaExceeded: `rate_limited`.
        """
        await self._attempts.count(BY_HAND, organization_id)
        async with self._store.begin(organization_id) as work:
            delivery = await self.get_delivery(work, delivery_id)
            await enqueue(work, by_hand(delivery.id))
            audit.record(work, "webhook.redelivered", actor=actor, at=self._now(), subject=delivery.id)
        return delivery

    async def list_deliveries(
        self, work: UnitOfWork, endpoint_id: str, *, state: DeliveryState | None = None, page: int = 1
    ) -> tuple[Sequence[HookDelivery], bool]:
        """A page of an endpoint's log, the newest first, and whether there is another."""
        offset = (max(1, page) - 1) * PAGE
        found = await repository.list_deliveries(work, endpoint_id, state=state, limit=PAGE + 1, offset=offset)
        return found[:PAGE], len(found) > PAGE

    async def get_delivery(self, work: UnitOfWork, delivery_id: str) -> HookDelivery:
        """One message. Raises NotFound `delivery_not_found`, also for what is no id."""
        found = await repository.find_delivery(work, delivery_id) if is_id(delivery_id) else None
        if found is None:
            raise NotFound("delivery_not_found", "there is no such message, or it is too old to be kept")
        return found

    async def list_attempts(self, work: UnitOfWork, delivery_id: str) -> Sequence[HookAttempt]:
        """The attempts at a message, the newest first."""
        return await repository.list_attempts(work, delivery_id)

    async def _checked(self, wanted: WantedEndpoint) -> WantedEndpoint:
        url, description = wanted.url.strip(), " ".join(wanted.description.split())
        if len(url) > MOST_URL:
            raise InvalidInput("url_invalid", f"an address has at most {MOST_URL} characters")
        if len(description) > MOST_DESCRIPTION:
            raise InvalidInput("description_invalid", f"a note has at most {MOST_DESCRIPTION} characters")
        if not wanted.events or not set(wanted.events) <= set(words.EVENTS):
            raise InvalidInput("events_invalid", "choose at least one of the events in the list")
        await self._guard.check(url)
        return WantedEndpoint(url=url, events=wanted.events, description=description)

    def _audit(self, work: UnitOfWork, action: str, endpoint: HookEndpoint, *, actor: str) -> None:
        facts = {"url": endpoint.url, "events": list(endpoint.events)}
        audit.record(work, action, actor=actor, at=self._now(), subject=endpoint.id, facts=facts)


def _in_order(events: Collection[str]) -> list[str]:
    return [event for event in words.EVENTS if event in events]
