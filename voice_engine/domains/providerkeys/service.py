"""An organization's own accounts at providers: stored once, shown never, tried on demand, given to its calls.

A kept key goes with its address: whoever changes where requests go has to give the key again, so that nobody who
may change settings can have a key sent to a server of their own.
"""

import asyncio
import datetime as dt
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from voice_engine.domains.identity.ratelimit import Attempts, Rule
from voice_engine.domains.providerkeys import repository
from voice_engine.domains.providerkeys.models import TAIL, ProviderKey
from voice_engine.errors import InvalidInput, NotFound, UpstreamFailed, VoiceEngineError
from voice_engine.ports.accounts import AddressGuard, ProviderAccount, ProviderKind, ProviderProbe
from voice_engine.store import audit
from voice_engine.store.engine import Store
from voice_engine.store.rows import new_id
from voice_engine.store.secrets import SecretBox
from voice_engine.store.uow import UnitOfWork

TESTS = Rule(name="provider tests", most=20, seconds=600)
"""For each organization: a test costs its account a request."""
TEST_S = 15.0
"""How long a test may take; a call would have gone on without the provider long before."""
MOST_URL, MOST_NAME, MOST_KEY = 500, 100, 500
LONG_ENOUGH = 12
"""Shorter keys have no characters to spare for being told apart by."""
MOST_DETAIL = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedAccount:
    """What a person typed. `api_key` None: the stored one is kept, which wants the stored address too."""

    kind: ProviderKind
    model: str
    base_url: str | None = None
    api_key: str | None = field(default=None, repr=False)
    voice: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What a test came to: in how many milliseconds, and what came back or, with `code` set, what went wrong."""

    ms: int
    detail: str
    code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnAccounts:
    """What one call uses of its organization's own. `version` is another one whenever any of it has changed."""

    organization_id: str
    version: str
    accounts: tuple[ProviderAccount, ...]


