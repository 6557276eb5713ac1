"""Tokens for servers that use the API in the organization's name."""

import datetime as dt

from starlette.responses import Response

from voice_engine.domains.identity import api_tokens
from voice_engine.domains.identity.api_tokens import NewApiToken
from voice_engine.domains.identity.scopes import DESCRIPTIONS, parse_scope
from voice_engine.errors import InvalidInput, NotFound
from voice_engine.web.dashboard.settings.desk import identity_of, text_of
from voice_engine.web.dashboard.view import View

HOME = "/app/settings/tokens"
LIFETIMES = {"30": 30, "90": 90, "365": 365, "never": None}
"""Days; None: until it is revoked."""
USUAL = ("calls:read", "calls:write", "transcripts:read", "recordings:read")
"""Scopes of calls, which most servers want; the others are folded away."""


async def show_tokens(view: View) -> Response:
    """Tokens of the organization, the newest first."""
    async with view.store.read(view.organization_id) as work:
        tokens = await api_tokens.list_tokens(work)
    scopes = {scope: pair[view.language == "es"] for scope, pair in DESCRIPTIONS.items() if _opens(scope)}
    return view.page(
        "settings/tokens.html",
        tokens=tokens,
        usual={scope: scopes[scope] for scope in USUAL},
        others={scope: text for scope, text in scopes.items() if scope not in USUAL},
        lifetimes=list(LIFETIMES),
    )


async def create_token(view: View) -> Response:
    """A new token; it is shown on the answer, and nowhere else."""
    form = await view.form()
    scopes = parse_scope(" ".join(str(scope) for scope in form.getlist("scopes")))
    lifetime = await text_of(view, "lifetime")
    if not scopes or lifetime not in LIFETIMES:
        raise InvalidInput("scopes_invalid", view.words["error_scopes_invalid"])
    days = LIFETIMES[lifetime]
    wanted = NewApiToken(
        user_id=view.viewer.user_id,
        organization_id=view.organization_id,
        label=await text_of(view, "label"),
        scopes=scopes,
        lifetime=None if days is None else dt.timedelta(days=days),
    )
    async with view.store.begin(view.organization_id) as work:
        made = await api_tokens.create(work, wanted, now=view.services.now(), actor=view.viewer.user_id)
    return view.page(
        "settings/secret.html", word="token_made", secret=made.token, title=made.row.label, go=HOME, tabs_at=HOME
    )


async def revoke_token(view: View) -> Response:
    """End a token, in this process at once."""
    token_id = str(view.request.path_params["id"])
    async with view.store.begin(view.organization_id) as work:
        token = next((one for one in await api_tokens.list_tokens(work) if one.id == token_id), None)
        if token is None:
            raise NotFound("token_not_found", view.words["error_not_found"])
        await identity_of(view).endings.end_api_token(work, token, actor=view.viewer.user_id)
    return view.go(f"{HOME}?done=token_revoked")


def _opens(scope: str) -> bool:
    """Older clients' scopes are granted and guard nothing: nobody needs to choose them."""
    return not scope.startswith("sessions:")
