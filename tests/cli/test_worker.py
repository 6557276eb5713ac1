"""`voice-engine worker` as a process: it comes up on an empty directory and goes with its parent or by SIGTERM."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow


async def started(data_dir: Path, *options: str) -> Process:
    """A worker that is up."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(data_dir), "VOICE_ENGINE_DATA_DIR": str(data_dir)}
    command = [sys.executable, "-m", "voice_engine", "worker", "--json", *options]
    process = await asyncio.create_subprocess_exec(*command, env=environment, stdin=PIPE, stderr=PIPE)
    assert process.stderr is not None
    said = b""
    async with asyncio.timeout(40):
        while b"worker.started" not in said:
            line = await process.stderr.readline()
            assert line, said.decode()
            said += line
    return process


async def ended(process: Process) -> tuple[int | None, bytes]:
    assert process.stderr is not None
    async with asyncio.timeout(20):
        said = await process.stderr.read()
        return await process.wait(), said


async def test_a_supervised_worker_goes_with_its_parent(tmp_path: Path) -> None:
    process = await started(tmp_path, "--supervised")
    assert process.stdin is not None

    process.stdin.close()
    status, said = await ended(process)

    assert (status, b"worker.stopped" in said) == (0, True)


async def test_sigterm_drains(tmp_path: Path) -> None:
    process = await started(tmp_path, "--name", "dialler")

    process.send_signal(signal.SIGTERM)
    status, said = await ended(process)

    assert (status, b'"executor": "dialler"' in said) == (0, True)
