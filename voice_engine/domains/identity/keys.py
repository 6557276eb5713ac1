"""Our signing keys: made on first start, sealed at rest, rotated by hand or job, published as a JWK set.

The newest key signs. A retired one verifies for two lives of an access token, so that tokens outlive the rotation
even where a process learns of it late.
"""

import asyncio
import datetime as dt
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from joserfc.jwk import RSAKey

from voice_engine.domains.identity import repository
from voice_engine.domains.identity.models import SigningKeyRow
from voice_engine.domains.identity.settings import IdentitySettings
from voice_engine.store import audit
from voice_engine.store.engine import Store
from voice_engine.store.secrets import SecretBox

KEY_BITS = 2048
"""RFC 7518, 3.3: 2048 bits or larger."""
SECONDS_BETWEEN_RELOADS = 5.0
"""Unknown key ids do not make more than one look at the database in so long."""


def generate_key() -> RSAKey:
    """A new RS256 key; its id is its RFC 7638 thumbprint. Takes about 0.1 s of processor time."""
    return RSAKey.generate_key(KEY_BITS, {"use": "sig", "alg": "RS256"}, auto_kid=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Loaded:
    at: dt.datetime
    signing: RSAKey | None
    verifying: dict[str, RSAKey]


class KeyRing:
    """The keys of this installation, kept in memory. `generate` makes one; tests hand in a ready one."""

    def __init__(
        self,
        store: Store,
        box: SecretBox,
        settings: IdentitySettings,
        *,
        now: Callable[[], dt.datetime],
        generate: Callable[[], RSAKey] = generate_key,
    ) -> None:
        self._store = store
        self._box = box
        self._settings = settings
        self._now = now
        self._generate = generate
        self._lock = asyncio.Lock()
        self._making = asyncio.Lock()
        self._loaded: _Loaded | None = None

    async def signing_key(self) -> RSAKey:
        """The key that signs now; made when there is none."""
        loaded = await self._fresh()
        if loaded.signing is None:
            async with self._making:
                loaded = await self._fresh()
                if loaded.signing is None:
                    await self.rotate()
                    loaded = await self._fresh()
        assert loaded.signing is not None, "a rotation leaves a key"
        return loaded.signing

    async def find(self, kid: str | None) -> RSAKey | None:
        """The public half of one of our keys that verifies now."""
        if kid is None:
            return None
        loaded = await self._fresh()
        age_s = (self._now() - loaded.at).total_seconds()
        if kid not in loaded.verifying and age_s >= SECONDS_BETWEEN_RELOADS:
            loaded = await self._reload(seen=loaded)
        return loaded.verifying.get(kid)

    async def public_set(self) -> dict[str, Any]:
        """The JWK set (RFC 7517, 5) that verifies our tokens: public halves only."""
        await self.signing_key()
        loaded = await self._fresh()
        return {"keys": [key.as_dict(private=False) for key in loaded.verifying.values()]}

    async def rotate(self) -> str:
        """Make a new key the one that signs; its id. Earlier keys go on verifying for a while."""
        key = await asyncio.to_thread(self._generate)
        assert key.kid is not None, "a generated key has its thumbprint"
        sealed = self._box.seal(json.dumps(key.as_dict(private=True)), context=_context(key.kid))
        now = self._now()
        async with self._store.system("signing keys belong to the installation") as work:
            await repository.retire_signing_keys(work, now=now)
            work.session.add(SigningKeyRow(kid=key.kid, private_sealed=sealed, created_at=now, retired_at=None))
            audit.record(work, "signing_key.created", actor="system", at=now, subject=key.kid)
        await self._reload(seen=None)
        return key.kid

    async def _fresh(self) -> _Loaded:
        loaded = self._loaded
        if loaded is None or self._now() - loaded.at >= self._settings.key_reload:
            loaded = await self._reload(seen=loaded)
        return loaded

    async def _reload(self, *, seen: _Loaded | None) -> _Loaded:
        async with self._lock:
            if self._loaded is not None and seen is not None and self._loaded is not seen:
                return self._loaded  # another task reloaded while this one waited
            now = self._now()
            async with self._store.system("signing keys belong to the installation", writes=False) as work:
                rows = await repository.list_signing_keys(work, retired_after=now - 2 * self._settings.access_ttl)
                keys = {row.kid: self._open(row) for row in rows}
                signing = next((keys[row.kid] for row in rows if row.retired_at is None), None)
            public = {kid: RSAKey.import_key(key.as_dict(private=False)) for kid, key in keys.items()}
            self._loaded = _Loaded(at=now, signing=signing, verifying=public)
            return self._loaded

    def _open(self, row: SigningKeyRow) -> RSAKey:
        return RSAKey.import_key(json.loads(self._box.open(row.private_sealed, context=_context(row.kid))))


def _context(kid: str) -> str:
    return f"signing_key:{kid}"
