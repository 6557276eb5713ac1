"""What is the directory's own: permissions, and files on their way."""

import asyncio
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from voice_engine.blobs.directory import PARTIAL, DirectoryBlobs
from voice_engine.errors import UpstreamFailed


async def one(chunk: bytes) -> AsyncIterator[bytes]:
    yield chunk


async def test_nobody_else_may_look(tmp_path: Path) -> None:
    root = tmp_path / "data" / "blobs"
    await DirectoryBlobs(root).put("a/b", one(b"x"))

    assert stat.S_IMODE(root.stat().st_mode) == 0o700
    assert stat.S_IMODE((root / "a/b").stat().st_mode) == 0o600


async def test_readers_see_the_old_bytes_until_the_new_are_whole(tmp_path: Path) -> None:
    blobs = DirectoryBlobs(tmp_path)
    await blobs.put("a", one(b"old"))
    seen: list[bytes] = []

    async def slow() -> AsyncIterator[bytes]:
        yield b"ne"
        seen.append((tmp_path / "a").read_bytes())
        yield b"w"

    await blobs.put("a", slow())

    assert seen == [b"old"]
    assert (tmp_path / "a").read_bytes() == b"new"


async def test_a_cancelled_write_leaves_no_file(tmp_path: Path) -> None:
    blobs = DirectoryBlobs(tmp_path)

    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x"

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.02):
            await blobs.put("a", endless())

    assert list((tmp_path / PARTIAL).iterdir()) == []
    assert await blobs.find("a") is None


async def test_empty_folders_go_with_their_last_file(tmp_path: Path) -> None:
    blobs = DirectoryBlobs(tmp_path)
    await blobs.put("o1/calls/a", one(b"x"))
    await blobs.put("o1/b", one(b"x"))

    await blobs.delete("o1/calls/a")

    assert [path.name for path in (tmp_path / "o1").iterdir()] == ["b"]


async def test_a_directory_that_cannot_be_used_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(UpstreamFailed) as refused:
        await DirectoryBlobs(tmp_path / "file").put("a", one(b"x"))

    assert refused.value.code == "blobs_unavailable"
