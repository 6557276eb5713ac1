"""What routes reach: the services of the domains, made once by the composition root."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from voice_engine.rest.limits import RateLimits
from voice_engine.rest.security import Authenticator
from voice_engine.store.engine import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The services of one process. `now` is the wall clock, in UTC."""

    store: Store
    authenticator: Authenticator
    limits: RateLimits
    now: Callable[[], dt.datetime]
