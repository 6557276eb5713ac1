"""Outgoing mail, as those see it who write it: a letter in plain text, and whatever carries it away."""

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One letter to one address. `id` becomes its Message-ID: whoever gets it twice can tell."""

    id: str
    to: str
    subject: str
    text: str = field(repr=False)


class Mailer(Protocol):
    """Hands letters to the world."""

    async def send(self, mail: Mail) -> None:
        """Hand one letter over.

        Raises:
            UpstreamFailed: `mail_refused` for good, `mail_server_unreachable` or `mail_deferred` for now.
        """
        ...
