"""How a person proves to be themselves: a password, a link that works once, or another issuer's word."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from voice_engine.domains.accounts import service as accounts
from voice_engine.domains.accounts.models import User
from voice_engine.domains.accounts.service import NewAccount
from voice_engine.domains.identity import api_tokens, repository
from voice_engine.domains.identity.families import Families
from voice_engine.domains.identity.federation import IssuerClient, VerifiedIdentity, invalid_identity_token
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


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherSignIn:
    """A sign-in by another issuer's token. `code`: redeemed too where the issuer demands it."""

    token: str = field(repr=False)
    nonce: str | None = None
    code: str | None = field(default=None, repr=False)
    name: str | None = None


class SignIn:
    """Signs people in and up; counts attempts; leaves sessions and tokens to others."""

    def __init__(
        self,
        store: Store,
        settings: IdentitySettings,
        *,
        families: Families,
        passwords: Passwords,
        attempts: Attempts,
        issuers: Mapping[str, IssuerClient],
        now: Callable[[], dt.datetime],
    ) -> None:
        self._store = store
        self._settings = settings
        self._families = families
        self._passwords = passwords
        self._attempts = attempts
        self.issuers = issuers
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
            link = await repository.find_link(work, hash_token(token))
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
            if not await repository.use_link(work, hash_token(token), now=self._now()):
                raise _bad_link()
            user = await accounts.get(work, user_id)
            if user.disabled_at is not None:
                raise _bad_link()
        return SignedIn(user=user, method="link")

    # --- other issuers -------------------------------------------------------------------------------------------

    async def with_issuer(self, name: str, other: OtherSignIn) -> SignedIn:
        """The user for whom the issuer vouches; made at the first sign-in.

        Found by (issuer, subject). By address only if the issuer has verified it.

        Raises:
            NotAllowed: `invalid_identity_token`, also when the issuer is not set up here.
            UpstreamFailed: `identity_provider_unavailable`.
        """
        issuer = self.issuers.get(name)
        if issuer is None or not issuer.issuer.audiences:
            raise NotAllowed("invalid_identity_token", f"signing in with {name} is not set up on this server")
        identity = await issuer.verify(other.token, nonce=other.nonce)
        if issuer.issuer.redeems_code and other.code is not None:
            redeemed = await issuer.redeem(other.code, redirect_uri=None, verifier=None)
            again = await issuer.verify(redeemed, nonce=other.nonce)
            if again.subject != identity.subject:
                raise invalid_identity_token()
        if identity.name is None and other.name:
            identity = replace(identity, name=other.name)
        async with self._store.system("an identity tells its tenant") as work:
            signed_in = await self._join(work, identity, name)
        if signed_in.user.disabled_at is not None:
            raise invalid_identity_token()
        return signed_in

    async def _join(self, work: UnitOfWork, identity: VerifiedIdentity, method: str) -> SignedIn:
        known = await repository.find_identity(work, identity.issuer, identity.subject)
        if known is not None:
            return SignedIn(user=await accounts.get(work, known.user_id), method=method)
        if identity.email is None:
            raise invalid_identity_token()
        user, is_new = await accounts.find_by_email(work, identity.email), False
        if user is None:
            user, is_new = await self._adopt(work, identity, method), True
        elif not identity.email_verified:
            raise NotAllowed(
                "invalid_identity_token", "there is an account with this address; sign in with its password"
            )
        elif user.email_verified_at is None:
            await self._take_over(work, user)
        now = self._now()
        await repository.add_identity(
            work, user_id=user.id, issuer=identity.issuer, subject=identity.subject, now=now
        )
        audit.record(
            work,
            "identity.joined",
            actor=user.id,
            at=now,
            subject=user.id,
            organization_id=user.organization_id,
            facts={"issuer": identity.issuer},
        )
        return SignedIn(user=user, method=method, is_new=is_new)

    async def _adopt(self, work: UnitOfWork, identity: VerifiedIdentity, method: str) -> User:
        if not self._settings.open_sign_up and not self._settings.issuers_may_add:
            raise NotAllowed(
                "invalid_identity_token", "this server takes no new accounts; ask its operator for one"
            )
        account = NewAccount(
            email=identity.email or "",
            name=identity.name or "",
            consented=True,  # the app or the issuer's button stood under our terms
            email_verified=identity.email_verified,
        )
        try:
            return await accounts.create(work, account, now=self._now(), actor=method)
        except InvalidInput as error:
            raise invalid_identity_token() from error

    async def _take_over(self, work: UnitOfWork, user: User) -> None:
        """The address's owner comes to an account that anyone may have made: whoever did so goes out."""
        await accounts.set_email_verified(work, user.id, now=self._now(), keep_password=False)
        await self.end_everything(work, user.id, reason="email_verified")

    # --- ending --------------------------------------------------------------------------------------------------

    async def end_logins(self, work: UnitOfWork, user_id: str, *, reason: str) -> None:
        """End every browser session and token family of a user; tokens for servers stay."""
        await self._families.end_all(work, user_id, reason=reason)
        await repository.revoke_sessions(work, user_id=user_id, now=self._now())

    async def end_everything(self, work: UnitOfWork, user_id: str, *, reason: str) -> None:
        """End every session, token family and API token of a user."""
        now = self._now()
        await self.end_logins(work, user_id, reason=reason)
        for token in await api_tokens.list_tokens(work, user_id=user_id):
            if token.revoked_at is None:
                await api_tokens.revoke(work, token, now=now, actor=user_id)

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
                if not await repository.use_link(work, hash_token(link), now=now):
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
