"""`GET /media/{kind}/{id}`: recordings and voicemails behind signed URLs, whole or by byte range.

What a kind and an id stand for is the owner's knowledge: a `Resolve` says which blob it is, if it still is.
"""

import datetime as dt
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Send

from voice_engine.blobs.ranges import ByteRange, Selection, http_date, matches, select
from voice_engine.blobs.signing import PATH, MediaUrls
from voice_engine.errors import NotFound, VoiceEngineError
from voice_engine.ports.blobs import BlobInfo, BlobStore

SAFE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-site",
    "Referrer-Policy": "no-referrer",
}
"""The URL is a secret and the bytes came from outside: nothing of them may run, and nobody is told the address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaItem:
    """A blob and how it is offered. `filename` is plain ASCII."""

    key: str
    content_type: str
    filename: str


Resolve = Callable[[str, str], Awaitable[MediaItem | None]]
"""(kind, id) → the item; None: there is none, or no longer."""

Render = Callable[[VoiceEngineError], Response]
"""The surface's own envelope of an error."""


class MediaFiles:
    """The endpoint. An error is rendered by `render`: 403 for a bad or old URL, 404 for what is gone."""

    def __init__(
        self,
        blobs: BlobStore,
        urls: MediaUrls,
        *,
        resolve: Resolve,
        render: Render,
        now: Callable[[], dt.datetime],
    ) -> None:
        self._blobs = blobs
        self._urls = urls
        self._resolve = resolve
        self._render = render
        self._now = now

    def route(self) -> Route:
        """The route, HEAD included."""
        return Route(f"{PATH}/{{kind}}/{{id}}", self.serve, methods=["GET"])

    async def serve(self, request: Request) -> Response:
        """Answer one request."""
        try:
            return await self._serve(request)
        except VoiceEngineError as error:
            return self._render(error)

    async def _serve(self, request: Request) -> Response:
        kind, media_id = request.path_params["kind"], request.path_params["id"]
        query = request.query_params
        ends = self._urls.verify(kind, media_id, expires=query.get("expires", ""), signature=query.get("sig", ""))
        item = await self._resolve(kind, media_id)
        info = await self._blobs.find(item.key) if item else None
        if item is None or info is None:
            raise _gone()
        headers = self._headers(item, info, ends)
        if matches(info, request.headers.get("if-none-match")):
            return Response(status_code=304, headers=headers)
        if request.method == "HEAD":
            return Response(headers={**headers, "Content-Length": str(info.size_bytes)})
        wanted = select(info, request.headers.get("range"), request.headers.get("if-range"))
        if wanted is Selection.UNSATISFIABLE:
            return Response(status_code=416, headers={**headers, "Content-Range": f"bytes */{info.size_bytes}"})
        status = 200
        if isinstance(wanted, ByteRange):
            status = 206
            headers["Content-Range"] = f"bytes {wanted.start}-{wanted.end - 1}/{info.size_bytes}"
        start, end = (wanted.start, wanted.end) if isinstance(wanted, ByteRange) else (0, info.size_bytes)
        headers["Content-Length"] = str(end - start)
        try:
            body = await _started(self._blobs.read(item.key, start=start, end=end))
        except NotFound as error:  # deleted since we looked
            raise _gone() from error
        return _ClosingResponse(body, status=status, headers=headers)

    def _headers(self, item: MediaItem, info: BlobInfo, ends: dt.datetime) -> dict[str, str]:
        left_s = max(0, int((ends - self._now()).total_seconds()))
        return {
            "Content-Type": item.content_type,
            "Content-Disposition": f'inline; filename="{item.filename}"',
            "Accept-Ranges": "bytes",
            "ETag": f'"{info.etag}"',
            "Last-Modified": http_date(info.modified_at),
            "Cache-Control": f"private, max-age={left_s}",
            **SAFE_HEADERS,
        }


def _gone() -> NotFound:
    return NotFound("media_not_found", "this recording does not exist, or not any more")


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
