"""Numbers and names of identity, as `config` composes them."""

import datetime as dt
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from voice_engine.domains.identity.clients import Registration
from voice_engine.domains.identity.federation import Issuer


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordCost:
    """argon2id's price. RFC 9106, 4: the second recommended option (64 MiB, three passes, four lanes)."""

    passes: int = 3
    memory_kib: int = 65_536
    lanes: int = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentitySettings:
    """What identity needs to know of this installation.

    `issuer` is our public base URL: it stands in every access token as `iss` and `aud`, so that tokens of another
    installation are refused. `open_sign_up`: strangers may make accounts.
    """

    issuer: str
    open_sign_up: bool = False
    businesses_per_person: int = 10
    """Each has an allowance of its own, so that one person's may not be without end. The operator has no bound."""
    issuers_may_add: bool = True
    """Whoever an issuer vouches for may have an account, also while `open_sign_up` is off."""
    clients: tuple[Registration, ...] = ()
    issuers: tuple[Issuer, ...] = ()
    access_ttl: dt.timedelta = dt.timedelta(seconds=3600)
    refresh_ttl: dt.timedelta = dt.timedelta(days=30)
    grace: dt.timedelta = dt.timedelta(seconds=10)
    """How long a spent refresh token still gives its successor, for an answer that was lost on the way."""
    code_ttl: dt.timedelta = dt.timedelta(minutes=10)
    link_ttl: dt.timedelta = dt.timedelta(minutes=15)
    session_ttl: dt.timedelta = dt.timedelta(days=30)
    session_idle: dt.timedelta = dt.timedelta(days=7)
    revocation_lag: dt.timedelta = dt.timedelta(seconds=2)
    """How late a process may learn of a token revoked by another process; its own revocations hold at once."""
    key_reload: dt.timedelta = dt.timedelta(minutes=5)
    """How late a process may learn of a rotation; an unknown key id makes it look at once."""
    password_cost: PasswordCost = field(default_factory=PasswordCost)

    @property
    def is_secure(self) -> bool:
        """Whether browsers reach us by https: then cookies are Secure and bound to the host."""
        return urlsplit(self.issuer).scheme == "https"
