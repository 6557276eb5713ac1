"""Samples of the voices: the audio, and how far its making has come."""

from starlette.responses import Response

from voice_engine.domains.voices import catalogue
from voice_engine.domains.voices.catalogue import CatalogueVoice
from voice_engine.errors import NotFound
from voice_engine.web.dashboard.reception.reach import surface_of
from voice_engine.web.dashboard.view import View

KEPT = "private, max-age=86400"


async def play_sample(view: View) -> Response:
    """A WAV, spoken by the synthesizer that speaks in calls; made once."""
    previews = surface_of(view).previews
    if previews is None:
        raise NotFound("not_found", view.words["as_no_samples"])
    return Response(
        await previews.wav(_voice(view)),
        media_type="audio/wav",
        headers={"Cache-Control": KEPT, "X-Content-Type-Options": "nosniff"},
    )


async def show_progress(view: View) -> Response:
    """How much of a sample is spoken by now; nothing while none is being made."""
    previews = surface_of(view).previews
    making = None if previews is None else previews.progress_of(_voice(view))
    if making is None:
        return view.answer({"spokenMs": None})
    return view.answer({"spokenMs": making.spoken_ms, "expectedMs": making.expected_ms})


def _voice(view: View) -> CatalogueVoice:
    voice = catalogue.find(str(view.request.path_params["voice"]))
    if voice is None:
        raise NotFound("not_found", view.words["error_not_found"])
    return voice
