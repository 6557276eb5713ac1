"""Doctor as a page: the organization for everybody, the installation for its operators."""

from collections.abc import AsyncIterator
from dataclasses import asdict

import orjson
from starlette.responses import Response, StreamingResponse

from voice_engine.errors import NotFound
from voice_engine.ports.doctor import Doctor
from voice_engine.web.dashboard.settings.desk import desk_of
from voice_engine.web.dashboard.view import View


async def show_doctor(view: View) -> Response:
    """What of the organization's settings does not work; looked at anew each time."""
    desk = desk_of(view)
    async with view.store.read(view.organization_id) as work:
        points = await desk.checkup.look(work)
    sees_all = view.viewer.person.is_operator and desk.doctor is not None
    return view.page("settings/doctor.html", points=points, sees_all=sees_all)


async def examine(view: View) -> Response:
    """The installation, finding by finding, as server-sent events. For operators."""
    doctor = desk_of(view).doctor
    if doctor is None or not view.viewer.person.is_operator:
        raise NotFound("not_found", view.words["error_not_found"])
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return StreamingResponse(_events(doctor), media_type="text/event-stream", headers=headers)


async def _events(doctor: Doctor) -> AsyncIterator[bytes]:
    async for finding in doctor.examine():
        yield b"event: finding\ndata: " + orjson.dumps(asdict(finding)) + b"\n\n"
    yield b"event: done\ndata: {}\n\n"
