"""The doors that lead elsewhere: the command line's sign-in, the authorize request, and consent. No scripts."""

from fastapi import Request, Response

from voice_engine.domains.accounts import service as accounts
from voice_engine.domains.accounts.models import User
from voice_engine.domains.identity.caller import Caller
from voice_engine.domains.identity.clients import CLI_CLIENT
from voice_engine.domains.identity.oauth import AuthorizeRequest, FaultyRequest, Parameters, read_authorize
from voice_engine.domains.identity.redirects import own_page, with_parameters
from voice_engine.domains.identity.scopes import ALL_SCOPES, DESCRIPTIONS
from voice_engine.errors import VoiceEngineError
from voice_engine.rest.security import PUBLIC
from voice_engine.rest.v1.auth.browser import Browser, authority_of
from voice_engine.rest.v1.auth.destinations import (
    AUTHORIZE_PATH,
    CLI_PATH,
    LOGIN_PATH,
    CliRequest,
    Destination,
    OwnPage,
    leads_to,
    read_cli,
    read_destination,
)
from voice_engine.rest.v1.auth.forms import FORM, read_form
from voice_engine.rest.v1.auth.pages import CallConsentPage, ConsentPage
from voice_engine.rest.v1.auth.visits import Visit, ask_to_sign_in, browser_of, refuse, visit
from voice_engine.rest.v1.router import operation, v1_router

router = v1_router("Authentication")


@router.get(CLI_PATH, openapi_extra=operation(PUBLIC))
async def start_cli(request: Request) -> Response:
    """Sign a command line in: tokens go to its listener on the user's own machine."""
    browser = browser_of(request)
    try:
        wanted = read_cli(Parameters(request.scope["query_string"]))
    except VoiceEngineError as error:
        return refuse(browser, error)
    person = await visit(browser)
    stop = _first(browser, wanted, person)
    if stop is not None or person is None:
        assert stop is not None, "a stranger is asked to sign in"
        return stop
    return browser.go(await _cli_location(browser, wanted, person.caller), status=302)


@router.get(AUTHORIZE_PATH, openapi_extra=operation(PUBLIC))
async def authorize(request: Request) -> Response:
    """Let a client in: sign in, consent, and back to it with a code."""
    browser = browser_of(request)
    try:
        wanted = read_authorize(Parameters(request.scope["query_string"]), browser.identity.clients)
    except VoiceEngineError as error:
        return refuse(browser, error)
    if isinstance(wanted, FaultyRequest):
        return browser.go(wanted.location, status=302)
    person = await visit(browser)
    stop = _first(browser, wanted, person)
    if stop is not None or person is None:
        assert stop is not None, "a stranger is asked to sign in"
        return stop
    caller = person.caller
    known = await browser.identity.authorizations.has_consent(
        wanted, user_id=caller.user_id, organization_id=caller.organization_id
    )
    if not known:
        return browser.show(_consent_page(browser, wanted, person.user), leads_to=wanted.redirect_uri)
    return browser.go(await _grant(browser, wanted, caller, remember=False), status=302)


@router.post("/v1/auth/consent", openapi_extra=operation(PUBLIC, body_type=FORM))
async def answer_consent(request: Request) -> Response:
    """A consent page's answer: to a client (`allow`), to calls on the person's behalf (`allow_calls`), or `deny`.

    On the account page also `withdraw_calls`, and `disconnect` with a client's id.
    """
    browser, form = browser_of(request), await read_form(request)
    try:
        browser.check_form(form)
    except VoiceEngineError as error:
        return refuse(browser, error)
    address = own_page(form.text("continue") or "") or LOGIN_PATH
    wanted = read_destination(address, browser.identity.clients)
    person = await visit(browser)
    if person is None:
        return browser.go(address)
    match form.text("answer"):
        case "allow" if isinstance(wanted, AuthorizeRequest) and person.user.consented_at is not None:
            return browser.go(await _grant(browser, wanted, person.caller, remember=True))
        case "allow_calls" | "withdraw_calls" as answer:
            await _set_call_consent(browser, person.caller, given=answer == "allow_calls")
        case "disconnect":
            await browser.identity.authorizations.disconnect(
                form.text("client_id") or "",
                user_id=person.user.id,
                organization_id=person.caller.organization_id,
            )
        case "deny" if not isinstance(wanted, OwnPage):
            return browser.go(wanted.failed("access_denied"))
        case _:
            return browser.go(LOGIN_PATH)
    return browser.go(address)


def _first(browser: Browser, wanted: Destination, person: Visit | None) -> Response | None:
    """The page that comes before anything is granted, if one does."""
    address = browser.own_address
    if person is None:
        return ask_to_sign_in(browser, address, Parameters(b""))
    if person.user.consented_at is None:
        return browser.show(CallConsentPage(target=address, email=person.user.email), leads_to=leads_to(wanted))
    return None


def _consent_page(browser: Browser, wanted: AuthorizeRequest, user: User) -> ConsentPage:
    return ConsentPage(
        target=browser.own_address,
        client=wanted.client.name,
        host=authority_of(wanted.redirect_uri),
        scopes=tuple(scope for scope in DESCRIPTIONS if scope in wanted.scopes),
        email=user.email,
    )


async def _cli_location(browser: Browser, wanted: CliRequest, caller: Caller) -> str:
    pair = await browser.identity.tokens.start(
        user_id=caller.user_id,
        organization_id=caller.organization_id,
        client_id=CLI_CLIENT,
        scopes=ALL_SCOPES,
    )
    parameters = [
        ("access_token", pair.access_token),
        ("refresh_token", pair.refresh_token),
        ("expires_in", str(pair.expires_in)),
        ("state", wanted.state),
    ]
    return with_parameters(wanted.redirect_uri, parameters)


async def _grant(browser: Browser, wanted: AuthorizeRequest, caller: Caller, *, remember: bool) -> str:
    return await browser.identity.authorizations.grant(
        wanted, user_id=caller.user_id, organization_id=caller.organization_id, remember=remember
    )


async def _set_call_consent(browser: Browser, caller: Caller, *, given: bool) -> None:
    async with browser.identity.store.begin(caller.organization_id) as work:
        await accounts.set_consent(work, caller.user_id, given=given, now=browser.identity.now())
