"""Renders the sign-in pages (`rest.v1.auth.pages`) with Jinja2; every value is escaped, a missing one is a bug."""

import hashlib
from dataclasses import fields
from importlib.resources import files
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined

from voice_engine.domains.identity.scopes import DESCRIPTIONS
from voice_engine.rest.v1.auth.pages import (
    AccountPage,
    BusinessSignInPage,
    CallConsentPage,
    ConsentPage,
    ErrorPage,
    ForgotPage,
    Frame,
    Language,
    LinkPage,
    OutboxPage,
    Page,
    ResetPage,
    SignInPage,
)
from voice_engine.web.signin.words import ERRORS, WORDS

TEMPLATES: dict[type[Page], str] = {
    SignInPage: "sign_in.html",
    LinkPage: "link.html",
    ConsentPage: "consent.html",
    CallConsentPage: "call_consent.html",
    AccountPage: "account.html",
    ErrorPage: "error.html",
    BusinessSignInPage: "business_sign_in.html",
    ForgotPage: "forgot.html",
    ResetPage: "reset.html",
    OutboxPage: "outbox.html",
}
ISSUER_NAMES = {"google": "Google", "apple": "Apple"}


class JinjaPages:
    """`rest.v1.auth.pages.Pages` over the templates beside this module, read once."""

    def __init__(self) -> None:
        self._style = (files(__package__) / "signin.css").read_bytes()
        self._environment = Environment(
            loader=PackageLoader("voice_engine.web.signin"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals["style"] = f"/v1/auth/signin.css?v={hashlib.sha256(self._style).hexdigest()[:12]}"
        self._environment.globals["issuer_names"] = ISSUER_NAMES
        self._environment.filters["quoted"] = lambda text: quote(text, safe="")

    def render(self, page: Page, frame: Frame) -> str:
        """The document."""
        words = WORDS[frame.language]
        values = {field.name: getattr(page, field.name) for field in fields(page)}
        template = self._environment.get_template(TEMPLATES[type(page)])
        return template.render(
            **values,
            words=words,
            frame=frame,
            fault=fault_of(page, frame.language),
            may=scope_words(frame.language),
        )

    def style(self) -> bytes:
        """The style sheet."""
        return self._style


def fault_of(page: Page, language: Language) -> str | None:
    """What went wrong, in the page's language."""
    match page:
        case (
            SignInPage(error=str(code))
            | LinkPage(error=str(code))
            | BusinessSignInPage(error=str(code))
            | ForgotPage(error=str(code))
            | ResetPage(error=str(code))
        ):
            minutes = max(1, round((page.retry_after_s or 0) / 60))
            return ERRORS[language].get(code, ERRORS[language]["unknown"]).format(minutes=minutes)
        case ErrorPage():
            return ERRORS[language].get(page.code, ERRORS[language]["unknown"])
        case _:
            return None


def scope_words(language: Language) -> dict[str, str]:
    """What each scope permits, in words."""
    index = 1 if language == "es" else 0
    return {scope: texts[index] for scope, texts in DESCRIPTIONS.items()}
