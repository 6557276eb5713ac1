"""A local OpenID provider over real HTTP: document, keys that rotate, authorize and token endpoints, faults.

Written from OpenID Connect Core 1.0 alone; it shares no code with ours.
"""

import asyncio
import base64
import functools
import hashlib
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey


def b64(raw: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@functools.cache
def spare_key(name: str) -> RSAPrivateKey:
    """A key for all tests of a process: making one takes 0.1 s."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def b64_int(number: int) -> str:
    return b64(number.to_bytes((number.bit_length() + 7) // 8, "big"))


@dataclass(slots=True)
class Provider:
    """State of the provider. `fault` makes every answer that status; `requests` lists the paths asked for."""

    url: str
    audience: str = "our-client"
    secret: str = "our-secret"
    keys: dict[str, RSAPrivateKey] = field(default_factory=dict)
    person: dict[str, Any] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    fault: int | None = None
    document: dict[str, Any] = field(default_factory=dict)
    forms: list[dict[str, str]] = field(default_factory=list)
    now: Callable[[], float] = time.time

    def add_key(self, kid: str) -> None:
        """Publish a key."""
        self.keys[kid] = spare_key(kid)

    def id_token(self, kid: str = "k1", *, key: RSAPrivateKey | None = None, **changes: Any) -> str:
        """A token for `person`; claims that are None are left out."""
        now = int(self.now())
        claims = {"iss": self.url, "aud": self.audience, "iat": now, "exp": now + 3600, **self.person, **changes}
        claims = {name: value for name, value in claims.items() if value is not None}
        return self.signed({"alg": "RS256", "kid": kid, "typ": "JWT"}, claims, key or self.keys[kid])

    def signed(self, header: dict[str, Any], claims: dict[str, Any], key: RSAPrivateKey) -> str:
        """Any header and claims, signed by RS256 whatever the header says."""
        text = f"{b64(json.dumps(header).encode())}.{b64(json.dumps(claims).encode())}"
        return f"{text}.{b64(key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256()))}"

    def answer(self, method: str, target: str, body: str) -> tuple[int, dict[str, str], bytes]:
        """One request."""
        parts = urlsplit(target)
        self.requests.append(parts.path)
        if self.fault is not None:
            return self.fault, {}, b"{}"
        match method, parts.path:
            case "GET", "/.well-known/openid-configuration":
                return self._json(self._document())
            case "GET", "/keys":
                return self._json({"keys": [self._jwk(kid, key) for kid, key in self.keys.items()]})
            case "GET", "/authorize":
                return self._authorize({name: values[0] for name, values in parse_qs(parts.query).items()})
            case "POST", "/token":
                return self._token(dict(parse_qsl(body)))
            case _:
                return 404, {}, b"{}"

    def _document(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            **self.document,
        }

    def _jwk(self, kid: str, key: RSAPrivateKey) -> dict[str, str]:
        numbers = key.public_key().public_numbers()
        n, e = b64_int(numbers.n), b64_int(numbers.e)
        return {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": kid, "n": n, "e": e}

    def _authorize(self, query: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        code = f"code-{len(self.codes)}"
        self.codes[code] = query
        location = f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"
        return 302, {"Location": location}, b""

    def _token(self, form: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        self.forms.append(form)
        asked = self.codes.pop(form.get("code", ""), None)
        if asked is None or form.get("client_secret") != self.secret:
            return self._json({"error": "invalid_grant"}, 400)
        if asked.get("redirect_uri") != form.get("redirect_uri"):
            return self._json({"error": "invalid_grant"}, 400)
        challenge = asked.get("code_challenge")
        if challenge and b64(hashlib.sha256(form.get("code_verifier", "").encode()).digest()) != challenge:
            return self._json({"error": "invalid_grant"}, 400)
        return self._json({"id_token": self.id_token(nonce=asked.get("nonce")), "access_token": "x"})

    @staticmethod
    def _json(body: dict[str, Any], status: int = 200) -> tuple[int, dict[str, str], bytes]:
        return status, {"Content-Type": "application/json"}, json.dumps(body).encode()


@asynccontextmanager
async def oidc_provider() -> AsyncIterator[Provider]:
    """A provider on a port of its own, with one key, `k1`."""
    provider = Provider(url="")
    provider.add_key("k1")

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        line, *rest = head.split("\r\n")
        method, target, _ = line.split(" ")
        length = next((int(entry[15:]) for entry in rest if entry.lower().startswith("content-length:")), 0)
        body = (await reader.readexactly(length)).decode()
        status, headers, content = provider.answer(method, target, body)
        headers = {**headers, "Content-Length": str(len(content)), "Connection": "close"}
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        writer.write(f"HTTP/1.1 {status} X\r\n{lines}\r\n".encode() + content)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    provider.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield provider
