"""Recordings: list, fetch, media, delete."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from voice_engine.carrier.rest.answers import Form, not_found, page
from voice_engine.carrier.rest.carrier import Carrier
from voice_engine.carrier.rest.recordings import Recording


class RecordingRoutes:
    """`/Recordings`."""

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier

    async def list(self, request: Request) -> Response:
        """Recordings, of one call where the path or the query names it."""
        call_sid = request.path_params.get("call") or Form.query(request).get("CallSid")
        base_url = self._carrier.parts.base_url
        return page(request, "recordings", [one.json(base_url) for one in self._carrier.recordings.of(call_sid)])

    async def fetch(self, request: Request) -> Response:
        """One recording's facts."""
        return JSONResponse(self._find(request).json(self._carrier.parts.base_url))

    async def media(self, request: Request) -> Response:
        """One recording's sound."""
        media = await self._carrier.recordings.media(self._find(request))
        return Response(media, media_type="audio/x-wav")

    async def delete(self, request: Request) -> Response:
        """Delete it, sound and facts."""
        await self._carrier.recordings.delete(self._find(request))
        return Response(status_code=204)

    def _find(self, request: Request) -> Recording:
        recording = self._carrier.recordings.find(request.path_params["sid"])
        if recording is None:
            raise not_found(request.url.path)
        return recording
