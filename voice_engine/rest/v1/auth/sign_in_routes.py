"""Signing in and up by form, signing out, the account page, links that work once. No scripts."""

from fastapi import Request, Response

from voice_engine.domains.accounts import service as accounts
from voice_engine.domains.identity.oauth import Parameters
from voice_engine.domains.identity.redirects import own_page
from voice_engine.domains.identity.sign_in import SignUp
from voice_engine.errors import VoiceEngineError
from voice_engine.rest.security import PUBLIC
from voice_engine.rest.v1.auth.browser import SESSION_COOKIE, Browser
from voice_engine.rest.v1.auth.destinations import LOGIN_PATH
from voice_engine.rest.v1.auth.forms import FORM, read_form
from voice_engine.rest.v1.auth.pages import AccountPage, ConnectedClient, LinkPage
from voice_engine.rest.v1.auth.visits import Visit, ask_to_sign_in, browser_of, refuse, visit
from voice_engine.rest.v1.router import address_of, operation, v1_router

router = v1_router("Authentication")

LINK_PATH = "/v1/auth/link"
WEB_APP = "/app"
"""Where a sign-in leads that nobody asked for on the way to something else."""


@router.get(LOGIN_PATH, openapi_extra=operation(PUBLIC))
async def show_login(request: Request) -> Response:
    """The sign-in page, or the account page for whoever is signed in."""
    browser, query = browser_of(request), Parameters(request.scope["query_string"])
    person = await visit(browser)
    target = own_page(query.text("continue") or "")
    if person is None:
        return ask_to_sign_in(browser, target or WEB_APP, query)
    if target is not None and target.partition("?")[0] != LOGIN_PATH:
        return browser.go(target)
    return browser.show(await _account_page(browser, person), language=query.text("lang"))


@router.post(LOGIN_PATH, openapi_extra=operation(PUBLIC, body_type=FORM))
async def sign_in(request: Request) -> Response:
    """The sign-in form; the sign-up form when it says `new`."""
    browser, form = browser_of(request), await read_form(request)
    try:
        browser.check_form(form)
    except VoiceEngineError as error:
        return refuse(browser, error)
    target, address = own_page(form.text("continue") or "") or LOGIN_PATH, address_of(request)
    try:
        if form.text("new") == "1":
            signed_in = await browser.identity.sign_in.sign_up(_sign_up(browser, form), address=address)
        else:
            email, password = form.text("email") or "", form.text("password") or ""
            signed_in = await browser.identity.sign_in.with_password(email, password, address=address)
    except VoiceEngineError as error:
        return ask_to_sign_in(browser, target, form, error=error)
    return await browser.sign_in(target, signed_in)


@router.post("/v1/auth/logout", openapi_extra=operation(PUBLIC, body_type=FORM))
async def sign_out(request: Request) -> Response:
    """End this browser's session."""
    browser, form = browser_of(request), await read_form(request)
    try:
        browser.check_form(form)
    except VoiceEngineError as error:
        return refuse(browser, error)
    caller = await browser.caller()
    if caller is not None:
        await browser.identity.sessions.end(caller)
    response = browser.go(LOGIN_PATH)
    browser.set_cookie(response, SESSION_COOKIE, "", seconds=0)
    return response


@router.get(LINK_PATH, openapi_extra=operation(PUBLIC))
async def show_link(request: Request) -> Response:
    """A link that works once. Opening it spends nothing: whoever scans mail opens links."""
    browser, query = browser_of(request), Parameters(request.scope["query_string"])
    return await _link_page(browser, query.text("token") or "", query)


@router.post(LINK_PATH, openapi_extra=operation(PUBLIC, body_type=FORM))
async def use_link(request: Request) -> Response:
    """Spend the link: sign its user in, or make the first account."""
    browser, form = browser_of(request), await read_form(request)
    token = form.text("token") or ""
    try:
        browser.check_form(form)
    except VoiceEngineError as error:
        return refuse(browser, error)
    try:
        details = _sign_up(browser, form) if form.raw("email") is not None else None
        signed_in = await browser.identity.sign_in.with_link(token, details, address=address_of(request))
    except VoiceEngineError as error:
        return await _link_page(browser, token, form, error=error)
    return await browser.sign_in(WEB_APP, signed_in)


@router.get("/v1/auth/signin.css", openapi_extra=operation(PUBLIC))
async def read_style(request: Request) -> Response:
    """The pages' style sheet; its address changes with it."""
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
    return Response(browser_of(request).pages.style(), media_type="text/css", headers=headers)


async def _link_page(
    browser: Browser, token: str, form: Parameters, *, error: VoiceEngineError | None = None
) -> Response:
    try:
        user_id = await browser.identity.sign_in.peek_link(token)
    except VoiceEngineError as refused:
        return refuse(browser, refused)
    email = None
    if user_id is not None:
        async with browser.identity.store.system("a link tells its user", writes=False) as work:
            email = (await accounts.get(work, user_id)).email
    page = LinkPage(
        token=token,
        email=email,
        entered_email=form.text("email") or "",
        name=form.text("name") or "",
        error=error.code if error else None,
        retry_after_s=error.details.get("retry_after_seconds") if error else None,
    )
    return browser.show(page, error=error, language=form.text("lang"))


async def _account_page(browser: Browser, person: Visit) -> AccountPage:
    connected = await browser.identity.authorizations.connected(
        user_id=person.user.id, organization_id=person.caller.organization_id
    )
    clients = []
    for client_id, scopes in connected:
        client = browser.identity.clients.find(client_id)
        name = client.name if client else client_id
        clients.append(ConnectedClient(id=client_id, name=name, scopes=scopes))
    return AccountPage(
        email=person.user.email,
        name=person.user.name,
        consented=person.user.consented_at is not None,
        clients=tuple(clients),
    )


def _sign_up(browser: Browser, form: Parameters) -> SignUp:
    return SignUp(
        email=form.text("email") or "",
        password=form.text("password") or "",
        name=form.text("name") or "",
        locale=browser.language(form.text("lang")),
        consented=form.text("consent") == "yes",
    )
