"""Sign-in with another issuer's word: which account it opens, and when it makes one."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from voice_engine.domains.accounts import service as accounts
from voice_engine.domains.accounts.models import User
from voice_engine.domains.accounts.service import NewAccount
from voice_engine.domains.identity import repository
from voice_engine.domains.identity.endings import Endings
from voice_engine.domains.identity.federation import IssuerClient, VerifiedIdentity, invalid_identity_token
from voice_engine.domains.identity.settings import IdentitySettings
from voice_engine.domains.identity.sign_in import SignedIn
from voice_engine.errors import Conflict, InvalidInput, NotAllowed
from voice_engine.store import audit
from voice_engine.store.engine import Store
from voice_engine.store.uow import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherSignIn:
    """A sign-in by another issuer's token. `code`: redeemed too where the issuer demands it."""

    token: str = field(repr=False)
    nonce: str | None = None
    code: str | None = field(default=None, repr=False)
    name: str | None = None


class IssuerSignIn:
    """Verifies between units of work, and joins within one."""

    def __init__(
        self,
        store: Store,
        settings: IdentitySettings,
        *,
        endings: Endings,
        issuers: Mapping[str, IssuerClient],
        now: Callable[[], dt.datetime],
    ) -> None:
        self._store = store
        self._settings = settings
        self._endings = endings
        self._issuers = issuers
        self._now = now

    def find(self, name: str) -> IssuerClient | None:
        """The issuer of this name, if it is set up."""
        return self._issuers.get(name)

    @property
    def on_page(self) -> tuple[str, ...]:
        """Issuers that the sign-in page offers."""
        return tuple(name for name, client in self._issuers.items() if client.issuer.client_id)

    async def sign_in(self, name: str, other: OtherSignIn) -> SignedIn:
        """The user for whom the issuer vouches; made at the first sign-in.

        Found by (issuer, subject). By address only if the issuer has verified it.

        Raises:
            NotAllowed: `invalid_identity_token`, also when the issuer is not set up here.
            UpstreamFailed: `identity_provider_unavailable`.
        """
        identity = await self._verify(name, other)
        async with self._store.system("an identity tells its tenant") as work:
            signed_in = await self._join(work, identity, name)
        if signed_in.user.disabled_at is not None:
            raise invalid_identity_token()
        return signed_in

    async def _verify(self, name: str, other: OtherSignIn) -> VerifiedIdentity:
        issuer = self._issuers.get(name)
        if issuer is None or not issuer.issuer.audiences:
            raise NotAllowed("invalid_identity_token", f"signing in with {name} is not set up on this server")
        identity = await issuer.verify(other.token, nonce=other.nonce)
        if issuer.issuer.redeems_code and other.code is not None:
            redeemed = await issuer.redeem(other.code, redirect_uri=None, verifier=None)
            again = await issuer.verify(redeemed, nonce=other.nonce)
            if again.subject != identity.subject:
                raise invalid_identity_token()
        return replace(identity, name=other.name) if identity.name is None and other.name else identity

    async def _join(self, work: UnitOfWork, identity: VerifiedIdentity, method: str) -> SignedIn:
        known = await repository.find_identity(work, identity.issuer, identity.subject)
        if known is not None:
            return SignedIn(user=await accounts.get(work, known.user_id), method=method)
        if identity.email is None:
            raise invalid_identity_token()
        user = await accounts.find_by_email(work, identity.email)
        made = None if user is not None else await self._make(work, identity, method)
        if made is None:
            if user is None:
                # Another sign-in made it between our two looks: of two first sign-ins at once, the later one.
                return await self._join(work, identity, method)
            await self._open(work, user, identity)
        owner = made or user
        assert owner is not None, "there is an account, or one was made"
        await self._remember(work, owner, identity)
        return SignedIn(user=owner, method=method, is_new=made is not None)

    async def _make(self, work: UnitOfWork, identity: VerifiedIdentity, method: str) -> User | None:
        """A new account; None when its address was taken this moment."""
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
        except Conflict:
            return None

    async def _open(self, work: UnitOfWork, user: User, identity: VerifiedIdentity) -> None:
        """May this identity have this account? If nobody has proven its address yet, whoever made it goes out."""
        if not identity.email_verified:
            raise NotAllowed(
                "invalid_identity_token", "there is an account with this address; sign in with its password"
            )
        await self._endings.prove_address(work, user.id, keep_password=False)

    async def _remember(self, work: UnitOfWork, user: User, identity: VerifiedIdentity) -> None:
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
