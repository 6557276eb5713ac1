"""The carrier's webhook requests: form-encoded POSTs, signed as Twilio's security page has it."""

import base64
import hashlib
import hmac
import http.client
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from voice_engine.errors import UpstreamFailed

VOICE_PATH = "/v1/webhooks/twilio/voice"
"""Where the engine answers calls, below its public URL."""

TIMEOUT_S = 15.0
"""Twilio waits as long for TwiML (error 11200)."""

MAX_ANSWER_BYTES = 64 * 1024
"""TwiML documents are limited to 64 kB (error 11750)."""


def sign(url: str, form: Mapping[str, str], token: str) -> str:
    """HMAC-SHA1, base64, over the URL and every parameter's name and value, sorted by name."""
    text = url + "".join(f"{name}{form[name]}" for name in sorted(form))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhooks:
    """Posts to one engine. `connect_url` is where it listens, `public_url` what requests are signed over."""

    connect_url: str
    token: str
    public_url: str

    def post(self, url: str, form: Mapping[str, str]) -> str:
        """POST a signed form and return the answer's body. Blocks. Raises UpstreamFailed.

        `url` is below the public URL (as the engine names it) or a path.
        """
        path = url.removeprefix(self.public_url) if url.startswith(self.public_url) else url
        if not path.startswith("/"):
            raise _failed(f"{url} is not below {self.public_url}", retryable=False)
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Twilio-Signature": sign(self.public_url + path, form, self.token),
            "User-Agent": "TwilioProxy/1.1",
        }
        parts = urlsplit(self.connect_url)
        secure = parts.scheme == "https"
        make = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = make(parts.hostname or "", parts.port or (443 if secure else 80), timeout=TIMEOUT_S)
        try:
            connection.request("POST", path, urlencode(form), headers)
            answer = connection.getresponse()
            body = answer.read(MAX_ANSWER_BYTES + 1)
        except (OSError, http.client.HTTPException) as error:
            raise _failed(f"{self.connect_url}: {error or type(error).__name__}", retryable=True) from error
        finally:
            connection.close()
        if answer.status != http.client.OK:
            raise _failed(f"{path} answered {answer.status}", retryable=answer.status >= 500)
        return body.decode("utf-8", "replace")


def incoming_call(call_sid: str, account_sid: str, *, caller: str, callee: str) -> dict[str, str]:
    """The form of a voice webhook for an incoming call (Twilio's request parameters)."""
    return {
        "CallSid": call_sid,
        "AccountSid": account_sid,
        "From": caller,
        "To": callee,
        "Caller": caller,
        "Called": callee,
        "Direction": "inbound",
        "CallStatus": "ringing",
        "ApiVersion": "2010-04-01",
    }


def _failed(what: str, *, retryable: bool) -> UpstreamFailed:
    return UpstreamFailed("webhook_failed", f"webhook: {what}", provider="engine", retryable=retryable)
