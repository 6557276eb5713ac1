"""What an exchange works with, put together once."""

import asyncio
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from voice_engine.carrier.calls import Connector
from voice_engine.carrier.faults import NO_FAULTS, FaultPlan
from voice_engine.carrier.rest.callbacks import Callbacks
from voice_engine.carrier.rest.reach import Reach, Voice
from voice_engine.carrier.rest.recordings import Recordings
from voice_engine.ports.clock import Clock

Now = Callable[[], dt.datetime]
"""The time of day, aware."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeParts:
    """`base_url` is where the REST API is reached (URLs of recordings begin with it); `connect` opens streams."""

    account_sid: str
    base_url: str
    tasks: asyncio.TaskGroup
    clock: Clock
    now: Now
    connect: Connector
    callbacks: Callbacks
    reach: Reach
    voice: Voice
    recordings: Recordings
    media_faults: FaultPlan = NO_FAULTS
