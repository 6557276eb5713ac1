"""Is this webhook or socket upgrade from Twilio? HMAC over the URL *Twilio* used, which behind a proxy only the
configuration knows: never build it from Host or X-Forwarded-* headers.

Reference: Twilio, "Webhooks security". The arithmetic is `twilio.request_validator`'s; the variants are ours.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]  # ships no types

from voice_engine.errors import InvalidInput

_SCHEMES = {"https": ("https", "wss"), "http": ("http", "ws")}


class _Form:
    """Form fields as the validator reads them: repeated names keep all their values."""

    def __init__(self, fields: Mapping[str, Sequence[str]]) -> None:
        self._fields = fields

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def getlist(self, name: str) -> Sequence[str]:
        return self._fields[name]


class SignatureValidator:
    """Checks `X-Twilio-Signature` against the account's token and our public base URL (no path needed in it)."""

    def __init__(self, auth_token: str, public_url: str) -> None:
        """Raises InvalidInput: `bad_public_url`."""
        try:
            parts = urlsplit(public_url)
            usable = parts.scheme in _SCHEMES and bool(parts.hostname) and parts.port != 0
        except ValueError as error:
            raise InvalidInput("bad_public_url", f"{public_url!r} is not a URL") from error
        if not usable or parts.query or parts.fragment:
            raise InvalidInput("bad_public_url", f"{public_url!r} is not an http(s) base URL")
        self._schemes = _SCHEMES[parts.scheme]
        host = parts.netloc.rpartition("@")[2]
        port = 443 if parts.scheme == "https" else 80
        # With and without the default port: the validator adds 443 for https only, and wss needs it, too.
        self._hosts = (host,) if parts.port else (host, f"{host}:{port}")
        self._path = parts.path.rstrip("/")
        self._validator = RequestValidator(auth_token)

    def webhook(self, path: str, query: str, form: Mapping[str, Sequence[str]], signature: str) -> bool:
        """Whether a POST (or GET, with an empty form) to `path`, `query` as it stood in the URL, was signed."""
        return self._any_valid(self._urls(self._schemes[:1], path, query), _Form(form), signature)

    def upgrade(self, path: str, query: str, signature: str) -> bool:
        """Whether a websocket upgrade was signed: over the wss or the https URL, with or without a last slash."""
        return self._any_valid(self._urls(self._schemes, path, query), _Form({}), signature)

    def sign(self, path: str, query: str, form: Mapping[str, Sequence[str]]) -> str:
        """The signature that a webhook to this URL must carry."""
        (url, *_) = self._urls(self._schemes[:1], path, query)
        return str(self._validator.compute_signature(url, _Form(form)))

    def _urls(self, schemes: Iterable[str], path: str, query: str) -> list[str]:
        tail = f"?{query}" if query else ""
        whole = f"{self._path}{path}"
        paths = (whole, whole[:-1] if whole.endswith("/") else f"{whole}/")
        return [
            f"{scheme}://{host}{variant}{tail}" for scheme in schemes for host in self._hosts for variant in paths
        ]

    def _any_valid(self, urls: Iterable[str], form: _Form, signature: str) -> bool:
        return bool(signature) and any(self._validator.validate(url, form, signature) for url in urls)
