"""A business with the settings' services, whose webhooks and providers are on loopback."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.fakes.accounts import NOW, Account
from tests.fakes.business import Business, add_business
from tests.fakes.dashboard import Tab, dashboard
from tests.fakes.hooks import HookRig
from tests.fakes.providerkeys import FakeProbe, provider_keys
from voice_engine.domains.checkup.service import Checkup
from voice_engine.ports.accounts import ProviderKind
from voice_engine.ports.doctor import Doctor
from voice_engine.store.engine import Store
from voice_engine.web.dashboard.settings.desk import SettingsDesk


class Rig:
    """One installation's settings."""

    def __init__(self, store: Store, business: Business) -> None:
        self.store, self.business, self.probe = store, business, FakeProbe()
        self.hooks = HookRig(store)
        self.doctor: Doctor | None = None

    def desk(self) -> SettingsDesk:
        """The services of the pages."""
        return SettingsDesk(
            provider_keys=provider_keys(self.store, self.hooks.clock, probe=self.probe),
            hooks=self.hooks.service,
            checkup=Checkup(now=self.hooks.clock),
            vendor="Vendor",
            models={ProviderKind.LLM: "usual-model"},
            doctor=self.doctor,
        )

    @asynccontextmanager
    async def tab(self, who: Account | Business | None = None) -> AsyncIterator[Tab]:
        """A browser of the business's owner, or of somebody else."""
        extras = {"settings": self.desk()}
        async with dashboard(self.store, who or self.business, extras=extras, now=self.hooks.clock) as tab:
            yield tab


@pytest.fixture
async def rig(store: Store) -> Rig:
    return Rig(store, await add_business(store, now=NOW))
