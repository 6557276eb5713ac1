"""An endpoint's secret: made here, shown once, kept sealed, replaced with a day in which both sign."""

import datetime as dt

from voice_engine.domains.hooks.models import HookEndpoint
from voice_engine.domains.hooks.signing import new_secret
from voice_engine.store.secrets import SecretBox

BOTH_SIGN = dt.timedelta(hours=24)


def give_secret(endpoint: HookEndpoint, box: SecretBox, *, at: dt.datetime) -> str:
    """A new secret in clear, this once; the one before it goes on signing for a day."""
    secret = new_secret()
    if endpoint.secret_sealed is not None:
        endpoint.previous_sealed, endpoint.previous_until = endpoint.secret_sealed, at + BOTH_SIGN
    endpoint.secret_sealed = box.seal(secret, context=_context(endpoint.id))
    return secret


def keys_of(endpoint: HookEndpoint, box: SecretBox, *, at: dt.datetime) -> list[str]:
    """What signs at this time, the newest first. Raises InvalidInput `secret_unreadable`."""
    sealed = [endpoint.secret_sealed]
    if (
        endpoint.previous_sealed is not None
        and endpoint.previous_until is not None
        and at < endpoint.previous_until
    ):
        sealed.append(endpoint.previous_sealed)
    return [box.open(one, context=_context(endpoint.id)) for one in sealed]


def _context(endpoint_id: str) -> str:
    return f"hook_endpoint:{endpoint_id}"
