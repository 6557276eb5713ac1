"""How a person proves to be themselves: a password, or a link that works once."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field

from voice_engine.domains.accounts import service as accounts
from voice_engine.domains.accounts.models import User
from voice_engine.domains.accounts.service import NewAccount
from voice_engine.domains.identity import repository
from voice_engine.domains.identity.models import OneTimeTokenRow
from voice_engine.domains.identity.opaque import LINK, hash_token, new_token
from voice_engine.domains.identity.passwords import Passwords, check_password
from voice_engine.domains.identity.ratelimit import Attempts, Rule, network_of
from voice_engine.domains.identity.settings import IdentitySettings
from voice_engine.errors import InvalidInput, NotAllowed
from voice_engine.store import audit
from voice_engine.store.engine import Store
from voice_engine.store.uow import UnitOfWork

PER_ADDRESS = Rule(name="sign_in.address", most=60, seconds=900)
PER_PAIR = Rule(name="sign_in.pair", most=10, seconds=900)
"""One account from one address."""
PER_ACCOUNT = Rule(name="sign_in.account", most=100, seconds=3600)
"""One account from everywhere: far above the pair's, so that a stranger cannot lock its owner out soon."""
SIGN_UPS = Rule(name="sign_up.address", most=10, seconds=3600)

LINK_PURPOSE = "SIGN_IN"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """Who signed in, and how ("password", "link", "google", …)."""

    user: User
    method: str
    is_new: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SignUp:
    """What the sign-up form says. `consented`: calls on the person's behalf are agreed to."""

    email: str
    password: str = field(repr=False)
    name: str = ""
    locale: str = "en"
    consented: bool = False


