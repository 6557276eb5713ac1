"""Ways back in: a mailed link for a new password, a mailed link that signs in, a changed or a forced password.

Asking writes one job, whoever asks for whichever address: whether there is such an account is looked up afterwards,
by the worker, so neither the answer nor its time tells. Tokens work once, by a guarded update.
"""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import quote

from voice_engine.domains.accounts import service as accounts
from voice_engine.domains.accounts.models import User
from voice_engine.domains.identity import repository
from voice_engine.domains.identity.models import OneTimeTokenRow
from voice_engine.domains.identity.opaque import LINK, hash_token, new_token
from voice_engine.domains.identity.passwords import check_password
from voice_engine.domains.identity.ratelimit import Rule, network_of
from voice_engine.domains.identity.service import Identity
from voice_engine.domains.identity.sign_in import SignedIn
from voice_engine.domains.identity.standing import Standing, find_standing
from voice_engine.domains.mail.letters import Letter, LetterKind, write
from voice_engine.domains.mail.service import Outgoing
from voice_engine.errors import InvalidInput, NotAllowed, NotFound
from voice_engine.ports.jobs import Attempt, JobKind
from voice_engine.store import audit, outbox
from voice_engine.store.rows import is_id
from voice_engine.store.uow import UnitOfWork

Purpose = Literal["RESET", "MAGIC", "GIVEN"]
"""`GIVEN`: a sign-in link that an administrator hands over; it proves nothing about a mailbox."""
LIFETIMES: Mapping[Purpose, dt.timedelta] = {
    "RESET": dt.timedelta(hours=1),
    "MAGIC": dt.timedelta(minutes=15),
    "GIVEN": dt.timedelta(minutes=15),
}
MAIL_LINK = "identity.mail_link"
"""The job that mails a link; its payload has `purpose` and `email`."""

RESETS_PER_EMAIL = Rule(name="reset.email", most=5, seconds=3600)
RESETS_PER_ADDRESS = Rule(name="reset.address", most=20, seconds=3600)
LINKS_PER_EMAIL = Rule(name="magic_link.email", most=5, seconds=3600)
NEW_PASSWORDS_PER_ADDRESS = Rule(name="new_password.address", most=20, seconds=3600)
GUESSES_PER_USER = Rule(name="change_password.user", most=10, seconds=900)
"""Wrong current passwords that a stolen session may try."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """Where the letters' links lead; a token is added to each."""

    reset: str
    magic_link: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedLink:
    """A link in clear, this once."""

    url: str = field(repr=False)
    expires_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPassword:
    """A change of password by whoever is signed in. `forced`: an administrator asked for it."""

    new: str = field(repr=False)
    current: str | None = field(default=None, repr=False)
    forced: bool = False


