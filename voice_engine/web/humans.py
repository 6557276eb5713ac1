"""The humans of one live call: whom its owner, or the call itself, has rung; at most one at a time.

A takeover may be handed back; a transfer (`runtime.transferring`) is for good once its target has taken the call.
"""

import asyncio
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass

from voice_engine.domains.calls.words import UNANNOUNCED
from voice_engine.ports.call import CallSpec
from voice_engine.runtime.bridge import Bridge, Guest
from voice_engine.runtime.humanleg import HumanLeg
from voice_engine.runtime.session import CallSession
from voice_engine.runtime.transferring import IN_PROGRESS
from voice_engine.web.calls import IncomingCall
from voice_engine.web.takeover import CALL_OVER, CANCELLED, HumanCall, HumanDialer, Takeover

UNAVAILABLE = "takeover_unavailable"
NUMBER_MISSING = "number_missing"
NOT_TAKEN_OVER = "not_taken_over"
TICKET_MISSING = "ticket_missing"
TEXT_MISSING = "text_missing"
HUMAN_ON_LINE = "human_on_line"
"""Nobody is there to be whispered to: a human leads the call."""
NOT_REDIRECTABLE = "not_redirectable"
"""The other party is a browser: nobody can connect it elsewhere, only somebody to it."""


GUEST_S = 60.0
"""How long a browser has from the order to its stream: asking for the microphone is part of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Expected:
    """A browser that was promised the call until `until` (the loop's time)."""

    ticket: str
    guest: Guest
    until: float


def digest_of(ticket: str) -> str:
    """What an order says of a ticket: nobody who reads the row can use it."""
    return hashlib.sha256(ticket.encode()).hexdigest()


class Humans:
    """`runtime.transferring.Reach` of one call, and its owner's orders to it. `connect` completes the wiring.

    `tasks` outlives the call. `dialer` None: nobody can be rung. `asks`: whoever picks up at a transfer's target
    has to take the call by a key.
    """

    def __init__(
        self,
        call: IncomingCall,
        spec: CallSpec,
        *,
        dialer: HumanDialer | None,
        tasks: asyncio.TaskGroup,
        asks: bool,
    ) -> None:
        self._call = call
        self._spec = spec
        self._dialer = dialer
        self._tasks = tasks
        self._asks = asks
        self._attempt: Takeover | None = None
        self._transfers = False
        self._asking = False
        self._unannounced = False
        self._guest: _Expected | None = None

    def connect(self, session: CallSession) -> None:
        """Give the session, whose construction needs this."""
        self._session = session

    # Orders of the owner; the code of why not.

    async def take_over(self, number: str | None) -> str | None:
        """Ring a human and put them on the line; returns once they are, or it is known that they will not be."""
        bridge = self._session.bridge
        if self._dialer is None:
            return UNAVAILABLE
        if number is None:
            return NUMBER_MISSING
        if bridge is None:
            return CALL_OVER
        if bridge.active or self._attempt is not None:
            return IN_PROGRESS
        bridge.ringing()
        error = await self._ring(self._dialer, number, transfer=False)
        if error is not None and self._session.bridge is not None:
            bridge.unreached(error)
        return error

    async def transfer(self, number: str | None, announce: str | None = None) -> str | None:
        """Put the other party through to `number`; returns once somebody there has the call, or nobody will.

        A human who has taken the call over may pass it on: there the carrier connects it, for good. `announce`
        `UNANNOUNCED`: whoever picks up has the call at once, be it a machine.
        """
        bridge = self._session.bridge
        if number is None:
            return NUMBER_MISSING
        if bridge is None:
            return CALL_OVER
        if bridge.active and self._call.visitor is not None:
            return NOT_REDIRECTABLE
        if bridge.transfers is None or bridge.active:
            return None if await self._session.hand_over(number) else CALL_OVER
        if bridge.transfers.target is None:  # else it is refused, and the one that rings goes on as it began
            self._unannounced = announce == UNANNOUNCED
        return await bridge.transfers.begin(number, target=number, ordered=True)

    def expect_guest(self, ticket: str | None, user_id: str | None) -> str | None:
        """Somebody will take the call over in a browser, by a ticket of which this is the SHA-256, in hex.

        The newest one counts: whoever asks twice has lost the first.
        """
        bridge = self._session.bridge
        if ticket is None or user_id is None:
            return TICKET_MISSING
        if bridge is None:
            return CALL_OVER
        if bridge.active or self._attempt is not None:
            return IN_PROGRESS
        until = asyncio.get_running_loop().time() + GUEST_S
        self._guest = _Expected(ticket=ticket, guest=Guest(user_id=user_id), until=until)
        return None

    def guest(self, ticket: str, user_id: str) -> HumanLeg | None:
        """This person's browser has come, with its ticket, which works once; None: not this call's, or not theirs.

        A ticket in the wrong hands is spent: whoever has it should not.
        """
        expected, bridge = self._guest, self._session.bridge
        if expected is None or not hmac.compare_digest(digest_of(ticket), expected.ticket):
            return None
        self._guest = None
        is_theirs = expected.guest.user_id == user_id
        if bridge is None or not is_theirs or asyncio.get_running_loop().time() >= expected.until:
            return None

        def is_wanted(error: str | None) -> bool:
            return error is None and not bridge.active and self._attempt is None

        return HumanLeg(bridge, decide=is_wanted, guest=expected.guest)

    def hand_back(self) -> str | None:
        """The engine leads again: the human is taken off the line, or is not rung any longer."""
        bridge = self._session.bridge
        if self._attempt is not None and self._attempt.pending:
            self.cancel()
        elif bridge is not None and bridge.active and bridge.transferred_to is None:
            bridge.leave("handed_back")
        else:
            return NOT_TAKEN_OVER
        return None

    def whisper(self, text: str | None) -> str | None:
        """The owner writes to the engine alone."""
        bridge = self._session.bridge
        if not text:
            return TEXT_MISSING
        if bridge is None:
            return CALL_OVER
        return None if bridge.whisper(text) else HUMAN_ON_LINE

    # The call's own transfers (`Reach`).

    async def ring(self, number: str) -> str | None:
        """Ring a transfer's target. The attempt outlives whoever waits for it: a leg that rings is hung up on."""
        if self._dialer is None:
            return UNAVAILABLE
        if self._attempt is not None:
            return IN_PROGRESS
        asks, self._unannounced = self._asks and not self._unannounced, False
        ringing = self._tasks.create_task(self._ring(self._dialer, number, transfer=True, asks=asks), name="ring")
        return await asyncio.shield(ringing)

    def cancel(self) -> None:
        """Nobody is to be rung any longer."""
        if self._attempt is not None:
            self._attempt.settle(CANCELLED)

    # The leg's webhooks and its stream.

    def expects(self, leg: IncomingCall) -> bool:
        """Whether this leg was rung for the call, which still waits for it."""
        return self._session.bridge is not None and self._attempt is not None and self._attempt.expects(leg)

    def report(self, query: Mapping[str, str], form: Mapping[str, str]) -> None:
        """The carrier tells of a leg."""
        if self._attempt is not None:
            self._attempt.report(query, form)

    def let_in(self, leg: IncomingCall) -> HumanLeg | None:
        """The leg's stream has come; None: it is not (any more) waited for."""
        bridge, attempt = self._session.bridge, self._attempt
        if bridge is None or attempt is None or not attempt.expects(leg):
            return None
        attempt.let_in()
        return self._leg(bridge, attempt)

    def call_over(self) -> None:
        """The other party did not wait."""
        if self._attempt is not None:
            self._attempt.settle(CALL_OVER)

    def _leg(self, bridge: Bridge, attempt: Takeover) -> HumanLeg:
        question = bridge.question() if self._asking else None
        return HumanLeg(bridge, decide=attempt.settle, transfer=self._transfers, question=question)

    async def _ring(self, dialer: HumanDialer, number: str, *, transfer: bool, asks: bool = False) -> str | None:
        self._attempt = attempt = Takeover()
        self._transfers, self._asking = transfer, asks
        try:
            return await attempt.attempt(dialer, self._human(number, attempt.leg))
        finally:
            self._attempt = None

    def _human(self, number: str, leg: str) -> HumanCall:
        """The human who is rung sees the number of ours that the call runs over."""
        ours = self._call.callee if self._spec.direction == "inbound" else self._call.caller
        limit_s = self._spec.limits.max_seconds
        return HumanCall(call_id=self._spec.call_id, number=number, caller_id=ours, leg=leg, limit_s=limit_s)
