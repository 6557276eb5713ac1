"""What a call's organization brings along: its own recognizer, synthesizer and language model, before ours.

```
admitted ─▶ furnish: whose call, which accounts now ─▶ opened, or open already ─▶ equip: this call keeps them
no account of a kind, or it fails, or it stalls ─▶ the installation's provider of that kind, mid-call too
```
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from voice_engine.bootstrap.engine import Furniture, Providers
from voice_engine.domains.providerkeys.service import OwnAccounts, ProviderKeys
from voice_engine.errors import VoiceEngineError
from voice_engine.ports.call import CallSpec
from voice_engine.ports.llm import LLM
from voice_engine.ports.tts import TTS
from voice_engine.providers.guarded import Guard
from voice_engine.providers.llm.failover import FailoverLLM
from voice_engine.providers.own import OwnProviders
from voice_engine.providers.speech import FailoverSettings
from voice_engine.providers.stt.failover import FailoverSTT
from voice_engine.providers.tts.failover import FailoverTTS
from voice_engine.runtime.ahead import AheadTTS

MOST_OPEN = 64
"""Organizations whose connections are kept between calls; the one that called longest ago goes first."""
HELD_S = 3_600.0
"""How long what a call was let in with is kept for it: four times the longest call (`ports.call.CallLimits`)."""

_log = structlog.get_logger(__name__)


@dataclass(slots=True, kw_only=True)
class _Open:
    """One organization's providers, open. `calls` use them."""

    version: str
    own: OwnProviders
    furniture: Furniture
    calls: set[str] = field(default_factory=set)


class Furnishing:
    """Chooses the providers of each call. One for a process; close it with `aclose`."""

    def __init__(
        self,
        keys: ProviderKeys,
        common: Providers,
        guard: Guard,
        *,
        failover: FailoverSettings,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._keys = keys
        self._guard = guard
        self._failover = failover
        self._monotonic = monotonic
        self._common = common
        self._plain = Furniture(stt=common.stt, tts=common.ahead, llm=common.llm)
        self._open: dict[str, _Open] = {}
        self._retired: list[_Open] = []
        self._held: dict[str, tuple[_Open, float]] = {}

    async def furnish(self, spec: CallSpec) -> None:
        """Open what this call's organization brings along. Whatever goes wrong, the call has what all have."""
        try:
            accounts = await self._keys.for_call(spec.call_id)
        except VoiceEngineError as error:
            _log.warning("call.not_furnished", call_id=spec.call_id, code=error.code)
            return
        await self._forget()
        if accounts is None:
            return
        opened = self._opened(accounts)
        self._let_go(spec.call_id)
        opened.calls.add(spec.call_id)
        self._held[spec.call_id] = (opened, self._monotonic() + HELD_S)
        kinds = [account.kind.value for account in accounts.accounts]
        _log.info("call.furnished", call_id=spec.call_id, own=kinds)

    def of(self, spec: CallSpec) -> Furniture:
        """What this call uses: from `furnish` on the same, whatever is changed meanwhile."""
        held = self._held.get(spec.call_id)
        return self._plain if held is None else held[0].furniture

    async def prepare(self, spec: CallSpec) -> None:
        """Have what the call says first synthesized by the voice that it will have (`AheadTTS.prepare`)."""
        await self.of(spec).tts.prepare(spec)

    async def aclose(self) -> None:
        """Close every connection."""
        for opened in (*self._open.values(), *self._retired):
            await opened.own.aclose()
        self._open.clear()
        self._retired.clear()
        self._held.clear()

    def _opened(self, accounts: OwnAccounts) -> _Open:
        known = self._open.pop(accounts.organization_id, None)
        if known is not None and known.version != accounts.version:
            self._retired.append(known)
            known = None
        if known is None:
            own = OwnProviders(self._guard, accounts.accounts)
            known = _Open(version=accounts.version, own=own, furniture=self._furniture(own))
        self._open[accounts.organization_id] = known
        while len(self._open) > MOST_OPEN:
            self._retired.append(self._open.pop(next(iter(self._open))))
        return known

    def _furniture(self, own: OwnProviders) -> Furniture:
        """Its own first, ours where it fails."""
        plain = self._plain
        tts: TTS = self._common.tts
        return Furniture(
            stt=plain.stt if own.stt is None else FailoverSTT([own.stt, plain.stt], self._failover),
            tts=plain.tts if own.tts is None else AheadTTS(FailoverTTS([own.tts, tts], self._failover)),
            llm=plain.llm if own.llm is None else _first_of(own.llm, plain.llm, self._failover),
        )

    def _let_go(self, call_id: str) -> None:
        held = self._held.pop(call_id, None)
        if held is not None:
            held[0].calls.discard(call_id)

    async def _forget(self) -> None:
        """Let go of calls that are long over, and close what was replaced and nobody uses any more."""
        now_s = self._monotonic()
        for call_id in [call_id for call_id, (_, until_s) in self._held.items() if until_s <= now_s]:
            self._let_go(call_id)
        unused = [opened for opened in self._retired if not opened.calls]
        self._retired = [opened for opened in self._retired if opened.calls]
        for opened in unused:
            await opened.own.aclose()


def _first_of(own: LLM, common: LLM | None, settings: FailoverSettings) -> LLM:
    return own if common is None else FailoverLLM([own, common], settings)
