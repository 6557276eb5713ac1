"""`voice-engine`, with one addition for measuring: SIGUSR1 prints what the process holds.

Tasks, objects that the collector follows, bytes given out by the C library, blocks given out by Python's allocator.
"""

import asyncio
import ctypes
import gc
import json
import signal
import sys
from types import FrameType

from voice_engine.cli import main


def _count(signum: int, frame: FrameType | None) -> None:
    gc.collect()
    held = {
        "tasks": len(asyncio.all_tasks()),
        "objects": len(gc.get_objects()),
        "allocated": _allocated_bytes(),
        "blocks": sys.getallocatedblocks(),
    }
    print(json.dumps(held), flush=True)


class _Mallinfo2(ctypes.Structure):
    """glibc's `struct mallinfo2`, malloc.h."""

    _fields_ = tuple(
        (name, ctypes.c_size_t)
        for name in (
            *("arena", "ordblks", "smblks", "hblks", "hblkhd"),
            *("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"),
        )
    )


def _allocated_bytes() -> int:
    """What `malloc` has given out and not got back, all its arenas and mappings."""
    read = ctypes.CDLL(None).mallinfo2
    read.restype = _Mallinfo2
    counts = read()
    return int(counts.uordblks + counts.hblkhd)


if __name__ == "__main__":
    signal.signal(signal.SIGUSR1, _count)
    sys.exit(main())
