"""The SQL of verification codes: how many were sent, how often one was tried."""

import datetime as dt

import sqlalchemy as sa

from voice_engine.domains.numbers.models import CodeSend, NumberProof, ProofState
from voice_engine.store.uow import UnitOfWork
from voice_engine.store.upsert import changed_rows

SENDING_LOCK = 0x636F6465
"""The advisory lock of whoever counts sends ("code"); SQLite has one writer anyway."""


async def hold_sending(work: UnitOfWork) -> None:
    """Let nobody else count sends until this unit ends, so that two do not both take the last one."""
    if work.session.get_bind().dialect.name == "postgresql":
        await work.session.execute(sa.select(sa.func.pg_advisory_xact_lock(SENDING_LOCK)))


async def list_sends_to(work: UnitOfWork, e164: str, *, since: dt.datetime) -> list[dt.datetime]:
    """When codes went to this number, oldest first; whoever asked.

    Read over the bare table, past the tenant's filter: times, nobody's rows.
    """
    table = sa.inspect(CodeSend).local_table
    statement = sa.select(table.c.sent_at).where(table.c.e164 == e164, table.c.sent_at > since)
    return list((await work.session.execute(statement.order_by(table.c.sent_at))).scalars())


async def list_own_sends(work: UnitOfWork, *, since: dt.datetime) -> list[dt.datetime]:
    """When codes were sent for this organization, oldest first."""
    statement = sa.select(CodeSend.sent_at).where(CodeSend.sent_at > since).order_by(CodeSend.sent_at)
    return list((await work.session.scalars(statement)).all())


async def add_send(work: UnitOfWork, send: CodeSend) -> None:
    """Note a send."""
    work.session.add(send)
    await work.session.flush()


async def remove_send(work: UnitOfWork, send_id: str) -> None:
    """Forget a send that the carrier refused: it cost nothing and rang nobody."""
    await changed_rows(work, sa.delete(CodeSend).where(CodeSend.id == send_id))


async def put(work: UnitOfWork, proof: NumberProof) -> NumberProof:
    """Note that a code is on its way. One of the same verification goes on, with the tries that were made of it."""
    same = sa.select(NumberProof).where(
        NumberProof.provider_sid == proof.provider_sid, NumberProof.e164 == proof.e164
    )
    known: NumberProof | None = await work.session.scalar(same.limit(1))
    if known is not None:
        known.channel = proof.channel
        if known.state == ProofState.GONE:  # dropped here, with a number that was given up, not by the carrier
            known.state = ProofState.PENDING
        return known
    work.session.add(proof)
    await work.session.flush()
    return proof


async def find_newest(work: UnitOfWork, e164: str) -> NumberProof | None:
    """The organization's last verification of this number."""
    newest = sa.select(NumberProof).where(NumberProof.e164 == e164).order_by(NumberProof.created_at.desc())
    found: NumberProof | None = await work.session.scalar(newest.limit(1).execution_options(populate_existing=True))
    return found


async def count_try(work: UnitOfWork, proof_id: str, *, most: int) -> bool:
    """Take one of the tries that are left; False when none is."""
    left = (NumberProof.id == proof_id, NumberProof.state == ProofState.PENDING, NumberProof.tries < most)
    return await changed_rows(work, sa.update(NumberProof).where(*left).values(tries=NumberProof.tries + 1)) > 0


async def give_back_try(work: UnitOfWork, proof_id: str) -> None:
    """The carrier did not judge the code: the try does not count."""
    which = (NumberProof.id == proof_id, NumberProof.tries > 0)
    await changed_rows(work, sa.update(NumberProof).where(*which).values(tries=NumberProof.tries - 1))


async def end(work: UnitOfWork, proof_id: str, state: ProofState) -> bool:
    """Close a pending verification; whether this did it."""
    pending = (NumberProof.id == proof_id, NumberProof.state == ProofState.PENDING)
    return await changed_rows(work, sa.update(NumberProof).where(*pending).values(state=state)) > 0


async def drop_pending(work: UnitOfWork, e164: str) -> None:
    """Codes on their way to this number prove nothing any more."""
    pending = (NumberProof.e164 == e164, NumberProof.state == ProofState.PENDING)
    await changed_rows(work, sa.update(NumberProof).where(*pending).values(state=ProofState.GONE))
