"""The human's end of a takeover or transfer: a second media stream, of a phone or a browser, whose audio is the
bridge's."""

import asyncio
from collections import deque
from collections.abc import Callable

from voice_engine.runtime.bridge import Bridge, Guest
from voice_engine.runtime.mouth import RELAY_FRAMES, Link, Relay, Stream
from voice_engine.runtime.question import Question

DECLINED = "declined"
"""Somebody, or something, picked up and did not take the call."""


class HumanLeg:
    """`stream.Party` for the second leg's socket, `bridge.HumanSide` for the bridge. It serves one stream.

    A leg whose socket is lost has left: the engine leads the call again, and whoever is still on the second leg
    is hung up on by the carrier. `question` None: whoever picks up is on the line at once. `decide` is told of the
    answer (None, or why not) and says whether the leg is still wanted. `guest`: the leg is a browser's.
    """

    def __init__(
        self,
        bridge: Bridge,
        *,
        decide: Callable[[str | None], bool],
        transfer: bool = False,
        question: Question | None = None,
        guest: Guest | None = None,
    ) -> None:
        self._bridge = bridge
        self._decide = decide
        self._transfer = transfer
        self._question = question
        self._guest = guest
        self._stream: Stream | None = None
        self._link: Link | None = None
        self._outbox: deque[Relay] = deque(maxlen=RELAY_FRAMES)
        self._wake = asyncio.Event()

    # The stream's side.

    def attach(self, call_sid: str, stream: Stream, link: Link) -> None:
        """The phone was picked up."""
        self._stream, self._link = stream, link
        if self._question is None:
            self._take()
        else:
            self._bridge.consider(self._ask(self._question, link))

    async def _ask(self, question: Question, link: Link) -> None:
        if await question.ask(link):
            self._take()
        else:
            self._decide(DECLINED)

    def _take(self) -> None:
        if self._decide(None):
            self._bridge.join(self, transfer=self._transfer, guest=self._guest)
        elif self._guest is not None:
            self._bridge.consider(self.close())

    def media(self, timestamp_ms: int, payload: bytes) -> None:
        """What the human says."""
        self._bridge.heard_human(self, timestamp_ms, payload)

    def mark(self, name: str) -> None:
        """There are none: nothing waits for its end here."""

    def digit(self, digit: str) -> None:
        """A key answers the question. Later they have no meaning: their tones reach the other party as audio."""
        if self._question is not None:
            self._question.pressed(digit)

    def gap(self, count: int) -> None:
        """Lost media of this leg are nobody's decision."""

    def stopped(self, stream: Stream) -> None:
        """The human hung up."""
        self._leave()

    def detached(self, stream: Stream) -> None:
        """The leg's socket is gone."""
        self._leave()

    def crashed(self) -> None:
        """A defect in this leg's media costs the leg, not the call."""
        self._leave()

    def _leave(self) -> None:
        if self._question is not None:
            self._question.left()
        self._bridge.leave("human_hung_up", side=self)

    # The bridge's side.

    def play(self, payload: bytes) -> None:
        """Queue audio for the human; beyond half a second the oldest is lost."""
        self._outbox.append(Relay(payload=payload))
        self._wake.set()

    async def run(self) -> None:
        """Send what is to be played, until cancelled."""
        assert self._link is not None
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._outbox:
                await self._link.write(self._outbox.popleft())

    async def close(self) -> None:
        """End the leg: the carrier asks what next, and is told to hang up."""
        if self._stream is not None:
            await self._stream.close()
