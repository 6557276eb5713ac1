"""What every page route does: find the person behind the browser, ask them to sign in, say what is wrong."""

from dataclasses import dataclass

from fastapi import Request, Response

from voice_engine.domains.accounts import service as accounts
from voice_engine.domains.accounts.models import User
from voice_engine.domains.identity.caller import Caller
from voice_engine.domains.identity.oauth import Parameters
from voice_engine.errors import VoiceEngineError
from voice_engine.rest.v1.auth.browser import Browser
from voice_engine.rest.v1.auth.destinations import client_name, leads_to, read_destination
from voice_engine.rest.v1.auth.pages import ErrorPage, SignInPage
from voice_engine.rest.v1.auth.routes import identity_of
from voice_engine.rest.v1.router import services_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A person who is signed in with this browser."""

    caller: Caller
    user: User


def browser_of(request: Request) -> Browser:
    """The browser behind a request."""
    pages = services_of(request).pages
    assert pages is not None, "this application was built without pages"
    return Browser(request=request, identity=identity_of(request), pages=pages)


async def visit(browser: Browser) -> Visit | None:
    """Who is signed in here; None when nobody is."""
    caller = await browser.caller()
    if caller is None:
        return None
    async with browser.identity.store.system("the person behind a session", writes=False) as work:
        user = await accounts.get(work, caller.user_id)
        work.session.expunge(user)  # it is read on after the unit, whose end would empty it
    return Visit(caller=caller, user=user)


def ask_to_sign_in(
    browser: Browser, target: str, form: Parameters, *, error: VoiceEngineError | None = None
) -> Response:
    """The sign-in page on the way to `target`, a path of ours, filled in as its form was sent."""
    identity = browser.identity
    destination = read_destination(target, identity.clients)
    page = SignInPage(
        target=target,
        client=client_name(destination, identity.clients),
        issuers=identity.issuers.on_page,
        may_sign_up=identity.settings.open_sign_up,
        is_new=form.text("new") == "1",
        email=form.text("email") or "",
        name=form.text("name") or "",
        error=error.code if error else None,
        retry_after_s=error.details.get("retry_after_seconds") if error else None,
    )
    return browser.show(page, error=error, leads_to=leads_to(destination), language=form.text("lang"))


def refuse(browser: Browser, error: VoiceEngineError) -> Response:
    """What leads nowhere: a page for a person, the contract's envelope for a program."""
    if not browser.wants_page:
        raise error
    page = ErrorPage(code=error.code, message=error.message)
    return browser.show(page, error=error)
