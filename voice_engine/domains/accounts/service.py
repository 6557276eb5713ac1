"""Accounts: who there is, and what they agreed to. Passwords come in hashed; who may sign in is identity's."""

import datetime as dt
import re
import zoneinfo
from collections.abc import Sequence
from dataclasses import dataclass

from voice_engine.domains.accounts import repository
from voice_engine.domains.accounts.models import Membership, Organization, OrganizationKind, User
from voice_engine.errors import Conflict, InvalidInput, NotAllowed, NotFound
from voice_engine.store import audit, outbox
from voice_engine.store.rows import new_id
from voice_engine.store.uow import UnitOfWork

_EMAIL = re.compile(
    r"[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
    r"(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*"
)
"""What browsers accept in an e-mail field (HTML Living Standard, "valid e-mail address")."""
MOST_EMAIL = 254
"""RFC 5321, 4.5.3.1.3, less the angle brackets."""
MOST_NAME = 200
OPERATOR_JOINED = "account.operator_joined"
"""The job that follows an operator's account; its payload has `organization_id` and `user_id`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """A person who joins. `consented`: they agreed that calls are made and answered on their behalf."""

    email: str
    name: str = ""
    password_hash: str | None = None
    locale: str = "en"
    timezone: str = "UTC"
    country: str = "US"
    is_operator: bool = False
    consented: bool = False
    email_verified: bool = False


def fold_email(email: str) -> str:
    """The address as it is stored and compared: trimmed, in lower case.

    Raises:
        InvalidInput: `email_invalid`.
    """
    folded = email.strip().lower()
    if len(folded) > MOST_EMAIL or not _EMAIL.fullmatch(folded):
        raise InvalidInput("email_invalid", "this is not an e-mail address")
    return folded


async def create(work: UnitOfWork, account: NewAccount, *, now: dt.datetime, actor: str) -> User:
    """A user with a personal organization of their own.

    Raises:
        InvalidInput: `email_invalid`.
        Conflict: `email_taken`.
    """
    email = fold_email(account.email)
    name = _printable(account.name)
    organization = Organization(
        id=new_id(),
        kind=OrganizationKind.PERSONAL,
        name=name or email,
        timezone=account.timezone,
        country=account.country,
        locale=account.locale,
        retention_days=None,
        created_at=now,
    )
    user = await _found(work, organization, account, now=now, actor=actor)
    if account.is_operator:
        joined = {"organization_id": organization.id, "user_id": user.id}
        await outbox.enqueue(work, outbox.Job(kind=OPERATOR_JOINED, payload=joined))
    return user


async def create_business(
    work: UnitOfWork, account: NewAccount, *, organization_name: str, now: dt.datetime, actor: str
) -> User:
    """A user who owns a new organization of a business; what it pays for is opened by whoever sells it.

    Raises:
        InvalidInput: `email_invalid`, `name_invalid`.
        Conflict: `email_taken`.
    """
    name = _printable(organization_name)
    if not name or not _printable(account.name):
        raise InvalidInput("name_invalid", "say your name and the organization's in signs that can be read")
    organization = Organization(
        id=new_id(),
        kind=OrganizationKind.BUSINESS,
        name=name,
        timezone=account.timezone,
        country=account.country,
        locale=account.locale,
        retention_days=None,
        created_at=now,
    )
    return await _found(work, organization, account, now=now, actor=actor)


async def add_business(
    work: UnitOfWork, user_id: str, *, name: str, timezone: str, most: int | None, now: dt.datetime
) -> Organization:
    """Another organization that the user owns, beside their own; what it pays for is opened by whoever sells it.

    `most`: businesses that the user may have in all; None: any number.

    Raises:
        InvalidInput: `name_invalid`. NotAllowed: `too_many_businesses`.
    """
    user = await get_locked(work, user_id)  # two that are added at once are counted one after the other
    mine = await repository.list_memberships(work, user_id)
    if most is not None and sum(each.kind == OrganizationKind.BUSINESS for each, _ in mine) >= most:
        raise NotAllowed("too_many_businesses", f"one person may have {most} businesses here")
    readable = _printable(name)
    if not readable:
        raise InvalidInput("name_invalid", "say the business's name in signs that can be read")
    organization = Organization(
        id=new_id(),
        kind=OrganizationKind.BUSINESS,
        name=readable,
        timezone=timezone,
        locale=user.locale,
        created_at=now,
    )
    work.session.add(organization)
    await work.session.flush()
    work.session.add(Membership(organization_id=organization.id, user_id=user.id, role="OWNER"))
    made = organization.id
    audit.record(work, "organization.created", actor=user.id, at=now, subject=made, organization_id=made)
    return organization


async def list_memberships(work: UnitOfWork, user_id: str) -> Sequence[tuple[Organization, str]]:
    """The organizations that a user may look at, with their role in each, by name; in a unit of the system."""
    return await repository.list_memberships(work, user_id)


async def _found(
    work: UnitOfWork, organization: Organization, account: NewAccount, *, now: dt.datetime, actor: str
) -> User:
    """Write an organization with its owner. Raises InvalidInput `email_invalid`, Conflict `email_taken`."""
    user = User(
        id=new_id(),
        organization_id=organization.id,
        email=fold_email(account.email),
        email_verified_at=now if account.email_verified else None,
        name=_printable(account.name),
        phone=None,
        password_hash=account.password_hash,
        must_change_password=False,
        locale=account.locale,
        is_operator=account.is_operator,
        consented_at=now if account.consented else None,
        disabled_at=None,
        created_at=now,
    )
    if not await repository.add_user(work, organization, user):
        raise Conflict("email_taken", "there is an account with this address already; sign in instead")
    work.session.add(Membership(organization_id=organization.id, user_id=user.id, role="OWNER"))
    audit.record(
        work,
        "user.created",
        actor=actor,
        at=now,
        subject=user.id,
        organization_id=organization.id,
        facts={"consented": account.consented, "operator": account.is_operator},
    )
    return await get(work, user.id)


def _printable(name: str) -> str:
    """A name without what no database and no page can hold: control signs, lone halves of characters."""
    kept = "".join(sign for sign in " ".join(name.split()) if sign.isprintable())
    return kept[:MOST_NAME].strip()


async def get(work: UnitOfWork, user_id: str) -> User:
    """The user. Raises NotFound `user_not_found`."""
    user = await repository.find_user(work, user_id)
    if user is None:
        raise NotFound("user_not_found", "there is no such user")
    return user


async def get_locked(work: UnitOfWork, user_id: str) -> User:
    """The user, until the unit ends nobody else's to change. Raises NotFound `user_not_found`."""
    user = await repository.find_user(work, user_id, lock=True)
    if user is None:
        raise NotFound("user_not_found", "there is no such user")
    return user


