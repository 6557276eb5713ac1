"""The gate with its lists: what `numbers.check_number` decides, from the database, inside a unit of work."""

import datetime as dt

from voice_engine.domains.safety import repository
from voice_engine.domains.safety.numbers import (
    Reach,
    SafeNumber,
    blocked_number,
    screen_number,
    suppression_violation,
)
from voice_engine.store.uow import UnitOfWork


async def gate(work: UnitOfWork, raw: str | None, reach: Reach, *, own_target: bool = False) -> SafeNumber:
    """`raw` as a number that may be called now.

    `own_target`: it is the account's own forwarding or transfer target, where nobody is called unasked.

    Raises:
        InvalidInput: `missing_phone_number`, `emergency_number`, `invalid_phone_number`, `toll_number`.
        NotAllowed: `unsupported_country`, `country_restriction`, `blocked_number`, `suppression_violation`.
    """
    number = screen_number(raw, reach)
    listed = await repository.look_up(work, number.e164)
    if listed.blocked:
        raise blocked_number()
    if listed.suppressed and not own_target:
        raise suppression_violation()
    return number


async def block(work: UnitOfWork, e164: str, *, reason: str, now: dt.datetime) -> bool:
    """Put a number on the operator's list; whether it is new there."""
    return await repository.add_blocked(work, e164, reason=reason, now=now)


async def unblock(work: UnitOfWork, e164: str) -> bool:
    """Take a number off the operator's list; whether it was there."""
    return await repository.remove_blocked(work, e164)


async def suppress(work: UnitOfWork, e164: str, *, now: dt.datetime, call_id: str | None = None) -> bool:
    """Note that the number's owner wants no more calls, said in `call_id` or else imported; whether that is new."""
    source = "list" if call_id is None else "call"
    return await repository.add_suppression(work, e164, source=source, call_id=call_id, now=now)


async def allow_again(work: UnitOfWork, e164: str) -> bool:
    """Forget a wish for no calls: only its owner may ask for that. Whether there was one."""
    return await repository.remove_suppression(work, e164)
