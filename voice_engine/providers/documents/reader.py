"""Has documents read by a process each, with limits, so that a hostile file costs that process and nothing else."""

import asyncio
import contextlib
import os
import sys
import tempfile
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import orjson
import structlog

import voice_engine
from voice_engine.core.retrieval.pieces import pieces_of
from voice_engine.errors import InvalidInput, UpstreamFailed
from voice_engine.ports.documents import Document, DocumentKind, Piece
from voice_engine.providers.documents.faults import too_much
from voice_engine.providers.documents.limits import ReadingLimits
from voice_engine.providers.documents.worker import DOCUMENT, TEXT

AT_ONCE = 2
"""Readings at a time in one process; more wait. Each may take `ReadingLimits.memory_bytes`."""
INLINE_CHARS = 8_000
"""Typed text up to this is divided on the loop, in about 3 ms; a page longer than that is not."""

LINE_BYTES = 256 * 1024
"""A piece as JSON has a few KB; the loop is given back at the latest after twice so much."""

_MODULE = "voice_engine.providers.documents.worker"
_log = structlog.get_logger(__name__)


class ProcessReader:
    """`DocumentReader` by processes of this interpreter. They get no environment but the path to this package."""

    def __init__(self, limits: ReadingLimits | None = None) -> None:
        self._limits = limits or ReadingLimits()
        self._turn = asyncio.Semaphore(AT_ONCE)

    async def read(self, file: BinaryIO) -> Document:
        """Kind and pieces."""
        kind, pieces = await self._ask(DOCUMENT, file)
        return Document(kind=kind, pieces=pieces)

    async def divide(self, text: str) -> Sequence[Piece]:
        """The pieces of typed text."""
        if len(text) <= INLINE_CHARS:
            return list(pieces_of(text))
        with tempfile.TemporaryFile() as file:
            await asyncio.to_thread(file.write, text.encode())
            _, pieces = await self._ask(TEXT, file)
            return pieces

    async def _ask(self, task: str, file: BinaryIO) -> tuple[DocumentKind, list[Piece]]:
        async with self._turn:
            process = await self._start(task, file)
            try:
                async with asyncio.timeout(self._limits.wall_s):
                    answer = await _answer_of(process)
                    status = await process.wait()
            except TimeoutError as error:
                raise too_much() from error
            finally:
                await _end(process)
        if status != 0 or answer is None:
            _log.info("document.reader_ended", status=status)
            raise too_much()
        return answer

    async def _start(self, task: str, file: BinaryIO) -> Process:
        await asyncio.to_thread(file.flush)
        os.lseek(file.fileno(), 0, os.SEEK_SET)
        limits = self._limits
        command = (sys.executable, "-P", "-m", _MODULE, task, str(limits.memory_bytes), str(limits.cpu_s))
        environment = {"PYTHONPATH": str(Path(voice_engine.__file__).parents[1]), "PYTHONDONTWRITEBYTECODE": "1"}
        try:
            return await asyncio.create_subprocess_exec(
                *command, stdin=file, stdout=PIPE, stderr=DEVNULL, env=environment, cwd="/", limit=LINE_BYTES
            )
        except OSError as error:
            raise UpstreamFailed(
                "reader_unavailable", "documents cannot be read now; try again", provider="reader", retryable=True
            ) from error


async def _answer_of(process: Process) -> tuple[DocumentKind, list[Piece]] | None:
    """What the process says; None: it ended without a word. Raises InvalidInput: its refusal."""
    assert process.stdout is not None
    head = await process.stdout.readline()
    if not head:
        return None
    said: dict[str, str] = orjson.loads(head)
    if "error" in said:
        raise InvalidInput(
            said["error"], said["message"], details={"reason": said["reason"]} if said["reason"] else {}
        )
    pieces = []
    async for line in process.stdout:
        heading, text, terms = orjson.loads(line)
        pieces.append(Piece(heading=heading, text=text, terms=terms))
    return DocumentKind(said["kind"]), pieces


async def _end(process: Process) -> None:
    """Leave nothing running, whatever happened."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