class ProviderKeys:
    """Methods with a unit of work run in it; the others open their own, since they ask outside in between."""

    def __init__(
        self,
        store: Store,
        box: SecretBox,
        guard: AddressGuard,
        *,
        probe: ProviderProbe,
        attempts: Attempts,
        now: Callable[[], dt.datetime],
    ) -> None:
        self._store = store
        self._box = box
        self._guard = guard
        self._probe = probe
        self._attempts = attempts
        self._now = now

    async def list_all(self, work: UnitOfWork) -> Sequence[ProviderKey]:
        """The organization's accounts, without their keys."""
        return await repository.list_all(work)

    async def save(self, organization_id: str, wanted: WantedAccount, *, actor: str) -> ProviderKey:
        """Keep an account, in place of the one of its kind.

        Raises:
            InvalidInput: `model_invalid`, `voice_invalid`, `key_invalid`, `key_required`, `url_invalid`,
                `host_unknown`, `address_refused`, `https_required`.
        """
        wanted = _checked(wanted)
        if wanted.base_url is not None:
            await self._guard.check(wanted.base_url)
        async with self._store.begin(organization_id) as work:
            row = await repository.find(work, wanted.kind, lock=True)
            if row is None:
                row = ProviderKey(id=new_id(), kind=wanted.kind, created_at=self._now(), version=0, is_enabled=True)
                work.session.add(row)
            key_changed = self._set_key(row, wanted)
            row.base_url, row.model, row.voice = wanted.base_url, wanted.model, wanted.voice
            row.version += 1
            row.updated_at, row.updated_by = self._now(), actor
            row.tested_at = row.test_code = row.test_detail = row.test_ms = None
            facts = {"kind": wanted.kind, "host": host_of(row), "model": row.model, "key_changed": key_changed}
            audit.record(work, "provider_key.saved", actor=actor, at=self._now(), subject=row.id, facts=facts)
            await work.session.flush()
        return row

    async def set_enabled(self, work: UnitOfWork, kind: ProviderKind, *, enabled: bool, actor: str) -> None:
        """Have calls use the account, or not for now. Raises NotFound `provider_key_not_found`."""
        row = await self._get(work, kind)
        row.is_enabled, row.version = enabled, row.version + 1
        row.updated_at, row.updated_by = self._now(), actor
        action = "provider_key.enabled" if enabled else "provider_key.disabled"
        audit.record(work, action, actor=actor, at=self._now(), subject=row.id, facts={"kind": kind})

    async def remove(self, work: UnitOfWork, kind: ProviderKind, *, actor: str) -> None:
        """Forget the account and its key. Raises NotFound `provider_key_not_found`."""
        row = await self._get(work, kind)
        await repository.delete(work, kind)
        facts = {"kind": kind, "host": host_of(row)}
        audit.record(work, "provider_key.removed", actor=actor, at=self._now(), subject=row.id, facts=facts)

    async def test(self, organization_id: str, kind: ProviderKind, *, actor: str) -> Tried:
        """Ask the provider for something small, and keep what came of it.

        Raises:
            NotFound: `provider_key_not_found`.
            QuotaExceeded: `rate_limited`.
        """
        async with self._store.read(organization_id) as work:
            row = await self._get(work, kind)
        await self._attempts.count(TESTS, organization_id)
        tried = await self._try(row)
        columns = {
            "tested_at": self._now(),
            "test_code": tried.code,
            "test_detail": tried.detail[:MOST_DETAIL],
            "test_ms": tried.ms,
        }
        async with self._store.begin(organization_id) as work:
            await repository.note_test(work, row, **columns)
            facts = {"kind": kind, "host": host_of(row), "outcome": tried.code or "ok"}
            audit.record(work, "provider_key.tested", actor=actor, at=self._now(), subject=row.id, facts=facts)
        return tried

    async def for_call(self, call_id: str) -> OwnAccounts | None:
        """What the organization of this call brings along now; None: nothing, or no call of this id.

        An account whose key does not open (another installation's) is left out.
        """
        async with self._store.system("a call tells whose it is", writes=False) as work:
            organization_id = await repository.organization_of_call(work, call_id)
        if organization_id is None:
            return None
        async with self._store.read(organization_id) as work:
            rows = [row for row in await repository.list_all(work) if row.is_enabled]
        opened = [(row, account) for row in rows if (account := self._opened(row)) is not None]
        if not opened:
            return None
        return OwnAccounts(
            organization_id=organization_id,
            version=" ".join(f"{row.id}:{row.version}" for row, _ in opened),
            accounts=tuple(account for _, account in opened),
        )

    async def _get(self, work: UnitOfWork, kind: ProviderKind) -> ProviderKey:
        row = await repository.find(work, kind)
        if row is None:
            raise NotFound("provider_key_not_found", "no account of this kind is kept")
        return row

    async def _try(self, row: ProviderKey) -> Tried:
        started_s = time.monotonic()
        code: str | None = None
        try:
            async with asyncio.timeout(TEST_S):
                detail = await self._probe.ask(self._account(row))
        except (UpstreamFailed, InvalidInput) as error:
            code, detail = error.code, error.message
        except TimeoutError:
            code, detail = "provider_stalled", f"no answer within {TEST_S:.0f} s"
        return Tried(ms=round((time.monotonic() - started_s) * 1000), detail=detail, code=code)

    def _set_key(self, row: ProviderKey, wanted: WantedAccount) -> bool:
        """Seal a new key; whether there is one. A kept one stays with its address."""
        if wanted.api_key is None:
            if row.version and row.base_url == wanted.base_url:
                return False
            if wanted.base_url is None or row.key_sealed is not None:
                raise InvalidInput("key_required", "give the key: a stored one is used at its own address only")
            return False
        row.key_sealed = self._box.seal(wanted.api_key, context=_context(row.id))
        row.key_tail = wanted.api_key[-TAIL:] if len(wanted.api_key) >= LONG_ENOUGH else None
        return True

    def _account(self, row: ProviderKey) -> ProviderAccount:
        """The account with its key in clear. Raises InvalidInput `secret_unreadable`."""
        sealed = row.key_sealed
        return ProviderAccount(
            kind=ProviderKind(row.kind),
            model=row.model,
            base_url=row.base_url,
            api_key=None if sealed is None else self._box.open(sealed, context=_context(row.id)),
            voice=row.voice,
        )

    def _opened(self, row: ProviderKey) -> ProviderAccount | None:
        try:
            return self._account(row)
        except VoiceEngineError:
            return None


def host_of(row: ProviderKey) -> str | None:
    """Where the account's requests go; None: to the vendor itself."""
    return None if row.base_url is None else urlsplit(row.base_url).hostname


def _checked(wanted: WantedAccount) -> WantedAccount:
    """The same without what only surrounds it. Raises InvalidInput."""
    model, voice, key = wanted.model.strip(), (wanted.voice or "").strip(), (wanted.api_key or "").strip()
    url = (wanted.base_url or "").strip().rstrip("/")
    if not 0 < len(model) <= MOST_NAME:
        raise InvalidInput("model_invalid", f"name the model, in 1 to {MOST_NAME} characters")
    if len(voice) > MOST_NAME:
        raise InvalidInput("voice_invalid", f"a voice's name has at most {MOST_NAME} characters")
    if len(key) > MOST_KEY or not (key.isascii() and key.isprintable()) or " " in key:
        raise InvalidInput("key_invalid", "a key is printable ASCII without spaces")
    if len(url) > MOST_URL or "?" in url or "#" in url:
        raise InvalidInput("url_invalid", f"an address has at most {MOST_URL} characters and no question mark")
    return WantedAccount(
        kind=wanted.kind, model=model, base_url=url or None, api_key=key or None, voice=voice or None
    )


def _context(row_id: str) -> str:
    return f"provider_key:{row_id}"
