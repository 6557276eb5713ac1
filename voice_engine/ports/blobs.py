"""Where recordings, voicemails and uploads are kept: bytes under a key, written whole or not at all."""

import datetime as dt
import re
from collections.abc import AsyncGenerator, AsyncIterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

CHUNK_BYTES = 64 * 1024
"""What a read hands over at a time."""

MAX_KEY_LENGTH = 512

_SEGMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class BlobInfo:
    """What is known of a blob without reading it. `etag` is opaque, without quotes, and changes with the bytes."""

    size_bytes: int
    etag: str
    modified_at: dt.datetime


class BlobStore(Protocol):
    """Bytes by key. A key is a relative path of letters, digits, `.`, `_` and `-`, checked by `check_key`.

    Every method raises UpstreamFailed `blobs_unavailable` when the place cannot be used now.
    """

    async def put_file(self, key: str, source: Path) -> BlobInfo:
        """Keep a copy of the file. Until it is whole, readers see what was there before."""
        ...

    async def put(self, key: str, chunks: AsyncIterable[bytes]) -> BlobInfo:
        """Keep what comes. If it breaks off, nothing of it is kept."""
        ...

    async def find(self, key: str) -> BlobInfo | None:
        """Size and version of the blob; None: there is none."""
        ...

    def read(self, key: str, *, start: int = 0, end: int | None = None) -> AsyncGenerator[bytes, None]:
        """The bytes from `start` up to and without `end` (None: to the last), in chunks; `start` 0 or within it.

        Raises:
            NotFound: `blob_not_found`.
        """
        ...

    async def delete(self, key: str) -> None:
        """Remove the blob; none there is no error."""
        ...


def check_key(key: str) -> str:
    """The key itself, if it can lead nowhere else. Raises ValueError (keys are made by code, not by callers)."""
    if len(key) > MAX_KEY_LENGTH or not all(_SEGMENT.fullmatch(part) for part in key.split("/")):
        raise ValueError(f"not a blob key: {key!r}")
    return key
