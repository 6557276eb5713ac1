"""Bodies of registration, passwords and sign-in."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from voice_engine.domains.accounts.service import fold_email
from voice_engine.errors import InvalidInput
from voice_engine.rest.wire import RequestBody, ResponseBody, Text, Timestamp


def _email(text: str) -> str:
    try:
        return fold_email(text)
    except InvalidInput as error:
        raise ValueError("must be an e-mail address") from error


Email = Annotated[Text, Field(max_length=254), AfterValidator(_email)]
Password = Annotated[Text, Field(min_length=8, max_length=200)]
Flag = Literal["true", "false"]
CallbackUrl = Annotated[Text, Field(max_length=2000)]


class RegisterRequest(RequestBody):
    """A business that joins."""

    name: Annotated[Text, Field(min_length=1, max_length=100)]
    email: Email
    password: Password
    organizationName: Annotated[Text, Field(min_length=1, max_length=120)]


class RegisterResponse(ResponseBody):
    """Who has joined."""

    message: str
    organizationId: str
    userId: str


class EmailOnlyRequest(RequestBody):
    """Whom to write to."""

    email: Email


class MessageResponse(ResponseBody):
    """A sentence."""

    message: str


class SuccessResponse(ResponseBody):
    """It is done."""

    success: Literal[True] = True


class ResetPasswordRequest(RequestBody):
    """A new password, by a mailed token."""

    token: Annotated[Text, Field(min_length=16, max_length=256)]
    password: Password


class ChangePasswordRequest(RequestBody):
    """A new password, by the old one or because an administrator asked for it."""

    currentPassword: Annotated[Text, Field(min_length=1, max_length=200)] | None = None
    newPassword: Password
    forced: Annotated[bool, Field(strict=True)] = False


class CredentialsLogin(RequestBody):
    """The sign-in form of the published client library."""

    csrfToken: Text
    email: Annotated[Text, Field(max_length=254)]
    password: Annotated[Text, Field(max_length=200)]
    callbackUrl: CallbackUrl | None = None
    json_: Annotated[Flag, Field(alias="json")] = "false"


class SignoutRequest(RequestBody):
    """The sign-out form of the published client library."""

    csrfToken: Text
    callbackUrl: CallbackUrl | None = None
    json_: Annotated[Flag, Field(alias="json")] = "false"


class CsrfTokenResponse(ResponseBody):
    """What forms send back."""

    csrfToken: str


class UrlResponse(ResponseBody):
    """Where the browser goes."""

    url: str


class AuthProvider(ResponseBody):
    """A way to sign in."""

    id: str
    name: str
    type: str
    signinUrl: str
    callbackUrl: str


class SessionUser(ResponseBody):
    """Who is signed in."""

    id: str
    name: str
    email: str
    organizationId: str
    organizationName: str
    role: str
    plan: str
    onboardingCompleted: bool
    mustChangePassword: bool


class SessionResponse(ResponseBody):
    """The session."""

    user: SessionUser
    expires: Timestamp


class MagicLinkIssued(ResponseBody):
    """A link to hand over."""

    url: str
    expiresAt: Timestamp
