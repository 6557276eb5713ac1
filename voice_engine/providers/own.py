"""Providers of an account that a customer brought along: any endpoint of the OpenAI API, behind the guard."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace

import httpx2
import numpy as np
import openai

from voice_engine.audio.frames import RATE_HZ
from voice_engine.errors import InvalidInput, UpstreamFailed
from voice_engine.ports.accounts import ProviderAccount, ProviderKind
from voice_engine.ports.llm import LLM, ChatMessage, Completed, LLMRequest, TextDelta
from voice_engine.ports.stt import STT
from voice_engine.ports.tts import TTS, SpeechRequest
from voice_engine.providers.guarded import AddressRefused, Guard, guarded_client
from voice_engine.providers.llm.openai import OpenAILLM
from voice_engine.providers.llm.settings import OPENAI_URL, OpenAILLMSettings
from voice_engine.providers.speech import OpenAISpeechSettings
from voice_engine.providers.speech_pool import Urgency
from voice_engine.providers.stt.chunked import ChunkedSTT
from voice_engine.providers.stt.openai import OpenAIRecognizer
from voice_engine.providers.tts.openai import OpenAITTS

NO_KEY = "none"
TIMEOUT_S = 8.0
TEST_TONE_HZ = 440.0
TEST_SPEECH = "Hello."


class OwnProviders:
    """The providers of one organization's accounts. What has no account is None. Close it with `aclose`."""

    def __init__(self, guard: Guard, accounts: tuple[ProviderAccount, ...]) -> None:
        self._guard = guard
        self._clients: list[httpx2.AsyncClient] = []
        by_kind = {account.kind: account for account in accounts}
        stt, tts, llm = (by_kind.get(kind) for kind in (ProviderKind.STT, ProviderKind.TTS, ProviderKind.LLM))
        self.stt: STT | None = None if stt is None else self._open_stt(stt)
        self.tts: TTS | None = None if tts is None else self._open_tts(tts)
        self.llm: LLM | None = None if llm is None else self._open_llm(llm)

    async def aclose(self) -> None:
        """Close connections."""
        while self._clients:
            await self._clients.pop().aclose()

    def _open_stt(self, account: ProviderAccount) -> STT:
        recognizer = self.recognizer(account)
        name = f"own/{account.model}"
        return ChunkedSTT(name, {"en": recognizer, "es": recognizer}, local=False, pool=None)

    def recognizer(self, account: ProviderAccount) -> OpenAIRecognizer:
        """What recognizes one chunk after the other."""
        return OpenAIRecognizer(_speech_settings(account), self._client(account))

    def _open_tts(self, account: ProviderAccount) -> TTS:
        kind = OpenAITTS if account.voice is None else _OneVoice
        return kind(_speech_settings(account), self._client(account))

    def _open_llm(self, account: ProviderAccount) -> LLM:
        settings = OpenAILLMSettings(api_key=account.api_key, base_url=account.base_url, model=account.model)
        return OpenAILLM(settings, http=self._http())

    def _client(self, account: ProviderAccount) -> openai.AsyncOpenAI:
        return openai.AsyncOpenAI(
            api_key=account.api_key or NO_KEY,
            base_url=account.base_url or OPENAI_URL,
            max_retries=0,
            timeout=TIMEOUT_S,
            http_client=self._http(),
        )

    def _http(self) -> httpx2.AsyncClient:
        self._clients.append(guarded_client(self._guard, timeout_s=TIMEOUT_S))
        return self._clients[-1]


class _OneVoice(OpenAITTS):
    """Says everything with the account's voice: an assistant's voice is a name that other endpoints do not know."""

    def _voice(self, wanted: str | None) -> str:
        return self._settings.tts_voice


class OwnProbe:
    """`ProviderProbe`: the smallest request of each kind, over the way that calls take."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    async def ask(self, account: ProviderAccount) -> str:
        """What came back. Raises InvalidInput (the guard's), UpstreamFailed."""
        async with self._opened(account) as own:
            try:
                match account.kind:
                    case ProviderKind.STT:
                        return await _recognize(own.recognizer(account))
                    case ProviderKind.TTS:
                        assert own.tts is not None
                        return await _synthesize(own.tts, account.voice)
                    case ProviderKind.LLM:
                        assert own.llm is not None
                        return await _complete(own.llm)
            except UpstreamFailed as error:
                raise _reason(error) from error

    @asynccontextmanager
    async def _opened(self, account: ProviderAccount) -> AsyncIterator[OwnProviders]:
        own = OwnProviders(self._guard, (account,))
        try:
            yield own
        finally:
            async with asyncio.timeout(2.0):
                await own.aclose()


async def _recognize(recognizer: OpenAIRecognizer) -> str:
    """Half a second of a tone: nobody's words, and a recognizer that works may well hear none in it."""
    times = np.arange(RATE_HZ // 2) / RATE_HZ
    tone = np.rint(3000 * np.sin(2 * np.pi * TEST_TONE_HZ * times)).astype(np.int16)
    heard = await recognizer.recognize(tone, language="en", hints=(), urgency=Urgency.FINAL)
    return f'"{heard.text}"' if heard.text else '""'


async def _synthesize(tts: TTS, voice: str | None) -> str:
    samples = 0
    async with aclosing(tts.synthesize(SpeechRequest(text=TEST_SPEECH, language="en", voice=voice))) as chunks:
        async for pcm in chunks:
            samples += len(pcm)
    return f"{samples / RATE_HZ:.1f} s"


async def _complete(llm: LLM) -> str:
    said: list[str] = []
    request = LLMRequest(messages=(ChatMessage(role="user", content="Answer with the word ready."),), max_tokens=16)
    async with aclosing(llm.stream(request)) as events:
        async for event in events:
            match event:
                case TextDelta():
                    said.append(event.text)
                case Completed() if not said:
                    raise UpstreamFailed(
                        "llm_empty", f"{llm.name}: the answer has no words", provider=llm.name, retryable=False
                    )
                case _:
                    continue
    return '"' + "".join(said).strip()[:80] + '"'


def _speech_settings(account: ProviderAccount) -> OpenAISpeechSettings:
    settings = OpenAISpeechSettings(
        api_key=account.api_key,
        base_url=account.base_url,
        stt_model=account.model,
        tts_model=account.model,
        timeout_s=TIMEOUT_S,
    )
    return replace(settings, tts_voice=account.voice) if account.voice else settings


def _reason(error: UpstreamFailed) -> UpstreamFailed | InvalidInput:
    """The guard's refusal where that is behind a broken connection."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, AddressRefused):
            return InvalidInput(cause.code, str(cause))
        cause = cause.__cause__
    return error
