"""What calls left to be done: one list, ticked off by one click."""

from starlette.responses import Response

from voice_engine.domains.inbound.actions import Which, list_tasks
from voice_engine.errors import NotFound
from voice_engine.web.dashboard.desk.reach import NAME, Paging, inbound_of, page_of, text_of
from voice_engine.web.dashboard.view import View, route

PATH = "/app/actions"
PAGE = 30
SHOWN: tuple[Which, ...] = ("open", "done", "all")


async def show_actions(view: View) -> Response:
    """A page of them, those of the newest call first."""
    return await _page(view, view.request.query_params.get("show", ""), page_of(view))


async def tick(view: View) -> Response:
    """Tick something off, or put it back; the list as it is then."""
    form, params = await view.form(), view.request.path_params
    place = str(params["place"])
    if not place.isascii() or not place.isdigit() or len(place) > 9:
        raise NotFound("action_item_not_found", "this call has no such action item")
    status = "pending" if text_of(form, "done") == "no" else "completed"
    async with view.store.begin(view.organization_id) as work:
        await inbound_of(view).domain.service.update_action_item(work, str(params["call"]), int(place), status)
    return await _page(view, text_of(form, "show"), 1)


async def _page(view: View, asked: str, page: int) -> Response:
    which: Which = next((each for each in SHOWN if each == asked), "open")
    async with view.store.read(view.organization_id) as work:
        found = await list_tasks(work, which, limit=PAGE, offset=(page - 1) * PAGE)
    paging = Paging(
        page=page, size=PAGE, total=found.total, path=PATH, query={"show": "" if which == "open" else which}
    )
    return view.page(
        "desk/_actions.html" if view.is_fragment else "desk/actions.html",
        found=found,
        which=which,
        paging=paging,
    )


ROUTES = (
    route(PATH, show_actions, area=NAME),
    route(f"{PATH}/{{call}}/{{place}}", tick, area=NAME, methods=["POST"]),
)
