"""Answers that are given again: one row a key, inserted before the effect and in its transaction.

The key's scope is user, method and path; it lives 24 hours with a hash of the canonical body.
"""

import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from voice_engine.errors import Conflict
from voice_engine.store.rows import ID_LENGTH, TenantRow, id_column, new_id
from voice_engine.store.uow import UnitOfWork
from voice_engine.store.upsert import changed_rows, insert_once

KEPT = dt.timedelta(hours=24)


class IdempotencyRow(TenantRow):
    """One key. `resource_id` is what the request made; `status` and `body` are its answer, once there is one."""

    __tablename__ = "idempotency_keys"

    id: Mapped[str] = id_column()
    user_id: Mapped[str] = mapped_column(sa.String(ID_LENGTH))
    route: Mapped[str] = mapped_column(sa.String(200))
    key: Mapped[str] = mapped_column(sa.String(255))
    body_hash: Mapped[str] = mapped_column(sa.String(64))
    resource_id: Mapped[str | None] = mapped_column(sa.String(ID_LENGTH))
    status: Mapped[int | None]
    body: Mapped[dict[str, Any] | None]
    created_at: Mapped[dt.datetime]

    __table_args__ = (sa.UniqueConstraint("user_id", "route", "key"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyedRequest:
    """A request that may come again. `route` is "POST /v1/calls"."""

    user_id: str
    route: str
    key: str
    body_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierRequest:
    """What is known of the first request with this key; `status` None: it is not answered yet."""

    resource_id: str | None
    status: int | None
    body: dict[str, Any] | None


def hash_body(body: Any) -> str:  # any JSON
    """The same for bodies that say the same: keys sorted, no spaces."""
    return hashlib.sha256(json.dumps(body, sort_keys=True, separators=(",", ":"), default=str).encode()).hexdigest()


async def claim(
    work: UnitOfWork, request: KeyedRequest, *, now: dt.datetime, kept: dt.timedelta = KEPT
) -> EarlierRequest | None:
    """Take the key for this request; the earlier request's answer when it was taken less than `kept` ago.

    A second transaction waits here for the first one's end, so that of two at once one wins.

    Raises:
        Conflict: `idempotency_conflict`: the key was used with another body.
    """
    await _forget(work, request, before=now - kept)
    row = {
        "id": new_id(),
        "user_id": request.user_id,
        "route": request.route,
        "key": request.key,
        "body_hash": request.body_hash,
        "created_at": now,
    }
    if await insert_once(work, IdempotencyRow, row):
        return None
    known = await work.session.scalar(sa.select(IdempotencyRow).where(*_same(request)))
    if known is None or known.body_hash != request.body_hash:
        raise Conflict(
            "idempotency_conflict",
            "this Idempotency-Key was used with another body; send a new key with a new request",
        )
    return EarlierRequest(resource_id=known.resource_id, status=known.status, body=known.body)


async def attach(work: UnitOfWork, request: KeyedRequest, *, resource_id: str) -> None:
    """Note what the request made, in the transaction that makes it."""
    await _update(work, request, resource_id=resource_id)


async def withdraw(work: UnitOfWork, *, resource_id: str) -> None:
    """Free the key of a request that came to nothing after it was taken, so that it can be sent again."""
    await changed_rows(work, sa.delete(IdempotencyRow).where(IdempotencyRow.resource_id == resource_id))


async def answer(work: UnitOfWork, request: KeyedRequest, *, status: int, body: dict[str, Any]) -> None:
    """Keep the answer for the next time."""
    await _update(work, request, status=status, body=body)


def _same(request: KeyedRequest) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        IdempotencyRow.user_id == request.user_id,
        IdempotencyRow.route == request.route,
        IdempotencyRow.key == request.key,
    )


async def _update(work: UnitOfWork, request: KeyedRequest, **values: Any) -> None:  # columns
    await changed_rows(work, sa.update(IdempotencyRow).where(*_same(request)).values(**values))


async def _forget(work: UnitOfWork, request: KeyedRequest, *, before: dt.datetime) -> None:
    await changed_rows(work, sa.delete(IdempotencyRow).where(*_same(request), IdempotencyRow.created_at < before))
