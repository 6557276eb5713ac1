"""Whether a message comes from the other engine: a shared secret, sent along or signed with."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field

from voice_engine.domains.webhooks.service import Intake

WORD_HEADER = "x-vapi-secret"
SIGNATURE_HEADER = "x-vapi-signature"


@dataclass(frozen=True, slots=True, kw_only=True)
class VapiDoor:
    """Where VAPI's messages come in. `secret` None: nobody can prove anything, and all are let in or none.

    `is_open_without_secret` is for an installation that only its own machine reaches. A web page that is open on
    that machine is not one of its programs: browsers say the page's Origin, and such requests prove nothing.
    """

    intake: Intake
    secret: str | None = field(default=None, repr=False)
    is_open_without_secret: bool = False

    def may_prove(self, headers: Mapping[str, str]) -> bool:
        """Whether the headers have something that may prove it: if not, the body is not even read."""
        if not self.secret:
            return self._is_local(headers)
        return any(name in headers for name in (WORD_HEADER, "authorization", SIGNATURE_HEADER))

    def is_authentic(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether the sender knows the secret. `headers` are looked up in lower case; compared in constant time."""
        if not self.secret:
            return self._is_local(headers)
        secret = self.secret.encode()
        scheme, _, bearer = headers.get("authorization", "").partition(" ")
        signature = headers.get(SIGNATURE_HEADER, "").strip().lower().removeprefix("sha256=")
        expected = hmac.new(secret, body, hashlib.sha256).hexdigest()
        proofs = (
            hmac.compare_digest(_bytes(headers.get(WORD_HEADER, "")), secret),
            scheme.lower() == "bearer" and hmac.compare_digest(_bytes(bearer.strip()), secret),
            hmac.compare_digest(_bytes(signature), expected.encode()),
        )
        return any(proofs)

    def _is_local(self, headers: Mapping[str, str]) -> bool:
        return self.is_open_without_secret and "origin" not in headers


def _bytes(header: str) -> bytes:
    """A header as it came: servers hand it over decoded as Latin-1 (RFC 9110, 5.5)."""
    return header.encode("latin-1", "replace")
