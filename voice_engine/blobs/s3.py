"""Blobs in a bucket of S3 or of anything that speaks its protocol (MinIO, R2, Ceph, Garage)."""

import datetime as dt
from collections.abc import AsyncGenerator, AsyncIterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from voice_engine.errors import NotFound, UpstreamFailed
from voice_engine.ports.blobs import CHUNK_BYTES, BlobInfo, check_key

if TYPE_CHECKING:  # the stubs have these, the module does not
    from obstore import GetOptions
    from obstore.store import ClientConfig, RetryConfig, S3Config

TIMEOUT_S = 30
CONNECT_TIMEOUT_S = 5
PART_BYTES = 5 * 1024 * 1024
"""Least size of an upload's part (S3's limits page); smaller files go in one request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Settings:
    """Where the bucket is. `endpoint` None: the vendor's own; `prefix` stands before every key.

    Without keys, those of the environment are used: variables, a container's or a machine's role.
    """

    bucket: str
    region: str = "us-east-1"
    endpoint: str | None = None
    access_key_id: str | None = None
    secret_access_key: str | None = None
    prefix: str = ""


class S3Blobs:
    """`BlobStore` in a bucket. An upload is visible when it is whole: one request, or a completed multipart."""

    def __init__(self, settings: S3Settings, *, retry_s: float = 10.0) -> None:
        """`retry_s`: how long a request is tried again after a server's fault or a broken connection."""
        config: S3Config = {"bucket": settings.bucket, "region": settings.region}
        if settings.endpoint is not None:
            config["endpoint"] = settings.endpoint
        if settings.access_key_id is not None and settings.secret_access_key is not None:
            config["access_key_id"] = settings.access_key_id
            config["secret_access_key"] = settings.secret_access_key
        options: ClientConfig = {
            "timeout": f"{TIMEOUT_S}s",
            "connect_timeout": f"{CONNECT_TIMEOUT_S}s",
            "allow_http": (settings.endpoint or "").startswith("http://"),
        }
        retry: RetryConfig = {"max_retries": 5 if retry_s else 0, "retry_timeout": dt.timedelta(seconds=retry_s)}
        self._store = S3Store(
            config=config, prefix=settings.prefix or None, client_options=options, retry_config=retry
        )

    async def put_file(self, key: str, source: Path) -> BlobInfo:
        """Upload the file, in parts when it is long."""
        with _errors(key):
            await obstore.put_async(self._store, check_key(key), source, chunk_size=PART_BYTES)
        return await self._known(key)

    async def put(self, key: str, chunks: AsyncIterable[bytes]) -> BlobInfo:
        """Upload what comes; an upload that breaks off is never completed."""
        with _errors(key):
            await obstore.put_async(self._store, check_key(key), chunks, chunk_size=PART_BYTES)
        return await self._known(key)

    async def find(self, key: str) -> BlobInfo | None:
        """Size and version; None: there is none."""
        try:
            with _errors(key):
                found = await obstore.head_async(self._store, check_key(key))
        except NotFound:
            return None
        return BlobInfo(
            size_bytes=found["size"],
            etag=(found["e_tag"] or "").strip('"'),
            modified_at=found["last_modified"].astimezone(dt.UTC),
        )

    async def read(self, key: str, *, start: int = 0, end: int | None = None) -> AsyncGenerator[bytes, None]:
        """The bytes from `start` up to and without `end`."""
        if end is not None and end <= start:
            return
        with _errors(key):
            options: GetOptions = {} if end is None else {"range": (start, end)}
            if end is None and start > 0:  # an empty object satisfies no range at all
                options = {"range": {"offset": start}}
            found = await obstore.get_async(self._store, check_key(key), options=options)
            async for chunk in found.stream(min_chunk_size=CHUNK_BYTES):
                yield bytes(chunk)

    async def delete(self, key: str) -> None:
        """Remove the object; S3 itself calls none there a success."""
        try:
            with _errors(key):
                await obstore.delete_async(self._store, check_key(key))
        except NotFound:
            return

    async def _known(self, key: str) -> BlobInfo:
        found = await self.find(key)
        if found is None:
            raise UpstreamFailed("blobs_unavailable", "the bucket lost what it took", provider="s3", retryable=True)
        return found


@contextmanager
def _errors(key: str) -> Iterator[None]:
    """The library's errors as ours. Its messages may hold URLs and are kept as the cause only."""
    try:
        yield
    except FileNotFoundError as error:
        raise NotFound("blob_not_found", f"there is no blob {key}") from error
    except (BaseError, OSError) as error:
        raise UpstreamFailed(
            "blobs_unavailable", "the bucket cannot be used now", provider="s3", retryable=True
        ) from error
