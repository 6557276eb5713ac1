"""Calls an ASGI application by hand: no server, no client library."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.types import ASGIApp

from voice_engine.telephony.twilio.signature import SignatureValidator
from voice_engine.web.settings import WebSettings

Fields = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the application answered."""

    status: int
    headers: Mapping[str, str]
    body: str


async def request(
    app: ASGIApp, method: str, path: str, *, body: bytes = b"", headers: Mapping[str, str] | None = None
) -> Answer:
    """One HTTP request."""
    path, _, query = path.partition("?")
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()],
        "server": ("internal", 80),
    }
    sent: list[dict[str, Any]] = []
    chunks = [body[at : at + 4096] for at in range(0, len(body), 4096)] or [b""]

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": chunks.pop(0) if chunks else b"", "more_body": bool(chunks)}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return Answer(
        status=sent[0]["status"],
        headers={name.decode(): value.decode() for name, value in sent[0]["headers"]},
        body=b"".join(part.get("body", b"") for part in sent[1:]).decode(),
    )


async def signed_post(app: ASGIApp, web: WebSettings, path: str, fields: Fields, **headers: str) -> Answer:
    """A form post as the carrier signs it, over the configured public URL."""
    bare, _, query = path.partition("?")
    form = {name: [value] for name, value in fields.items()}
    signature = SignatureValidator(web.auth_token, web.public_url).sign(bare, query, form)
    return await request(
        app,
        "POST",
        path,
        body=urlencode(fields).encode(),
        headers={"content-type": "application/x-www-form-urlencoded", "x-twilio-signature": signature} | headers,
    )
