"""What the letters say, in both languages. Plain text; a link stands on a line of its own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class LetterKind(StrEnum):
    """Why a letter is written."""

    WELCOME = "WELCOME"
    RESET = "RESET"
    MAGIC = "MAGIC"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A letter to be queued. `id` makes it once: a second one of the same id is not written."""

    id: str
    organization_id: str
    kind: LetterKind
    to: str
    subject: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    subject: str
    text: str


_WORDS: Mapping[tuple[str, LetterKind], _Words] = {
    ("en", LetterKind.WELCOME): _Words(
        subject="Welcome, {organization}",
        text="Hello {name},\n\nyour account for {organization} is ready. Sign in with this address at\n\n{link}\n\n"
        "If you did not register, somebody else used your address: set your own password there and the account "
        "is yours.\n",
    ),
    ("en", LetterKind.RESET): _Words(
        subject="Choose a new password",
        text="Hello {name},\n\nwhoever has this link chooses a new password for your account, once, within one "
        "hour:\n\n{link}\n\nIf you did not ask for it, do nothing: your password stays as it is.\n",
    ),
    ("en", LetterKind.MAGIC): _Words(
        subject="Your sign-in link",
        text="Hello {name},\n\nthis link signs you in, once, within 15 minutes:\n\n{link}\n\nIf you did not ask "
        "for it, do nothing and pass it on to nobody.\n",
    ),
    ("es", LetterKind.WELCOME): _Words(
        subject="Te damos la bienvenida, {organization}",
        text="Hola, {name}:\n\nla cuenta de {organization} está lista. Entra con esta dirección en\n\n{link}\n\n"
        "Si no te has registrado, alguien ha usado tu dirección: pon allí tu propia contraseña y la cuenta será "
        "tuya.\n",
    ),
    ("es", LetterKind.RESET): _Words(
        subject="Elige una contraseña nueva",
        text="Hola, {name}:\n\nquien tenga este enlace elige una contraseña nueva para tu cuenta, una sola vez y "
        "durante una hora:\n\n{link}\n\nSi no la has pedido, no hagas nada: tu contraseña sigue igual.\n",
    ),
    ("es", LetterKind.MAGIC): _Words(
        subject="Tu enlace para entrar",
        text="Hola, {name}:\n\neste enlace te deja entrar una sola vez, durante 15 minutos:\n\n{link}\n\nSi no lo "
        "has pedido, no hagas nada y no se lo pases a nadie.\n",
    ),
}


def write(kind: LetterKind, *, locale: str, name: str, organization: str, link: str) -> tuple[str, str]:
    """Subject and text. A language that we do not write is English."""
    language = "es" if locale.lower().startswith("es") else "en"
    words = _WORDS[language, kind]
    facts = {"name": _one_line(name), "organization": _one_line(organization), "link": link}
    return words.subject.format_map(facts)[:200], words.text.format_map(facts)


def _one_line(text: str) -> str:
    """Names come from strangers, and go to whatever address a stranger gave: no line, no link, no control sign."""
    words = " ".join(text.replace("://", " ").replace("www.", " ").split())
    return "".join(sign for sign in words if sign.isprintable())
