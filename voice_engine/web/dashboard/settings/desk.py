"""What the settings' pages reach."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from voice_engine.domains.checkup.service import Checkup
from voice_engine.domains.hooks.service import HookService
from voice_engine.domains.identity.service import Identity
from voice_engine.domains.providerkeys.service import ProviderKeys
from voice_engine.errors import UpstreamFailed
from voice_engine.ports.accounts import ProviderKind
from voice_engine.ports.doctor import Doctor
from voice_engine.web.dashboard.view import View

NAME = "settings"
"""The area's name, and under which `Site.extras` has its services."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsDesk:
    """The services of these pages. `vendor` is whose endpoint accounts without an address are at, `models` what may
    be named there. `doctor` None: this process cannot look at the installation.
    """

    provider_keys: ProviderKeys
    hooks: HookService
    checkup: Checkup
    vendor: str
    models: Mapping[ProviderKind, str] = field(default_factory=dict)
    doctor: Doctor | None = None


def desk_of(view: View) -> SettingsDesk:
    """The services. Raises UpstreamFailed `service_unavailable` where this process has none."""
    desk = view.site.extras.get(NAME)
    if desk is None:
        raise UpstreamFailed(
            "service_unavailable", "this process has no settings; ask another", provider="settings", retryable=True
        )
    return cast("SettingsDesk", desk)


def identity_of(view: View) -> Identity:
    """The sign-in."""
    identity = view.services.identity
    assert identity is not None, "the web app needs the sign-in"
    return identity


async def text_of(view: View, name: str) -> str:
    """A field of the form, "" when it was not sent."""
    value = (await view.form()).get(name, "")
    return value if isinstance(value, str) else ""
