"""What every place for blobs promises, held against the directory and against a bucket."""

import asyncio
import socket
import subprocess
import sys
import urllib.request
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from voice_engine.blobs.directory import DirectoryBlobs
from voice_engine.blobs.s3 import PART_BYTES, S3Blobs, S3Settings
from voice_engine.errors import NotFound
from voice_engine.ports.blobs import CHUNK_BYTES, BlobStore

BUCKET = "recordings"


@pytest.fixture(scope="module")
def s3_endpoint() -> Iterator[str]:
    """A server that speaks S3's protocol, as a process of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as server:
        assert server.stderr is not None
        for line in server.stderr:
            if b"Running on" in line:
                break
        try:
            endpoint = f"http://127.0.0.1:{port}"
            urllib.request.urlopen(urllib.request.Request(f"{endpoint}/{BUCKET}", method="PUT")).close()
            yield endpoint
        finally:
            server.terminate()


def bucket_settings(endpoint: str, *, bucket: str = BUCKET) -> S3Settings:
    return S3Settings(
        bucket=bucket, endpoint=endpoint, access_key_id="id", secret_access_key="secret", prefix="engine"
    )


@pytest.fixture(params=["directory", pytest.param("s3", marks=pytest.mark.slow)])
async def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    if request.param == "directory":
        return DirectoryBlobs(tmp_path / "blobs")
    endpoint: str = request.getfixturevalue("s3_endpoint")
    return S3Blobs(bucket_settings(endpoint))


async def chunks_of(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        await asyncio.sleep(0)
        yield part


async def content(blobs: BlobStore, key: str, start: int = 0, end: int | None = None) -> bytes:
    return b"".join([chunk async for chunk in blobs.read(key, start=start, end=end)])


async def test_a_file_is_kept_as_it_is(blobs: BlobStore, tmp_path: Path) -> None:
    source = tmp_path / "call.wav"
    source.write_bytes(b"RIFF" * 50_000)

    kept = await blobs.put_file("recordings/o1/call.wav", source)

    assert kept.size_bytes == 200_000
    assert await blobs.find("recordings/o1/call.wav") == kept
    assert await content(blobs, "recordings/o1/call.wav") == source.read_bytes()
    assert source.exists()


async def test_a_stream_longer_than_one_part_is_kept_whole(blobs: BlobStore) -> None:
    parts = [bytes([index]) * (PART_BYTES // 2) for index in range(3)]

    kept = await blobs.put("long", chunks_of(*parts))

    assert kept.size_bytes == sum(map(len, parts))
    assert await content(blobs, "long", PART_BYTES - 2, PART_BYTES + 2) == b"\1\1\2\2"


async def test_a_stream_that_breaks_off_leaves_what_was_there(blobs: BlobStore) -> None:
    await blobs.put("voicemail", chunks_of(b"first"))

    async def broken() -> AsyncIterator[bytes]:
        yield b"x" * (PART_BYTES + 1)
        raise RuntimeError("the caller hung up")

    with pytest.raises(RuntimeError, match="hung up"):
        await blobs.put("voicemail", broken())
    assert await content(blobs, "voicemail") == b"first"


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [(0, None, b"0123456789"), (3, None, b"3456789"), (3, 5, b"34"), (8, 99, b"89"), (4, 4, b"")],
)
async def test_a_range_is_half_open(blobs: BlobStore, start: int, end: int | None, expected: bytes) -> None:
    await blobs.put("digits", chunks_of(b"0123456789"))

    assert await content(blobs, "digits", start, end) == expected


async def test_a_new_version_has_a_new_etag(blobs: BlobStore) -> None:
    first = await blobs.put("a", chunks_of(b"one"))
    second = await blobs.put("a", chunks_of(b"two"))

    assert first.etag != second.etag
    assert await content(blobs, "a") == b"two"


async def test_an_empty_blob_is_a_blob(blobs: BlobStore) -> None:
    kept = await blobs.put("empty", chunks_of())

    assert kept.size_bytes == 0
    assert await content(blobs, "empty") == b""


async def test_what_is_not_there_is_found_out(blobs: BlobStore) -> None:
    assert await blobs.find("nowhere/at/all") is None
    with pytest.raises(NotFound) as refused:
        await content(blobs, "nowhere/at/all")
    assert refused.value.code == "blob_not_found"


async def test_delete_is_idempotent(blobs: BlobStore) -> None:
    await blobs.put("a/b/c", chunks_of(b"x"))

    await blobs.delete("a/b/c")
    await blobs.delete("a/b/c")

    assert await blobs.find("a/b/c") is None


async def test_a_long_read_comes_in_pieces(blobs: BlobStore) -> None:
    await blobs.put("long", chunks_of(bytes(4 * CHUNK_BYTES)))

    sizes = [len(chunk) async for chunk in blobs.read("long")]

    assert sum(sizes) == 4 * CHUNK_BYTES
    assert len(sizes) > 1


@pytest.mark.parametrize("key", ["../secret", "/etc/passwd", "a/../../b"])
async def test_a_key_leads_nowhere_else(blobs: BlobStore, key: str) -> None:
    for attempt in (blobs.find(key), blobs.delete(key), blobs.put(key, chunks_of(b"x")), content(blobs, key)):
        with pytest.raises(ValueError, match="not a blob key"):
            await attempt
