"""Outgoing webhooks, as those see it who send them: one request, and what came back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

KEPT_BYTES = 2_048
"""Of an answer's body, for whoever looks why it was refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HookRequest:
    """One POST. `body` is JSON in UTF-8."""

    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class HookAnswer:
    """What came of it. `status` None: no answer, and `code` says why: `timeout`, `unreachable`, `tls_failed`,
    `address_refused`, `host_unknown`, `https_required`, `url_invalid`. `body` is the answer's beginning.
    """

    ms: int
    status: int | None = None
    code: str | None = None
    body: str = ""

    @property
    def is_taken(self) -> bool:
        """Whether the receiver took the message: 2xx. A redirect is not followed, so it is no success."""
        return self.status is not None and 200 <= self.status < 300


class HookSender(Protocol):
    """Sends one request."""

    async def post(self, request: HookRequest) -> HookAnswer:
        """Whatever happens outside is an answer; nothing is raised."""
        ...
