"""The SQL of an organization's numbers and of the phones that they forward to."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from voice_engine.domains.accounts.models import Organization
from voice_engine.domains.numbers.models import ForwardingTarget, NumberStatus, NumberType, PhoneNumber
from voice_engine.store.uow import UnitOfWork
from voice_engine.store.upsert import changed_rows, insert_once

FORWARDING_LOCK = 0x666F7277
"""The advisory lock of whoever looks for circles ("forw"); SQLite has one writer anyway."""

_LIVE = PhoneNumber.status != NumberStatus.RELEASED
_BOUGHT = PhoneNumber.type == NumberType.PROVISIONED


async def lock(work: UnitOfWork) -> None:
    """Let nobody else choose the organization's default numbers until this unit ends."""
    own = sa.select(Organization.id).where(Organization.id == work.organization_id)
    await work.session.execute(own.with_for_update())


async def add(work: UnitOfWork, number: PhoneNumber) -> bool:
    """Write a new number; False when the organization has it, or, if it is bought, anybody has."""
    values = {column.key: getattr(number, column.key) for column in sa.inspect(PhoneNumber).column_attrs}
    return await insert_once(work, PhoneNumber, values)


async def find(work: UnitOfWork, number_id: str) -> PhoneNumber | None:
    """The number as it stands now; None when it was released."""
    return await _find(work, PhoneNumber.id == number_id)


async def find_own(work: UnitOfWork, e164: str) -> PhoneNumber | None:
    """The organization's number, bought or its own phone."""
    return await _find(work, PhoneNumber.e164 == e164)


async def find_by_e164(work: UnitOfWork, e164: str) -> PhoneNumber | None:
    """The bought number that a call came in on, of any organization in a unit of the system; None: not ours."""
    return await _find(work, PhoneNumber.e164 == e164, _BOUGHT)


async def find_by_id(work: UnitOfWork, number_id: str) -> PhoneNumber | None:
    """The number, released or not."""
    statement = sa.select(PhoneNumber).where(PhoneNumber.id == number_id).execution_options(populate_existing=True)
    found: PhoneNumber | None = await work.session.scalar(statement)
    return found


async def is_bought(work: UnitOfWork, e164: str) -> bool:
    """Whether anybody bought the number here. Read over the bare table, past the tenant's filter: yes or no."""
    table = sa.inspect(PhoneNumber).local_table
    taken = sa.select(table.c.id).where(table.c.e164 == e164, *_bought_in(table)).limit(1)
    return (await work.session.execute(taken)).first() is not None


async def list_live(work: UnitOfWork) -> Sequence[PhoneNumber]:
    """The organization's numbers, oldest first."""
    oldest = sa.select(PhoneNumber).where(_LIVE).order_by(PhoneNumber.created_at, PhoneNumber.id)
    return (await work.session.scalars(oldest.execution_options(populate_existing=True))).all()


async def list_bought_ever(work: UnitOfWork) -> Sequence[PhoneNumber]:
    """Every number that the organization bought, released ones too, oldest first."""
    statement = sa.select(PhoneNumber).where(_BOUGHT).order_by(PhoneNumber.created_at, PhoneNumber.id)
    return (await work.session.scalars(statement.execution_options(populate_existing=True))).all()


def bought_ids(organization_id: str) -> sa.Select[str]:
    """The bought numbers that the organization has."""
    return sa.select(PhoneNumber.id).where(_LIVE, _BOUGHT, PhoneNumber.organization_id == organization_id)


async def list_known_sids(work: UnitOfWork, sids: Sequence[str]) -> frozenset[str]:
    """Which of the carrier's ids are or were anybody's; in a unit of the system."""
    known = sa.select(PhoneNumber.provider_sid).where(PhoneNumber.provider_sid.in_(sids))
    return frozenset(sid for sid in (await work.session.scalars(known)).all() if sid is not None)


async def find_shown(work: UnitOfWork) -> PhoneNumber | None:
    """The number that the organization's calls show: its default, else the oldest that it bought."""
    shown = sa.or_(_BOUGHT, PhoneNumber.is_default_outbound.is_(True))
    order = (PhoneNumber.is_default_outbound.desc(), PhoneNumber.created_at, PhoneNumber.id)
    statement = (
        sa.select(PhoneNumber).where(PhoneNumber.status == NumberStatus.ACTIVE, shown).order_by(*order).limit(1)
    )
    found: PhoneNumber | None = await work.session.scalar(statement)
    return found


