"""Writing voicemails down with the installation's recognizer, in the process that does durable work."""

import asyncio

import structlog

from voice_engine.audio.wav import parse_wav
from voice_engine.bootstrap.engine import open_recognizer
from voice_engine.config import Settings
from voice_engine.errors import InvalidInput, QuotaExceeded, UpstreamFailed
from voice_engine.runtime.dictation import write_down

_log = structlog.get_logger(__name__)


class Dictation:
    """`inbound.voicemails.Transcribe`: one message at a time.

    The recognizer is opened for each message and closed after it: local models take a quarter of a gigabyte, which
    a worker does not keep for the few messages of a day, and under a second of CPU to read.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._one = asyncio.Semaphore(1)

    async def __call__(self, audio: bytes, language: str) -> str | None:
        """What a WAV file says; None: nothing that could be understood, or no recognizer for it is here.

        Raises UpstreamFailed, which is retryable when the same message may be understood later.
        """
        try:
            pcm = parse_wav(audio, name="voicemail")[:, 0]
            async with self._one, open_recognizer(self._settings) as stt:
                if language[:2] not in stt.capabilities.languages:
                    return None
                return await write_down(stt, pcm, language=language[:2], call_id="voicemail")
        except InvalidInput as error:  # No such recognizer here, or no audio of a telephone: later is the same.
            _log.warning("voicemail.not_transcribed", code=error.code)
            return None
        except QuotaExceeded as error:
            raise UpstreamFailed(error.code, error.message, provider="stt", retryable=True) from error
