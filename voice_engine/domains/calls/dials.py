"""Which of the carrier's calls is which of our dials.

The answer to our order says so, and every callback does, since our ids are in its URL. When the answer got lost the
numbers say it, which is a guess where two such dials ring the same number: then a callback's word is the truth.
"""

import datetime as dt

from voice_engine.domains.calls import words
from voice_engine.domains.calls.models import Call, CallAttempt
from voice_engine.domains.calls.repository import attempts, calls
from voice_engine.domains.calls.states import LIVE, AttemptState
from voice_engine.store.engine import Store
from voice_engine.store.outbox import Job, enqueue
from voice_engine.store.uow import UnitOfWork

UNDIALLED = (AttemptState.PLACING, AttemptState.UNKNOWN)
"""Nobody has told us yet that the carrier took the order."""


def is_open(dial: CallAttempt) -> bool:
    """Whether a callback may still tell the carrier's id of this dial: none is known, or one was only guessed."""
    return dial.state in UNDIALLED or (dial.state == AttemptState.PLACED and dial.guessed)


async def bind_sid(
    work: UnitOfWork, call: Call, dial: CallAttempt, call_sid: str, *, now: dt.datetime, guessed: bool = False
) -> bool:
    """The carrier took the order: this is its id of the call. False: the dial had been given up or bound before.

    Raises:
        Conflict: `carrier_id_taken`: another dial was thought to have it.
    """
    when = (*UNDIALLED, AttemptState.PLACED) if is_open(dial) else UNDIALLED
    placed = {"state": AttemptState.PLACED, "provider_sid": call_sid, "placed_at": now, "guessed": guessed}
    bound = await attempts.bind(work, dial.id, when=when, **placed)
    if bound:
        await calls.change(work, call.id, when=LIVE, provider_sid=call_sid)
    return bound


async def take_sid(
    work: UnitOfWork, call: Call, dial: CallAttempt, call_sid: str, *, now: dt.datetime, guessed: bool = False
) -> None:
    """The carrier has the call under this id. One that is not wanted any more is hung up."""
    bound = await bind_sid(work, call, dial, call_sid, now=now, guessed=guessed)
    wanted = call.status in LIVE and call.stop_requested_at is None
    if not wanted or not (bound or dial.provider_sid == call_sid):
        await enqueue(work, Job(kind=words.HANG_UP, payload={"call_id": call.id, "call_sid": call_sid}))


async def free_sid(store: Store, call_sid: str) -> None:
    """A dial was thought to have this id and has not: it is looked for anew."""
    async with store.system("a carrier id knows no tenant") as work:
        wrong = await attempts.let_go(work, call_sid)
        if wrong is None:
            return
        await calls.change(work, wrong.call_id, when=LIVE, provider_sid=None)
        payload = {"attempt_id": wrong.id, "call_id": wrong.call_id, "look": 0}
        await enqueue(work, Job(kind=words.LOOK_FOR, payload=payload))
