"""Outgoing webhooks for tests: the service with its jobs, over a guard that lets this machine in."""

from collections.abc import Sequence

from tests.fakes.identity import Clock
from tests.fakes.jobs import InlineJobs
from voice_engine.domains.hooks import words
from voice_engine.domains.hooks.delivering import build_hook_jobs
from voice_engine.domains.hooks.models import HookAttempt, HookDelivery, HookEndpoint
from voice_engine.domains.hooks.service import HookService, MadeEndpoint, WantedEndpoint
from voice_engine.domains.identity.ratelimit import Attempts
from voice_engine.ports.hooks import HookSender
from voice_engine.providers.guarded import Guard
from voice_engine.providers.hooks import HttpHooks
from voice_engine.store.engine import Store
from voice_engine.store.secrets import SecretBox

ACTOR = "tests"


class HookRig:
    """One installation's webhooks. `chance` 0: no jitter."""

    def __init__(self, store: Store, *, guard: Guard | None = None, sender: HookSender | None = None) -> None:
        self.store, self.clock, self.box = store, Clock(), SecretBox(bytes(range(32)))
        self.guard = guard or Guard(allow_private=True)
        attempts = Attempts(store, self.box, now=self.clock)
        self.service = HookService(store, self.box, self.guard, attempts=attempts, now=self.clock)
        kinds, self.queue, self.cron = build_hook_jobs(
            store, self.box, sender or HttpHooks(self.guard, timeout_s=2.0), now=self.clock, chance=lambda: 0.0
        )
        self.kinds = {kind.name: kind for kind in kinds}
        self.jobs = InlineJobs(store, kinds, now=self.clock)

    async def endpoint(self, organization_id: str, url: str, events: Sequence[str] = words.EVENTS) -> MadeEndpoint:
        """A new endpoint."""
        return await self.service.create(organization_id, WantedEndpoint(url=url, events=events), actor=ACTOR)

    async def see(self, organization_id: str, endpoint_id: str) -> HookEndpoint:
        """An endpoint as it stands."""
        async with self.store.read(organization_id) as work:
            return await self.service.get_endpoint(work, endpoint_id)

    async def log(self, organization_id: str, endpoint_id: str) -> Sequence[HookDelivery]:
        """An endpoint's messages, the newest first."""
        async with self.store.read(organization_id) as work:
            return (await self.service.list_deliveries(work, endpoint_id))[0]

    async def attempts(self, organization_id: str, delivery_id: str) -> Sequence[HookAttempt]:
        """The attempts at a message, the newest first."""
        async with self.store.read(organization_id) as work:
            return await self.service.list_attempts(work, delivery_id)

    async def work_until_idle(self, *, days: int = 5) -> None:
        """Run every job when it falls due, for so long."""
        end = self.clock().timestamp() + days * 86_400
        while True:
            await self.jobs.run_due()
            due = [row.due_at for row in await self.jobs.waiting(words.DELIVER) if row.due_at is not None]
            if not due or min(due).timestamp() > end:
                return
            self.clock.at = max(self.clock.at, min(due))
