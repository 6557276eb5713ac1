"""Organizations' own provider accounts for tests: a probe that answers as told, a guard that looks at names."""

from dataclasses import dataclass, field

from tests.fakes.identity import Clock
from voice_engine.domains.identity.ratelimit import Attempts
from voice_engine.domains.providerkeys.service import ProviderKeys
from voice_engine.errors import VoiceEngineError
from voice_engine.ports.accounts import ProviderAccount, ProviderProbe
from voice_engine.providers.guarded import Guard
from voice_engine.store.engine import Store
from voice_engine.store.secrets import SecretBox

KEY = "sk-live-0123456789abcdef"


@dataclass
class FakeProbe:
    """Says "ready", or raises `fault`; keeps whom it asked."""

    fault: VoiceEngineError | None = None
    asked: list[ProviderAccount] = field(default_factory=list)

    async def ask(self, account: ProviderAccount) -> str:
        self.asked.append(account)
        if self.fault is not None:
            raise self.fault
        return '"ready"'


async def by_name(host: str, port: int) -> list[str]:
    """Hosts named inside… are on this machine, others in the open."""
    return ["127.0.0.1"] if host.startswith("inside") else ["93.184.215.14"]


def provider_keys(
    store: Store,
    clock: Clock,
    *,
    probe: ProviderProbe | None = None,
    guard: Guard | None = None,
    box: SecretBox | None = None,
) -> ProviderKeys:
    """The service of one installation."""
    box = box or SecretBox(bytes(range(32)))
    attempts = Attempts(store, box, now=clock)
    return ProviderKeys(
        store, box, guard or Guard(resolve=by_name), probe=probe or FakeProbe(), attempts=attempts, now=clock
    )
