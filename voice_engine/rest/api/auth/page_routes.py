"""The pages that letters and sign-in lead to, for installations without a web application of their own. No scripts.

The operator's page of letters asks for a session of the built-in sign-in (`/v1/auth/login`) whose person is an
operator: letters hold links that sign others in.
"""

from urllib.parse import urlencode

from fastapi import Request, Response

from voice_engine.domains.identity.oauth import Parameters
from voice_engine.errors import NotAllowed, VoiceEngineError
from voice_engine.rest.api.auth.cookies import set_csrf
from voice_engine.rest.api.auth.doors import DASHBOARD, LOGIN
from voice_engine.rest.api.auth.routes import doors_of
from voice_engine.rest.api.auth.session_routes import session_of
from voice_engine.rest.api.router import api_router, operation, surface_of
from voice_engine.rest.api.session import token_of
from voice_engine.rest.v1.auth.forms import FORM, read_form
from voice_engine.rest.v1.auth.pages import (
    BusinessSignInPage,
    ForgotPage,
    OutboxLetter,
    OutboxPage,
    Page,
    ResetPage,
)
from voice_engine.rest.v1.auth.visits import ask_to_sign_in, browser_of, refuse, visit
from voice_engine.rest.v1.router import address_of

router = api_router("Pages")

WEB_APP = "/app"
FORGOT, RESET, OUTBOX = "/forgot-password", "/reset-password", "/outbox"
PAGE_PATHS = (LOGIN, DASHBOARD, FORGOT, RESET, OUTBOX)
ERRORS = {"CredentialsSignin": "credentials_wrong", "invalid_link": "link_invalid", "csrf": "bad_csrf"}
"""What the addresses say that browsers are sent to, in the pages' words."""
LETTERS = 50
FORM_ONLY = operation("public", body_types=(FORM,))


@router.get(LOGIN, openapi_extra=operation("public"))
async def show_sign_in(request: Request) -> Response:
    """The sign-in page."""
    query = request.query_params
    page = BusinessSignInPage(
        csrf_token=doors_of(request).csrf.token_of(request),
        done=query.get("done") == "password",
        error=ERRORS.get(query.get("error", "")),
    )
    return _with_csrf(request, page, page.csrf_token)


@router.get("/api/auth/signin", openapi_extra=operation("public"))
@router.get("/api/auth/error", openapi_extra=operation("public"))
async def go_to_sign_in(request: Request) -> Response:
    """Where the client library's addresses lead: to the page that says what went wrong."""
    query = request.query_params
    error = "csrf" if query.get("csrf") == "true" else query.get("error", "")
    target = f"{LOGIN}?{urlencode({'error': error})}" if error in ERRORS else LOGIN
    return browser_of(request).go(target, status=302)


@router.get(DASHBOARD, openapi_extra=operation("public"))
async def show_dashboard(request: Request) -> Response:
    """Where the client library's sign-in leads: into the web app."""
    doors, token = doors_of(request), token_of(request, secure=surface_of(request).is_secure)
    found = None if token is None else await session_of(doors.identity, token)
    return browser_of(request).go(LOGIN if found is None else WEB_APP, status=302)


@router.get(FORGOT, openapi_extra=operation("public"))
async def show_forgot(request: Request) -> Response:
    """The form that asks for a link."""
    return browser_of(request).show(ForgotPage(), language=request.query_params.get("lang"))


@router.post(FORGOT, openapi_extra=FORM_ONLY)
async def ask_for_link(request: Request) -> Response:
    """Have a link mailed, if there is such an account; the page says the same either way."""
    browser, form = browser_of(request), await read_form(request)
    try:
        browser.check_form(form)
        await doors_of(request).recovery.ask_reset(form.text("email") or "", address=address_of(request))
    except VoiceEngineError as error:
        page = ForgotPage(error=error.code, retry_after_s=error.details.get("retry_after_seconds"))
        return browser.show(page, error=error, language=form.text("lang"))
    return browser.show(ForgotPage(asked=True), language=form.text("lang"))


@router.get(RESET, openapi_extra=operation("public"))
async def show_reset(request: Request) -> Response:
    """The form for a new password. Opening it spends nothing: whoever scans mail opens links."""
    query = Parameters(request.scope["query_string"])
    return browser_of(request).show(ResetPage(token=query.text("token") or ""), language=query.text("lang"))


@router.post(RESET, openapi_extra=FORM_ONLY)
async def set_password(request: Request) -> Response:
    """Set the new password and go on to the sign-in page."""
    browser, form = browser_of(request), await read_form(request)
    token, password = form.text("token") or "", form.text("password") or ""
    try:
        browser.check_form(form)
        await doors_of(request).recovery.reset_password(token, password, address=address_of(request))
    except VoiceEngineError as error:
        page = ResetPage(token=token, error=error.code, retry_after_s=error.details.get("retry_after_seconds"))
        return browser.show(page, error=error, language=form.text("lang"))
    return browser.go(f"{LOGIN}?done=password")


@router.get(OUTBOX, openapi_extra=operation("public"))
async def show_outbox(request: Request) -> Response:
    """The newest letters, for the operator."""
    browser = browser_of(request)
    person = await visit(browser)
    if person is None:
        return ask_to_sign_in(browser, OUTBOX, Parameters(b""))
    if not person.user.is_operator or person.user.disabled_at is not None:
        return refuse(browser, NotAllowed("forbidden", "this page is the operator's"))
    doors = doors_of(request)
    async with doors.identity.store.system("the operator reads the letters", writes=False) as work:
        kept = await doors.outgoing.newest(work, most=LETTERS)
    letters = tuple(
        OutboxLetter(
            to=mail.to,
            subject=mail.subject,
            state=mail.state,
            written=f"{mail.created_at:%Y-%m-%d %H:%M} UTC",
            text=mail.text,
        )
        for mail in kept
    )
    return browser.show(OutboxPage(letters=letters), language=request.query_params.get("lang"))


def _with_csrf(request: Request, page: Page, token: str) -> Response:
    """A page whose forms go to the client library's addresses, with the cookie that they ask for."""
    response = browser_of(request).show(page, language=request.query_params.get("lang"))
    set_csrf(response, doors_of(request).csrf.cookie_value(token), secure=surface_of(request).is_secure)
    return response
