"""A process that reserves a call and is killed: arguments URL, organization, `before` or `after` its commit."""

import asyncio
import os
import signal
import sys

from tests.domains.usage.rig import Rig
from voice_engine.domains.usage.plans import PlanType
from voice_engine.domains.usage.settings import UsageSettings
from voice_engine.store.engine import open_store


async def main(url: str, organization_id: str, moment: str) -> None:
    """Hold credits for `call-1` and die."""
    store = open_store(url)
    rig = Rig(store, organization_id, UsageSettings(default_plan=PlanType.STARTER))
    async with rig.unit() as work:
        await rig.usage.reserve_call(work, "call-1", description="Call")
        if moment == "before":
            os.kill(os.getpid(), signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
