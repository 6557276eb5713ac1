"""Erasing a caller by number: what is held is shown first, what goes and what stays is said."""

from starlette.responses import Response

from voice_engine.domains.contacts.service import to_e164
from voice_engine.web.dashboard.desk.reach import NAME, privacy_of, region_of, text_of
from voice_engine.web.dashboard.view import View, route

PATH = "/app/contacts/erase"


async def show(view: View) -> Response:
    """Whom?"""
    return view.page("desk/erase.html", phone=view.request.query_params.get("phone", "")[:32])


async def look(view: View) -> Response:
    """What is held about a number."""
    number = to_e164(text_of(await view.form(), "number"), region=await region_of(view))
    held = await privacy_of(view).list_held(view.organization_id, number)
    return view.page("desk/_held.html", held=held, number=number)


async def erase(view: View) -> Response:
    """Delete it, for good."""
    number = to_e164(text_of(await view.form(), "number"))
    held = await privacy_of(view).erase(view.organization_id, number, actor=view.viewer.user_id)
    return view.page("desk/_erased.html", held=held)


ROUTES = (
    route(PATH, show, area=NAME),
    route(f"{PATH}/look", look, area=NAME, methods=["POST"]),
    route(PATH, erase, area=NAME, methods=["POST"]),
)
