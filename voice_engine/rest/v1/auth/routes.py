"""Tokens by JSON and by form: the token endpoint, refresh, revocation, sign-in with Google and Apple, our keys."""

from fastapi import Request, Response

from voice_engine.domains.accounts import service as accounts
from voice_engine.domains.accounts.models import Organization
from voice_engine.domains.identity.access import short_id
from voice_engine.domains.identity.clients import APP_CLIENT
from voice_engine.domains.identity.issuer_sign_in import OtherSignIn
from voice_engine.domains.identity.oauth import CodeExchange
from voice_engine.domains.identity.scopes import ALL_SCOPES, DESCRIPTIONS, format_scope
from voice_engine.domains.identity.service import Identity
from voice_engine.domains.identity.sign_in import SignedIn
from voice_engine.domains.identity.tokens import TokenPair
from voice_engine.errors import InvalidInput, NotAllowed
from voice_engine.rest.security import PUBLIC
from voice_engine.rest.v1.auth.authenticator import AUTHENTICATION_CODES, as_unauthenticated
from voice_engine.rest.v1.auth.forms import FORM, client_of, read_form, required
from voice_engine.rest.v1.auth.schemas import (
    AppleTokenRequest,
    GoogleValidateRequest,
    RefreshRequest,
    ServerMetadata,
    SignInResponse,
    TokenResponse,
    UserResponse,
)
from voice_engine.rest.v1.router import operation, services_of, v1_router

router = v1_router("Authentication")

KEYS_CACHED_S = 300
"""How long others may keep our key set; a retired key verifies far longer."""


@router.post("/v1/auth/gpt/token", openapi_extra=operation(PUBLIC, body_type=FORM))
async def exchange_token(request: Request, response: Response) -> TokenResponse:
    """Exchange a code or a refresh token for a pair; a code or refresh token that comes again ends its family."""
    identity, form = identity_of(request), await read_form(request)
    client = client_of(request, form, identity.clients)
    match required(form, "grant_type"):
        case "authorization_code":
            exchange = CodeExchange(
                code=required(form, "code"),
                redirect_uri=required(form, "redirect_uri"),
                verifier=form.text("code_verifier"),
            )
            pair = await identity.authorizations.exchange(client, exchange)
        case "refresh_token":
            token = required(form, "refresh_token")
            pair = await identity.tokens.refresh_for(client, token, scope=form.text("scope"))
        case _:
            raise InvalidInput("unsupported_grant_type", "grant_type must be authorization_code or refresh_token")
    _keep_out_of_caches(response)
    return _tokens(pair)


@router.post("/v1/auth/refresh", openapi_extra=operation(PUBLIC))
async def refresh_token(request: Request, response: Response, body: RefreshRequest) -> TokenResponse:
    """Rotate a refresh token: the old one dies, and its reuse ends every token of that sign-in."""
    try:
        pair = await identity_of(request).tokens.refresh(body.refresh_token)
    except NotAllowed as error:
        raise (as_unauthenticated(error) if error.code in AUTHENTICATION_CODES else error) from error
    _keep_out_of_caches(response)
    return _tokens(pair)


@router.post("/v1/auth/google/validate", openapi_extra=operation(PUBLIC))
async def sign_in_with_google(request: Request, response: Response, body: GoogleValidateRequest) -> SignInResponse:
    """Sign in with an id_token of Google's; the account is made at the first time."""
    other = OtherSignIn(token=body.id_token, nonce=body.nonce)
    return await _sign_in(request, response, "google", other)


@router.post("/v1/auth/apple/token", openapi_extra=operation(PUBLIC))
async def sign_in_with_apple(request: Request, response: Response, body: AppleTokenRequest) -> SignInResponse:
    """Sign in with Apple's identity token; its code is redeemed, and the name counts at the first time only."""
    other = OtherSignIn(
        token=body.identity_token, nonce=body.nonce, code=body.authorization_code, name=body.full_name
    )
    return await _sign_in(request, response, "apple", other)


