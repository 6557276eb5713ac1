"""Another password: by choice, or because an administrator asked for one."""

from starlette.responses import Response

from voice_engine.domains.identity.recovery import NewPassword
from voice_engine.errors import VoiceEngineError
from voice_engine.rest.v1.errors import status_of
from voice_engine.web.dashboard.view import View, route

NAME = "account"


async def show_password(view: View) -> Response:
    """The form."""
    return _page(view)


async def change_password(view: View) -> Response:
    """Change it; every other session of the person ends."""
    form, api = await view.form(), view.services.api
    assert api is not None and api.doors is not None, "this process signs people in"
    forced = view.viewer.person.must_change_password
    change = NewPassword(
        new=str(form.get("new", "")), current=None if forced else str(form.get("current", "")), forced=forced
    )
    try:
        await api.doors.recovery.change_password(view.viewer.user_id, view.viewer.caller.token_id, change)
    except VoiceEngineError as error:
        return _page(view, error=error)
    return _page(view, done=True)


def _page(view: View, *, error: VoiceEngineError | None = None, done: bool = False) -> Response:
    fault = None
    if error is not None:
        fault = view.words.get(f"error_{error.code}", error.message)
    return view.page("account/password.html", status=status_of(error) if error else 200, fault=fault, done=done)


ROUTES = [
    route("/app/password", show_password, area=NAME, while_password_is_due=True),
    route("/app/password", change_password, area=NAME, methods=["POST"], while_password_is_due=True),
]
