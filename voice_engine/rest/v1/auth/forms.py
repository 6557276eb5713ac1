"""Form bodies as OAuth and the pages send them, and the client that sends one."""

import base64
import binascii
from contextlib import aclosing
from urllib.parse import unquote_plus

from starlette.requests import Request

from voice_engine.domains.identity.clients import Client, Clients
from voice_engine.domains.identity.oauth import Parameters
from voice_engine.errors import InvalidInput, NotAllowed

FORM = "application/x-www-form-urlencoded"
MOST_BYTES = 64 * 1024
"""Beyond any form of ours; the rest of a longer body is not read."""


async def read_form(request: Request) -> Parameters:
    """The form of a request. Raises InvalidInput `invalid_request` when it is too long."""
    body = bytearray()
    async with aclosing(request.stream()) as chunks:
        async for chunk in chunks:
            body += chunk
            if len(body) > MOST_BYTES:
                raise InvalidInput("invalid_request", f"the form is longer than {MOST_BYTES // 1024} kB")
    try:
        return Parameters(bytes(body))
    except ValueError as error:  # more fields than the parser takes
        raise InvalidInput("invalid_request", "the form cannot be read") from error


def required(form: Parameters, name: str) -> str:
    """A field that must be there. Raises InvalidInput `invalid_request`."""
    value = form.text(name)
    if not value:
        raise InvalidInput("invalid_request", f"the form lacks {name}")
    return value


def client_of(request: Request, form: Parameters, clients: Clients) -> Client:
    """The client that proves itself by Basic authentication or by the form (RFC 6749, 2.3.1).

    Raises:
        NotAllowed: `invalid_client`.
        InvalidInput: `invalid_request`: both ways at once, or a repeated field.
    """
    basic = _basic(request.headers.get("authorization", ""))
    if basic is None:
        client = clients.authenticate(form.text("client_id") or "", form.text("client_secret"))
    else:
        client = clients.authenticate(*basic)
        if form.raw("client_secret") is not None or form.text("client_id") not in (None, client.id):
            raise InvalidInput("invalid_request", "authenticate the client one way: by Basic or in the form")
    if form.repeated:
        raise InvalidInput("invalid_request", "a field of the form is repeated")
    return client


def _basic(header: str) -> tuple[str, str] | None:
    scheme, _, credentials = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        client_id, colon, secret = base64.b64decode(credentials.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError, ValueError) as error:
        raise NotAllowed("invalid_client", "the Basic credentials cannot be read") from error
    if not colon:
        raise NotAllowed("invalid_client", "the Basic credentials cannot be read")
    return unquote_plus(client_id), unquote_plus(secret)
