"""`voice-engine`, with one addition for measuring: SIGUSR1 prints how many tasks and timers its loop holds."""

import asyncio
import gc
import json
import signal
import sys
from types import FrameType

from voice_engine.cli import main


def _count(signum: int, frame: FrameType | None) -> None:
    gc.collect()
    print(json.dumps({"tasks": len(asyncio.all_tasks()), "objects": len(gc.get_objects())}), flush=True)


if __name__ == "__main__":
    signal.signal(signal.SIGUSR1, _count)
    sys.exit(main())