class SignIn:
    """Signs people in and up; counts attempts; leaves sessions and tokens to others."""

    def __init__(
        self,
        store: Store,
        settings: IdentitySettings,
        *,
        passwords: Passwords,
        attempts: Attempts,
        now: Callable[[], dt.datetime],
    ) -> None:
        self._store = store
        self._settings = settings
        self._passwords = passwords
        self._attempts = attempts
        self._now = now

    # --- passwords -----------------------------------------------------------------------------------------------

    async def with_password(self, email: str, password: str, *, address: str) -> SignedIn:
        """The user of this address and password. Unknown, wrong and closed take as long and read the same.

        Raises:
            QuotaExceeded: `rate_limited`.
            NotAllowed: `credentials_wrong`.
        """
        network, folded = network_of(address), email.strip().lower()
        await self._attempts.count(PER_ADDRESS, network)
        await self._attempts.count(PER_PAIR, folded, network)
        await self._attempts.count(PER_ACCOUNT, folded)
        async with self._store.system("nobody is signed in yet", writes=False) as work:
            user = await accounts.find_by_email(work, email)
            if user is not None:
                work.session.expunge(user)  # it is read on after the unit, whose end would empty it
        holds = await self._passwords.verify(password, user.password_hash if user else None)
        if user is None or not holds or user.disabled_at is not None:
            await self._note_failure(user)
            raise NotAllowed("credentials_wrong", "e-mail address or password is wrong")
        await self._attempts.forgive(PER_PAIR, folded, network)
        return SignedIn(user=user, method="password")

    async def sign_up(self, form: SignUp, *, address: str) -> SignedIn:
        """A new account.

        Raises:
            NotAllowed: `sign_up_closed`. QuotaExceeded: `rate_limited`. Conflict: `email_taken`.
            InvalidInput: `email_invalid`, `password_too_short`, …, `consent_needed`.
        """
        if not self._settings.open_sign_up:
            raise _closed()
        return await self._create(form, address=address, method="password", operator=False)

    async def hash_password(self, password: str, *, email: str) -> str:
        """The hash of an acceptable password. Raises InvalidInput."""
        return await self._passwords.hash(check_password(password, email=email))

    # --- links ---------------------------------------------------------------------------------------------------

    async def first_link(self) -> str | None:
        """A token with which the first account is made, once, within minutes; None when there is an account.

        Earlier ones become worthless.
        """
        async with self._store.system("first start") as work:
            if not await accounts.is_first_start(work):
                return None
            return await self._new_link(work, None)

    async def link_for(self, user_id: str) -> str:
        """A token that signs this user in, once, within minutes. Only the operator's command line may ask."""
        async with self._store.system("the operator's command") as work:
            return await self._new_link(work, user_id)

    async def peek_link(self, token: str) -> str | None:
        """Whom the link would sign in now; None: it would make the first account.

        Looking does not spend it: mail scanners look.

        Raises:
            NotAllowed: `link_invalid`.
        """
        async with self._store.system("nobody is signed in yet", writes=False) as work:
            link = await repository.find_link(work, hash_token(token), purpose=LINK_PURPOSE)
            if link is None or link.consumed_at is not None or self._now() >= link.expires_at:
                raise _bad_link()
            return link.user_id

    async def with_link(self, token: str, form: SignUp | None, *, address: str) -> SignedIn:
        """Spend a link: its user signs in, or the first account, the operator's, is made from `form`.

        Raises:
            NotAllowed: `link_invalid`. QuotaExceeded: `rate_limited`. Otherwise as `sign_up`.
        """
        await self._attempts.count(PER_ADDRESS, network_of(address))
        user_id = await self.peek_link(token)
        if user_id is None:
            if form is None:
                raise InvalidInput("email_invalid", "say who you are: an e-mail address and a password")
            return await self._create(form, address=address, method="link", operator=True, link=token)
        async with self._store.system("a link tells its user") as work:
            if not await repository.use_link(work, hash_token(token), purpose=LINK_PURPOSE, now=self._now()):
                raise _bad_link()
            user = await accounts.get(work, user_id)
            if user.disabled_at is not None:
                raise _bad_link()
        return SignedIn(user=user, method="link")

    # --- inside --------------------------------------------------------------------------------------------------

    async def _create(
        self, form: SignUp, *, address: str, method: str, operator: bool, link: str | None = None
    ) -> SignedIn:
        email = accounts.fold_email(form.email)
        check_password(form.password, email=email)
        if not form.consented:
            raise InvalidInput("consent_needed", "agree that calls are made for you, or do not make an account")
        await self._attempts.count(SIGN_UPS, network_of(address))
        account = NewAccount(
            email=email,
            name=form.name,
            password_hash=await self._passwords.hash(form.password),
            locale=form.locale,
            is_operator=operator,
            consented=True,
            email_verified=operator,
        )
        now = self._now()
        async with self._store.system("an account is made with its tenant") as work:
            if link is not None:
                # The link is for the first account only, however many hold one.
                if not await accounts.is_first_start(work):
                    raise _bad_link()
                if not await repository.use_link(work, hash_token(link), purpose=LINK_PURPOSE, now=now):
                    raise _bad_link()
            user = await accounts.create(work, account, now=now, actor=method)
        return SignedIn(user=user, method=method, is_new=True)

    async def _new_link(self, work: UnitOfWork, user_id: str | None) -> str:
        token, now = new_token(LINK), self._now()
        await repository.drop_links(work, purpose=LINK_PURPOSE, user_id=user_id)
        work.session.add(
            OneTimeTokenRow(
                token_hash=hash_token(token),
                purpose=LINK_PURPOSE,
                user_id=user_id,
                expires_at=now + self._settings.link_ttl,
                consumed_at=None,
            )
        )
        audit.record(work, "link.created", actor="operator", at=now, subject=user_id)
        return token

    async def _note_failure(self, user: User | None) -> None:
        """Keep that it happened; of an unknown address nothing is kept."""
        async with self._store.system("nobody is signed in yet") as work:
            audit.record(
                work,
                "session.refused",
                actor="nobody",
                at=self._now(),
                subject=user.id if user else None,
                organization_id=user.organization_id if user else None,
            )


def _bad_link() -> NotAllowed:
    return NotAllowed("link_invalid", "this link was used or has expired; start the server again for a new one")


def _closed() -> NotAllowed:
    return NotAllowed("sign_up_closed", "this server takes no new accounts; ask its operator for one")