async def get_organization(work: UnitOfWork, organization_id: str) -> Organization:
    """The organization. Raises NotFound `organization_not_found`."""
    organization = await repository.find_organization(work, organization_id)
    if organization is None:
        raise NotFound("organization_not_found", "there is no such organization")
    return organization


async def find_by_email(work: UnitOfWork, email: str) -> User | None:
    """The user of this address, however it is written; None also when it is no address."""
    try:
        return await repository.find_user_by_email(work, fold_email(email))
    except InvalidInput:
        return None


async def list_all(work: UnitOfWork) -> Sequence[User]:
    """Every user, oldest first."""
    return await repository.list_users(work)


async def is_first_start(work: UnitOfWork) -> bool:
    """Whether the operator has no account yet. A business that registered itself does not take their place."""
    return not await repository.any_person(work)


async def find_first(work: UnitOfWork) -> User | None:
    """The first person with an account, businesses aside: the operator of an installation; None before."""
    return await repository.find_first_user(work)


async def set_password(work: UnitOfWork, user_id: str, password_hash: str, *, now: dt.datetime, actor: str) -> None:
    """Give the user another password; one that was due is not due any more. Raises NotFound."""
    await _set(work, user_id, password_hash=password_hash, must_change_password=False)
    audit.record(work, "user.password_changed", actor=actor, at=now, subject=user_id)


async def force_password_change(work: UnitOfWork, user_id: str, *, now: dt.datetime, actor: str) -> None:
    """Let the user do nothing on the business surface before they chose another password. Raises NotFound."""
    await _set(work, user_id, must_change_password=True)
    audit.record(work, "user.password_change_forced", actor=actor, at=now, subject=user_id)


async def set_consent(work: UnitOfWork, user_id: str, *, given: bool, now: dt.datetime) -> None:
    """Note that the user agrees to calls on their behalf, or no longer does. Raises NotFound."""
    await _set(work, user_id, consented_at=now if given else None)
    action = "consent.given" if given else "consent.withdrawn"
    audit.record(work, action, actor=user_id, at=now, subject=user_id)


async def set_locale(work: UnitOfWork, user_id: str, locale: str) -> None:
    """Keep the language ("en", "es") in which the user reads pages and letters. Raises NotFound."""
    await _set(work, user_id, locale=locale)


async def set_name(work: UnitOfWork, user_id: str, name: str) -> None:
    """Keep what the person is called. Raises InvalidInput `name_invalid`, NotFound `user_not_found`."""
    readable = _printable(name)
    if not readable:
        raise InvalidInput("name_invalid", f"give a name of 1 to {MOST_NAME} characters")
    await _set(work, user_id, name=readable)


async def set_timezone(work: UnitOfWork, timezone: str, *, now: dt.datetime, actor: str) -> None:
    """Move this unit's organization to another zone (IANA). Raises InvalidInput `timezone_invalid`."""
    if timezone not in zoneinfo.available_timezones():
        raise InvalidInput("timezone_invalid", "choose a time zone such as America/New_York")
    organization = await get_organization(work, work.organization_id)
    if organization.timezone == timezone:
        return
    facts = {"from": organization.timezone, "to": timezone}
    organization.timezone = timezone
    subject = organization.id
    audit.record(work, "organization.timezone_changed", actor=actor, at=now, subject=subject, facts=facts)


async def set_disabled(work: UnitOfWork, user_id: str, *, disabled: bool, now: dt.datetime, actor: str) -> None:
    """Close or reopen an account; its data stays. Ending its tokens and sessions is identity's. Raises NotFound."""
    await _set(work, user_id, disabled_at=now if disabled else None)
    action = "user.disabled" if disabled else "user.enabled"
    audit.record(work, action, actor=actor, at=now, subject=user_id)


async def set_email_verified(work: UnitOfWork, user_id: str, *, now: dt.datetime, keep_password: bool) -> None:
    """Note that the address is the user's. Without `keep_password` the password goes: a stranger may have set it.

    Raises:
        NotFound: `user_not_found`.
    """
    await _set(work, user_id, email_verified_at=now)
    if not keep_password:
        await _set(work, user_id, password_hash=None)
    audit.record(
        work, "user.email_verified", actor=user_id, at=now, subject=user_id, facts={"kept_password": keep_password}
    )


async def _set(work: UnitOfWork, user_id: str, **columns: str | bool | dt.datetime | None) -> None:
    if not await repository.set_columns(work, user_id, **columns):
        raise NotFound("user_not_found", "there is no such user")
