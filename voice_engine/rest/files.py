"""Kept audio as an answer: whole or one byte range, the first chunk read before the status is sent."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Send

from voice_engine.blobs.ranges import ByteRange, Selection, http_date, matches, select
from voice_engine.errors import NotFound
from voice_engine.ports.blobs import BlobInfo, BlobStore

SAFE_HEADERS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-site",
    "Referrer-Policy": "no-referrer",
}
"""The bytes came from outside: nothing of them may run, and nobody is told the address."""


def blob_headers(info: BlobInfo, *, content_type: str, filename: str) -> dict[str, str]:
    """What every answer with this blob says of it. `filename` is plain ASCII."""
    return {
        "Content-Type": content_type,
        "Content-Disposition": f'inline; filename="{filename}"',
        "Accept-Ranges": "bytes",
        "ETag": f'"{info.etag}"',
        "Last-Modified": http_date(info.modified_at),
        **SAFE_HEADERS,
    }


async def blob_response(
    request: Request, blobs: BlobStore, key: str, info: BlobInfo, *, headers: Mapping[str, str]
) -> Response:
    """What the request asks of the blob: 200, 206, 304 or 416. Raises NotFound `blob_not_found`."""
    if matches(info, request.headers.get("if-none-match")):
        return Response(status_code=304, headers=dict(headers))
    if request.method == "HEAD":
        return Response(headers={**headers, "Content-Length": str(info.size_bytes)})
    wanted = select(info, request.headers.get("range"), request.headers.get("if-range"))
    if wanted is Selection.UNSATISFIABLE:
        return Response(status_code=416, headers={**headers, "Content-Range": f"bytes */{info.size_bytes}"})
    answer, status, start, end = dict(headers), 200, 0, info.size_bytes
    if isinstance(wanted, ByteRange):
        status, start, end = 206, wanted.start, wanted.end
        answer["Content-Range"] = f"bytes {start}-{end - 1}/{info.size_bytes}"
    answer["Content-Length"] = str(end - start)
    body = await _started(blobs.read(key, start=start, end=end))
    return _ClosingResponse(body, status=status, headers=answer)


def gone(code: str) -> NotFound:
    """The refusal of a recording that is not there."""
    return NotFound(code, "this recording does not exist, or not any more")


async def _started(chunks: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    """The same chunks, the first of them read already: what is gone is found out before the status is sent."""
    first = await anext(chunks, b"")

    async def all_of_them() -> AsyncGenerator[bytes, None]:
        async with aclosing(chunks):
            yield first
            async for chunk in chunks:
                yield chunk

    return all_of_them()


class _ClosingResponse(StreamingResponse):
    """Closes its source when the client is gone in the middle."""

    def __init__(self, chunks: AsyncGenerator[bytes, None], *, status: int, headers: Mapping[str, str]) -> None:
        super().__init__(chunks, status_code=status, headers=headers)
        self._chunks = chunks

    async def stream_response(self, send: Send) -> None:
        """Send the chunks, to the end or to the client's."""
        async with aclosing(self._chunks):
            await super().stream_response(send)
