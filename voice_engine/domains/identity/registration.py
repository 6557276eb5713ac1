"""A business joins: organization, owner, account, first cycle and welcome letter, all or none of them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from voice_engine.domains.accounts import service as accounts
from voice_engine.domains.accounts.service import NewAccount
from voice_engine.domains.identity.passwords import check_password
from voice_engine.domains.identity.ratelimit import network_of
from voice_engine.domains.identity.service import Identity
from voice_engine.domains.identity.sign_in import SIGN_UPS
from voice_engine.domains.mail.letters import Letter, LetterKind, write
from voice_engine.domains.mail.service import Outgoing
from voice_engine.errors import InvalidInput
from voice_engine.store.rows import new_id
from voice_engine.store.uow import UnitOfWork

OpenAccount = Callable[[UnitOfWork, str], Awaitable[object]]
"""Opens the minutes' account of a new organization with its first cycle, in the unit that makes it."""
ACTOR = "registration"

FIRST_ZONE = "America/New_York"
"""A business's time zone until it says another (published business API)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBusiness:
    """What the registration form says. `locale`: the language that the browser asked for."""

    name: str
    email: str
    password: str = field(repr=False)
    organization_name: str
    locale: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """Who has joined."""

    user_id: str
    organization_id: str


class Registration:
    """Takes new businesses. `sign_in_page` stands in the welcome letter."""

    def __init__(
        self, identity: Identity, outgoing: Outgoing, *, open_account: OpenAccount, sign_in_page: str
    ) -> None:
        self._identity = identity
        self._outgoing = outgoing
        self._open_account = open_account
        self._sign_in_page = sign_in_page

    async def register(self, business: NewBusiness, *, address: str) -> Registered:
        """Make the account. Nobody is signed in by it.

        Raises:
            InvalidInput: `sign_up_closed`, `email_invalid`, `name_invalid`, `password_too_short`, ….
            QuotaExceeded: `rate_limited`. Conflict: `email_taken`.
        """
        identity = self._identity
        if not identity.settings.open_sign_up:
            raise InvalidInput("sign_up_closed", "this server takes no new accounts; ask its operator for one")
        email = accounts.fold_email(business.email)
        check_password(business.password, email=email)
        await identity.attempts.count(SIGN_UPS, network_of(address))
        account = NewAccount(
            email=email,
            name=business.name,
            password_hash=await identity.passwords.hash(business.password),
            locale=business.locale,
            timezone=FIRST_ZONE,
            consented=True,  # to ask for a receptionist is to ask for calls to be taken
        )
        now = identity.now()
        async with identity.store.system("an account is made with its tenant") as work:
            user = await accounts.create_business(
                work, account, organization_name=business.organization_name, now=now, actor=ACTOR
            )
            made = Registered(user_id=user.id, organization_id=user.organization_id)
            await self._open_account(work, made.organization_id)
            await self._welcome(work, made, business, email)
        return made

    async def _welcome(self, work: UnitOfWork, made: Registered, business: NewBusiness, email: str) -> None:
        subject, text = write(
            LetterKind.WELCOME,
            locale=business.locale,
            name=business.name,
            organization=business.organization_name,
            link=self._sign_in_page,
        )
        letter = Letter(
            id=new_id(),
            organization_id=made.organization_id,
            kind=LetterKind.WELCOME,
            to=email,
            subject=subject,
            text=text,
        )
        await self._outgoing.post(work, letter)
