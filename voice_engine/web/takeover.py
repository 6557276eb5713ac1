"""Ringing a human for a live call: one attempt, from the order until they are on the line, or to why not.

The leg is a call of its own at the carrier. Its webhooks carry, in our own query, the call that it belongs to and
an unguessable word for the attempt; its stream is ticketed as every stream is.
"""

import asyncio
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol
from urllib.parse import urlencode

import structlog

from voice_engine.errors import UpstreamFailed
from voice_engine.ports.telephony import OUTCOME_UNKNOWN, CallStatus, CallTelephony, DialOrder
from voice_engine.web.calls import BRIDGE, LEG, IncomingCall
from voice_engine.web.settings import CALLBACK_PATHS, VOICE_PATHS

RING_S: Final = 25
"""How long the human's phone rings: five rings, which is before most mailboxes answer."""

PATIENCE_S: Final = 32.0
"""From the order to the leg's stream, the dial and the answer's webhook included."""

ASK_S: Final = 25.0
"""From the leg's stream to the key with which a call is taken (`runtime.question` asks twice)."""

NO_ANSWER: Final = "no_answer"
CANCELLED: Final = "cancelled"
"""Handed back before anybody answered."""
CALL_OVER: Final = "call_not_active"
"""The other party did not wait."""

_REPORTED: Mapping[str, str] = {
    CallStatus.BUSY: "busy",
    CallStatus.NO_ANSWER: NO_ANSWER,
    CallStatus.FAILED: "dial_failed",
    CallStatus.CANCELED: NO_ANSWER,
    CallStatus.COMPLETED: NO_ANSWER,
}
"""Why a leg that has ended without a stream did not come, by the carrier's word."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class HumanCall:
    """Whom to ring for a call. `caller_id` is a number of ours; `limit_s` is how long the leg may last."""

    call_id: str
    number: str
    caller_id: str
    leg: str
    limit_s: int


class HumanDialer(Protocol):
    """Rings humans. Numbers come from configuration, never from speech."""

    async def dial_human(self, human: HumanCall) -> str:
        """Ring; returns the leg's call sid. Its answer comes as a webhook with `BRIDGE` and `LEG` in its query.

        Raises UpstreamFailed; `carrier_outcome_unknown`: it may ring all the same.
        """
        ...

    async def hang_up(self, call_sid: str) -> None:
        """End a leg, ringing or up; idempotent. Raises UpstreamFailed."""
        ...


class CarrierDialer:
    """`HumanDialer` over the carrier's account. `public_url` is the base of our webhooks."""

    def __init__(self, telephony: CallTelephony, *, public_url: str) -> None:
        self._telephony = telephony
        self._public_url = public_url

    async def dial_human(self, human: HumanCall) -> str:
        """As above; the carrier reports a leg that is not answered."""
        query = urlencode({BRIDGE: human.call_id, LEG: human.leg})
        placed = await self._telephony.place_call(
            DialOrder(
                to=human.number,
                from_number=human.caller_id,
                answer_url=f"{self._public_url}{VOICE_PATHS[0]}?{query}",
                status_url=f"{self._public_url}{CALLBACK_PATHS['status'][0]}?{query}",
                ring_timeout_s=RING_S,
                time_limit_s=human.limit_s,
            )
        )
        return placed.call_sid

    async def hang_up(self, call_sid: str) -> None:
        """End the leg."""
        await self._telephony.hang_up(call_sid)


class Takeover:
    """One attempt. `attempt` waits; the webhooks and the stream, the call's end and a change of mind settle it."""

    def __init__(self) -> None:
        self.leg = secrets.token_urlsafe(16)
        self._patience: asyncio.Timeout | None = None
        self._let_in = False
        self._call_sid: str | None = None
        self._outcome: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()

    @property
    def pending(self) -> bool:
        """Whether nobody has answered yet, and somebody still may."""
        return not self._outcome.done()

    def settle(self, error: str | None) -> bool:
        """It is decided: None, the human is on the line, or a code. The first word counts: whether this was it."""
        if not self.pending:
            return False
        self._outcome.set_result(error)
        return True

    def let_in(self) -> None:
        """The leg has its stream, and no other will: whoever picked up may be asked a question."""
        self._let_in = True
        if self._patience is not None and self.pending:
            self._patience.reschedule(asyncio.get_running_loop().time() + ASK_S)

    def expects(self, call: IncomingCall) -> bool:
        """Whether this call is the leg that rings. The carrier's answer to the dial may come after its webhook."""
        if self._let_in or not self.pending or not hmac.compare_digest(call.query.get(LEG, ""), self.leg):
            return False
        if self._call_sid is None:
            self._call_sid = call.call_sid
        return self._call_sid == call.call_sid

    def report(self, query: Mapping[str, str], form: Mapping[str, str]) -> None:
        """The carrier tells of the leg: an end before its stream settles the attempt."""
        if hmac.compare_digest(query.get(LEG, ""), self.leg):
            error = _REPORTED.get(form.get("CallStatus", ""))
            if error is not None:
                self.settle(error)

    async def attempt(self, dialer: HumanDialer, human: HumanCall) -> str | None:
        """Ring and wait for the human; None: they are on the line. Else why not, and nothing rings any more."""
        error: str | None
        try:
            async with asyncio.timeout(PATIENCE_S) as self._patience:
                await self._dial(dialer, human)
                error = await self._outcome
        except TimeoutError:
            error = NO_ANSWER
        except UpstreamFailed as failure:
            error = failure.code
        finally:
            self.settle(error)
        if error is not None and self._call_sid is not None:
            await self._give_up(dialer, self._call_sid, human.call_id)
        return error

    async def _dial(self, dialer: HumanDialer, human: HumanCall) -> None:
        try:
            self._call_sid = await dialer.dial_human(human)
        except UpstreamFailed as error:
            if error.code != OUTCOME_UNKNOWN:
                raise
            _log.warning("takeover.dial_unknown", call_id=human.call_id)

    async def _give_up(self, dialer: HumanDialer, call_sid: str, call_id: str) -> None:
        try:
            await dialer.hang_up(call_sid)
        except UpstreamFailed as error:  # It stops ringing by itself; whoever answers is hung up on.
            _log.warning("takeover.leg_left", call_id=call_id, call_sid=call_sid, code=error.code)
