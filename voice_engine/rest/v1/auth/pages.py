"""What the sign-in pages show, without saying how: the renderer is the web layer's."""

from dataclasses import dataclass, field
from typing import Literal, Protocol

Language = Literal["en", "es"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What every page needs. `csrf` goes back with each form."""

    language: Language
    csrf: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInPage:
    """Sign in, or make an account (`is_new`). `target` is where the person goes afterwards, a path of ours.

    `error` is a code of ours; `client` who asked, None when the person came by themselves.
    """

    target: str
    client: str | None
    issuers: tuple[str, ...]
    may_sign_up: bool
    is_new: bool = False
    email: str = ""
    name: str = ""
    error: str | None = None
    retry_after_s: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkPage:
    """A link that works once: `email` says whom it signs in, None: it makes the first account."""

    token: str
    email: str | None
    entered_email: str = ""
    name: str = ""
    error: str | None = None
    retry_after_s: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentPage:
    """May this client do that? `calls` : the person is also asked whether calls may be made for them at all."""

    target: str
    client: str
    host: str
    scopes: tuple[str, ...]
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallConsentPage:
    """May calls be made and recorded on the person's behalf? Asked once, before the first client gets in."""

    target: str
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectedClient:
    """A client that the person let in."""

    id: str
    name: str
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPage:
    """Who is signed in here, what they agreed to, whom they let in."""

    email: str
    name: str
    consented: bool
    clients: tuple[ConnectedClient, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorPage:
    """A request that leads nowhere; `code` is the contract's."""

    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessSignInPage:
    """Sign in to the business surface. `csrf_token` is that surface's own; `done`: a password was changed."""

    csrf_token: str
    done: bool = False
    error: str | None = None
    retry_after_s: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgotPage:
    """Ask for a link by mail. `asked`: it was asked for, and comes if there is such an account."""

    asked: bool = False
    error: str | None = None
    retry_after_s: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetPage:
    """Choose another password by a mailed token."""

    token: str
    error: str | None = None
    retry_after_s: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxLetter:
    """A letter as the operator reads it."""

    to: str
    subject: str
    state: str
    written: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxPage:
    """The newest letters, newest first."""

    letters: tuple[OutboxLetter, ...]


Page = (
    SignInPage
    | LinkPage
    | ConsentPage
    | CallConsentPage
    | AccountPage
    | ErrorPage
    | BusinessSignInPage
    | ForgotPage
    | ResetPage
    | OutboxPage
)


class Pages(Protocol):
    """Turns a page into HTML."""

    def render(self, page: Page, frame: Frame) -> str:
        """The document."""
        ...

    def style(self) -> bytes:
        """The style sheet, at `/v1/auth/signin.css`."""
        ...