@router.post("/v1/auth/revoke", openapi_extra=operation(PUBLIC, body_type=FORM))
async def revoke_token(request: Request, response: Response) -> dict[str, bool]:
    """End an access token, or a refresh token with all that came of it (RFC 7009). Unknown ones are no error."""
    identity, form = identity_of(request), await read_form(request)
    names_client = form.raw("client_id") is not None or "authorization" in request.headers
    client = client_of(request, form, identity.clients) if names_client else None
    await identity.tokens.revoke(required(form, "token"), client=client)
    _keep_out_of_caches(response)
    return {"revoked": True}


@router.get("/.well-known/jwks.json", openapi_extra=operation(PUBLIC))
async def read_keys(request: Request, response: Response) -> dict[str, list[dict[str, str]]]:
    """The keys that verify our access tokens (RFC 7517)."""
    response.headers["Cache-Control"] = f"public, max-age={KEYS_CACHED_S}"
    return await identity_of(request).keys.public_set()


@router.get("/.well-known/oauth-authorization-server", openapi_extra=operation(PUBLIC))
async def read_metadata(request: Request, response: Response) -> ServerMetadata:
    """What a client needs to know of this server (RFC 8414)."""
    issuer = identity_of(request).settings.issuer
    response.headers["Cache-Control"] = f"public, max-age={KEYS_CACHED_S}"
    methods = ["client_secret_basic", "client_secret_post", "none"]
    return ServerMetadata(
        issuer=issuer,
        authorization_endpoint=f"{issuer}/v1/auth/authorize",
        token_endpoint=f"{issuer}/v1/auth/gpt/token",
        revocation_endpoint=f"{issuer}/v1/auth/revoke",
        jwks_uri=f"{issuer}/.well-known/jwks.json",
        scopes_supported=list(DESCRIPTIONS),
        response_types_supported=["code"],
        response_modes_supported=["query"],
        grant_types_supported=["authorization_code", "refresh_token"],
        token_endpoint_auth_methods_supported=methods,
        revocation_endpoint_auth_methods_supported=methods,
        code_challenge_methods_supported=["S256"],
        ui_locales_supported=["en", "es"],
    )


def identity_of(request: Request) -> Identity:
    """Identity, as the composition root made it."""
    identity = services_of(request).identity
    assert identity is not None, "this application was built without identity"
    return identity


async def _sign_in(request: Request, response: Response, issuer: str, other: OtherSignIn) -> SignInResponse:
    identity = identity_of(request)
    signed_in = await identity.issuers.sign_in(issuer, other)
    pair = await identity.tokens.start(
        user_id=signed_in.user.id,
        organization_id=signed_in.user.organization_id,
        client_id=APP_CLIENT,
        scopes=ALL_SCOPES,
    )
    async with identity.store.read(signed_in.user.organization_id) as work:
        organization = await accounts.get_organization(work, signed_in.user.organization_id)
        user = _user(signed_in, organization)
    _keep_out_of_caches(response)
    return SignInResponse(**_tokens(pair).model_dump(), user=user)


def _tokens(pair: TokenPair) -> TokenResponse:
    return TokenResponse(
        access_token=pair.access_token,
        refresh_token=pair.refresh_token,
        expires_in=pair.expires_in,
        scope=format_scope(pair.scopes),
        token_type="Bearer",  # noqa: S106  # the kind of the token, RFC 6750
    )


def _user(signed_in: SignedIn, organization: Organization) -> UserResponse:
    user = signed_in.user
    return UserResponse(
        id=short_id(user.id),
        email=user.email,
        name=user.name or None,
        region=organization.country,
        timezone=organization.timezone,
        is_new_user=signed_in.is_new,
        created_at=user.created_at,
    )


def _keep_out_of_caches(response: Response) -> None:
    """RFC 6749, 5.1."""
    response.headers["Cache-Control"] = "no-store"
