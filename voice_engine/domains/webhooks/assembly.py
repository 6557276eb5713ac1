"""The webhooks domain put together: the door for the surface, the jobs for the worker."""

import datetime as dt
from collections.abc import Callable

from voice_engine.domains.calls.assembly import CallsDomain
from voice_engine.domains.minutes.service import MinutesService
from voice_engine.domains.webhooks.book import CallBook
from voice_engine.domains.webhooks.service import Intake
from voice_engine.domains.webhooks.settings import CLOSE, FORGET, FORGET_EVERY_S, TOOL_WAIT_S
from voice_engine.domains.webhooks.tools import Retrieval, StoredKnowledge, Toolbox
from voice_engine.domains.webhooks.upkeep import Close, Forget
from voice_engine.ports.jobs import CronEntry, JobKind
from voice_engine.store.engine import Store


def build_intake(
    store: Store,
    calls: CallsDomain,
    minutes: MinutesService,
    *,
    now: Callable[[], dt.datetime],
    retrieve: Retrieval | None = None,
    tool_wait_s: float = TOOL_WAIT_S,
) -> Intake:
    """The door. `now` is the wall clock, in UTC; `retrieve` searches what assistants know;
    None: what the store has of it."""
    tools = Toolbox(
        store,
        calls.endings,
        tier_of=minutes.tier_of,
        retrieve=retrieve or StoredKnowledge(store),
        now=now,
        wait_s=tool_wait_s,
    )
    return Intake(store, CallBook(calls.endings, calls.settings, now=now), tools, minutes, now=now)


def build_webhook_jobs(
    store: Store, calls: CallsDomain, *, now: Callable[[], dt.datetime]
) -> tuple[tuple[JobKind, ...], CronEntry]:
    """The jobs, and when forgetting is due."""
    kinds = (
        JobKind(name=CLOSE, handler=Close(store, calls.endings, now=now)),
        JobKind(name=FORGET, handler=Forget(store, now=now)),
    )
    return kinds, CronEntry(name=FORGET, kind=FORGET, every_s=FORGET_EVERY_S, offset_s=1_200)
