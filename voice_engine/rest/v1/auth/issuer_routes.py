"""Signing in on the page with Google or Apple: out to the issuer, and back with a code (OpenID Connect Core, 3.1).

What must be remembered on the way (state, nonce, PKCE verifier, where it leads) rides in a sealed cookie: only the
browser that left can come back, and nothing is stored for those who do not.
"""

import datetime as dt
import json
import secrets
from dataclasses import asdict, dataclass

from fastapi import Request, Response

from voice_engine.domains.identity import pkce
from voice_engine.domains.identity.federation import IssuerClient
from voice_engine.domains.identity.issuer_sign_in import OtherSignIn
from voice_engine.domains.identity.oauth import Parameters
from voice_engine.domains.identity.redirects import own_page, with_parameters
from voice_engine.errors import InvalidInput, NotFound, VoiceEngineError
from voice_engine.rest.security import PUBLIC
from voice_engine.rest.v1.auth.browser import FLOW_COOKIE, Browser
from voice_engine.rest.v1.auth.destinations import LOGIN_PATH
from voice_engine.rest.v1.auth.forms import FORM, read_form
from voice_engine.rest.v1.auth.visits import browser_of, refuse
from voice_engine.rest.v1.router import operation, v1_router

router = v1_router("Authentication")

FLOW_TTL = dt.timedelta(minutes=10)
SEAL = "sign_in_flow"
NAME_COOKIE = f"{FLOW_COOKIE}_name"
MOST_NAME = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """A sign-in that is on its way. `expires_at` in seconds since 1970."""

    issuer: str
    state: str
    nonce: str
    verifier: str
    target: str
    expires_at: float


@router.get("/v1/auth/{issuer}/start", openapi_extra=operation(PUBLIC))
async def start(request: Request, issuer: str) -> Response:
    """Go to the issuer's own sign-in page."""
    browser = browser_of(request)
    try:
        client = _client(browser, issuer)
        address = await client.endpoint("authorization_endpoint")
    except VoiceEngineError as error:
        return refuse(browser, error)
    target = own_page(Parameters(request.scope["query_string"]).text("continue") or "") or LOGIN_PATH
    flow = Flow(
        issuer=issuer,
        state=secrets.token_urlsafe(32),
        nonce=secrets.token_urlsafe(32),
        verifier=secrets.token_urlsafe(48),
        target=target,
        expires_at=(browser.identity.now() + FLOW_TTL).timestamp(),
    )
    response = browser.go(_issuer_page(browser, client, address, flow), status=302)
    _keep(browser, response, flow)
    return response


@router.get("/v1/auth/{issuer}/callback", openapi_extra=operation(PUBLIC))
async def finish(request: Request, issuer: str) -> Response:
    """Back from the issuer: its code becomes an id_token, the id_token a session here."""
    browser, query = browser_of(request), Parameters(request.scope["query_string"])
    try:
        client = _client(browser, issuer)
        flow = _read_flow(browser, issuer, query)
        code = query.text("code")
        if not code:  # the person changed their mind, or the issuer refuses
            response = browser.go(with_parameters(LOGIN_PATH, [("continue", flow.target)]))
        else:
            token = await client.redeem(code, redirect_uri=_callback(browser, issuer), verifier=flow.verifier)
            other = OtherSignIn(token=token, nonce=flow.nonce, name=_kept_name(browser, flow))
            response = await browser.sign_in(flow.target, await browser.identity.issuers.sign_in(issuer, other))
    except VoiceEngineError as error:
        response = refuse(browser, error)
    browser.set_cookie(response, FLOW_COOKIE, "", seconds=0)
    return response


@router.post("/v1/auth/{issuer}/callback", openapi_extra=operation(PUBLIC, body_type=FORM))
async def finish_by_form(request: Request, issuer: str) -> Response:
    """Apple's way back when a name is asked for: a form from its site, with which browsers send no cookie of ours.

    So the browser is sent on to the address above, by a request of ours; the name comes along in a sealed cookie.
    """
    browser, form = browser_of(request), await read_form(request)
    parameters = [(name, form.raw(name)) for name in ("code", "state", "error")]
    response = browser.go(with_parameters(f"/v1/auth/{issuer}/callback", parameters))
    name = _name(form.text("user"))
    if name:
        sealed = browser.identity.box.seal(name, context=_name_context(form.text("state") or ""))
        browser.set_cookie(response, NAME_COOKIE, sealed, seconds=60)
    return response


def _client(browser: Browser, issuer: str) -> IssuerClient:
    client = browser.identity.issuers.find(issuer)
    if client is None or client.issuer.client_id is None:
        raise NotFound("not_found", f"signing in with {issuer} on this page is not set up on this server")
    return client


def _issuer_page(browser: Browser, client: IssuerClient, address: str, flow: Flow) -> str:
    parameters: list[tuple[str, str | bytes | None]] = [
        ("response_type", "code"),
        ("client_id", client.issuer.client_id),
        ("redirect_uri", _callback(browser, flow.issuer)),
        ("scope", client.issuer.web_scope),
        ("state", flow.state),
        ("nonce", flow.nonce),
        ("code_challenge", pkce.challenge_of(flow.verifier)),
        ("code_challenge_method", pkce.METHOD),
        ("response_mode", "form_post" if client.issuer.posts_back else None),
    ]
    return with_parameters(address, parameters)


def _callback(browser: Browser, issuer: str) -> str:
    return f"{browser.identity.settings.issuer}/v1/auth/{issuer}/callback"


def _keep(browser: Browser, response: Response, flow: Flow) -> None:
    sealed = browser.identity.box.seal(json.dumps(asdict(flow)), context=SEAL)
    browser.set_cookie(response, FLOW_COOKIE, sealed, seconds=int(FLOW_TTL.total_seconds()))


def _read_flow(browser: Browser, issuer: str, query: Parameters) -> Flow:
    """The flow that left with this browser. Raises InvalidInput `invalid_request`."""
    fault = InvalidInput("invalid_request", "this sign-in began in another browser or too long ago; start again")
    state = query.text("state") or ""
    try:
        flow = Flow(**json.loads(browser.identity.box.open(browser.cookie(FLOW_COOKIE) or "", context=SEAL)))
    except InvalidInput as error:
        raise fault from error
    too_late = browser.identity.now().timestamp() >= flow.expires_at
    if too_late or flow.issuer != issuer or not secrets.compare_digest(state.encode(), flow.state.encode()):
        raise fault
    return flow


def _kept_name(browser: Browser, flow: Flow) -> str | None:
    try:
        return browser.identity.box.open(browser.cookie(NAME_COOKIE) or "", context=_name_context(flow.state))
    except InvalidInput:
        return None


def _name_context(state: str) -> str:
    return f"sign_in_name:{state}"


def _name(user: str | None) -> str:
    """The name in Apple's `user` field: JSON, sent with the first sign-in only."""
    try:
        name = json.loads(user or "{}").get("name", {})
        return " ".join(str(name.get(part) or "") for part in ("firstName", "lastName")).strip()[:MOST_NAME]
    except (ValueError, AttributeError, RecursionError):
        return ""