async def change(work: UnitOfWork, number_id: str, *, when: NumberStatus | None = None, **values: Any) -> bool:
    """Set columns of a number that is not released, or that stands at `when`; whether it did."""
    standing = _LIVE if when is None else PhoneNumber.status == when
    return (
        await changed_rows(
            work, sa.update(PhoneNumber).where(PhoneNumber.id == number_id, standing).values(**values)
        )
        > 0
    )


async def set_default(work: UnitOfWork, number_id: str) -> None:
    """Have calls show this number and no other; under the organization's `lock`."""
    others = sa.update(PhoneNumber).where(PhoneNumber.is_default_outbound.is_(True), PhoneNumber.id != number_id)
    await changed_rows(work, others.values(is_default_outbound=False))
    await change(work, number_id, is_default_outbound=True)


async def stop_forwarding_to(work: UnitOfWork, e164: str) -> None:
    """No number of the organization forwards there any more, and it is no target."""
    forwarding = sa.update(PhoneNumber).where(PhoneNumber.forwarding_number == e164, _LIVE)
    await changed_rows(work, forwarding.values(forwarding_number=None))
    await changed_rows(work, sa.delete(ForwardingTarget).where(ForwardingTarget.e164 == e164))


async def hold_forwarding(work: UnitOfWork) -> None:
    """Let nobody else change a forwarding until this unit ends: two halves of a circle must not pass each other."""
    if work.session.get_bind().dialect.name == "postgresql":
        await work.session.execute(sa.select(sa.func.pg_advisory_xact_lock(FORWARDING_LOCK)))


async def find_next_hop(work: UnitOfWork, e164: str) -> str | None:
    """Where the bought number forwards to, whoever has it; None: nowhere, or nobody has it here.

    Read over the bare table, past the tenant's filter: a circle may lead through another organization's number.
    """
    table = sa.inspect(PhoneNumber).local_table
    hop = sa.select(table.c.forwarding_number).where(table.c.e164 == e164, *_bought_in(table))
    row = (await work.session.execute(hop)).first()
    return None if row is None else row[0]


# -- targets -------------------------------------------------------------------------------------------------


async def list_targets(work: UnitOfWork) -> Sequence[ForwardingTarget]:
    """The organization's forwarding targets, the default first, then the oldest."""
    order = (ForwardingTarget.is_default.desc(), ForwardingTarget.created_at, ForwardingTarget.id)
    statement = sa.select(ForwardingTarget).order_by(*order).execution_options(populate_existing=True)
    return (await work.session.scalars(statement)).all()


async def put_target(work: UnitOfWork, target: ForwardingTarget) -> None:
    """Add a target, or change the label of the one with this number. A default displaces the one before; the
    first is the default in any case. Under the organization's `lock`."""
    values = {
        "id": target.id,
        "e164": target.e164,
        "label": target.label,
        "is_default": False,
        "created_at": target.created_at,
    }
    same = ForwardingTarget.e164 == target.e164
    if not await insert_once(work, ForwardingTarget, values) and target.label is not None:
        await changed_rows(work, sa.update(ForwardingTarget).where(same).values(label=target.label))
    has_default = sa.select(sa.exists().where(ForwardingTarget.is_default.is_(True)))
    if target.is_default or not await work.session.scalar(has_default):
        await changed_rows(work, sa.update(ForwardingTarget).values(is_default=sa.case((same, True), else_=False)))


def _bought_in(table: sa.FromClause) -> tuple[sa.ColumnElement[bool], ...]:
    return (table.c.type == NumberType.PROVISIONED, table.c.status != NumberStatus.RELEASED)


async def _find(work: UnitOfWork, *which: sa.ColumnElement[bool]) -> PhoneNumber | None:
    statement = sa.select(PhoneNumber).where(*which, _LIVE).execution_options(populate_existing=True)
    found: PhoneNumber | None = await work.session.scalar(statement)
    return found
