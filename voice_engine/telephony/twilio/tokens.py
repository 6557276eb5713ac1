"""Access tokens for browsers, in the vendor's format: its voice SDK takes them, and so can a media socket of ours.

HS256, header `cty: twilio-fpa;v=1`, an identity and a voice grant (Twilio, "Access Tokens").
"""

from dataclasses import dataclass, field

from twilio.base.exceptions import TwilioException  # type: ignore[import-untyped]  # ships no types
from twilio.jwt import JwtDecodeError  # type: ignore[import-untyped]  # likewise
from twilio.jwt.access_token import AccessToken  # type: ignore[import-untyped]  # likewise
from twilio.jwt.access_token.grants import VoiceGrant  # type: ignore[import-untyped]  # likewise

VALID_S = 3600
"""The published lifetime of a token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenSettings:
    """Who signs. `key_sid` and `secret` are an API key of the account, or a local stand-in of one.

    `application_sid` (AP…) is where the vendor takes outgoing calls of the browser to; None: it takes none.
    """

    account_sid: str
    key_sid: str
    secret: str = field(repr=False)
    application_sid: str | None = None


class BrowserTokens:
    """Makes and reads tokens. Times are the wall clock's."""

    def __init__(self, settings: TokenSettings) -> None:
        self._settings = settings

    def mint(self, identity: str) -> str:
        """A token for this identity, valid for `VALID_S`."""
        settings = self._settings
        grant = VoiceGrant(outgoing_application_sid=settings.application_sid, incoming_allow=True)
        token = AccessToken(
            settings.account_sid,
            settings.key_sid,
            settings.secret,
            grants=[grant],
            identity=identity,
            ttl=VALID_S,
        )
        return str(token.to_jwt())

    def verify(self, token: str) -> str | None:
        """Whose token it is; None: it is not ours, is over, or grants no voice."""
        try:
            read = AccessToken.from_jwt(token, self._settings.secret)
        except (JwtDecodeError, TwilioException, ValueError):
            return None
        grants = read.payload.get("grants")
        if read.issuer != self._settings.key_sid or not isinstance(grants, dict) or "voice" not in grants:
            return None
        identity = grants.get("identity")
        return identity if isinstance(identity, str) and identity else None
