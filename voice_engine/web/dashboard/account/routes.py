"""The language, the organization, the password, signing out."""

from starlette.responses import Response

from voice_engine.domains.accounts import service as accounts
from voice_engine.domains.identity.redirects import own_page
from voice_engine.errors import InvalidInput
from voice_engine.web.dashboard.account import organizations, password
from voice_engine.web.dashboard.account.words import WORDS
from voice_engine.web.dashboard.site import Area
from voice_engine.web.dashboard.view import SIGN_IN, View, route
from voice_engine.web.dashboard.words import LANGUAGES

NAME = "account"


async def set_language(view: View) -> Response:
    """Keep the person's language and come back."""
    form = await view.form()
    language = str(form.get("language", ""))
    if language not in LANGUAGES:
        raise InvalidInput("validation_error", "language must be en or es")
    async with view.store.begin(view.organization_id) as work:
        await accounts.set_locale(work, view.viewer.user_id, language)
    return view.go(_back(str(form.get("back", ""))))


async def sign_out(view: View) -> Response:
    """End this browser's session."""
    identity = view.services.identity
    assert identity is not None
    await identity.sessions.end(view.viewer.caller)
    response = view.go(SIGN_IN)
    response.delete_cookie(view.viewer.cookie, path="/", secure=view.viewer.cookie.startswith("__"), httponly=True)
    return response


def _back(asked: str) -> str:
    page = own_page(asked)
    return page if page is not None and page.startswith("/app") else "/app"


AREA = Area(
    name=NAME,
    words=WORDS,
    routes=[
        route("/app/language", set_language, area=NAME, methods=["POST"]),
        route("/app/sign-out", sign_out, area=NAME, methods=["POST"], while_password_is_due=True),
        *organizations.ROUTES,
        *password.ROUTES,
    ],
)