class Recovery:
    """Lets people of businesses in who lost their way."""

    def __init__(self, identity: Identity, outgoing: Outgoing, pages: Pages) -> None:
        self._identity = identity
        self._outgoing = outgoing
        self._pages = pages

    # --- asking for a link ---------------------------------------------------------------------------------------

    async def ask_reset(self, email: str, *, address: str) -> None:
        """Have a link for a new password mailed, if there is such an account.

        Raises:
            InvalidInput: `email_invalid`. QuotaExceeded: `rate_limited`.
        """
        folded = accounts.fold_email(email)
        await self._identity.attempts.count(RESETS_PER_ADDRESS, network_of(address))
        await self._identity.attempts.count(RESETS_PER_EMAIL, folded)
        await self._ask("RESET", folded)

    async def ask_magic_link(self, email: str) -> None:
        """Have a sign-in link mailed, if there is such an account. Raises as `ask_reset`."""
        folded = accounts.fold_email(email)
        await self._identity.attempts.count(LINKS_PER_EMAIL, folded)
        await self._ask("MAGIC", folded)

    async def _ask(self, purpose: Purpose, email: str) -> None:
        async with self._identity.store.system("nobody is signed in yet") as work:
            payload = {"purpose": purpose, "email": email}
            await outbox.enqueue(work, outbox.Job(kind=MAIL_LINK, payload=payload))

    async def mail_link(self, purpose: Purpose, email: str, *, request_id: str) -> None:
        """Make the token and write the letter, once for a request; nothing for an address without an account."""
        letter_id = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{MAIL_LINK}:{request_id}"))
        async with self._identity.store.system("an address tells its tenant") as work:
            user = await accounts.find_by_email(work, email)
            standing = None if user is None else await self._standing(work, user.id)
            if standing is None or await self._outgoing.has(work, letter_id):
                return
            token, _ = await self._issue(work, standing.user_id, purpose)
            page = self._pages.reset if purpose == "RESET" else self._pages.magic_link
            subject, text = write(
                LetterKind(purpose),
                locale=standing.locale,
                name=standing.name,
                organization=standing.organization_name,
                link=with_token(page, token),
            )
            letter = Letter(
                id=letter_id,
                organization_id=standing.organization_id,
                kind=LetterKind(purpose),
                to=standing.email,
                subject=subject,
                text=text,
            )
            await self._outgoing.post(work, letter)

    # --- using one -----------------------------------------------------------------------------------------------

    async def reset_password(self, token: str, password: str, *, address: str) -> None:
        """Set a new password by a mailed token; every session and sign-in of the user ends.

        API tokens stay, unless nobody had proven the address before: then they may be a stranger's, and end too.

        Raises:
            QuotaExceeded: `rate_limited`.
            InvalidInput: `invalid_or_expired_token`, `password_too_short`, ….
        """
        identity = self._identity
        await identity.attempts.count(NEW_PASSWORDS_PER_ADDRESS, network_of(address))
        async with identity.store.system("a token tells its user", writes=False) as work:
            known = await repository.find_link(work, hash_token(token), purpose="RESET")
            if known is None or known.consumed_at is not None or identity.now() >= known.expires_at:
                raise _bad_token()
            assert known.user_id is not None, "reset tokens have users"
            user_id = known.user_id
            email = (await accounts.get(work, user_id)).email
        hashed = await identity.passwords.hash(check_password(password, email=email))
        now = identity.now()
        async with identity.store.system("a token tells its user") as work:
            if not await repository.use_link(work, hash_token(token), purpose="RESET", now=now):
                raise _bad_token()
            await accounts.set_password(work, user_id, hashed, now=now, actor=user_id)
            # Whoever read the letter has the mailbox, and the password is theirs alone from now on.
            await identity.endings.prove_address(work, user_id, keep_password=True)
            await identity.endings.end_logins(work, user_id, reason="password_reset")

    async def spend_magic_link(self, token: str) -> SignedIn | None:
        """Whom the link signs in, once; None when it is unknown, used, expired, or its account is closed.

        One that was mailed proves the address: what others may have put on an unproven account goes, and the
        password with it.
        """
        identity = self._identity
        token_hash, now = hash_token(token), identity.now()
        async with identity.store.system("a link tells its user") as work:
            mailed = await repository.find_link(work, token_hash, purpose="MAGIC")
            known = mailed or await repository.find_link(work, token_hash, purpose="GIVEN")
            if known is None or known.user_id is None:
                return None
            user_id = known.user_id
            if not await repository.use_link(work, token_hash, purpose=known.purpose, now=now):
                return None
            if await self._standing(work, user_id) is None:
                return None
            if mailed is not None:
                await identity.endings.prove_address(work, user_id, keep_password=False)
            user = await accounts.get(work, user_id)
            work.session.expunge(user)  # it is read on after the unit
        return SignedIn(user=user, method="link")

    # --- while signed in -----------------------------------------------------------------------------------------

    async def change_password(self, user_id: str, session_id: str, change: NewPassword) -> None:
        """Give oneself another password; every other session of the user ends.

        Raises:
            NotAllowed: `forced_change_not_pending`, `wrong_password`. QuotaExceeded: `rate_limited`.
            InvalidInput: `password_too_short`, ….
        """
        identity = self._identity
        async with identity.store.system("one's own account", writes=False) as work:
            user = await accounts.get(work, user_id)
            work.session.expunge(user)
        check_password(change.new, email=user.email)
        if change.forced:
            _check_due(user)
        else:
            await identity.attempts.count(GUESSES_PER_USER, user_id)
            if not await identity.passwords.verify(change.current or "", user.password_hash):
                raise NotAllowed("wrong_password", "the current password is another one")
            await identity.attempts.forgive(GUESSES_PER_USER, user_id)
        hashed, now = await identity.passwords.hash(change.new), identity.now()
        async with identity.store.system("one's own account") as work:
            if change.forced:
                # Between the look and now another session may have chosen: nobody skips the current one twice.
                _check_due(await accounts.get_locked(work, user_id))
            await accounts.set_password(work, user_id, hashed, now=now, actor=user_id)
            await identity.endings.end_logins(work, user_id, reason="password_changed", but_session=session_id)

    # --- by the administrator ------------------------------------------------------------------------------------

    async def issue_magic_link(self, user_id: str, *, actor: str) -> IssuedLink:
        """A sign-in link that is handed over instead of mailed. Raises NotFound `not_found`."""
        async with self._identity.store.system("the administrator's order") as work:
            await self._known(work, user_id)
            token, expires_at = await self._issue(work, user_id, "GIVEN")
            audit.record(work, "link.created", actor=actor, at=self._identity.now(), subject=user_id)
        return IssuedLink(url=with_token(self._pages.magic_link, token), expires_at=expires_at)

    async def force_change(self, user_id: str, *, actor: str) -> None:
        """Let the user do nothing before they chose another password. Raises NotFound `not_found`."""
        async with self._identity.store.system("the administrator's order") as work:
            await self._known(work, user_id)
            await accounts.force_password_change(work, user_id, now=self._identity.now(), actor=actor)

    # --- inside --------------------------------------------------------------------------------------------------

    async def _known(self, work: UnitOfWork, user_id: str) -> Standing:
        standing = await self._standing(work, user_id) if is_id(user_id) else None
        if standing is None:
            raise NotFound("not_found", "there is no such user of a business")
        return standing

    async def _standing(self, work: UnitOfWork, user_id: str) -> Standing | None:
        return await find_standing(work, user_id, now=self._identity.now())

    async def _issue(self, work: UnitOfWork, user_id: str, purpose: Purpose) -> tuple[str, dt.datetime]:
        """A new token; earlier ones of the purpose become worthless."""
        await accounts.get_locked(work, user_id)  # two that ask at once take turns: the later token is the one
        token, expires_at = new_token(LINK), self._identity.now() + LIFETIMES[purpose]
        await repository.drop_links(work, purpose=purpose, user_id=user_id)
        work.session.add(
            OneTimeTokenRow(
                token_hash=hash_token(token),
                purpose=purpose,
                user_id=user_id,
                expires_at=expires_at,
                consumed_at=None,
            )
        )
        return token, expires_at


class MailLink:
    """`JobHandler` of `identity.mail_link`."""

    def __init__(self, recovery: Recovery) -> None:
        self._recovery = recovery

    async def run(self, payload: Mapping[str, Any], attempt: Attempt) -> None:
        """Write one letter, if there is anybody to write to."""
        purpose: Purpose = "RESET" if payload["purpose"] == "RESET" else "MAGIC"
        await self._recovery.mail_link(purpose, str(payload["email"]), request_id=attempt.job_id)


def build_recovery_jobs(recovery: Recovery) -> list[JobKind]:
    """The kinds of durable work that recovery makes."""
    return [JobKind(name=MAIL_LINK, handler=MailLink(recovery))]


def with_token(page: str, token: str) -> str:
    """A page's address with the token in its query."""
    return f"{page}?token={quote(token, safe='')}"


def _check_due(user: User) -> None:
    if not user.must_change_password:
        raise NotAllowed("forced_change_not_pending", "nobody asked for this change: send your current password")


def _bad_token() -> InvalidInput:
    return InvalidInput("invalid_or_expired_token", "this link was used or has expired; ask for another one")
