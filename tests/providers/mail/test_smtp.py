"""Letters over SMTP, to a real server on this machine: what arrives, and what each refusal comes to."""

import asyncio
import datetime as dt
import ipaddress
import ssl
from collections.abc import Callable
from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from aiosmtpd.smtp import LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.fakes.smtp import Relay, served
from voice_engine.errors import InvalidInput, UpstreamFailed
from voice_engine.ports.mail import Mail
from voice_engine.providers.mail.smtp import Security, SmtpMailer, SmtpSettings, compose, mailbox

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")

MAIL = Mail(
    id="6f1c1f3e-0000-4000-8000-000000000001",
    to="jane@example.com",
    subject="Elige una contraseña nueva",
    text="Hola, Jane:\n\nhttps://voice.example.com/reset?token=vel_" + "A" * 43 + "\n.\nHasta luego — ¡suerte!\n",
)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of 127.0.0.1 by itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder(issuer_name=name, subject_name=name, public_key=key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "relay.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


def _contexts(certificate: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """The server's, and a client's that trusts it."""
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(certificate)
    return server, ssl.create_default_context(cafile=str(certificate))


async def test_a_letter_arrives_as_it_was_written() -> None:
    relay = Relay()
    async with served(relay) as settings:
        await SmtpMailer(settings).send(MAIL)

    (envelope,) = relay.taken
    assert isinstance(envelope.content, bytes)
    message = message_from_bytes(envelope.content, policy=default)
    body = message.get_body()
    assert body is not None
    assert (envelope.mail_from, envelope.rcpt_tos) == ("desk@acme.example", ["jane@example.com"])
    assert (message["From"], message["To"]) == ("Acme Desk <desk@acme.example>", "jane@example.com")
    assert message["Subject"] == MAIL.subject
    assert message["Message-ID"] == f"<{MAIL.id}@acme.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert body.get_content().replace("\r\n", "\n") == MAIL.text


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_letters_go_encrypted_and_only_to_a_server_that_is_itself(
    certificate: Path, security: Security
) -> None:
    relay, (server, client) = Relay(), _contexts(certificate)
    async with served(relay, security=security, context=server, auth=True) as settings:
        known = replace(settings, context=client, user="desk", password="s3cret")
        await SmtpMailer(known).send(MAIL)
        with pytest.raises(UpstreamFailed) as caught:
            await SmtpMailer(replace(known, context=None)).send(MAIL)

    assert len(relay.taken) == 1
    assert relay.logins == [LoginPassword(login=b"desk", password=b"s3cret")], "no password to a stranger"
    assert (caught.value.code, caught.value.retryable) == ("mail_refused", False)


async def test_a_relay_that_cannot_encrypt_gets_nothing() -> None:
    relay = Relay()
    async with served(relay) as settings:
        with pytest.raises(UpstreamFailed) as caught:
            await SmtpMailer(replace(settings, security="starttls")).send(MAIL)

    assert (caught.value.code, caught.value.retryable) == ("mail_refused", False)
    assert not relay.taken


@pytest.mark.parametrize(
    ("answer", "code", "retryable"),
    [
        ("451 greylisted", "mail_deferred", True),
        ("421 closing", "mail_deferred", True),
        ("554 spam", "mail_refused", False),
    ],
)
@pytest.mark.parametrize("at", ["letter", "recipient"])
async def test_a_refusal_says_whether_to_try_again(at: str, answer: str, code: str, retryable: bool) -> None:
    relay = Relay(answer=answer) if at == "letter" else Relay(to_recipient=answer)
    async with served(relay) as settings:
        with pytest.raises(UpstreamFailed) as caught:
            await SmtpMailer(settings).send(MAIL)

    assert (caught.value.code, caught.value.retryable) == (code, retryable)
    assert "jane" not in caught.value.message


async def test_a_wrong_password_is_told_without_it() -> None:
    relay = Relay()
    async with served(relay, auth=True) as settings:
        with pytest.raises(UpstreamFailed) as caught:
            await SmtpMailer(replace(settings, user="desk", password="wrong-one")).send(MAIL)

    assert (caught.value.code, caught.value.retryable) == ("mail_refused", False)
    assert "wrong-one" not in caught.value.message


async def test_no_server_is_a_fault_that_may_pass() -> None:
    async with served(Relay()) as settings:
        pass
    with pytest.raises(UpstreamFailed) as caught:
        await SmtpMailer(settings).send(MAIL)

    assert (caught.value.code, caught.value.retryable) == ("mail_server_unreachable", True)


async def test_a_server_that_says_nothing_is_given_up() -> None:
    silent = await asyncio.start_server(_say_nothing, "127.0.0.1", 0)
    async with silent:
        port = silent.sockets[0].getsockname()[1]
        settings = SmtpSettings(host="127.0.0.1", port=port, sender="a@b.example", security="none", timeout_s=0.05)
        with pytest.raises(UpstreamFailed) as caught:
            await SmtpMailer(settings).send(MAIL)

    assert (caught.value.code, caught.value.retryable) == ("mail_server_unreachable", True)


async def _say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()
    writer.close()


@pytest.mark.parametrize("field_name", ["subject", "to"])
async def test_no_header_is_smuggled_in(field_name: str) -> None:
    relay = Relay()
    smuggling: Callable[..., Mail] = replace
    async with served(relay) as settings:
        with pytest.raises(UpstreamFailed) as caught:
            await SmtpMailer(settings).send(smuggling(MAIL, **{field_name: "x@y.example\r\nBcc: all@example.com"}))

    assert (caught.value.code, caught.value.retryable) == ("mail_refused", False)
    assert not relay.taken


@pytest.mark.parametrize("sender", ["", "Desk", "a b", "<>", "desk@", "@acme.example"])
def test_a_sender_that_is_none_is_found_at_the_start(sender: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        mailbox(sender)

    assert caught.value.code == "mail_sender_invalid"


def test_a_date_and_plain_text_are_all_there_is() -> None:
    message = compose(MAIL, mailbox("desk@acme.example"))

    assert message.get_content_type() == "text/plain"
    assert message["Date"]
