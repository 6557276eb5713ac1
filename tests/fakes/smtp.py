"""A real SMTP server on this machine, which keeps what it takes."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from voice_engine.providers.mail.smtp import Security, SmtpSettings


@dataclass
class Relay:
    """What the server has taken; `answer` is what it says to a letter."""

    answer: str = "250 OK"
    to_recipient: str | None = None
    taken: list[Envelope] = field(default_factory=list)
    logins: list[LoginPassword] = field(default_factory=list)

    async def handle_RCPT(  # the server's name for it
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.to_recipient is not None:
            return self.to_recipient
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # likewise
        if self.answer.startswith("250"):
            self.taken.append(envelope)
        return self.answer

    def authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any
    ) -> Any:
        self.logins.append(data)
        return AuthResult(success=data == LoginPassword(login=b"desk", password=b"s3cret"), handled=False)


@asynccontextmanager
async def served(
    relay: Relay, *, security: Security = "none", context: ssl.SSLContext | None = None, auth: bool = False
) -> AsyncIterator[SmtpSettings]:
    """The relay on a free port while the context is open; settings that reach it."""
    loop = asyncio.get_running_loop()

    def connect() -> SMTP:
        return SMTP(
            relay,
            hostname="relay.test",
            loop=loop,
            tls_context=context if security == "starttls" else None,
            require_starttls=security == "starttls",
            authenticator=relay.authenticate if auth else None,
            auth_required=auth,
            auth_require_tls=False,
        )

    server = await loop.create_server(connect, "127.0.0.1", 0, ssl=context if security == "tls" else None)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield SmtpSettings(
            host="127.0.0.1", port=port, sender="Acme Desk <desk@acme.example>", security=security, timeout_s=5.0
        )
