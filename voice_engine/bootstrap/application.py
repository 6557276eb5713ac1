"""The applications of one port put together: carrier, API, recordings, figures."""

from typing import Any

from starlette.applications import Starlette
from starlette.types import ASGIApp

from voice_engine.bootstrap.service import Service, call_files, utc_now
from voice_engine.domains.calls.peaks import RecordingPeaks
from voice_engine.domains.calls.recordings import find_recording
from voice_engine.domains.inbound.voicemails import find_audio
from voice_engine.domains.inbound.words import VOICEMAILS
from voice_engine.domains.privacy.service import Privacy
from voice_engine.rest.api.app import build_api
from voice_engine.rest.api.auth.page_routes import PAGE_PATHS
from voice_engine.rest.requests import Requests
from voice_engine.rest.v1.app import build_v1
from voice_engine.rest.v1.calls.surface import RECORDINGS
from voice_engine.rest.v1.errors import render, render_bug
from voice_engine.web.blobs import MediaFiles, MediaItem, Resolve
from voice_engine.web.dashboard.app import PREFIXES, ROOT, build_dashboard
from voice_engine.web.dashboard.calls.page_routes import EXTRA, CallPages
from voice_engine.web.dashboard.desk.reach import NAME as DESK
from voice_engine.web.root import CARRIER_PREFIXES, Part, Root
from voice_engine.web.watching import MetricsPage

API_PREFIXES = ("/v1/", "/.well-known/", "/openapi.yaml")
BUSINESS_PREFIXES = ("/api/", *PAGE_PATHS)


def build_root(service: Service, carrier_app: ASGIApp, *, extras: dict[str, Any] | None = None) -> ASGIApp:
    """Everything that one port serves; `carrier_app` has the webhooks, the sockets and the health checks.

    `extras` are services of the web app that only this process has, by the name of their area.
    """
    token = service.settings.web.metrics_token
    media = MediaFiles(service.blobs, service.links, resolve=_resolver(service), render=render, now=utc_now)
    media_routes = Starlette(routes=[media.route()])
    media_app = Requests(media_routes, render_bug=render_bug, metrics=service.metrics, tracing=service.tracing)
    page = MetricsPage(service.metrics, token=token.get_secret_value() if token else None)
    return Root(
        [
            Part(prefixes=CARRIER_PREFIXES, app=carrier_app),
            Part(prefixes=("/media/",), app=media_app),
            Part(prefixes=("/metrics",), app=page),
            Part(prefixes=API_PREFIXES, app=build_v1(service.surface)),
            Part(prefixes=BUSINESS_PREFIXES, app=build_api(service.surface)),
            Part(prefixes=PREFIXES, app=build_dashboard(service.surface, extras=_pages(service) | (extras or {}))),
        ],
        home=ROOT,
    )


def _pages(service: Service) -> dict[str, Any]:
    """Services of the web app that every process with an API has."""
    peaks = RecordingPeaks(service.store, service.blobs)
    privacy = Privacy(service.store, service.blobs, call_files(service.settings), now=utc_now)
    return {
        EXTRA: CallPages(blobs=service.blobs, peaks=peaks, following=service.following),
        DESK: privacy,
    }


def _resolver(service: Service) -> Resolve:
    async def resolve(kind: str, media_id: str) -> MediaItem | None:
        if kind == RECORDINGS:
            key, name = await find_recording(service.store, media_id), "call"
        elif kind == VOICEMAILS:
            key, name = await find_audio(service.store, media_id), "voicemail"
        else:
            return None
        file = f"{name}-{media_id}.wav"
        return None if key is None else MediaItem(key=key, content_type="audio/wav", filename=file)

    return resolve
