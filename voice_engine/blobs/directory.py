"""Blobs in a directory: the default. Files are written beside their place and moved into it whole."""

import asyncio
import contextlib
import datetime as dt
import os
import secrets
import shutil
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TypeVar

from voice_engine.errors import NotFound, UpstreamFailed
from voice_engine.ports.blobs import CHUNK_BYTES, BlobInfo, check_key

T = TypeVar("T")

PARTIAL = ".partial"
"""Folder of files on their way; no key begins with a dot."""


class DirectoryBlobs:
    """`BlobStore` in files below `root` (mode 0700). File work happens in threads, never on the loop."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._partial = root / PARTIAL

    async def put_file(self, key: str, source: Path) -> BlobInfo:
        """Copy the file in; it stays where it is."""
        target = self._path(key)

        def copy() -> BlobInfo:
            with self._new_file() as (file, path):
                with source.open("rb") as opened:
                    shutil.copyfileobj(opened, file, CHUNK_BYTES * 4)
                return self._keep(file, path, target)

        return await _in_thread(copy)

    async def put(self, key: str, chunks: AsyncIterable[bytes]) -> BlobInfo:
        """Write what comes; if it breaks off, nothing of it is kept."""
        target = self._path(key)
        with contextlib.ExitStack() as stack:
            file, path = await _in_thread(lambda: stack.enter_context(self._new_file()))
            async for chunk in chunks:
                await _in_thread(lambda chunk=chunk: file.write(chunk))  # type: ignore[misc]  # a bound loop variable
            return await _in_thread(lambda: self._keep(file, path, target))

    async def find(self, key: str) -> BlobInfo | None:
        """Size and version; None: there is none."""
        path = self._path(key)

        def look() -> BlobInfo | None:
            try:
                return _info(path.stat())
            except (FileNotFoundError, NotADirectoryError):
                return None

        return await _in_thread(look)

    async def read(self, key: str, *, start: int = 0, end: int | None = None) -> AsyncGenerator[bytes, None]:
        """The bytes from `start` up to and without `end`."""
        path = self._path(key)

        def begin() -> BinaryIO:
            try:
                file = path.open("rb")
            except (FileNotFoundError, NotADirectoryError) as error:
                raise NotFound("blob_not_found", f"there is no blob {key}") from error
            file.seek(start)
            return file

        file = await _in_thread(begin)
        try:
            left = None if end is None else max(0, end - start)
            while left != 0:
                size = CHUNK_BYTES if left is None else min(CHUNK_BYTES, left)
                chunk = await _in_thread(lambda size=size: file.read(size))  # type: ignore[misc]  # likewise
                if not chunk:
                    return
                left = None if left is None else left - len(chunk)
                yield chunk
        finally:
            file.close()

    async def delete(self, key: str) -> None:
        """Remove the file, and the folders that it leaves empty."""
        path = self._path(key)

        def remove() -> None:
            with contextlib.suppress(FileNotFoundError, NotADirectoryError):
                path.unlink()
            with contextlib.suppress(OSError):  # not empty: the end of the climb
                for folder in path.parents:
                    if folder == self._root:
                        break
                    folder.rmdir()

        await _in_thread(remove)

    def _path(self, key: str) -> Path:
        return self._root / check_key(key)

    @contextmanager
    def _new_file(self) -> Iterator[tuple[BinaryIO, Path]]:
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._partial.mkdir(mode=0o700, exist_ok=True)
        path = self._partial / secrets.token_hex(8)
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            try:
                yield file, path
            finally:
                path.unlink(missing_ok=True)

    def _keep(self, file: BinaryIO, path: Path, target: Path) -> BlobInfo:
        """Make the file durable, then visible."""
        file.flush()
        os.fsync(file.fileno())
        for _ in range(3):  # `delete` may take the emptied folder away in between
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with contextlib.suppress(FileNotFoundError):
                path.replace(target)
                return _info(os.fstat(file.fileno()))
        raise FileNotFoundError(target.parent)


def _info(found: os.stat_result) -> BlobInfo:
    return BlobInfo(
        size_bytes=found.st_size,
        etag=f"{found.st_mtime_ns:x}-{found.st_ino:x}-{found.st_size:x}",
        modified_at=dt.datetime.fromtimestamp(found.st_mtime, dt.UTC),
    )


async def _in_thread(work: Callable[[], T]) -> T:
    try:
        return await asyncio.to_thread(work)
    except OSError as error:
        raise UpstreamFailed(
            "blobs_unavailable", "the blob directory cannot be used now", provider="directory", retryable=True
        ) from error
