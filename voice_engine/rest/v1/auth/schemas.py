"""Bodies of the Authentication operations, as the contract has them."""

import datetime as dt
from typing import Annotated

from pydantic import BaseModel, Field

Token = Annotated[str, Field(min_length=1)]


class GoogleValidateRequest(BaseModel):
    """An id_token from Google's SDK; `nonce` when the app asked for one."""

    id_token: Token
    nonce: str | None = None


class AppleTokenRequest(BaseModel):
    """A result of Sign in with Apple; the name comes with the first one only."""

    identity_token: Token
    authorization_code: Token
    full_name: str | None = None
    nonce: str | None = None


class RefreshRequest(BaseModel):
    """A refresh token; it can be used once."""

    refresh_token: Token


class TokenResponse(BaseModel):
    """A token pair. `expires_in` counts seconds."""

    access_token: str
    refresh_token: str
    expires_in: int
    scope: str
    token_type: str


class UserResponse(BaseModel):
    """Who signed in."""

    id: str
    email: str
    name: str | None
    region: str
    timezone: str
    is_new_user: bool
    created_at: dt.datetime


class SignInResponse(TokenResponse):
    """A token pair and its user."""

    user: UserResponse


class ServerMetadata(BaseModel):
    """What a client can find out about this authorization server (RFC 8414, 2)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    revocation_endpoint: str
    jwks_uri: str
    scopes_supported: list[str]
    response_types_supported: list[str]
    response_modes_supported: list[str]
    grant_types_supported: list[str]
    token_endpoint_auth_methods_supported: list[str]
    revocation_endpoint_auth_methods_supported: list[str]
    code_challenge_methods_supported: list[str]
    ui_locales_supported: list[str]
