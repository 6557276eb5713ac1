"""Mail over SMTP (RFC 5321), by the standard library, in a thread of its own for each letter.

A connection a letter: this server writes a few an hour. Every wait has a time-out, so that the thread ends.
"""

import asyncio
import smtplib
import ssl
from dataclasses import dataclass, field
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime, localtime, parseaddr
from typing import Literal

from voice_engine.errors import InvalidInput, UpstreamFailed
from voice_engine.ports.mail import Mail

PROVIDER = "smtp"
Security = Literal["starttls", "tls", "none"]
TRANSIENT = range(400, 500)
"""RFC 5321, 4.2.1: 4yz replies invite another try."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpSettings:
    """A relay. `sender` is a mailbox, with or without a name; `context` None: the system's trusted authorities."""

    host: str
    port: int
    sender: str
    security: Security = "starttls"
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    timeout_s: float = 20.0
    context: ssl.SSLContext | None = None


class SmtpMailer:
    """`ports.mail.Mailer` over a relay."""

    def __init__(self, settings: SmtpSettings) -> None:
        self._settings = settings
        self._sender = mailbox(settings.sender)

    async def send(self, mail: Mail) -> None:
        """Hand one letter over. Raises UpstreamFailed."""
        await asyncio.to_thread(self._send, mail)

    def _send(self, mail: Mail) -> None:
        try:
            message = compose(mail, self._sender)
            with self._connect() as relay:
                if self._settings.security == "starttls":
                    relay.starttls(context=self._context())
                if self._settings.user is not None:
                    relay.login(self._settings.user, self._settings.password or "")
                relay.send_message(message, from_addr=self._sender.addr_spec, to_addrs=[mail.to])
        except smtplib.SMTPRecipientsRefused as error:
            raise _refused(next(iter(error.recipients.values()))[0]) from error
        except smtplib.SMTPResponseException as error:
            raise _refused(error.smtp_code) from error
        except (smtplib.SMTPNotSupportedError, ssl.SSLCertVerificationError, ValueError, MessageError) as error:
            raise UpstreamFailed(
                "mail_refused",
                f"the mail server cannot take this letter: {error}",
                provider=PROVIDER,
                retryable=False,
            ) from error
        except (OSError, smtplib.SMTPException) as error:
            raise UpstreamFailed(
                "mail_server_unreachable",
                f"no mail server answers at {self._settings.host}:{self._settings.port} ({type(error).__name__})",
                provider=PROVIDER,
                retryable=True,
            ) from error

    def _connect(self) -> smtplib.SMTP:
        settings = self._settings
        if settings.security == "tls":
            return smtplib.SMTP_SSL(
                settings.host, settings.port, timeout=settings.timeout_s, context=self._context()
            )
        return smtplib.SMTP(settings.host, settings.port, timeout=settings.timeout_s)

    def _context(self) -> ssl.SSLContext:
        return self._settings.context or ssl.create_default_context()


def mailbox(text: str) -> Address:
    """A sender as settings give it: `Front desk <desk@example.com>` or the address alone.

    Raises:
        InvalidInput: `mail_sender_invalid`.
    """
    name, address = parseaddr(text)
    try:
        made = Address(display_name=name, addr_spec=address)
    except (ValueError, IndexError, MessageError) as error:
        raise InvalidInput(
            "mail_sender_invalid", f"{text!r} is no sender: write Name <name@example.com>"
        ) from error
    if not made.username or not made.domain:
        raise InvalidInput("mail_sender_invalid", f"{text!r} is no sender: write Name <name@example.com>")
    return made


def compose(mail: Mail, sender: Address) -> EmailMessage:
    """The letter as it goes over the wire. The header classes refuse line breaks: nobody smuggles a header in."""
    message = EmailMessage(policy=SMTP_POLICY)
    message["From"] = sender
    message["To"] = Address(addr_spec=mail.to)
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(localtime())
    message["Message-ID"] = f"<{mail.id}@{sender.domain}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no absence notices back
    message.set_content(mail.text)
    return message


def _refused(code: int) -> UpstreamFailed:
    if code in TRANSIENT:
        return UpstreamFailed(
            "mail_deferred", f"the mail server asks to try later ({code})", provider=PROVIDER, retryable=True
        )
    return UpstreamFailed(
        "mail_refused", f"the mail server refuses this letter ({code})", provider=PROVIDER, retryable=False
    )
