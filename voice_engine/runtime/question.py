"""Asking whoever picked up a transfer's leg whether they take the call: a key says yes, a mailbox presses none."""

import asyncio
from contextlib import aclosing
from typing import Final

import structlog

from voice_engine.audio import mulaw
from voice_engine.core.playout.model import SendClear
from voice_engine.errors import QuotaExceeded, UpstreamFailed
from voice_engine.ports.tts import TTS, SpeechRequest
from voice_engine.runtime.mouth import Link, Relay

KEY: Final = "1"
TIMES: Final = 2
"""How often it is asked: a phone is at the ear about two seconds after it was picked up."""
PAUSE_S: Final = 3.0
"""For the key, after each time."""
SPEECH_S: Final = 5.0
"""How long the voice may take to make the question."""
PIECE_BYTES: Final = 8_000
"""A second of audio a message: the carrier queues what comes early."""

log = structlog.get_logger(__name__)


class Question:
    """One question to one leg."""

    def __init__(self, tts: TTS, request: SpeechRequest) -> None:
        self._tts = tts
        self._request = request
        self._answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def pressed(self, digit: str) -> None:
        """A key of the leg's phone: the right one is a yes, any other a no."""
        self._settle(digit == KEY)

    def left(self) -> None:
        """They hung up."""
        self._settle(False)

    async def ask(self, link: Link) -> bool:
        """Say it over `link` and wait for the key; False: nobody takes the call.

        A voice that fails is no reason to lose somebody who has answered: they have the call.
        """
        try:
            async with asyncio.timeout(SPEECH_S):
                audio = await self._spoken()
        except (UpstreamFailed, QuotaExceeded, TimeoutError) as error:
            log.warning("transfer.not_asked", reason=type(error).__name__)
            return True
        for _ in range(TIMES):
            for at in range(0, len(audio), PIECE_BYTES):
                await link.write(Relay(payload=audio[at : at + PIECE_BYTES]))
            try:
                async with asyncio.timeout(len(audio) / 8000 + PAUSE_S):
                    yes = await asyncio.shield(self._answer)
            except TimeoutError:
                continue
            await link.write(SendClear())
            return yes
        return False

    async def _spoken(self) -> bytes:
        async with aclosing(self._tts.synthesize(self._request)) as chunks:
            return b"".join([mulaw.encode_pcm(chunk) async for chunk in chunks])

    def _settle(self, yes: bool) -> None:
        if not self._answer.done():
            self._answer.set_result(yes)
