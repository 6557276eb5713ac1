"""Where organizations have us reach out to: their own provider accounts, and their webhooks, behind one guard."""

import datetime as dt
import random
from collections.abc import Callable
from dataclasses import dataclass

from voice_engine.bootstrap.engine import Providers
from voice_engine.bootstrap.furnishing import Furnishing
from voice_engine.config import Settings
from voice_engine.domains.hooks.delivering import build_hook_jobs
from voice_engine.domains.hooks.service import HookService
from voice_engine.domains.identity.service import Identity
from voice_engine.domains.providerkeys.service import ProviderKeys
from voice_engine.ports.jobs import CronEntry, JobKind, JobQueue
from voice_engine.providers.guarded import Guard
from voice_engine.providers.hooks import HttpHooks
from voice_engine.providers.own import OwnProbe
from voice_engine.providers.speech import FailoverSettings
from voice_engine.store.engine import Store
from voice_engine.store.secrets import SecretBox


@dataclass(frozen=True, slots=True, kw_only=True)
class Customers:
    """The parts of one process."""

    guard: Guard
    provider_keys: ProviderKeys
    hooks: HookService


def open_customers(
    settings: Settings, store: Store, box: SecretBox, identity: Identity, *, now: Callable[[], dt.datetime]
) -> Customers:
    """The parts; nothing is read or asked yet."""
    guard = Guard(allow_private=settings.outbound.allow_private)
    return Customers(
        guard=guard,
        provider_keys=ProviderKeys(store, box, guard, probe=OwnProbe(guard), attempts=identity.attempts, now=now),
        hooks=HookService(store, box, guard, attempts=identity.attempts, now=now),
    )


def open_furnishing(settings: Settings, customers: Customers, providers: Providers) -> Furnishing:
    """What chooses the providers of each call of this process."""
    failover = FailoverSettings(**settings.failover.model_dump())
    return Furnishing(customers.provider_keys, providers, customers.guard, failover=failover)


def customer_jobs(
    store: Store, box: SecretBox, customers: Customers, *, now: Callable[[], dt.datetime]
) -> tuple[list[JobKind], JobQueue, CronEntry]:
    """The durable work that webhooks make."""
    return build_hook_jobs(store, box, HttpHooks(customers.guard), now=now, chance=random.random)
