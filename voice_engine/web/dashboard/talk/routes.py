"""The server's side of talking in the browser: a call is begun, or its lost stream replaced."""

from typing import cast

from pydantic import ValidationError
from starlette.responses import Response

from voice_engine.errors import InvalidInput, UpstreamFailed
from voice_engine.rest.v1.errors import field_error, validation_error
from voice_engine.web.browser import base_for
from voice_engine.web.calls import Visitor
from voice_engine.web.dashboard.talk.schemas import TalkIn, asked_call, talk_out
from voice_engine.web.dashboard.view import View, route
from voice_engine.web.talks import Talk, Talks

NAME = "talk"


async def begin(view: View) -> Response:
    """Begin a call and give the browser its pass."""
    talks, visitor, body = talks_of(view), visitor_of(view), await _body(view)
    if body.mode == "reception":
        return _answer(view, talks, await talks.call_receptionist(visitor, body.language))
    if body.task is None:
        raise field_error("task", "must say what the call is about")
    return _answer(view, talks, await talks.be_called(visitor, asked_call(body, body.task)))


async def come_back(view: View) -> Response:
    """Another pass for a call whose socket was lost."""
    talks = talks_of(view)
    return _answer(view, talks, talks.come_back(visitor_of(view), view.request.path_params["call_id"]))


def talks_of(view: View) -> Talks:
    """The calls of this process. Raises UpstreamFailed `service_unavailable` where none are held."""
    talks = view.site.extras.get(NAME)
    if talks is None:
        raise UpstreamFailed(
            "service_unavailable", "this process holds no calls; ask another", provider="engine", retryable=True
        )
    return cast("Talks", talks)


def visitor_of(view: View) -> Visitor:
    """Who looks, as the media sockets know them."""
    return Visitor(user_id=view.viewer.user_id, organization_id=view.organization_id)


async def _body(view: View) -> TalkIn:
    try:
        return TalkIn.model_validate(await view.json())
    except ValidationError as error:
        raise _refusal(error) from error


def _refusal(error: ValidationError) -> InvalidInput:
    return validation_error(error.errors(include_url=False, include_context=False, include_input=False))


def _answer(view: View, talks: Talks, talk: Talk) -> Response:
    api = view.services.api
    base = base_for(view.request, api.public_url if api is not None else str(view.request.base_url))
    return view.answer(talk_out(talk, base=base, worker=talks.worker), status=201)


CALL_ROUTES = (
    route("/app/talk/calls", begin, area=NAME, methods=["POST"]),
    route("/app/talk/calls/{call_id}/stream", come_back, area=NAME, methods=["POST"]),
)
