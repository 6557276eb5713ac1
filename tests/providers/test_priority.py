"""Thread priorities: what computes gives way to what talks."""

import os
import sys
import threading

import pytest

from voice_engine.providers.priority import WORKER_NICENESS, made_aside

linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a priority a thread")


def niceness() -> int:
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


@linux
def test_what_is_made_aside_is_made_at_low_priority_and_leaves_the_caller_alone() -> None:
    before = niceness()

    during = made_aside(niceness)

    assert during == WORKER_NICENESS
    assert niceness() == before


def test_an_error_of_the_maker_reaches_the_caller() -> None:
    def fail() -> None:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        made_aside(fail)
