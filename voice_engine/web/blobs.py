"""`GET /media/{kind}/{id}`: recordings and voicemails behind signed URLs, whole or by byte range.

What a kind and an id stand for is the owner's knowledge: a `Resolve` says which blob it is, if it still is.
"""

import datetime as dt
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from voice_engine.blobs.signing import PATH, MediaUrls
from voice_engine.errors import NotFound, VoiceEngineError
from voice_engine.ports.blobs import BlobStore
from voice_engine.rest.files import blob_headers, blob_response, gone


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
            raise gone("media_not_found")
        headers = {
            **blob_headers(info, content_type=item.content_type, filename=item.filename),
            "Cache-Control": f"private, max-age={self._left_s(ends)}",
        }
        try:
            return await blob_response(request, self._blobs, item.key, info, headers=headers)
        except NotFound as error:  # deleted since we looked
            raise gone("media_not_found") from error

    def _left_s(self, ends: dt.datetime) -> int:
        return max(0, int((ends - self._now()).total_seconds()))
