"""Signed-in browsers: a random token in a cookie, hashed at rest, that ends by time, by idleness or by hand."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from voice_engine.domains.accounts import service as accounts
from voice_engine.domains.identity import repository
from voice_engine.domains.identity.caller import Caller
from voice_engine.domains.identity.clients import WEB_CLIENT
from voice_engine.domains.identity.models import WebSessionRow
from voice_engine.domains.identity.opaque import SESSION, hash_token, new_token
from voice_engine.domains.identity.scopes import ALL_SCOPES
from voice_engine.domains.identity.settings import IdentitySettings
from voice_engine.errors import NotFound
from voice_engine.store import audit
from voice_engine.store.engine import Store
from voice_engine.store.rows import new_id

SEEN_STEP = dt.timedelta(minutes=5)
"""How exact `seen_at` is: a session in use writes once in so long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StartedSession:
    """A session and the token for its cookie, which exists nowhere else."""

    token: str = field(repr=False)
    caller: Caller
    expires_at: dt.datetime


class Sessions:
    """Starts, finds and ends browser sessions."""

    def __init__(self, store: Store, settings: IdentitySettings, *, now: Callable[[], dt.datetime]) -> None:
        self._store = store
        self._settings = settings
        self._now = now

    async def start(
        self, *, user_id: str, organization_id: str, method: str, rolls: bool = False
    ) -> StartedSession:
        """A new session; `method` says in the audit how the person signed in ("password", "link", "google").

        `rolls`: it ends `session_ttl` after its last use, instead of so long after its start at the latest.
        """
        token, now = new_token(SESSION), self._now()
        row = WebSessionRow(
            id=new_id(),
            organization_id=organization_id,
            token_hash=hash_token(token),
            user_id=user_id,
            created_at=now,
            seen_at=now,
            expires_at=now + self._settings.session_ttl,
            revoked_at=None,
            rolls=rolls,
        )
        async with self._store.begin(organization_id) as work:
            work.session.add(row)
            audit.record(work, "session.started", actor=user_id, at=now, subject=row.id, facts={"method": method})
        return StartedSession(token=token, caller=_caller(row), expires_at=row.expires_at)

    async def find(self, token: str) -> Caller | None:
        """Who is signed in with this cookie; None when nobody is (any more). All scopes: it is the person."""
        now = self._now()
        async with self._store.system("a session tells its tenant", writes=False) as work:
            row = await repository.find_session(work, hash_token(token))
            if row is None or not self._is_alive(row, now):
                return None
            caller, was_seen_lately = _caller(row), now - row.seen_at < SEEN_STEP
            ends_at = now + self._settings.session_ttl if row.rolls else row.expires_at
        if not was_seen_lately:
            async with self._store.begin(caller.organization_id) as work:
                await repository.touch_session(work, caller.token_id, now=now, expires_at=ends_at)
            caller = replace(caller, expires_at=ends_at)
        return caller

    def _is_alive(self, row: WebSessionRow, now: dt.datetime) -> bool:
        if row.revoked_at is not None or now >= row.expires_at:
            return False
        return row.rolls or now - row.seen_at < self._settings.session_idle

    async def move(self, caller: Caller, organization_id: str) -> None:
        """Have the session look at another of its person's organizations.

        Raises:
            NotFound: `organization_not_found`.
        """
        async with self._store.system("a session moves between tenants") as work:
            mine = await accounts.list_memberships(work, caller.user_id)
            if organization_id not in {organization.id for organization, _ in mine}:
                raise NotFound("organization_not_found", "there is no such organization among yours")
            await repository.move_session(work, caller.token_id, organization_id)
            audit.record(
                work,
                "session.moved",
                actor=caller.user_id,
                at=self._now(),
                subject=caller.token_id,
                organization_id=organization_id,
            )

    async def end(self, caller: Caller) -> None:
        """Sign this browser out."""
        now = self._now()
        async with self._store.begin(caller.organization_id) as work:
            if await repository.revoke_session(work, caller.token_id, now=now):
                audit.record(work, "session.ended", actor=caller.user_id, at=now, subject=caller.token_id)


def _caller(row: WebSessionRow) -> Caller:
    return Caller(
        user_id=row.user_id,
        organization_id=row.organization_id,
        scopes=ALL_SCOPES,
        client_id=WEB_CLIENT,
        token_id=row.id,
        expires_at=row.expires_at,
    )
