"""CPU, memory and listeners from /proc."""

import os
import socket
import time
from pathlib import Path

import pytest

from voice_engine.carrier.procfs import cpu_seconds, find_listener, resident_bytes

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")

NOBODY = 2**22 + 1
"""Above the largest process id that Linux gives (PID_MAX_LIMIT)."""


def test_cpu_time_is_this_processs_own() -> None:
    used = cpu_seconds(os.getpid())

    assert used is not None
    assert abs(used - time.process_time()) < 0.5


def test_memory_is_plausible() -> None:
    used = resident_bytes(os.getpid())

    assert used is not None
    assert 10_000_000 < used < 4_000_000_000


def test_a_process_that_is_gone_has_no_figures() -> None:
    assert cpu_seconds(NOBODY) is None
    assert resident_bytes(NOBODY) is None


def test_the_listener_of_a_port_is_found() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        found = find_listener(port)

    assert found == os.getpid()
    assert find_listener(port) is None
