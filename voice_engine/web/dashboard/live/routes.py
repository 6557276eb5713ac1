"""What a call's page lets its owner do while the call is up. The answers are JSON for `static/live.js`."""

import secrets

from markupsafe import Markup
from starlette.responses import Response

from voice_engine.domains.calls.models import Call
from voice_engine.domains.live.steering import MOST_LETTERS, Steering, standing_of
from voice_engine.errors import UpstreamFailed
from voice_engine.web.browser import ACCOUNT_SID, base_for, socket_url
from voice_engine.web.dashboard.live.words import SCRIPT
from voice_engine.web.dashboard.view import View, route
from voice_engine.web.owners import worker_of

NAME = "live"


async def live_controls(view: View, call: Call) -> Markup:
    """The controls of this call, for the page of whatever area; empty: there is nothing to control.

    The page brings `live.css` and `live.js`.
    """
    async with view.store.read(view.organization_id) as work:
        standing = await standing_of(work, call)
    if standing is None:
        return Markup()
    words = view.site.words(NAME, view.language)
    script = {
        "callId": call.id,
        "userId": view.viewer.user_id,
        "lead": standing.lead,
        "words": {key: words[f"live_js_{key}"] for key in SCRIPT},
    }
    template = view.site.environment.get_template("live/controls.html")
    text = template.render(standing=standing, script=script, most_letters=MOST_LETTERS, w=words)
    return Markup(text)  # noqa: S704  # our own template, which escapes what it is given


async def stop(view: View) -> Response:
    """End the call."""
    await _steering(view).stop(*_who_and_which(view))
    return view.answer({"stopped": True})


async def transfer(view: View) -> Response:
    """Connect the other party to another number. Not connected: `reason` says why, and the AI has the call."""
    number = (await view.json()).get("number")
    error = await _steering(view).transfer(*_who_and_which(view), number if isinstance(number, str) else "")
    return view.answer({"connected": error is None, "reason": error})


async def whisper(view: View) -> Response:
    """Say something to the AI alone."""
    await _steering(view).whisper(*_who_and_which(view), (await view.json()).get("text"))
    return view.answer({"told": True})


async def hand_back(view: View) -> Response:
    """Let the AI lead again."""
    await _steering(view).hand_back(*_who_and_which(view))
    return view.answer({"lead": "ai"})


async def take_over(view: View) -> Response:
    """A place in the call for this browser: all that a script needs to open its stream."""
    entrance = await _steering(view).take_over(*_who_and_which(view))
    api = view.services.api
    base = base_for(view.request, api.public_url if api is not None else str(view.request.base_url))
    place = {
        "callId": entrance.call.id,
        "callSid": f"CA{secrets.token_hex(16)}",
        "streamSid": f"MZ{secrets.token_hex(16)}",
        "accountSid": ACCOUNT_SID,
        "socketUrl": socket_url(base, worker_of(entrance.owner)),
        "ticket": entrance.ticket,
        "expiresInSeconds": entrance.expires_in_s,
    }
    return view.answer(place, status=201)


def _steering(view: View) -> Steering:
    """Raises UpstreamFailed `service_unavailable` where no calls are served."""
    inbound = view.services.inbound
    if inbound is None:
        raise UpstreamFailed("service_unavailable", "no calls are served here", provider="engine", retryable=False)
    return inbound.domain.steering


def _who_and_which(view: View) -> tuple[str, str, str]:
    return view.organization_id, view.viewer.user_id, view.request.path_params["id"]


LIVE_ROUTES = (
    route("/app/calls/{id}/stop", stop, area=NAME, methods=["POST"]),
    route("/app/calls/{id}/transfer", transfer, area=NAME, methods=["POST"]),
    route("/app/calls/{id}/whisper", whisper, area=NAME, methods=["POST"]),
    route("/app/calls/{id}/hand-back", hand_back, area=NAME, methods=["POST"]),
    route("/app/calls/{id}/takeover", take_over, area=NAME, methods=["POST"]),
)
