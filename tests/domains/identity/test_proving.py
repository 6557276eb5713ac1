"""Who waits on an account made with another's address is out once its owner has proven the mailbox."""

import datetime as dt
from dataclasses import dataclass

import pytest
import sqlalchemy as sa

from tests.fakes.sign_in import ADDRESS, JANE, PASSWORD, Desk, open_desk
from voice_engine.domains.accounts import service as accounts
from voice_engine.domains.identity import api_tokens, repository
from voice_engine.domains.identity.api_tokens import NewApiToken
from voice_engine.domains.identity.models import AuthorizationCodeRow, IdentityRow
from voice_engine.domains.identity.recovery import Purpose
from voice_engine.errors import NotAllowed
from voice_engine.store.engine import Store

NEW = "newSecurePass456"


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What somebody left on the account: all of it opens the account now."""

    user_id: str
    organization_id: str
    api_token: str
    session: str


async def leave(desk: Desk, *, proven: bool) -> Left:
    """Somebody registers with Jane's address and makes themselves at home."""
    await desk.register()
    identity, now = desk.identity, desk.clock()
    async with desk.store.system("tests") as work:
        user = await accounts.find_by_email(work, JANE["email"])
        assert user is not None
        user_id, organization_id = user.id, user.organization_id
        if proven:
            await accounts.set_email_verified(work, user_id, now=now, keep_password=True)
        await repository.add_identity(work, user_id=user_id, issuer="https://issuer.test", subject="7", now=now)
        wanted = NewApiToken(user_id=user_id, organization_id=organization_id, label="mine")
        made = await api_tokens.create(work, wanted, now=now, actor=user_id)
        code = AuthorizationCodeRow(
            code_hash="c" * 64,
            organization_id=organization_id,
            user_id=user_id,
            client_id="web-app",
            redirect_uri="https://app.example/callback",
            scope="calls:read",
            expires_at=now + dt.timedelta(hours=2),
        )
        work.session.add(code)
    started = await identity.sessions.start(user_id=user_id, organization_id=organization_id, method="password")
    await identity.verify_access_token(made.token)
    return Left(user_id=user_id, organization_id=organization_id, api_token=made.token, session=started.token)


async def opens(desk: Desk, left: Left) -> set[str]:
    """What still opens the account."""
    found = set()
    if await desk.identity.sessions.find(left.session) is not None:
        found.add("session")
    try:
        await desk.identity.verify_access_token(left.api_token)
        found.add("api token")
    except NotAllowed:
        pass
    async with desk.store.system("tests", writes=False) as work:
        password = (await accounts.get(work, left.user_id)).password_hash
        if (await work.session.scalars(sa.select(AuthorizationCodeRow))).all():
            found.add("code")
        if (await work.session.scalars(sa.select(IdentityRow))).all():
            found.add("identity")
    if await desk.identity.passwords.verify(PASSWORD, password):
        found.add("password")
    return found


async def come(desk: Desk, purpose: Purpose) -> None:
    """The owner asks for a letter and uses it."""
    recovery = desk.doors.recovery
    if purpose == "RESET":
        await recovery.ask_reset(JANE["email"], address=ADDRESS)
        await recovery.reset_password(await desk.token(), NEW, address=ADDRESS)
    else:
        await recovery.ask_magic_link(JANE["email"])
        assert await recovery.spend_magic_link(await desk.token()) is not None


@pytest.mark.parametrize("purpose", ["RESET", "MAGIC"])
async def test_who_waited_on_an_unproven_address_is_out(store: Store, purpose: Purpose) -> None:
    async with open_desk(store) as desk:
        left = await leave(desk, proven=False)
        assert await opens(desk, left) == {"session", "api token", "code", "identity", "password"}

        await come(desk, purpose)

        assert await opens(desk, left) == set()
        async with desk.store.system("tests", writes=False) as work:
            assert (await accounts.get(work, left.user_id)).email_verified_at is not None


@pytest.mark.parametrize(
    ("purpose", "stays"),
    [
        ("RESET", {"api token", "identity"}),
        ("MAGIC", {"session", "api token", "code", "identity", "password"}),
    ],
)
async def test_the_owner_of_a_proven_address_keeps_what_is_theirs(
    store: Store, purpose: Purpose, stays: set[str]
) -> None:
    async with open_desk(store) as desk:
        left = await leave(desk, proven=True)

        await come(desk, purpose)

        assert await opens(desk, left) == stays


async def test_a_link_that_is_handed_over_proves_no_mailbox(store: Store) -> None:
    async with open_desk(store) as desk:
        left = await leave(desk, proven=False)
        before = await opens(desk, left)

        link = await desk.doors.recovery.issue_magic_link(left.user_id, actor="admin")
        signed_in = await desk.doors.recovery.spend_magic_link(link.url.rpartition("=")[2])

        assert signed_in is not None
        assert await opens(desk, left) == before
