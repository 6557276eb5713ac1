"""What waits for somebody, as the tabs count it."""

from dataclasses import asdict

from starlette.responses import Response

from voice_engine.domains.inbound.waiting import count_waiting
from voice_engine.web.dashboard.desk.reach import NAME
from voice_engine.web.dashboard.view import View, route


async def show_waiting(view: View) -> Response:
    """JSON for `static/reception/tabs.js`: `voicemails` and `tasks`."""
    async with view.store.read(view.organization_id) as work:
        return view.answer(asdict(await count_waiting(work)))


ROUTES = (route("/app/waiting", show_waiting, area=NAME),)
