"""Voicemails: heard, read, marked, deleted."""

from starlette.responses import RedirectResponse, Response

from voice_engine.domains.inbound.words import VOICEMAILS
from voice_engine.web.dashboard.desk.reach import LINK_VALID, NAME, Paging, inbound_of, page_of, text_of
from voice_engine.web.dashboard.view import View, route

PATH = "/app/voicemails"
PAGE = 20


async def show_voicemails(view: View) -> Response:
    """A page of them, newest first."""
    unheard, page = view.request.query_params.get("show") == "unheard", page_of(view)
    service = inbound_of(view).domain.voicemails
    async with view.store.read(view.organization_id) as work:
        found = await service.list_page(work, unread=unheard, limit=PAGE, offset=(page - 1) * PAGE)
        left = await service.count_unread(work)
    paging = Paging(
        page=page, size=PAGE, total=found.total, path=PATH, query={"show": "unheard" if unheard else ""}
    )
    return view.page(
        "desk/voicemails.html",
        messages=found.voicemails,
        paging=paging,
        unheard=unheard,
        left=left,
    )


async def audio(view: View) -> Response:
    """To the audio, behind a link that works for an hour."""
    inbound = inbound_of(view)
    async with view.store.read(view.organization_id) as work:
        message = await inbound.domain.voicemails.get(work, _id(view))
    link = inbound.links.sign(VOICEMAILS, message.id, valid_for=LINK_VALID)
    return RedirectResponse(link, status_code=303, headers={"Cache-Control": "no-store"})


async def mark(view: View) -> Response:
    """Count a message as heard, or as not heard yet."""
    is_read = text_of(await view.form(), "heard") != "no"
    async with view.store.begin(view.organization_id) as work:
        message = await inbound_of(view).domain.voicemails.mark(work, _id(view), is_read=is_read)
    return view.page("desk/_message.html", message=message)


async def delete(view: View) -> Response:
    """Delete a message; its call stays."""
    await inbound_of(view).domain.forgetting.forget_voicemail(
        view.organization_id, _id(view), actor=view.viewer.user_id
    )
    return view.go(PATH)


def _id(view: View) -> str:
    return str(view.request.path_params["id"])


ROUTES = (
    route(PATH, show_voicemails, area=NAME),
    route(f"{PATH}/{{id}}/audio", audio, area=NAME),
    route(f"{PATH}/{{id}}/heard", mark, area=NAME, methods=["POST"]),
    route(f"{PATH}/{{id}}/delete", delete, area=NAME, methods=["POST"]),
)
