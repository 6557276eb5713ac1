"""Where a sign-in leads: a command line's listener, a client, or a page of ours.

A page remembers it in one field, `continue`: the path and query of a request of ours, which is judged again here.
Nothing of an authorize request is believed because a form repeats it.
"""

from dataclasses import dataclass

from voice_engine.domains.identity.clients import CLI_CLIENT, Clients
from voice_engine.domains.identity.oauth import AuthorizeRequest, Parameters, read_authorize
from voice_engine.domains.identity.redirects import check_cli_redirect, own_page, with_parameters
from voice_engine.errors import VoiceEngineError
from voice_engine.rest.v1.errors import field_error

CLI_PATH = "/v1/auth/cli"
AUTHORIZE_PATH = "/v1/auth/authorize"
LOGIN_PATH = "/v1/auth/login"
MOST_CLI_STATE = 1_024
"""Characters (contract: `state` of the command line's sign-in)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CliRequest:
    """A command line waits on this address. `state` goes back byte for byte."""

    redirect_uri: str
    state: bytes | None

    def failed(self, error: str) -> str:
        """Where the browser goes when nothing is granted."""
        return with_parameters(self.redirect_uri, [("error", error), ("state", self.state)])


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPage:
    """A page of ours, also one that will say what is wrong with its own query."""

    address: str


Destination = CliRequest | AuthorizeRequest | OwnPage


def read_cli(parameters: Parameters) -> CliRequest:
    """Judge a command line's request.

    Raises:
        InvalidInput: `invalid_redirect_uri`, `validation_error`.
    """
    redirect_uri = parameters.text("redirect_uri")
    if redirect_uri is None:
        raise field_error("redirect_uri", "is missing")
    check_cli_redirect(redirect_uri)
    if parameters.repeated:
        raise field_error(sorted(parameters.repeated)[0], "is repeated")
    state = parameters.raw("state")
    if state is not None and len(state.decode("utf-8", "replace")) > MOST_CLI_STATE:
        raise field_error("state", f"must have at most {MOST_CLI_STATE} characters")
    return CliRequest(redirect_uri=redirect_uri, state=state)


def read_destination(address: str, clients: Clients) -> Destination:
    """What an address that came back in a form stands for; the account page when it is none of ours."""
    own = own_page(address)
    if own is None:
        return OwnPage(address=LOGIN_PATH)
    path, _, query = own.partition("?")
    parameters = Parameters(query.encode())
    try:
        if path == CLI_PATH:
            return read_cli(parameters)
        if path == AUTHORIZE_PATH:
            wanted = read_authorize(parameters, clients)
            if isinstance(wanted, AuthorizeRequest):
                return wanted
    except VoiceEngineError:
        return OwnPage(address=own)  # going there says what is wrong
    return OwnPage(address=own)


def leads_to(destination: Destination) -> str | None:
    """The address outside of us to which the browser goes in the end."""
    return None if isinstance(destination, OwnPage) else destination.redirect_uri


def client_name(destination: Destination, clients: Clients) -> str | None:
    """Who asks, in words; None when the person came by themselves."""
    match destination:
        case AuthorizeRequest():
            return destination.client.name
        case CliRequest():
            client = clients.find(CLI_CLIENT)
            return client.name if client else None
        case OwnPage():
            return None
