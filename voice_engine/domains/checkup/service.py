"""A look at one organization: what works, what does not, and where that is mended. It changes nothing."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from voice_engine.domains.accounts import service as accounts
from voice_engine.domains.accounts.models import OrganizationKind
from voice_engine.domains.checkup import repository
from voice_engine.domains.hooks import repository as hooks
from voice_engine.domains.hooks.models import HookEndpoint
from voice_engine.domains.providerkeys import repository as provider_keys
from voice_engine.domains.providerkeys.models import ProviderKey
from voice_engine.ports.doctor import Verdict
from voice_engine.store.uow import UnitOfWork

RECENT = dt.timedelta(days=7)
ENDS_SOON = dt.timedelta(days=14)


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One thing looked at. `code` is a word that the surface has sentences for, `facts` fill them."""

    code: str
    verdict: Verdict
    facts: Mapping[str, str] = field(default_factory=dict)


class Checkup:
    """Looks inside the organization's unit of work. `now` is the wall clock, UTC."""

    def __init__(self, *, now: Callable[[], dt.datetime]) -> None:
        self._now = now

    async def look(self, work: UnitOfWork) -> list[Point]:
        """Everything, in a fixed order."""
        return [
            *await self._answering(work),
            *[_key(row) for row in await provider_keys.list_all(work)],
            *[_hook(endpoint) for endpoint in await hooks.list_endpoints(work)],
            await self._calls(work),
            *await self._tokens(work),
        ]

    async def _answering(self, work: UnitOfWork) -> Sequence[Point]:
        organization = await accounts.get_organization(work, work.organization_id)
        points: list[Point] = []
        if organization.kind == OrganizationKind.BUSINESS:
            there = await repository.has_assistant(work, organization.primary_assistant_id)
            points.append(
                Point(code="assistant" if there else "assistant_none", verdict="ok" if there else "problem")
            )
        count = await repository.count_numbers(work)
        if count:
            return [*points, Point(code="numbers", verdict="ok", facts={"count": str(count)})]
        return [*points, Point(code="numbers_none", verdict="warning")]

    async def _calls(self, work: UnitOfWork) -> Point:
        ended, failed = await repository.count_calls(work, since=self._now() - RECENT)
        facts = {"ended": str(ended), "failed": str(failed)}
        if failed:
            return Point(code="calls_failed", verdict="problem" if failed * 5 > ended else "warning", facts=facts)
        return Point(code="calls", verdict="ok", facts=facts)

    async def _tokens(self, work: UnitOfWork) -> Sequence[Point]:
        now = self._now()
        ending = await repository.list_ending_tokens(work, now=now, until=now + ENDS_SOON)
        return [
            Point(code="token_ends", verdict="warning", facts={"label": token.label, "prefix": token.prefix})
            for token in ending
        ]


def _key(row: ProviderKey) -> Point:
    facts = {"kind": row.kind, "model": row.model, "reason": row.test_code or ""}
    if not row.is_enabled:
        return Point(code="key_off", verdict="warning", facts=facts)
    if row.tested_at is None:
        return Point(code="key_untested", verdict="warning", facts=facts)
    if row.test_code is not None:
        return Point(code="key_failed", verdict="problem", facts=facts)
    return Point(code="key", verdict="ok", facts=facts)


def _hook(endpoint: HookEndpoint) -> Point:
    facts = {"host": urlsplit(endpoint.url).hostname or endpoint.url, "id": endpoint.id}
    if not endpoint.is_enabled:
        by_us = endpoint.disabled_reason is not None
        return Point(
            code="hook_given_up" if by_us else "hook_off", verdict="problem" if by_us else "ok", facts=facts
        )
    if endpoint.failing_since is not None:
        return Point(code="hook_failing", verdict="warning", facts=facts)
    return Point(code="hook", verdict="ok", facts=facts)
